"""Seats as an Excel sheet: out and in again, and what is wrong told at row and column."""

from __future__ import annotations

import io

import openpyxl
import pytest

from callcenter.documents.roster_plan import plan_roster, read_roster, rows_of
from callcenter.documents.rows import ShiftRow, SkillRow
from callcenter.documents.seats_sheet import read_seats, write_seats
from callcenter.documents.workbook import NoWorkbook
from callcenter.settings import DEMO_PROVINCE

TEXT = (DEMO_PROVINCE / "seats.yaml").read_text("utf-8")


def edited(*cells: tuple[str, object]) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(write_seats(read_roster(TEXT))))
    for where, value in cells:
        book.active[where] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_what_goes_out_comes_back_the_same() -> None:
    row = rows_of(read_roster(TEXT))[0]
    shifts = [
        ShiftRow(days=["workday"], start="08:30", end="17:30"),
        ShiftRow(days=["sat", "holiday"], start="22:00", end="06:00"),
        ShiftRow(
            days=["mon", "tue", "wed", "thu", "fri", "sat", "sun"], start="00:00", end="24:00"
        ),
    ]
    skills = [SkillRow(group="family", level=5), SkillRow(group="service", level=1)]
    changed = row.model_copy(
        update={"shifts": shifts, "skills": skills, "weight": 4, "languages": ["zh-CN", "en"]}
    )
    roster = read_roster(plan_roster(TEXT, put=[changed], used={}).text)
    rows, table = read_seats(write_seats(roster), roster.groups)
    assert table.faults == [] and rows == rows_of(roster)


def test_people_may_write_it_their_own_way() -> None:
    roster = read_roster(TEXT)
    rows, table = read_seats(
        edited(
            ("D2", "延边"),
            ("E2", "是"),
            ("A3", 8002),
            ("J2", "朝鲜语，普通话"),
            ("L2", "每天 8:30至17:30"),
        ),
        roster.groups,
    )
    assert table.faults == []
    assert rows[0].city == "222400" and rows[0].languages == ["ko-KR", "zh-CN"]
    assert rows[0].shifts[0].start == "08:30" and len(rows[0].shifts[0].days) == 7


def test_each_fault_is_told_at_its_cell() -> None:
    data = edited(
        ("A2", "80"),
        ("B3", "a;b"),
        ("C4", "县级"),
        ("D5", "火星"),
        ("E6", 9),
        ("J7", "法语"),
        ("K8", "多"),
        ("L9", "周八 8:00-9:00"),
        ("A10", 8903),
    )
    _, table = read_seats(data, read_roster(TEXT).groups)
    found = {(one.row, one.column, one.error) for one in table.faults}
    assert found == {
        (2, "A", "number_form"),
        (3, "B", "name_form"),
        (4, "C", "level_unknown"),
        (5, "D", "city_unknown"),
        (6, "E", "skill_level"),
        (7, "J", "language_unknown"),
        (8, "K", "no_number"),
        (9, "L", "shift_form"),
        (10, "A", "number_twice"),
    }
    assert all(one.sheet == "坐席" and one.message for one in table.faults)


def test_a_missing_or_unknown_column_is_told() -> None:
    _, table = read_seats(edited(("B1", "姓名")), read_roster(TEXT).groups)
    assert [(one.row, one.error) for one in table.faults] == [(1, "column_missing")]
    _, table = read_seats(edited(("M1", "备注"), ("M2", "x")), read_roster(TEXT).groups)
    assert [(one.row, one.column, one.error) for one in table.faults] == [
        (1, "M", "column_unknown")
    ]


@pytest.mark.parametrize(
    "data", [b"", b"number,name\n", b"PK\x03\x04" + bytes(100), edited()[:3000]]
)
def test_what_is_no_workbook_is_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(NoWorkbook, match="Excel"):
        read_seats(data, {"family": "婚姻家庭"})
