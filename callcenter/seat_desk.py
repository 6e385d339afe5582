"""The seats' live states: the roster, the moves, the leases and the shifts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

import structlog

from callcenter.call.away import LOST
from seats.board import Board
from seats.moves import IllegalMove, move
from seats.seat import HOLDING_A_CALL, Change, Seat, SeatState, SeatStatus, first_status
from seats.shift import KindOf, on_shift

log = structlog.get_logger()

OFFERED = frozenset({SeatState.RESERVED, SeatState.RINGING})
RUNG_OUT = timedelta(seconds=3)  # before its end a lease has outlived the ringing, by SPARE_S - 3
SPARE_S = 10  # how much longer than the phone rings a reservation lives: then its owner is dead


class SeatDesk(ABC):
    """The seats of the roster on the board. Whoever sends them calls is told of every change."""

    def __init__(
        self,
        roster: Iterable[Seat],
        board: Board,
        *,
        clock: Callable[[], datetime],
        ring_s: int,
        wrap_up_s: int,
        kind_of: KindOf | None = None,
    ) -> None:
        """`kind_of`: what a day is to the shifts (`Calendar.kind`)."""
        self.roster = {seat.number: seat for seat in roster}
        self.out_of_reach: Callable[[SeatStatus], bool] = lambda _: False
        """Seats that this controller must not offer calls to now."""
        self.was_picked_up: Callable[[str, str], bool] = lambda call_id, number: False
        """Asked when a telephone has rung its time: whether it was picked up unheard, and the call
        has been told so now."""
        self.off_shift: frozenset[str] = frozenset()
        self.refused_moves = 0
        self.expired_leases = 0
        self._leaving: set[str] = set()
        self._board = board
        self._clock = clock
        self._ring_s = ring_s
        self._wrap_up_s = wrap_up_s
        self._kind_of = kind_of
        board.on_seat = self.seat_is

    @abstractmethod
    def seat_is(self, status: SeatStatus) -> None:
        """A seat's newest state, whoever moved it."""

    @abstractmethod
    def _roster_is(self, seats: Iterable[Seat]) -> None:
        """These seats take calls from now on."""

    @abstractmethod
    def _may_not_ring(self, numbers: frozenset[str]) -> None:
        """These and no others get no call now, whatever their state is."""

    @abstractmethod
    def _moved(self, call_id: str, change: Change) -> None:
        """A seat has moved; `call_id`: the call that it was about, or empty."""

    async def restore(self) -> None:
        """Take over the seats' states from an earlier run; one that is new starts offline."""
        await self._board.load_seats()
        self._greet_new_seats()
        for status in self.statuses.values():
            self.seat_is(status)
        self.watch_shifts()

    @property
    def statuses(self) -> Mapping[str, SeatStatus]:
        """Every seat's state now, by number."""
        return self._board.seats

    def _greet_new_seats(self) -> None:
        for number in self.roster:
            if number not in self.statuses:
                self._save(first_status(number, self._clock()))

    def _save(self, status: SeatStatus) -> None:
        self._board.save_seat(status)
        self.seat_is(self.statuses[status.number])

    def set_roster(self, roster: Iterable[Seat]) -> None:
        """Take up a changed roster: a new seat starts offline, a vanished one leaves when free.

        A vanished seat gets no call any more; a call that is at it goes on.
        """
        wanted = {seat.number: seat for seat in roster}
        self._leaving = self.roster.keys() - wanted.keys()
        self.roster = {**wanted, **{number: self.roster[number] for number in self._leaving}}
        self._greet_new_seats()
        self._roster_is(wanted.values())
        self.watch_shifts()
        for number in tuple(self._leaving):
            self._let_go_if_free(number)

    def watch_shifts(self) -> None:
        """See which seats are on their shift now."""
        now = self._clock()
        self.off_shift = frozenset(
            number
            for number, seat in self.roster.items()
            if seat.shifts and not on_shift(seat, now, self._kind_of)
        )
        away = {n for n, status in self.statuses.items() if self.out_of_reach(status)}
        self._may_not_ring(self.off_shift | away)

    def _let_go_if_free(self, number: str) -> None:
        if self.statuses[number].state in HOLDING_A_CALL:
            return
        self._leaving.discard(number)
        self.change_seat(number, Change.UNREGISTERED)
        del self.roster[number]

    def change_seat(
        self,
        number: str,
        change: Change,
        *,
        call_id: str | None = None,
        reason: str | None = None,
        node: str | None = None,
        lease_s: float | None = None,
    ) -> bool:
        """Move a seat of the roster; False when the move does not fit (logged and counted).

        `lease_s`: seconds that a passing state lasts, where it is not the usual.
        """
        status = self.statuses.get(number)
        if status is None or number not in self.roster:
            return False
        lease_s = self._lease_s(change, reason) if lease_s is None else lease_s
        try:
            moved = move(
                status,
                change,
                self._clock(),
                call_id=call_id,
                reason=reason,
                lease_s=lease_s,
                node=node,
            )
        except IllegalMove as refused:
            self.refused_moves += 1
            log.info("seat move refused", seat=number, why=str(refused))
            return False
        if moved is not status:
            self._save(moved)
        self._moved(call_id or status.call_id or "", change)
        if number in self._leaving:
            self._let_go_if_free(number)
        return True

    def _lease_s(self, change: Change, reason: str | None) -> float | None:
        if change in (Change.RELEASED, Change.WRAPPING):  # a phone that died: nothing to wrap up
            return 0.0 if reason == LOST else self._wrap_up_s
        is_held = change in (Change.RESERVE, Change.KEPT, Change.RANG)
        return self._ring_s + SPARE_S if is_held else None

    def end_leases(self) -> None:
        """End every passing state whose lease is over."""
        now = self._clock()
        for status in tuple(self.statuses.values()):
            if status.state in OFFERED and status.lease_is_over(now + RUNG_OUT):
                if self.was_picked_up(status.call_id or "", status.number):
                    continue
            if status.lease_is_over(now) and self.change_seat(status.number, Change.EXPIRED):
                self.expired_leases += 1
