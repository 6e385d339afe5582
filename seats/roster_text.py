"""A changed roster put into the text of `seats.yaml`: who has not changed stands as before."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from seats.calendar import DAY_MIN
from seats.roster import DEFAULT_LANGUAGE, Roster, load_roster
from seats.seat import USUAL_LEVEL, Seat
from seats.shift import Shift
from seats.shift_file import WEEKDAYS
from seats.yaml_text import flow_list, list_items, scalar, with_block


def with_roster(text: str, roster: Roster, before: Roster | None = None) -> str:
    """The text with these groups and seats; `text` must be a sound seats.yaml.

    `before`: what the text says, where it was read already.
    """
    before = before or load_roster(Path("seats.yaml"), text.encode())
    if roster.seats != before.seats:
        kept = dict(zip(before.seats, list_items(text, "seats"), strict=False))
        indent = _indent(next(iter(kept.values()), ""))
        lines = ["seats:"]
        for seat in roster.seats:
            block = kept.get(seat)
            lines += block.splitlines() if block else _block(seat, roster.groups, indent)
        text = with_block(text, "seats", lines)
    if dict(roster.groups) != dict(before.groups) or [*roster.groups] != [*before.groups]:
        text = with_block(text, "groups", _groups(roster))
    return text


def _indent(block: str) -> str:
    first = next((line for line in block.splitlines() if line.lstrip().startswith("-")), "  -")
    return first[: len(first) - len(first.lstrip())]


def _groups(roster: Roster) -> list[str]:
    if all(name == title for name, title in roster.groups.items()):
        return [f"groups: {flow_list(roster.groups)}"]
    return ["groups:", *(f"  {name}: {scalar(title)}" for name, title in roster.groups.items())]


def _block(seat: Seat, groups: Iterable[str], indent: str) -> list[str]:
    fields = [
        f"number: {seat.number}",
        f"name: {scalar(seat.name)}",
        f"level: {seat.level}",
        *([f"city: {seat.city}"] if seat.city else []),
        f"skills: {_skills(seat, groups)}",
    ]
    if seat.languages != {DEFAULT_LANGUAGE}:
        first = [DEFAULT_LANGUAGE] if DEFAULT_LANGUAGE in seat.languages else []
        others = sorted(seat.languages - {DEFAULT_LANGUAGE})
        fields.append(f"languages: {flow_list([*first, *others])}")
    if seat.weight != 1:
        fields.append(f"weight: {seat.weight}")
    if seat.shifts:
        fields.append("shifts:")
        fields += [f"  - {_shift(shift)}" for shift in seat.shifts]
    return [f"{indent}{'-' if n == 0 else ' '} {field}" for n, field in enumerate(fields)]


def _skills(seat: Seat, groups: Iterable[str]) -> str:
    order = [group for group in groups if group in seat.skills]
    if all(level == USUAL_LEVEL for level in seat.levels.values()):
        return flow_list(order)
    levels = (f"{group}: {seat.levels.get(group, USUAL_LEVEL)}" for group in order)
    return f"{{{', '.join(levels)}}}"


def _shift(shift: Shift) -> str:
    days = [WEEKDAYS[day] for day in sorted(shift.weekdays)] + sorted(map(str, shift.kinds))
    return (
        f'{{days: {flow_list(days)}, from: "{clock(shift.start)}", to: "{clock_end(shift.end)}"}}'
    )


def clock(minute: int) -> str:
    """Minutes after midnight as `08:30`, up to `24:00`."""
    return f"{minute // 60:02}:{minute % 60:02}"


def clock_end(minute: int) -> str:
    """The same of an end, which may be of the next day."""
    return clock(minute if minute <= DAY_MIN else minute - DAY_MIN)
