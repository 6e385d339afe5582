from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from callcenter.cli import check
from ivr_flows.load import FLOWS
from ivr_flows.model import FACTS, json_schema
from ivr_flows.scenario import SCENARIOS
from tests.ivr_flows.flow_files import flow_text

PROVINCE = Path(check.__file__).parents[1] / "demo" / "province"


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of the machine or of the folder the tests are run in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HOTLINE_PROVINCE", raising=False)


def hotline(*words: str | Path) -> tuple[int, list[str]]:
    app = typer.Typer()
    check.add(app)
    app.callback()(lambda: None)  # keeps `check` a command of its own
    went = CliRunner().invoke(app, ["check", *map(str, words)])
    assert went.exception is None or isinstance(went.exception, SystemExit)
    return went.exit_code, went.output.splitlines()


def test_all_that_the_hotline_runs_with_is_sound() -> None:
    assert hotline() == (0, [])
    assert hotline(FLOWS, SCENARIOS, PROVINCE) == (0, [])
    assert hotline(FLOWS / "main.yaml") == (0, [])


def test_faults_are_printed_one_a_line_and_make_exit_1(tmp_path: Path) -> None:
    text = (FLOWS / "main.yaml").read_text("utf-8").replace("give_up: general", "give_up: nobody")
    (tmp_path / "main.yaml").write_text(text, "utf-8")
    code, lines = hotline(tmp_path)
    assert code == 1
    assert lines[0].endswith("main.yaml:28: steps.main_menu.give_up: there is no step nobody")


def test_warnings_alone_are_printed_and_make_exit_0(tmp_path: Path) -> None:
    text = (FLOWS / "main.yaml").read_text("utf-8")
    more = text.replace('      "0": general', '      "0": general\n      "*": general')
    (tmp_path / "main.yaml").write_text(
        more.replace("say: main_menu", "say: [main_menu, queue_offer]").replace(
            '      "*": general', '      "*": general\n      "#": general'
        ),
        "utf-8",
    )
    code, lines = hotline(tmp_path)
    assert (code, len(lines)) == (0, 1)
    assert "steps.main_menu.keys: warning: has 8 keys" in lines[0]


@pytest.mark.parametrize(
    ("name", "raw", "what"),
    [
        ("a.yaml", b"", "is empty"),
        ("a.yaml", b"\x00\xff", "is not UTF-8 text"),
        ("a.yaml", b"a: &x [*x]\n", "anchors and aliases"),
        ("a.yaml", b"colour: red\n", "is no flow (flow, steps"),
        ("a.yaml", b"- 1\n", "is no flow (flow, steps"),
        ("prompts.yaml", b"a: x\na: y\n", "a stands here twice"),
        ("trunks.yaml", b"a: x\na: y\n", "a stands here twice"),
        ("seats.yaml", b"groups: 1\n", "seats is missing"),
        ("calendar.yaml", b"zone: Mars\n", "'Mars' is not an IANA time zone"),
        ("scenario.yaml", b"scenario: x\n", "turns: is missing"),
    ],
)
def test_any_bad_file_gives_clear_lines_and_exit_1(
    tmp_path: Path, name: str, raw: bytes, what: str
) -> None:
    (tmp_path / name).write_bytes(raw)
    code, lines = hotline(tmp_path / name)
    assert code == 1
    assert all(line.startswith(f"{tmp_path / name}:") for line in lines)
    assert any(what in line for line in lines)


def test_a_path_that_does_not_exist_is_wrong_use(tmp_path: Path) -> None:
    code, lines = hotline(tmp_path / "nowhere", FLOWS)
    assert (code, lines) == (2, [f"hotline check: there is no file or folder {tmp_path}/nowhere"])


def test_scenarios_run_on_the_flows_beside_them(tmp_path: Path) -> None:
    for folder in ("flows", "scenarios"):
        (tmp_path / folder).mkdir()
    flow = tmp_path / "flows" / "ask.yaml"
    steps = "a: {do: queue, group: family, say: transfer, answered: z}\nz: {do: hangup}\n"
    flow.write_text(flow_text(steps, name="ask"), "utf-8")
    scenario = tmp_path / "scenarios" / "x.yaml"
    turns = "turns:\n  - expect: [play transfer, join_queue family]\n"
    scenario.write_text("scenario: x\nflow: ask\n" + turns, "utf-8")
    assert hotline(tmp_path) == (0, [])
    flow.write_text(flow_text(steps.replace("family", "nobody"), name="ask"), "utf-8")
    code, lines = hotline(scenario)
    assert code == 1
    assert lines == [
        f"{scenario}:1: flow: the flows in {tmp_path}/flows have faults, so it cannot be run"
    ]


def test_faults_of_the_settings_are_told_among_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOTLINE_WEB", "nowhere")
    code, [line] = hotline()
    assert code == 1
    assert line.startswith("settings:1: HOTLINE_WEB")
    assert hotline(FLOWS) == (0, [])  # not asked about


def test_groups_are_those_that_the_seats_of_the_province_serve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    roster = (PROVINCE / "seats.yaml").read_text("utf-8")
    (tmp_path / "seats.yaml").write_text(roster.replace("family", "marriage"), "utf-8")
    monkeypatch.setenv("HOTLINE_PROVINCE", str(tmp_path))
    code, lines = hotline(FLOWS)
    assert code == 1
    assert any("steps.family.group: there is no group family" in line for line in lines)
    (tmp_path / "seats.yaml").write_text("groups: 1\n", "utf-8")
    assert hotline(FLOWS) == (0, [])


def test_facts_and_schema_are_listed() -> None:
    assert hotline("--facts") == (0, [f"{name}: {', '.join(of)}" for name, of in FACTS.items()])
    code, lines = hotline("--schema")
    assert (code, json.loads("\n".join(lines))) == (0, json_schema())
