"""`calendar.yaml` of the province folder -> Calendar, every fault told with its line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import yaml

from seats.calendar import (
    DAY_MIN,
    Calendar,
    Closure,
    DayKind,
    Hours,
    Night,
    NightAnswer,
    Span,
    Year,
)
from seats.places import seat_places
from seats.source import Source

_SPAN = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])")
_EVERY = "*"
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NIGHT_ANSWERS: tuple[NightAnswer, ...] = get_args(NightAnswer)


def load_calendar(path: Path, raw: bytes | None = None) -> Calendar:
    """The calendar of the file, or of `raw` in its place; raises FileFaults with all wrong."""
    source = Source(path, raw)
    top = source.table(
        source.root, "file", required=("zone", "hours", "years"), optional=("night", "closures")
    )
    zone = _zone(source, top.get("zone"))
    rules = tuple(
        _hours(source, node, f"hours[{n}]")
        for n, node in enumerate(source.items(top.get("hours"), "hours"), start=1)
    )
    whom = [(rule.place, rule.group) for rule in rules]
    if "hours" in top and (None, None) not in whom:
        source.fault(top["hours"], "hours", "no rule for every place and every group")
    _check_once(source, top.get("hours"), "hours", whom)
    nights = tuple(
        _night(source, node, f"night[{n}]")
        for n, node in enumerate(source.items(top.get("night"), "night"), start=1)
    )
    _check_once(source, top.get("night"), "night", [(one.place, one.group) for one in nights])
    years = _years(source, top.get("years"))
    closures = tuple(
        _closure(source, node, f"closures[{n}]", zone)
        for n, node in enumerate(source.items(top.get("closures"), "closures"), start=1)
    )
    source.finish()
    return Calendar(zone=zone, rules=rules, years=years, closures=closures, nights=nights)


def _zone(source: Source, node: yaml.Node | None) -> ZoneInfo:
    name = source.text(node, "zone")
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):  # what ZoneInfo raises depends on the bad name
        if node is not None:
            source.fault(node, "zone", f"{name!r} is not an IANA time zone")
        return ZoneInfo("UTC")


def _hours(source: Source, node: yaml.Node, where: str) -> Hours:
    kinds = [kind.value for kind in DayKind]
    fields = source.table(node, where, optional=("place", "group", "daily", *kinds, *_WEEKDAYS))
    weekdays = {
        number: _spans(source, fields[name], f"{where}.{name}")
        for number, name in enumerate(_WEEKDAYS)
        if name in fields
    }
    if "daily" in fields:
        for kind in (*kinds, *_WEEKDAYS):
            if kind in fields:
                source.fault(fields[kind], f"{where}.{kind}", "stands beside daily: use one")
        daily = _spans(source, fields["daily"], f"{where}.daily")
        spans = dict.fromkeys(DayKind, daily)
    else:
        for kind in kinds:
            if fields and kind not in fields:
                source.fault(node, where, f"{kind} is missing (or give daily)")
        spans = {kind: _spans(source, fields.get(kind), f"{where}.{kind}") for kind in DayKind}
    return Hours(*_whom(source, fields, where), spans=spans, weekdays=weekdays)


def _night(source: Source, node: yaml.Node, where: str) -> Night:
    fields = source.table(node, where, required=("answer",), optional=("place", "group"))
    said = source.text(fields.get("answer"), f"{where}.answer")
    answer = next((one for one in _NIGHT_ANSWERS if one == said), None)
    if answer is None and "answer" in fields:
        what = f"{said!r} is none of {', '.join(_NIGHT_ANSWERS)}"
        source.fault(fields["answer"], f"{where}.answer", what)
    return Night(*_whom(source, fields, where), answer=answer or "message")


def _whom(
    source: Source, fields: dict[str, yaml.Node], where: str
) -> tuple[str | None, str | None]:
    place = source.text(fields.get("place"), f"{where}.place") or _EVERY
    group = source.text(fields.get("group"), f"{where}.group") or _EVERY
    if place != _EVERY and place not in seat_places():
        what = f"{place!r} is no place of `hotline places show`"
        source.fault(fields["place"], f"{where}.place", what)
    return (None if place == _EVERY else place, None if group == _EVERY else group)


def _spans(source: Source, node: yaml.Node | None, where: str) -> tuple[Span, ...]:
    spans = []
    for item in source.items(node, where):
        text = source.text(item, where)
        found = _SPAN.fullmatch(text)
        if found is None:
            source.fault(item, where, f"{text!r} is not like 08:30-17:00")
            continue
        hour, minute, end_hour, end_minute = map(int, found.groups())
        start, end = hour * 60 + minute, end_hour * 60 + end_minute
        if end > DAY_MIN:
            source.fault(item, where, f"{text!r} ends after 24:00; over midnight is 22:00-06:00")
        elif end == start:
            source.fault(item, where, f"{text!r} is no time at all; a whole day is 00:00-24:00")
        spans.append(Span(start, end if end > start else end + DAY_MIN))
    return tuple(spans)


def _check_once(
    source: Source,
    node: yaml.Node | None,
    where: str,
    whom: Sequence[tuple[str | None, str | None]],
) -> None:
    for n, pair in enumerate(whom):
        if pair in whom[:n]:
            rule = source.items(node, where)[n]
            source.fault(rule, f"{where}[{n + 1}]", "another rule has this place and group already")


def _years(source: Source, node: yaml.Node | None) -> dict[int, Year]:
    """The years by number; what a notice changes in the December before it is worked in there."""
    years: dict[int, Year] = {}
    before: dict[int, Year] = {}
    for name, item in source.table(node, "years", optional=None).items():
        if not re.fullmatch("20[0-9]{2}", name):
            source.fault(item, "years", f"{name!r} is not a year")
            continue
        where, year = f"years.{name}", int(name)
        fields = source.table(
            item,
            where,
            required=("source", "holidays", "workdays"),
            optional=("december_before",),
        )
        text = source.text(fields.get("source"), f"{where}.source")
        years[year] = replace(_days(source, fields, where, year), source=text)
        if "december_before" in fields:
            where = f"{where}.december_before"
            fields = source.table(
                fields["december_before"], where, required=("holidays", "workdays")
            )
            before[year - 1] = _days(source, fields, where, year - 1)
            years[year] = replace(years[year], december_before=before[year - 1])
    for year, later in before.items():
        if year in years:
            years[year] = amended(years[year], later)
    return years


def amended(year: Year, later: Year) -> Year:
    """A year with what a later notice says of some of its days."""
    names = {day: name for day, name in year.names.items() if day not in later.workdays}
    return replace(
        year,
        holidays=(year.holidays - later.workdays) | later.holidays,
        workdays=(year.workdays - later.holidays) | later.workdays,
        names={**names, **later.names},
    )


def _days(source: Source, fields: dict[str, yaml.Node], where: str, year: int) -> Year:
    """The days off and the days worked in exchange that these fields name."""
    names: dict[date, str] = {}
    named = source.table(fields.get("holidays"), f"{where}.holidays", optional=None)
    for name, item in named.items():
        for day in _ranges(source, item, f"{where}.holidays.{name}", year):
            if day in names:
                what = f"{day} belongs to {names[day]} already"
                source.fault(item, f"{where}.holidays.{name}", what)
            names[day] = name
    workdays = set()
    for item in source.items(fields.get("workdays"), f"{where}.workdays"):
        for day in _range(source, item, f"{where}.workdays", year):
            if day in names:
                source.fault(item, f"{where}.workdays", f"{day} is a day off for {names[day]}")
            if day.weekday() < 5:
                source.fault(item, f"{where}.workdays", f"{day} is no weekend day")
            workdays.add(day)
    return Year(frozenset(names), frozenset(workdays), names)


def _ranges(source: Source, node: yaml.Node, where: str, year: int) -> list[date]:
    """The days of one range, or of a list of them."""
    parts = source.items(node, where) if isinstance(node, yaml.SequenceNode) else [node]
    return [day for part in parts for day in _range(source, part, where, year)]


def _range(source: Source, node: yaml.Node, where: str, year: int) -> list[date]:
    """The days of `2026-02-15..2026-02-23`, or of one date."""
    text = source.text(node, where)
    first_text, _, last_text = text.partition("..")
    try:
        first = date.fromisoformat(first_text)
        last = date.fromisoformat(last_text or first_text)
    except ValueError:
        source.fault(node, where, f"{text!r} is not like 2026-02-15 or 2026-02-15..2026-02-23")
        return []
    if first.year != year or last.year != year:
        source.fault(node, where, f"{text} is not within {year}")
        return []
    if last < first:
        source.fault(node, where, f"{text} ends before it begins")
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _closure(source: Source, node: yaml.Node, where: str, zone: ZoneInfo) -> Closure:
    fields = source.table(node, where, required=("from", "to", "why"), optional=("place", "group"))
    start = _moment(source, fields.get("from"), f"{where}.from", zone)
    end = _moment(source, fields.get("to"), f"{where}.to", zone)
    if start is not None and end is not None and end <= start:
        source.fault(fields["to"], f"{where}.to", "is not after from")
    place, group = _whom(source, fields, where)
    why = source.text(fields.get("why"), f"{where}.why")
    nothing = datetime.min.replace(tzinfo=zone)
    return Closure(place, group, start or nothing, end or nothing, why)


def _moment(source: Source, node: yaml.Node | None, where: str, zone: ZoneInfo) -> datetime | None:
    """Local wall-clock time, such as 2026-03-01T12:00."""
    text = source.text(node, where)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is not None and moment.tzinfo is None and len(text) >= len("2026-03-01T12:00"):
        return moment.replace(tzinfo=zone)
    if node is not None:
        source.fault(node, where, f"{text!r} is not a local time like 2026-03-01T12:00")
    return None
