from __future__ import annotations

from pathlib import Path

import pytest

from ivr_flows.load import load_flows
from ivr_flows.model import VERBS
from ivr_flows.rehearsal import check_scenario_file, rehearse, untouched
from ivr_flows.scenario import read_scenario
from tests.ivr_flows.flow_files import KOREAN, catalogue_of, flow_of, flows_of

HERE = Path(__file__).parent / "small"  # a hotline that has every verb
SMALL = load_flows(HERE / "flows", catalogue=catalogue_of(korean=KOREAN))
FILES = sorted((HERE / "scenarios").glob("*.yaml"))
BEGIN = "  - expect: [play hello, play main, collect menu]\n"
POLICE = '  - press: "4"\n    expect: [alarm emergency, play to_police, transfer police]\n'
LOOK = '  - press: "20123#"\n    expect: [play code, play moment, service orders]\n'


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_a_flow_goes_as_its_scenario_says(file: Path) -> None:
    assert check_scenario_file(file, SMALL, catalogue_of()) == []


def test_every_verb_is_rehearsed() -> None:
    touched = set()
    for file in FILES:
        scenario, _, _ = read_scenario(file)
        assert scenario
        touched |= rehearse(scenario, SMALL).touched
    passed = {SMALL.by_name[one[0]].steps[one[1]].do for one in touched}
    assert passed == set(VERBS)
    left = untouched(SMALL.by_name["main"], touched)
    assert left == [("main", "menu", "0"), *[("main", "rate", key) for key in "1345"]]
    more = touched - {("main", "korean"), ("main", "rate", "2")}
    assert untouched(SMALL.by_name["main"], more) == [
        ("main", "korean"),
        ("main", "menu", "0"),
        *[("main", "rate", key) for key in "12345"],
    ]


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
            "5: turns.1: expected join_queue labour; found join_queue general",
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
            f"flow: main\nturns:\n{BEGIN}  - transferred: answered\n    expect: [end]\n",
            "5: turns.1: cannot happen here: Transferred while awaiting key",
        ),
        (
            f"flow: main\nturns:\n{BEGIN}{POLICE}  - service: failed\n    expect: [end]\n",
            "7: turns.2: cannot happen here: ServiceFailed while awaiting transfer",
        ),
        (
            f"flow: main\nturns:\n{BEGIN}{LOOK}  - transferred: failed\n    expect: [end]\n",
            "7: turns.2: cannot happen here: Transferred while awaiting service",
        ),
        (
            f"flow: main\nturns:\n{BEGIN}{LOOK}  - service: {{order_state: lost}}\n"
            "    expect: [join_queue general]\n",
            "7: turns.2.service.order_state: no service tells order_state lost",
        ),
        (
            "flow: main\nfacts: {hours: closed}\nturns:\n"
            "  - expect: [play speak, record message]\n"
            "  - spoken: true\n    expect: [play bye, end]\n"
            '  - press: "1"\n    expect: [end]\n',
            "8: turns.2: cannot happen here: the call is over",
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
    [only] = check_scenario_file(file, SMALL, catalogue_of())
    assert str(only).startswith(f"{file}:{fault}")
