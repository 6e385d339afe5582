"""Talks in which anything happens in any order: the caller is always somewhere."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter import commands as cmd
from callcenter import events as ev
from callcenter.call import Stage, conversation, in_talk
from callcenter.call.table import leg_id
from reports.facts import Conversation
from tests.callcenter.call_in_hand import (
    CLOSED,
    COURT,
    GROUP,
    SEAT,
    SEATS_CHANNEL,
    SUPERVISOR,
    InHand,
    at_a_seat,
)
from tests.callcenter.call_played import ANSWER, NO_ANSWER
from tests.thoroughness import tries

WISHES = st.builds(
    ev.TalkAsked,
    st.sampled_from(sorted(in_talk.WISHES)),
    st.sampled_from(["8001", "8002"]),
    st.sampled_from([None, None, COURT, CLOSED, SEAT, GROUP]),
)
SUPERVISED = st.builds(
    ev.TalkAsked,
    st.sampled_from(["barge", "take_over"]),
    st.sampled_from(["7001", "7001", "7002"]),
    st.just(SUPERVISOR),
)
NEWS = st.sampled_from(
    [
        *("dialled", "not dialled", "room", "seat in", "guest in", "guest gone", "seat gone"),
        *("lost", "back", "timer", "resumed", "offer", "move failed", "picked up"),
        *("beside in", "beside gone", "guest answers"),
    ]
)


def tell(talk: InHand, news: str) -> tuple[cmd.Command, ...]:
    call, now = talk.call, talk.now
    guest = call.table.guest if call.table else 0
    beside = call.table.beside if call.table else 0
    known: dict[str, ev.Event] = {
        "dialled": ev.DialEnded(call.serial, ANSWER, False),
        "not dialled": ev.DialEnded(call.serial, NO_ANSWER, False),
        "room": ev.RoomLeft(call.serial, False),
        "seat in": ev.MemberJoined(SEATS_CHANNEL, now),
        "guest in": ev.MemberJoined(leg_id(call.call_id, guest or 1), now),
        "guest answers": ev.LegAnswered(guest or 1, now),
        "guest gone": ev.LegGone(guest or 1, now, 19),
        "beside in": ev.MemberJoined(leg_id(call.call_id, beside or 1), now),
        "beside gone": ev.LegGone(beside or 1, now, 16),
        "seat gone": ev.SeatGone(call.seat or "8001", now),
        "lost": ev.SeatLost(call.seat or "8001"),
        "back": ev.SeatBack(call.wants or "8001"),
        "timer": ev.TimerFired(call.timer),
        "resumed": ev.Resumed("8001.1", ANSWER),
        "offer": ev.SeatOffered("8002", "municipal", guest),
        "move failed": ev.MoveFailed(),
        "picked up": ev.LineAnswered(now),
    }
    return talk.do(known[news], 0.5)


@settings(max_examples=tries(400), deadline=None)
@given(st.lists(st.one_of(WISHES, SUPERVISED, NEWS), max_size=25), st.booleans())
def test_whatever_happens_the_caller_is_somewhere_and_the_facts_hold(
    happenings: list[ev.TalkAsked | str], is_held_first: bool
) -> None:
    talk = at_a_seat()
    if is_held_first:
        talk.ask("hold")
        talk.parted()
    for one in happenings:
        tell(talk, one) if isinstance(one, str) else talk.do(one, 0.5)
        call, table = talk.call, talk.call.table
        if table is not None:
            assert call.stage is Stage.TALKING
            # with music only while somebody is on the way to him, or he is held by one who is there
            if table.caller == "music":
                assert table.seat != "gone" or table.guest or table.then
            if table.caller == "room":
                assert table.is_in and not table.then
                assert table.seat != "gone" or table.guest
            assert table.guest or not table.beside
            for leg in filter(None, (table.guest, table.beside)):
                assert call.legs[leg - 1].ended_at is None
    talk.now += timedelta(seconds=1)
    talk.do(ev.HungUp())
    facts = conversation(talk.call)
    told = Conversation.model_validate(facts)
    assert all(leg.ended_at and leg.outcome for leg in told.legs)
    assert told.talk_ended_at and told.talk_ended_at <= told.ended_at  # type: ignore[operator]
    for attempt in told.attempts:
        assert attempt.ended_at and attempt.outcome
