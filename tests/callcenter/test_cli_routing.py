"""`hotline routing` as a supervisor and a script use it, in the demo's province."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from callcenter.cli import flow, routing
from callcenter.settings import DEMO_PROVINCE

Hotline = Callable[..., Result]
POLICY = (DEMO_PROVINCE / "routing.yaml").read_text("utf-8")


@pytest.fixture
def hotline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hotline:
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/home/hotline.db")
    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    routing.add(app)
    flow.add(app)

    def run(*words: object, group: str = "routing") -> Result:
        return CliRunner().invoke(app, [group, *map(str, words)])

    return run


def changed(version: int, **to: int) -> str:
    """The demo's policy under this number, with other numbers for some words."""
    text = POLICY.replace("\ncatch_all:", f"\nversion: {version}\ncatch_all:")
    for word, number in to.items():
        text = re.sub(rf"\b{word}: \d+", f"{word}: {number}", text)
    return text


def a_file(folder: Path, text: str) -> Path:
    path = folder / "new.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def good(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.stdout


def published(hotline: Hotline, file: Path, number: int) -> None:
    good(hotline("submit", file, "--author", "李梅", "--note", "老年人优先"))
    good(hotline("review", number, "--reviewer", "王强"))
    good(hotline("publish", number, "--reviewer", "王强", "--note", "启用"))


def test_from_the_file_into_force_and_back(hotline: Hotline, tmp_path: Path) -> None:
    file = a_file(tmp_path, changed(1, elderly=600))
    said = good(hotline("submit", file, "--author", "李梅", "--note", "老年人优先"))
    assert said.splitlines() == [
        "派线策略第 1 版已存为草稿（作者 李梅）。",
        "  • 优先群体提前秒数：老年人 300 改为 600",
        "下一步由他人审核：hotline routing review 1 --reviewer 姓名",
    ]
    said = good(hotline("review", 1, "--reviewer", "王强"))
    assert "hotline routing publish 1 --reviewer 王强" in said
    said = good(hotline("publish", 1, "--reviewer", "王强", "--note", "启用"))
    assert "第 1 次发布生效：一秒之内按新策略派线，排队的位置和时间不变。" in said
    listed = good(hotline("list"))
    assert re.search(r"routing +1 +已发布（现行） +李梅 +王强", listed)
    assert "main" not in listed
    assert "main" in good(hotline("list", group="flow"))
    assert "派线策略已回退到省级配置目录中的 routing.yaml。" in good(
        hotline("rollback", "--by", "赵云")
    )
    assert "派线策略已回退到第 1 版。" in good(hotline("rollback", "--by", "赵云", "--to", 1))
    said = good(hotline("withdraw", 1, "--by", "赵云", "--note", "作废"))
    assert "第 4 次发布生效" in said
    moves = re.findall(r"(提交|审核|发布|回退|撤回) +routing", good(hotline("log", group="flow")))
    assert moves == ["撤回", "回退", "回退", "发布", "审核", "提交"]


def test_text_and_difference_come_out_as_they_went_in(hotline: Hotline, tmp_path: Path) -> None:
    published(hotline, a_file(tmp_path, changed(1)), 1)
    published(hotline, a_file(tmp_path, changed(2, elderly=600)), 2)
    assert good(hotline("show", 2)) == changed(2, elderly=600)
    told = json.loads(good(hotline("show", 1, "--json")))
    assert (told["version"], told["text"]) == (1, changed(1))
    said = good(hotline("diff", 1, 2))
    assert said.startswith(
        "• 优先群体提前秒数：老年人 300 改为 600\n\n--- routing 1\n+++ routing 2"
    )
    assert "-  elderly: 300\n+  elderly: 600" in said
    found = json.loads(good(hotline("diff", 2, "--json")))
    assert (found["old"], [one["kind"] for one in found["differences"]]) == (1, ["flow"])


def test_programs_get_json_of_everything(hotline: Hotline, tmp_path: Path) -> None:
    def plain(*words: object) -> Any:
        return json.loads(good(hotline(*words, "--json")))

    file = a_file(tmp_path, changed(1))
    done = plain("submit", file, "--author", "李梅", "--note", "x")
    assert (done["version"]["flow"], done["version"]["state"]) == ("routing", "draft")
    assert plain("review", 1, "--reviewer", "王强")["version"]["state"] == "in_review"
    done = plain("publish", 1, "--reviewer", "王强", "--note", "x")
    assert done["release"]["flows"]["routing"] == 1
    book = plain("list")
    assert [one["flow"] for one in book["versions"]] == ["routing"]
    assert [(one["release"], one["flows"]) for one in book["releases"]] == [
        (1, {"routing": 1}),
        (0, {}),
    ]
    assert "routing" not in plain("rollback", "--by", "赵云")["release"]["flows"]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("review", 1, "--reviewer", "李梅"), "own_text"),
        (("publish", 1, "--reviewer", "王强", "--note", "x"), "wrong_state"),
        (("show", 99), "not_found"),
        (("rollback", "--by", "王强"), "nothing_before"),
        (("rollback", "--by", "王强", "--to", 1), "wrong_state"),
    ],
)
def test_a_refusal_is_one_clear_line(
    hotline: Hotline, tmp_path: Path, words: tuple[object, ...], reason: str
) -> None:
    file = a_file(tmp_path, changed(1))
    good(hotline("submit", file, "--author", "李梅", "--note", "x"))
    result = hotline(*words)
    assert result.exit_code == 1
    assert re.fullmatch("hotline: .+。\n", result.stderr)
    told = json.loads(hotline(*words, "--json").stdout)
    assert (told["error"], told["faults"]) == (reason, [])


def test_a_bad_file_is_refused_line_by_line(hotline: Hotline, tmp_path: Path) -> None:
    file = a_file(tmp_path, changed(1).replace("who: callback", "who: nobody"))
    result = hotline("submit", file, "--author", "李梅", "--note", "x")
    assert result.exit_code == 1
    faults = result.stderr.splitlines()
    assert len(faults) == 3
    assert all(re.match(r".*new\.yaml:\d+: .*: 'nobody' is none of ", line) for line in faults[:2])
    assert faults[-1] == "hotline: 有 2 处错误，没有保存。"
    result = hotline("submit", tmp_path / "none.yaml", "--author", "李梅", "--note", "x")
    assert (result.exit_code, str(result.exception)) == (
        1,
        f"{tmp_path / 'none.yaml'}: No such file or directory",
    )
