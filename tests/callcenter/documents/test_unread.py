"""What people bring in Excel files and cells do not say is a fault, never an empty field."""

from __future__ import annotations

import io
from collections.abc import Callable

import openpyxl
import pytest
import xlsxwriter
from openpyxl.worksheet.worksheet import Worksheet

from callcenter.documents.roster_plan import read_roster
from callcenter.documents.seats_sheet import read_seats, write_seats
from callcenter.settings import DEMO_PROVINCE

ROSTER = read_roster((DEMO_PROVINCE / "seats.yaml").read_text("utf-8"))


def brought(change: Callable[[Worksheet], None]) -> list[tuple[int, str, str]]:
    """Faults of the demo's seats after `change` of their sheet: row, column, id."""
    book = openpyxl.load_workbook(io.BytesIO(write_seats(ROSTER)))
    sheet = book.worksheets[0]
    change(sheet)
    out = io.BytesIO()
    book.save(out)
    _, table = read_seats(out.getvalue(), ROSTER.groups)
    return [(one.row, one.column, one.error) for one in table.faults]


def merge_cities(sheet: Worksheet) -> None:
    sheet.merge_cells("D2:D4")


def add_up(sheet: Worksheet) -> None:
    sheet["E2"] = "=1+2"


def note_beside(sheet: Worksheet) -> None:
    sheet["Z2"] = "=NOW()"
    sheet.merge_cells("Z3:Z9")


def format_far_down(sheet: Worksheet) -> None:
    sheet["A6000"].number_format = "@"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (merge_cities, (2, "D", "cells_merged")),
        (add_up, (2, "E", "formula_unread")),
    ],
)
def test_it_is_told_at_its_cell(
    change: Callable[[Worksheet], None], told: tuple[int, str, str]
) -> None:
    assert told in brought(change)


@pytest.mark.parametrize("change", [note_beside, format_far_down])
def test_what_lies_outside_the_table_is_nobodys_fault(change: Callable[[Worksheet], None]) -> None:
    assert brought(change) == []


def test_a_formula_that_was_worked_out_is_read() -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet("坐席")
    sheet.write_row(0, 0, ["坐席号", "名称", "级别", "市州", "劳动劳务"])
    sheet.write_row(1, 0, ["8001", "长春一席", "市级", "长春市"])
    sheet.write_formula(1, 4, "=1+2", None, 3)
    book.close()
    (seat,), table = read_seats(out.getvalue(), ROSTER.groups)
    assert table.faults == []
    assert [skill.level for skill in seat.skills] == [3]
