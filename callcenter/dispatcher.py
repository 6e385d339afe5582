"""The waiting line and the seats: who is next is asked of `seats.routing`, here it happens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from callcenter.commands import JoinLine
from callcenter.events import OverflowDue, SeatOffered
from callcenter.seat_desk import SPARE_S, SeatDesk
from seats.board import Board
from seats.policy import DEFAULT, Policy
from seats.recent import Recent
from seats.routing import Assignment, Overflow, Router, Waiting
from seats.seat import Change, Seat, SeatStatus
from seats.shift import KindOf

log = structlog.get_logger()

OWED = timedelta(seconds=2)  # another controller's pair that nothing is heard of is made anew


class Line(Protocol):
    """The line of waiting callers as all controllers share it (seats.shared_line)."""

    def join(self, caller: Waiting) -> None:
        """A caller of ours stands in line, or is moved."""

    def leave(self, call_id: str) -> None:
        """A caller of ours has left it."""


class Dispatcher(SeatDesk):
    """One per controller. `offer(call_id, event)` hands its call a reserved seat or an overflow.

    `kind_of`: what a day is to the shifts (`Calendar.kind`).
    """

    def __init__(
        self,
        roster: Iterable[Seat],
        board: Board,
        *,
        clock: Callable[[], datetime],
        offer: Callable[[str, SeatOffered | OverflowDue], None],
        ring_s: int,
        wrap_up_s: int,
        policy: Policy = DEFAULT,
        kind_of: KindOf | None = None,
    ) -> None:
        """`restore` must be awaited before anything else."""
        super().__init__(
            roster, board, clock=clock, ring_s=ring_s, wrap_up_s=wrap_up_s, kind_of=kind_of
        )
        self.line: dict[str, Waiting] = {}
        self.others: dict[str, Waiting] = {}
        """Callers of other controllers: in the same line, but offered seats by their own."""
        self.told: Line | None = None
        """Who tells the other controllers of ours."""
        self.on_status: Callable[[SeatStatus], None] = lambda status: None
        """Told of each seat's newest state."""
        self.policy = policy
        self.recent = Recent()
        self._offer = offer
        self._router = Router(self.roster.values(), policy)
        self._offered: dict[str, Waiting] = {}
        self._talks: dict[str, tuple[str, datetime]] = {}
        self._owed: dict[str, tuple[str, datetime]] = {}
        self._groups: set[str] = set()
        self._looks_at_loss = _looks_at_loss(policy)
        self._changed = asyncio.Event()
        self._wake: asyncio.TimerHandle | None = None

    def seat_is(self, status: SeatStatus) -> None:
        """A seat's newest state, whoever moved it."""
        self._router.seat_is(status)
        self._changed.set()
        self.on_status(status)

    def set_policy(self, policy: Policy) -> None:
        """Take up another policy; everybody in line keeps the place."""
        self.policy = policy
        self._looks_at_loss = _looks_at_loss(policy)
        self._router.set_policy(policy)
        self._changed.set()

    def join(self, call_id: str, wish: JoinLine) -> None:
        """Put a caller in line; one who stands in it already is only moved."""
        self._stand(
            Waiting(
                call_id=call_id,
                group=wish.group,
                city=wish.city,
                language=wish.language,
                asked_at=wish.asked_at,
                priority=self.policy.head_start(wish.special),
                tried=wish.tried,
                at_head=wish.at_head,
                sticky=wish.sticky or self._sticky(call_id, wish.group),
                overflowed=wish.overflowed,
                wants=wish.wants,
                wants_since=self._clock() if wish.wants else None,
            )
        )

    def _stand(self, caller: Waiting) -> None:
        self._groups.add(caller.group)
        self._offered.pop(caller.call_id, None)
        self.line[caller.call_id] = caller
        self.others.pop(caller.call_id, None)
        self._router.join(caller)
        if self.told is not None:
            self.told.join(caller)
        self._changed.set()

    def _sticky(self, call_id: str, group: str) -> str | None:
        days = self.policy.of(group).sticky_days
        talk = self._talks.get(call_id)
        if not days or talk is None or self._clock() - talk[1] > timedelta(days=days):
            return None
        return talk[0]

    @property
    def sticky_days(self) -> int:
        """How far back it matters who talked with a number; 0: nobody asks."""
        return max(r.sticky_days for r in (self.policy.default, *self.policy.groups.values()))

    def talked(self, call_id: str, seat: str, at: datetime) -> None:
        """Who talked with the number of this call last: its caller may wait for that seat."""
        self._talks[call_id] = (seat, at)
        caller = self.line.get(call_id)
        if caller is not None and caller.sticky is None:
            self._stand(replace(caller, sticky=self._sticky(call_id, caller.group)))

    def forget(self, call_id: str) -> None:
        """The call is over."""
        self._talks.pop(call_id, None)
        self._offered.pop(call_id, None)

    def leave(self, call_id: str) -> None:
        """Take a caller out of the line, if he stands in it."""
        if self.line.pop(call_id, None) is not None:
            self._router.leave(call_id)
            if self.told is not None:
                self.told.leave(call_id)

    def other(self, call_id: str, caller: Waiting | None) -> None:
        """A caller of another controller has come or moved; None when he has gone."""
        if caller is None:
            if self.others.pop(call_id, None) is not None and call_id not in self.line:
                self._router.leave(call_id)
        elif call_id not in self.line:
            self._groups.add(caller.group)
            self.others[call_id] = caller
            self._router.join(caller)
        owed = self._owed.pop(call_id, None)
        if owed is not None:  # he may have gone without the seat
            self._router.seat_is(self.statuses[owed[0]])
        self._changed.set()

    @property
    def waiting(self) -> int:
        """Callers in the line of all controllers."""
        return len(self.line) + len(self.others)

    def gave_up(self, group: str, wait_s: float) -> None:
        """A caller hung up in line."""
        self.recent.gave_up(group, wait_s, self._clock())

    def ahead(self, call_id: str) -> int | None:
        """Callers of the same group before this one; None when not in line."""
        if call_id not in self.line:
            return None
        try:
            return self._router.position(call_id)
        except KeyError:  # a seat is being reserved for him
            return 0

    def _roster_is(self, seats: Iterable[Seat]) -> None:
        self._router.set_seats(seats)
        self._changed.set()

    def _may_not_ring(self, numbers: frozenset[str]) -> None:
        self._router.off_shift(numbers)

    def _moved(self, call_id: str, change: Change) -> None:
        if change is Change.RANG:
            return
        caller = self._offered.pop(call_id, None)
        if caller is not None and change is Change.ANSWERED:
            now = self._clock()
            self.recent.answered(caller.group, (now - caller.asked_at).total_seconds(), now)

    def sweep(self) -> None:
        """End every passing state whose lease is over, and match once more.

        Another controller on the same Redis may have freed a seat: nobody tells us of that.
        """
        now = self._clock()
        self._changed.set()
        self.end_leases()
        self.watch_shifts()
        for call_id, (seat, since) in tuple(self._owed.items()):
            if now - since >= OWED:
                del self._owed[call_id]
                self._put_back(call_id, seat)

    def _put_back(self, call_id: str, seat: str) -> None:
        """The router took both out for a pair that was not to be."""
        caller = self.line.get(call_id) or self.others.get(call_id)
        if caller is not None:
            self._router.join(caller)
        if seat in self.statuses:
            self._router.seat_is(self.statuses[seat])
        self._changed.set()

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
                self._begin_anew()

    def _begin_anew(self) -> None:
        """Whatever was half done: everybody stands in line, every seat is as the board has it."""
        staying = [seat for number, seat in self.roster.items() if number not in self._leaving]
        self._router = Router(staying, self.policy)
        self._owed.clear()
        for status in self.statuses.values():
            self._router.seat_is(status)
        self.watch_shifts()
        for caller in (*self.line.values(), *self.others.values()):
            self._router.join(caller)

    async def _match(self) -> None:
        now = self._clock()
        groups = self._groups if self._looks_at_loss else ()
        made = self._router.match(now, {g: self.recent.loss_rate(g, now) for g in groups})
        self._set_alarm_clock(now)
        pairs = [
            (pair, self.line.get(pair.call_id)) for pair in made if isinstance(pair, Assignment)
        ]
        for due in made:
            if isinstance(due, Overflow):
                self._overflow(due)
        for pair, caller in pairs:
            if caller is not None:
                await self._reserve(pair, caller)
            else:
                self._owed[pair.call_id] = (pair.seat, now)

    def _set_alarm_clock(self, now: datetime) -> None:
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
        due = self._router.next_change()
        if due is not None:
            loop = asyncio.get_running_loop()
            after_s = max(0.0, (due - now).total_seconds())
            self._wake = loop.call_later(after_s, self._changed.set)

    async def take(self, number: str, call_id: str) -> bool:
        """Reserve a ready seat for a call that its lawyer makes; False when it is not free."""
        status = self.statuses.get(number)
        if status is None or number not in self.roster:
            return False
        lease_s = self._ring_s + SPARE_S
        taken = await self._board.reserve(number, call_id, status.version, lease_s)
        self.seat_is(self.statuses[number])
        return taken

    def _overflow(self, due: Overflow) -> None:
        caller = self.line.get(due.call_id)
        if caller is not None:
            self.line[due.call_id] = replace(caller, overflowed=caller.overflowed | {due.key})
            self._offer(due.call_id, OverflowDue(str(due.who), due.line or ""))

    async def _reserve(self, pair: Assignment, caller: Waiting) -> None:
        call_id, number = pair.call_id, pair.seat
        if self.line.get(call_id) is not caller:  # left while another seat was reserved
            self._put_back(call_id, number)
            return
        version = self.statuses[number].version
        lease_s = self._ring_s + SPARE_S
        if not await self._board.reserve(number, call_id, version, lease_s):
            self._put_back(call_id, number)
            return
        self._router.seat_is(self.statuses[number])
        if self.line.get(call_id) is not caller:  # left while Redis was asked
            self.change_seat(number, Change.RELEASED, call_id=call_id)
            return
        self.leave(call_id)
        self._offered[call_id] = caller
        self._offer(call_id, SeatOffered(number, str(self.roster[number].level)))


def _looks_at_loss(policy: Policy) -> bool:
    return any(
        stage.when is not None and stage.when.loss_rate is not None
        for rules in (policy.default, *policy.groups.values())
        for stage in rules.stages
    )
