"""Open or closed: the zone, the spans, holidays and adjusted workdays, closures, and the file."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seats.calendar import Calendar, DayKind, YearNotLoaded
from seats.calendar_file import load_calendar
from seats.source import FileFaults

DEMO = Path(__file__).parents[2] / "callcenter" / "demo" / "province" / "calendar.yaml"
SHANGHAI = ZoneInfo("Asia/Shanghai")

OFFICE = """\
zone: Asia/Shanghai
hours:
  - workday: [08:30-11:30, 13:00-17:00]
    weekend: [09:00-12:00]
    holiday: []
  - place: 220100
    daily: [00:00-24:00]
  - group: service
    daily: [22:00-06:00]
  - place: 220200
    group: family
    workday: [20:00-02:00]
    weekend: []
    holiday: []
years:
  2026:
    source: notice
    holidays:
      元旦: 2026-01-01..2026-01-03
      春节: 2026-02-15..2026-02-23
    workdays: [2026-01-04, 2026-02-14, 2026-02-28]
closures:
  - {from: 2026-03-02T10:00, to: 2026-03-02T11:00, why: 检修}
  - {from: 2026-03-03T00:00, to: 2026-03-04T00:00, why: 搬迁, place: 220100, group: labour}
"""


@pytest.fixture(name="office", scope="module")
def _office(tmp_path_factory: pytest.TempPathFactory) -> Calendar:
    path = tmp_path_factory.mktemp("province") / "calendar.yaml"
    path.write_text(OFFICE, encoding="utf-8")
    return load_calendar(path)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "answer"),
    [
        ("2026-03-02T08:29:59", "closed"),
        ("2026-03-02T08:30", "open"),
        ("2026-03-02T11:29:59.999", "open"),
        ("2026-03-02T11:30", "closed"),
        ("2026-03-02T13:00", "open"),
        ("2026-03-02T17:00", "closed"),
        ("2026-03-07T08:30", "closed"),  # an ordinary Saturday
        ("2026-03-07T09:00", "open"),
        ("2026-03-07T13:00", "closed"),
        ("2026-02-17T10:00", "closed"),  # Spring Festival, a Tuesday
        ("2026-02-14T16:00", "open"),  # 调休: a Saturday that is worked
        ("2026-02-28T16:00", "open"),
        ("2026-01-04T08:30", "open"),  # 调休: a Sunday that is worked
        ("2026-01-02T10:00", "closed"),
    ],
)
def test_hours_follow_what_the_day_counts_as(office: Calendar, at: str, answer: str) -> None:
    assert office.hours(local(at)) == answer


def test_days_turn_at_shanghai_midnight_not_at_utc(office: Calendar) -> None:
    # 2026-02-14 (worked) ends at 16:00 UTC; the next day is the festival
    assert office.kind(date(2026, 2, 14)) is DayKind.WORKDAY
    before = datetime(2026, 2, 14, 15, 59, 59, tzinfo=UTC)
    assert office.hours(before, "220200", "family") == "open"  # 23:59 of a workday, 20:00-02:00
    assert office.hours(local("2026-02-15T00:00"), "220200", "family") == "open"
    assert office.hours(local("2026-02-15T01:59"), "220200", "family") == "open"
    assert office.hours(local("2026-02-15T02:00"), "220200", "family") == "closed"
    assert office.hours(local("2026-02-15T20:00"), "220200", "family") == "closed"
    assert office.hours(local("2026-02-23T23:59"), "220200", "family") == "closed"
    assert office.hours(local("2026-02-24T00:00"), "220200", "family") == "closed"
    assert office.hours(local("2026-02-24T20:00"), "220200", "family") == "open"


def test_open_round_the_clock_is_open_at_midnight(office: Calendar) -> None:
    for at in ("2026-02-16T23:59:59.999", "2026-02-17T00:00", "2026-02-17T00:00:01"):
        assert office.hours(local(at), "220100") == "open"


def test_a_span_over_midnight_is_open_on_both_sides(office: Calendar) -> None:
    answers = {
        at: office.hours(local(f"2026-03-05T{at}"), None, "service")
        for at in ("21:59", "22:00", "23:59", "00:00", "05:59", "06:00")
    }
    assert answers == {
        "21:59": "closed",
        "22:00": "open",
        "23:59": "open",
        "00:00": "open",
        "05:59": "open",
        "06:00": "closed",
    }


def test_the_rule_that_names_more_wins_and_the_place_weighs_more(office: Calendar) -> None:
    noon = local("2026-03-05T12:00")
    assert office.hours(noon, "220100", "service") == "open"  # the place's rule
    assert office.hours(noon, "220200", "service") == "closed"  # the group's rule
    assert office.hours(noon, "220200", "family") == "closed"  # the rule of both
    assert office.hours(noon, "230100", "labour") == "closed"  # the rule of all


def test_a_closure_closes_and_ends_to_the_second(office: Calendar) -> None:
    assert office.hours(local("2026-03-02T09:59:59")) == "open"
    assert office.hours(local("2026-03-02T10:00")) == "closed"
    assert office.hours(local("2026-03-02T10:30"), "220100") == "closed"
    assert office.hours(local("2026-03-02T11:00")) == "open"
    tuesday = local("2026-03-03T10:00")
    assert office.hours(tuesday, "220100", "labour") == "closed"
    assert office.hours(tuesday, "220100", "family") == "open"
    assert office.hours(tuesday, "220300", "labour") == "open"


def test_a_year_that_is_not_loaded_is_said_and_not_guessed(office: Calendar) -> None:
    with pytest.raises(YearNotLoaded, match="2027") as fault:
        office.hours(local("2027-01-04T10:00"))
    assert fault.value.year == 2027
    # shut at that hour on any kind of day, or open on every one: the year does not matter
    assert office.hours(local("2027-01-04T03:00")) == "closed"
    assert office.hours(local("2027-01-04T10:00"), "220100") == "open"
    assert office.hours(local("2027-01-04T23:00"), None, "service") == "open"
    # half past midnight on New Year's Day asks what the day before was
    with pytest.raises(YearNotLoaded, match="2025"):
        office.hours(local("2026-01-01T00:30"), "220200", "family")


def test_a_time_without_zone_is_refused(office: Calendar) -> None:
    with pytest.raises(ValueError, match="aware"):
        office.hours(datetime(2026, 3, 2, 10, 0))


@settings(deadline=None)
@given(st.datetimes(datetime(2026, 1, 2), datetime(2026, 12, 31), timezones=st.just(UTC)))
def test_the_same_moment_in_any_zone_has_one_answer(office: Calendar, now: datetime) -> None:
    tokyo = now.astimezone(ZoneInfo("Asia/Tokyo"))
    assert office.hours(now) == office.hours(tokyo)


def test_the_demo_days_agree_with_an_independent_table() -> None:
    calendar = load_calendar(DEMO)
    assert sorted(calendar.years) == [2025, 2026]
    day = date(2025, 1, 1)
    while day.year <= 2026:
        kind = calendar.kind(day)
        is_off, holiday = chinese_calendar.get_holiday_detail(day)
        assert (kind is DayKind.WORKDAY) == chinese_calendar.is_workday(day), day
        assert (kind is DayKind.HOLIDAY) == (is_off and holiday is not None), day
        day += timedelta(days=1)


def test_the_demo_adjusted_workdays_are_those_of_the_notices() -> None:
    years = load_calendar(DEMO).years
    assert sorted(d.isoformat()[5:] for d in years[2025].workdays) == [
        "01-26",
        "02-08",
        "04-27",
        "09-28",
        "10-11",
    ]
    assert sorted(d.isoformat()[5:] for d in years[2026].workdays) == [
        "01-04",
        "02-14",
        "02-28",
        "05-09",
        "09-20",
        "10-10",
    ]
    assert {date(2026, 2, 15), date(2026, 2, 23), date(2026, 10, 7)} <= years[2026].holidays


def test_the_demo_is_open_round_the_clock_even_in_a_year_not_loaded() -> None:
    calendar = load_calendar(DEMO)
    for at in ("2026-02-17T03:00", "2026-02-16T23:59:59", "2027-01-01T00:00", "2031-05-01T04:00"):
        assert calendar.hours(local(at), "220100", "labour") == "open"


def faults_of(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "calendar.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileFaults) as found:
        load_calendar(path)
    return [str(fault).removeprefix(f"{path}:") for fault in found.value.faults]


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("Asia/Shanghai", "Asia/Changchun", "1: zone: 'Asia/Changchun' is not an IANA time zone"),
        ("Asia/Shanghai", "../etc/passwd", "1: zone: '../etc/passwd' is not an IANA time zone"),
        ("zone: Asia/Shanghai\n", "", "1: file: zone is missing"),
        ("09:00-12:00", "9-12", "4: hours[1].weekend: '9-12' is not like 08:30-17:00"),
        (
            "09:00-12:00",
            "09:00-24:30",
            "4: hours[1].weekend: '09:00-24:30' ends after 24:00; over midnight is 22:00-06:00",
        ),
        (
            "09:00-12:00",
            "09:00-09:00",
            "4: hours[1].weekend: '09:00-09:00' is no time at all; a whole day is 00:00-24:00",
        ),
        (
            "    holiday: []\n  - place: 220100",
            "  - place: 220100",
            "3: hours[1]: holiday is missing (or give daily)",
        ),
        (
            "place: 220100\n",
            "place: 220100\n    workday: []\n",
            "7: hours[2].workday: stands beside daily: use one",
        ),
        (
            "place: 220100\n",
            "place: 999999\n",
            "6: hours[2].place: '999999' is no place of `hotline places show`",
        ),
        (
            "place: 220100\n",
            "place: '*'\n",
            "6: hours[2]: another rule has this place and group already",
        ),
        (
            "  - workday",
            "  - place: 220300\n    workday",
            "3: hours: no rule for every place and every group",
        ),
        ("  2026:", "  next:", "17: years: 'next' is not a year"),
        (
            "元旦: 2026-01-01..2026-01-03",
            "元旦: 1 January",
            "19: years.2026.holidays.元旦: '1 January' is not like 2026-02-15 or"
            " 2026-02-15..2026-02-23",
        ),
        (
            "元旦: 2026-01-01..2026-01-03",
            "元旦: 2025-12-31..2026-01-03",
            "19: years.2026.holidays.元旦: 2025-12-31..2026-01-03 is not within 2026",
        ),
        (
            "2026-02-15..2026-02-23",
            "2026-02-23..2026-02-15",
            "20: years.2026.holidays.春节: 2026-02-23..2026-02-15 ends before it begins",
        ),
        (
            "2026-02-15..2026-02-23",
            "2026-01-03",
            "20: years.2026.holidays.春节: 2026-01-03 belongs to 元旦 already",
        ),
        (
            "[2026-01-04,",
            "[2026-01-03,",
            "21: years.2026.workdays: 2026-01-03 is a day off for 元旦",
        ),
        ("[2026-01-04,", "[2026-01-05,", "21: years.2026.workdays: 2026-01-05 is no weekend day"),
        ("    source: notice\n", "", "17: years.2026: source is missing"),
        (
            "2026-03-02T10:00",
            "2026-03-02",
            "23: closures[1].from: '2026-03-02' is not a local time like 2026-03-01T12:00",
        ),
        (
            "2026-03-02T10:00",
            "2026-03-02T10:00+08:00",
            "23: closures[1].from: '2026-03-02T10:00+08:00' is not a local time like"
            " 2026-03-01T12:00",
        ),
        ("2026-03-02T11:00", "2026-03-02T10:00", "23: closures[1].to: is not after from"),
        (", why: 检修", "", "23: closures[1]: why is missing"),
    ],
)
def test_each_fault_is_told_with_its_line(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert old in OFFICE
    assert fault in faults_of(tmp_path, OFFICE.replace(old, new, 1))


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    bad = OFFICE.replace("Shanghai", "Nowhere").replace("09:00-12:00", "x").replace("检修", "[]")
    assert [fault.split(":")[0] for fault in faults_of(tmp_path, bad)] == ["1", "4", "23"]
