"""Alarms that steps of flows raise: told at once in the log, in /metrics and on the live page."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from callcenter.call import Call

log = structlog.get_logger()

MOST = 50  # shown; older ones are in the facts
SHOWN_FOR = timedelta(hours=12)  # one shift


class Counted(Protocol):
    """Counts alarms."""

    def alarm_raised(self, name: str) -> None:
        """One alarm."""


@dataclass(frozen=True, slots=True)
class Raised:
    """One alarm. `caller` as received, for whoever shows it to mask."""

    name: str
    at: datetime
    call_id: str
    caller: str | None
    city: str | None


class Alarms:
    """The newest alarms, from memory: raising one costs a call nothing."""

    def __init__(self, counters: Counted) -> None:
        self._counters = counters
        self._raised: deque[Raised] = deque(maxlen=MOST)

    def raise_(self, name: str, call: Call, now: datetime) -> None:
        """Tell of it everywhere."""
        self._counters.alarm_raised(name)
        # No number: the page shows it masked to those who may look, the facts hold it.
        log.error("alarm", name=name, call_id=call.call_id, city=call.city, flow=call.flow)
        self._raised.append(Raised(name, now, call.call_id, call.caller, call.city))

    def hear(self, before: Call | None, call: Call) -> None:
        """Another controller has told how a call of its own is now, and was before."""
        known = len(before.alarms) if before else 0
        for alarm in call.alarms[known:]:
            raised = Raised(alarm.name, alarm.at, call.call_id, call.caller, call.city)
            if raised not in self._raised:
                self._raised.append(raised)

    def restore(self, calls: Iterable[Call]) -> None:
        """What an earlier controller raised for calls that go on."""
        kept = [
            Raised(alarm.name, alarm.at, call.call_id, call.caller, call.city)
            for call in calls
            for alarm in call.alarms
        ]
        unknown = (one for one in kept if one not in self._raised)  # heard of before a take-over
        self._raised.extend(sorted(unknown, key=lambda one: one.at))

    def newest(self, now: datetime) -> tuple[Raised, ...]:
        """Those of this shift, the newest first."""
        return tuple(one for one in reversed(self._raised) if now - one.at < SHOWN_FOR)
