"""A supervisor takes over a talk that has a guest: the seat leaves, and nobody else."""

from __future__ import annotations

import pytest

from callcenter import commands as cmd
from callcenter import events as ev
from callcenter.call import Stage, conversation, supervised
from callcenter.call.legs import table_of
from callcenter.call.table import leg_id
from reports.facts import Conversation
from tests.callcenter.call_in_hand import COURT, GROUP, SEAT, SEATS_CHANNEL, InHand, consulting
from tests.callcenter.call_played import only
from tests.callcenter.test_call_joined_beside import comes, joined
from tests.callcenter.test_call_supervised import supervise

RELEASED = cmd.ChangeSeat("8001", "released")


def taken_over(to: ev.Target = COURT, *, is_there: bool = True) -> InHand:
    """A consultation, its guest there or rung, that the supervisor has taken over."""
    talk = consulting(to)
    if is_there:
        talk.guest_comes()
    supervise(talk, "take_over")
    assert talk.call.seat == "8001"  # until the supervisor is there
    said = comes(talk)
    assert RELEASED in said and cmd.EndSeat(SEATS_CHANNEL) in said
    assert only(said, cmd.JoinRoom), "the caller comes in from the music"
    return talk


def lines_of(talk: InHand) -> list[tuple[str, str | None]]:
    return [(leg.kind, leg.outcome) for leg in talk.call.legs]


def test_the_guest_and_the_caller_stay_with_him() -> None:
    talk = taken_over()
    assert talk.call.seat is None and talk.call.stage is Stage.TALKING
    assert (table_of(talk.call).guest, table_of(talk.call).beside) == (1, 2)
    assert all(leg.joined_at and leg.ended_at is None for leg in talk.call.legs)


def test_the_guest_goes_and_he_goes_on_with_the_caller_and_is_asked_for_a_rating() -> None:
    talk = taken_over()
    assert talk.guest_goes() == ()
    assert supervised.leg_of(talk.call) == table_of(talk.call).guest == 2
    talk.guest_goes()
    talk.out_of_the_room()
    assert talk.call.stage is Stage.SURVEY
    assert lines_of(talk) == [("consult", "completed"), ("take_over", "completed")]


def test_he_goes_and_the_guest_goes_on_with_the_caller() -> None:
    talk = taken_over()
    assert talk.do(ev.LegGone(2, talk.now, 16)) == ()
    assert table_of(talk.call).caller == "room" and table_of(talk.call).guest == 1
    talk.guest_goes()
    talk.out_of_the_room()
    assert lines_of(talk) == [("consult", "completed"), ("take_over", "completed")]


def test_a_guest_who_is_cut_off_leaves_the_caller_with_him() -> None:
    talk = taken_over()
    talk.guest_goes(44)
    assert (talk.call.stage, table_of(talk.call).then) == (Stage.TALKING, "")


def test_a_guest_who_is_rung_is_rung_on_and_finds_both() -> None:
    talk = taken_over(is_there=False)
    assert table_of(talk.call).is_in and talk.call.legs[1].joined_at
    talk.guest_comes()
    assert talk.call.legs[0].joined_at and table_of(talk.call).beside == 2


def test_a_guest_who_does_not_come_leaves_the_caller_with_him() -> None:
    talk = taken_over(is_there=False)
    assert talk.guest_goes(19) == ()
    assert (table_of(talk.call).guest, table_of(talk.call).then) == (2, "")
    talk.do(ev.HungUp())
    told = Conversation.model_validate(conversation(talk.call))
    assert told.talk_ended_at == told.ended_at  # with the supervisor he talked to the end


def test_who_waits_for_a_rung_guest_when_he_too_has_gone_goes_back_to_the_line() -> None:
    talk = taken_over(is_there=False)
    talk.do(ev.LegGone(2, talk.now, 16))
    talk.guest_goes(19)
    join = only(talk.out_of_the_room(), cmd.JoinLine)
    assert isinstance(join, cmd.JoinLine) and join.wants == "8001"


@pytest.mark.parametrize("to", [SEAT, GROUP])
def test_a_colleague_who_was_consulted_has_the_talk_with_him_beside(to: ev.Target) -> None:
    talk = taken_over(to)
    assert supervised.guest_of(talk.call) is talk.call.legs[1]
    talk.do(ev.MemberJoined(SEATS_CHANNEL, talk.now))  # sends nobody else away
    assert talk.call.seat == "8002"
    assert cmd.EndSeat in supervise(talk, "take_over")
    assert cmd.ChangeSeat("8002", "released", leg=1) in talk.said


def test_who_has_joined_takes_over_at_once() -> None:
    talk = joined()
    supervise(talk, "take_over")
    assert RELEASED in talk.said and talk.call.seat is None
    assert table_of(talk.call).is_in


def test_he_thinks_better_of_it_while_he_is_rung() -> None:
    talk = consulting()
    talk.guest_comes()
    supervise(talk, "take_over")
    supervise(talk, "barge")
    comes(talk)
    assert talk.call.seat == "8001" and talk.call.legs[1].kind == "barge"


def test_a_controller_that_comes_later_goes_on_with_it() -> None:
    talk = taken_over()
    talk.do(ev.Resumed("", None))
    assert table_of(talk.call).caller == "room" and talk.call.seat is None
    talk.do(ev.MemberJoined(leg_id(talk.call.call_id, 1), talk.now))
    assert (table_of(talk.call).guest, table_of(talk.call).beside) == (1, 2)
