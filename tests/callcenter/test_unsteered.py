"""Calls in the fallback queue, as far as Asterisk tells of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from callcenter.asterisk import heard
from callcenter.asterisk.recover import Channel, Snapshot, sight
from callcenter.call import Call, Stage
from callcenter.call.call_out import MARK
from callcenter.unsteered import Unsteered

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
JOINED = heard.FallbackJoined("c-1", "043155500123", NOW)
PICKED_UP = heard.SeatPickedUp("c-1", "8901", NOW)
GONE = heard.ChannelGone("c-1", "PJSIP/demo-00000001", NOW)
CALLER = Channel(
    *("c-1", "PJSIP/demo-00000001", "c-1", False), fallback="Queue", caller="043155500123", up_s=40
)
CONNECTED = NOW - timedelta(seconds=7)
SEAT = Channel("c-1.2", "PJSIP/8901@phone-00000002", "c-1", is_talking=True)


@pytest.fixture
def unsteered() -> Unsteered:
    return Unsteered(lambda: NOW)


def compare(unsteered: Unsteered, *channels: Channel) -> None:
    seen = {"main": Snapshot({one.unique_id: one for one in channels}, frozenset())}
    unsteered.compare(seen, is_seen=sight(seen, ["main"]), picked_up_at=lambda call_id: CONNECTED)


def states(unsteered: Unsteered) -> list[tuple[str, Stage, str | None]]:
    return [(one.call_id, one.stage, one.seat) for one in unsteered.calls.values()]


def test_a_caller_waits_talks_and_goes_as_it_happens(unsteered: Unsteered) -> None:
    seen: list[tuple[Stage | None, Stage]] = []
    gone: list[Call] = []
    unsteered.watchers.append(
        lambda before, after: seen.append((before.stage if before else None, after.stage))
    )
    unsteered.leavers.append(gone.append)
    for news in (JOINED, JOINED, PICKED_UP, heard.FallbackLeft("c-1"), PICKED_UP):
        unsteered.hear(news)
    assert states(unsteered) == [("c-1", Stage.TALKING, "8901")]
    assert seen == [(None, Stage.QUEUE), (Stage.QUEUE, Stage.TALKING)]
    call = unsteered.calls["c-1"]
    assert (call.caller, call.city, call.group) == ("+8643155500123", "220100", "general")
    unsteered.hear(GONE)
    assert (gone, unsteered.calls) == ([call], {})


def test_who_leaves_the_line_unheard_is_asked_for_a_message(unsteered: Unsteered) -> None:
    unsteered.hear(JOINED)
    unsteered.hear(heard.FallbackLeft("c-1"))
    assert states(unsteered) == [("c-1", Stage.RECORDING, None)]


def test_a_snapshot_tells_what_nobody_heard(unsteered: Unsteered) -> None:
    compare(unsteered, CALLER)
    assert states(unsteered) == [("c-1", Stage.QUEUE, None)]
    assert unsteered.calls["c-1"].arrived_at == NOW - timedelta(seconds=40)
    compare(unsteered, CALLER, SEAT)
    assert states(unsteered) == [("c-1", Stage.TALKING, "8901")]
    assert unsteered.calls["c-1"].answered_at == CONNECTED
    compare(unsteered)
    assert unsteered.calls == {}


def test_a_snapshot_finds_who_speaks_a_message(unsteered: Unsteered) -> None:
    compare(unsteered, Channel("c-1", "PJSIP/demo-01", "c-1", False, fallback="Record"))
    assert states(unsteered) == [("c-1", Stage.RECORDING, None)]


def test_calls_that_are_steered_and_a_lawyers_own_are_none_of_these(unsteered: Unsteered) -> None:
    compare(unsteered, Channel("c-2", "PJSIP/demo-02", "c-2", is_talking=True), SEAT)
    unsteered.hear(heard.FallbackJoined(f"main{MARK}8001-1", "043155500123", NOW))
    unsteered.hear(heard.SeatPickedUp("c-3", "8001", NOW))
    assert unsteered.calls == {}


def test_nothing_is_said_of_a_node_that_could_not_be_asked(unsteered: Unsteered) -> None:
    unsteered.hear(heard.FallbackJoined("b-1.1", "043155500123", NOW))
    seen = {"a": Snapshot({}, frozenset())}
    unsteered.compare(seen, is_seen=sight(seen, ["a", "b"]))
    assert list(unsteered.calls) == ["b-1.1"]
