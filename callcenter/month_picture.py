"""A calendar drawn with letters: months side by side, days off and days worked marked."""

from __future__ import annotations

from calendar import Calendar as Weeks
from collections.abc import Iterable, Iterator
from datetime import date
from unicodedata import east_asian_width

from seats.calendar import Calendar, DayKind, Hours, Night, Span
from seats.holiday_cn import spans_by_name
from seats.places import name_of

CELL = 5  # columns of a day: " 12休"
GAP = "   "
WIDTH = 7 * CELL + len(GAP)  # of a month and what parts it from the next
MARKS = {DayKind.HOLIDAY: "休", DayKind.WORKDAY: "班", DayKind.WEEKEND: "· "}

_WEEKDAYS = "一二三四五六日"
_KINDS = {DayKind.WORKDAY: "工作日", DayKind.WEEKEND: "周末", DayKind.HOLIDAY: "节假日"}
_NIGHT = {"message": "留言", "province": "省级坐席", "line": "夜间外线"}


def year_picture(
    calendar: Calendar, year: int, *, today: date | None = None, columns: int = 120
) -> Iterator[str]:
    """Lines of the whole year, up to three months a row, then its holidays by name.

    休: day off by the notice, 班: weekend day worked, ·: weekend, [ ]: today. Raises YearNotLoaded.
    """
    calendar.kind(date(year, 1, 1))
    yield f"{year} 年    休 放假    班 调休上班    · 周末"
    abreast = max(1, min(3, (columns + len(GAP)) // WIDTH))
    for first in range(1, 13, abreast):
        months = range(first, min(first + abreast, 13))
        blocks = [_month(calendar, year, month, today) for month in months]
        yield ""
        for row in range(max(map(len, blocks))):
            parts = (b[row] if row < len(b) else "" for b in blocks)
            yield GAP.join(_padded(part, 7 * CELL) for part in parts).rstrip()
    held = calendar.years[year]
    yield ""
    for name, spans in spans_by_name(held).items():
        yield f"{_padded(name, 18)}{', '.join(_span(a, b) for a, b in spans)}"
    worked = " ".join(_span(day, day) for day in sorted(held.workdays))
    yield f"{_padded('调休上班', 18)}{worked or '无'}"
    yield f"{_padded('依据', 18)}{held.source}"


def hours_in_words(calendar: Calendar) -> Iterator[str]:
    """Lines of the opening hours, the night line and the closures."""
    yield f"时区 {calendar.zone.key}"
    for rule in calendar.rules:
        yield f"{_whom(rule)}: {_hours(rule)}"
    for night in calendar.nights:
        yield f"{_whom(night)} 下班后: {_NIGHT[night.answer]}"
    for closure in calendar.closures:
        start, end = (at.astimezone(calendar.zone) for at in (closure.start, closure.end))
        yield f"停止服务 {start:%Y-%m-%d %H:%M} 至 {end:%Y-%m-%d %H:%M}: {closure.why}"


def _month(calendar: Calendar, year: int, month: int, today: date | None) -> list[str]:
    lines = [f"{month:>3} 月", "".join(f" {name}".rjust(CELL - 2) + " " for name in _WEEKDAYS)]
    for week in Weeks().monthdatescalendar(year, month):
        if any(day.month == month for day in week):
            cells = (_day(calendar, day, today) if day.month == month else "" for day in week)
            lines.append("".join(_padded(cell, CELL) for cell in cells))
    return lines


def _day(calendar: Calendar, day: date, today: date | None) -> str:
    kind = calendar.kind(day)
    is_usual_work = kind is DayKind.WORKDAY and day.weekday() < 5
    mark = "" if is_usual_work else MARKS[kind]
    return f"[{day.day}]{mark}" if day == today else f"{day.day:>3}{mark}"


def _span(first: date, last: date) -> str:
    text = f"{first.month}月{first.day}日"
    return text if first == last else f"{text}至{last.month}月{last.day}日"


def _whom(rule: Hours | Night) -> str:
    place = name_of(rule.place) if rule.place else "全部地区"
    return f"{place} {rule.group or '全部业务'}"


def _hours(rule: Hours) -> str:
    if not rule.weekdays and len(set(rule.spans.values())) == 1:
        return f"每天 {_times(rule.spans[DayKind.WORKDAY])}"
    parts = [f"{_KINDS[kind]} {_times(rule.spans[kind])}" for kind in _KINDS]
    parts += [f"周{_WEEKDAYS[at]} {_times(spans)}" for at, spans in sorted(rule.weekdays.items())]
    return "；".join(parts)


def _times(spans: Iterable[Span]) -> str:
    return "、".join(f"{_clock(one.start)}-{_clock(one.end)}" for one in spans) or "不开放"


def _clock(minute: int) -> str:
    if minute > 24 * 60:
        return f"次日 {_clock(minute - 24 * 60)}"
    return f"{minute // 60:02}:{minute % 60:02}"


def _padded(text: str, columns: int) -> str:
    """Text filled with blanks; Chinese signs are two columns wide in a terminal."""
    wide = sum(east_asian_width(sign) in "WF" for sign in text)
    return text + " " * max(0, columns - len(text) - wide)
