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


HERE_AND_THERE = ["a", "b"]
REMOTE = Channel("a-1.2", "PJSIP/8001@b-00000002", "a-1.1", is_talking=True)
RINGER = Channel("a-1.1", "PJSIP/demo-00000001", "a-1.1", is_talking=True)
FROM_A = Channel("b-7.1", "PJSIP/node-a-00000001", "", is_talking=True)
PHONE_AT_B = Channel("b-7.2", "PJSIP/8001@phone-00000001", "", is_talking=True)


def found_at(
    snapshots: dict[str, Snapshot], status: SeatStatus, calls: dict[str, str | None]
) -> tuple[object, ...]:
    return differences(snapshots, calls=calls, statuses=[status], now=NOW, nodes=HERE_AND_THERE)


AT_B = replace(IDLE, node="b")


def test_a_talk_over_two_nodes_is_one_talk_in_the_callers_call() -> None:
    both = {"a": seen(RINGER, REMOTE, phones=()), "b": seen(FROM_A, PHONE_AT_B)}
    talking = replace(AT_B, state=SeatState.TALKING, call_id="a-1.1")
    assert found_at(both, talking, {"a-1.1": "8001"}) == ()
    ringing = replace(talking, state=SeatState.RINGING)
    assert found_at(both, ringing, {"a-1.1": "8001"}) == (PickedUp("a-1.1", "8001"),)
    # Its controller is another: this one only knows that the seat talks.
    assert found_at(both, ringing, {}) == (Talks("a-1.1", "8001"),)


def test_nothing_is_concluded_of_a_node_that_cannot_be_asked() -> None:
    only_b = {"b": seen(phones=())}
    talking = replace(IDLE, node="a", state=SeatState.TALKING, call_id="a-1.1")
    assert found_at(only_b, talking, {"a-1.1": "8001"}) == ()
    assert found_at({"a": seen(), **only_b}, talking, {}) == (Idle("8001"),)
    # A call of ours whose id tells no node is gone only when all nodes say so.
    assert found_at(only_b, replace(IDLE, node="a"), {"earlier-1.1": None}) == ()
    assert found_at({"a": seen(), **only_b}, replace(IDLE, node="a"), {"earlier-1.1": None}) == (
        CallGone("earlier-1.1"),
    )


def test_a_phone_that_moved_to_another_node_is_found_there() -> None:
    moved = {"a": seen(phones=()), "b": seen()}
    assert found_at(moved, replace(IDLE, node="a"), {}) == (PhoneChanged("8001", True, "b"),)
    assert found_at(moved, AT_B, {}) == ()
    both = {"a": seen(), "b": seen()}
    assert found_at(both, AT_B, {}) == ()  # the old registration lasts for a while
    gone = {"a": seen(phones=()), "b": seen(phones=())}
    assert found_at(gone, AT_B, {}) == (PhoneChanged("8001", False, "b"),)
