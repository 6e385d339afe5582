"""A change of seats and groups before it is made: what is wrong with it, what it changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from callcenter.documents.rows import FieldFault, GroupRow, SeatRow
from callcenter.documents.seat_rows import differences, roster_faults, row_of, seat_of
from callcenter.province import SEATS
from seats.roster import Roster, load_roster
from seats.roster_text import with_roster


@dataclass(frozen=True, slots=True)
class Plan:
    """What a change comes to. `text`: the document with it; as it was where there are faults."""

    text: str
    faults: tuple[FieldFault, ...] = ()
    words: tuple[str, ...] = ()


@lru_cache(maxsize=4)  # the same text is asked for with each key that somebody types
def read_roster(text: str) -> Roster:
    """The roster in the text of seats.yaml. Raises FileFaults."""
    return load_roster(Path(SEATS), text.encode())


def rows_of(roster: Roster) -> list[SeatRow]:
    """All seats as rows, in the file's order."""
    return [row_of(seat, roster.groups) for seat in roster.seats]


def groups_of(roster: Roster) -> list[GroupRow]:
    """All groups as rows, in the file's order."""
    return [GroupRow(name=name, title=title) for name, title in roster.groups.items()]


def plan_roster(
    text: str,
    *,
    put: Sequence[SeatRow] = (),
    remove: Collection[str] = (),
    groups: Sequence[GroupRow] | None = None,
    used: Mapping[str, Sequence[str]],
) -> Plan:
    """Seats of `put` in place of those with their numbers or behind them, others gone.

    `groups`: all there shall be, None for those there are; a seat loses the skill of one that
    goes. `used`: group -> flows whose callers wait for it, which must not go. Raises FileFaults
    when the text itself is not sound.
    """
    before = read_roster(text)
    kept = groups_of(before) if groups is None else list(groups)
    gone = before.groups.keys() - {group.name for group in kept}
    rows = _with(rows_of(before), put, remove, gone)
    faults = list(roster_faults(rows, kept, reserved={s.number for s in before.supervisors}))
    faults += [_in_use(before.groups[group], group, used[group]) for group in gone & used.keys()]
    if faults:
        return Plan(text, tuple(faults))
    titles = {group.name: group.title for group in kept}
    after = Roster(titles, tuple(map(seat_of, rows)), before.supervisors)
    return Plan(with_roster(text, after, before), (), differences(before, after))


def _with(
    rows: Sequence[SeatRow],
    put: Sequence[SeatRow],
    remove: Collection[str],
    gone: Collection[str],
) -> list[SeatRow]:
    changed = {row.number: row for row in put}
    found = []
    for row in rows:
        if row.number in changed:
            found.append(changed.pop(row.number))
        elif row.number not in remove:
            skills = [skill for skill in row.skills if skill.group not in gone]
            found.append(row.model_copy(update={"skills": skills}))
    twice = [row for n, row in enumerate(put) if any(row.number == o.number for o in put[:n])]
    return [*found, *changed.values(), *twice]


def _in_use(title: str, group: str, flows: Sequence[str]) -> FieldFault:
    message = f"“{title}”还在语音导航流程 {'、'.join(flows)} 中使用，不能删除。"
    return FieldFault(at=group, field="groups", error="group_used", message=message)
