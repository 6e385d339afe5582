"""When a seat is on duty (班次): days and hours of the week in Shanghai time. Rules only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from seats.calendar import DAY_MIN, DayKind, YearNotLoaded

ZONE: Final = ZoneInfo("Asia/Shanghai")
WEEK_MIN: Final = 7 * DAY_MIN

KindOf = Callable[[date], DayKind]
"""What a day counts as: `Calendar.kind`, which raises YearNotLoaded."""


@dataclass(frozen=True, slots=True)
class Shift:
    """From `start` to before `end`, minutes after midnight; `end` > 1440 runs into the next day.

    It begins on the `weekdays` (0 Monday to 6 Sunday), holiday or not, and on days of these
    `kinds`, so that `workday` leaves out holidays and takes in the days worked in exchange.
    """

    start: int
    end: int
    weekdays: frozenset[int] = frozenset()
    kinds: frozenset[DayKind] = frozenset()

    def begins_on(self, day: date, kind_of: KindOf | None = None) -> bool:
        """Whether one begins that day; in a year nobody loaded Monday to Friday are workdays."""
        if day.weekday() in self.weekdays:
            return True
        return bool(self.kinds) and _kind(day, kind_of) in self.kinds


def _kind(day: date, kind_of: KindOf | None) -> DayKind:
    usual = DayKind.WORKDAY if day.weekday() < 5 else DayKind.WEEKEND
    try:
        return kind_of(day) if kind_of else usual
    except YearNotLoaded:
        return usual


class Shifted(Protocol):
    """What has shifts: a seat."""

    @property
    def shifts(self) -> tuple[Shift, ...]:
        """None of them: on duty always."""


def on_shift(seat: Shifted, now: datetime, kind_of: KindOf | None = None) -> bool:
    """Whether the seat may be offered calls at `now` (aware); what it is doing stays its own."""
    if not seat.shifts:
        return True
    local = now.astimezone(ZONE)
    minute = local.hour * 60 + local.minute
    yesterday = local.date() - timedelta(days=1)
    return any(
        shift.start <= at < shift.end and shift.begins_on(day, kind_of)
        for day, at in ((local.date(), minute), (yesterday, minute + DAY_MIN))
        for shift in seat.shifts
    )
