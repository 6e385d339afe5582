"""Shifts as `seats.yaml` names them -> Shift, every fault told with its line."""

from __future__ import annotations

import re
from typing import Final

import yaml

from seats.calendar import DAY_MIN, DayKind
from seats.shift import Shift
from seats.source import Source, shortened

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_SHIFTS: Final = 20  # of one seat: what a week needs, many times over
_KINDS: Final = tuple(str(kind) for kind in DayKind)
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])")


def read_shifts(source: Source, node: yaml.Node | None, where: str) -> tuple[Shift, ...]:
    """The shifts of one seat; none is always.

    `days` names weekdays (mon … sun) or what a day counts as (workday, weekend, holiday);
    `from: "22:00"`, `to: "06:00"` runs over midnight, "00:00" to "24:00" is the whole day.
    """
    items = source.items(node, where)
    if len(items) > MOST_SHIFTS:
        source.fault(node, where, f"are more than {MOST_SHIFTS}")
    if node is not None and isinstance(node, yaml.SequenceNode) and not items:
        source.fault(node, where, "is empty: leave it out for a seat that is on duty always")
    shifts = (
        _shift(source, item, f"{where}[{n}]") for n, item in enumerate(items[:MOST_SHIFTS], start=1)
    )
    return tuple(shift for shift in shifts if shift is not None)


def _shift(source: Source, node: yaml.Node, where: str) -> Shift | None:
    fields = source.table(node, where, required=("days", "from", "to"))
    weekdays, kinds = set[int](), set[DayKind]()
    days = source.items(fields.get("days"), f"{where}.days")
    if "days" in fields and isinstance(fields["days"], yaml.SequenceNode) and not days:
        source.fault(fields["days"], f"{where}.days", "names no day")
    for item in days:
        day = source.text(item, f"{where}.days")
        if day in WEEKDAYS:
            weekdays.add(WEEKDAYS.index(day))
        elif day in _KINDS:
            kinds.add(DayKind(day))
        else:
            known = ", ".join((*WEEKDAYS, *_KINDS))
            source.fault(item, f"{where}.days", f"{shortened(day)!r} is none of {known}")
    start = clock(source, fields.get("from"), f"{where}.from")
    end = clock(source, fields.get("to"), f"{where}.to")
    if start is None or end is None:
        return None
    if start == end or start >= DAY_MIN:
        what = "is no time at all; a whole day is from 00:00 to 24:00"
        source.fault(fields["from"], f"{where}.from", what)
    if end <= start:
        end += DAY_MIN
    return Shift(start, end, frozenset(weekdays), frozenset(kinds))


def clock(source: Source, node: yaml.Node | None, where: str) -> int | None:
    """A time like 08:30 up to 24:00 as minutes after midnight; None when missing or none."""
    if node is None:
        return None
    text = source.text(node, where)
    found = _CLOCK.fullmatch(text)
    minute = int(found[1]) * 60 + int(found[2]) if found else DAY_MIN + 1
    if minute <= DAY_MIN:
        return minute
    source.fault(node, where, f"{shortened(text)!r} is no time like 08:30")
    return None
