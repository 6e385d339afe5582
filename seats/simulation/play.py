"""Plays calls through the router that routes the live ones: the same code decides.

Discrete events: nothing happens between two of them, so a quiet night costs nothing. What a call
does at a seat is known when the seat is chosen (it is drawn beforehand), so a call that finds a
seat free takes two events only: it comes, the seat is free again.
"""

from __future__ import annotations

import gc
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from heapq import heappush
from typing import Final

from seats.policy import DEFAULT, SEATED, First, Policy, Stage, Who
from seats.recent import Recent
from seats.routing import Assignment, Overflow, Router
from seats.seat import Seat
from seats.shift import KindOf
from seats.simulation.caller import CHUNK, Arrivals, Caller, Ledger
from seats.simulation.calls import Calls
from seats.simulation.clock import Clock, opening_s
from seats.simulation.desk import DAY_S, Desk, Duty, day_name
from seats.simulation.dice import Dice
from seats.simulation.played import Outcome, Played

DRAIN_S: Final = 2 * DAY_S  # after the last call; who is in line then waits for nobody


def play(
    calls: Calls,
    seats: Iterable[Seat],
    policy: Policy = DEFAULT,
    *,
    kind_of: KindOf | None = None,
    on_progress: Callable[[int], None] = lambda done: None,
) -> Played:
    """Let every call come, wait, be answered or give up; the same arguments, the same result.

    `kind_of` tells what a day counts as, for shifts; `on_progress` hears how many calls have come.
    """
    was_enabled = gc.isenabled()
    gc.disable()  # a play makes no cycles, and looking for them costs a tenth of its time
    try:
        return _Play(calls, tuple(seats), policy, kind_of).run(on_progress)
    finally:
        if was_enabled:
            gc.enable()


class _Play(Clock):
    """One run. Times are seconds since `calls.asked.start`; the router is told datetimes."""

    def __init__(
        self, calls: Calls, seats: tuple[Seat, ...], policy: Policy, kind_of: KindOf | None
    ) -> None:
        super().__init__(calls.asked.start)
        self._calls, self._policy = calls, policy
        self._router = Router(seats, policy)
        start = self._now(0.0)
        self._desks = tuple(Desk(seat, n, start) for n, seat in enumerate(seats))
        self._by_number = {desk.number: desk for desk in self._desks}
        self._duty = Duty(self._desks, self._start, kind_of)
        self._arrivals = Arrivals(calls, policy)
        self._dice = Dice(calls)
        self._ledger = Ledger(calls)
        self._line: dict[str, Caller] = {}
        self._ready = 0
        self._wake_s = math.inf
        stages = tuple(_stages(policy))
        self._overflows = any(stage.who not in SEATED for stage in stages)
        asks_loss = any(stage.when and stage.when.loss_rate is not None for stage in stages)
        self._recent = Recent() if asks_loss else None
        self._day, self._day_name = -1.0, ""

    def run(self, on_progress: Callable[[int], None]) -> Played:
        """Play it to the end."""
        self._duty.first()
        for desk in self._desks:
            self._router.seat_is(desk.status(self._now(0.0)))
            self._ready += desk.is_on_shift
        self._await_shift(0.0)
        at_s = 0.0
        for caller in self._arrivals:
            at_s = caller.asked_s
            self._until(at_s)
            self._arrive(at_s, caller)
            if caller.index % CHUNK == 0:
                on_progress(caller.index)
        end_s = self._drain(at_s, at_s + DRAIN_S, lambda: self._ledger.open > 0)
        on_progress(len(self._calls))
        left = iter(self._line.values())
        return self._ledger.closed(self._desks, self._policy, left, end_s)

    # the line

    def _arrive(self, at_s: float, caller: Caller) -> None:
        self._ledger.open += 1
        self._stand(at_s, caller, caller.waiting.asked_at)

    def _stand(self, at_s: float, caller: Caller, now: datetime) -> None:
        caller.in_line = True
        self._line[caller.waiting.call_id] = caller
        self._router.join(caller.waiting)
        self._match(at_s, now)
        if caller.in_line and not caller.is_timed:
            caller.is_timed = True
            if caller.leaves_s < math.inf:
                self._at(caller.leaves_s, self._lose_patience, caller)
            if caller.callback_s < caller.leaves_s:
                self._at(caller.callback_s, self._wish_callback, caller)

    def _leave_line(self, caller: Caller) -> None:
        caller.in_line = False
        del self._line[caller.waiting.call_id]
        self._router.leave(caller.waiting.call_id)

    def _lose_patience(self, at_s: float, caller: Caller) -> None:
        if caller.in_line and not caller.is_callback:
            self._leave_line(caller)
            self._gone(at_s, caller)

    def _gone(self, at_s: float, caller: Caller) -> None:
        self._ledger.ends(caller, Outcome.ABANDONED, at_s)
        if self._recent:
            self._recent.gave_up(caller.waiting.group, at_s - caller.asked_s, self._now(at_s))

    def _wish_callback(self, at_s: float, caller: Caller) -> None:
        if caller.in_line and not caller.is_callback:
            self._promise(at_s, caller)

    def _promise(self, at_s: float, caller: Caller) -> None:
        """A callback: the place in line is kept, and nobody waits at the phone."""
        caller.is_callback = True
        self._ledger.ends(caller, Outcome.CALLBACK, at_s)
        opens_s = opening_s(self._policy.callback, at_s)
        if opens_s > at_s:
            self._leave_line(caller)
            self._at(opens_s, self._back, caller)

    def _match(self, at_s: float, now: datetime) -> None:
        # without a free seat nothing but an overflow can come of it
        if not self._line or not (self._ready or self._overflows):
            return
        for found in self._router.match(now, self._loss(now) if self._recent else _NO_LOSS):
            caller = self._line[found.call_id]
            if isinstance(found, Assignment):
                del self._line[found.call_id]
                self._offer(at_s, caller, self._by_number[found.seat])
            else:
                self._overflow(at_s, caller, found)
        if not self._line:
            return
        change = self._router.next_change()
        if change is not None and change > now:
            wake_s = (change - self._start).total_seconds()
            if wake_s < self._wake_s:
                self._wake_s = wake_s
                self._at(wake_s, self._wake, None)

    def _wake(self, at_s: float, _: None) -> None:
        if at_s >= self._wake_s:
            self._wake_s = math.inf
        self._match(at_s, self._now(at_s))

    def _loss(self, now: datetime) -> dict[str, float]:
        assert self._recent
        groups = {caller.waiting.group for caller in self._line.values()}
        return {group: self._recent.loss_rate(group, now) for group in groups}

    def _overflow(self, at_s: float, caller: Caller, found: Overflow) -> None:
        overflowed = caller.waiting.overflowed | {found.key}
        caller.waiting = replace(caller.waiting, overflowed=overflowed)
        if caller.is_callback:
            return  # nobody is on the phone
        if found.who is Who.CALLBACK:
            self._promise(at_s, caller)
        elif found.who is Who.MESSAGE:
            self._leave_line(caller)
            self._ledger.ends(caller, Outcome.MESSAGE, at_s)
        elif self._dice.line_answers(caller):
            self._leave_line(caller)
            self._ledger.ends(caller, Outcome.LINE, at_s)

    # the seats

    def _offer(self, at_s: float, caller: Caller, desk: Desk) -> None:
        self._ready -= 1
        desk.is_busy = True
        desk.offered += 1
        caller.in_line = False
        ring_s = caller.ring_s if caller.offers == 0 else self._dice.later_ring_s(caller)
        caller.offers += 1
        if ring_s == math.inf:
            self._not_taken(at_s, caller, desk)
        elif caller.is_callback:
            self._call_back(at_s, caller, desk, ring_s)
        elif caller.leaves_s < at_s + ring_s:
            self._gone_while_ringing(at_s, caller, desk)
        else:
            desk.ring_s += ring_s
            self._ledger.ends(caller, Outcome.ANSWERED, at_s + ring_s, desk.index)
            if self._recent:
                waited_s = at_s - caller.asked_s
                self._recent.answered(caller.waiting.group, waited_s, self._now(at_s))
            self._talk(at_s + ring_s, caller, desk)

    def _talk(self, at_s: float, caller: Caller, desk: Desk) -> None:
        day, _ = divmod(at_s, DAY_S)
        if day != self._day:
            self._day, self._day_name = day, day_name(self._start, at_s)
        desk.answers(self._day_name)
        ends_s = at_s + caller.talk_s
        desk.talk_s += caller.talk_s
        desk.wrap_up_s += caller.wrap_up_s
        desk.idle_since = self._now(ends_s)
        self._arrivals.talked(caller, desk.number, ends_s)
        self._free_at(ends_s + caller.wrap_up_s, desk)

    def _free_at(self, at_s: float, desk: Desk) -> None:
        desk.until_s = at_s
        self._serial += 1
        heappush(self._events, (at_s, self._serial, self._free, desk))

    def _free(self, at_s: float, desk: Desk) -> None:
        desk.free(at_s)
        if desk.is_on_shift:
            self._ready += 1
            now = self._now(at_s)
            self._router.seat_is(desk.status(now))
            self._match(at_s, now)

    def _gone_while_ringing(self, at_s: float, caller: Caller, desk: Desk) -> None:
        # he did not wait for the lawyer, who keeps the turn
        leaves_s = max(at_s, caller.leaves_s)
        desk.ring_s += leaves_s - at_s
        self._gone(leaves_s, caller)
        self._free_at(leaves_s, desk)

    def _not_taken(self, at_s: float, caller: Caller, desk: Desk) -> None:
        limit_s, away_s = self._calls.habits.ring_limit_s, self._calls.habits.away_s
        if not caller.is_callback and caller.leaves_s < at_s + limit_s:
            self._gone_while_ringing(at_s, caller, desk)
            return
        desk.ring_s += limit_s
        desk.missed += 1
        desk.idle_since = self._now(at_s + limit_s + away_s)
        self._free_at(at_s + limit_s + away_s, desk)
        tried = caller.waiting.tried | {desk.number}
        caller.waiting = replace(caller.waiting, tried=tried, at_head=True)
        self._at(at_s + limit_s, self._back, caller)

    def _back(self, at_s: float, caller: Caller) -> None:
        self._stand(at_s, caller, self._now(at_s))

    def _call_back(self, at_s: float, caller: Caller, desk: Desk, ring_s: float) -> None:
        """The caller's turn has come: the seat is kept while he is rung."""
        if (opens_s := opening_s(self._policy.callback, at_s)) > at_s:
            self._free_at(at_s, desk)
            self._at(opens_s, self._back, caller)
            return
        how = self._policy.callback
        his_ring_s, is_reached = self._dice.called_back(caller)
        his_ring_s = min(his_ring_s, how.ring_s)
        caller.tries += 1
        desk.ring_s += ring_s if is_reached or how.first is First.SEAT else 0.0
        if is_reached:
            desk.ring_s += his_ring_s
            self._ledger.called_back(caller, at_s + ring_s + his_ring_s)
            self._talk(at_s + ring_s + his_ring_s, caller, desk)
            return
        held_s = how.ring_s + (ring_s if how.first is First.SEAT else 0.0)
        desk.ring_s += how.ring_s
        self._free_at(at_s + held_s, desk)
        if caller.tries < how.tries:
            self._at(at_s + held_s + how.every_s, self._back, caller)
        else:
            self._ledger.gave_up_calling()

    # the shifts

    def _await_shift(self, at_s: float) -> None:
        next_s = self._duty.next_s(at_s)
        if next_s is not None:
            self._at(next_s, self._shift, None)

    def _shift(self, at_s: float, _: None) -> None:
        now = self._now(at_s)
        for desk in self._duty.change(at_s):
            if not desk.is_busy:
                self._ready += 1 if desk.is_on_shift else -1
                self._router.seat_is(desk.status(now))
        self._match(at_s, now)
        self._await_shift(at_s)


_NO_LOSS: Final[dict[str, float]] = {}


def _stages(policy: Policy) -> Iterator[Stage]:
    for group in (policy.default, *policy.groups.values()):
        yield from group.stages
