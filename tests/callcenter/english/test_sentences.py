"""Whatever the server says in Chinese, it says in English too."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import callcenter
import ivr_flows
from callcenter.english.sentences import TABLES, english, says_chinese
from callcenter.english.sheets import CELLS, HEADINGS, NAMES

PROGRAM = Path(callcenter.__file__).parent
FLOWS = Path(ivr_flows.__file__).parent
SOURCES = (
    *(PROGRAM / name for name in ("web", "documents", "accounts", "admission", "records")),
    *sorted(PROGRAM.glob("*.py")),
    *(PROGRAM / "flows" / f"{name}.py" for name in ("bench", "desk", "policy_trial")),
    PROGRAM / "flows" / "policy_words.py",
    *(PROGRAM / "trying" / f"{name}.py" for name in ("words", "situation")),
    *(FLOWS / f"{name}.py" for name in ("book", "versions", "changes")),
    FLOWS / "prompts",
)
# Read on a terminal, or both languages beside each other.
ELSEWHERE = {"audit_words.py", "month_picture.py", "taxonomy.py", "readings.py", "kokoro.py"}
PEOPLE = {"DemoPerson"}
OWN = {
    *("API 密钥", "12348热线", "未知号码", "演示"),
    *("来电", "市州区"),  # looked for
    "[、，,]",
    *("是", "否"),  # as people may write it
    *("小时", "分", "秒"),  # told with their number
    "，或 ",  # between two things that may happen
    "用原来的文字",  # said with its prompt
    *("不按", "接通", "失败", "说完", "坏了"),  # as people type what happens
}
WRITTEN = {*OWN, *NAMES, *HEADINGS, *CELLS}


def _is_exempt(node: ast.AST) -> bool:
    """Documentation, examples of it, what reads."""
    match node:
        case ast.Call(func=ast.Name(id=name)):
            return name in PEOPLE
        case ast.keyword(arg="examples" | "description" | "summary"):
            return True
        case ast.Call(func=ast.Attribute(attr="compile")):
            return True
        case ast.Expr(value=ast.Constant(value=str())):
            return True
    return False


def _sentences(node: ast.AST) -> Iterator[str]:
    """Each literal that holds Chinese, `7` where something is filled in."""
    if _is_exempt(node):
        return
    match node:
        case ast.JoinedStr(values=values):
            parts = [one.value if isinstance(one, ast.Constant) else "7" for one in values]
            yield "".join(map(str, parts))
            values = [one for one in values if isinstance(one, ast.FormattedValue)]
            for one in values:
                yield from _sentences(one)
        case ast.Constant(value=str(text)):
            yield text.replace("{}", "7")
        case _:
            for child in ast.iter_child_nodes(node):
                yield from _sentences(child)


def _said() -> dict[str, Path]:
    files = [
        file
        for source in SOURCES
        for file in (sorted(source.rglob("*.py")) if source.is_dir() else [source])
        if file.name not in ELSEWHERE
    ]
    return {
        sentence: file
        for file in files
        for sentence in _sentences(ast.parse(file.read_text("utf-8")))
        if says_chinese(sentence)
    }


def test_every_sentence_of_the_program_has_english() -> None:
    said = _said()
    assert "没有坐席 7。" in said and "数据库暂不可用，请稍后再试。" in said
    untold = {
        sentence: path.name
        for sentence, path in said.items()
        if sentence not in WRITTEN and says_chinese(re.sub("“.*?”", "", english(sentence)))
    }
    assert untold == {}, "give these their English in callcenter/english"


def test_every_line_of_the_tables_fills_in_what_its_sentence_has() -> None:
    for table in (*TABLES, NAMES, HEADINGS, CELLS):
        for zh, en in table.items():
            gaps = len(re.findall(r"\{n?\}", zh))
            named = {int(name) for _, name, _, _ in string.Formatter().parse(en) if name}
            # what a recording is called need not be said twice
            assert named <= set(range(gaps)), zh
            assert says_chinese(zh) or zh == "{}：{} → {}", zh
            assert not says_chinese(re.sub("“.*?”", "", en)), en


def test_no_sentence_stands_in_two_tables() -> None:
    every = [zh for table in TABLES for zh in table]
    assert sorted(every) == sorted(set(every))


@pytest.mark.parametrize(
    ("chinese", "told"),
    [
        ("没有坐席 8001。", "There is no seat 8001."),
        ("没有坐席服务于业务组 labour。", "No seat serves the group labour."),
        ("坐席 8001 不在线。", "Seat 8001 is offline."),
        ("请先填写：主要类别、答复意见。", "Still missing: main category, reply."),
        (
            "welcome 第 3 版审核中（王强），不能这样操作。",
            "welcome, version 3, is under review (王强): this cannot be done.",
        ),
        (
            "8001 级别：市级 → 省级，市州：长春市 → 全省",
            "8001 level: municipal → provincial, city: Changchun → whole province",
        ),
        (
            "8001 班次：工作日 08:30-17:30；周六、周日 09:00-12:00 → 不限；8002 权重：1 → 2",
            "8001 shifts: workdays 08:30-17:30; Sat, Sun 09:00-12:00 → always; "
            "8002 weight: 1 → 2",
        ),
        (
            "最长等候（labour、family）：2分30秒 改为 3分",
            "Longest wait (labour, family): 2 min 30 s becomes 3 min",
        ),
        ("步骤 main：按键 1 由到 a 改为到 b", "Step main: key 1 leads to b in place of a"),
        (
            "2026 年：2026-10-01 改为放假，2026-10-10 不再调休上班",
            "2026: 2026-10-01 becomes a day off, 2026-10-10 is no longer a weekend day worked",
        ),
        ("第 3 条：已经解除或到期。", "No. 3: it was lifted or is over already."),
        ("王强", "王强"),
        ("plain", "plain"),
    ],
)  # fmt: skip
def test_what_is_filled_in_stays_or_is_said_too(chinese: str, told: str) -> None:
    assert english(chinese) == told
