"""Puts a year's notice into a `calendar.yaml`, everything else in the file left as it is."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import yaml

from seats.calendar import Year
from seats.calendar_file import load_calendar
from seats.holiday_cn import Notice, NoticeRefused, spans_by_name
from seats.yaml_text import flow_list, last_line, scalar

STEP = 2  # columns by which a block is indented


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did to the file."""

    what: Literal["added", "replaced", "unchanged"]
    year: int
    days_off: int
    workdays: int


def import_notice(notice: Notice, file: Path, *, replace: bool = False) -> Imported:
    """Write the notice's year into the calendar file.

    A year that is there with the same days is left as it is; one with other days is refused unless
    `replace`. Raises NoticeRefused, FileFaults when the calendar itself has faults, OSError.
    """
    calendar = load_calendar(file)
    days_off = len(notice.days.holidays) + len(notice.before.holidays)
    workdays = len(notice.days.workdays) + len(notice.before.workdays)
    held = calendar.years.get(notice.year)
    if held is not None:
        differing = sorted(_differing(held, notice))
        if not differing:
            return Imported("unchanged", notice.year, days_off, workdays)
        if not replace:
            told = ", ".join(map(str, differing[:5])) + (" …" if len(differing) > 5 else "")
            what = f"{notice.year} is loaded already, with other days: {told} (--replace)"
            raise NoticeRefused([f"year: {what}"])
    # read as bytes and written back so: line ends and everything else stay as they were
    text = file.read_bytes().decode("utf-8")
    _put(file, with_notice(text, notice))
    return Imported("added" if held is None else "replaced", notice.year, days_off, workdays)


def _differing(held: Year, notice: Notice) -> set[date]:
    """Days that count as something else in the calendar than in the notice."""
    nothing = Year(frozenset(), frozenset())
    pairs = ((held, notice.days), (held.december_before or nothing, notice.before))
    return {
        day
        for ours, theirs in pairs
        for day in (ours.holidays ^ theirs.holidays) | (ours.workdays ^ theirs.workdays)
    }


def with_notice(text: str, notice: Notice) -> str:
    """The calendar's text with the notice's year in its place among the years."""
    source = " ".join(notice.papers)
    return with_year(text, notice.year, source=source, days=notice.days, before=notice.before)


def with_year(text: str, number: int, *, source: str, days: Year, before: Year | None) -> str:
    """The calendar's text with this year in its place; `before`: what it changes in December."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    assert root is not None  # the calendar was loaded
    key, years = next((k, v) for k, v in root.value if k.value == "years")
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    if years.flow_style or not years.value:  # `years: {}`: as good as empty
        if years.value:
            raise NoticeRefused(["calendar: write the years one below the other, not in { }"])
        lines[key.start_mark.line] = "years:\n"
    indent = years.value[0][0].start_mark.column if years.value else STEP
    first, after = key.start_mark.line + 1, key.start_mark.line + 1
    for name, value in years.value:
        if int(name.value) < number:
            first = after = last_line(value) + 1
        elif int(name.value) == number:
            first, after = name.start_mark.line, last_line(value) + 1
    block = [f"{' ' * indent}{line}\n" for line in _block(number, source, days, before)]
    return "".join([*lines[:first], *block, *lines[after:]])


def _block(number: int, source: str, days: Year, before: Year | None) -> list[str]:
    inner = " " * STEP
    lines = [f"{number}:", f"{inner}source: {json.dumps(source, ensure_ascii=False)}"]
    lines += [inner + line for line in _days(days)]
    if before and (before.holidays or before.workdays):
        lines.append(f"{inner}december_before:")
        lines += [inner * 2 + line for line in _days(before)]
    return lines


def _days(year: Year) -> list[str]:
    lines = ["holidays:" if year.holidays else "holidays: {}"]
    for name, spans in spans_by_name(year).items():
        texts = [f"{a}..{b}" if a != b else f"{a}" for a, b in spans]
        value = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
        lines.append(f"{' ' * STEP}{scalar(name)}: {value}")
    return [*lines, f"workdays: {flow_list(day.isoformat() for day in sorted(year.workdays))}"]


def _put(file: Path, text: str) -> None:
    """Replace the file at once, if what it would be is sound."""
    target = file.resolve()
    handle, scratch = tempfile.mkstemp(prefix=".calendar-", suffix=".yaml", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(text.encode("utf-8"))
        load_calendar(Path(scratch))
        shutil.copymode(target, scratch)
        os.replace(scratch, target)
    finally:
        Path(scratch).unlink(missing_ok=True)
