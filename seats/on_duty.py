"""How many of some seats are on duty when: the shifts of a year as steps. Rules only."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import accumulate
from math import inf

from seats.calendar import DAY_MIN
from seats.seat import Seat
from seats.shift import ZONE, KindOf

WEEK_DAYS = 7
YEAR_DAYS = 53 * WEEK_DAYS
MIN_S = 60


class OnDuty:
    """Counts over a time that comes again and again: a week, or a year where holidays matter."""

    def __init__(self, seats: Iterable[Seat], monday: date, kind_of: KindOf | None = None) -> None:
        """`monday`: where the time begins, local midnight."""
        seats = tuple(seats)
        has_kinds = any(shift.kinds for seat in seats for shift in seat.shifts)
        self._monday = monday
        self._days = YEAR_DAYS if has_kinds else WEEK_DAYS
        self._round_s = self._days * DAY_MIN * MIN_S
        changes = {0: sum(not seat.shifts for seat in seats)}
        for seat in seats:
            for start, end in self._worked(seat, kind_of):
                changes[start] = changes.get(start, 0) + 1
                changes[end] = changes.get(end, 0) - 1
        changes.pop(self._round_s, None)
        self._starts = sorted(changes)
        self._counts = list(accumulate(changes[start] for start in self._starts))
        ends = [*self._starts[1:], self._round_s]
        spans = zip(self._starts, ends, self._counts, strict=True)
        self._slowest: dict[int, tuple[float, datetime | None]] = {}
        # seat-seconds worked before each step, and at the end of the round
        self._done = [0, *accumulate((end - start) * count for start, end, count in spans)]

    @property
    def fewest(self) -> int:
        """Seats on duty when they are fewest."""
        return min(self._counts)

    def slowest(self, seat_s: int) -> tuple[float, datetime | None]:
        """The longest time in which so many seat-seconds are just not exceeded, and its beginning.

        Infinite when nobody ever works; None when the beginning does not matter.
        """
        known = self._slowest.get(seat_s)
        if known is None:
            known = self._slowest[seat_s] = self._find_slowest(seat_s)
        return known

    def _find_slowest(self, seat_s: int) -> tuple[float, datetime | None]:
        a_round = self._done[-1]
        if a_round == 0:
            return inf, None
        if len(self._counts) == 1:
            return seat_s / self._counts[0], None
        # Between two candidates the time grows or shrinks steadily: one of its ends is at a step.
        behind = seat_s % a_round
        begins = {float(start) for start in self._starts}
        begins |= {self._when((done - behind) % a_round) for done in self._done[:-1]}
        longest, begin = max((self._takes(begin, seat_s), begin) for begin in begins)
        local = datetime.combine(self._monday, datetime.min.time(), ZONE)
        return longest, local + timedelta(seconds=begin)

    def _worked(self, seat: Seat, kind_of: KindOf | None) -> Iterator[tuple[int, int]]:
        """Spans in which the seat is on duty, each once, in seconds within the round."""
        spans: list[tuple[int, int]] = []
        for n in range(self._days):
            for shift in seat.shifts:
                if shift.begins_on(self._monday + timedelta(days=n), kind_of):
                    start = n * DAY_MIN + shift.start
                    spans.append((start * MIN_S, (n * DAY_MIN + shift.end) * MIN_S))
        # what runs past the end comes in at the beginning
        late = [(0, end - self._round_s) for _, end in spans if end > self._round_s]
        spans = [(start, min(end, self._round_s)) for start, end in spans] + late
        until = 0
        for start, end in sorted(spans):
            if end > until:
                yield max(start, until), end
                until = end

    def _at(self, begin: float) -> float:
        """Seat-seconds worked since the round's beginning."""
        n = bisect_right(self._starts, begin) - 1
        return self._done[n] + (begin - self._starts[n]) * self._counts[n]

    def _when(self, done: float) -> float:
        """When more than so many seat-seconds have been worked; `done` less than a round's."""
        n = bisect_right(self._done, done) - 1
        return self._starts[n] + (done - self._done[n]) / self._counts[n]

    def _takes(self, begin: float, seat_s: int) -> float:
        # a little more, so that no rounding lets it end just before a time when nobody works
        rounds, rest = divmod(self._at(begin) + seat_s + 0.001, self._done[-1])
        return rounds * self._round_s + self._when(rest) - begin
