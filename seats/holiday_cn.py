"""A year's holiday notice as published in holiday-cn's JSON, read strictly.

The form is NateScarlet/holiday-cn's: {"year": 2027, "papers": [address of the notice, …],
"days": [{"name": "元旦", "date": "2027-01-01", "isOffDay": true}, …]}. Days that are what they
would be anyway are not in it. While a notice is not out yet its papers are empty: such a year is
refused. A file is of the year of its notice, which may change days of the December before.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from seats.calendar import Year

MAX_BYTES = 1_000_000
MAX_DAYS = 400
YEARS = range(2007, 2100)  # the State Council's yearly notices begin with 2007

_NAME = re.compile(r"[\w、·]{1,30}")
_PAPER = re.compile(r"https?://[!#-\[\]-~]{1,300}")  # no quotes, no backslash


class NoticeRefused(Exception):
    """The file is no notice that can be taken; `faults` says why, a line each."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


@dataclass(frozen=True, slots=True)
class Notice:
    """One year's notice; `before` is what it changes in the December before."""

    year: int
    papers: tuple[str, ...]
    days: Year
    before: Year


def read_notice(data: bytes) -> Notice:
    """The notice in the bytes of a JSON file. Raises NoticeRefused with all that is wrong."""
    said = _json(data)
    year, papers, days = said.get("year"), said.get("papers"), said.get("days")
    if type(year) is not int or year not in YEARS:
        raise NoticeRefused([f"year: should be a year like 2027, not {_short(year)}"])
    if papers == [] or days == []:
        what = f"the notice of {year} is not in this file (no papers or no days): it may not be out"
        raise NoticeRefused([f"papers: {what}"])
    sources, faults = _papers(papers)
    if not isinstance(days, list) or len(days) > MAX_DAYS:
        raise NoticeRefused([*faults, f"days: should be a list of at most {MAX_DAYS} days"])
    off: dict[date, str] = {}
    worked: dict[date, str] = {}
    for at, item in enumerate(days):
        fault = _take(item, year, off, worked)
        if fault:
            faults.append(f"days[{at}]: {fault}")
    if faults:
        raise NoticeRefused(faults)
    return Notice(year, sources, _in_year(year, off, worked), _in_year(year - 1, off, worked))


def _json(data: bytes) -> dict[str, Any]:
    if len(data) > MAX_BYTES:
        raise NoticeRefused([f"file: is larger than {MAX_BYTES:,} bytes"])
    try:
        said = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise NoticeRefused(["file: is not UTF-8 text"]) from None
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise NoticeRefused([f"file: line {line} is not JSON"]) from None
    if not isinstance(said, dict):
        raise NoticeRefused(["file: should be a JSON object with year, papers and days"])
    return said


def _papers(papers: object) -> tuple[tuple[str, ...], list[str]]:
    if not isinstance(papers, list):
        return (), ["papers: should be a list with the address of the notice"]
    if not all(isinstance(one, str) and _PAPER.fullmatch(one) for one in papers):
        return (), ["papers: should hold addresses (https://…) only"]
    return tuple(papers), []


def _take(item: object, year: int, off: dict[date, str], worked: dict[date, str]) -> str:
    """Enter one day; what is wrong with it, or nothing."""
    if not isinstance(item, dict):
        return f"should be an object, not {_short(item)}"
    name, is_off = item.get("name"), item.get("isOffDay")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return f"name: should be the holiday's name, not {_short(name)}"
    if not isinstance(is_off, bool):
        return f"isOffDay: should be true or false, not {_short(is_off)}"
    try:
        day = date.fromisoformat(str(item.get("date")))
    except ValueError:
        return f"date: should be like 2027-01-01, not {_short(item.get('date'))}"
    if day.year != year and (day.year, day.month) != (year - 1, 12):
        return f"{day} is of another year: this is the notice of {year}"
    if day in off or day in worked:
        return f"{day} stands here twice"
    if not is_off and day.weekday() < 5:
        return f"{day} is said to be worked in exchange, but is no weekend day"
    (off if is_off else worked)[day] = name
    return ""


def _in_year(year: int, off: dict[date, str], worked: dict[date, str]) -> Year:
    names = {day: name for day, name in sorted(off.items()) if day.year == year}
    return Year(frozenset(names), frozenset(day for day in worked if day.year == year), names)


def _short(value: object) -> str:
    return repr(value)[:40]


def spans_by_name(year: Year) -> dict[str, list[tuple[date, date]]]:
    """The days off as (first, last) by holiday, in the order of the year."""
    spans: dict[str, list[tuple[date, date]]] = {}
    for day, name in sorted(year.names.items()):
        known = spans.setdefault(name, [])
        if known and known[-1][1] + timedelta(days=1) == day:
            known[-1] = (known[-1][0], day)
        else:
            known.append((day, day))
    return spans
