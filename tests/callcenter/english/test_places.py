"""Places have one English name, whoever says it."""

from __future__ import annotations

import re
from pathlib import Path

import callcenter
from callcenter.english.places import PLACES
from seats.places import seat_places

PAGES = Path(callcenter.__file__).parents[1] / "web" / "src" / "names.ts"


def test_pages_and_server_call_places_the_same() -> None:
    (block,) = re.findall(r"\n  place: \{\n(.*?)\n  \},", PAGES.read_text("utf-8"), re.DOTALL)
    assert dict(re.findall(r'\["(.+?)", "(.+?)"\]', block)) == PLACES


def test_every_place_of_a_seat_has_an_english_name() -> None:
    assert {one.name for one in seat_places().values()} <= PLACES.keys()
    assert len(set(PLACES.values())) == len(PLACES)
