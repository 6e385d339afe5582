"""What callers ask about: categories and their items, by codes that are never used again."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final

BUILT_IN: Final = Path(__file__).with_name("taxonomy.csv")
COLUMNS: Final = ("cat", "cat_name", "item", "item_name", "queue")
_CATEGORY = re.compile(r"[0-9]{2}")
_ITEM = re.compile(r"[0-9]{4}")
LONGEST: Final = 60  # characters of a name
_QUEUES: Final[Mapping[str, str]] = {  # the group whose lawyers know it -> queue of the list
    "family": "家事",
    "labour": "劳动",
    "contract": "合同",
    "general": "综合",
    "service": "业务指引",
}


class TaxonomyFaults(Exception):
    """A list that cannot be taken; `faults` has one `line: what` each."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item. `code` is four digits, the first two of them its category's."""

    code: str
    name: str
    category: str
    category_name: str
    queue: str
    retired_at: datetime | None = None


@dataclass(frozen=True)
class Taxonomy:
    """All items in their order, retired ones among them."""

    items: tuple[Item, ...]

    @cached_property
    def by_code(self) -> Mapping[str, Item]:
        """Items by code."""
        return {item.code: item for item in self.items}

    @cached_property
    def chosen_from(self) -> tuple[Item, ...]:
        """Items that may be chosen now."""
        return tuple(item for item in self.items if item.retired_at is None)

    def name_of(self, code: str | None) -> str | None:
        """`劳动报酬与社保福利·拖欠工资`; None for no code or one that nobody knows."""
        item = self.by_code.get(code or "")
        return f"{item.category_name}·{item.name}" if item else None

    def categories_of(self, group: str | None) -> tuple[str, ...]:
        """Codes of the categories that callers of this group mostly ask about."""
        queue = _QUEUES.get(group or "")
        if queue is None:
            return ()
        found = (item.category for item in self.chosen_from if item.queue.startswith(queue))
        return tuple(dict.fromkeys(found))


@lru_cache(maxsize=1)
def built_in() -> Taxonomy:
    """The 32 categories and 246 items that come with the program."""
    return read(BUILT_IN)


def read(path: Path) -> Taxonomy:
    """A list from CSV (UTF-8) with the columns of COLUMNS; more columns are left alone.

    Raises TaxonomyFaults with all that is wrong, OSError when it cannot be read.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _parsed(list(csv.DictReader(file)))
    except UnicodeDecodeError:
        raise TaxonomyFaults(["1: is not UTF-8"]) from None
    except csv.Error as error:
        raise TaxonomyFaults([f"1: is no CSV: {error}"]) from None


def _parsed(rows: list[dict[str, str]]) -> Taxonomy:
    faults: list[str] = []
    items: dict[str, Item] = {}
    names: dict[str, str] = {}
    if not rows:
        raise TaxonomyFaults(["1: holds no items"])
    if missing := [name for name in COLUMNS if name not in rows[0]]:
        raise TaxonomyFaults([f"1: has no column {', '.join(missing)}"])
    for line, row in enumerate(rows, start=2):
        given = {name: (row[name] or "").strip() for name in COLUMNS}
        if fault := _fault(given, names, items):
            faults.append(f"{line}: {fault}")
            continue
        names[given["cat"]] = given["cat_name"]
        items[given["item"]] = Item(
            code=given["item"],
            name=given["item_name"],
            category=given["cat"],
            category_name=given["cat_name"],
            queue=given["queue"],
        )
    if faults:
        raise TaxonomyFaults(faults)
    return Taxonomy(tuple(items.values()))


def _fault(row: Mapping[str, str], names: Mapping[str, str], items: Mapping[str, Item]) -> str:
    if not _CATEGORY.fullmatch(row["cat"]):
        return f"cat {row['cat']!r} is not two digits"
    if not _ITEM.fullmatch(row["item"]) or not row["item"].startswith(row["cat"]):
        return f"item {row['item']!r} is not {row['cat']} and two digits"
    if row["item"] in items:
        return f"item {row['item']} comes twice"
    if names.get(row["cat"], row["cat_name"]) != row["cat_name"]:
        return f"category {row['cat']} is named {names[row['cat']]} above"
    for name in ("cat_name", "item_name"):
        if not 0 < len(row[name]) <= LONGEST:
            return f"{name} is empty or longer than {LONGEST} characters"
    return ""


def replaced(old: Taxonomy, new: Taxonomy, now: datetime, *, rename: bool = False) -> Taxonomy:
    """The new list in force, and after it what it no longer has, retired.

    Raises TaxonomyFaults when a code would come to mean something else; `rename` says that it is
    the same matter under a better name.
    """
    faults = [
        f"{item.code}: is {was.name} already; a code is never used for another matter"
        for item in new.items
        if (was := old.by_code.get(item.code)) and was.name != item.name
        if not rename or was.retired_at
    ]
    if faults:
        raise TaxonomyFaults(faults)
    gone = (item for item in old.items if item.code not in new.by_code)
    retired = (item if item.retired_at else replace(item, retired_at=now) for item in gone)
    return Taxonomy((*new.items, *retired))
