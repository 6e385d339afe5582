"""Callbacks as rules: what is kept of a caller, when he is rung, and the call that it becomes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter import commands as cmd
from callcenter import events as ev
from callcenter.call import Stage, callback, conversation
from callcenter.call.callback import Callback, State
from seats.policy import CallbackPolicy, First
from tests.callcenter.call_played import ANSWER, NINE, NO_ANSWER, Talk, kinds, only

POLICY = CallbackPolicy()


def asked(caller: str | None = "+864315550123") -> Talk:
    """Waited over a minute, pressed `*` and hung up while saying what it is about."""
    talk = Talk(caller).in_line("2")
    for _ in range(3):
        talk.do(ev.TimerFired(talk.call.timer), after_s=30)
    talk.key("*")
    return talk


def kept(caller: str | None = "+864315550123") -> Callback:
    talk = asked(caller)
    said = talk.do(ev.HungUp())
    assert cmd.BookCallback in kinds(said)
    return callback.booked(talk.call, POLICY, talk.now)


def called(first: First = First.CALLER, reserved: str = "8001") -> Talk:
    """The call that rings the citizen, before anything happened in it."""
    one = callback.calling(kept(), "8001", first, NINE + timedelta(minutes=5))
    talk = Talk()
    talk.now = NINE + timedelta(minutes=5)
    talk.call = callback.new_call(one, "/r/x", talk.now, reserved=reserved, level="municipal")
    return talk


def test_the_place_is_kept_with_all_that_the_seat_is_chosen_by() -> None:
    one = kept()
    assert (one.id, one.of, one.number) == ("wish-t-1.1", "t-1.1", "04315550123")
    assert (one.group, one.language, one.state) == ("labour", "zh-CN", State.WAITING)
    assert one.asked_at == NINE + timedelta(seconds=2)
    assert one.session is not None and one.session.awaits == "queue"
    assert callback.from_json(callback.to_json(one)) == one


def test_who_hangs_up_while_he_says_his_name_keeps_his_place_too() -> None:
    talk = asked()
    assert talk.call.stage is Stage.RECORDING
    assert cmd.BookCallback in kinds(talk.do(ev.HungUp(reconciled=True)))


def test_a_message_or_an_answer_keeps_no_place() -> None:
    message = Talk("+864315550123").in_line("2")
    for _ in range(3):
        message.do(ev.TimerFired(message.call.timer), after_s=30)
    message.key("#")
    assert cmd.BookCallback not in kinds(message.do(ev.HungUp()))
    assert cmd.BookCallback not in kinds(Talk("+864315550123").talking().do(ev.HungUp()))


@pytest.mark.parametrize(
    ("number", "dialled"),
    [
        ("+864315550123", "04315550123"),
        ("+8643155501234", "043155501234"),
        ("+8613800001234", "13800001234"),
        ("13800001234", "13800001234"),
        ("04315550123", "04315550123"),
        ("01088886666", "01088886666"),
        *((wrong, None) for wrong in ("110", "12345", "5550123", "+4930123456", "0085212345678")),
        *((wrong, None) for wrong in ("16812345", "9501234567", "", None, "1380000123", "*21")),
    ],
)
def test_only_mainland_telephones_are_dialled(number: str | None, dialled: str | None) -> None:
    assert callback.number_to_dial(number) == dialled


@given(st.text(alphabet="0123456789+*#", max_size=20))
def test_whatever_was_typed_nothing_short_or_abroad_is_dialled(number: str) -> None:
    dialled = callback.number_to_dial(number)
    if dialled is not None:
        assert dialled.isdigit() and 10 <= len(dialled) <= 12 and dialled[:2] != "00"


def at(hour: int, minute: int = 0) -> datetime:
    """A moment of the Shanghai clock."""
    return datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=hour - 8, minutes=minute)


@pytest.mark.parametrize(
    ("moment", "then"),
    [
        (at(8), at(8)),
        (at(20, 59), at(20, 59)),
        (at(21), at(8 + 24)),
        (at(23, 30), at(8 + 24)),
        (at(3), at(8)),
        (at(7, 59), at(8)),
    ],
)
def test_nobody_is_rung_at_night(moment: datetime, then: datetime) -> None:
    assert callback.within_hours(POLICY, moment) == then


def test_three_tries_five_minutes_apart_then_it_is_given_up() -> None:
    one, now = kept(), NINE + timedelta(minutes=2)
    ids = []
    for number in (1, 2, 3):
        assert one.state is State.WAITING
        ids.append(one.line_id)
        one = callback.calling(one, f"800{number}", First.CALLER, now)
        one = callback.missed(one, "busy", POLICY, now + timedelta(seconds=30))
        if number < 3:
            assert one.next_at == now + timedelta(seconds=330)
            now = one.next_at
    assert one.state is State.GIVEN_UP and one.is_over
    assert [t.outcome for t in one.tries] == ["busy"] * 3
    assert [t.call_id for t in one.tries] == ids and len(set(ids)) == 3
    assert one.asked_at == NINE + timedelta(seconds=2)


def test_a_try_late_in_the_evening_is_followed_by_one_in_the_morning() -> None:
    one = callback.calling(kept(), "8001", First.CALLER, at(20, 58))
    assert callback.missed(one, "no_answer", POLICY, at(20, 59)).next_at == at(8 + 24)


def test_a_seat_that_did_not_pick_up_is_passed_over_and_the_try_does_not_count() -> None:
    one = callback.calling(kept(), "8001", First.SEAT, NINE)
    back = callback.withdrawn(one, NINE)
    assert (back.tries, back.tried, back.state) == ((), frozenset({"8001"}), State.WAITING)
    assert back.line_id != one.tries[0].call_id  # a channel had that id


def test_the_ids_of_tries_lead_back_to_their_callback() -> None:
    one = callback.calling(kept(), "8001", First.CALLER, NINE)
    again = msgspec.structs.replace(kept(), of=one.tries[0].call_id, id="wish-cb-1-t-1.1")
    assert callback.callback_of(one.tries[0].call_id) == one.id
    assert callback.callback_of(again.line_id) == again.id
    assert callback.callback_of("1700000000.12") is None


def test_the_caller_is_greeted_and_then_the_seat_that_waits_is_rung() -> None:
    talk = called()
    reached, play = talk.do(ev.Arrived())
    assert reached == cmd.ReportCallback("answered")
    assert isinstance(play, cmd.Play) and play.clips == ("callback_greeting",)
    (ring,) = talk.silent()
    assert isinstance(ring, cmd.Ring)
    assert (ring.seat, ring.who[0]) == ("8001", "who_callback")
    assert talk.call.stage is Stage.RINGING and talk.call.reserved == ""


def test_the_talk_ends_in_the_survey_of_the_flow_he_stood_in_line_with() -> None:
    talk = called()
    talk.do(ev.Arrived())
    talk.silent()
    talk.do(ev.SeatAnswered("8001", talk.now))
    talk.dialled(ANSWER)
    assert talk.call.stage is Stage.SURVEY
    facts = conversation(talk.call)
    assert facts["callback_of"] == "t-1.1"
    assert facts["asked_at"] == facts["arrived_at"] and facts["answered_at"]


def test_a_seat_that_does_not_answer_sends_him_to_the_head_with_his_first_time() -> None:
    talk = called()
    talk.do(ev.Arrived())
    talk.silent()
    join = only(talk.dialled(NO_ANSWER), cmd.JoinLine)
    assert isinstance(join, cmd.JoinLine)
    assert (join.at_head, join.asked_at) == (True, NINE + timedelta(seconds=2))


def test_without_the_seat_he_waits_at_the_head() -> None:
    talk = called(reserved="")
    said = talk.do(ev.Arrived())
    join, play = only(said, cmd.JoinLine), only(said, cmd.Play)
    assert isinstance(join, cmd.JoinLine) and join.at_head
    assert isinstance(play, cmd.Play) and play.clips == ("callback_greeting",)


def test_hanging_up_in_the_greeting_frees_the_seat() -> None:
    talk = called()
    talk.do(ev.Arrived())
    assert cmd.ChangeSeat("8001", "released", "caller_gone") in talk.do(ev.HungUp())


def test_a_greeting_that_cannot_be_said_does_not_hold_up_the_call() -> None:
    talk = called()
    talk.do(ev.Arrived())
    (ring,) = talk.do(ev.PromptFailed(talk.call.serial, "none"))
    assert isinstance(ring, cmd.Ring)


def test_a_controller_that_died_in_the_greeting_gives_the_seat_back() -> None:
    talk = called()
    talk.do(ev.Arrived())
    said = talk.do(ev.Resumed("", None))
    assert said[0] == cmd.ChangeSeat("8001", "released", "withdrawn")
    join = only(said, cmd.JoinLine)
    assert isinstance(join, cmd.JoinLine) and join.at_head


def test_the_seat_first_hears_who_and_then_the_caller_is_rung() -> None:
    talk = called(First.SEAT)
    (ring,) = talk.do(ev.Arrived())
    assert isinstance(ring, cmd.Ring)
    assert cmd.DialCaller() in talk.do(ev.SeatAnswered("8001", talk.now))
    assert talk.do(ev.LineAnswered(talk.now)) == (cmd.ReportCallback("answered"),)
    assert cmd.ReportCallback("answered") not in talk.do(ev.LineAnswered(talk.now))
    talk.dialled(ANSWER)
    assert talk.call.stage is Stage.SURVEY


def test_the_seat_first_a_caller_not_reached_is_no_answered_call() -> None:
    talk = called(First.SEAT)
    talk.do(ev.Arrived())
    talk.do(ev.SeatAnswered("8001", talk.now))
    said = talk.do(ev.HungUp())
    assert cmd.ReportCallback("no_answer") in said
    assert cmd.ChangeSeat("8001", "released") in said
    facts = conversation(talk.call)
    assert (facts["answered_at"], facts["attempts"][0]["outcome"]) == (None, "caller_gone")


def test_the_seat_first_a_lawyer_who_gives_up_ends_the_try() -> None:
    talk = called(First.SEAT)
    talk.do(ev.Arrived())
    talk.do(ev.SeatAnswered("8001", talk.now))
    assert cmd.Finish in kinds(talk.dialled(ANSWER))
    assert cmd.ReportCallback("no_answer") in talk.do(ev.HungUp())


def test_the_seat_first_a_seat_that_does_not_pick_up_rings_nobody() -> None:
    talk = called(First.SEAT)
    talk.do(ev.Arrived())
    said = talk.dialled(NO_ANSWER)
    assert said[0] == cmd.ChangeSeat("8001", "no_answer") and cmd.Finish in kinds(said)
    assert cmd.ReportCallback("withdrawn") in talk.do(ev.HungUp())


HAPPENINGS = st.sampled_from(
    [
        *("spoken", "answered", "rang", "line", "dial answer", "dial no answer", "dial gone"),
        *("resumed", "lost", "offer", "key *", "key 1", "prompt failed", "timer", "overflow"),
    ]
)


def happen(talk: Talk, what: str) -> tuple[cmd.Command, ...]:
    serial, seat = talk.call.serial, talk.call.seat or "8001"
    events: dict[str, ev.Event] = {
        "spoken": ev.Spoken(serial),
        "answered": ev.SeatAnswered(seat, talk.now),
        "rang": ev.SeatRang(seat, talk.now),
        "line": ev.LineAnswered(talk.now),
        "dial answer": ev.DialEnded(serial, ANSWER, False),
        "dial no answer": ev.DialEnded(serial, NO_ANSWER, False),
        "dial gone": ev.DialEnded(serial, NO_ANSWER, True),
        "resumed": ev.Resumed("", None),
        "lost": ev.LineLost(0),
        "offer": ev.SeatOffered("8901", "provincial"),
        "key *": ev.KeyPressed(serial, "*"),
        "key 1": ev.KeyPressed(serial, "1"),
        "prompt failed": ev.PromptFailed(serial, "none"),
        "timer": ev.TimerFired(talk.call.timer),
        "overflow": ev.OverflowDue("callback"),
    }
    return talk.do(events[what], after_s=20)


@given(st.sampled_from(list(First)), st.lists(HAPPENINGS, max_size=25))
def test_whatever_happens_the_try_is_reported_and_the_seat_is_given_back(
    first: First, happened: list[str]
) -> None:
    talk = called(first)
    said = list(talk.do(ev.Arrived()))
    for what in happened:
        said += happen(talk, what)
    said += talk.do(ev.HungUp())
    assert sum(isinstance(c, cmd.ReportCallback) for c in said) == 1
    given_back = [c for c in said if isinstance(c, cmd.ChangeSeat) and c.seat == "8001"]
    assert given_back and given_back[-1].change != "answered"
    assert not talk.call.reserved
