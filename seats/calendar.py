"""Opening hours: workdays, weekends, holidays, adjusted workdays (调休), closures, the night line.

Asked with an aware UTC time; days and hours are those of the calendar's own IANA zone. What a
day is, is never guessed: a year whose notice is not loaded raises YearNotLoaded, unless the answer
is the same whatever the day may be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

DAY_MIN = 24 * 60
DECEMBER = 12  # the State Council's notice of the next year is out by then

NightAnswer = Literal["message", "province", "line"]
"""Who answers when closed: a voice message, the provincial seats, or the outside line `night`."""


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
    """Opening hours of a place and group; None stands for every place or every group.

    `weekdays` (0 Monday to 6 Sunday) stand in place of the kind's hours on such a day, unless it
    is a holiday or worked in exchange.
    """

    place: str | None
    group: str | None
    spans: Mapping[DayKind, tuple[Span, ...]]
    weekdays: Mapping[int, tuple[Span, ...]] = field(default_factory=dict)

    def on(self, day: date, kind: DayKind) -> tuple[Span, ...]:
        """The hours of this day if it counts as `kind`."""
        if kind is _usual(day) and day.weekday() in self.weekdays:
            return self.weekdays[day.weekday()]
        return self.spans[kind]


@dataclass(frozen=True, slots=True)
class Night:
    """Who answers callers of a place and group when it is closed."""

    place: str | None
    group: str | None
    answer: NightAnswer


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
    """One year's notice: days off, weekend days worked in exchange, names of the days off.

    `december_before`: what the notice changes in the year before, worked into that year already.
    """

    holidays: frozenset[date]
    workdays: frozenset[date]
    names: Mapping[date, str] = field(default_factory=dict)
    source: str = ""
    december_before: Year | None = None


@dataclass(frozen=True, slots=True)
class Calendar:
    """Answers whether a place and group are open; built by `calendar_file.load_calendar`."""

    zone: ZoneInfo
    rules: tuple[Hours, ...]
    years: Mapping[int, Year]
    closures: tuple[Closure, ...] = ()
    nights: tuple[Night, ...] = ()

    def kind(self, day: date) -> DayKind:
        """What the day counts as; YearNotLoaded when its notice is not here."""
        year = self.years.get(day.year)
        if year is None:
            raise YearNotLoaded(day.year)
        if day in year.workdays:
            return DayKind.WORKDAY
        if day in year.holidays:
            return DayKind.HOLIDAY
        return _usual(day)

    def day_of(self, now: datetime) -> date:
        """The day that it is in the calendar's zone."""
        return now.astimezone(self.zone).date()

    def missing_year(self, today: date) -> int | None:
        """The year that should be loaded by now: this one, and from 1 December the next."""
        due = (today.year, *((today.year + 1,) if today.month == DECEMBER else ()))
        return next((year for year in due if year not in self.years), None)

    @property
    def hours_need_years(self) -> bool:
        """Whether what a day counts as ever matters for the hours."""
        return any(len({*rule.spans.values(), *rule.weekdays.values()}) > 1 for rule in self.rules)

    def night(self, place: str | None = None, group: str | None = None) -> NightAnswer:
        """Who answers callers of `place` and `group` when it is closed; nobody named: a message."""
        fitting = [night for night in self.nights if _fits(night, place, group)]
        return max(fitting, key=_exactness).answer if fitting else "message"

    def hours(
        self, now: datetime, place: str | None = None, group: str | None = None
    ) -> Literal["open", "closed"]:
        """Whether `group` is open for callers of `place` (GB/T 2260, None: unknown) at `now`."""
        if now.tzinfo is None:
            raise ValueError("now must be an aware time")
        if any(
            closure.start <= now < closure.end and _fits(closure, place, group)
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
        return max((r for r in self.rules if _fits(r, place, group)), key=_exactness)

    def _is_within(self, rule: Hours, day: date, minute: int) -> bool:
        kinds = [
            kind
            for kind in _possible(day)
            if any(span.start <= minute < span.end for span in rule.on(day, kind))
        ]
        if not kinds or len(kinds) == len(_possible(day)):
            return bool(kinds)  # the same whatever the day is: no need to know
        return self.kind(day) in kinds


class _ForWhom(Protocol):
    """What holds for a place and group; None: for every one."""

    @property
    def place(self) -> str | None: ...
    @property
    def group(self) -> str | None: ...


def _fits(one: _ForWhom, place: str | None, group: str | None) -> bool:
    return one.place in (None, place) and one.group in (None, group)


def _exactness(one: _ForWhom) -> tuple[bool, bool]:
    return one.place is not None, one.group is not None


def _usual(day: date) -> DayKind:
    """What the day counts as when no notice says otherwise."""
    return DayKind.WORKDAY if day.weekday() < 5 else DayKind.WEEKEND


def _possible(day: date) -> tuple[DayKind, ...]:
    """What a notice could make of the day: Monday to Friday are never a weekend."""
    usual = _usual(day)
    return tuple(kind for kind in DayKind if kind is not DayKind.WEEKEND or kind is usual)
