"""A change of hours and holidays before it is made: what is wrong with it, what it changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from callcenter.documents import words
from callcenter.documents.calendar_rows import (
    closure_rows,
    hours_row,
    hours_rows,
    night_rows,
    read_closures,
    read_hours,
    read_nights,
    read_year,
    years_of,
)
from callcenter.documents.roster_plan import Plan
from callcenter.documents.rows import ClosureRow, FieldFault, HoursRow, NightRow, YearRow
from callcenter.province import CALENDAR
from seats.calendar import Calendar, Closure, Hours, Night, Year
from seats.calendar_file import load_calendar
from seats.calendar_import import with_year
from seats.calendar_text import with_hours

_Whom = tuple[str | None, str | None]


def read_calendar(text: str) -> Calendar:
    """The calendar in the text of calendar.yaml. Raises FileFaults."""
    return load_calendar(Path(CALENDAR), text.encode())


def plan_calendar(
    text: str,
    *,
    groups: Mapping[str, str],
    hours: Sequence[HoursRow] | None = None,
    nights: Sequence[NightRow] | None = None,
    closures: Sequence[ClosureRow] | None = None,
    years: Sequence[YearRow] = (),
) -> Plan:
    """What is given in place of what there is; None and years not named stay.

    `groups`: what each is called. Raises FileFaults when the text itself is not sound.
    """
    before = read_calendar(text)
    faults: list[FieldFault] = []

    def fault(at: str, field: str, error: str, message: str) -> None:
        faults.append(FieldFault(at=at, field=field, error=error, message=message))

    kept = groups.keys() | {rule.group for rule in before.rules if rule.group}
    rules = read_hours(hours_rows(before) if hours is None else hours, kept, fault)
    answers = read_nights(night_rows(before) if nights is None else nights, kept, fault)
    closed_rows = closure_rows(before) if closures is None else closures
    closed = read_closures(closed_rows, before.zone, kept, fault)
    read = {row.year: read_year(row, fault) for row in years}
    if faults:
        return Plan(text, tuple(faults))
    told = [
        *_hours_told(before.rules, rules, groups),
        *_nights_told(before.nights, answers, groups),
    ]
    told += _closures_told(before, closed, groups)
    text = with_hours(text, rules=rules, nights=answers, closures=closed)
    rows = years_of(before)
    for row in years:
        if rows.get(row.year) != row and read[row.year] != before.years.get(row.year):
            held, year = before.years.get(row.year), read[row.year]
            december = held.december_before if held else None
            text = with_year(text, row.year, source=row.source, days=year, before=december)
            told += _year_told(row.year, held, year)
    return Plan(text, (), tuple(told))


def _whom_told(whom: _Whom, groups: Mapping[str, str]) -> str:
    place, group = whom
    named = groups.get(group, group) if group else words.EVERY_GROUP
    return f"{words.place(place)}·{named}"


def _by_whom(rules: Sequence[Hours] | Sequence[Night]) -> dict[_Whom, Hours | Night]:
    return {(rule.place, rule.group): rule for rule in rules}


def _hours_told(
    before: Sequence[Hours], after: Sequence[Hours], groups: Mapping[str, str]
) -> list[str]:
    return _rules_told("服务时间", _by_whom(before), _by_whom(after), groups)


def _nights_told(
    before: Sequence[Night], after: Sequence[Night], groups: Mapping[str, str]
) -> list[str]:
    return _rules_told("下班后", _by_whom(before), _by_whom(after), groups)


def _rules_told(
    what: str,
    before: Mapping[_Whom, Hours | Night],
    after: Mapping[_Whom, Hours | Night],
    groups: Mapping[str, str],
) -> list[str]:
    told = []
    for whom in dict.fromkeys((*before, *after)):
        old, new = before.get(whom), after.get(whom)
        if old == new:
            continue
        was, becomes = (_rule_told(one) if one else "无" for one in (old, new))
        told.append(f"{what} {_whom_told(whom, groups)}：{was} → {becomes}")
    return told


def _rule_told(rule: Hours | Night) -> str:
    if isinstance(rule, Night):
        return words.NIGHTS[rule.answer]
    row = hours_row(rule)
    by_kind = {kind: getattr(row, kind) for kind in words.KINDS}
    if len({tuple(texts) for texts in by_kind.values()}) == 1 and not row.weekdays:
        return f"每天 {_spans_told(row.workday)}"
    days = {words.KINDS[kind]: texts for kind, texts in by_kind.items()}
    days |= {words.WEEKDAYS[day]: texts for day, texts in row.weekdays.items()}
    return "，".join(f"{day} {_spans_told(texts)}" for day, texts in days.items())


def _spans_told(texts: Sequence[str]) -> str:
    return "、".join(texts) or "不服务"


def _closures_told(
    before: Calendar, after: Sequence[Closure], groups: Mapping[str, str]
) -> list[str]:
    def told(one: Closure) -> str:
        start, end = (
            moment.astimezone(before.zone).strftime("%Y-%m-%d %H:%M")
            for moment in (one.start, one.end)
        )
        return f"{_whom_told((one.place, one.group), groups)} {start} 至 {end}（{one.why}）"

    found = [f"新增临时停服 {told(one)}" for one in after if one not in before.closures]
    return found + [f"取消临时停服 {told(one)}" for one in before.closures if one not in after]


def _year_told(number: int, before: Year | None, after: Year) -> list[str]:
    if before is None:
        counts = f"放假 {len(after.holidays)} 天，调休上班 {len(after.workdays)} 天"
        return [f"新增 {number} 年节假日：{counts}"]
    changed = []
    for what, old, new in (
        ("放假", before.holidays, after.holidays),
        ("调休上班", before.workdays, after.workdays),
    ):
        changed += [f"{day} 改为{what}" for day in sorted(new - old)]
        changed += [f"{day} 不再{what}" for day in sorted(old - new)]
    return [f"{number} 年：{'，'.join(changed) or '名称或依据有更改'}"]
