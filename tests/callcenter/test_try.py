"""`hotline try`, as a supervisor uses it: by hand, by keys, for programs, into a scenario."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from callcenter.cli import Fault, check, try_
from callcenter.notices import Notice, write_notice
from callcenter.trying.situation import read_now
from ivr_flows.load import FLOWS
from ivr_flows.model import FACTS
from tests.ivr_flows.flow_files import flow_text

# Only prompts that the program itself needs, so that our own flows may change.
STEPS = (
    "a: {do: branch, on_fact: hours, cases: {open: q, closed: m}, otherwise: q}",
    "q: {do: queue, group: family, say: transfer, answered: s, callback: c, message: m}",
    "c: {do: callback, say: callback, ask_number: callback_number, next: z, give_up: q}",
    "s: {do: survey, say: survey, again: survey_again, next: z, not_rated: z}",
    "m: {do: message, say: message, next: z}",
    "z: {do: hangup, say: goodbye}",
)
TUESDAY = "2026-03-03T10:00+08:00"


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of the machine or of the folder the tests are run in."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("HOTLINE_")]:
        monkeypatch.delenv(name)
    (tmp_path / "flows").mkdir()
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "flows" / "main.yaml").write_text(flow_text(*STEPS), "utf-8")


def hotline(*words: str | Path, said: str = "") -> tuple[int, str, str]:
    """Exit code, stdout, stderr; a Fault is printed as `hotline` does."""
    app = typer.Typer()
    for command in (check, try_):
        command.add(app)
    went = CliRunner().invoke(app, [*map(str, words)], input=said)
    if isinstance(went.exception, Fault):
        return 1, went.stdout, f"hotline: {went.exception}\n"
    assert went.exception is None or isinstance(went.exception, SystemExit), went.exception
    return went.exit_code, went.stdout, went.stderr


def lines(*words: str | Path, said: str = "") -> list[dict[str, Any]]:
    code, out, err = hotline("try", *words, "--json", "--now", TUESDAY, said=said)
    assert code == 0, err
    return [json.loads(line) for line in out.splitlines()]


def test_the_example_of_the_help_goes() -> None:
    code, out, err = hotline("try", "main", "--keys", "2,0", "--now", "2026-02-17T21:10+08:00")
    assert (code, err) == (0, "")
    assert "来电" in out and "按 2" in out and "greeting" in out
    for flow in FLOWS.glob("*.yaml"):
        assert hotline("try", flow.stem, "--keys", "")[0] == 0


def test_each_turn_is_told_with_its_reasons() -> None:
    code, out, _ = hotline("try", "flows/main.yaml", "--keys", "0,接通,5", "--now", TUESDAY)
    assert code == 0
    for words in (
        "2026-03-03 10:00 星期二",
        "长春市",
        "hours = open",
        "a → q",
        "transfer",
        "排队等人工：婚姻家庭（family）",
        "这时按 0 没有作用",
        "坐席接听",
        "按 5",
        "挂断，通话结束",
        "通话结束",
    ):
        assert words in out, words


def test_for_programs_each_turn_is_a_line_with_the_same_keys() -> None:
    found = lines("flows/main.yaml", "--keys", "9,answered,5", "--load", "waiting=7")
    assert [one["happened"] for one in found] == ["call", "press", "answered", "press"]
    assert [one["ignored"] for one in found] == [False, True, False, False]
    assert [one["turn"] for one in found] == [0, 1, 2, 3]
    assert [one["does"] for one in found][-3:] == ["join_queue family", "collect survey", "end"]
    assert len({tuple(one) for one in found}) == 1
    first, last = found[0], found[-1]
    assert first["path"] == ["main.a", "main.q"] and first["looked_at"] == {"hours": "open"}
    assert first["say"][0]["prompt"] == "transfer" and first["say"][0]["text"]
    assert (first["caller"], first["city"], first["keys"]) == ("+864315550123", "220100", "*#")
    assert first["facts"]["queue"] == "long" and set(first["facts"]) <= set(FACTS)
    assert first["expect"] == ["play transfer", "join_queue family"]
    assert last["is_over"] and last["fault"] is None and not first["is_over"]


def test_the_situation_is_pretended() -> None:
    [first] = lines("flows/main.yaml", "--keys", "", "--caller", "anonymous", "--city", "222400")
    assert first["facts"]["caller_known"] == "no"
    assert first["facts"]["language_hint"] == "korean"
    [first] = lines("flows/main.yaml", "--keys", "", "--fact", "hours=closed")
    assert first["does"] == "record message"
    holiday = ("--now", "2026-02-17T21:10+08:00")
    code, out, _ = hotline("try", "flows/main.yaml", "--keys", "", "--json", *holiday)
    assert (code, json.loads(out)["facts"]["holiday"]) == (0, "yes")


def test_a_time_without_its_zone_is_taken_as_beijing_time_and_said_so() -> None:
    code, out, _ = hotline("try", "flows/main.yaml", "--keys", "", "--now", "2026-03-03T10:00")
    assert code == 0 and "没有写时区" in out and "2026-03-03 10:00" in out
    assert read_now("2026-03-03T02:00Z")[0].isoformat() == "2026-03-03T10:00:00+08:00"


def test_a_year_without_a_calendar_is_said_so() -> None:
    code, out, _ = hotline("try", "flows/main.yaml", "--keys", "", "--now", "2031-03-03T10:00Z")
    assert code == 0 and "2031" in out and "日历" in out


def test_notices_in_force_at_that_time_are_named(tmp_path: Path) -> None:
    since, until = (datetime(2026, 3, day, tzinfo=UTC) for day in (3, 4))
    notice = Notice("x", "zh-CN", "今日停办。", since=since, until=until, set_at=since)
    write_notice(tmp_path / ".runtime", notice)
    for day, is_heard in ((3, True), (5, False)):
        now = f"2026-03-0{day}T10:00+08:00"
        code, out, _ = hotline("try", "flows/main.yaml", "--keys", "", "--now", now)
        assert code == 0 and ("今日停办。" in out) is is_heard


def test_by_hand_one_may_go_back_and_ask_for_help() -> None:
    said = "\n?\n接通\nb\nb\nb\n接通\n等等\n\n\n*\nq\n"
    code, out, _ = hotline("try", "flows/main.yaml", "--now", TUESDAY, said=said)
    assert code == 0
    assert out.count("▶ 坐席接听") == 2
    assert "已经是来电的开头" in out and "退回一步" in out
    assert "没有 '等等' 这一说" in out
    assert "退回一步 · 坏了" in out
    assert out.count("▶ 没有按键") == 2 and "通话结束" in out


def test_by_hand_the_end_of_input_says_what_is_waited_for() -> None:
    code, out, _ = hotline("try", "flows/main.yaml", "--now", TUESDAY, said="接通\n")
    assert code == 0
    assert "停在这里：等待评价按键 1 到 5" in out


def test_what_is_said_line_by_line_goes_for_programs_too() -> None:
    found = lines("flows/main.yaml", said="接通\n?\nb\n#\n说完\n")
    assert [one["does"] for one in found] == [
        *("join_queue family", "collect survey", "join_queue family", "record message", "end")
    ]


def test_a_talk_is_saved_as_a_scenario_that_check_accepts(tmp_path: Path) -> None:
    file = tmp_path / "scenarios" / "x.yaml"
    keys = ("--keys", "*,85550123#,说完", "--caller", "anonymous", "--now", TUESDAY)
    code, _, err = hotline("try", "flows/main.yaml", *keys, "--save", file)
    assert (code, err) == (0, f"已存为场景 {file}（4 轮）\n")
    assert 'number: "85550123"' in file.read_text("utf-8")
    assert hotline("check", file) == (0, "", "")
    elsewhere = tmp_path / "x.yaml"
    code, _, err = hotline(
        *("try", "flows/main.yaml", "--keys", "坏了", "--save", elsewhere, "--title", "坏: 一次")
    )
    assert code == 0 and "scenarios" in err
    assert 'scenario: "坏: 一次"' in elsewhere.read_text("utf-8")


def test_a_talk_that_no_scenario_can_hold_is_not_saved(tmp_path: Path) -> None:
    says = f"[{', '.join(['transfer'] * 20)}]"
    long = (
        f"a: {{do: play, say: {says}, next: b}}",
        f"b: {{do: play, say: {says}, next: q}}",
        "q: {do: queue, group: family, say: transfer, answered: z}",
        "z: {do: hangup}",
    )
    (tmp_path / "flows" / "long.yaml").write_text(flow_text(*long, name="long"), "utf-8")
    file = tmp_path / "x.yaml"
    code, out, err = hotline("try", "flows/long.yaml", "--keys", "", "--save", file)
    assert code == 1 and "排队等人工" in out and "x.yaml:" in err
    assert not file.exists()


def test_coverage_tells_what_no_scenario_touches(tmp_path: Path) -> None:
    save = ("--save", tmp_path / "scenarios" / "x.yaml")
    assert hotline("try", "flows/main.yaml", "--keys", "接通,2", "--now", TUESDAY, *save)[0] == 0
    code, out, _ = hotline("try", "flows/main.yaml", "--coverage", "--json")
    [found] = json.loads(out)
    assert code == 0
    assert (found["flow"], found["scenarios"]) == ("main", 1)
    assert (found["steps_touched"], found["steps"]) == (4, 6)
    assert "m" in found["untouched"] and "s:1" in found["untouched"]
    code, out, _ = hotline("try", "flows/main.yaml", "--coverage")
    assert code == 0 and f"{found['percent']:.1f}%" in out and "s:1" in out
    (tmp_path / "scenarios" / "y.yaml").write_text("scenario: x\n", "utf-8")
    code, _, err = hotline("try", "flows/main.yaml", "--coverage")
    assert code == 1 and "y.yaml" in err


def test_our_own_scenarios_leave_nothing_of_our_flows_untried() -> None:
    code, out, _ = hotline("try", "--coverage", "--json")
    assert code == 0
    assert [one["untouched"] for one in json.loads(out) if one["percent"] < 100] == []
    assert {one["flow"] for one in json.loads(out)} == {file.stem for file in FLOWS.glob("*.yaml")}


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("nowhere",), "没有名为 'nowhere' 的流程；有："),
        (("nowhere.yaml",), "没有文件 nowhere.yaml"),
        (("flows/nowhere",), "没有文件 flows/nowhere"),
        ((".",), "没有文件 ."),
        (("notes.txt",), "应以 .yaml 结尾"),
        (("main", "--now", "tomorrow"), "--now：看不懂时间 'tomorrow'"),
        (("main", "--now", "0001-01-01T00:00+20:00"), "--now："),
        (("main", "--caller", "me"), "--caller：'me' 不是电话号码"),
        (("main", "--city", "999999"), "--city：没有代码为 '999999' 的市州"),
        (("main", "--load", "waiting=many"), "--load：waiting 应是"),
        (("main", "--load", "seats=3"), "--load：没有 'seats' 这一项"),
        (("main", "--fact", "hours=dusk"), "--fact：hours 不能是 'dusk'"),
        (("main", "--fact", "mood=bad"), "--fact：没有名为 'mood' 的事实"),
        (("flows/main.yaml", "--keys", "hello"), "--keys 第 1 项：这里没有 'hello' 这一说"),
        (("flows/main.yaml", "--keys", "接通,接通"), "--keys 第 2 项：这里没有 '接通'"),
        (("main", "--save", "x.txt"), "--save：文件名应以 .yaml 结尾"),
        (("main", "--save", "flows/main.yaml"), "已经存在，不会覆盖"),
        (("main", "--save", "nowhere/x.yaml"), "没有文件夹 nowhere"),
        (("main", "--save", "x.yaml", "--title", ""), "--title：应有 1 到 200 个字"),
        (("main", "--title", "x"), "--title 只和 --save 一起用"),
    ],
)
def test_wrong_use_is_one_clear_line_and_exit_2(words: tuple[str, ...], what: str) -> None:
    Path("notes.txt").write_text("x", "utf-8")
    code, _, err = hotline("try", *words)
    assert code == 2
    [line] = err.splitlines()
    assert line.startswith("hotline try: ") and what in line


def test_a_flow_with_faults_is_named_with_its_lines(tmp_path: Path) -> None:
    file = tmp_path / "flows" / "main.yaml"
    file.write_text(flow_text(*STEPS).replace("answered: s", "answered: nowhere"), "utf-8")
    code, out, err = hotline("try", "flows/main.yaml", "--keys", "")
    assert (code, out) == (1, "")
    assert "flows/main.yaml:7: steps.q.answered: there is no step nowhere" in err


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"", "main.yaml:1: file: is empty"),
        (b"\x00\xff", "is not UTF-8 text"),
        (b"a: &x [*x]\n", "anchors and aliases"),
        (b"#" * 10_000_000, "1,000,000"),
        (b"flow: main\n", "steps: is missing"),
        (b"flow: other\nversion: 1\ntitle: x\nstart: a\nsteps: {a: {do: hangup}}\n", "is other"),
    ],
)
def test_a_file_that_is_no_flow_is_one_clear_line(tmp_path: Path, raw: bytes, what: str) -> None:
    (tmp_path / "flows" / "main.yaml").write_bytes(raw)
    code, out, err = hotline("try", "flows/main.yaml", "--keys", "")
    assert (code, out) == (1, "") and what in err


def test_faults_of_files_that_the_flow_never_goes_to_are_none_of_it(tmp_path: Path) -> None:
    (tmp_path / "flows" / "other.yaml").write_text("scenario: x\n", "utf-8")
    assert hotline("try", "flows/main.yaml", "--keys", "")[0] == 0
    steps = "a: {do: goto_flow, flow: main}"
    (tmp_path / "flows" / "more.yaml").write_text(flow_text(steps, name="more"), "utf-8")
    assert hotline("try", "flows/more.yaml", "--keys", "")[0] == 0


def test_keys_after_the_end_are_said_to_be_left_over() -> None:
    code, out, _ = hotline("try", "flows/main.yaml", "--keys", "#,说完,1,2", "--now", TUESDAY)
    assert code == 0 and "没有用上：1,2" in out
