"""Supervisors' own telephones: `supervisors` of seats.yaml, beside the seats and never routed."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

import yaml

from seats.source import Source

KEY = "supervisors"
_NUMBER = re.compile(r"[0-9]{3,6}")
_NAME = re.compile(r"[\w \-()()]{1,20}")  # it goes into Asterisk's files and onto the pages


@dataclass(frozen=True, slots=True)
class Supervisor:
    """A telephone (班长话机) that listens to talks and joins them; no call is ever sent to it."""

    number: str
    name: str


def read_supervisors(
    source: Source, node: yaml.Node | None, taken: Collection[str]
) -> tuple[Supervisor, ...]:
    """The telephones in the file's order; `taken`: numbers of seats, which they may not have."""
    found: dict[str, Supervisor] = {}
    for n, item in enumerate(source.items(node, KEY), start=1):
        where = f"{KEY}[{n}]"
        fields = source.table(item, where, required=("number", "name"))
        if not {"number", "name"} <= fields.keys():
            continue
        number = source.text(fields["number"], f"{where}.number")
        name = source.text(fields["name"], f"{where}.name")
        if not _NUMBER.fullmatch(number):
            source.fault(fields["number"], f"{where}.number", f"{number!r} is not 3 to 6 digits")
        elif number in taken:
            source.fault(fields["number"], f"{where}.number", f"{number} is a seat's")
        elif number in found:
            source.fault(fields["number"], f"{where}.number", f"{number} stands here twice")
        if not _NAME.fullmatch(name):
            what = f"{name!r} is not 1 to 20 letters, digits or spaces"
            source.fault(fields["name"], f"{where}.name", what)
        found[number] = Supervisor(number, name)
    return tuple(found.values())
