"""Changed hours, night answers and closures put into the text of `calendar.yaml`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from seats.calendar import Calendar, Closure, DayKind, Hours, Night, Span
from seats.calendar_file import load_calendar
from seats.roster_text import clock, clock_end
from seats.shift_file import WEEKDAYS
from seats.yaml_text import scalar, with_block


def with_hours(
    text: str, *, rules: Iterable[Hours], nights: Iterable[Night], closures: Iterable[Closure]
) -> str:
    """The text with these rules, in this order; what has not changed stands as before.

    `text` must be a sound calendar.yaml; its years and its zone stay.
    """
    before = load_calendar(Path("calendar.yaml"), text.encode())
    if (rules := tuple(rules)) != before.rules:
        text = with_block(text, "hours", ["hours:", *_items(map(_rule, rules))])
    if (nights := tuple(nights)) != before.nights:
        lines = ["night:", *_items(map(_night, nights))] if nights else []
        text = with_block(text, "night", lines)
    if (closures := tuple(closures)) != before.closures:
        lines = [f"  - {_closure(one, before)}" for one in closures]
        text = with_block(text, "closures", ["closures:", *lines] if lines else [])
    return text


def _items(rules: Iterable[Mapping[str, str]]) -> Iterable[str]:
    for rule in rules:
        for n, (key, value) in enumerate(rule.items()):
            yield f"  {'-' if n == 0 else ' '} {key}: {value}"


def _whom(one: Hours | Night | Closure) -> dict[str, str]:
    named = {"place": one.place, "group": one.group}
    return {key: scalar(value) for key, value in named.items() if value is not None}


def _rule(rule: Hours) -> dict[str, str]:
    spans = {kind: _spans(rule.spans[kind]) for kind in DayKind}
    if not rule.weekdays and len(set(spans.values())) == 1:
        return {**_whom(rule), "daily": spans[DayKind.WORKDAY]}
    days = {WEEKDAYS[day]: _spans(one) for day, one in sorted(rule.weekdays.items())}
    return {**_whom(rule), **{str(kind): text for kind, text in spans.items()}, **days}


def _night(night: Night) -> dict[str, str]:
    return {**_whom(night), "answer": night.answer}


def _spans(spans: Iterable[Span]) -> str:
    return f"[{', '.join(f'{clock(one.start)}-{clock_end(one.end)}' for one in spans)}]"


def _closure(one: Closure, calendar: Calendar) -> str:
    start, end = (
        moment.astimezone(calendar.zone).strftime("%Y-%m-%dT%H:%M")
        for moment in (one.start, one.end)
    )
    whom = "".join(f"{key}: {value}, " for key, value in _whom(one).items())
    return f"{{{whom}from: {start}, to: {end}, why: {scalar(one.why)}}}"
