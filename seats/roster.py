"""The roster: `seats.yaml` of the province folder -> seats, every fault told with its line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from seats.places import seat_places
from seats.seat import USUAL_LEVEL, Level, Seat
from seats.shift_file import read_shifts
from seats.source import Source
from seats.supervisors import KEY as SUPERVISORS
from seats.supervisors import Supervisor, read_supervisors

NUMBER = re.compile(r"[0-9]{3,6}")
GROUP = re.compile(r"[a-z][a-z0-9_]{0,31}")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
NAME = re.compile(r"[\w \-()()]{1,20}")  # it goes into Asterisk's files and onto the pages
TITLE = re.compile(r"[\w、/()()]{1,12}")

DEFAULT_LANGUAGE = "zh-CN"
BEST_LEVEL = 5
MOST_WEIGHT = 100


@dataclass(frozen=True)
class Roster:
    """What seats.yaml names. `groups`: what each is called by people; its id where nothing is."""

    groups: Mapping[str, str]
    seats: tuple[Seat, ...]
    supervisors: tuple[Supervisor, ...] = ()


def load_seats(path: Path) -> tuple[Seat, ...]:
    """The seats in the file's order; raises FileFaults with all that is wrong."""
    return load_roster(path).seats


def load_roster(path: Path, raw: bytes | None = None) -> Roster:
    """Groups and seats in the file's order; raises FileFaults with all that is wrong.

    Every group that the file names must be served by a provincial seat, so that no caller waits
    for a lawyer who does not exist. `raw` in place of what the file holds.
    """
    source = Source(path, raw)
    top = source.table(source.root, "file", required=("groups", "seats"), optional=(SUPERVISORS,))
    groups = _groups(source, top.get("groups"))
    seats: dict[str, Seat] = {}
    for n, node in enumerate(source.items(top.get("seats"), "seats"), start=1):
        seat = _seat(source, node, f"seats[{n}]", groups)
        if seat.number in seats:
            source.fault(node, f"seats[{n}].number", f"{seat.number} stands here twice")
        seats[seat.number] = seat
    if "seats" in top and not seats:
        source.fault(top["seats"], "seats", "names no seat")
    _check_coverage(source, groups, seats.values())
    titles = _titles(source, top.get("groups"), groups)
    supervisors = read_supervisors(source, top.get(SUPERVISORS), seats)
    source.finish()
    return Roster(titles, tuple(seats.values()), supervisors)


def _titles(
    source: Source, node: yaml.Node | None, groups: Mapping[str, yaml.Node]
) -> dict[str, str]:
    if not isinstance(node, yaml.MappingNode):
        return {name: name for name in groups}
    titles = {name: source.text(item, f"groups.{name}") for name, item in groups.items()}
    for name, title in titles.items():
        if not TITLE.fullmatch(title):
            source.fault(groups[name], f"groups.{name}", f"{title!r} is not 1 to 12 letters")
    return titles


def _groups(source: Source, node: yaml.Node | None) -> dict[str, yaml.Node]:
    """A list of names, or a table of names and what people call them."""
    groups: dict[str, yaml.Node] = {}
    if isinstance(node, yaml.MappingNode):
        groups = source.table(node, "groups", optional=None)
        for name, item in groups.items():
            if not GROUP.fullmatch(name):
                source.fault(item, "groups", f"{name!r} is not a name of a-z, 0-9 and _")
        return groups
    for n, item in enumerate(source.items(node, "groups"), start=1):
        name = source.text(item, f"groups[{n}]")
        if not GROUP.fullmatch(name):
            source.fault(item, f"groups[{n}]", f"{name!r} is not a name of a-z, 0-9 and _")
        elif name in groups:
            source.fault(item, f"groups[{n}]", f"{name} stands here twice")
        groups[name] = item
    return groups


def _seat(source: Source, node: yaml.Node, where: str, groups: Iterable[str]) -> Seat:
    fields = source.table(
        node,
        where,
        required=("number", "name", "level", "skills"),
        optional=("city", "languages", "weight", "shifts"),
    )
    number = _matching(source, fields, "number", where, NUMBER, "3 to 6 digits")
    where = f"{where} ({number})" if NUMBER.fullmatch(number) else where
    name = _matching(source, fields, "name", where, NAME, "1 to 20 letters, digits or spaces")
    level = _level(source, fields, where)
    languages = _set(source, fields, "languages", where)
    for language, item in languages.items():
        if not LANGUAGE.fullmatch(language):
            source.fault(item, f"{where}.languages", f"{language!r} is not like zh-CN or ko-KR")
    skills, levels = _skills(source, fields, where, groups)
    return Seat(
        number=number,
        level=level,
        city=_city(source, fields, level, where, node),
        skills=frozenset(skills),
        languages=frozenset(languages or {DEFAULT_LANGUAGE}),
        name=name,
        levels=levels,
        weight=source.whole(fields.get("weight"), f"{where}.weight", 1, MOST_WEIGHT, 1),
        shifts=read_shifts(source, fields.get("shifts"), f"{where}.shifts"),
    )


def _skills(
    source: Source, fields: dict[str, yaml.Node], where: str, groups: Iterable[str]
) -> tuple[Iterable[str], dict[str, int]]:
    """Skills, and how good the seat is at those where the file says it."""
    node, where, levels = fields.get("skills"), f"{where}.skills", dict[str, int]()
    if isinstance(node, yaml.MappingNode):
        skills = source.table(node, where, optional=None)
        for skill, item in skills.items():
            levels[skill] = source.whole(item, f"{where}.{skill}", 1, BEST_LEVEL, USUAL_LEVEL)
    else:
        skills = _set(source, fields, "skills", where.removesuffix(".skills"))
    for skill, item in skills.items():
        if skill not in groups:
            source.fault(item, where, f"{skill!r} is not among the groups")
    if "skills" in fields and not skills:
        source.fault(fields["skills"], where, "is empty: no call would ever come")
    return skills, levels


def _matching(
    source: Source,
    fields: dict[str, yaml.Node],
    key: str,
    where: str,
    pattern: re.Pattern[str],
    what: str,
) -> str:
    value = source.text(fields.get(key), f"{where}.{key}")
    if key in fields and not pattern.fullmatch(value):
        source.fault(fields[key], f"{where}.{key}", f"{value!r} is not {what}")
    return value


def _level(source: Source, fields: dict[str, yaml.Node], where: str) -> Level:
    value = source.text(fields.get("level"), f"{where}.level")
    try:
        return Level(value)
    except ValueError:
        if "level" in fields:
            what = f"{value!r} is neither municipal nor provincial"
            source.fault(fields["level"], f"{where}.level", what)
        return Level.PROVINCIAL


def _city(
    source: Source, fields: dict[str, yaml.Node], level: Level, where: str, seat: yaml.Node
) -> str | None:
    node = fields.get("city")
    if level is Level.PROVINCIAL:
        if node is not None and "level" in fields:
            source.fault(node, f"{where}.city", "a provincial seat belongs to no city")
        return None
    if node is None:
        source.fault(seat, where, "city is missing: a municipal seat belongs to one")
        return None
    code = source.text(node, f"{where}.city")
    if code not in seat_places():
        source.fault(node, f"{where}.city", f"{code!r} is no place of `hotline places show`")
    return code


def _set(
    source: Source, fields: dict[str, yaml.Node], key: str, where: str
) -> dict[str, yaml.Node]:
    return {
        source.text(item, f"{where}.{key}"): item
        for item in source.items(fields.get(key), f"{where}.{key}")
    }


def _check_coverage(source: Source, groups: dict[str, yaml.Node], seats: Iterable[Seat]) -> None:
    served = {skill for seat in seats if seat.level is Level.PROVINCIAL for skill in seat.skills}
    for name, node in groups.items():
        if name not in served:
            source.fault(node, f"groups ({name})", "no provincial seat serves this group")
