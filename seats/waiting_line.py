"""Callers in order, by what they wait for: a line for each kind of seat that somebody waits for.

A caller stands in several lines at once. Whoever goes is not searched for in them: an entry whose
stamp is no longer the caller's is dropped when it comes up.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from itertools import count

from seats.policy import When
from seats.ready_seats import Choice, RosteredSeat, Wish
from seats.waiting import Overflow, Rank, Waiting

_ROOMY = 64  # entries; a smaller heap is not worth tidying
_stamps = count(1)


@dataclass(frozen=True, slots=True)
class SeatedStage:
    """A stage that seats answer."""

    gate: Gate | None
    wish: Wish


@dataclass(frozen=True, slots=True)
class OverflowStage:
    """A stage that no seat answers."""

    gate: Gate | None
    overflow: Overflow
    """With no call's name in it."""


@dataclass(frozen=True, slots=True)
class Slot:
    """What is open to a caller between two moments of its wait."""

    seated: tuple[SeatedStage, ...]
    lines: tuple[Line, ...]
    overflows: tuple[OverflowStage, ...]


@dataclass(frozen=True, slots=True)
class Stages:
    """The slots of callers of one group, city and language. `times`: where the next one begins."""

    group: str
    times: tuple[timedelta, ...]
    slots: tuple[Slot, ...]
    sticky: timedelta


class Caller:
    """A caller in line and how far its policy has opened for it.

    `slot`: the stages open to it now; `only`: the one seat that it waits for; `is_held`: a seat
    still has the call. `stamp`: that of its entries in `lines`, 0 once it is out of the line.
    """

    __slots__ = (
        "due",
        "is_held",
        "is_in_line",
        "lines",
        "only",
        "rank",
        "slot",
        "stages",
        "stamp",
        "waiting",
    )

    def __init__(self, waiting: Waiting, stages: Stages) -> None:
        self.waiting = waiting
        self.rank: Rank = waiting.rank()
        self.stages = stages
        self.slot: Slot = stages.slots[0]
        self.only: RosteredSeat | None = None
        self.is_held = False
        self.is_in_line = True
        self.due: datetime | None = None
        self.lines: tuple[Line, ...] = ()
        self.stamp = 0

    def stand_in(self, lines: tuple[Line, ...]) -> None:
        """Wait in these lines and in no others."""
        had = self.lines
        if had is lines:
            return
        self.lines = lines
        if self.stamp and set(had) <= set(lines):
            lines = tuple(line for line in lines if line not in had)
        else:
            self.stamp = next(_stamps)
        for line in lines:
            line.add(self)

    def prepare(self, lines: tuple[Line, ...]) -> None:
        """Out of every line at once if the caller is to leave one for these."""
        if self.stamp and not set(self.lines) <= set(lines):
            self.stamp, self.lines = 0, ()

    def overflow(self, due: Overflow) -> Overflow | None:
        """What is to be told of this caller; None when it was told, or a seat still has the call.

        Remembered, so that it is told once.
        """
        if not self.is_in_line or self.is_held or due.key in self.waiting.overflowed:
            return None
        overflowed = self.waiting.overflowed | {due.key}
        self.waiting = replace(self.waiting, overflowed=overflowed)
        return replace(due, call_id=self.waiting.call_id)

    def is_due(self, at: datetime) -> bool:
        """Whether this is the moment that the caller waits for."""
        return self.is_in_line and self.due == at

    def go(self) -> None:
        """Out of the line."""
        self.is_in_line = False
        self.stamp = 0
        for stage in self.slot.overflows:
            if stage.gate is not None:
                stage.gate.forget(self, stage.overflow)


Entry = tuple[Rank, int, Caller]


class Line:
    """Callers who wait for one kind of seat; with a gate, while its condition holds only."""

    __slots__ = ("_heap", "_roomy", "choice", "gate")

    def __init__(self, gate: Gate | None = None, choice: Choice | None = None) -> None:
        """`choice`: the seats that this line waits for, needed with a gate."""
        self.gate, self.choice = gate, choice
        self._heap: list[Entry] = []
        self._roomy = _ROOMY

    def add(self, caller: Caller) -> None:
        """Let a caller in, with its newest stamp."""
        heappush(self._heap, (caller.rank, caller.stamp, caller))
        if len(self._heap) > self._roomy:
            self._heap = [kept for kept in self._heap if kept[2].stamp == kept[1]]
            heapify(self._heap)
            self._roomy = max(_ROOMY, 2 * len(self._heap))

    def first_for(self, seat: str) -> Caller | None:
        """The first caller to whom this seat was not yet offered."""
        heap = self._heap
        aside: list[Entry] = []
        found = None
        while heap:
            entry = heap[0]
            caller = entry[2]
            if caller.stamp != entry[1]:
                heappop(heap)
            elif seat in caller.waiting.tried:
                aside.append(heappop(heap))
            else:
                found = caller
                break
        for entry in aside:
            heappush(heap, entry)
        return found

    def pop(self) -> Entry | None:
        """Take the first caller out, to be put back unless it finds a seat."""
        while self._heap:
            entry = heappop(self._heap)
            if entry[2].stamp == entry[1]:
                return entry
        return None

    def put_back(self, entry: Entry) -> None:
        """It found no seat."""
        if entry[2].stamp == entry[1]:
            heappush(self._heap, entry)


class Gate:
    """A condition on a group's line, with who waits for it: lines, and overflows of callers."""

    __slots__ = ("_longest", "_overflows", "group", "is_open", "least", "lines", "when")

    def __init__(self, group: str, when: When) -> None:
        self.group, self.when = group, when
        longest_s = when.longest_wait_s
        self._longest = None if longest_s is None else timedelta(seconds=longest_s)
        self.is_open = False
        self.least = when.queue_at_least or 0  # callers; with fewer in all lines it stays shut
        self.lines: list[Line] = []
        self._overflows: dict[tuple[str, str], tuple[Caller, Overflow]] = {}

    def holds(self, line: GroupLine, now: datetime, loss: Mapping[str, float]) -> bool:
        """Whether all that the condition names holds."""
        when = self.when
        if when.queue_at_least is not None and len(line) < when.queue_at_least:
            return False
        if self._longest is not None:
            oldest = line.oldest()
            if oldest is None or now - oldest < self._longest:
                return False
        return when.loss_rate is None or loss.get(self.group, 0.0) >= when.loss_rate

    def wait(self, caller: Caller, overflow: Overflow) -> None:
        """This is to be told of the caller when the condition holds."""
        self._overflows[caller.waiting.call_id, overflow.key] = (caller, overflow)

    def forget(self, caller: Caller, overflow: Overflow) -> None:
        """The caller has gone."""
        self._overflows.pop((caller.waiting.call_id, overflow.key), None)

    def let_go(self) -> list[tuple[Caller, Overflow]]:
        """Everything that waited for the condition."""
        waited = list(self._overflows.values())
        self._overflows.clear()
        return waited

    def may_open_at(self, line: GroupLine) -> datetime | None:
        """When the longest wait will be long enough; None when time alone opens nothing."""
        oldest = line.oldest()
        if self.is_open or self._longest is None or oldest is None:
            return None
        return oldest + self._longest


class GroupLine:
    """All callers of one group, whatever they wait for."""

    __slots__ = ("_oldest", "_ranks", "_roomy")

    def __init__(self) -> None:
        self._ranks: list[Rank] = []
        self._oldest: list[tuple[datetime, int, Caller]] = []
        self._roomy = _ROOMY

    def __len__(self) -> int:
        return len(self._ranks)

    def add(self, caller: Caller) -> None:
        """A caller of the group has come."""
        insort(self._ranks, caller.rank)
        heappush(self._oldest, (caller.waiting.asked_at, next(_stamps), caller))
        if len(self._oldest) > self._roomy:
            self._oldest = [kept for kept in self._oldest if kept[2].is_in_line]
            heapify(self._oldest)
            self._roomy = max(_ROOMY, 2 * len(self._oldest))

    def remove(self, caller: Caller) -> None:
        """It has gone."""
        del self._ranks[bisect_left(self._ranks, caller.rank)]

    def before(self, caller: Caller) -> int:
        """How many come before this one."""
        return bisect_left(self._ranks, caller.rank)

    def oldest(self) -> datetime | None:
        """When the one who has waited longest asked for a person."""
        while self._oldest and not self._oldest[0][2].is_in_line:
            heappop(self._oldest)
        return self._oldest[0][0] if self._oldest else None

    def longest_wait_s(self, now: datetime) -> float:
        """Seconds; 0 when nobody waits."""
        oldest = self.oldest()
        return 0.0 if oldest is None else (now - oldest).total_seconds()
