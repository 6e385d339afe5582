"""Who is next, and at which seat: pure and deterministic, the same for live calls and simulation.

Nobody whom a ready seat could take is ever left in line, so a change concerns only what it brings:
a caller who joins looks for a seat, a seat that becomes ready looks for the first caller in the
lines that it serves, a stage that opens makes its callers look again. No scan of callers or seats.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count

from seats.pairing import Pairing
from seats.policy import DEFAULT, Policy
from seats.ready_seats import ReadySeats, RosteredSeat
from seats.seat import Seat, SeatStatus
from seats.seat_news import SeatNews
from seats.stages import StageBook
from seats.waiting import WANTS_S, Assignment, Overflow, Waiting
from seats.waiting_line import Caller, Gate, GroupLine, Line

__all__ = ["WANTS_S", "Assignment", "Overflow", "Router", "Waiting"]

_NO_LOSS: Mapping[str, float] = {}
_WANTS = timedelta(seconds=WANTS_S)


class Router:
    """Callers in line and seats; `match` brings them together and takes the pairs out of both."""

    def __init__(self, seats: Iterable[Seat], policy: Policy = DEFAULT) -> None:
        """Every seat is offline until `seat_is` tells."""
        self._policy = policy
        self._callers: dict[str, Caller] = {}
        self._groups: defaultdict[str, GroupLine] = defaultdict(GroupLine)
        self._news = SeatNews()
        self._fresh: dict[str, None] = {}  # callers who must look for a seat
        self._wishing: defaultdict[str, dict[str, None]] = defaultdict(dict)  # seat -> callers
        self._due: list[tuple[datetime, int, Caller]] = []
        self._numbers = count()
        self._now: datetime | None = None
        self._begin(seats)

    def _begin(self, seats: Iterable[Seat]) -> None:
        self._ready = ReadySeats(seats)
        self._book = StageBook(self._policy, self._ready)
        self._news.tell_all_anew()
        self._due.clear()
        self._wishing.clear()
        self._groups.clear()
        callers, self._callers = self._callers, {}
        for caller in callers.values():
            caller.go()
            self._stand(caller.waiting)

    def set_seats(self, seats: Iterable[Seat]) -> None:
        """Take up another roster; everybody in line keeps the place."""
        self._begin(seats)

    def set_policy(self, policy: Policy) -> None:
        """Take up another policy; everybody in line keeps the place."""
        self._policy = policy
        self._begin([rostered.seat for rostered in self._ready.by_number.values()])

    def off_shift(self, numbers: Iterable[str]) -> None:
        """These seats, and no others, get no call whatever their state is."""
        self._news.off_shift(frozenset(numbers))

    def join(self, caller: Waiting) -> None:
        """Put a caller in line; one who stands in it is moved, one who did not change stays."""
        known = self._callers.get(caller.call_id)
        if known is not None:
            if not known.waiting.overflowed <= caller.overflowed:
                overflowed = known.waiting.overflowed | caller.overflowed
                caller = replace(caller, overflowed=overflowed)
            if known.waiting == caller:
                return
            self._remove(known)
        self._stand(caller)

    def _stand(self, waiting: Waiting) -> None:
        stages = self._book.stages(waiting.group, waiting.city, waiting.language)
        caller = Caller(waiting, stages)
        self._callers[waiting.call_id] = caller
        self._groups[waiting.group].add(caller)
        for number in (waiting.sticky, waiting.wants):
            if number is not None:
                self._wishing[number][waiting.call_id] = None
        self._fresh[waiting.call_id] = None

    def leave(self, call_id: str) -> None:
        """Take a caller out of the line, if it stands in it."""
        caller = self._callers.get(call_id)
        if caller is not None:
            self._remove(caller)

    def _remove(self, caller: Caller) -> None:
        waiting = caller.waiting
        caller.go()
        del self._callers[waiting.call_id]
        self._fresh.pop(waiting.call_id, None)
        self._groups[waiting.group].remove(caller)
        for number in (waiting.sticky, waiting.wants):
            if number is not None:
                self._wishing[number].pop(waiting.call_id, None)

    def seat_is(self, status: SeatStatus) -> None:
        """A seat's newest state. Told once more of a seat that `match` gave away, it is back."""
        self._news.seat_is(status, self._ready)

    def match(
        self, now: datetime, loss: Mapping[str, float] = _NO_LOSS
    ) -> tuple[Assignment | Overflow, ...]:
        """Every pair that is possible now, in the callers' order, then what is to overflow now.

        Each caller gets the best seat of its first open stage that has one. `loss`: group -> share
        of callers lost lately. Who is in a pair is out until told of anew by `join`, `seat_is`.
        """
        self._now = now
        ready = self._news.take_up(self._ready, now)
        self._wake(now)
        if not self._callers:
            return ()
        gates = self._turn_gates(now, loss)
        looking = [self._callers[call_id] for call_id in self._fresh]
        self._fresh.clear()
        pairing = Pairing(self._book)
        for caller in looking:
            self._look(caller, now)
            pairing.look(caller)
        if len(looking) < len(self._callers):
            for seat in ready:
                pairing.serve(seat)
            for line in (line for gate in gates for line in gate.lines):
                pairing.open(line)
        pairs, left = pairing.pairs()
        for caller, seat in pairs:
            self._remove(caller)
            self._news.give(seat.number)
        for caller in left:
            self._await_change(caller, now)
            caller.stand_in(self._lines_for(caller))
        made: list[Assignment | Overflow] = [
            Assignment(caller.waiting.call_id, seat.number) for caller, seat in pairs
        ]
        if left or gates:
            made += self._overflows(left, gates)
        return tuple(made)

    def position(self, call_id: str) -> int:
        """How many callers of the same group come before this one; KeyError when not in line."""
        caller = self._callers[call_id]
        return self._groups[caller.waiting.group].before(caller)

    def queue(self, group: str) -> int:
        """How many callers of the group are in line."""
        return len(self._groups[group])

    def longest_wait_s(self, group: str, now: datetime) -> float:
        """How long the caller of the group who asked first has waited; 0 when nobody waits."""
        return self._groups[group].longest_wait_s(now)

    def next_change(self) -> datetime | None:
        """When time alone may bring what the last `match` did not: match again then."""
        due = self._due
        while due and not due[0][2].is_due(due[0][0]):
            heappop(due)
        moments = [due[0][0]] if due else []
        for gate in self._book.gates.values():
            opens_at = gate.may_open_at(self._groups[gate.group])
            if opens_at is not None and (self._now is None or opens_at > self._now):
                moments.append(opens_at)
        return min(moments, default=None)

    def _look(self, caller: Caller, now: datetime) -> None:
        """See what is open to the caller now."""
        waiting, stages = caller.waiting, caller.stages
        caller.slot = stages.slots[bisect_right(stages.times, now - waiting.asked_at)]
        caller.only = None
        if waiting.wants is not None or waiting.sticky is not None:
            caller.only, _ = self._only(waiting, stages.sticky, now)
        holder = self._news.holder(waiting.call_id)
        caller.is_held = holder is not None and not holder.lease_is_over(now)
        if caller.stamp:
            caller.prepare(self._lines_for(caller))

    def _await_change(self, caller: Caller, now: datetime) -> None:
        """Note when time alone changes what is open to one who has found no seat."""
        waiting, stages = caller.waiting, caller.stages
        slot = bisect_right(stages.times, now - waiting.asked_at)
        changes = [waiting.asked_at + stages.times[slot]] if slot < len(stages.times) else []
        if waiting.wants is not None or waiting.sticky is not None:
            changes.append(self._only(waiting, stages.sticky, now)[1])
        holder = self._news.holder(waiting.call_id)
        if holder is not None and holder.lease_until is not None:
            changes.append(holder.lease_until)
        due = min((moment for moment in changes if moment > now), default=None)
        if due != caller.due:
            caller.due = due
            if due is not None:
                heappush(self._due, (due, next(self._numbers), caller))

    def _only(
        self, waiting: Waiting, sticky: timedelta, now: datetime
    ) -> tuple[RosteredSeat | None, datetime]:
        """The one seat that the caller waits for, if any, and until when."""
        since = waiting.wants_since or waiting.asked_at
        wishes = ((waiting.wants, since + _WANTS), (waiting.sticky, waiting.asked_at + sticky))
        for number, until in wishes:
            seat = self._ready.by_number.get(number or "")
            if seat is None or now >= until or seat.number in waiting.tried:
                continue
            is_able = number == waiting.wants or waiting.group in seat.seat.skills
            if seat.is_on_duty and is_able:
                return seat, until
        return None, now

    def _lines_for(self, caller: Caller) -> tuple[Line, ...]:
        if caller.is_held:
            return ()
        if caller.only is not None:
            return (self._book.own_line(caller.only.number),)
        return caller.slot.lines

    def _wake(self, now: datetime) -> None:
        """Let those look for a seat whom time or a seat's news concerns."""
        if self._news.has_news:
            for call_id in self._news.calls_concerned():
                if call_id in self._callers:
                    self._fresh[call_id] = None
            for number in self._news.seats_turned():
                self._fresh.update(self._wishing[number])
        due = self._due
        while due and due[0][0] <= now:
            at, _, caller = heappop(due)
            if caller.is_due(at):
                caller.due = None
                self._fresh[caller.waiting.call_id] = None

    def _turn_gates(self, now: datetime, loss: Mapping[str, float]) -> list[Gate]:
        """Those whose condition holds now and did not at the last match."""
        opened = []
        for gate in self._book.gates.values():
            was_open = gate.is_open
            if not was_open and len(self._callers) < gate.least:
                continue
            gate.is_open = gate.holds(self._groups[gate.group], now, loss)
            if gate.is_open and not was_open:
                opened.append(gate)
        return opened

    def _overflows(self, left: list[Caller], gates: list[Gate]) -> list[Overflow]:
        due: list[tuple[Caller, Overflow]] = []
        for caller in left:
            for stage in caller.slot.overflows:
                if stage.gate is None or stage.gate.is_open:
                    due.append((caller, stage.overflow))
                else:
                    stage.gate.wait(caller, stage.overflow)
        for gate in gates:
            due.extend(gate.let_go())
        due.sort(key=lambda pair: pair[0].rank)
        return [told for caller, overflow in due if (told := caller.overflow(overflow))]
