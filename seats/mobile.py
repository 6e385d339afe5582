"""The prefixes of mobile numbers as a hint of where they were sold; nobody is held to it.

Numbers are ported and people move: what this says is spoken back to the caller, who may change it.
The table is data with a version, made by `mobile_import`.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from importlib import resources

TABLE = "mobile_jl_hlj.csv"
PREFIX = 7  # digits


@dataclass(frozen=True, slots=True)
class MobileTable:
    """Runs of prefixes that lie together and share a place, in order; `version` is its data's."""

    version: str
    firsts: tuple[int, ...]
    lasts: tuple[int, ...]
    cities: tuple[str, ...]

    @property
    def count(self) -> int:
        """Prefixes in all."""
        return sum(last - first + 1 for first, last in zip(self.firsts, self.lasts, strict=True))

    def city(self, prefix: int) -> str | None:
        """The place of a prefix of seven digits; None for one of no place here."""
        at = bisect_right(self.firsts, prefix) - 1
        return self.cities[at] if at >= 0 and prefix <= self.lasts[at] else None


def read_table(text: str) -> MobileTable:
    """A table from its file: comments, of which one is `# version: …`, then `first,last,city`."""
    version, rows = "", list[tuple[int, int, str]]()
    for line in text.splitlines():
        if line.startswith("#"):
            name, _, value = line.removeprefix("#").partition(":")
            version = value.strip() if name.strip() == "version" else version
        elif line and line[0].isdigit():
            first, last, city = line.split(",")
            rows.append((int(first), int(last), city))
    rows.sort()
    return MobileTable(
        version,
        tuple(first for first, _, _ in rows),
        tuple(last for _, last, _ in rows),
        tuple(city for _, _, city in rows),
    )


@cache
def table() -> MobileTable:
    """The packaged table."""
    return read_table((resources.files("seats") / "data" / TABLE).read_text(encoding="utf-8"))


def city_of_mobile(number: str) -> str | None:
    """Where a mobile number of eleven digits was sold, as far as the table tells."""
    return table().city(int(number[:PREFIX])) if number[:PREFIX].isascii() else None
