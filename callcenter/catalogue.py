"""What flows may name here: groups, lines and services of the province, and all prompts."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping
from pathlib import Path

from callcenter.province import CALENDAR, SEATS
from ivr_flows.catalogue import Catalogue
from ivr_flows.catalogue_files import read_catalogue
from ivr_flows.model import GROUPS, Fault
from seats.calendar import DAY_MIN, Calendar, Span
from seats.calendar_file import load_calendar
from seats.roster import load_seats
from seats.source import FileFaults

_ALL_DAY = (Span(0, DAY_MIN),)


def catalogue_here(
    province: Path | None, *, spoken: Mapping[str, frozenset[str]] | None = None
) -> tuple[Catalogue, list[Fault]]:
    """The catalogue with this province folder, and what kept parts of it from being read.

    Without seats that can be read the groups are those known to the program. `spoken`: prompts
    that the program says of itself.
    """
    groups: Collection[str] = ()
    closes = False
    if province is not None:
        with contextlib.suppress(FileFaults):  # told of each file by itself
            seats = load_seats(province / SEATS)
            groups = sorted({skill for seat in seats for skill in seat.skills})
        with contextlib.suppress(FileFaults):
            closes = ever_closes(load_calendar(province / CALENDAR))
    return read_catalogue(province, groups=groups or GROUPS, spoken=spoken, closes=closes)


def ever_closes(calendar: Calendar) -> bool:
    """Whether there is a time at which some place or group is closed."""
    spans = (
        spans
        for rule in calendar.rules
        for spans in (*rule.spans.values(), *rule.weekdays.values())
    )
    return bool(calendar.closures) or any(span != _ALL_DAY for span in spans)
