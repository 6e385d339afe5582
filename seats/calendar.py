"""Opening hours: workdays, weekends, holidays, adjusted workdays (调休) and one-off closures.

Asked with an aware UTC time; days and hours are those of the calendar's own IANA zone. What a
day is, is never guessed: a year whose notice is not loaded raises YearNotLoaded, unless the hours
in question are the same on every kind of day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal
from zoneinfo import ZoneInfo

DAY_MIN = 24 * 60


class DayKind(StrEnum):
    """What a day counts as for opening hours."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"


class YearNotLoaded(LookupError):
    """The year's holiday notice is not in the calendar; the caller of `hours` decides."""

    def __init__(self, year: int) -> None:
        super().__init__(f"the holidays of {year} are not loaded")
        self.year = year


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` to before `end`, minutes after midnight; `end` > 1440 runs into the next day."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours of a place and group; None stands for every place or every group."""

    place: str | None
    group: str | None
    spans: Mapping[DayKind, tuple[Span, ...]]


@dataclass(frozen=True, slots=True)
class Closure:
    """Closed once, from `start` to before `end` (aware), whatever the hours say."""

    place: str | None
    group: str | None
    start: datetime
    end: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Year:
    """One year's notice: days off by holiday, and weekend days worked in exchange."""

    holidays: frozenset[date]
    workdays: frozenset[date]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Answers whether a place and group are open; built by `calendar_file.load_calendar`."""

    zone: ZoneInfo
    rules: tuple[Hours, ...]
    years: Mapping[int, Year]
    closures: tuple[Closure, ...] = ()

    def kind(self, day: date) -> DayKind:
        """What the day counts as; YearNotLoaded when its notice is not here."""
        year = self.years.get(day.year)
        if year is None:
            raise YearNotLoaded(day.year)
        if day in year.workdays:
            return DayKind.WORKDAY
        if day in year.holidays:
            return DayKind.HOLIDAY
        return DayKind.WORKDAY if day.weekday() < 5 else DayKind.WEEKEND

    def hours(
        self, now: datetime, place: str | None = None, group: str | None = None
    ) -> Literal["open", "closed"]:
        """Whether `group` is open for callers of `place` (GB/T 2260, None: unknown) at `now`."""
        if now.tzinfo is None:
            raise ValueError("now must be an aware time")
        if any(
            closure.start <= now < closure.end
            and closure.place in (None, place)
            and closure.group in (None, group)
            for closure in self.closures
        ):
            return "closed"
        rule = self._rule(place, group)
        local = now.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        today, yesterday = local.date(), local.date() - timedelta(days=1)
        # what began yesterday may run past midnight and is asked second: its year may be missing
        for day, at in ((today, minute), (yesterday, minute + DAY_MIN)):
            if self._is_within(rule, day, at):
                return "open"
        return "closed"

    def _rule(self, place: str | None, group: str | None) -> Hours:
        """The rule that names place and group most exactly; the place weighs more."""
        return max(
            (r for r in self.rules if r.place in (None, place) and r.group in (None, group)),
            key=lambda rule: (rule.place is not None, rule.group is not None),
        )

    def _is_within(self, rule: Hours, day: date, minute: int) -> bool:
        kinds = [
            kind
            for kind, spans in rule.spans.items()
            if any(span.start <= minute < span.end for span in spans)
        ]
        if not kinds or len(kinds) == len(DayKind):
            return bool(kinds)  # the same on every kind of day: no need to know which it is
        return self.kind(day) in kinds
