"""A citizen's call on the real Asterisk, from the first ring to the facts."""

from __future__ import annotations

from tests.real.house import House

CHANGCHUN = "04315550123"


def test_a_call_is_served_rated_recorded_and_written_down(house: House) -> None:
    house.seat("8001", talk_s=4)
    house.sipp.citizen(keys=((1.0, "2"), (14.0, "1")), caller=CHANGCHUN).wait(60)
    (call,) = house.ended()
    assert (call.city, call.city_source, call.group) == ("220100", "landline", "labour")
    assert [(a.seat, a.outcome) for a in call.attempts] == [("8001", "answered")]
    assert call.survey and call.survey.answer == 1
    assert (call.ended_by, call.end_stage, call.talk_ended_by) == ("system", "survey", "seat")
