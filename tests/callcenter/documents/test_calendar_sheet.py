"""Hours and holidays as an Excel workbook: out and in again, faults at row and column."""

from __future__ import annotations

import io

import openpyxl

from callcenter.documents.calendar_plan import plan_calendar, read_calendar
from callcenter.documents.calendar_rows import closure_rows, hours_rows, night_rows, years_of
from callcenter.documents.calendar_sheet import read_calendar_sheets, write_calendar
from callcenter.documents.rows import HolidayRow, NightRow, YearRow
from tests.callcenter.documents.test_calendar_plan import (
    ALWAYS,
    CLOSED,
    GROUPS,
    OFFICE,
    TEXT,
    Y2027,
)

FULL = plan_calendar(
    TEXT,
    groups=GROUPS,
    hours=[ALWAYS, OFFICE],
    nights=[NightRow(place="222400", group=None, answer="line")],
    closures=[CLOSED],
    years=[Y2027],
).text


def edited(*cells: tuple[str, str, object]) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(write_calendar(read_calendar(FULL), GROUPS)))
    for sheet, where, value in cells:
        book[sheet][where] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_what_goes_out_comes_back_the_same() -> None:
    calendar = read_calendar(FULL)
    brought = read_calendar_sheets(edited(), calendar, GROUPS)
    assert brought.faults == [] and brought.hours == hours_rows(calendar)
    assert brought.nights == night_rows(calendar) and brought.closures == closure_rows(calendar)
    assert brought.years == list(years_of(calendar).values())
    plan = plan_calendar(
        FULL,
        groups=GROUPS,
        hours=brought.hours,
        nights=brought.nights,
        closures=brought.closures,
        years=brought.years,
    )
    assert plan.text == FULL and plan.words == ()


def test_a_sheet_that_is_not_there_changes_nothing() -> None:
    book = openpyxl.load_workbook(io.BytesIO(edited()))
    for name in ("服务时间", "下班后", "临时停服"):
        del book[name]
    page = book["节假日"]
    page.delete_rows(2, page.max_row)
    page.append(["2028-01-01", "放假", "元旦", "通知"])
    page.append(["2028/1/2".replace("/1/2", "/01/02"), "放假", "元旦"])
    page.append(["2028-01-08", "上班"])
    out = io.BytesIO()
    book.save(out)
    brought = read_calendar_sheets(out.getvalue(), read_calendar(FULL), GROUPS)
    assert (brought.hours, brought.nights, brought.closures) == (None, None, None)
    assert brought.faults == [] and brought.years == [
        YearRow(
            year=2028,
            source="通知",
            holidays=[HolidayRow(name="元旦", first="2028-01-01", last="2028-01-02")],
            workdays=["2028-01-08"],
        )
    ]


def test_each_fault_is_told_at_its_cell() -> None:
    brought = read_calendar_sheets(
        edited(
            ("服务时间", "A3", "火星"),
            ("下班后", "B2", "没有的事项"),
            ("节假日", "A2", "某天"),
            ("节假日", "B3", "休"),
            ("节假日", "C4", None),
            ("节假日", "A6", "2025-01-29"),
        ),
        read_calendar(FULL),
        GROUPS,
    )
    found = {(one.sheet, one.row, one.column, one.error) for one in brought.faults}
    assert found == {
        ("服务时间", 3, "A", "place_unknown"),
        ("下班后", 2, "B", "group_unknown"),
        ("节假日", 2, "A", "day_form"),
        ("节假日", 3, "B", "kind_unknown"),
        ("节假日", 4, "C", "holiday_name"),
        ("节假日", 6, "A", "day_twice"),
    }


def test_a_fault_of_the_whole_rule_finds_its_cell_too() -> None:
    data = edited(
        ("服务时间", "F3", "8点"), ("临时停服", "D2", "2026-03-01 11:00"), ("下班后", "C2", "狗")
    )
    brought = read_calendar_sheets(data, read_calendar(FULL), GROUPS)
    assert brought.faults == []
    plan = plan_calendar(
        FULL,
        groups=GROUPS,
        hours=brought.hours,
        nights=brought.nights,
        closures=brought.closures,
        years=brought.years,
    )
    cells = [brought.cell(fault) for fault in plan.faults]
    assert {(one.sheet, one.row, one.column, one.error) for one in cells} == {
        ("服务时间", 3, "F", "span_form"),
        ("临时停服", 2, "D", "end_first"),
        ("下班后", 2, "C", "answer_unknown"),
    }
