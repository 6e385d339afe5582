"""Opening hours and holidays as rows: out of a calendar, and back with every fault at its field."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final, get_args
from zoneinfo import ZoneInfo

from callcenter.documents.rows import ClosureRow, HolidayRow, HoursRow, NightRow, YearRow
from callcenter.documents.shift_words import NotUnderstood, read_spans, spans_told
from seats.calendar import Calendar, Closure, DayKind, Hours, Night, NightAnswer, Span, Year
from seats.holiday_cn import YEARS, spans_by_name
from seats.places import seat_places
from seats.shift_file import WEEKDAYS

Fault = Callable[[str, str, str, str], None]
"""Told of a fault: at which row, field, stable id, Chinese sentence."""

_HOLIDAY: Final = re.compile(r"[\w、·]{1,30}")
_LOCAL: Final = "%Y-%m-%dT%H:%M"
_ANSWERS: Final[tuple[NightAnswer, ...]] = get_args(NightAnswer)


def hours_rows(calendar: Calendar) -> list[HoursRow]:
    """Each rule as a row."""
    return [hours_row(rule) for rule in calendar.rules]


def hours_row(rule: Hours) -> HoursRow:
    """A rule as a row."""
    return HoursRow(
        place=rule.place,
        group=rule.group,
        workday=spans_told(rule.spans[DayKind.WORKDAY]),
        weekend=spans_told(rule.spans[DayKind.WEEKEND]),
        holiday=spans_told(rule.spans[DayKind.HOLIDAY]),
        weekdays={WEEKDAYS[day]: spans_told(one) for day, one in sorted(rule.weekdays.items())},
    )


def night_rows(calendar: Calendar) -> list[NightRow]:
    """Who answers when closed, a row each."""
    return [
        NightRow(place=one.place, group=one.group, answer=one.answer) for one in calendar.nights
    ]


def closure_rows(calendar: Calendar) -> list[ClosureRow]:
    """Closures in the calendar's own time."""
    return [
        ClosureRow(
            place=one.place,
            group=one.group,
            start=one.start.astimezone(calendar.zone).strftime(_LOCAL),
            end=one.end.astimezone(calendar.zone).strftime(_LOCAL),
            why=one.why,
        )
        for one in calendar.closures
    ]


def year_row(number: int, year: Year) -> YearRow:
    """A year's notice."""
    return YearRow(
        year=number,
        source=year.source,
        holidays=[
            HolidayRow(name=name, first=first.isoformat(), last=last.isoformat())
            for name, spans in spans_by_name(year).items()
            for first, last in spans
        ],
        workdays=[day.isoformat() for day in sorted(year.workdays)],
    )


def read_hours(rows: Iterable[HoursRow], groups: Collection[str], fault: Fault) -> list[Hours]:
    """The rules that rows stand for."""
    rules = []
    for n, row in enumerate(rows):
        at = f"hours.{n}"
        _check_whom(at, row.place, row.group, groups, fault)
        if unknown := [day for day in row.weekdays if day not in WEEKDAYS]:
            fault(at, "weekdays", "day_unknown", f"没有“{unknown[0][:10]}”这一天。")
        kinds = {kind: getattr(row, kind.value) for kind in DayKind}
        spans = {kind: _spans(at, kind.value, texts, fault) for kind, texts in kinds.items()}
        weekdays = {
            WEEKDAYS.index(day): _spans(at, f"weekdays.{day}", texts, fault)
            for day, texts in row.weekdays.items()
            if day in WEEKDAYS
        }
        rules.append(Hours(row.place, row.group, spans=spans, weekdays=weekdays))
    _check_once("hours", [(one.place, one.group) for one in rules], fault)
    if not any(rule.place is None and rule.group is None for rule in rules):
        message = "要有一条对全省、全部事项的服务时间。"
        fault("hours", "", "no_general_rule", message)
    return rules


def _spans(at: str, field: str, texts: Sequence[str], fault: Fault) -> tuple[Span, ...]:
    try:
        return read_spans(texts)
    except NotUnderstood as wrong:
        fault(at, field, "span_form", str(wrong))
        return ()


def read_nights(rows: Iterable[NightRow], groups: Collection[str], fault: Fault) -> list[Night]:
    """Who answers when closed."""
    nights = []
    for n, row in enumerate(rows):
        at = f"nights.{n}"
        _check_whom(at, row.place, row.group, groups, fault)
        answer = next((one for one in _ANSWERS if one == row.answer), None)
        if answer is None:
            fault(at, "answer", "answer_unknown", "请选择下班后由谁接听。")
        nights.append(Night(row.place, row.group, answer or "message"))
    _check_once("nights", [(one.place, one.group) for one in nights], fault)
    return nights


def read_closures(
    rows: Iterable[ClosureRow], zone: ZoneInfo, groups: Collection[str], fault: Fault
) -> list[Closure]:
    """Closures; local times are those of the zone."""
    closures = []
    for n, row in enumerate(rows):
        at = f"closures.{n}"
        _check_whom(at, row.place, row.group, groups, fault)
        start, end = (_moment(at, f, getattr(row, f), zone, fault) for f in ("start", "end"))
        if start and end and end <= start:
            fault(at, "end", "end_first", "结束时间要晚于开始时间。")
        if not row.why.strip() or not row.why.isprintable():
            fault(at, "why", "why_missing", "请写明停服原因。")
        if start and end:
            closures.append(Closure(row.place, row.group, start, end, row.why))
    return closures


def _moment(at: str, field: str, text: str, zone: ZoneInfo, fault: Fault) -> datetime | None:
    try:
        return datetime.strptime(text.replace(" ", "T"), _LOCAL).replace(tzinfo=zone)
    except ValueError:
        fault(at, field, "time_form", "时间应写成 2026-03-01 12:00 这样。")
        return None


def _check_whom(
    at: str, place: str | None, group: str | None, groups: Collection[str], fault: Fault
) -> None:
    if place is not None and place not in seat_places():
        fault(at, "place", "place_unknown", "没有这个市州。")
    if group is not None and group not in groups:
        fault(at, "group", "group_unknown", "没有这个事项。")


def _check_once(of: str, whom: Sequence[tuple[str | None, str | None]], fault: Fault) -> None:
    for n, pair in enumerate(whom):
        if pair in whom[:n]:
            fault(f"{of}.{n}", "place", "rule_twice", "这个市州和事项已有一条，请合并。")


def read_year(row: YearRow, fault: Fault) -> Year:
    """A year's notice; faults name the row `years.<year>`."""
    at = f"years.{row.year}"
    if row.year not in YEARS:
        fault(at, "year", "year_range", f"年份应在 {YEARS.start} 到 {YEARS.stop - 1} 之间。")
    if not row.source.strip() or not row.source.isprintable():
        fault(at, "source", "source_missing", "请写明依据的放假通知。")
    names: dict[date, str] = {}
    for n, holiday in enumerate(row.holidays):
        for day in _days_off(f"{at}.holidays.{n}", row.year, holiday, fault):
            if day in names:
                what = f"{day} 已是{names[day]}的放假日。"
                fault(f"{at}.holidays.{n}", "first", "day_twice", what)
            names[day] = holiday.name
    worked = frozenset(_workdays(at, row, names, fault))
    return Year(frozenset(names), worked, names, row.source)


def _workdays(at: str, row: YearRow, names: Mapping[date, str], fault: Fault) -> Iterator[date]:
    for n, text in enumerate(row.workdays):
        day = _day(text)
        if day is None or day.year != row.year:
            fault(at, f"workdays.{n}", "day_form", f"“{text[:20]}”不是 {row.year} 年的日期。")
        elif day in names:
            fault(at, f"workdays.{n}", "day_off", f"{day} 已是{names[day]}的放假日。")
        elif day.weekday() < 5:
            fault(at, f"workdays.{n}", "no_weekend", f"{day} 不是周末，不必写作调休上班。")
        else:
            yield day


def _days_off(at: str, year: int, row: HolidayRow, fault: Fault) -> Iterator[date]:
    if not _HOLIDAY.fullmatch(row.name):
        fault(at, "name", "holiday_name", "节日名称为 1 到 30 个字。")
    first, last = _day(row.first), _day(row.last)
    if first is None or last is None or first.year != year or last.year != year:
        fault(at, "first", "day_form", f"日期应在 {year} 年内，写成 {year}-10-01 这样。")
    elif last < first:
        fault(at, "last", "end_first", "最后一天不能早于第一天。")
    else:
        yield from (first + timedelta(days=n) for n in range((last - first).days + 1))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def years_of(calendar: Calendar) -> Mapping[int, YearRow]:
    """All years by number."""
    return {number: year_row(number, year) for number, year in sorted(calendar.years.items())}
