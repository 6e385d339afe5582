"""A lawyer calls somebody from his desk: whom he may, and how that call goes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callcenter import commands as cmd
from callcenter import events as ev
from callcenter.call import Stage, call_out, conversation
from callcenter.call.state import CallOut
from reports.facts import Conversation
from reports.metrics import tally
from reports.rows import CHILDREN, child_rows, conversation_row, to_conversations
from reports.tables import overflow
from tests.callcenter.call_in_hand import InHand
from tests.callcenter.call_played import ANSWER, NO_ANSWER, Talk, kinds, only


@pytest.mark.parametrize(
    ("wanted", "dialled"),
    [
        ("13904310000", "13904310000"),
        ("+8613904310000", "13904310000"),
        ("04315550123", "04315550123"),
        *((number, number) for number in ("110", "120", "12348", "12368", "95588", "10000")),
        *((number, None) for number in ("", "0", "11", "0014155550100", "13904", "abc", "1", "99")),
    ],
)
def test_whom_a_desk_may_call(wanted: str, dialled: str | None) -> None:
    assert call_out.number_of(wanted) == dialled


def rung(seat: str = "8001") -> InHand:
    """The seat's own telephone rings for the call that its lawyer asked for."""
    talk = InHand()
    talk.call = call_out.new_call(
        f"main{call_out.MARK}1",
        CallOut(seat="8001", by="wang", number="13904310000", reason="回电"),
        caller="+8613904310000",
        city="220100",
        city_source="mobile_hint",
        group="family",
        trunk="demo",
        recording="/r/out",
        arrived_at=talk.now,
        reserved=seat,
        level="municipal",
    )
    talk.do(ev.Arrived())
    return talk


def reached() -> InHand:
    talk = rung()
    talk.do(ev.SeatAnswered("8001", talk.now))
    talk.do(ev.LineAnswered(talk.now))
    return talk


def facts(talk: Talk) -> Conversation:
    return Conversation.model_validate(conversation(talk.call))


def test_the_seat_is_rung_without_a_word_and_then_whoever_is_called() -> None:
    talk = rung()
    ring = only(talk.said, cmd.Ring)
    assert isinstance(ring, cmd.Ring)
    assert (ring.seat, ring.who, ring.greeting, ring.is_back) == ("8001", (), (), False)
    assert cmd.DialCaller in kinds(talk.do(ev.SeatAnswered("8001", talk.now)))
    at = talk.now
    talk.do(ev.LineAnswered(at))
    assert talk.call.out and talk.call.out.reached_at == at
    assert kinds(talk.dialled(ANSWER)) == [cmd.ChangeSeat, cmd.Finish]  # no survey, no menu
    talk.do(ev.HungUp())
    told = facts(talk)
    assert told.call_out and told.call_out.reached_at and told.survey is None
    assert (told.talk_ended_by, told.ended_by) == ("seat", "system")
    assert tally(told) is None  # it is in no rate


def test_facts_of_a_call_out_come_back_whole_from_the_database() -> None:
    talk = reached()
    talk.do(ev.HungUp())
    told = facts(talk)
    rows = child_rows([told])
    (again,) = to_conversations(
        [conversation_row(told)], {table: rows.get(table, []) for table in (*CHILDREN, overflow)}
    )
    assert again.call_out == told.call_out and again.is_ours


def test_who_does_not_pick_up_was_not_talked_with() -> None:
    talk = rung()
    talk.do(ev.SeatAnswered("8001", talk.now))
    talk.do(ev.HungUp())
    told = facts(talk)
    assert told.answered_at is None and told.call_out and told.call_out.reached_at is None
    assert not talk.call.has_given_up


@pytest.mark.parametrize("seat", ["8001", ""])
def test_a_seat_that_does_not_answer_ends_it(seat: str) -> None:
    talk = rung(seat)
    said = talk.dialled(NO_ANSWER) if seat else talk.said
    assert cmd.Finish in kinds(said) and cmd.JoinLine not in kinds(said)
    talk.do(ev.HungUp())
    assert not talk.call.has_given_up


def test_who_was_called_may_be_handed_on_and_does_not_lose_a_lawyer_who_is_cut_off() -> None:
    talk = reached()
    talk.do(ev.SeatLost("8001"))
    talk.dialled(ANSWER)
    join = only(talk.do(ev.SeatBack("8001")), cmd.JoinLine)
    assert isinstance(join, cmd.JoinLine) and (join.wants, join.at_head) == ("8001", True)
    talk.do(ev.SeatOffered("8001", "municipal"))
    ring = only(talk.said, cmd.Ring)
    assert isinstance(ring, cmd.Ring) and ring.is_back
    talk.do(ev.SeatAnswered("8001", talk.now))
    assert talk.call.stage is Stage.TALKING
    talk.now += timedelta(seconds=5)
    assert cmd.MoveSeat in talk.ask("hold")


def test_a_controller_that_takes_it_up_ends_what_it_cannot_go_on_with() -> None:
    talk = reached()
    assert cmd.Finish in kinds(talk.do(ev.Resumed("8001.1", ANSWER)))
    talk = rung("")
    assert cmd.Finish in kinds(talk.do(ev.Resumed("", None)))
