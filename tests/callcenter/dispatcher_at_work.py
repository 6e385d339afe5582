"""A dispatcher on a board in memory, for tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from callcenter.commands import JoinLine
from callcenter.dispatcher import Dispatcher
from callcenter.events import OverflowDue, SeatOffered
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
        self.board = Board(None, clock=lambda: self.now)
        self.dispatcher = Dispatcher(
            SEATS,
            self.board,
            clock=lambda: self.now,
            offer=self._offered,
            ring_s=15,
            wrap_up_s=wrap_up_s,
        )

    def _offered(self, call_id: str, event: SeatOffered | OverflowDue) -> None:
        what = event.seat if isinstance(event, SeatOffered) else event.key
        self.offers.append((call_id, what))

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


@asynccontextmanager
async def at_work() -> AsyncIterator[Desk]:
    """Until the test is over."""
    desk = Desk()
    await desk.dispatcher.restore()
    task = asyncio.create_task(desk.dispatcher.run())
    yield desk
    task.cancel()
