"""Hours and holidays as an Excel workbook and back: four sheets, those that are there count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Final

from callcenter.documents import words
from callcenter.documents.calendar_rows import closure_rows, hours_rows, years_of
from callcenter.documents.dates import as_kept
from callcenter.documents.rows import (
    CellFault,
    ClosureRow,
    FieldFault,
    HolidayRow,
    HoursRow,
    NightRow,
    YearRow,
)
from callcenter.documents.workbook import (
    Column,
    Sheet,
    Table,
    Wanted,
    read_workbook,
    write_workbook,
)
from callcenter.english import excel
from callcenter.english.excel import is_same
from seats.calendar import Calendar
from seats.places import seat_places

HOURS, NIGHTS, CLOSURES, YEARS = "服务时间", "下班后", "临时停服", "节假日"
_PLACE, _GROUP, _ANSWER = "市州", "事项", "由谁接听"
_START, _END, _WHY = "开始", "结束", "原因"
_DAY, _KIND, _NAME, _SOURCE = "日期", "类型", "节日", "依据"
_OFF, _WORKED = "放假", "上班"
_NONE: Final = "不服务"


@dataclass(slots=True)
class Brought:
    """What a workbook says; None for a sheet that is not there. `cells`: row -> its cell."""

    hours: list[HoursRow] | None = None
    nights: list[NightRow] | None = None
    closures: list[ClosureRow] | None = None
    years: list[YearRow] = field(default_factory=list)
    faults: list[CellFault] = field(default_factory=list)
    rows: int = 0
    _at: dict[str, tuple[Table, int]] = field(default_factory=dict)

    def cell(self, fault: FieldFault) -> CellFault:
        """A fault of a row as one of its cell; of the whole workbook where there is none."""
        place = self._at.get(fault.at)
        if place is None:
            return CellFault(sheet="", row=0, column="", error=fault.error, message=fault.message)
        table, row = place
        heading = _HEADINGS.get(fault.field.split(".")[-1], "")
        column = table.columns.get(heading, "A")
        return CellFault(
            sheet=table.name, row=row, column=column, error=fault.error, message=fault.message
        )


_HEADINGS: Final = {
    "place": _PLACE,
    "group": _GROUP,
    "answer": _ANSWER,
    "start": _START,
    "end": _END,
    "why": _WHY,
    "name": _NAME,
    "first": _DAY,
    "source": _SOURCE,
    **words.KINDS,
    **words.WEEKDAYS,
}


def write_calendar(calendar: Calendar, groups: Mapping[str, str]) -> bytes:
    """The workbook of the whole calendar."""
    whom = [
        Column(_PLACE, 20, [words.EVERYWHERE, *(one.name for one in seat_places().values())]),
        Column(_GROUP, 12, [words.EVERY_GROUP, *groups.values()]),
    ]
    note = f"例如：08:30-11:30、13:00-17:00；{_NONE}写“{_NONE}”"
    days = [Column(name, 24, (), note) for name in words.KINDS.values()]
    weekdays = [Column(name, 14, (), "空着：同工作日或周末") for name in words.WEEKDAYS.values()]
    answers = list(words.NIGHTS.values())
    return write_workbook(
        [
            Sheet(HOURS, [*whom, *days, *weekdays], _hours_lines(calendar, groups)),
            Sheet(
                NIGHTS,
                [*whom, Column(_ANSWER, 20, answers)],
                (
                    (*_whom(one.place, one.group, groups), excel.cell(words.NIGHTS[one.answer]))
                    for one in calendar.nights
                ),
            ),
            Sheet(
                CLOSURES,
                [*whom, Column(_START, 18), Column(_END, 18), Column(_WHY, 40)],
                (
                    (
                        *_whom(one.place, one.group, groups),
                        *(at.replace("T", " ") for at in (one.start, one.end)),
                        one.why,
                    )
                    for one in closure_rows(calendar)
                ),
            ),
            Sheet(
                YEARS,
                [Column(_DAY, 12), Column(_KIND, 8, [_OFF, _WORKED]), Column(_NAME, 20)]
                + [Column(_SOURCE, 50)],
                _year_lines(calendar),
            ),
        ]
    )


def _whom(place: str | None, group: str | None, groups: Mapping[str, str]) -> tuple[str, str]:
    named = groups.get(group, group) if group else words.EVERY_GROUP
    return excel.cell(words.place(place)), excel.cell(named)


def _hours_lines(calendar: Calendar, groups: Mapping[str, str]) -> Iterable[Sequence[object]]:
    for row in hours_rows(calendar):
        spans = [getattr(row, kind) for kind in words.KINDS]
        of_days = [row.weekdays.get(day) for day in words.WEEKDAYS]
        yield (
            *_whom(row.place, row.group, groups),
            *(_spans_told(texts) for texts in spans),
            *(None if texts is None else _spans_told(texts) for texts in of_days),
        )


def _spans_told(texts: Sequence[str]) -> str:
    return excel.listed(texts) if texts else excel.cell(_NONE)


def _year_lines(calendar: Calendar) -> Iterable[Sequence[object]]:
    for year in calendar.years.values():
        named = {day: (_OFF, name) for day, name in year.names.items()}
        named |= {day: (_WORKED, "") for day in year.workdays}
        for n, (day, (kind, name)) in enumerate(sorted(named.items())):
            yield day.isoformat(), excel.cell(kind), name or None, year.source if n == 0 else None


def read_calendar_sheets(data: bytes, calendar: Calendar, groups: Mapping[str, str]) -> Brought:
    """What a workbook brings, with what is wrong in its cells. Raises NoWorkbook.

    Years that the sheet of holidays has days of are taken over whole, others stay.
    """
    tables = read_workbook(
        data,
        Wanted(HOURS, (_PLACE, _GROUP, *words.KINDS.values()), tuple(words.WEEKDAYS.values())),
        Wanted(NIGHTS, (_PLACE, _GROUP, _ANSWER)),
        Wanted(CLOSURES, (_PLACE, _GROUP, _START, _END, _WHY)),
        Wanted(YEARS, (_DAY, _KIND, _NAME), (_SOURCE,)),
    )
    brought = Brought(rows=sum(len(table.rows) for table in tables.values()))
    if (table := tables.get(HOURS)) and not table.faults:
        brought.hours = [_hours(table, at, cells, groups) for at, cells in table.rows]
        _place(brought, "hours", table)
    if (table := tables.get(NIGHTS)) and not table.faults:
        brought.nights = [_night(table, at, cells, groups) for at, cells in table.rows]
        _place(brought, "nights", table)
    if (table := tables.get(CLOSURES)) and not table.faults:
        brought.closures = [_closure(table, at, cells, groups) for at, cells in table.rows]
        _place(brought, "closures", table)
    if (table := tables.get(YEARS)) and not table.faults:
        brought.years = _years(brought, table, years_of(calendar))
    brought.faults = [fault for table in tables.values() for fault in table.faults]
    return brought


def _place(brought: Brought, of: str, table: Table) -> None:
    for n, (at, _) in enumerate(table.rows):
        brought._at[f"{of}.{n}"] = table, at


def _read_whom(
    table: Table, at: int, cells: Mapping[str, str], groups: Mapping[str, str]
) -> dict[str, str | None]:
    named, group = cells.get(_PLACE, ""), cells.get(_GROUP, "")
    is_everywhere = not named or is_same(named, words.EVERYWHERE)
    code = None if is_everywhere else words.place_code(named)
    if code is None and not is_everywhere:
        table.fault(at, _PLACE, "place_unknown", f"没有“{named[:20]}”这个市州。")
    is_every = not group or is_same(group, words.EVERY_GROUP)
    wanted = None if is_every else words.id_of(group, groups)
    if wanted is None and not is_every:
        table.fault(at, _GROUP, "group_unknown", f"没有“{group[:20]}”这个事项。")
    return {"place": code, "group": wanted}


def _texts(said: str) -> list[str]:
    if not said or is_same(said, _NONE):
        return []
    for sign in "，,；;\n":
        said = said.replace(sign, "、")
    return [one.strip()[:40] for one in said.split("、") if one.strip()][:10]


def _hours(table: Table, at: int, cells: Mapping[str, str], groups: Mapping[str, str]) -> HoursRow:
    whom = _read_whom(table, at, cells, groups)
    days = {day: cells.get(name, "") for day, name in words.WEEKDAYS.items()}
    return HoursRow(
        place=whom["place"],
        group=whom["group"],
        workday=_texts(cells.get(words.KINDS["workday"], "")),
        weekend=_texts(cells.get(words.KINDS["weekend"], "")),
        holiday=_texts(cells.get(words.KINDS["holiday"], "")),
        weekdays={day: _texts(said) for day, said in days.items() if said},
    )


def _night(table: Table, at: int, cells: Mapping[str, str], groups: Mapping[str, str]) -> NightRow:
    whom = _read_whom(table, at, cells, groups)
    answer = words.id_of(cells.get(_ANSWER, ""), words.NIGHTS) or cells.get(_ANSWER, "")[:20]
    return NightRow(place=whom["place"], group=whom["group"], answer=answer)


def _closure(
    table: Table, at: int, cells: Mapping[str, str], groups: Mapping[str, str]
) -> ClosureRow:
    whom = _read_whom(table, at, cells, groups)
    start, end = (_moment(cells.get(heading, "")) for heading in (_START, _END))
    why = cells.get(_WHY, "")[:200]
    return ClosureRow(place=whom["place"], group=whom["group"], start=start, end=end, why=why)


def _moment(said: str) -> str:
    """A day alone begins at midnight."""
    text = as_kept(said)[:16]
    return f"{text}T00:00" if len(text) == len("2026-03-01") else text


def _years(brought: Brought, table: Table, held: Mapping[int, YearRow]) -> list[YearRow]:
    off: dict[int, dict[date, str]] = {}
    worked: dict[int, list[date]] = {}
    sources: dict[int, str] = {}
    for at, cells in table.rows:
        day = _date(table, at, cells.get(_DAY, ""))
        said = cells.get(_KIND, "")
        kind = next((one for one in (_OFF, _WORKED) if is_same(said, one)), None)
        if kind is None:
            table.fault(at, _KIND, "kind_unknown", f"类型应为“{_OFF}”或“{_WORKED}”。")
        if day is None:
            continue
        days, works = off.setdefault(day.year, {}), worked.setdefault(day.year, [])
        if day in days or day in works:
            table.fault(at, _DAY, "day_twice", f"{day} 写了两次。")
        brought._at.setdefault(f"years.{day.year}", (table, at))
        if kind == _WORKED:
            works.append(day)
        elif kind == _OFF:
            days[day] = cells.get(_NAME, "")[:60]
            if not cells.get(_NAME):
                table.fault(at, _NAME, "holiday_name", "请写明是什么节日。")
        sources[day.year] = sources.get(day.year) or cells.get(_SOURCE, "")[:600]
    return [
        YearRow(
            year=year,
            source=sources[year] or (held[year].source if year in held else ""),
            holidays=_spans(off[year]),
            workdays=[day.isoformat() for day in sorted(worked[year])],
        )
        for year in sorted(off)
    ]


def _date(table: Table, at: int, said: str) -> date | None:
    try:
        return date.fromisoformat(as_kept(said)[:10])
    except ValueError:
        table.fault(at, _DAY, "day_form", f"“{said[:20]}”不是日期，应写成 2027-01-01。")
        return None


def _spans(days: Mapping[date, str]) -> list[HolidayRow]:
    """Days of one name that follow one another as one row."""

    def run(pair: tuple[int, tuple[date, str]]) -> tuple[str, int]:
        n, (day, name) = pair
        return name, day.toordinal() - n

    found = []
    for (name, _), part in groupby(enumerate(sorted(days.items())), key=run):
        members = [day for _, (day, _) in part]
        first, last = members[0].isoformat(), members[-1].isoformat()
        found.append(HolidayRow(name=name, first=first, last=last))
    return found
