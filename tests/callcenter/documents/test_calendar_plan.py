"""A change of hours and holidays: every fault at its field, what changes in words."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from callcenter.documents.calendar_plan import plan_calendar, read_calendar
from callcenter.documents.calendar_rows import closure_rows, hours_rows, night_rows, years_of
from callcenter.documents.rows import ClosureRow, HolidayRow, HoursRow, NightRow, YearRow
from callcenter.settings import DEMO_PROVINCE
from seats.calendar import DayKind

TEXT = (DEMO_PROVINCE / "calendar.yaml").read_text("utf-8")
GROUPS = {"family": "婚姻家庭", "service": "服务办理"}
ALWAYS = HoursRow(
    place=None,
    group=None,
    workday=["00:00-24:00"],
    weekend=["00:00-24:00"],
    holiday=["00:00-24:00"],
)
OFFICE = HoursRow(
    place="220100",
    group="service",
    workday=["08:30-11:30", "13:00-17:00"],
    weekend=[],
    holiday=[],
    weekdays={"fri": ["08:30-11:30"]},
)
CLOSED = ClosureRow(
    place=None, group=None, start="2026-03-01T12:00", end="2026-03-01T14:00", why="机房检修"
)
Y2027 = YearRow(
    year=2027,
    source="国办发明电〔2026〕1号",
    holidays=[HolidayRow(name="元旦", first="2027-01-01", last="2027-01-03")],
    workdays=["2027-01-09"],
)


def test_a_change_is_told_in_words_and_written() -> None:
    plan = plan_calendar(
        TEXT,
        groups=GROUPS,
        hours=[ALWAYS, OFFICE],
        nights=[NightRow(place=None, group=None, answer="province")],
        closures=[CLOSED],
        years=[Y2027],
    )
    assert plan.faults == ()
    assert plan.words == (
        "服务时间 长春市·服务办理：无 → 工作日 08:30-11:30、13:00-17:00，周末 不服务，"
        "节假日 不服务，周五 08:30-11:30",
        "下班后 全省·全部事项：无 → 省级坐席",
        "新增临时停服 全省·全部事项 2026-03-01 12:00 至 2026-03-01 14:00（机房检修）",
        "新增 2027 年节假日：放假 3 天，调休上班 1 天",
    )
    after = read_calendar(plan.text)
    assert hours_rows(after) == [ALWAYS, OFFICE] and closure_rows(after) == [CLOSED]
    assert night_rows(after)[0].answer == "province" and years_of(after)[2027] == Y2027
    assert after.hours(datetime(2026, 3, 1, 5, 0, tzinfo=UTC)) == "closed"
    again = plan_calendar(plan.text, groups=GROUPS, closures=[], years=[Y2027])
    assert again.words == (
        "取消临时停服 全省·全部事项 2026-03-01 12:00 至 2026-03-01 14:00（机房检修）",
    )


def test_single_days_of_a_year_are_told() -> None:
    row = years_of(read_calendar(TEXT))[2026]
    holidays = [one for one in row.holidays if one.name != "元旦"]
    holidays = [HolidayRow(name="元旦", first="2026-01-01", last="2026-01-02"), *holidays]
    changed = row.model_copy(update={"holidays": holidays, "workdays": row.workdays[1:]})
    plan = plan_calendar(TEXT, groups=GROUPS, years=[changed])
    assert plan.words == ("2026 年：2026-01-03 不再放假，2026-01-04 不再调休上班",)
    assert read_calendar(plan.text).kind(date(2026, 1, 3)) is DayKind.WEEKEND


def changed(row: Any, **fields: object) -> Any:
    return row.model_copy(update=fields)


@pytest.mark.parametrize(
    ("given", "at", "field", "error"),
    [
        ({"hours": [OFFICE]}, "hours", "", "no_general_rule"),
        ({"hours": [ALWAYS, ALWAYS]}, "hours.1", "place", "rule_twice"),
        ({"hours": [changed(ALWAYS, workday=["8点"])]}, "hours.0", "workday", "span_form"),
        ({"hours": [changed(ALWAYS, weekend=["08:00-08:00"])]}, "hours.0", "weekend", "span_form"),
        (
            {"hours": [ALWAYS, changed(OFFICE, weekdays={"fri": ["x"]})]},
            "hours.1",
            "weekdays.fri",
            "span_form",
        ),
        ({"hours": [changed(ALWAYS, weekdays={"day": []})]}, "hours.0", "weekdays", "day_unknown"),
        ({"hours": [ALWAYS, changed(OFFICE, place="1")]}, "hours.1", "place", "place_unknown"),
        ({"hours": [ALWAYS, changed(OFFICE, group="x")]}, "hours.1", "group", "group_unknown"),
        (
            {"nights": [NightRow(place=None, group=None, answer="")]},
            "nights.0",
            "answer",
            "answer_unknown",
        ),
        ({"closures": [changed(CLOSED, end="2026-03-01T12:00")]}, "closures.0", "end", "end_first"),
        ({"closures": [changed(CLOSED, start="昨天")]}, "closures.0", "start", "time_form"),
        ({"closures": [changed(CLOSED, why=" ")]}, "closures.0", "why", "why_missing"),
        ({"closures": [changed(CLOSED, why="a\x85b")]}, "closures.0", "why", "why_missing"),
        (
            {"years": [changed(Y2027, year=1900, holidays=[], workdays=[])]},
            "years.1900",
            "year",
            "year_range",
        ),
        ({"years": [changed(Y2027, source="")]}, "years.2027", "source", "source_missing"),
        (
            {"years": [changed(Y2027, workdays=["2027-01-04"])]},
            "years.2027",
            "workdays.0",
            "no_weekend",
        ),
        (
            {"years": [changed(Y2027, workdays=["2027-01-02"])]},
            "years.2027",
            "workdays.0",
            "day_off",
        ),
        (
            {"years": [changed(Y2027, workdays=["2026-01-04"])]},
            "years.2027",
            "workdays.0",
            "day_form",
        ),
        (
            {"years": [changed(Y2027, holidays=Y2027.holidays * 2, workdays=[])]},
            "years.2027.holidays.1",
            "first",
            "day_twice",
        ),
        (
            {"years": [changed(Y2027, holidays=[changed(Y2027.holidays[0], last="2026-12-31")])]},
            "years.2027.holidays.0",
            "first",
            "day_form",
        ),
        (
            {"years": [changed(Y2027, holidays=[changed(Y2027.holidays[0], name="a:b")])]},
            "years.2027.holidays.0",
            "name",
            "holiday_name",
        ),
    ],
)
def test_what_is_wrong_is_told_at_the_field(
    given: dict[str, Any], at: str, field: str, error: str
) -> None:
    plan = plan_calendar(TEXT, groups=GROUPS, **given)
    assert (plan.faults[0].at, plan.faults[0].field, plan.faults[0].error) == (at, field, error)
    assert {one.error for one in plan.faults} == {error} and plan.text == TEXT
