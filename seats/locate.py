"""Which prefecture (市州) a caller belongs to, from the number shown; never raises.

Only a landline tells: mobile numbers move about and stay `unknown`. County exceptions that the
area code cannot tell: 公主岭 (220184, with 长春 since 2020; its landlines may still show 四平's
0434), 梅河口 (220581, 0435 as 通化), 长白山 (no GB/T 2260 code and no area code of its own; shows
0433 or 0439).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

CitySource = Literal["landline", "unknown"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a caller belongs: GB/T 2260 prefecture code or None, and how that was found."""

    city: str | None
    source: CitySource


@dataclass(frozen=True, slots=True)
class Division:
    """A prefecture of the table: GB/T 2260 code, Chinese name, area code with its 0."""

    gb2260: str
    name: str
    area_code: str


UNKNOWN = Place(None, "unknown")

_LONGEST = 64  # characters; a caller's number with all its punctuation is shorter
_PUNCTUATION = re.compile(r"[\s().\-/]+")
_COUNTRY = re.compile(r"(?:\+86|0086|86(?=[1-9][0-9]{9,10}$))0?")
_LANDLINE = re.compile(r"0?([2-9][0-9]{2})[2-9][0-9]{6,7}")  # 7 or 8 digits after the area code
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LOCAL = re.compile(r"[2-9][0-9]{6,7}")


def locate(number: str | None, *, home_area_code: str | None = None) -> Place:
    """The place of a number as the trunk shows it (+86431…, 0086…, 0431…, 431…, punctuation).

    `home_area_code` (such as "0431") is that of the trunk: it places a number of 7 or 8 digits
    that has no area code; without it such a number is unknown. Table: domain facts §5.
    """
    if not number or len(number) > _LONGEST:
        return UNKNOWN
    digits = _COUNTRY.sub("", _PUNCTUATION.sub("", number), count=1)
    landline = _LANDLINE.fullmatch(digits)
    if landline:
        area_code = "0" + landline[1]
    elif home_area_code and _LOCAL.fullmatch(digits):
        area_code = home_area_code
    else:
        return UNKNOWN
    city = _cities_by_area_code().get(area_code)
    return Place(city, "landline") if city else UNKNOWN


def e164(number: str | None) -> str | None:
    """A Chinese landline or mobile number as +86… (ITU-T E.164); None for what is neither."""
    if not number or len(number) > _LONGEST:
        return None
    digits = _COUNTRY.sub("", _PUNCTUATION.sub("", number), count=1)
    if _MOBILE.fullmatch(digits):
        return f"+86{digits}"
    return f"+86{digits.removeprefix('0')}" if _LANDLINE.fullmatch(digits) else None


@cache
def divisions() -> Mapping[str, Division]:
    """GB/T 2260 code -> prefecture of Jilin and Heilongjiang, from `data/divisions_jl_hlj.csv`.

    长白山 is left out: it is an organisation, not a division.
    """
    table = resources.files("seats") / "data" / "divisions_jl_hlj.csv"
    rows = csv.DictReader(table.read_text(encoding="utf-8").splitlines())
    return {
        row["gb2260"]: Division(row["gb2260"], row["name"], row["area_code"])
        for row in rows
        if row["gb2260"].isdigit()
    }


@cache
def _cities_by_area_code() -> Mapping[str, str]:
    return {division.area_code: code for code, division in divisions().items()}
