"""The facts of a call: what a branch may ask, from the calendar, the caller and the line."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from callcenter.call import Call, CallId
from callcenter.events import CityFound
from callcenter.known import Known, facts_of
from ivr_flows.model import FACTS
from ivr_flows.turn import Session
from reports.store import DatabaseAway
from seats.calendar import Calendar
from seats.calendar_file import load_calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = """\
zone: Asia/Shanghai
hours: [{workday: [08:30-17:00], weekend: [], holiday: []}, {place: 220200, daily: [00:00-24:00]}]
night: [{answer: province}, {place: 222400, answer: line}]
years: {2026: {source: notice, holidays: {国庆节: 2026-10-01..2026-10-07}, workdays: [2026-10-10]}}
"""
MONDAY = datetime(2026, 10, 12, 2, tzinfo=UTC)  # 10:00 in Shanghai


@pytest.fixture(name="calendar")
def _calendar(tmp_path: Path) -> Calendar:
    path = tmp_path / "calendar.yaml"
    path.write_text(OFFICE, encoding="utf-8")
    return load_calendar(path)


def call(**known: Any) -> Call:
    return Call(**{"call_id": CallId("1.1"), "arrived_at": MONDAY, **known})


def told(**facts: str) -> Session:
    return Session("main", 1, "look", facts=facts)


def test_every_fact_is_told_with_a_value_that_a_flow_may_name(calendar: Calendar) -> None:
    facts = facts_of(call(), MONDAY, calendar=calendar)
    assert facts.keys() == FACTS.keys()
    assert all(value in FACTS[name] for name, value in facts.items())


@pytest.mark.parametrize(
    ("known", "facts"),
    [
        ({}, {"city": "unknown", "language_hint": "chinese", "caller_known": "no"}),
        ({"caller": "+8613800000000"}, {"caller_known": "yes", "city": "unknown"}),
        ({"city": "222400"}, {"city": "222400", "language_hint": "korean", "night": "line"}),
        ({"city_source": "mobile_hint"}, {"city_source": "mobile_hint"}),
        ({"city": "230100"}, {"city": "other", "language_hint": "chinese", "night": "province"}),
        ({"special": ("elderly",)}, {"special": "yes"}),
        ({"caller": "+864315550199"}, {"special": "yes"}),
        ({"caller": "+864315550123"}, {"special": "no"}),
        ({"session": told(order_state="working")}, {"open_order": "yes"}),
        ({"session": told(order_state="done")}, {"open_order": "no"}),
        ({"session": told()}, {"open_order": "no"}),
    ],
)
def test_what_is_known_of_the_caller(
    calendar: Calendar, known: dict[str, Any], facts: dict[str, str]
) -> None:
    found = facts_of(call(**known), MONDAY, calendar=calendar, flagged={"+864315550199"})
    assert found.items() >= facts.items()


@pytest.mark.parametrize(
    ("at", "facts"),
    [
        ("2026-10-12T10:00", {"hours": "open", "holiday": "no"}),
        ("2026-10-12T20:00", {"hours": "closed", "holiday": "no"}),
        ("2026-10-02T10:00", {"hours": "closed", "holiday": "yes"}),
        ("2026-10-10T10:00", {"hours": "open", "holiday": "no"}),  # a Saturday worked in exchange
        ("2026-10-11T10:00", {"hours": "closed", "holiday": "no"}),  # a Sunday
    ],
)
def test_hours_and_holiday_follow_the_calendar(
    calendar: Calendar, at: str, facts: dict[str, str]
) -> None:
    now = datetime.fromisoformat(at).replace(tzinfo=SHANGHAI)
    assert facts_of(call(), now, calendar=calendar).items() >= facts.items()


def test_a_year_that_is_not_loaded_is_left_out_and_not_guessed(calendar: Calendar) -> None:
    now = datetime(2027, 1, 4, 10, tzinfo=SHANGHAI)
    facts = facts_of(call(), now, calendar=calendar)
    assert FACTS.keys() - facts.keys() == {"hours", "holiday"}
    always = facts_of(call(city="220200"), now, calendar=calendar)
    assert (always["hours"], "holiday" in always) == ("open", False)


@pytest.mark.parametrize(
    ("waiting", "queue"), [(0, "empty"), (1, "short"), (4, "short"), (5, "long"), (200, "long")]
)
def test_the_line_is_empty_short_or_long(calendar: Calendar, waiting: int, queue: str) -> None:
    assert facts_of(call(), MONDAY, calendar=calendar, waiting=waiting)["queue"] == queue


class House:
    """What `Known` is told by the rest of the house."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.waiting = 0
        self.asked: list[tuple[str, datetime]] = []
        self.answer: bool | Exception = True
        self.talk: tuple[str, datetime] | None = None
        self.talks: list[tuple[str, str, datetime]] = []
        self.before: str | None = None
        self.told: list[tuple[str, CityFound]] = []
        self.known = Known(
            calendar=lambda: self.calendar,
            waiting=lambda: self.waiting,
            called_before=self._called_before,
            told_before=self._told_before,
            tell=lambda call_id, found: self.told.append((call_id, found)),
            talked_before=self._talked_before,
            tell_talk=lambda *talk: self.talks.append(talk),
        )

    async def _told_before(self, number: str, moment: datetime) -> str | None:
        return self.before

    async def _called_before(self, number: str, moment: datetime) -> bool:
        self.asked.append((number, moment))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def _talked_before(self, number: str, moment: datetime) -> tuple[str, datetime] | None:
        assert moment == MONDAY
        return self.talk

    def repeat(self, of: Call) -> str:
        return self.known.facts_of(of)["repeat_caller"]


async def settled() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_who_calls_again_is_asked_once_and_no_until_known(calendar: Calendar) -> None:
    house = House(calendar)
    caller = call(caller="+864315550123")
    assert house.repeat(caller) == "no"
    house.known.look_up(caller)
    house.known.look_up(caller)
    assert house.repeat(caller) == "no"
    await settled()
    assert house.repeat(caller) == "yes"
    assert house.asked == [("+864315550123", MONDAY)]
    assert house.repeat(call(call_id=CallId("2.2"), caller="+864315550123")) == "no"
    house.known.forget("1.1")
    assert house.repeat(caller) == "no"


async def test_who_talked_with_the_number_last_is_told(calendar: Calendar) -> None:
    house = House(calendar)
    house.known.look_up(call(caller="+864315550123"))
    await settled()
    assert house.talks == []
    house.talk = ("8001", MONDAY)
    house.known.look_up(call(call_id=CallId("2.2"), caller="+864315550123"))
    await settled()
    assert house.talks == [("2.2", "8001", MONDAY)]


async def test_nobody_is_asked_about_a_number_that_is_not_shown(calendar: Calendar) -> None:
    house = House(calendar)
    house.known.look_up(call())
    await settled()
    assert house.asked == []


@pytest.mark.parametrize("answer", [False, DatabaseAway("gone"), TimeoutError()])
async def test_where_nobody_can_tell_it_stays_no(
    calendar: Calendar, answer: bool | Exception
) -> None:
    house = House(calendar)
    house.answer = answer
    caller = call(caller="+864315550123")
    house.known.look_up(caller)
    await settled()
    assert (house.repeat(caller), len(house.asked)) == ("no", 1)


@pytest.mark.parametrize(
    ("source", "before", "told"),
    [
        ("unknown", "cbs", [("1.1", CityFound("cbs", "confirmed"))]),
        ("mobile_hint", "220200", [("1.1", CityFound("220200", "confirmed"))]),
        ("mobile_hint", None, []),
        ("landline", "220200", []),
        ("dialled", "220200", []),
    ],
)
async def test_the_city_told_in_an_earlier_call_is_handed_to_a_call_that_lacks_a_sure_one(
    calendar: Calendar, source: str, before: str | None, told: list[tuple[str, CityFound]]
) -> None:
    house = House(calendar)
    house.before = before
    house.known.look_up(call(caller="+8613904310000", city_source=source))
    await settled()
    assert house.told == told


async def test_nothing_is_looked_up_for_a_call_that_is_not_let_in(calendar: Calendar) -> None:
    house = House(calendar)
    house.known.look_up(call(caller="+8613904310000", blocked="number_flood"))
    await settled()
    assert house.asked == []


def test_a_call_keeps_the_hours_of_its_arrival_while_the_line_is_as_it_is_now(
    calendar: Calendar, tmp_path: Path
) -> None:
    house = House(calendar)
    assert house.known.facts_of(call())["hours"] == "open"
    shut = tmp_path / "shut.yaml"
    shut.write_text("zone: Asia/Shanghai\nhours: [daily: []]\nyears: {}\n", encoding="utf-8")
    house.calendar, house.waiting = load_calendar(shut), 9
    same = house.known.facts_of(call())
    assert (same["hours"], same["queue"]) == ("open", "long")
    later = call(arrived_at=datetime(2026, 10, 12, 3, tzinfo=UTC))
    assert house.known.facts_of(later)["hours"] == "closed"
