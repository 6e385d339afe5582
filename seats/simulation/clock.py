"""The clock of a play: what happens next, and when it may."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import UTC, datetime, time
from typing import Any

from seats.policy import CallbackPolicy
from seats.simulation.desk import DAY_S


class Clock:
    """Events in the order of time, those of one moment in the order of planning.

    Times are seconds since `start`; `_now` turns them into what the router is told.
    """

    def __init__(self, start: datetime) -> None:
        self._start, self._start_s = start, start.timestamp()
        self._events: list[tuple[float, int, Callable[[float, Any], None], Any]] = []
        self._serial = 0

    def _at(self, at_s: float, happens: Callable[[float, Any], None], what: object) -> None:
        """Plan `happens(at_s, what)`."""
        self._serial += 1
        heapq.heappush(self._events, (at_s, self._serial, happens, what))

    def _until(self, at_s: float) -> None:
        """Let all happen that is due by then."""
        events = self._events
        while events and events[0][0] <= at_s:
            event_s, _, happens, what = heapq.heappop(events)
            happens(event_s, what)

    def _drain(self, at_s: float, last_s: float, goes_on: Callable[[], bool]) -> float:
        """Let things happen while it goes on, to `last_s` at most; when the last one was."""
        while goes_on() and self._events and self._events[0][0] <= last_s:
            at_s, _, happens, what = heapq.heappop(self._events)
            happens(at_s, what)
        return at_s

    def _now(self, at_s: float) -> datetime:
        return datetime.fromtimestamp(self._start_s + at_s, UTC)  # far quicker than adding


def opening_s(how: CallbackPolicy, at_s: float) -> float:
    """From when on people may be called back: now, or when the policy's hours begin next."""
    day, within = divmod(at_s, DAY_S)
    begins, ends = _seconds(how.begin), _seconds(how.end)
    if within < begins:
        return day * DAY_S + begins
    return at_s if within < ends else (day + 1) * DAY_S + begins


def _seconds(clock: time) -> int:
    return clock.hour * 3600 + clock.minute * 60
