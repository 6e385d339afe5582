"""`hotline flow` as a supervisor and a script use it, with the hotline's own flow and prompts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from click.testing import Result
from rich.console import Console
from typer.testing import CliRunner

from callcenter.cli import flow
from callcenter.flows import shown as flows_shown
from callcenter.flows.desk import repository
from ivr_flows.load import FLOWS

Hotline = Callable[..., Result]
FIRST = repository()["main"].version
NEW = FIRST + 1


@pytest.fixture
def hotline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hotline:
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/home/hotline.db")
    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    flow.add(app)

    def run(*words: object) -> Result:
        return CliRunner().invoke(app, ["flow", *map(str, words)])

    return run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The repository's main flow with its number raised and one wait longer."""
    path = tmp_path / "main.yaml"
    path.write_text(changed(NEW), encoding="utf-8")
    return path


def changed(version: int, wait_s: int = 9) -> str:
    text = (FLOWS / "main.yaml").read_text("utf-8")
    text = re.sub(r"(?m)^version: \d+$", f"version: {version}", text)
    return re.sub(r"(?m)^    wait_s: \d+$", f"    wait_s: {wait_s}", text, count=1)


def good(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.stdout


def plain(result: Result) -> Any:
    return json.loads(good(result))


def published(hotline: Hotline, file: Path) -> None:
    good(hotline("submit", file, "--author", "李梅", "--note", "多等几秒"))
    good(hotline("review", "main", NEW, "--reviewer", "王强"))
    good(hotline("publish", "main", NEW, "--reviewer", "王强", "--note", "启用"))


def test_from_the_file_to_the_callers_and_back(hotline: Hotline, file: Path) -> None:
    said = good(hotline("submit", file, "--author", "李梅", "--note", "多等几秒"))
    assert f"main 第 {NEW} 版已存为草稿（作者 李梅）。" in said
    assert "等待秒数" in said
    assert "改为 9" in said
    assert f"hotline flow review main {NEW} --reviewer" in said
    said = good(hotline("review", "main", NEW, "--reviewer", "王强"))
    assert f"hotline flow publish main {NEW} --reviewer 王强" in said
    said = good(hotline("publish", "main", NEW, "--reviewer", "王强", "--note", "启用"))
    assert "第 1 次发布生效" in said
    listed = good(hotline("list"))
    assert re.search(rf"main +{NEW} +已发布（现行） +李梅 +王强", listed)
    assert "现行：第 1 次发布（王强" in listed
    assert "已回退到第 0 次发布的内容。" in good(hotline("rollback", "--by", "赵云"))
    said = good(hotline("withdraw", "main", NEW, "--by", "赵云", "--note", "作废"))
    assert "现行内容没有变化。" in said
    moves = re.findall(r"(提交|审核|发布|回退|撤回) +(?:main|→)", good(hotline("log")))
    assert moves == ["撤回", "回退", "发布", "审核", "提交"]


def test_programs_get_json_of_everything(hotline: Hotline, file: Path) -> None:
    done = plain(hotline("submit", file, "--author", "李梅", "--note", "x", "--json"))
    assert (done["version"]["state"], done["release"]) == ("draft", None)
    done = plain(hotline("review", "main", NEW, "--reviewer", "王强", "--json"))
    assert (done["version"]["state"], done["version"]["reviewer"]) == ("in_review", "王强")
    done = plain(hotline("publish", "main", NEW, "--reviewer", "王强", "--note", "x", "--json"))
    assert done["release"]["flows"]["main"] == NEW
    book = plain(hotline("list", "--json"))
    assert book["in_force"] == 1
    assert {one["version"]: one["state"] for one in book["versions"] if one["flow"] == "main"} == {
        FIRST: "published",
        NEW: "published",
    }
    assert [one["release"] for one in book["releases"]] == [1, 0]
    found = plain(hotline("diff", "main", NEW, "--json"))
    assert (found["old"], found["new"]) == (FIRST, NEW)
    assert [one["kind"] for one in found["differences"]] == ["changed"]
    shown = plain(hotline("show", "main", NEW, "--json"))
    assert (shown["text"], shown["author"]) == (changed(NEW), "李梅")
    assert plain(hotline("rollback", "--by", "赵云", "--json"))["release"]["since"] == 0
    log = plain(hotline("log", "--json", "--limit", 2))
    assert [(one["move"], one["release"]) for one in log] == [("rollback", 2), ("publish", 1)]


def test_the_text_comes_out_as_it_went_in(hotline: Hotline, file: Path) -> None:
    published(hotline, file)
    assert good(hotline("show", "main", NEW)) == changed(NEW)
    assert good(hotline("show", "main", FIRST)) == (FLOWS / "main.yaml").read_text("utf-8")


def test_a_difference_is_told_in_words_and_line_by_line(hotline: Hotline, file: Path) -> None:
    published(hotline, file)
    said = good(hotline("diff", "main", FIRST, NEW))
    words, diff = said.split("\n\n", 1)
    assert words.startswith("• 步骤 ")
    assert diff.startswith(f"--- main {FIRST}\n+++ main {NEW}\n@@")
    assert "+    wait_s: 9" in diff
    assert good(hotline("diff", "main", NEW, NEW)) == "两个版本的文字相同。\n"
    file.write_text(changed(NEW + 1) + "# 附注\n", encoding="utf-8")
    good(hotline("submit", file, "--author", "李梅", "--note", "x"))
    assert "只改了注释或排版" in good(hotline("diff", "main", NEW + 1))


def test_a_terminal_gets_the_difference_in_colours(
    hotline: Hotline, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(hotline, file)

    def colourful() -> Console:
        return Console(force_terminal=True, color_system="standard", width=200, highlight=False)

    monkeypatch.setattr(flows_shown, "console", colourful)
    said = good(hotline("diff", "main", NEW))
    assert "\x1b[32m+    wait_s: 9\x1b[0m" in said
    assert "\x1b[31m-version" in said
    assert "现行" in good(hotline("list"))


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("review", "main", NEW, "--reviewer", "李梅"), "own_text"),
        (("publish", "main", NEW, "--reviewer", "王强", "--note", "x"), "wrong_state"),
        (("show", "main", 99), "not_found"),
        (("diff", "main", 99), "not_found"),
        (("rollback", "--by", "王强"), "nothing_before"),
        (("review", "main", NEW, "--reviewer", " "), "bad_name"),
        (("withdraw", "main", NEW, "--by", "王强", "--note", " "), "bad_note"),
    ],
)
def test_a_refusal_is_one_clear_line(
    hotline: Hotline, file: Path, words: tuple[object, ...], reason: str
) -> None:
    good(hotline("submit", file, "--author", "李梅", "--note", "x"))
    result = hotline(*words)
    assert result.exit_code == 1
    assert re.fullmatch("hotline: .+。\n", result.stderr)
    result = hotline(*words, "--json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert (told["error"], told["faults"]) == (reason, [])


def test_a_bad_file_is_refused_line_by_line(hotline: Hotline, file: Path) -> None:
    file.write_text(changed(FIRST).replace("goodbye:", "farewell:"), encoding="utf-8")
    result = hotline("submit", file, "--author", "李梅", "--note", "x")
    assert result.exit_code == 1
    faults = result.stderr.splitlines()
    assert all(re.match(r".*main\.yaml:\d+: ", line) for line in faults[:-1])
    assert faults[-1] == f"hotline: 有 {len(faults) - 1} 处错误，没有保存。"
    told = json.loads(hotline("submit", file, "--author", "李", "--note", "x", "--json").stdout)
    assert (told["error"], told["faults"]) == ("faulty", faults[:-1])
    result = hotline("submit", file.parent / "none.yaml", "--author", "李梅", "--note", "x")
    assert (result.exit_code, str(result.exception)) == (
        1,
        f"{file.parent / 'none.yaml'}: No such file or directory",
    )
