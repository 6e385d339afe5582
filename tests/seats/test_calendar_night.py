"""Hours of single weekdays, who answers when closed, and which years should be loaded by now."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from seats.calendar import Calendar, NightAnswer, YearNotLoaded
from seats.calendar_file import load_calendar
from seats.source import FileFaults

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = """\
zone: Asia/Shanghai
hours:
  - workday: [08:30-17:00]
    fri: [08:30-16:00]
    weekend: []
    sat: [09:00-12:00]
    holiday: [10:00-11:00]
night:
  - answer: province
  - {place: 220100, answer: line}
  - {group: service, answer: message}
  - {place: 222400, group: service, answer: line}
years:
  2026:
    source: notice
    holidays: {国庆节: 2026-10-01..2026-10-07}
    workdays: [2026-10-10]
"""


def calendar_of(folder: Path, text: str) -> Calendar:
    path = folder / "calendar.yaml"
    path.write_text(text, encoding="utf-8")
    return load_calendar(path)


@pytest.fixture(name="office")
def _office(tmp_path: Path) -> Calendar:
    return calendar_of(tmp_path, OFFICE)


@pytest.mark.parametrize(
    ("at", "answer"),
    [
        ("2026-10-15T16:30", "open"),  # a Thursday
        ("2026-10-16T16:30", "closed"),  # a Friday
        ("2026-10-16T15:30", "open"),
        ("2026-10-17T11:30", "open"),  # a Saturday
        ("2026-10-18T11:30", "closed"),  # a Sunday
        ("2026-10-10T16:30", "open"),  # a Saturday worked in exchange has the hours of a workday
        ("2026-10-02T15:30", "closed"),  # a Friday of the holiday
        ("2026-10-02T10:30", "open"),
    ],
)
def test_a_weekday_has_hours_of_its_own_unless_the_notice_moves_it(
    office: Calendar, at: str, answer: str
) -> None:
    assert office.hours(datetime.fromisoformat(at).replace(tzinfo=SHANGHAI)) == answer


def test_what_every_possible_day_agrees_on_needs_no_year(office: Calendar) -> None:
    def at(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)

    assert office.hours(at("2027-01-04T10:30")) == "open"  # a Monday: workday or holiday
    assert office.hours(at("2027-01-04T07:00")) == "closed"
    with pytest.raises(YearNotLoaded, match="2027"):
        office.hours(at("2027-01-04T09:00"))
    with pytest.raises(YearNotLoaded, match="2027"):
        office.hours(at("2027-01-03T10:30"))  # a Sunday: weekend, holiday or worked in exchange


@pytest.mark.parametrize(
    ("place", "group", "answer"),
    [
        (None, None, "province"),
        ("220200", "labour", "province"),
        ("220100", "labour", "line"),
        ("220100", "service", "line"),  # the place weighs more
        ("220200", "service", "message"),
        ("222400", "service", "line"),
    ],
)
def test_who_answers_when_closed_is_data(
    office: Calendar, place: str | None, group: str | None, answer: NightAnswer
) -> None:
    assert office.night(place, group) == answer


def test_nobody_named_for_the_night_means_a_message(tmp_path: Path) -> None:
    day = "zone: Asia/Shanghai\nhours: [{daily: [08:00-20:00]}]\nyears: {}\n"
    calendar = calendar_of(tmp_path, day)
    assert calendar.night("220100", "family") == "message"
    assert not calendar.hours_need_years


def test_the_year_that_should_be_loaded_is_named_from_december_on(office: Calendar) -> None:
    days = ("2026-01-01", "2026-11-30", "2026-12-01", "2026-12-31", "2027-01-01", "2027-12-01")
    missing = {day: office.missing_year(date.fromisoformat(day)) for day in days}
    assert missing == {
        "2026-01-01": None,
        "2026-11-30": None,
        "2026-12-01": 2027,
        "2026-12-31": 2027,
        "2027-01-01": 2027,
        "2027-12-01": 2027,
    }
    assert office.hours_need_years


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            "answer: province",
            "answer: nobody",
            "9: night[1].answer: 'nobody' is none of message, province, line",
        ),
        ("answer: province", "place: 220100", "9: night[1]: answer is missing"),
        (
            "{group: service, answer",
            "{place: 220100, answer",
            "11: night[3]: another rule has this place and group already",
        ),
        ("fri: [08:30-16:00]", "fri: [9-4]", "4: hours[1].fri: '9-4' is not like 08:30-17:00"),
        (
            "workday: [08:30-17:00]",
            "daily: [08:30-17:00]",
            "4: hours[1].fri: stands beside daily: use one",
        ),
    ],
)
def test_each_fault_is_told_with_its_line(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert old in OFFICE
    with pytest.raises(FileFaults) as found:
        calendar_of(tmp_path, OFFICE.replace(old, new, 1))
    assert fault in [str(one).split("calendar.yaml:")[1] for one in found.value.faults]
