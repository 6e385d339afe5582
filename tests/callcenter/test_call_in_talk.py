"""A talk in hand: told as talks, and held by a property: whatever happens, nobody is left alone."""

from __future__ import annotations

import pytest

from callcenter import commands as cmd
from callcenter import events as ev
from callcenter.call import Stage, conversation, in_talk
from callcenter.call.table import leg_id, parse_leg_id
from reports.facts import Conversation
from tests.callcenter.call_in_hand import (
    CLOSED,
    COURT,
    GROUP,
    SEAT,
    SEATS_CHANNEL,
    InHand,
    at_a_seat,
    consulting,
)
from tests.callcenter.call_played import ANSWER, NO_ANSWER, kinds, only


def test_a_caller_on_hold_hears_music_and_comes_back_to_the_same_seat() -> None:
    talk = at_a_seat()
    assert talk.ask("hold") == [cmd.MoveSeat, cmd.ChangeSeat]
    assert kinds(talk.parted()) == [cmd.Hold]
    assert talk.call.seat == "8001"
    assert talk.ask("retrieve") == [cmd.ChangeSeat, cmd.JoinRoom]
    assert talk.ask("hold") == [cmd.ChangeSeat, cmd.LeaveRoom]
    assert kinds(talk.out_of_the_room()) == [cmd.Hold]
    assert [leg.outcome for leg in talk.call.legs] == ["retrieved", None]


def test_a_key_on_hold_leaves_the_music_on() -> None:
    talk = at_a_seat()
    talk.ask("hold")
    talk.parted()
    assert kinds(talk.key("1")) == [cmd.Hold]


@pytest.mark.parametrize(
    ("before", "what", "why"),
    [
        ((), "retrieve", "not_held"),
        (("hold",), "hold", "already_held"),
        ((), "complete", "not_answered"),
        ((), "cancel", "no_guest"),
        ((), "leave", "no_conference"),
        ((), "consult", "target_needed"),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(
    before: tuple[str, ...], what: str, why: str
) -> None:
    talk = at_a_seat()
    for wish in before:
        talk.ask(wish)
    asked = ev.TalkAsked(what, "8001")
    assert in_talk.refusal(talk.call, asked) == why
    call = talk.call
    assert talk.do(asked) == () and talk.call == call


def test_only_the_seat_that_talks_may_ask() -> None:
    talk = at_a_seat()
    assert in_talk.refusal(talk.call, ev.TalkAsked("hold", "8003")) == "not_talking"
    assert InHand().in_line().do(ev.TalkAsked("hold", "8001")) == ()


def test_a_line_that_is_closed_is_written_down_and_the_talk_goes_on() -> None:
    talk = at_a_seat()
    assert talk.ask("transfer", CLOSED) == []
    assert (talk.outcome, talk.call.seat, talk.call.table) == ("closed", "8001", None)


def test_a_blind_transfer_to_a_seat_waits_for_that_seat() -> None:
    talk = at_a_seat()
    assert talk.ask("transfer", SEAT) == [cmd.ChangeSeat, cmd.EndSeat]
    join = only(talk.dialled(ANSWER), cmd.JoinLine)
    assert isinstance(join, cmd.JoinLine)
    assert (join.wants, join.at_head, join.leg) == ("8002", True, 0)
    talk.do(ev.SeatOffered("8002", "municipal"))
    talk.do(ev.SeatAnswered("8002", talk.now))
    assert (talk.outcome, talk.call.seat, talk.call.wants) == ("completed", "8002", None)
    assert [attempt.seat for attempt in talk.call.attempts] == ["8001", "8002"]


def test_a_seat_that_does_not_take_a_transfer_sends_the_caller_back_where_he_came_from() -> None:
    talk = at_a_seat()
    talk.ask("transfer", SEAT)
    talk.dialled(ANSWER)
    talk.do(ev.SeatOffered("8002", "municipal"))
    join = only(talk.dialled(NO_ANSWER), cmd.JoinLine)
    assert isinstance(join, cmd.JoinLine)
    assert (join.wants, "8002" in join.tried) == ("8001", True)
    assert talk.outcome == "no_answer"


def test_a_blind_transfer_to_a_group_never_comes_back_to_its_own_seat() -> None:
    talk = at_a_seat()
    talk.ask("transfer", GROUP)
    join = only(talk.dialled(ANSWER), cmd.JoinLine)
    assert isinstance(join, cmd.JoinLine)
    assert (join.group, join.tried, join.asked_at) == (
        *("family", frozenset({"8001"})),
        talk.call.asked_at,
    )
    assert [stint.group for stint in talk.call.stints] == ["labour", "family"]


def test_a_blind_transfer_to_a_line_ends_in_the_survey() -> None:
    talk = at_a_seat()
    talk.ask("transfer", COURT)
    (ring,) = talk.dialled(ANSWER)
    assert isinstance(ring, cmd.RingOut) and (ring.number, ring.leg) == ("12368", 1)
    talk.do(ev.LineAnswered(talk.now))
    talk.dialled(ANSWER)
    assert (talk.outcome, talk.call.stage) == ("completed", Stage.SURVEY)
    assert talk.call.talk_ended_at == talk.call.legs[-1].ended_at


@pytest.mark.parametrize(("status", "outcome"), [("BUSY", "busy"), ("NOANSWER", "no_answer")])
def test_a_line_that_is_not_reached_sends_the_caller_back(status: str, outcome: str) -> None:
    talk = at_a_seat()
    talk.ask("transfer", COURT)
    talk.dialled(ANSWER)
    join = only(talk.dialled(ev.DialResult(status)), cmd.JoinLine)
    assert isinstance(join, cmd.JoinLine) and join.wants == "8001"
    assert talk.outcome == outcome


def test_a_consultation_completed_gives_the_caller_to_the_guest() -> None:
    talk = consulting()
    talk.guest_comes()
    said = talk.do(ev.TalkAsked("complete", "8001"))
    assert kinds(said) == [cmd.ChangeSeat, cmd.EndSeat, cmd.JoinRoom]
    assert only(said, cmd.EndSeat) == cmd.EndSeat(SEATS_CHANNEL)
    assert talk.call.seat is None
    talk.do(ev.SeatGone("8001", talk.now))
    assert kinds(talk.guest_goes()) == [cmd.LeaveRoom]
    talk.out_of_the_room()
    assert (talk.outcome, talk.call.stage) == ("completed", Stage.SURVEY)


def test_a_seat_that_was_consulted_becomes_the_calls_own() -> None:
    talk = consulting(SEAT)
    told = only(talk.guest_comes(), cmd.ChangeSeat)
    assert told == cmd.ChangeSeat("8002", "answered", leg=1)
    talk.ask("complete")
    assert (talk.call.seat, talk.outcome) == ("8002", "completed")
    assert only(talk.do(ev.TalkAsked("hold", "8002")), cmd.ChangeSeat) == cmd.ChangeSeat(
        "8002", "held", leg=1
    )
    gone = ev.LegGone(1, talk.now)
    talk.out_of_the_room()
    join = only(talk.do(gone), cmd.JoinLine)  # held when its phone went: he is served on
    assert isinstance(join, cmd.JoinLine) and join.wants == "8002"


@pytest.mark.parametrize("to", [COURT, SEAT])
def test_the_caller_comes_back_when_a_consultation_is_cancelled(to: ev.Target) -> None:
    talk = consulting(to)
    talk.guest_comes()
    assert cmd.JoinRoom in talk.ask("cancel")
    assert (talk.outcome, talk.call.seat) == ("answered", "8001")


@pytest.mark.parametrize(
    ("cause", "outcome"), [(17, "busy"), (19, "no_answer"), (0, "unreachable")]
)
def test_the_caller_comes_back_when_nobody_answers(cause: int, outcome: str) -> None:
    talk = consulting()
    assert cmd.JoinRoom in kinds(talk.guest_goes(cause))
    assert (talk.outcome, talk.call.seat) == (outcome, "8001")


def test_the_caller_comes_back_when_no_seat_is_found_in_time() -> None:
    talk = at_a_seat()
    talk.ask("consult", GROUP)
    talk.parted()
    said = talk.do(ev.TimerFired(talk.call.timer))
    assert cmd.JoinRoom in kinds(said) and cmd.LeaveLine(1) in said
    late = talk.do(ev.SeatOffered("8002", "municipal", 1))
    assert late == (cmd.ChangeSeat("8002", "released", "withdrawn", 1),)


def test_a_seat_that_hangs_up_in_a_consultation_leaves_the_caller_to_the_guest() -> None:
    talk = consulting()
    talk.do(ev.SeatGone("8001", talk.now))
    assert talk.call.table and talk.call.table.caller == "music"
    assert kinds(talk.guest_comes()) == [cmd.JoinRoom]
    talk = consulting()
    talk.do(ev.SeatGone("8001", talk.now))
    join = only(talk.guest_goes(19), cmd.JoinLine)
    assert isinstance(join, cmd.JoinLine) and join.at_head


def test_a_conference_goes_on_without_its_lawyer_and_without_its_guest() -> None:
    talk = at_a_seat()
    assert talk.ask("conference", COURT)[0] is cmd.MoveSeat
    assert kinds(talk.parted()) == [cmd.JoinRoom]
    talk.guest_comes()
    talk.guest_goes()
    assert (talk.call.seat, talk.outcome) == ("8001", "answered")
    talk.ask("conference", COURT)
    talk.guest_comes()
    talk.ask("leave")
    assert talk.call.seat is None and talk.call.stage is Stage.TALKING


def test_a_caller_whose_lawyers_phone_died_waits_for_it_and_then_for_another() -> None:
    talk = at_a_seat()
    said = talk.do(ev.SeatLost("8001"))
    assert kinds(said) == [cmd.ChangeSeat, cmd.EndSeat]
    assert only(said, cmd.ChangeSeat) == cmd.ChangeSeat("8001", "released", "lost")
    assert kinds(talk.dialled(ANSWER)) == [cmd.Hold, cmd.SetTimer]
    join = only(talk.do(ev.SeatBack("8001")), cmd.JoinLine)
    assert isinstance(join, cmd.JoinLine) and (join.wants, join.at_head) == ("8001", True)
    talk = at_a_seat()
    talk.do(ev.SeatLost("8001"))
    talk.dialled(ANSWER)
    assert cmd.JoinLine in kinds(talk.do(ev.TimerFired(talk.call.timer)))


def after_a_break(next_seat: str) -> InHand:
    """The phone of 8001 was lost and is back; then this seat is rung and picks up."""
    talk = at_a_seat()
    talk.do(ev.SeatLost("8001"))
    talk.dialled(ANSWER)
    talk.do(ev.SeatBack("8001"))
    talk.do(ev.SeatOffered(next_seat, "municipal"))
    return talk


def test_a_talk_goes_on_without_a_word_when_the_same_phone_is_back() -> None:
    talk = after_a_break("8001")
    ring = only(talk.said, cmd.Ring)
    assert isinstance(ring, cmd.Ring)
    assert (ring.is_back, ring.who, ring.greeting) == (True, (), ())
    talk.do(ev.SeatAnswered("8001", talk.now))
    (leg,) = talk.call.legs
    assert (leg.kind, leg.by, leg.seat, leg.outcome) == ("lost", "8001", "8001", "back")
    talk.do(ev.SeatLost("8001"))  # and a second time
    assert [one.outcome for one in talk.call.legs] == ["back", None]
    talk.do(ev.HungUp())
    facts = Conversation.model_validate(conversation(talk.call))
    assert [one.outcome for one in facts.legs] == ["back", "caller_gone"]


def test_another_seat_hears_who_comes_when_the_lost_phone_stays_away() -> None:
    talk = after_a_break("8002")
    ring = only(talk.said, cmd.Ring)
    assert isinstance(ring, cmd.Ring)
    assert not ring.is_back and ring.who and ring.greeting
    talk.do(ev.SeatAnswered("8002", talk.now))
    assert (talk.outcome, talk.call.legs[-1].seat) == ("another_seat", "8002")


def test_a_seat_that_could_not_be_moved_talks_on() -> None:
    talk = at_a_seat()
    talk.ask("consult", COURT)
    said = talk.do(ev.MoveFailed())
    assert cmd.EndLeg(1) in said and talk.call.table is None
    assert (talk.call.seat, talk.outcome) == ("8001", "cancelled")


def test_a_seat_that_hung_up_as_it_was_moved_leaves_its_caller_in_line() -> None:
    talk = at_a_seat()
    talk.ask("hold")
    talk.dialled(ANSWER)
    assert cmd.JoinLine in kinds(talk.do(ev.MoveFailed()))


@pytest.mark.parametrize("wish", ["hold", "consult"])
def test_a_new_controller_puts_the_caller_where_he_belongs(wish: str) -> None:
    talk = at_a_seat()
    talk.ask(wish, COURT if wish == "consult" else None)
    talk.do(ev.MemberJoined(SEATS_CHANNEL, talk.now))
    assert kinds(talk.do(ev.Resumed("8001.1", ANSWER))) == [cmd.Hold]
    talk.do(ev.MemberJoined(leg_id("t-1.1", 1), talk.now))
    talk.ask("retrieve" if wish == "hold" else "cancel")
    assert kinds(talk.do(ev.Resumed("8001.1", ANSWER))) == [cmd.JoinRoom]


def test_a_blind_transfer_is_taken_up_again() -> None:
    talk = at_a_seat()
    talk.ask("transfer", COURT)
    assert kinds(talk.do(ev.Resumed("8001.1", ANSWER))) == [cmd.RingOut]
    assert kinds(talk.do(ev.Resumed("8001.1", ANSWER))) == [cmd.RingOut]  # it was never rung
    talk.do(ev.Resumed("leg-1", ANSWER))
    assert (talk.outcome, talk.call.stage) == ("completed", Stage.SURVEY)


def test_when_the_caller_hangs_up_everybody_is_let_go() -> None:
    talk = consulting(SEAT)
    said = talk.do(ev.HungUp())
    assert {cmd.EndSeat(SEATS_CHANNEL), cmd.EndLeg(1), cmd.LeaveLine(1)} <= set(said)
    assert cmd.ChangeSeat("8001", "released") in said
    assert cmd.ChangeSeat("8002", "released", leg=1) in said
    assert [leg.outcome for leg in talk.call.legs] == ["caller_gone"]
    assert (talk.call.end_stage, talk.call.talk_ended_at) == ("talking", talk.call.ended_at)


def test_ids_of_legs_are_read_back() -> None:
    assert parse_leg_id(leg_id("main-17.3", 12)) == ("main-17.3", 12)
    assert parse_leg_id("main-17.3") is None
