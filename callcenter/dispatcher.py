"""The waiting line and the seats' live states: who is next is asked of `seats.routing`, here it
happens.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

import structlog

from callcenter.commands import JoinLine
from callcenter.events import SeatOffered
from seats import routing
from seats.board import Board
from seats.routing import Policy, Waiting
from seats.seat import (
    HOLDING_A_CALL,
    Change,
    IllegalMove,
    Seat,
    SeatStatus,
    first_status,
    move,
)

log = structlog.get_logger()

SPARE_S = 10  # how much longer than the phone rings a reservation lives: then its owner is dead


class Dispatcher:
    """One per controller. `offer(call_id, event)` hands a reserved seat to its call."""

    def __init__(
        self,
        roster: Iterable[Seat],
        board: Board,
        *,
        clock: Callable[[], datetime],
        offer: Callable[[str, SeatOffered], None],
        ring_s: int,
        wrap_up_s: int,
        policy: Policy = routing.DEFAULT,
    ) -> None:
        """`restore` must be awaited before anything else."""
        self.roster = {seat.number: seat for seat in roster}
        self.line: dict[str, Waiting] = {}
        self._leaving: set[str] = set()
        self.refused_moves = 0
        self.expired_leases = 0
        self._board = board
        self._clock = clock
        self._offer = offer
        self._ring_s = ring_s
        self._wrap_up_s = wrap_up_s
        self._policy = policy
        self._changed = asyncio.Event()

    async def restore(self) -> None:
        """Take over the seats' states from an earlier run; one that is new starts offline."""
        await self._board.load_seats()
        self._greet_new_seats()

    def _greet_new_seats(self) -> None:
        for number in self.roster:
            if number not in self.statuses:
                self._board.save_seat(first_status(number, self._clock()))

    def set_roster(self, roster: Iterable[Seat]) -> None:
        """Take up a changed roster: a new seat starts offline, a vanished one leaves when free.

        A vanished seat gets no call any more; a call that is at it goes on.
        """
        wanted = {seat.number: seat for seat in roster}
        self._leaving = self.roster.keys() - wanted.keys()
        self.roster = {**wanted, **{number: self.roster[number] for number in self._leaving}}
        self._greet_new_seats()
        for number in tuple(self._leaving):
            self._let_go_if_free(number)
        self._changed.set()

    def _let_go_if_free(self, number: str) -> None:
        if self.statuses[number].state in HOLDING_A_CALL:
            return
        self._leaving.discard(number)
        self.change_seat(number, Change.UNREGISTERED)
        del self.roster[number]

    @property
    def statuses(self) -> Mapping[str, SeatStatus]:
        """Every seat's state now, by number."""
        return self._board.seats

    def join(self, call_id: str, wish: JoinLine) -> None:
        """Put a caller in line; one who stands in it already is only moved."""
        self.line[call_id] = Waiting(
            call_id=call_id,
            group=wish.group,
            city=wish.city,
            language=wish.language,
            asked_at=wish.asked_at,
            priority=wish.head_start_s,
            tried=wish.tried,
            at_head=wish.at_head,
            sticky=wish.sticky,
            overflowed=wish.overflowed,
            wants=wish.wants,
            wants_since=self._clock() if wish.wants else None,
        )
        self._changed.set()

    def leave(self, call_id: str) -> None:
        """Take a caller out of the line, if he stands in it."""
        self.line.pop(call_id, None)

    def ahead(self, call_id: str) -> int | None:
        """Callers of the same group before this one; None when not in line."""
        return routing.position(self.line.values(), call_id) if call_id in self.line else None

    def change_seat(
        self, number: str, change: Change, *, call_id: str | None = None, reason: str | None = None
    ) -> bool:
        """Move a seat of the roster; False when the move does not fit (logged and counted)."""
        status = self.statuses.get(number)
        if status is None or number not in self.roster:
            return False
        lease_s = self._lease_s(change)
        try:
            moved = move(
                status, change, self._clock(), call_id=call_id, reason=reason, lease_s=lease_s
            )
        except IllegalMove as refused:
            self.refused_moves += 1
            log.info("seat move refused", seat=number, why=str(refused))
            return False
        if moved is not status:
            self._board.save_seat(moved)
            self._changed.set()
        if number in self._leaving:
            self._let_go_if_free(number)
        return True

    def _lease_s(self, change: Change) -> float | None:
        if change is Change.RELEASED:
            return self._wrap_up_s
        return self._ring_s + SPARE_S if change in (Change.RESERVE, Change.RANG) else None

    def sweep(self) -> None:
        """End every passing state whose lease is over, and match once more.

        Another controller on the same Redis may have freed a seat: nobody tells us of that.
        """
        now = self._clock()
        self._changed.set()
        for status in tuple(self.statuses.values()):
            if status.lease_is_over(now) and self.change_seat(status.number, Change.EXPIRED):
                self.expired_leases += 1

    async def run(self) -> None:
        """Match callers and seats whenever either changes, forever."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self._match()
            except Exception:
                # The next change, or the next sweep, matches again.
                log.exception("matching callers and seats failed")

    async def _match(self) -> None:
        staying = [seat for number, seat in self.roster.items() if number not in self._leaving]
        pairs = routing.assign(
            self.line.values(), staying, self.statuses, self._clock(), self._policy
        )
        for pair in pairs:
            caller = self.line.get(pair.call_id)
            status = self.statuses[pair.seat]
            if caller is None:
                continue
            lease_s = self._ring_s + SPARE_S
            if not await self._board.reserve(pair.seat, pair.call_id, status.version, lease_s):
                self._changed.set()
                continue
            self._reserved(pair.call_id, pair.seat, caller)

    def _reserved(self, call_id: str, number: str, caller: Waiting) -> None:
        if self.line.get(call_id) is not caller:  # left while Redis was asked
            self.change_seat(number, Change.RELEASED, call_id=call_id)
            return
        self.leave(call_id)
        self._offer(call_id, SeatOffered(number, str(self.roster[number].level)))
