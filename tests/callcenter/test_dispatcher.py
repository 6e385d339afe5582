"""Callers and seats brought together, on a board in memory."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from callcenter.commands import JoinLine
from callcenter.dispatcher import Dispatcher
from callcenter.events import SeatOffered
from seats.board import Board
from seats.seat import Change, Level, Seat, SeatState

NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SEATS = (
    Seat("8001", Level.MUNICIPAL, "220100", frozenset({"labour"}), frozenset({"zh-CN"}), "一席"),
    Seat("8901", Level.PROVINCIAL, None, frozenset({"labour"}), frozenset({"zh-CN"}), "省一席"),
)


class Desk:
    """A dispatcher at work, a clock to turn, and what was offered."""

    def __init__(self, *, wrap_up_s: int = 10) -> None:
        self.now = NINE + timedelta(seconds=60)
        self.offers: list[tuple[str, str]] = []
        self.dispatcher = Dispatcher(
            SEATS,
            Board(None, clock=lambda: self.now),
            clock=lambda: self.now,
            offer=self._offered,
            ring_s=15,
            wrap_up_s=wrap_up_s,
        )

    def _offered(self, call_id: str, event: SeatOffered) -> None:
        self.offers.append((call_id, event.seat))

    async def settle(self) -> list[tuple[str, str]]:
        """Let it match, and hand out what was offered since the last look."""
        await asyncio.sleep(0.02)
        offers, self.offers[:] = list(self.offers), []
        return offers

    def ready(self, number: str) -> None:
        self.dispatcher.change_seat(number, Change.REGISTERED)
        self.dispatcher.change_seat(number, Change.READY)

    def join(
        self, call_id: str, *, at_head: bool = False, after_s: float = 0, **more: object
    ) -> None:
        wish = {
            "group": "labour",
            "city": "220100",
            "language": "zh-CN",
            "asked_at": NINE + timedelta(seconds=after_s),
            "tried": frozenset(),
        }
        self.dispatcher.join(call_id, JoinLine(**{**wish, **more}, at_head=at_head))  # type: ignore[arg-type]

    def state(self, number: str) -> SeatState:
        return self.dispatcher.statuses[number].state


@pytest.fixture
async def desk():  # type: ignore[no-untyped-def]
    desk = Desk()
    await desk.dispatcher.restore()
    task = asyncio.create_task(desk.dispatcher.run())
    yield desk
    task.cancel()


async def test_whom_the_law_has_served_first_is_but_not_before_who_waited_much_longer(
    desk: Desk,
) -> None:
    desk.join("long", after_s=-301)
    desk.join("short", after_s=-299)
    desk.join("special", head_start_s=300.0)
    order = []
    for _ in range(3):
        desk.ready("8901")
        ((call_id, seat),) = await desk.settle()
        order.append(call_id)
        desk.dispatcher.leave(call_id)
        desk.dispatcher.change_seat(seat, Change.RELEASED, call_id=call_id)
    assert order == ["long", "special", "short"]


async def test_a_caller_gets_the_seat_of_his_city_first(desk: Desk) -> None:
    desk.ready("8901")
    desk.ready("8001")
    desk.join("a")
    desk.join("b", after_s=1)
    assert await desk.settle() == [("a", "8001"), ("b", "8901")]
    assert desk.dispatcher.line == {}
    assert desk.state("8001") is SeatState.RESERVED


async def test_a_seat_that_becomes_ready_is_offered_to_who_waits_longest(desk: Desk) -> None:
    desk.join("late", after_s=5)
    desk.join("early")
    assert await desk.settle() == []
    desk.ready("8901")
    assert await desk.settle() == [("early", "8901")]
    assert desk.dispatcher.ahead("late") == 0


async def test_who_came_back_from_a_seat_goes_first_and_not_to_that_seat(desk: Desk) -> None:
    desk.join("early")
    desk.join("back", after_s=5, at_head=True, tried=frozenset({"8001"}))
    assert desk.dispatcher.ahead("early") == 1
    desk.ready("8001")
    assert await desk.settle() == [("early", "8001")]
    desk.ready("8901")
    assert await desk.settle() == [("back", "8901")]


async def test_a_caller_who_left_is_not_offered(desk: Desk) -> None:
    desk.join("a")
    desk.dispatcher.leave("a")
    desk.ready("8001")
    assert await desk.settle() == []
    assert desk.state("8001") is SeatState.READY


async def test_a_reservation_nobody_carries_out_ends_with_its_lease(desk: Desk) -> None:
    desk.ready("8001")
    desk.join("a")
    await desk.settle()
    desk.now += timedelta(seconds=26)
    desk.dispatcher.sweep()
    assert desk.state("8001") is SeatState.READY
    assert desk.dispatcher.expired_leases == 1


async def test_wrap_up_ends_by_itself(desk: Desk) -> None:
    desk.ready("8001")
    desk.join("a")
    await desk.settle()
    for change in (Change.RANG, Change.ANSWERED, Change.RELEASED):
        assert desk.dispatcher.change_seat("8001", change, call_id="a")
    assert desk.state("8001") is SeatState.WRAP_UP
    desk.now += timedelta(seconds=11)
    desk.dispatcher.sweep()
    assert desk.state("8001") is SeatState.READY


async def test_a_late_word_of_another_call_moves_no_seat(desk: Desk) -> None:
    desk.ready("8001")
    desk.join("a")
    await desk.settle()
    assert not desk.dispatcher.change_seat("8001", Change.RELEASED, call_id="other")
    assert desk.dispatcher.refused_moves == 1
    assert desk.state("8001") is SeatState.RESERVED
    assert not desk.dispatcher.change_seat("9999", Change.READY)


NEW = Seat("8002", Level.MUNICIPAL, "220100", frozenset({"labour"}), frozenset({"zh-CN"}), "二席")


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
