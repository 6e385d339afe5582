from __future__ import annotations

from pathlib import Path

import pytest

from ivr_flows.load import FLOWS, load_flows
from ivr_flows.model import VERBS
from ivr_flows.rehearsal import check_scenario_file, rehearse, untouched
from ivr_flows.scenario import SCENARIOS, read_scenario
from tests.ivr_flows.flow_files import flow_of, flows_of

OURS = load_flows()
FILES = sorted(SCENARIOS.glob("*.yaml"))
BEGIN = "  - expect: [play greeting, play ai_mark, play main_menu, collect menu]\n"


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_our_flows_go_as_the_scenario_says(file: Path) -> None:
    assert check_scenario_file(file, OURS) == []


def test_the_scenarios_touch_every_step_and_key_of_our_flows() -> None:
    touched = set()
    for file in FILES:
        scenario, _, _ = read_scenario(file)
        assert scenario
        touched |= rehearse(scenario, OURS).touched
    for flow in OURS.by_name.values():
        assert untouched(flow, touched) == []
        assert untouched(flow, touched - {("main", "survey", "3"), ("main", "thanks")}) == [
            ("main", "survey", "3"),
            ("main", "thanks"),
        ]
    verbs = {step.do for flow in OURS.by_name.values() for step in flow.steps.values()}
    assert verbs | {"goto_flow"} == set(VERBS)  # goto_flow is rehearsed below


def test_a_scenario_may_go_over_into_another_flow(tmp_path: Path) -> None:
    flows = flows_of(
        flow_of("a: {do: goto_flow, flow: other}"),
        flow_of("b: {do: hangup, say: bye}", name="other", start="b"),
    )
    file = tmp_path / "x.yaml"
    file.write_text("scenario: x\nflow: main\nturns:\n  - expect: [play bye, end]\n", "utf-8")
    assert check_scenario_file(file, flows) == []
    scenario, _, _ = read_scenario(file)
    assert scenario and rehearse(scenario, flows).touched == {("main", "a"), ("other", "b")}


@pytest.mark.parametrize(
    ("rest", "fault"),
    [
        (
            f'flow: main\nturns:\n{BEGIN}  - press: "1"\n    expect: [join_queue labour]\n',
            "5: turns.1: expected join_queue labour; found play transfer, join_queue family",
        ),
        (
            f"flow: main\nturns:\n{BEGIN}  - answered: true\n    expect: [end]\n",
            "5: turns.1: cannot happen here: QueueLeft while awaiting key",
        ),
        (
            f'flow: main\nturns:\n{BEGIN}  - press: "17"\n    expect: [end]\n',
            "5: turns.1: cannot happen here: the key 7 is not offered in the line",
        ),
        (
            "flow: main\nfacts: {hours: closed}\nturns:\n"
            "  - expect: [play greeting, play ai_mark, play after_hours, collect menu]\n"
            "  - no_key: true\n    expect: [play message, record message]\n"
            "  - spoken: true\n    expect: [play message_saved, play goodbye, end]\n"
            '  - press: "1"\n    expect: [end]\n',
            "10: turns.3: cannot happen here: the call is over",
        ),
        (f"flow: main\nturns:\n{BEGIN}rating: 1\n", "4: turns.0: told at the end (rating, number)"),
        ("flow: other\nturns:\n  - expect: [end]\n", "2: flow: there is no flow other"),
        (
            f"flow: main\nfacts: {{hours: dusk}}\nturns:\n{BEGIN}",
            "3: facts.hours: there is no fact hours dusk",
        ),
        ("flow: main\n", "1: turns: is missing"),
    ],
)
def test_a_scenario_that_goes_otherwise_is_a_fault_at_its_turn(
    tmp_path: Path, rest: str, fault: str
) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(f"scenario: 试验\n{rest}", "utf-8")
    [only] = check_scenario_file(file, OURS)
    assert str(only).startswith(f"{file}:{fault}")


def test_our_flows_are_those_of_the_folder() -> None:
    assert set(OURS.by_name) == {file.stem for file in FLOWS.glob("*.yaml")}
