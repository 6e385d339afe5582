"""A supervisor joins a talk that has a guest already: he comes besides, and stays when he goes."""

from __future__ import annotations

import pytest

from callcenter import commands as cmd
from callcenter import events as ev
from callcenter.call import Stage, supervised
from callcenter.call.legs import table_of
from callcenter.call.table import leg_id
from tests.callcenter.call_in_hand import COURT, SEAT, InHand, at_a_seat, consulting
from tests.callcenter.call_played import kinds
from tests.callcenter.test_call_supervised import supervise


def comes(talk: InHand) -> tuple[cmd.Command, ...]:
    """The supervisor has picked up."""
    beside = table_of(talk.call).beside
    return talk.do(ev.MemberJoined(leg_id(talk.call.call_id, beside), talk.now))


def joined(to: ev.Target = COURT, *, is_conference: bool = False) -> InHand:
    talk = consulting(to)
    talk.guest_comes()
    if is_conference:
        talk.ask("conference")
    supervise(talk, "barge")
    comes(talk)
    return talk


def test_he_is_called_into_the_room_and_nobody_is_moved_for_that() -> None:
    talk = consulting()
    assert supervise(talk, "barge") == [cmd.CallLeg]
    assert (table_of(talk.call).guest, table_of(talk.call).beside) == (1, 2)
    assert comes(talk) == ()
    leg = talk.call.legs[1]
    assert (leg.kind, leg.by, leg.joined_at) == ("barge", "7001", None)  # the caller hears music
    assert leg.answered_at is not None and supervised.leg_of(talk.call) == 2


def test_in_a_conference_he_and_the_caller_speak_at_once() -> None:
    assert joined(is_conference=True).call.legs[1].joined_at is not None
    talk = joined()
    talk.ask("conference")
    assert talk.call.legs[1].joined_at is not None


def test_the_guest_stays_the_seats_own() -> None:
    talk = joined()
    assert talk.ask("cancel") == [cmd.LeaveLine, cmd.EndLeg, cmd.ChangeSeat, cmd.JoinRoom]
    assert (table_of(talk.call).guest, table_of(talk.call).beside) == (2, 0)
    assert supervised.guest_of(talk.call) is talk.call.legs[1]
    assert talk.call.legs[1].joined_at is not None  # with the caller from now on


def test_a_guest_who_goes_leaves_him_there() -> None:
    talk = joined(is_conference=True)
    talk.guest_goes()
    assert supervised.leg_of(talk.call) == 2 and talk.call.seat == "8001"


def test_he_goes_and_the_others_go_on() -> None:
    talk = joined(is_conference=True)
    assert talk.do(ev.LegGone(2, talk.now, 16)) == ()
    assert (talk.call.legs[1].outcome, supervised.leg_of(talk.call)) == ("answered", 0)
    assert talk.call.legs[0].ended_at is None
    talk = consulting()
    supervise(talk, "barge")
    talk.do(ev.LegGone(2, talk.now, 19))
    assert talk.call.legs[1].outcome == "no_answer"


def test_a_transfer_that_is_completed_takes_him_along() -> None:
    talk = joined(SEAT)
    talk.ask("complete")
    assert talk.call.seat == "8002" and supervised.guest_of(talk.call) is talk.call.legs[1]


def test_when_the_line_outside_hangs_up_after_the_seat_left_he_goes_on_with_the_caller() -> None:
    talk = joined(is_conference=True)
    talk.ask("leave")
    assert talk.guest_goes() == ()
    assert table_of(talk.call).then == "" and supervised.leg_of(talk.call) == 2
    talk.guest_goes()
    talk.out_of_the_room()
    assert (talk.call.stage, talk.call.legs[1].outcome) == (Stage.SURVEY, "completed")


def test_who_is_still_rung_when_everybody_has_gone_is_let_go() -> None:
    talk = consulting()
    talk.guest_comes()
    talk.ask("conference")
    supervise(talk, "barge")
    talk.ask("leave")
    assert cmd.EndLeg(2) in talk.guest_goes()
    assert table_of(talk.call).then == "survey"


def test_when_the_caller_hangs_up_all_are_let_go() -> None:
    talk = joined(is_conference=True)
    ended = [one for one in talk.do(ev.HungUp()) if isinstance(one, cmd.EndLeg)]
    assert ended == [cmd.EndLeg(1), cmd.EndLeg(2)]


def test_a_seat_that_was_not_moved_has_nobody_beside() -> None:
    talk = at_a_seat()
    talk.ask("consult", COURT)
    supervise(talk, "barge")
    said = talk.do(ev.MoveFailed())
    assert [one.leg for one in said if isinstance(one, cmd.EndLeg)] == [1, 2]
    assert talk.call.table is None and talk.call.seat == "8001"


@pytest.mark.parametrize(
    ("what", "by", "why"),
    [
        ("barge", "7001", "already_in"),
        ("barge", "7002", "another_in"),
        ("take_over", "7002", "another_in"),
    ],
)
def test_one_supervisor_at_a_time(what: str, by: str, why: str) -> None:
    talk = joined()
    wish = ev.TalkAsked(what, by, ev.Target(kind="supervisor", name=by))
    assert supervised.refusal(talk.call, wish) == why
    assert kinds(talk.do(wish)) == []
