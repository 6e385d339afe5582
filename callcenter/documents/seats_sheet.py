"""Seats as an Excel sheet and back: a column for each group, its skill level in the cell."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from callcenter.documents import words
from callcenter.documents.rows import SeatRow, ShiftRow, SkillRow
from callcenter.documents.seat_rows import row_faults
from callcenter.documents.shift_words import NotUnderstood, days_of, read_shifts, told
from callcenter.documents.workbook import (
    Column,
    Sheet,
    Table,
    Wanted,
    read_workbook,
    write_workbook,
)
from callcenter.english import excel
from callcenter.english.said import said
from seats.places import seat_places
from seats.roster import BEST_LEVEL, Roster
from seats.roster_text import clock, clock_end
from seats.seat import USUAL_LEVEL, Level, Seat

SHEET: Final = "坐席"
_NUMBER, _NAME, _LEVEL, _CITY = "坐席号", "名称", "级别", "市州"
_LANGUAGES, _WEIGHT, _SHIFTS = "语种", "权重", "班次"
_YES: Final = frozenset({"是", "√", "✓", "yes"})
_NO: Final = frozenset({"0", "否", "no"})
_FIELDS: Final = {  # field of a row -> its heading
    "number": _NUMBER,
    "name": _NAME,
    "level": _LEVEL,
    "city": _CITY,
    "languages": _LANGUAGES,
    "weight": _WEIGHT,
    "shifts": _SHIFTS,
}


def write_seats(roster: Roster) -> bytes:
    """The workbook of all seats."""
    levels = [str(level) for level in range(1, BEST_LEVEL + 1)]
    columns = [
        Column(_NUMBER, 10),
        Column(_NAME, 16),
        Column(_LEVEL, 8, list(words.LEVELS.values())),
        Column(_CITY, 20, [one.name for one in seat_places().values()]),
        *(
            Column(title, 10, levels, f"技能等级 1-{BEST_LEVEL}，{BEST_LEVEL} 最高；空着就是不接")
            for title in roster.groups.values()
        ),
        Column(_LANGUAGES, 16, (), "、".join(words.LANGUAGES.values())),
        Column(_WEIGHT, 8),
        Column(_SHIFTS, 40, (), "例如：工作日 08:30-17:30；周六、周日 09:00-12:00。空着为不限"),
    ]
    rows = (_line(seat, roster.groups) for seat in roster.seats)
    return write_workbook([Sheet(SHEET, columns, rows)])


def _line(seat: Seat, groups: Mapping[str, str]) -> Sequence[object]:
    skills = [seat.levels.get(g, USUAL_LEVEL) if g in seat.skills else None for g in groups]
    languages = sorted(seat.languages, key=lambda one: (one != "zh-CN", one))
    return (
        seat.number,
        seat.name,
        excel.cell(words.LEVELS[seat.level]),
        excel.cell(words.place(seat.city)) if seat.city else None,
        *skills,
        excel.listed(map(words.language, languages)),
        seat.weight,
        said(told(seat.shifts)),
    )


def read_seats(data: bytes, groups: Mapping[str, str]) -> tuple[list[SeatRow], Table]:
    """The seats of a workbook, and its sheet with what is wrong in it. Raises NoWorkbook.

    Headings of groups may be their titles or their names; a group without a column is nobody's.
    """
    more = (_CITY, _LANGUAGES, _WEIGHT, _SHIFTS, *groups.values())
    (table,) = read_workbook(data, Wanted(SHEET, (_NUMBER, _NAME, _LEVEL), more)).values()
    if table.faults:
        return [], table
    _look_for_unknown(table, groups)
    rows, seen = [], dict[str, int]()
    for at, cells in table.rows:
        row = _row(table, at, cells, groups)
        if row.number in seen:
            table.fault(at, _NUMBER, "number_twice", f"与第 {seen[row.number]} 行的坐席号相同。")
        seen[row.number] = at
        for fault in row_faults(row, groups):
            heading = _FIELDS.get(fault.field.split(".")[0], "")
            if fault.field == "skills":
                heading = next((h for h in table.columns if h in groups.values()), _NUMBER)
            if not _is_told(table, at, heading):
                table.fault(at, heading, fault.error, fault.message)
        rows.append(row)
    return rows, table


def _look_for_unknown(table: Table, groups: Mapping[str, str]) -> None:
    known = {*_FIELDS.values(), *groups, *groups.values()}
    for heading in table.columns:
        if heading not in known:
            message = f"不认识“{heading[:20]}”这一列：既不是坐席的栏目，也不是事项。"
            table.fault(1, heading, "column_unknown", message)


def _is_told(table: Table, row: int, heading: str) -> bool:
    column = table.columns.get(heading, "")
    return any((one.row, one.column) == (row, column) for one in table.faults)


def _row(table: Table, at: int, cells: Mapping[str, str], groups: Mapping[str, str]) -> SeatRow:
    level = words.id_of(cells.get(_LEVEL, ""), words.LEVELS) or cells.get(_LEVEL, "")
    named = cells.get(_CITY, "")
    city = words.place_code(named) if named and level != Level.PROVINCIAL else None
    if named and city is None and level != Level.PROVINCIAL:
        table.fault(at, _CITY, "city_unknown", f"没有“{named[:20]}”这个市州。")
    return SeatRow(
        number=cells.get(_NUMBER, "")[:20],
        name=cells.get(_NAME, "")[:80],
        level=level[:20],
        city=city,
        skills=_skills(table, at, cells, groups),
        languages=_languages(table, at, cells.get(_LANGUAGES, "")),
        weight=_whole(table, at, _WEIGHT, cells.get(_WEIGHT, "")) or 1,
        shifts=_shifts(table, at, cells.get(_SHIFTS, "")),
    )


def _skills(
    table: Table, at: int, cells: Mapping[str, str], groups: Mapping[str, str]
) -> list[SkillRow]:
    found = []
    for group, title in groups.items():
        heading = title if title in cells else group
        written = cells.get(heading, "")
        if not written or written.casefold() in _NO:
            continue
        is_usual = written.casefold() in _YES
        level = USUAL_LEVEL if is_usual else _whole(table, at, heading, written)
        if level is not None and not 1 <= level <= BEST_LEVEL:
            message = f"技能等级为 1 到 {BEST_LEVEL}，{BEST_LEVEL} 最高。"
            table.fault(at, heading, "skill_level", message)
        found.append(SkillRow(group=group, level=level if level in range(1, 6) else USUAL_LEVEL))
    return found


def _languages(table: Table, at: int, written: str) -> list[str]:
    codes = []
    for name in filter(None, map(str.strip, re.split("[、，,]", written))):
        code = words.id_of(name, words.LANGUAGES)
        if code is None:
            known = "、".join(words.LANGUAGES.values())
            table.fault(at, _LANGUAGES, "language_unknown", f"“{name[:20]}”不是：{known}。")
        else:
            codes.append(code)
    return codes[:20] or ["zh-CN"]


def _whole(table: Table, at: int, heading: str, written: str) -> int | None:
    if not written:
        return None
    if written.isascii() and written.isdigit() and len(written) <= 6:
        return int(written)
    table.fault(at, heading, "no_number", f"“{written[:20]}”不是整数。")
    return None


def _shifts(table: Table, at: int, written: str) -> list[ShiftRow]:
    try:
        shifts = read_shifts(written)
    except NotUnderstood as wrong:
        table.fault(at, _SHIFTS, "shift_form", str(wrong))
        return []
    return [
        ShiftRow(days=days_of(one), start=clock(one.start), end=clock_end(one.end))
        for one in shifts[:40]
    ]
