"""The scenarios of our flows through the real session and switchboard, on a fake Asterisk.

Not played here, since a session has its own way out before the flow's: see NOT_HERE.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from callcenter.asterisk import lease
from ivr_flows.load import load_flows
from ivr_flows.model import Flows
from ivr_flows.scenario import SCENARIOS, Scenario, difference, read_scenario
from ivr_flows.talk import Talk
from tests.callcenter import virtual_time
from tests.callcenter.call_heard import told_by
from tests.callcenter.fake_hotline import Hotline
from tests.ivr_flows.test_talk import FLOWS

FILES = sorted(SCENARIOS.glob("*.yaml"))
NOT_HERE = {
    "everything_broken": "an apology that cannot be played in the waiting line is no failure: "
    "music goes on, so the second and third failure cannot come about",
}


def scenario_of(file: Path) -> Scenario:
    scenario, _, faults = read_scenario(file)
    assert scenario, faults
    return scenario


def test_what_is_left_out_is_there() -> None:
    assert set(NOT_HERE) <= {file.stem for file in FILES}


async def played(scenario: Scenario, flows: Flows, monkeypatch: pytest.MonkeyPatch) -> Hotline:
    monkeypatch.setattr(lease, "monotonic", asyncio.get_running_loop().time)
    hotline = Hotline(scenario, flows)
    await hotline.play()
    return hotline


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_the_session_does_as_the_scenario_says(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = scenario_of(file)
    hotline = virtual_time.run(played(scenario, load_flows(), monkeypatch))
    assert hotline.call
    found = hotline.heard.folded(scenario)
    differs = difference(scenario, found, **told_by(hotline.call))
    if file.stem in NOT_HERE:
        assert differs
    else:
        assert differs is None, found


IN_CODE = [{"press": "2"}, {"press": "1*22#"}]
TOLD_NONE = [*IN_CODE, {"service": {"state": "none"}}]


@pytest.mark.parametrize(
    "happened",
    [
        [{"press": "1"}, {"answered": True}, {"press": "9"}, {"press": "5"}],
        [{"press": "1"}, {"press": "*"}, {"press": "85550123#"}, {"spoken": True}],
        [*IN_CODE, {"service": {"state": "done"}}],
        [{"press": "2"}, {"press": "123"}, {"no_key": True}, {"service": "failed"}],
        [*TOLD_NONE, {"transferred": "answered"}],
        [*TOLD_NONE, {"transferred": "failed"}, {"press": "#"}, {"spoken": True}],
    ],
)
def test_every_verb_goes_the_same_way_through_the_session(
    happened: list[dict[str, object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = Talk(FLOWS, {"hours": "open", "caller_known": "no"})
    for one in happened:
        talk.do(one)
    scenario = talk.scenario("x")
    hotline = virtual_time.run(played(scenario, FLOWS, monkeypatch))
    assert hotline.call
    found = hotline.heard.folded(scenario)
    assert difference(scenario, found, **told_by(hotline.call)) is None, found


def test_what_differs_is_found() -> None:
    """A fake that agreed with everything would be of no use."""
    scenario = Talk(FLOWS, {"hours": "open"}).scenario("x")
    other = scenario.model_copy(update={"facts": {"hours": "closed"}})
    with pytest.MonkeyPatch.context() as patch:
        hotline = virtual_time.run(played(other, FLOWS, patch))
    assert hotline.call
    found = hotline.heard.folded(other)
    assert difference(other, found, **told_by(hotline.call)) == (
        0,
        "expected play choose, collect menu; found play speak, record message",
    )
