"""Places and who serves them: GB/T 2260 prefectures, and an organisation tree beside them.

A place is named by its GB/T 2260 code, or where it has none by a code of our own: 长白山, a party
to every order of Jilin, is no division. Pure but for reading two packaged tables once.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

Kind = Literal["province", "prefecture", "county", "unit"]


@dataclass(frozen=True, slots=True)
class Division:
    """A prefecture of the table: GB/T 2260 code, Chinese name, area code with its 0."""

    gb2260: str
    name: str
    area_code: str


@dataclass(frozen=True, slots=True)
class Place:
    """One node of the tree.

    `parent` is whom it reports to; `served_by` whose seats answer for it after its own, best first;
    `landlines` are beginnings of numbers, area code included, that belong to it.
    """

    code: str
    name: str
    kind: Kind
    parent: str | None = None
    served_by: tuple[str, ...] = ()
    landlines: tuple[str, ...] = ()
    note: str = ""


def _rows(table: str) -> list[dict[str, str]]:
    file = resources.files("seats") / "data" / table
    return list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))


@cache
def divisions() -> Mapping[str, Division]:
    """GB/T 2260 code -> prefecture of Jilin and Heilongjiang, from `data/divisions_jl_hlj.csv`.

    长白山 is left out: it is an organisation, not a division.
    """
    return {
        row["gb2260"]: Division(row["gb2260"], row["name"], row["area_code"])
        for row in _rows("divisions_jl_hlj.csv")
        if row["gb2260"].isdigit()
    }


@cache
def places() -> Mapping[str, Place]:
    """Every place by its code: provinces, prefectures, and those of `data/org_units.csv`."""
    found = {
        code: Place(code, one.name, "prefecture", f"{code[:2]}0000", (), (one.area_code,))
        for code, one in divisions().items()
    }
    kinds: Mapping[str, Kind] = {"province": "province", "county": "county", "unit": "unit"}
    for row in _rows("org_units.csv"):
        found[row["code"]] = Place(
            code=row["code"],
            name=row["name"],
            kind=kinds[row["kind"]],
            parent=row["parent"] or None,
            served_by=tuple(row["served_by"].split()),
            landlines=tuple(row["landlines"].split()),
            note=row["note"],
        )
    return found


@cache
def seat_places() -> Mapping[str, Place]:
    """The places that a seat may belong to, and callers come from: all below a province."""
    return {code: one for code, one in places().items() if one.kind != "province"}


def served_by(code: str) -> tuple[str, ...]:
    """Whose seats answer for a place: its own first, then those that stand in for it."""
    place = places().get(code)
    return (code, *place.served_by) if place else (code,)


def city_of(code: str) -> str:
    """The place that reports count a place under: a county's prefecture, any other itself."""
    place = places().get(code)
    return place.parent if place and place.kind == "county" and place.parent else code


def name_of(code: str) -> str:
    """A place's Chinese name; the code itself where there is none."""
    place = places().get(code)
    return place.name if place else code


def tree() -> Iterator[tuple[int, Place]]:
    """Every place with its depth, each right after its parent."""

    def below(parent: str | None, depth: int) -> Iterator[tuple[int, Place]]:
        for code, place in sorted(places().items()):
            if place.parent == parent:
                yield depth, place
                yield from below(code, depth + 1)

    yield from below(None, 0)


@cache
def _landlines() -> tuple[tuple[str, str], ...]:
    """(beginning of a number, place), the longest first: an exception goes before its area code."""
    pairs = [(start, code) for code, one in seat_places().items() for start in one.landlines]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))


def of_landline(number: str) -> str | None:
    """The place of a landline number that begins with its area code and the 0; None if unknown."""
    return next((code for start, code in _landlines() if number.startswith(start)), None)
