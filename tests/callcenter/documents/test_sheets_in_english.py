"""Excel files in the page's language: no Chinese but data in English ones, read back whatever."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from callcenter.accounts.sheet import read_users
from callcenter.documents.blacklist_sheet import write_blacklist, write_form
from callcenter.documents.calendar_plan import read_calendar
from callcenter.documents.calendar_rows import closure_rows, hours_rows, night_rows, years_of
from callcenter.documents.calendar_sheet import read_calendar_sheets, write_calendar
from callcenter.documents.prompts_sheet import write_prompts
from callcenter.documents.roster_plan import plan_roster, read_roster, rows_of
from callcenter.documents.rows import ShiftRow, SkillRow
from callcenter.documents.seats_sheet import read_seats, write_seats
from callcenter.documents.workbook import NoWorkbook
from callcenter.english.said import LANGUAGE, Language, said
from callcenter.english.sentences import says_chinese
from callcenter.prompt_shelf import Shelved
from callcenter.settings import DEMO_PROVINCE
from tests.callcenter.documents.test_calendar_plan import GROUPS
from tests.callcenter.documents.test_calendar_sheet import FULL

TEXT = (DEMO_PROVINCE / "seats.yaml").read_text("utf-8")


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """As if a page in this language had asked."""
    token = LANGUAGE.set(language)
    try:
        yield
    finally:
        LANGUAGE.reset(token)


@pytest.fixture
def in_english() -> Iterator[None]:
    with speaking("en"):
        yield


def busy_roster() -> str:
    """The demo's seats, one of them with all that a row can say."""
    shifts = [
        ShiftRow(days=["workday"], start="08:30", end="17:30"),
        ShiftRow(days=["sat", "holiday"], start="22:00", end="06:00"),
        ShiftRow(
            days=["mon", "tue", "wed", "thu", "fri", "sat", "sun"], start="00:00", end="24:00"
        ),
    ]
    changed = rows_of(read_roster(TEXT))[0].model_copy(
        update={
            "name": "One",
            "shifts": shifts,
            "skills": [SkillRow(group="family", level=5), SkillRow(group="service", level=1)],
            "languages": ["zh-CN", "ko-KR", "en"],
        }
    )
    return plan_roster(TEXT, put=[changed], used={}).text


def a_prompt() -> Shelved:
    return Shelved(
        id="greeting",
        kind="sentence",
        text="Hello.",
        own_text=None,
        source="packaged",
        duration_s=1.5,
        recorded_at=None,
        is_due=False,
    )


WORKBOOKS: dict[str, Callable[[], bytes]] = {
    "seats": lambda: write_seats(read_roster(busy_roster())),
    "calendar": lambda: write_calendar(read_calendar(FULL), GROUPS),
    "prompts": lambda: write_prompts([a_prompt()], {"greeting": ("main",)}),
    "blacklist": lambda: write_blacklist([]),
    "proposals": write_form,
}
NAMES = {seat.name for seat in read_roster(TEXT).seats}
HOLIDAYS = {name for year in read_calendar(FULL).years.values() for name in year.names.values()}
SOURCES = {year.source for year in read_calendar(FULL).years.values()}
WRITTEN = NAMES | HOLIDAYS | SOURCES | {one.why for one in closure_rows(read_calendar(FULL))}


@pytest.mark.parametrize("name", WORKBOOKS)
@pytest.mark.usefixtures("in_english")
def test_nothing_but_what_people_wrote_is_chinese(name: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(WORKBOOKS[name]()))
    found = list(book.sheetnames)
    for page in book.worksheets:
        headings = [cell.value for cell in page[1]]
        assert len(set(headings)) == len(headings), "each heading once"
        found += [str(cell.value) for row in page.iter_rows() for cell in row if cell.value]
        found += [cell.comment.text for cell in page[1] if cell.comment]
        found += [one.formula1 for one in page.data_validations.dataValidation]
    assert {text for text in found if says_chinese(text) and text not in WRITTEN} == set()


@pytest.mark.parametrize("reader", ["zh", "en"])
@pytest.mark.parametrize("writer", ["zh", "en"])
def test_seats_come_back_the_same_in_either_language(writer: Language, reader: Language) -> None:
    roster = read_roster(busy_roster())
    with speaking(writer):
        body = write_seats(roster)
    with speaking(reader):
        rows, table = read_seats(body, roster.groups)
    assert table.faults == [] and rows == rows_of(roster)


@pytest.mark.parametrize("reader", ["zh", "en"])
def test_a_calendar_comes_back_the_same_in_either_language(reader: Language) -> None:
    calendar = read_calendar(FULL)
    with speaking("en"):
        body = write_calendar(calendar, GROUPS)
    with speaking(reader):
        brought = read_calendar_sheets(body, calendar, GROUPS)
    assert brought.faults == [] and brought.hours == hours_rows(calendar)
    assert brought.nights == night_rows(calendar) and brought.closures == closure_rows(calendar)
    assert brought.years == list(years_of(calendar).values())


def edited(*cells: tuple[str, str]) -> bytes:
    with speaking("en"):
        book = openpyxl.load_workbook(io.BytesIO(write_seats(read_roster(TEXT))))
    assert isinstance(book.active, Worksheet)
    for where, value in cells:
        book.active[where] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_english_may_be_written_as_people_write_it() -> None:
    roster = read_roster(TEXT)
    rows, table = read_seats(
        edited(
            ("A1", "SEAT"),
            ("C2", "municipal"),
            ("D2", "yanbian"),
            ("E2", "Yes"),
            ("F2", "no"),
            ("J2", "Korean,mandarin"),
            ("L2", "Every day 8:30 to 17:30; sat sun 22:00-next day 6:00"),
            ("C3", "市级"),
            ("D3", "吉林"),
        ),
        roster.groups,
    )
    assert table.faults == []
    assert (rows[0].city, rows[0].languages) == ("222400", ["ko-KR", "zh-CN"])
    assert (rows[0].skills[0].group, rows[1].city) == ("family", "220200")
    assert [one.group for one in rows[0].skills].count("labour") == 0
    assert [(len(one.days), one.end) for one in rows[0].shifts] == [(7, "17:30"), (2, "06:00")]


@pytest.mark.usefixtures("in_english")
def test_faults_name_what_stands_in_the_file() -> None:
    groups = read_roster(TEXT).groups
    _, table = read_seats(edited(("C1", "Rank")), groups)
    (missing,) = table.faults
    assert said(missing.message) == "The column “Level” is missing."
    _, table = read_seats(edited(("M1", "Remark"), ("M2", "x")), groups)
    assert [(one.column, one.error) for one in table.faults] == [("M", "column_unknown")]
    _, table = read_seats(edited(("L2", "Sometimes 8:00-9:00"), ("J3", "French")), groups)
    (shift, language) = table.faults
    assert (shift.sheet, shift.row, shift.column) == ("Seats", 2, "L")
    assert said(shift.message) == (
        "“Sometimes” is none of Mon to Sun, workdays, weekends, holidays, every day."
    )
    assert said(language.message) == "“French” is none of Mandarin, Korean, English."
    with pytest.raises(NoWorkbook) as refused:
        read_calendar_sheets(edited(), read_calendar(FULL), GROUPS)
    assert said(str(refused.value)) == (
        "There is no sheet Hours, After hours, Closures, Holidays. "
        "Export the file first, and change that."
    )


def test_accounts_are_read_in_either_language() -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(("Account", "Name", "Roles", "Seat", "City"))
    book.active.append(("limei", "李梅", "Supervisor, quality", "7001", "Changchun"))
    book.active.append(("wang", "王强", "审计", None, "Whole province"))
    book.active.append(("zhao", "赵丽", "lawyer", None, None))
    out = io.BytesIO()
    book.save(out)
    rows, table = read_users(out.getvalue(), ())
    assert [(one.roles, one.city) for one in rows] == [
        (("supervisor", "quality"), "220100"),
        (("auditor",), None),
    ]
    assert [(one.row, one.column, one.error) for one in table.faults] == [(4, "C", "role_unknown")]
