"""One match: callers who may get a seat, taken in their order."""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import count

from seats.ready_seats import RosteredSeat
from seats.stages import StageBook
from seats.waiting import Rank
from seats.waiting_line import Caller, Entry, Line


class Pairing:
    """Callers who look for a seat, and seats and lines that look for callers.

    Whoever looks already stands in no line that is not open to it (`Caller.prepare`).
    """

    def __init__(self, book: StageBook) -> None:
        """Gates are turned already."""
        self._book = book
        self._queue: list[tuple[Rank, int, Caller, RosteredSeat | _Opened | None]] = []
        self._opened: list[_Opened] = []
        self._numbers = count()

    def look(self, caller: Caller) -> None:
        """This caller may find a seat."""
        heappush(self._queue, (caller.rank, next(self._numbers), caller, None))

    def serve(self, seat: RosteredSeat) -> None:
        """This seat may find a caller."""
        self._add_next(seat)

    def open(self, line: Line) -> None:
        """Its callers may find seats."""
        opened = _Opened(line)
        self._opened.append(opened)
        self._add_next(opened)

    def pairs(self) -> tuple[list[tuple[Caller, RosteredSeat]], list[Caller]]:
        """The pairs in the callers' order, and those who looked and found no seat."""
        made: list[tuple[Caller, RosteredSeat]] = []
        left: list[Caller] = []
        if len(self._queue) == 1 and self._queue[0][3] is None:  # a caller comes: mostly it is that
            return self._alone(self._queue.pop()[2])
        while self._queue:
            _, _, caller, source = heappop(self._queue)
            if caller.is_in_line:
                seat = _seat_for(caller)
                if seat is not None:
                    made.append((caller, seat))
                    seat.stamp = 0
                    caller.go()
                elif source is None:
                    left.append(caller)
            if source is not None:
                self._add_next(source)
        for opened in self._opened:
            opened.put_back()
        return made, left

    def _alone(self, caller: Caller) -> tuple[list[tuple[Caller, RosteredSeat]], list[Caller]]:
        seat = _seat_for(caller)
        if seat is None:
            return [], [caller]
        seat.stamp = 0
        caller.go()
        return [(caller, seat)], []

    def _add_next(self, source: RosteredSeat | _Opened) -> None:
        caller = source.next() if isinstance(source, _Opened) else self._first_for(source)
        if caller is not None:
            heappush(self._queue, (caller.rank, next(self._numbers), caller, source))

    def _first_for(self, seat: RosteredSeat) -> Caller | None:
        """The first caller in line who could take this seat."""
        if not seat.stamp:
            return None
        best = self._book.own_line(seat.number).first_for(seat.number)
        for line in self._book.lines_of(seat.number):
            if line.gate is None or line.gate.is_open:
                caller = line.first_for(seat.number)
                if caller is not None and (best is None or caller.rank < best.rank):
                    best = caller
        return best


class _Opened:
    """A line that a gate has opened: its callers look for a seat one after another."""

    __slots__ = ("_aside", "_line")

    def __init__(self, line: Line) -> None:
        self._line = line
        self._aside: list[Entry] = []

    def next(self) -> Caller | None:
        """The next caller, as long as there is a seat to be had."""
        choice = self._line.choice
        if choice is None or choice.first() is None:
            return None
        entry = self._line.pop()
        if entry is None:
            return None
        self._aside.append(entry)
        return entry[2]

    def put_back(self) -> None:
        """Who found none stays."""
        for entry in self._aside:
            self._line.put_back(entry)


def _seat_for(caller: Caller) -> RosteredSeat | None:
    """The best ready seat of the first open stage that has one."""
    tried = caller.waiting.tried
    if caller.is_held:
        return None
    if caller.only is not None:
        return caller.only if caller.only.stamp and caller.only.number not in tried else None
    for stage in caller.slot.seated:
        if stage.gate is None or stage.gate.is_open:
            seat = stage.wish.best(tried)
            if seat is not None:
                return seat
    return None
