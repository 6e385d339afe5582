from __future__ import annotations

from pathlib import Path

import pytest

from ivr_flows.scenario import SCENARIOS, read_scenario

HEAD = "scenario: 试验\nflow: main\n"


def faults_of(folder: Path, text: str) -> list[str]:
    file = folder / "x.yaml"
    file.write_text(text, "utf-8")
    scenario, _, faults = read_scenario(file)
    assert scenario is None
    return [str(fault).removeprefix(f"{folder}/") for fault in faults]


def test_a_scenario_is_read_with_what_happens_in_each_turn() -> None:
    scenario, source, faults = read_scenario(SCENARIOS / "callback_number_typed.yaml")
    assert scenario and source and not faults
    assert [turn.happening for turn in scenario.turns] == [
        "call", "press", "press", "press", "spoken",
    ]  # fmt: skip
    assert scenario.facts == {"hours": "open", "caller_known": "no"}
    assert scenario.number == "04315550123"


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
        ("turns:\n\t- expect: [end]", "4: file: holds a tab"),
    ],
)
def test_a_scenario_with_a_fault_is_refused_with_its_line(
    tmp_path: Path, turns: str, fault: str
) -> None:
    [only] = faults_of(tmp_path, f"{HEAD}{turns}\n")
    assert only.startswith(f"x.yaml:{fault}")
