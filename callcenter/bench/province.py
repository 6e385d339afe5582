"""A province for load: many seats that may take any call, and a trunk for bare Asterisk beside."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

from callcenter.settings import DEMO_PROVINCE
from ivr_flows.model import GROUPS

CITY = "220100"
CALLER = "04315550123"  # a number of that city that nobody has
DIALLED = "12348"
TRUNK, TRUNK_HOST = "demo", "127.0.0.2"
BARE, BARE_HOST = "bare", "127.0.0.3"
FIRST_SEAT = 4001


def seat_numbers(count: int) -> list[str]:
    """The seats' numbers."""
    return [str(FIRST_SEAT + n) for n in range(count)]


def write_province(folder: Path, seats: int) -> None:
    """Write its files: half the seats are the city's, half provincial; always open."""
    folder.mkdir(parents=True)
    roster = []
    for n, number in enumerate(seat_numbers(seats)):
        is_municipal = n % 2 == 1
        seat: dict[str, object] = {
            "number": int(number),
            "name": f"坐席{number}",
            "level": "municipal" if is_municipal else "provincial",
            "skills": list(GROUPS),
        }
        roster.append({**seat, "city": int(CITY)} if is_municipal else seat)
    trunks = [
        {"name": name, "match": [host], "dialled": DIALLED}
        for name, host in ((TRUNK, TRUNK_HOST), (BARE, BARE_HOST))
    ]
    files: dict[str, object] = {
        "seats.yaml": {"groups": list(GROUPS), "seats": roster},
        "trunks.yaml": {"trunks": trunks},
    }
    for name, content in files.items():
        (folder / name).write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    shutil.copy(DEMO_PROVINCE / "calendar.yaml", folder)
