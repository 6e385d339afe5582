from __future__ import annotations

from pathlib import Path

import pytest

from ivr_flows.scenario import read_scenario

HEAD = "scenario: 试验\nflow: main\n"


def faults_of(folder: Path, text: str) -> list[str]:
    file = folder / "x.yaml"
    file.write_text(text, "utf-8")
    scenario, _, faults = read_scenario(file)
    assert scenario is None
    return [str(fault).removeprefix(f"{folder}/") for fault in faults]


def test_a_scenario_is_read_with_what_happens_in_each_turn(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    turns = (
        'press: "1*#"',
        "no_key: true",
        "answered: true",
        "spoken: true",
        "transferred: failed",
        "service: failed",
        "service: {order_state: done}",
        "broken: no such prompt",
    )
    rest = "".join(f"  - {turn}\n    expect: [end]\n" for turn in turns)
    facts = 'facts: {hours: open, caller_known: "no"}\n'
    text = f'{HEAD}{facts}turns:\n  - expect: [play a, collect digits]\n{rest}number: "0431"\n'
    file.write_text(text, "utf-8")
    scenario, source, faults = read_scenario(file)
    assert scenario and source and not faults
    assert [turn.happening for turn in scenario.turns] == [
        "call", "press", "no_key", "answered", "spoken", "transferred", "service", "service",
        "broken",
    ]  # fmt: skip
    assert scenario.turns[7].service == {"order_state": "done"}
    assert scenario.facts == {"hours": "open", "caller_known": "no"}
    assert scenario.number == "0431"


@pytest.mark.parametrize(
    ("turns", "fault"),
    [
        ("turns: []", "3: turns: should hold at least one"),
        ("turns:\n  - press: 2\n    expect: [end]", "4: turns.0.press: should be a valid string"),
        ("turns:\n  - expect: [sing]", "4: turns.0.expect.0: should be like play X"),
        ("turns:\n  - expect: [end]\n  - expect: [end]", "1: file: turn 2 should say what happens"),
        ('turns:\n  - press: "2"\n    expect: [end]', "1: file: turn 1 should say what happens"),
        (
            'turns:\n  - expect: [end]\n  - press: "2"\n    spoken: true\n    expect: [end]',
            "5: turns.1: only one of these can happen in a turn",
        ),
        (
            "turns:\n  - expect: [end]\n  - service: late\n    expect: [end]",
            "5: turns.1.service: should be 'failed', not 'late'",
        ),
        (
            "turns:\n  - expect: [end]\n  - service: {Order: x}\n    expect: [end]",
            "5: turns.1.service.Order: should be a name of a-z, 0-9 and _, at most 40",
        ),
        (
            "turns:\n  - expect: [end]\n  - transferred: perhaps\n    expect: [end]",
            "5: turns.1.transferred: should be 'answered' or 'failed', not 'perhaps'",
        ),
        ("turns:\n\t- expect: [end]", "4: file: holds a tab"),
    ],
)
def test_a_scenario_with_a_fault_is_refused_with_its_line(
    tmp_path: Path, turns: str, fault: str
) -> None:
    [only] = faults_of(tmp_path, f"{HEAD}{turns}\n")
    assert only.startswith(f"x.yaml:{fault}")
