"""Where a caller is from, and how that was found; never raises.

In this order: the number he dialled or the trunk he came by, his landline's area code (counties
that were moved have number ranges of their own, `places`), and as a hint his mobile number's
prefix. What he told before goes between the last two, and what he says in the call goes before all
of them; both are found later (`callcenter.known`, the flow).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

from seats.mobile import city_of_mobile
from seats.places import Division as Division
from seats.places import city_of, of_landline
from seats.places import divisions as divisions

CitySource = Literal["dialled", "landline", "confirmed", "mobile_hint", "menu", "seat", "unknown"]
CITY_SOURCES: tuple[CitySource, ...] = get_args(CitySource)
TOLD_BY_PEOPLE = ("menu", "seat", "confirmed")  # what a later call of the number may rely on
UNSURE = ("unknown", "mobile_hint")  # sources that what the caller told before goes before


@dataclass(frozen=True, slots=True)
class Place:
    """Where a caller belongs: GB/T 2260 prefecture code (or a code of `places` that has none) or
    None, how that was found, and the county when it is one that stands beside its prefecture.
    """

    city: str | None
    source: CitySource
    county: str | None = None


UNKNOWN = Place(None, "unknown")

_LONGEST = 64  # characters; a caller's number with all its punctuation is shorter
_PUNCTUATION = re.compile(r"[\s().\-/]+")
_COUNTRY = re.compile(r"(?:\+86|0086|86(?=[1-9][0-9]{9,10}$))0?")
_LANDLINE = re.compile(r"0?([2-9][0-9]{2})([2-9][0-9]{6,7})")  # area code, then 7 or 8 digits
_MOBILE = re.compile(r"0?(1[3-9][0-9]{9})")
_LOCAL = re.compile(r"[2-9][0-9]{6,7}")


def origin(number: str | None, *, dialled: str | None = None) -> Place:
    """The place of a new call. `dialled`: the place that its trunk or dialled number stands for."""
    if dialled is not None:
        return _place(dialled, "dialled")
    place = locate(number)
    if place.city is None and (mobile := _MOBILE.fullmatch(_digits(number))):
        hinted = city_of_mobile(mobile[1])
        return Place(hinted, "mobile_hint") if hinted else UNKNOWN
    return place


def locate(number: str | None, *, home_area_code: str | None = None) -> Place:
    """The place of a landline as the trunk shows it (+86431…, 0086…, 0431…, 431…, punctuation).

    `home_area_code` (such as "0431") is that of the trunk: it places a number of 7 or 8 digits
    that has no area code; without it such a number is unknown. Table: domain facts §5.
    """
    digits = _digits(number)
    landline = _LANDLINE.fullmatch(digits)
    if landline:
        whole = f"0{landline[1]}{landline[2]}"
    elif home_area_code and _LOCAL.fullmatch(digits):
        whole = home_area_code + digits
    else:
        return UNKNOWN
    code = of_landline(whole)
    return _place(code, "landline") if code else UNKNOWN


def _place(code: str, source: CitySource) -> Place:
    city = city_of(code)
    return Place(city, source, code if city != code else None)


def e164(number: str | None) -> str | None:
    """A Chinese landline or mobile number as +86… (ITU-T E.164); None for what is neither."""
    digits = _digits(number)
    mobile = _MOBILE.fullmatch(digits)
    if mobile and digits == mobile[1]:
        return f"+86{digits}"
    return f"+86{digits.removeprefix('0')}" if _LANDLINE.fullmatch(digits) else None


def _digits(number: str | None) -> str:
    if not number or len(number) > _LONGEST:
        return ""
    return _COUNTRY.sub("", _PUNCTUATION.sub("", number), count=1)
