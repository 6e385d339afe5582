"""Asterisk's state held against ours: what is found, and what is left alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from callcenter.asterisk.recover import (
    CallGone,
    Channel,
    Idle,
    PhoneChanged,
    PickedUp,
    Snapshot,
    Talks,
    differences,
)
from seats.seat import SeatState, SeatStatus

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(minutes=1)
IDLE = SeatStatus("8001", SeatState.READY, LONG_AGO, 1, is_registered=True)
IN_CALL = replace(IDLE, state=SeatState.TALKING, call_id="c1")
CALLER = Channel("c1", "PJSIP/demo-00000001", "c1", is_talking=True)
SEAT = Channel("c1.2", "PJSIP/8001@phone-00000002", "c1", is_talking=True)


def seen(*channels: Channel, phones: tuple[str, ...] = ("8001",)) -> Snapshot:
    return Snapshot({channel.unique_id: channel for channel in channels}, frozenset(phones))


def found(
    snapshot: Snapshot, status: SeatStatus, calls: dict[str, str | None]
) -> tuple[object, ...]:
    return differences({"main": snapshot}, calls=calls, statuses=[status], now=NOW, nodes=["main"])


def test_nothing_is_found_where_both_agree() -> None:
    assert found(seen(), IDLE, {}) == ()
    assert found(seen(CALLER, SEAT), IN_CALL, {"c1": "8001"}) == ()


def test_a_call_without_a_channel_is_gone() -> None:
    assert found(seen(), IDLE, {"c1": None}) == (CallGone("c1"),)


def test_a_phone_that_came_or_went_unheard() -> None:
    assert found(seen(phones=()), IDLE, {}) == (PhoneChanged("8001", False, ""),)
    unheard = replace(IDLE, state=SeatState.OFFLINE, is_registered=False)
    assert found(seen(), unheard, {}) == (PhoneChanged("8001", True, "main"),)


def test_a_seat_that_talks_in_its_call_was_picked_up() -> None:
    ringing = replace(IDLE, state=SeatState.RINGING, call_id="c1")
    assert found(seen(CALLER, SEAT), ringing, {"c1": "8001"}) == (PickedUp("c1", "8001"),)


def test_a_seat_that_talks_in_a_call_of_the_fallback_queue_is_busy() -> None:
    assert found(seen(CALLER, SEAT), IDLE, {}) == (Talks("c1", "8001"),)


def test_a_seat_left_in_a_talk_that_is_over_is_idle() -> None:
    assert found(seen(), IN_CALL, {}) == (Idle("8001"),)


def test_a_state_that_is_only_just_made_is_left_alone() -> None:
    young = replace(IN_CALL, since=NOW - timedelta(seconds=1))
    assert found(seen(), young, {}) == ()
