"""When a seat is on duty: days and hours in Shanghai, over midnight, holidays and adjusted days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest

from callcenter.settings import DEMO_PROVINCE
from seats.calendar import DayKind, YearNotLoaded
from seats.calendar_file import load_calendar
from seats.shift import ZONE, Shift, on_shift

CALENDAR = load_calendar(DEMO_PROVINCE / "calendar.yaml")
OFFICE = Shift(8 * 60 + 30, 17 * 60 + 30, kinds=frozenset({DayKind.WORKDAY}))
NIGHT = Shift(22 * 60, 30 * 60, weekdays=frozenset({4}))


@dataclass(frozen=True)
class Of:
    shifts: tuple[Shift, ...]


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


def test_a_seat_without_shifts_is_on_duty_always() -> None:
    assert on_shift(Of(()), local("2026-02-17T03:00"))


@pytest.mark.parametrize(
    ("at", "is_on"),
    [
        ("2026-11-20T21:59", False),  # a Friday
        ("2026-11-20T22:00", True),
        ("2026-11-21T05:59", True),
        ("2026-11-21T06:00", False),
        ("2026-11-21T22:30", False),
        ("2026-11-20T03:00", False),  # Thursday's night is no shift
    ],
)
def test_a_shift_over_midnight_belongs_to_the_day_it_begins_on(at: str, is_on: bool) -> None:
    assert on_shift(Of((NIGHT,)), local(at)) is is_on


@pytest.mark.parametrize(
    ("at", "is_on"),
    [
        ("2026-11-20T08:29", False),
        ("2026-11-20T08:30", True),
        ("2026-11-20T17:29:59", True),
        ("2026-11-20T17:30", False),
        ("2026-11-21T10:00", False),  # a Saturday
        ("2026-02-17T10:00", False),  # Spring Festival, a Tuesday
        ("2026-02-14T10:00", True),  # a Saturday worked in exchange
        ("2030-11-21T10:00", True),  # a Thursday of a year nobody loaded
        ("2030-11-23T10:00", False),
    ],
)
def test_a_workday_is_what_the_calendar_says(at: str, is_on: bool) -> None:
    assert on_shift(Of((OFFICE,)), local(at), CALENDAR.kind) is is_on


def test_without_a_calendar_monday_to_friday_are_workdays() -> None:
    assert on_shift(Of((OFFICE,)), local("2026-02-17T10:00"))
    assert not on_shift(Of((OFFICE,)), local("2026-02-14T10:00"))


def test_any_of_several_shifts_is_enough() -> None:
    both = Of((OFFICE, NIGHT))
    week = [local("2026-11-16T00:00") + timedelta(minutes=30 * n) for n in range(7 * 48)]
    on = [moment for moment in week if on_shift(both, moment, CALENDAR.kind)]
    assert len(on) == 5 * 18 + 16
    assert all(
        on_shift(both, moment, CALENDAR.kind)
        == (on_shift(Of((OFFICE,)), moment) or on_shift(Of((NIGHT,)), moment))
        for moment in week
    )


def test_a_calendar_without_the_year_says_so_itself() -> None:
    with pytest.raises(YearNotLoaded):
        CALENDAR.kind(date(2030, 1, 1))
