"""Texts of law that lawyers may want to read out, by category."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import structlog
import yaml

from ivr_flows.yaml_loader import Loader

log = structlog.get_logger()

BUILT_IN: Final = Path(__file__).with_name("laws.yaml")
FILE: Final = "laws.yaml"  # in the province folder: the province's own in their place


class LawFaults(Exception):
    """A file of laws that cannot be used; its text says where."""


@dataclass(frozen=True, slots=True)
class Article:
    """One article. `version`: the day on which the text was passed; `in_force`: since when it
    holds, `until`: its last day, None where that is not known. `codes` of the taxonomy, of a
    category (two digits) or an item (four).
    """

    law: str
    version: str
    article: str
    text: str
    codes: tuple[str, ...]
    in_force: date | None = None
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the text is law on this day."""
        return (self.in_force is None or self.in_force <= day) and (
            self.until is None or day <= self.until
        )


class Laws:
    """The articles in the order of the file."""

    def __init__(self, articles: Iterable[Article]) -> None:
        self.articles = tuple(articles)

    def of(self, codes: Sequence[str], *, limit: int = 12) -> list[Article]:
        """What fits these codes, the first code's first: articles of the very item, then those of
        its whole category, then those of the category's other items.
        """
        found: dict[Article, None] = {}
        for code in codes:
            for fits in (_exactly, _as_a_whole, _nearby):
                for article in self.articles:
                    if any(fits(one, code) for one in article.codes):
                        found.setdefault(article)
        return list(found)[:limit]

    def on(self, day: date) -> Laws:
        """Those that hold on this day: a law that is passed already may come into force later."""
        return Laws(article for article in self.articles if article.holds_on(day))


def _exactly(of: str, code: str) -> bool:
    return of == code


def _as_a_whole(of: str, code: str) -> bool:
    return len(of) == 2 and code.startswith(of)


def _nearby(of: str, code: str) -> bool:
    return of[:2] == code[:2]


class LawsOfProvince:
    """Reads the laws anew when another province folder, or another file in it, is in force."""

    def __init__(self, province: Callable[[], Path], today: Callable[[], date]) -> None:
        """`province`: the folder in force; `today`: the day where callers live."""
        self._province = province
        self._today = today
        self._laws = read(BUILT_IN)
        self._mark: tuple[Path, int] | None = None
        self._held: tuple[Laws, date, Laws] | None = None

    def now(self) -> Laws:
        """The laws in force; a file that cannot be used leaves those before it."""
        path = self._province() / FILE
        path = path if path.exists() else BUILT_IN
        try:
            mark = (path, path.stat().st_mtime_ns)
            if mark != self._mark:
                self._mark = mark
                self._laws = read(path)
        except (LawFaults, OSError) as fault:
            log.error("the laws of the province cannot be used", why=str(fault))
        day = self._today()
        if self._held is None or self._held[0] is not self._laws or self._held[1] != day:
            self._held = (self._laws, day, self._laws.on(day))
        return self._held[2]


def load_laws(province: Path) -> Laws:
    """The province's own file, else the one that comes with the program. Raises LawFaults."""
    own = province / FILE
    return read(own if own.exists() else BUILT_IN)


def read(path: Path) -> Laws:
    """A file of laws. Raises LawFaults."""
    try:
        found = yaml.load(path.read_text("utf-8"), Loader)
        return Laws(_article(law, one) for law in found for one in law["articles"])
    except (yaml.YAMLError, KeyError, TypeError, UnicodeDecodeError, OSError) as fault:
        raise LawFaults(f"{path.name}: {type(fault).__name__}: {fault}") from None


def _article(law: Mapping[str, Any], one: Mapping[str, Any]) -> Article:
    return Article(
        str(law["law"]),
        str(law["version"]),
        str(one["article"]),
        str(one["text"]).strip(),
        tuple(map(str, one["for"])),
        _day(law, "in_force"),
        _day(law, "until"),
    )


def _day(law: Mapping[str, Any], field: str) -> date | None:
    day = law.get(field)
    if day is not None and not isinstance(day, date):
        raise TypeError(f"{law['law']}: {field} is no date: {day}")
    return day
