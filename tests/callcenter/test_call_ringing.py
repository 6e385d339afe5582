"""A seat that consults somebody hears that he is rung, and never hears it otherwise."""

from __future__ import annotations

from callcenter import commands as cmd
from callcenter import events as ev
from callcenter.call.table import leg_id
from tests.callcenter.call_in_hand import (
    COURT,
    SEAT,
    SEATS_CHANNEL,
    InHand,
    at_a_seat,
    consulting,
)

RINGS = cmd.SeatHears(SEATS_CHANNEL, is_ringing=True)
SILENT = cmd.SeatHears(SEATS_CHANNEL, is_ringing=False)


def rung(to: ev.Target = COURT) -> tuple[InHand, tuple[cmd.Command, ...]]:
    talk = consulting(to)
    return talk, talk.do(ev.LegRang(1))


def test_it_rings_as_soon_as_it_rings_there_and_once() -> None:
    talk, told = rung()
    assert told == (RINGS,)
    assert talk.do(ev.LegRang(1)) == ()


def test_a_seat_that_is_rung_is_told_to_the_dispatcher_as_well() -> None:
    _, told = rung(SEAT)
    assert told == (cmd.ChangeSeat("8002", "rang", leg=1), RINGS)


def test_a_phone_that_comes_to_the_room_later_hears_it_then() -> None:
    talk = at_a_seat()
    talk.ask("consult", COURT)
    assert talk.do(ev.LegRang(1)) == ()
    assert talk.do(ev.MemberJoined(SEATS_CHANNEL, talk.now)) == (RINGS,)


def test_what_the_network_says_is_heard_before_anybody_answers() -> None:
    talk, _ = rung()
    assert talk.do(ev.MemberJoined(leg_id(talk.call.call_id, 1), talk.now)) == ()
    assert talk.call.legs[0].answered_at is None
    assert talk.ask("complete") == [] and talk.call.seat == "8001"
    at = talk.now
    talk.do(ev.LegAnswered(1, at))
    assert talk.call.legs[0].answered_at == at


def test_a_number_that_does_not_exist_says_so_and_the_caller_comes_back() -> None:
    talk = consulting()
    talk.do(ev.MemberJoined(leg_id(talk.call.call_id, 1), talk.now))
    talk.guest_goes(cause=1)
    assert talk.outcome == "unreachable" and talk.call.table and talk.call.table.is_in


def test_it_is_over_when_somebody_is_there_or_nobody_will_be() -> None:
    talk, _ = rung()
    assert talk.guest_comes()[-1] == SILENT
    talk, _ = rung()
    assert talk.guest_goes(cause=17)[-1] == SILENT
    talk, _ = rung()
    assert talk.do(ev.TalkAsked("cancel", "8001"))[-1] == SILENT


def test_whoever_hears_the_caller_hears_no_ringing() -> None:
    talk = at_a_seat()
    talk.ask("conference", COURT)
    talk.parted()
    assert talk.do(ev.LegRang(1)) == ()


def test_coming_into_the_room_once_more_is_nothing_new_for_a_seat_that_came_as_a_guest() -> None:
    talk = consulting(SEAT)
    talk.guest_comes()
    talk.ask("complete")
    channel = leg_id(talk.call.call_id, 1)
    assert talk.call.table and talk.call.table.channel == channel
    assert talk.do(ev.MemberJoined(channel, talk.now)) == ()
