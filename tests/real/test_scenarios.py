"""Our scenarios on the real Asterisk: SIPp presses the keys, a tap on the AGI line listens.

The same files and the same measure as on the engine and on the session (`difference`). Calls run
side by side in one house whose calendar and outside lines are changed between them. Which are not
played here, and why: NOT_HERE.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from ivr_flows.load import load_flows
from ivr_flows.scenario import SCENARIOS, difference, read_scenario
from tests.real.agi_tap import HeardCall
from tests.real.scenario_house import ScenarioHouse
from tests.real.scenario_plan import Plan, can_be_had, plan
from tests.real.sipp import Party, SippFailed

BETWEEN_CALLS_S = 0.8  # so that a seat is free for each

BROKEN = (
    "a prompt without audio would be missing for every call of the house: played on the session, "
    "tests/callcenter/test_scenarios_in_session.py"
)
REFUSED = "a call begins so for numbers of the blacklist: played in tests/real/test_admission.py"
NOT_HERE = {
    **dict.fromkeys(("blocked_no_key", "blocked_police", "blocked_police_away"), REFUSED),
    "everything_broken": BROKEN,
    "menu_broken": BROKEN,
    "survey_broken": BROKEN,
}

Begun = tuple[Plan, Party, HeardCall]


@pytest.fixture
def scenario_house(tmp_path: Path) -> Iterator[ScenarioHouse]:
    with ScenarioHouse(tmp_path / "house") as house:
        yield house


def plans() -> list[Plan]:
    flows = load_flows()
    made = []
    for file in sorted(SCENARIOS.glob("*.yaml")):
        scenario, _, faults = read_scenario(file)
        assert scenario, faults
        if file.stem not in NOT_HERE:
            assert can_be_had(scenario), f"{file.stem}: say in NOT_HERE why it is not played"
            made.append(plan(file.stem, scenario, flows))
    return made


def begin(house: ScenarioHouse, wanted: Iterable[Plan]) -> list[Begun]:
    """Begin the calls, each as soon as it may; long ones first, those of the same day together."""
    todo = sorted(wanted, key=lambda one: (sorted(one.scenario.facts.items()), -one.lasts_s))
    longest = {_day(one): max(of.lasts_s for of in todo if _day(of) == _day(one)) for one in todo}
    todo.sort(key=lambda one: -longest[_day(one)])
    begun: list[Begun] = []
    while todo:
        one = next((one for one in todo if not house.must_wait(one)), None)
        if one is None:
            time.sleep(0.1)
            continue
        todo.remove(one)
        begun.append((one, *house.call(one)))
        if one.is_answered:
            time.sleep(BETWEEN_CALLS_S)
    return begun


def _day(one: Plan) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(one.scenario.facts.items()))


def fault_of(one: Begun, house: ScenarioHouse) -> str:
    """How a call went otherwise than its scenario says; empty when it did not."""
    planned, party, heard = one
    try:
        party.wait(180)
    except SippFailed as failed:
        return f"{planned.name}: {failed}; heard {heard.turns}"
    facts = next(call for call in house.calls() if call.call_id == heard.call_id)
    request = facts.overflow_request if facts.overflow == "callback" else None
    number = request.number if request and request.number != facts.caller else None
    rating = facts.survey.answer if facts.survey else None
    differs = difference(
        planned.scenario, heard.folded(planned.scenario), rating=rating, number=number
    )
    return f"{planned.name}: turn {differs[0]}: {differs[1]}" if differs else ""


@pytest.mark.timeout(400)  # callers who are offered another way have waited a minute
def test_the_real_asterisk_does_as_the_scenarios_say(scenario_house: ScenarioHouse) -> None:
    house, every = scenario_house, plans()
    assert len(every) == len(list(SCENARIOS.glob("*.yaml"))) - len(NOT_HERE)
    house.open_seats()
    served = begin(house, (one for one in every if one.is_answered or not one.joins))
    for _, party, _ in served:
        party.wait(120)
    house.close_seats()
    left = begin(house, (one for one in every if one.joins and not one.is_answered))
    for _, party, _ in left:
        party.wait(180)
    house.ended(len(every))
    faults = [fault for one in (*served, *left) if (fault := fault_of(one, house))]
    assert not faults, "\n".join(faults)
