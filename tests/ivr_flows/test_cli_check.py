"""`hotline check`: what it says of flows, scenarios and settings, and how it exits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ivr_flows.load import FLOWS
from ivr_flows.model import FACTS, json_schema
from ivr_flows.scenario import SCENARIOS
from tests.ivr_flows.checked import FLOW, PROVINCE, hotline, stand_alone
from tests.ivr_flows.flow_files import flow_text


@pytest.fixture(autouse=True)
def alone(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    # not in tmp_path, whose name is as long as the test's: sockets below it would not fit
    stand_alone(tmp_path_factory.mktemp("at"), monkeypatch)


def test_all_that_the_hotline_runs_with_is_sound() -> None:
    assert hotline() == (0, [])
    assert hotline(FLOWS, SCENARIOS, PROVINCE) == (0, [])
    assert hotline(FLOWS / "main.yaml") == (0, [])


def test_faults_are_printed_one_a_line_and_make_exit_1(tmp_path: Path) -> None:
    (tmp_path / "main.yaml").write_text(FLOW.replace("give_up: p", "give_up: nobody"), "utf-8")
    assert hotline(tmp_path) == (
        1,
        [f"{tmp_path}/main.yaml:6: steps.a.give_up: there is no step nobody"],
    )


def test_warnings_alone_are_printed_and_make_exit_0(tmp_path: Path) -> None:
    keys = ", ".join(f'"{key}": p' for key in "012345*#")
    text = FLOW.replace('"0": p', keys).replace("language_person", "[main_menu, queue_offer]")
    (tmp_path / "main.yaml").write_text(text, "utf-8")
    code, lines = hotline(tmp_path)
    assert (code, len(lines)) == (0, 1)
    assert "steps.a.keys: warning: has 8 keys" in lines[0]


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
        (
            "trunks.yaml",
            b"trunks: [{name: 1st, match: [nowhere], dialled: x}]\n",
            "'1st' is no new",
        ),
        ("trunks.yaml", b"trunks: [{name: a, match: [nowhere], dialled: x}]\n", "'nowhere' is no"),
        (
            "trunks.yaml",
            b"trunks: [{name: a, match: [10.0.0.1], dialled: x}]\n",
            "'x' is no number",
        ),
        ("trunks.yaml", b"trunks: [{name: a, dialled: '1'}]\n", "match is missing"),
        ("trunks.yaml", b"trunks: []\ncolour: red\n", "colour"),
        ("seats.yaml", b"groups: 1\n", "seats is missing"),
        ("calendar.yaml", b"zone: Mars\n", "'Mars' is not an IANA time zone"),
        ("scenario.yaml", b"scenario: x\n", "turns: is missing"),
        ("lines.yaml", b"lines: {police: {title: x, number: '110'}}\n", "police.trunk: is missing"),
        ("lines.yaml", b"lines:\n\tpolice: x\n", "2: file: holds a tab"),
        (
            "lines.yaml",
            b"lines:\n  a: {title: x, number: '1 1', trunk: a}\n",
            "2: lines.a.number: should be a number of 2 to 32 of the signs 0-9 * # +, not '1 1'",
        ),
        ("services.yaml", b"services: {a: {title: x, facts: {b: [c]}}}\n", "a.url: is missing"),
        (
            "services.yaml",
            b"services:\n  a:\n    title: x\n    url: http://10.0.0.9/\n    facts: {b: [c]}\n",
            "4: services.a.url: should be https://; http:// is for services on this machine only",
        ),
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
    monkeypatch.setenv("HOTLINE_RING_S", "1000")
    monkeypatch.setenv("HOTLINE_DEMO", "perhaps")
    code, lines = hotline()
    assert code == 1
    assert sorted(line.split(":")[2].strip() for line in lines) == [
        "HOTLINE_DEMO",
        "HOTLINE_RING_S",
        "HOTLINE_WEB",
    ]
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


def test_facts_are_listed_with_their_values_and_what_they_say() -> None:
    code, lines = hotline("--facts")
    assert code == 0
    assert [line.split(": ")[:2] for line in lines[: len(FACTS)]] == [
        [name, ", ".join(of)] for name, of in FACTS.items()
    ]
    assert all(line.split(": ", 2)[2] for line in lines)


def test_facts_of_services_are_listed_with_their_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = "{title: 工单进度, url: 'https://x.example/', facts: {order_state: [done, none]}}"
    (tmp_path / "services.yaml").write_text(f"services: {{orders: {service}}}\n", "utf-8")
    monkeypatch.setenv("HOTLINE_PROVINCE", str(tmp_path))
    told = "order_state: done, none: told by the service orders (工单进度)"
    assert hotline("--facts")[1][len(FACTS) :] == [told]


def test_the_schema_is_printed() -> None:
    code, lines = hotline("--schema")
    assert (code, json.loads("\n".join(lines))) == (0, json_schema())
