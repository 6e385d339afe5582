"""Arrivals from a CSV table: each call by its time, or calls to expect in each half-hour.

Calls: `asked_at` (2026-03-02T09:00:12, Shanghai time unless it says another), and if wanted
`group`, `city`, `language`, `special`, `caller`. Rates: `day` (workday, weekend, holiday, mon … sun
or a date; the most exact one counts), `from` (08:30) and `calls`, the number to expect in that
half-hour; half-hours that are not named have none.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np

from callcenter.simulating.past import HOME_LANGUAGE, Past, Period
from seats.calendar import DayKind
from seats.places import seat_places
from seats.shift import ZONE
from seats.simulation.mix import HALF_HOURS
from seats.simulation.spread import Floats
from seats.source import Fault, FileFaults

MAX_BYTES = 200_000_000
CALLS = frozenset({"asked_at", "group", "city", "language", "special", "caller"})
RATES = frozenset({"day", "from", "calls"})
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([03]0)")
_NAME = re.compile(r"[A-Za-z0-9+_.-]{1,64}")

Rates = Mapping[str, Floats]
"""Day as the file names it -> calls to expect in each of its 48 half-hours."""


def read_table(path: Path, period: Period) -> Past | Rates:
    """What the file holds, told apart by its first line. Raises FileFaults, OSError."""
    return _Table(path, period).read()


def per_slot(rates: Rates, first: date, days: int, kind_of: Callable[[date], DayKind]) -> Floats:
    """Calls to expect in each half-hour of so many days."""
    none = np.zeros(HALF_HOURS)
    found = []
    for n in range(days):
        day = first + timedelta(days=n)
        names = (day.isoformat(), _WEEKDAYS[day.weekday()], str(kind_of(day)))
        if kind_of(day) is DayKind.HOLIDAY:  # what a Monday brings tells nothing of a holiday
            names = (names[0], names[2], names[1])
        found.append(next((rates[name] for name in names if name in rates), none))
    slots: Floats = np.concatenate(found)
    return slots


class _Table:
    def __init__(self, path: Path, period: Period) -> None:
        self._path, self._period = path, period
        self._faults: list[Fault] = []

    def _fault(self, line: int, where: str, what: str) -> None:
        self._faults.append(Fault(str(self._path), line, where, what))

    def read(self) -> Past | Rates:
        rows = self._rows()
        header = [name.strip() for name in next(rows, (1, []))[1]]
        found: Past | Rates | None = None
        if "asked_at" in header and set(header) <= CALLS:
            found = self._calls(header, rows)
        elif set(header) == RATES:
            found = self._rates(header, rows)
        else:
            what = (
                f"is neither asked_at,{','.join(sorted(CALLS - {'asked_at'}))} nor day,from,calls"
            )
            self._fault(1, "header", what)
        if self._faults or found is None:
            raise FileFaults(self._faults)
        return found

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        try:
            with self._path.open("rb") as file:
                text = file.read(MAX_BYTES + 1).decode("utf-8-sig")
            if len(text) > MAX_BYTES:
                self._fault(1, "file", f"is larger than the limit of {MAX_BYTES:,} bytes")
                return
            reader = csv.reader(io.StringIO(text, newline=""), strict=True)
            for row in reader:
                if row:
                    yield reader.line_num, row
        except UnicodeDecodeError:
            self._fault(1, "file", "is not UTF-8 text")
        except csv.Error as error:
            self._fault(reader.line_num, "csv", str(error))

    def _fields(self, header: list[str], line: int, row: list[str]) -> dict[str, str] | None:
        if len(row) != len(header):
            self._fault(line, "row", f"has {len(row)} fields, the header has {len(header)}")
            return None
        return {name: value.strip() for name, value in zip(header, row, strict=True)}

    def _calls(self, header: list[str], rows: Iterator[tuple[int, list[str]]]) -> Past:
        past = Past(self._period)
        for line, row in rows:
            fields = self._fields(header, line, row)
            if fields is None:
                continue
            at = self._moment(line, fields.pop("asked_at"))
            for name, value in fields.items():
                if value and not _NAME.fullmatch(value):
                    self._fault(line, name, f"{value[:60]!r} is no name")
            city = fields.get("city") or None
            if city is not None and city not in seat_places():
                self._fault(line, "city", f"{city[:60]!r} is no place of ours")
            if at is not None:
                named = {"group": "general", "language": HOME_LANGUAGE}
                past.take_asked(at, named | {name: v for name, v in fields.items() if v})
        return past

    def _moment(self, line: int, text: str) -> datetime | None:
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            self._fault(line, "asked_at", f"{text[:60]!r} is not like 2026-03-02T09:00:12")
            return None
        return at if at.tzinfo else at.replace(tzinfo=ZONE)

    def _rates(self, header: list[str], rows: Iterator[tuple[int, list[str]]]) -> Rates:
        rates: dict[str, Floats] = {}
        seen: set[tuple[str, int]] = set()
        for line, row in rows:
            fields = self._fields(header, line, row)
            if fields is None:
                continue
            day, clock = fields["day"], _CLOCK.fullmatch(fields["from"])
            if not _is_day(day):
                what = "is none of workday, weekend, holiday, mon … sun, 2026-03-02"
                self._fault(line, "day", f"{day[:60]!r} {what}")
            if clock is None:
                self._fault(line, "from", f"{fields['from'][:60]!r} begins no half-hour: 08:30")
                continue
            slot = int(clock[1]) * 2 + (clock[2] == "30")
            if (day, slot) in seen:
                self._fault(line, "from", f"{day} {fields['from']} stands here twice")
            seen.add((day, slot))
            rates.setdefault(day, np.zeros(HALF_HOURS))[slot] = self._number(line, fields["calls"])
        return rates

    def _number(self, line: int, text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not 0 <= number <= 1e6:
            self._fault(line, "calls", f"{text[:60]!r} is no number from 0 to 1,000,000")
            return 0.0
        return number


def _is_day(name: str) -> bool:
    if name in _WEEKDAYS or name in set(DayKind):
        return True
    try:
        return date.fromisoformat(name).isoformat() == name
    except ValueError:
        return False
