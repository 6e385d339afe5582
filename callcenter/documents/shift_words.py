"""Shifts and opening hours in words, as tables and people write them, and back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from callcenter.documents import words
from callcenter.documents.dates import plain
from callcenter.english.excel import is_same
from seats.calendar import DAY_MIN, DayKind, Span
from seats.roster_text import clock, clock_end
from seats.shift import Shift
from seats.shift_file import WEEKDAYS

_TIMES: Final = re.compile(
    r"(.*?)\s*(\d{1,2}:\d{2})\s*(?:[-—–~～至到]|to)\s*(次日|next day)?\s*(\d{1,2}:\d{2})"
)
_CLOCK: Final = re.compile(r"([01]?[0-9]|2[0-4]):([0-5][0-9])")


class NotUnderstood(ValueError):
    """What is wrong with the words, in one Chinese sentence."""


def minute_of(text: str) -> int | None:
    """A time up to 24:00 as minutes after midnight."""
    found = _CLOCK.fullmatch(text.strip())
    minute = int(found[1]) * 60 + int(found[2]) if found else DAY_MIN + 1
    return minute if minute <= DAY_MIN else None


def shift_of(days: Iterable[str], start: str, end: str) -> Shift:
    """A shift by the ids of its days and its times. Raises NotUnderstood."""
    wanted = list(days)
    unknown = [day for day in wanted if day not in words.DAYS]
    if unknown or not wanted:
        raise NotUnderstood("请选择日期：周一至周日，或工作日、周末、节假日。")
    first, last = minute_of(start), minute_of(end)
    if first is None or last is None:
        raise NotUnderstood("时间应写成 08:30 这样，最晚 24:00。")
    if first == last or first >= DAY_MIN:
        raise NotUnderstood("起止时间不能相同；整天是 00:00 到 24:00。")
    weekdays = frozenset(WEEKDAYS.index(day) for day in wanted if day in WEEKDAYS)
    kinds = frozenset(DayKind(day) for day in wanted if day not in WEEKDAYS)
    return Shift(first, last if last > first else last + DAY_MIN, weekdays, kinds)


def days_of(shift: Shift) -> list[str]:
    """The ids of a shift's days, as the week goes."""
    kinds = [kind for kind in words.KINDS if kind in shift.kinds]
    return [WEEKDAYS[day] for day in sorted(shift.weekdays)] + kinds


def told(shifts: Sequence[Shift]) -> str:
    """`工作日 08:30-17:30；周六、周日 09:00-12:00`; nothing for a seat that is on duty always."""
    return "；".join(map(_told, shifts))


def _told(shift: Shift) -> str:
    days = days_of(shift)
    named = words.EVERY_DAY if days == list(WEEKDAYS) else "、".join(words.DAYS[d] for d in days)
    return f"{named} {clock(shift.start)}-{clock_end(shift.end)}"


def read_shifts(text: str) -> tuple[Shift, ...]:
    """Shifts as `told` writes them. Raises NotUnderstood."""
    return tuple(_read(part) for part in re.split(r"[；;\n]", text) if part.strip())


def _read(part: str) -> Shift:
    found = _TIMES.fullmatch(plain(part))
    if found is None:
        raise NotUnderstood(f"“{part.strip()[:40]}”不像“工作日 08:30-17:30”。")
    days: list[str] = []
    for name in _named(found[1]):
        if is_same(name, words.EVERY_DAY):
            days += WEEKDAYS
            continue
        day = words.id_of(name, words.DAYS)
        if day is None:
            raise NotUnderstood(f"“{name[:20]}”不是周一至周日、工作日、周末、节假日或每天。")
        days.append(day)
    return shift_of(days, found[2], found[4])


def _named(text: str) -> Iterator[str]:
    """Each day of a list; blanks part them too where they do not stand within a name."""
    for part in filter(None, map(str.strip, re.split("[、,，]", text))):
        yield from [part] if is_same(part, words.EVERY_DAY) else part.split()


def read_spans(texts: Iterable[str]) -> tuple[Span, ...]:
    """Opening hours as `08:30-17:00`, each in the form of calendar.yaml. Raises NotUnderstood."""
    return tuple(_span(text) for text in texts)


def _span(text: str) -> Span:
    found = _TIMES.fullmatch(plain(text))
    start, end = (minute_of(found[2]), minute_of(found[4])) if found else (None, None)
    if found is None or found[1] or start is None or end is None or start >= DAY_MIN:
        raise NotUnderstood(f"“{text.strip()[:40]}”不像 08:30-17:00。")
    if start == end:
        raise NotUnderstood("起止时间不能相同；整天是 00:00-24:00。")
    return Span(start, end if end > start else end + DAY_MIN)


def spans_told(spans: Iterable[Span]) -> list[str]:
    """Each span as `08:30-17:00`."""
    return [f"{clock(one.start)}-{clock_end(one.end)}" for one in spans]
