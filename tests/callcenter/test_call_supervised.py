"""What a supervisor does to a call: joins the talk, takes it over, moves a caller in line."""

from __future__ import annotations

import pytest

from callcenter import commands as cmd
from callcenter import events as ev
from callcenter.call import Stage, conversation, in_talk, supervised
from reports.facts import Conversation
from tests.callcenter.call_in_hand import (
    COURT,
    SEATS_CHANNEL,
    SUPERVISOR,
    InHand,
    at_a_seat,
)
from tests.callcenter.call_played import ANSWER, NO_ANSWER, Talk, kinds, only


def supervise(talk: InHand, what: str, by: str = "7001") -> list[type]:
    return talk.ask(what, ev.Target(kind="supervisor", name=by), by=by)


def barging() -> InHand:
    talk = at_a_seat()
    supervise(talk, "barge")
    talk.parted()
    talk.guest_comes()
    return talk


def test_a_supervisor_joins_a_talk_and_leaves_it_again() -> None:
    talk = at_a_seat()
    assert supervise(talk, "barge") == [cmd.MoveSeat, cmd.CallLeg, cmd.SetTimer]
    call = only(talk.said, cmd.CallLeg)
    assert isinstance(call, cmd.CallLeg) and call.seat == "7001"
    assert kinds(talk.parted()) == [cmd.JoinRoom]
    talk.guest_comes()
    (leg,) = talk.call.legs
    assert (leg.kind, leg.by, leg.seat) == ("barge", "7001", None)
    assert leg.joined_at == leg.answered_at
    assert talk.call.seat == "8001"
    assert talk.guest_goes() == ()
    assert (talk.outcome, talk.call.seat) == ("answered", "8001")


def test_a_caller_on_hold_is_brought_back_when_a_supervisor_joins() -> None:
    talk = at_a_seat()
    talk.ask("hold")
    talk.parted()
    assert supervise(talk, "barge") == [
        *(cmd.ChangeSeat, cmd.CallLeg, cmd.SetTimer, cmd.JoinRoom),
    ]
    assert talk.call.legs[0].outcome == "retrieved"


def test_a_talk_is_taken_over_once_the_supervisor_is_there() -> None:
    talk = at_a_seat()
    supervise(talk, "take_over")
    talk.parted()
    assert talk.call.seat == "8001"  # nobody is left alone while his telephone rings
    said = talk.guest_comes()
    assert cmd.ChangeSeat("8001", "released") in said
    assert cmd.EndSeat("") in said or cmd.EndSeat(SEATS_CHANNEL) in said
    assert talk.call.seat is None and talk.call.stage is Stage.TALKING
    assert talk.call.attempts[-1].ended_at == talk.call.legs[0].joined_at
    talk.guest_goes()
    talk.out_of_the_room()
    assert talk.call.stage is Stage.SURVEY
    assert (talk.outcome, talk.call.talk_ended_by) == ("completed", "seat")
    talk.do(ev.HungUp())
    told = Conversation.model_validate(conversation(talk.call))
    assert [(leg.kind, leg.target) for leg in told.legs] == [("take_over", "supervisor 7001")]


def test_a_caller_whose_supervisor_is_cut_off_waits_for_the_seat_he_had() -> None:
    talk = at_a_seat()
    supervise(talk, "take_over")
    talk.parted()
    talk.guest_comes()
    talk.guest_goes(44)
    join = only(talk.out_of_the_room(), cmd.JoinLine)
    assert isinstance(join, cmd.JoinLine)
    assert (join.wants, join.at_head, talk.call.stage) == ("8001", True, Stage.QUEUE)


def test_who_has_joined_takes_over_at_once() -> None:
    talk = barging()
    said = supervise(talk, "take_over")
    assert said == [cmd.ChangeSeat, cmd.EndSeat]
    assert talk.call.legs[0].kind == "take_over" and talk.call.seat is None


def test_who_is_still_rung_takes_over_when_he_comes() -> None:
    talk = at_a_seat()
    supervise(talk, "barge")
    talk.parted()
    assert supervise(talk, "take_over") == []
    assert talk.call.seat == "8001"
    talk.guest_comes()
    assert talk.call.seat is None


def test_a_supervisor_who_does_not_come_changes_nothing() -> None:
    talk = at_a_seat()
    supervise(talk, "take_over")
    talk.parted()
    talk.guest_goes(19)
    assert (talk.outcome, talk.call.seat) == ("no_answer", "8001")
    assert talk.call.table and talk.call.table.caller == "room"


@pytest.mark.parametrize(
    ("talk", "what", "by", "why"),
    [
        (barging, "barge", "7001", "already_in"),
        (barging, "barge", "7002", "another_in"),
        (barging, "take_over", "7002", "another_in"),
    ],
)
def test_one_supervisor_joins_at_a_time(talk: object, what: str, by: str, why: str) -> None:
    assert callable(talk)
    hand = talk()
    wish = ev.TalkAsked(what, by, SUPERVISOR)
    assert supervised.refusal(hand.call, wish) == why
    before = hand.call
    assert hand.do(wish) == () and hand.call == before


def test_only_a_talk_with_a_seat_can_be_joined() -> None:
    wish = ev.TalkAsked("barge", "7001", SUPERVISOR)
    assert supervised.refusal(Talk().in_line().call, wish) == "not_talking"
    assert supervised.refusal(Talk().ringing().call, wish) == "not_talking"
    taken = barging()
    supervise(taken, "take_over")
    assert supervised.refusal(taken.call, wish) == "not_talking"


@pytest.mark.parametrize("what", ["cancel", "complete", "conference"])
def test_a_lawyer_does_not_send_a_supervisor_away(what: str) -> None:
    assert in_talk.refusal(barging().call, ev.TalkAsked(what, "8001")) == "supervisor_in"


def test_a_lawyer_may_leave_the_caller_to_a_supervisor() -> None:
    talk = barging()
    assert talk.ask("leave") == [cmd.ChangeSeat, cmd.EndSeat]
    assert talk.call.seat is None


@pytest.mark.parametrize("what", ["conference", "consult"])
def test_who_is_called_in_later_has_the_guests_place_and_the_supervisor_stays(what: str) -> None:
    talk = barging()
    said = talk.ask(what, COURT)
    assert cmd.CallLeg in said and cmd.EndLeg not in said
    assert talk.call.table and (talk.call.table.guest, talk.call.table.beside) == (2, 1)
    assert talk.ask("cancel")[:2] == [cmd.LeaveLine, cmd.EndLeg]
    assert supervised.guest_of(talk.call) is talk.call.legs[0]


def test_a_lawyer_does_not_transfer_the_caller_away_from_a_supervisor() -> None:
    talk = barging()
    assert in_talk.refusal(talk.call, ev.TalkAsked("transfer", "8001", COURT)) == "supervisor_in"


def moved(talk: Talk, event: ev.Moved) -> cmd.JoinLine:
    join = only(talk.do(event), cmd.JoinLine)
    assert isinstance(join, cmd.JoinLine)
    return join


def test_a_caller_moved_to_another_group_keeps_the_time_since_which_he_waits() -> None:
    talk = Talk().in_line("2")
    asked_at = talk.call.asked_at
    join = moved(talk, ev.Moved("group", "family"))
    assert (join.group, join.asked_at, join.at_head) == ("family", asked_at, False)
    assert [(stint.group, stint.outcome) for stint in talk.call.stints] == [
        ("labour", "moved"),
        ("family", None),
    ]


def test_a_caller_moved_to_the_head_stays_there_over_a_new_controller() -> None:
    talk = Talk().in_line()
    assert moved(talk, ev.Moved("head")).at_head
    again = only(talk.do(ev.Resumed("", None)), cmd.JoinLine)
    assert isinstance(again, cmd.JoinLine) and again.at_head


def test_a_caller_moved_to_one_seat_waits_for_it_first() -> None:
    join = moved(Talk().in_line(), ev.Moved("seat", "8003"))
    assert (join.wants, join.at_head) == ("8003", True)


def test_only_who_waits_is_moved() -> None:
    for talk in (Talk().ringing(), Talk().talking()):
        before = talk.call
        assert talk.do(ev.Moved("head")) == () and talk.call == before


def test_a_moved_caller_is_served_as_any_other() -> None:
    talk = Talk().in_line()
    moved(talk, ev.Moved("seat", "8001"))
    talk.do(ev.SeatOffered("8001", "municipal"))
    talk.dialled(NO_ANSWER)
    talk.do(ev.SeatOffered("8002", "municipal"))
    talk.do(ev.SeatAnswered("8002", talk.now))
    talk.dialled(ANSWER)
    assert talk.call.stage is Stage.SURVEY
