"""How many seats are on duty when, and the slowest time for some work, held against brute force."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from math import inf

import pytest

from callcenter.settings import DEMO_PROVINCE
from seats.calendar import DAY_MIN, DayKind
from seats.calendar_file import load_calendar
from seats.on_duty import OnDuty
from seats.seat import Level, Seat
from seats.shift import ZONE, Shift, on_shift

MONDAY = date(2026, 11, 16)
HOUR_S = 3600
EVERY_DAY = frozenset(range(7))


def seat(number: int, *shifts: Shift) -> Seat:
    skills, languages = frozenset({"general"}), frozenset({"zh-CN"})
    return Seat(str(number), Level.PROVINCIAL, None, skills, languages, "x", shifts=shifts)


def day(start: int, end: int, weekdays: frozenset[int] = EVERY_DAY) -> Shift:
    return Shift(start * 60, end * 60, weekdays)


def worst(seats: Sequence[Seat], work_s: int, step_s: int) -> int:
    """By trying: whole steps from each step of the week on until more than the work is done."""
    begin = datetime.combine(MONDAY, datetime.min.time(), ZONE).astimezone(UTC)
    week = 7 * DAY_MIN * 60 // step_s
    counts = [
        sum(on_shift(one, begin + timedelta(seconds=n * step_s)) for one in seats)
        for n in range(week)
    ]
    longest = 0
    for start in range(week):
        done = n = 0
        while done <= work_s:
            done += counts[(start + n) % week] * step_s
            n += 1
        # the step in which the work was passed is not needed whole
        longest = max(longest, n * step_s - (done - work_s) // counts[(start + n - 1) % week])
    return longest


def test_seats_without_shifts_work_at_once() -> None:
    duty = OnDuty([seat(1), seat(2)], MONDAY)
    assert duty.fewest == 2
    assert duty.slowest(3600) == (1800, None)


def test_nobody_never_ends_the_work() -> None:
    assert OnDuty([], MONDAY).slowest(1) == (inf, None)
    never = Shift(0, DAY_MIN, kinds=frozenset())
    assert OnDuty([seat(1, never)], MONDAY).slowest(0) == (inf, None)


def test_a_night_without_anybody_is_waited_through() -> None:
    duty = OnDuty([seat(1, day(8, 18))], MONDAY)
    assert duty.fewest == 0
    longest, begin = duty.slowest(HOUR_S)
    assert longest == pytest.approx(15 * HOUR_S, abs=1)
    assert begin is not None
    assert begin.hour in (17, 18)
    # nothing to do, but the morning must come
    longest, begin = duty.slowest(0)
    assert longest == pytest.approx(14 * HOUR_S, abs=1)


def test_a_weekend_is_waited_through_where_nobody_works_at_it() -> None:
    duty = OnDuty([seat(1, day(8, 18, frozenset(range(5))))], MONDAY)
    longest, begin = duty.slowest(0)
    assert longest == pytest.approx(62 * HOUR_S, abs=1)
    assert begin is not None
    assert (begin.weekday(), begin.hour) == (4, 18)


def test_two_shifts_of_one_seat_at_a_time_count_once() -> None:
    duty = OnDuty([seat(1, day(8, 18), day(12, 20), day(20, 32))], MONDAY)
    assert duty.fewest == 1
    assert duty.slowest(HOUR_S)[0] == pytest.approx(HOUR_S, abs=1)


def test_more_than_a_weeks_work_takes_weeks() -> None:
    duty = OnDuty([seat(1, day(0, 24, frozenset({0})))], MONDAY)
    longest, _ = duty.slowest(3 * 24 * HOUR_S)
    # from a Tuesday's first second on, and not done before the fourth Monday begins
    assert longest == pytest.approx(27 * 24 * HOUR_S, abs=1)


def test_holidays_of_the_year_are_waited_through() -> None:
    calendar = load_calendar(DEMO_PROVINCE / "calendar.yaml")
    office = Shift(8 * 60, 18 * 60, kinds=frozenset({DayKind.WORKDAY}))
    duty = OnDuty([seat(1, office)], date(2026, 1, 5), calendar.kind)
    longest, begin = duty.slowest(0)
    assert begin is not None
    # from the Saturday worked before Spring Festival until the Tuesday after it
    assert begin.date() == date(2026, 2, 14)
    assert longest == pytest.approx((9 * 24 + 14) * HOUR_S, abs=1)


@pytest.mark.parametrize("seed", range(40))
def test_random_rosters_agree_with_trying_every_moment(seed: int) -> None:
    rng = random.Random(seed)
    seats = []
    for number in range(rng.randint(1, 4)):
        shifts = []
        for _ in range(rng.randint(0 if rng.random() < 0.2 else 1, 3)):
            start = rng.randrange(24)
            days = frozenset(rng.sample(range(7), rng.randint(1, 7)))
            shifts.append(day(start, start + rng.randint(1, 24), days))
        seats.append(seat(number, *shifts))
    work_s = rng.choice([0, HOUR_S, 5 * HOUR_S, rng.randrange(60 * HOUR_S)])
    longest, _ = OnDuty(seats, MONDAY).slowest(work_s)
    tried = worst(seats, work_s, HOUR_S)
    # what is tried begins at full hours only
    assert tried - 1 <= longest <= tried + HOUR_S
