"""For random flows and callers: the session says and does what the engine alone would."""

from __future__ import annotations

import asyncio
import os
from typing import Any
from unittest import mock

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from callcenter.asterisk import lease
from ivr_flows.model import Flows
from ivr_flows.scenario import Scenario, difference
from ivr_flows.talk import Talk
from ivr_flows.turn import Act, CallService, Collect, JoinQueue, Transfer
from tests.callcenter import virtual_time
from tests.callcenter.fake_hotline import Hotline
from tests.ivr_flows.random_flows import KEYS, TOLD, facts, sound_flows
from tests.thoroughness import tries

many = settings(
    max_examples=int(os.environ.get("HOTLINE_EXAMPLES", tries(40))),
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a call costs 0.1 s: no time to shrink
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def happenings(act: Act) -> st.SearchStrategy[dict[str, Any]]:
    """What may happen while this goes on."""
    if isinstance(act, Collect):
        return st.just({"no_key": True}) | st.sampled_from(KEYS).map(lambda key: {"press": key})
    if isinstance(act, JoinQueue):
        return st.sampled_from([{"answered": True}, *({"press": key} for key in act.offers)])
    if isinstance(act, Transfer):
        return st.sampled_from([{"transferred": "answered"}, {"transferred": "failed"}])
    if isinstance(act, CallService):
        told = st.sampled_from(TOLD["order_state"]).map(lambda value: {"order_state": value})
        return (told | st.just("failed")).map(lambda answer: {"service": answer})
    return st.just({"spoken": True})


async def played(scenario: Scenario, flows: Flows) -> Hotline:
    with mock.patch.object(lease, "monotonic", asyncio.get_running_loop().time):
        hotline = Hotline(scenario, flows)
        await hotline.play()
    return hotline


@many
@given(flows=sound_flows(), facts=facts, data=st.data())
def test_whatever_the_flow_and_the_caller_the_session_goes_as_the_engine(
    flows: Flows, facts: dict[str, str], data: st.DataObject
) -> None:
    talk = Talk(flows, facts)
    for _ in range(data.draw(st.integers(0, 12))):
        if talk.is_over:
            break
        talk.do(data.draw(happenings(talk.act)))
    scenario = talk.scenario("x")
    hotline = virtual_time.run(played(scenario, flows))
    found = hotline.heard.folded(scenario)
    # What was told is not compared: of two ratings in one call the facts keep the last.
    told = {"rating": scenario.rating, "number": scenario.number}
    assert difference(scenario, found, **told) is None, found
