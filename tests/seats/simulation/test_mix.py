"""Callers by shares, arrivals by rates, and the built-in year."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from seats.calendar import DayKind
from seats.calendar_file import load_calendar
from seats.seat import Level
from seats.simulation import jilin
from seats.simulation.calls import Habits, draw_calls, times_of
from seats.simulation.mix import Mix, arrivals
from tests.seats.simulation.made import MONDAY

HOLIDAYS = Path(__file__).parents[3] / "callcenter" / "demo" / "province" / "calendar.yaml"


def weekday(day: date) -> DayKind:
    return DayKind.WORKDAY if day.weekday() < 5 else DayKind.WEEKEND


def test_each_half_hour_brings_what_is_expected_of_it():
    rates = np.tile([0.0, 100.0, 900.0], 200)
    times = times_of(rates, np.random.default_rng(1))
    counts = np.bincount((times // 1800).astype(int), minlength=600).reshape(200, 3)
    assert counts[:, 0].sum() == 0
    assert counts[:, 1].mean() == pytest.approx(100, rel=0.03)
    assert counts[:, 2].mean() == pytest.approx(900, rel=0.01)
    assert counts[:, 2].var() == pytest.approx(900, rel=0.3)  # Poisson
    assert (np.diff(times) >= 0).all()


def test_callers_come_by_their_shares_and_come_back():
    mix = Mix(
        groups={"labour": 3, "family": 1},
        cities={"220100": 1, "222400": 1},
        other_language={"222400": ("ko-KR", 0.2)},
        special={"elderly": 0.1},
        repeat=0.25,
        repeat_within=50,
    )
    asked = arrivals(mix, MONDAY, np.full(200, 100.0), np.random.default_rng(1))
    count = len(asked)
    assert (asked.group == 0).mean() == pytest.approx(0.75, abs=0.02)
    korean = asked.language == 1
    assert asked.languages == ("zh-CN", "ko-KR")
    assert (asked.city[korean] == 1).all()
    assert korean.mean() == pytest.approx(0.1, abs=0.02)
    assert (asked.special == 0).mean() == pytest.approx(0.1, abs=0.02)
    assert 1 - len(np.unique(asked.caller)) / count == pytest.approx(0.25, abs=0.02)
    for column in (asked.city, asked.language, asked.special):
        first = column[np.unique(asked.caller, return_index=True)[1]]
        assert (column == first[asked.caller]).all(), "who comes back is the same person"


def test_without_cities_nobody_has_one():
    asked = arrivals(Mix(groups={"labour": 1}), MONDAY, np.full(2, 5.0), np.random.default_rng(1))
    assert set(asked.city.tolist()) == {-1}
    assert set(asked.special.tolist()) == {-1}


def test_the_year_of_jilin_is_what_is_known_of_it():
    kind_of = load_calendar(HOLIDAYS).kind
    slots = jilin.RHYTHM.per_slot(date(2026, 1, 1), 365, jilin.A_DAY, kind_of)
    assert slots.sum() == pytest.approx(438_000, rel=0.01)
    days = slots.reshape(365, 48)
    hours = days.reshape(365, 24, 2).sum(axis=2)
    assert (hours / days.sum(axis=1, keepdims=True)).max() == pytest.approx(0.12, abs=0.001)
    assert 1450 < days.sum(axis=1).max() < 1580
    seats = jilin.roster()
    assert len(seats) == len({seat.number for seat in seats}) == 28
    assert sum(seat.level is Level.PROVINCIAL for seat in seats) == 12
    skills = {skill for seat in seats for skill in seat.skills}
    assert skills == set(jilin.MIX.groups)
    assert {seat.city for seat in seats} - {None} == set(jilin.MIX.cities)


def test_a_holiday_and_an_exchanged_weekend_day_weigh_as_such():
    kinds = {date(2026, 3, 2): DayKind.HOLIDAY, date(2026, 3, 7): DayKind.WORKDAY}
    first = date(2026, 3, 2)
    plain = jilin.RHYTHM.per_slot(first, 7, 100.0, weekday).reshape(7, 48).sum(axis=1)
    found = jilin.RHYTHM.per_slot(first, 7, 100.0, lambda day: kinds.get(day, weekday(day)))
    changed = found.reshape(7, 48).sum(axis=1)
    assert changed[0] == pytest.approx(100 * 0.45)
    assert changed[5] == pytest.approx(plain[2])
    assert np.delete(changed, [0, 5]) == pytest.approx(np.delete(plain, [0, 5]))
    assert first + timedelta(days=5) == date(2026, 3, 7)


def test_one_habit_changed_leaves_the_other_draws_alone():
    asked = arrivals(jilin.MIX, MONDAY, np.full(10, 50.0), np.random.default_rng(1))
    one = draw_calls(asked, Habits(), np.random.default_rng(2))
    other = draw_calls(asked, Habits(no_answer=0.5, callback=0.9), np.random.default_rng(2))
    assert (one.talk_s == other.talk_s).all()
    assert (one.patience_s == other.patience_s).all()
    assert np.isinf(other.ring_s).mean() == pytest.approx(0.5, abs=0.1)
    assert (other.callback_s == 60).mean() == pytest.approx(0.9, abs=0.1)
