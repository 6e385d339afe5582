"""Seats that come into the roster and leave it while callers wait."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from seats.seat import Change, Level, Seat, SeatState
from tests.callcenter.dispatcher_at_work import SEATS, Desk, at_work

NEW = Seat("8002", Level.MUNICIPAL, "220100", frozenset({"labour"}), frozenset({"zh-CN"}), "二席")


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with at_work() as desk:
        yield desk


async def test_a_new_seat_of_a_changed_roster_starts_offline_and_takes_calls(desk: Desk) -> None:
    desk.join("a")
    desk.dispatcher.set_roster((*SEATS, NEW))
    assert desk.state("8002") is SeatState.OFFLINE
    desk.ready("8002")
    assert await desk.settle() == [("a", "8002")]


async def test_a_vanished_free_seat_leaves_at_once_and_comes_back_offline(desk: Desk) -> None:
    desk.ready("8001")
    desk.dispatcher.set_roster(SEATS[1:])
    assert list(desk.dispatcher.roster) == ["8901"]
    desk.join("a")
    desk.ready("8001")  # its phone is still there
    assert await desk.settle() == []
    desk.dispatcher.set_roster(SEATS)
    assert desk.state("8001") is SeatState.OFFLINE
    desk.ready("8001")
    assert await desk.settle() == [("a", "8001")]


async def test_a_vanished_seat_keeps_its_call_and_gets_no_other(desk: Desk) -> None:
    desk.ready("8001")
    desk.join("a")
    assert await desk.settle() == [("a", "8001")]
    desk.dispatcher.set_roster(SEATS[1:])
    assert "8001" in desk.dispatcher.roster
    assert desk.dispatcher.change_seat("8001", Change.RANG, call_id="a")
    assert desk.dispatcher.change_seat("8001", Change.ANSWERED, call_id="a")
    desk.join("b")
    assert desk.dispatcher.change_seat("8001", Change.RELEASED, call_id="a")
    assert list(desk.dispatcher.roster) == ["8901"]
    assert desk.state("8001") is SeatState.OFFLINE
    assert await desk.settle() == []


async def test_a_vanished_seat_that_comes_back_during_its_call_stays(desk: Desk) -> None:
    desk.ready("8001")
    desk.join("a")
    await desk.settle()
    desk.dispatcher.set_roster(SEATS[1:])
    desk.dispatcher.set_roster(SEATS)
    desk.dispatcher.change_seat("8001", Change.RELEASED, call_id="a")
    assert desk.state("8001") is SeatState.READY
    assert set(desk.dispatcher.roster) == {"8001", "8901"}
