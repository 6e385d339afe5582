"""The seat's table of moves: every state with every change, and what a move does to the rest."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seats.moves import IllegalMove, move
from seats.seat import (
    HOLDING_A_CALL,
    PASSING,
    Change,
    SeatState,
    SeatStatus,
    first_status,
    shanghai_day,
)
from seats.status_json import from_json as status_from_json
from seats.status_json import to_json as status_to_json

NOW = datetime(2026, 3, 2, 1, 2, 3, tzinfo=UTC)
LATER = NOW + timedelta(seconds=60)

# Rows: changes; columns: states. "=" same state, "-" illegal.
GRID = """
             offline   not_ready ready     reserved  ringing   talking  held     wrap_up
registered   not_ready =         =         =         =         =        =        =
unregistered =         offline   offline   =         =         =        =        offline
ready        -         ready     =         -         -         -        -        ready
not_ready    -         =         not_ready -         -         -        -        not_ready
reserve      -         -         reserved  -         -         -        -        -
kept         -         -         -         =         -         -        -        -
rang         -         -         -         ringing   =         -        -        -
answered     -         -         -         talking   talking   =        =        -
released     -         -         -         ready     ready     wrap_up  wrap_up  -
no_answer    -         -         -         not_ready not_ready -        -        -
declined     -         -         -         not_ready not_ready -        -        -
unreachable  =         offline   offline   offline   offline   -        -        offline
expired      -         -         -         ready     ready     -        -        ready
seen_talking talking   talking   talking   talking   talking   =        =        talking
held         -         -         -         -         -         held     =        -
retrieved    -         -         -         -         -         =        talking  -
wrapping     -         wrap_up   -         -         -         -        -        -
filed        -         -         -         -         -         -        -        ready
rest_next    -         -         =         =         =         =        =        =
work_on      -         -         =         =         =         =        =        =
forced       =         =         not_ready not_ready not_ready not_ready not_ready not_ready
"""


def _cells() -> list[tuple[SeatState, Change, SeatState | None]]:
    lines = [line.split() for line in GRID.strip().splitlines()]
    states = [SeatState(name) for name in lines[0]]
    cells: list[tuple[SeatState, Change, SeatState | None]] = []
    for name, *row in lines[1:]:
        for state, cell in zip(states, row, strict=True):
            target = state if cell == "=" else None if cell == "-" else SeatState(cell)
            cells.append((state, Change(name), target))
    return cells


def status_in(state: SeatState) -> SeatStatus:
    return SeatStatus(
        number="8001",
        state=state,
        since=NOW,
        version=7,
        reason="lunch" if state is SeatState.NOT_READY else None,
        call_id="A" if state in HOLDING_A_CALL else None,
        lease_until=NOW + timedelta(seconds=20) if state in PASSING else None,
        idle_since=NOW - timedelta(seconds=5),
        is_registered=state is not SeatState.OFFLINE,
    )


def arguments(change: Change) -> dict[str, object]:
    if change is Change.RESERVE:
        return {"call_id": "A", "lease_s": 15.0}
    if change is Change.SEEN_TALKING:
        return {"call_id": "A"}
    if change in (Change.RELEASED, Change.WRAPPING):
        return {"lease_s": 10.0}
    return {"reason": "meeting"} if change is Change.NOT_READY else {}


def test_the_grid_names_every_state_and_every_change() -> None:
    assert len(_cells()) == len(SeatState) * len(Change)
    assert {(s, c) for s, c, _ in _cells()} == {(s, c) for s in SeatState for c in Change}


@pytest.mark.parametrize(("state", "change", "target"), _cells())
def test_each_change_leads_where_the_grid_says(
    state: SeatState, change: Change, target: SeatState | None
) -> None:
    before = status_in(state)
    if target is None:
        with pytest.raises(IllegalMove) as fault:
            move(before, change, LATER, **arguments(change))  # type: ignore[arg-type]
        assert fault.value.status is before and fault.value.change is change
        assert "8001" in str(fault.value)
        return
    after = move(before, change, LATER, **arguments(change))  # type: ignore[arg-type]
    assert after.state is target
    if after is not before:
        assert after.version == 8
    assert after.since == (NOW if target is state else LATER)
    assert (after.lease_until is not None) == (after.state in PASSING)
    assert (after.call_id is not None) == (after.state in HOLDING_A_CALL)


def test_a_change_that_changes_nothing_gives_the_same_object() -> None:
    ready = status_in(SeatState.READY)
    assert move(ready, Change.READY, LATER) is ready
    assert move(ready, Change.REGISTERED, LATER) is ready
    talking = status_in(SeatState.TALKING)
    assert move(talking, Change.SEEN_TALKING, LATER, call_id="A") is talking


def test_a_new_run_begins_with_a_version_above_the_last_run() -> None:
    last = first_status("8001", NOW)
    for change in [Change.REGISTERED, Change.READY, Change.UNREGISTERED] * 10:
        last = move(last, change, LATER)
    assert last.version == first_status("8001", NOW).version + 30
    assert first_status("8001", LATER).version > last.version


def test_reasons_say_why_a_seat_is_not_ready() -> None:
    ringing = status_in(SeatState.RINGING)
    assert move(ringing, Change.NO_ANSWER, LATER).reason == "no_answer"
    assert move(ringing, Change.DECLINED, LATER).reason == "declined"
    assert move(status_in(SeatState.OFFLINE), Change.REGISTERED, LATER).reason == "registered"
    meeting = move(status_in(SeatState.READY), Change.NOT_READY, LATER, reason="meeting")
    assert meeting.reason == "meeting"
    assert move(meeting, Change.REGISTERED, LATER).reason == "meeting"
    assert move(meeting, Change.READY, LATER).reason is None


def test_a_supervisors_release_takes_the_seat_off_its_call_and_says_why() -> None:
    for state in (SeatState.RINGING, SeatState.TALKING, SeatState.HELD, SeatState.WRAP_UP):
        freed = move(status_in(state), Change.FORCED, LATER, reason="stuck")
        assert (freed.state, freed.reason, freed.call_id) == (SeatState.NOT_READY, "stuck", None)
        assert freed.lease_until is None
    assert move(status_in(SeatState.READY), Change.FORCED, LATER).reason == "forced"


def test_a_talk_on_hold_is_one_talk() -> None:
    held = move(status_in(SeatState.TALKING), Change.HELD, LATER, call_id="A")
    again = move(held, Change.RETRIEVED, LATER, call_id="A")
    assert (again.call_id, again.calls) == ("A", status_in(SeatState.TALKING).calls)
    with pytest.raises(IllegalMove, match="about old"):
        move(held, Change.RETRIEVED, LATER, call_id="old")
    with pytest.raises(IllegalMove, match="already talks in A"):
        move(held, Change.SEEN_TALKING, LATER, call_id="B")
    assert move(held, Change.RELEASED, LATER, lease_s=10).idle_since == LATER


def test_reserve_needs_a_call_and_a_lease() -> None:
    ready = status_in(SeatState.READY)
    for call_id, lease_s in [(None, 15.0), ("A", None), ("A", 0.0), ("A", -1.0), ("", 15.0)]:
        with pytest.raises(IllegalMove, match="needs a call"):
            move(ready, Change.RESERVE, NOW, call_id=call_id, lease_s=lease_s)
    reserved = move(ready, Change.RESERVE, NOW, call_id="B", lease_s=15)
    assert reserved.call_id == "B"
    assert reserved.lease_until == NOW + timedelta(seconds=15)


def test_ringing_may_renew_the_lease_or_keep_it() -> None:
    reserved = status_in(SeatState.RESERVED)
    assert move(reserved, Change.RANG, LATER).lease_until == reserved.lease_until
    renewed = move(reserved, Change.RANG, LATER, lease_s=18)
    assert renewed.lease_until == LATER + timedelta(seconds=18)


def test_a_seat_kept_for_its_call_begins_its_lease_anew() -> None:
    reserved = status_in(SeatState.RESERVED)
    kept = move(reserved, Change.KEPT, LATER, call_id="A", lease_s=18)
    assert kept.lease_until == LATER + timedelta(seconds=18)
    assert (kept.state, kept.since) == (SeatState.RESERVED, reserved.since)
    with pytest.raises(IllegalMove, match="about B, seat has A"):
        move(reserved, Change.KEPT, LATER, call_id="B", lease_s=18)


def test_a_late_event_of_an_earlier_call_does_not_move_the_seat() -> None:
    ringing = status_in(SeatState.RINGING)
    for change in [Change.ANSWERED, Change.NO_ANSWER, Change.DECLINED, Change.UNREACHABLE]:
        with pytest.raises(IllegalMove, match="about old, seat has A"):
            move(ringing, change, LATER, call_id="old")
        assert move(ringing, change, LATER, call_id="A").version == 8


def test_a_lease_ends_no_sooner_than_it_says() -> None:
    wrap_up = status_in(SeatState.WRAP_UP)
    assert not wrap_up.lease_is_over(NOW + timedelta(seconds=19.999))
    with pytest.raises(IllegalMove, match="lease not over"):
        move(wrap_up, Change.EXPIRED, NOW + timedelta(seconds=19.999))
    over = NOW + timedelta(seconds=20)
    assert wrap_up.lease_is_over(over)
    assert move(wrap_up, Change.EXPIRED, over).state is SeatState.READY
    assert not status_in(SeatState.TALKING).lease_is_over(NOW + timedelta(days=1))


def test_no_wrap_up_time_means_ready_at_once() -> None:
    talking = status_in(SeatState.TALKING)
    assert move(talking, Change.RELEASED, LATER, lease_s=0).state is SeatState.READY
    assert move(talking, Change.RELEASED, LATER).state is SeatState.READY
    wrap_up = move(talking, Change.RELEASED, LATER, lease_s=10)
    assert wrap_up.lease_until == LATER + timedelta(seconds=10)


def test_time_in_wrap_ups_adds_up_over_the_shanghai_day() -> None:
    wrap_up = move(status_in(SeatState.TALKING), Change.RELEASED, NOW, lease_s=60)
    ready = move(wrap_up, Change.FILED, NOW + timedelta(seconds=12))
    day = shanghai_day(NOW)
    assert (ready.wrap_up_ms_on(day), ready.calls_on(day)) == (12_000, 0)
    assert status_from_json(status_to_json(ready, by="run")) == ready
    again = replace(wrap_up, calls=3, calls_day=day, wrap_up_ms=5_000)
    assert move(again, Change.READY, NOW + timedelta(seconds=7)).wrap_up_ms_on(day) == 12_000
    tomorrow = move(again, Change.READY, NOW + timedelta(days=1))
    assert tomorrow.calls_on(shanghai_day(NOW + timedelta(days=1))) == 0
    assert tomorrow.wrap_up_ms_on(day) == 0


@pytest.mark.parametrize(
    ("state", "change"),
    [
        (SeatState.RESERVED, Change.RELEASED),
        (SeatState.RINGING, Change.EXPIRED),
        (SeatState.TALKING, Change.RELEASED),
        (SeatState.WRAP_UP, Change.EXPIRED),
        (SeatState.WRAP_UP, Change.FILED),
    ],
)
def test_who_wished_to_rest_next_rests_where_it_would_be_ready(
    state: SeatState, change: Change
) -> None:
    wished = move(status_in(state), Change.REST_NEXT, NOW, reason="meal")
    assert (wished.state, wished.since, wished.rest_next) == (state, NOW, "meal")
    assert status_from_json(status_to_json(wished, by="run")) == wished
    after = move(wished, change, LATER)
    assert (after.state, after.reason, after.rest_next) == (SeatState.NOT_READY, "meal", None)


def test_a_wish_to_rest_next_lasts_over_the_wrap_up_and_can_be_taken_back() -> None:
    wished = move(status_in(SeatState.TALKING), Change.REST_NEXT, NOW, reason="meal")
    wraps_up = move(wished, Change.RELEASED, NOW, lease_s=10.0)
    assert (wraps_up.state, wraps_up.rest_next) == (SeatState.WRAP_UP, "meal")
    works_on = move(wraps_up, Change.WORK_ON, NOW)
    assert move(works_on, Change.EXPIRED, LATER).state is SeatState.READY
    ready = move(wraps_up, Change.READY, NOW)  # said by himself, so he means it
    assert (ready.state, ready.rest_next) == (SeatState.READY, None)


def test_a_seat_that_rests_after_its_next_call_is_ready_until_then() -> None:
    wished = move(status_in(SeatState.READY), Change.REST_NEXT, NOW, reason="meal")
    assert move(wished, Change.REGISTERED, LATER).state is SeatState.READY
    taken = move(wished, Change.RESERVE, NOW, call_id="A", lease_s=15.0)
    assert move(taken, Change.RELEASED, LATER).state is SeatState.NOT_READY


def test_idle_counts_from_the_end_of_the_talk_not_of_the_wrap_up() -> None:
    wrap_up = move(status_in(SeatState.TALKING), Change.RELEASED, NOW, lease_s=10)
    ready = move(wrap_up, Change.EXPIRED, LATER)
    assert ready.idle_since == NOW
    by_hand = move(wrap_up, Change.READY, LATER)
    assert by_hand.idle_since == NOW


def test_idle_counts_from_being_made_ready_and_survives_an_offer_withdrawn() -> None:
    ready = move(status_in(SeatState.NOT_READY), Change.READY, LATER)
    assert ready.idle_since == LATER
    reserved = move(ready, Change.RESERVE, LATER, call_id="B", lease_s=15)
    much_later = LATER + timedelta(hours=1)
    assert move(reserved, Change.RELEASED, much_later, call_id="B").idle_since == LATER
    assert move(reserved, Change.EXPIRED, much_later).idle_since == LATER


def test_a_phone_lost_under_a_call_goes_offline_when_the_call_is_over() -> None:
    talking = move(status_in(SeatState.TALKING), Change.UNREGISTERED, NOW)
    assert talking.state is SeatState.TALKING and talking.call_id == "A"
    assert move(talking, Change.RELEASED, LATER, lease_s=10).state is SeatState.OFFLINE
    back = move(talking, Change.REGISTERED, NOW)
    assert move(back, Change.RELEASED, LATER, lease_s=10).state is SeatState.WRAP_UP
    reserved = move(status_in(SeatState.RESERVED), Change.UNREGISTERED, NOW)
    assert move(reserved, Change.EXPIRED, LATER).state is SeatState.OFFLINE
    ringing = move(status_in(SeatState.RINGING), Change.UNREGISTERED, NOW)
    lost = move(ringing, Change.NO_ANSWER, LATER)
    assert (lost.state, lost.reason, lost.lease_until) == (SeatState.OFFLINE, None, None)


def test_a_talk_of_the_fallback_queue_is_taken_over_but_never_replaces_a_talk() -> None:
    talking = move(status_in(SeatState.READY), Change.SEEN_TALKING, LATER, call_id="Q")
    assert talking.call_id == "Q"
    with pytest.raises(IllegalMove, match="already talks in Q"):
        move(talking, Change.SEEN_TALKING, LATER, call_id="R")
    with pytest.raises(IllegalMove, match="needs a call"):
        move(status_in(SeatState.READY), Change.SEEN_TALKING, LATER)
    ringing = status_in(SeatState.RINGING)
    taken = move(ringing, Change.SEEN_TALKING, LATER, call_id="Q")
    assert (taken.call_id, taken.lease_until) == ("Q", None)


CHANGES = st.tuples(
    st.sampled_from(Change),
    st.sampled_from([None, "A", "B", "C"]),
    st.sampled_from([None, 0.0, 5.0, 15.0]),
    st.integers(0, 30),
)


@settings(deadline=None)
@given(st.lists(CHANGES, max_size=60))
def test_whatever_happens_a_seat_has_one_call_and_every_lease_ends(
    changes: list[tuple[Change, str | None, float | None, int]],
) -> None:
    now = NOW
    status = first_status("8001", now)
    for change, call_id, lease_s, passed_s in changes:
        now += timedelta(seconds=passed_s)
        before = dataclasses.replace(status)
        try:
            after = move(status, change, now, call_id=call_id, reason="why", lease_s=lease_s)
        except IllegalMove:
            assert status == before
            continue
        assert status == before
        assert (after.call_id is not None) == (after.state in HOLDING_A_CALL)
        assert (after.lease_until is not None) == (after.state in PASSING)
        assert (after.reason is not None) == (after.state is SeatState.NOT_READY)
        assert after.version == status.version + (after is not status)
        if after.state in {SeatState.READY, SeatState.NOT_READY, SeatState.WRAP_UP}:
            assert after.is_registered
        if after.state is SeatState.READY:
            assert after.idle_since is not None
        both = status.call_id and after.call_id and status.call_id != after.call_id
        assert not both or change is Change.SEEN_TALKING
        status = after
        if status.lease_until is not None:
            ended = move(status, Change.EXPIRED, status.lease_until)
            assert ended.state not in PASSING and ended.call_id is None
