"""A year of Jilin, for those who have no facts yet: 438,000 calls, 28 seats.

Known: about 1,200 calls a day, peak days of 1,580, 28 specialist seats day and night, talks of
some 434 s, 12 % of a day's calls in its busiest hour (domain notes §0, §1.2, §2). Assumed, and to
be replaced by one's own facts: how the seats are spread and work in shifts, shares of groups,
languages and special groups, patience, and the rest of the day's curve. Cities by their shares of
the province's mobile prefixes (domain notes §5).
"""

from __future__ import annotations

from typing import Final

from seats.calendar import DayKind
from seats.seat import Level, Seat
from seats.shift import Shift
from seats.simulation.mix import Mix, Rhythm

A_DAY: Final = 1243.0  # of a week without holidays; with those of 2026 it is 1,200 a day

_HOURS: Final = (
    *(0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 1.2, 7.0, 12.0, 11.5, 7.5),
    *(4.0, 8.0, 11.0, 10.0, 8.0, 5.0, 3.5, 3.5, 3.0, 1.8, 1.0, 0.6),
)
_SHAPE: Final = tuple(share / 2 for share in _HOURS for _ in range(2))

RHYTHM: Final = Rhythm(
    shape=dict.fromkeys(DayKind, _SHAPE),
    weekdays=(1.25, 1.18, 1.13, 1.1, 1.05, 0.68, 0.61),
    holiday=0.45,
)

MIX: Final = Mix(
    groups={"family": 0.30, "labour": 0.28, "contract": 0.27, "general": 0.10, "service": 0.05},
    cities={
        "220100": 4360,
        "220200": 1504,
        "220300": 941,
        "220400": 454,
        "220500": 720,
        "220600": 444,
        "220700": 961,
        "220800": 638,
        "222400": 815,
    },
    other_language={"222400": ("ko-KR", 0.2)},
    special={
        "migrant_worker": 0.08,
        "elderly": 0.06,
        "women": 0.03,
        "minor": 0.01,
        "disabled": 0.01,
        "military": 0.005,
        "low_income": 0.005,
    },
    repeat=0.15,
)

_ALL: Final = ("family", "labour", "contract", "service", "general")
_SPECIALISTS: Final = (
    ("family", "general"),
    ("labour", "general"),
    ("contract", "general"),
    ("family", "labour", "general"),
    ("contract", "service", "general"),
    ("family", "contract", "general"),
)
_EVERY_DAY: Final = frozenset(range(7))
_DAYTIME: Final = (Shift(8 * 60, 18 * 60, weekdays=_EVERY_DAY),)
_OFFICE: Final = (Shift(8 * 60 + 30, 17 * 60 + 30, weekdays=frozenset(range(5))),)
_LONG: Final = (Shift(8 * 60, 22 * 60, weekdays=_EVERY_DAY),)


def roster() -> tuple[Seat, ...]:
    """16 municipal seats in nine cities, 12 provincial ones, four of them day and night."""
    seats = [_municipal(8001 + n, "220100", _SPECIALISTS[n], _DAYTIME) for n in range(6)]
    seats += [_municipal(8101 + n, "220200", _ALL, _DAYTIME) for n in range(2)]
    for n, city in enumerate(("220300", "220400", "220500", "220600", "220700", "220800"), start=3):
        seats.append(_municipal(8000 + 100 * n + 1, city, _ALL, _OFFICE))
    seats += [_municipal(8901 + n, "222400", _ALL, _OFFICE, ("zh-CN", "ko-KR")) for n in range(2)]
    for n in range(12):
        skills = _ALL if n < 4 else _SPECIALISTS[n % len(_SPECIALISTS)]
        shifts = () if n < 4 else _LONG if n < 8 else _DAYTIME
        languages = ("zh-CN", "ko-KR") if n == 0 else ("zh-CN",)
        seats.append(_seat(9001 + n, Level.PROVINCIAL, None, skills, shifts, languages))
    return tuple(seats)


def _municipal(
    number: int,
    city: str,
    skills: tuple[str, ...],
    shifts: tuple[Shift, ...],
    languages: tuple[str, ...] = ("zh-CN",),
) -> Seat:
    return _seat(number, Level.MUNICIPAL, city, skills, shifts, languages)


def _seat(
    number: int,
    level: Level,
    city: str | None,
    skills: tuple[str, ...],
    shifts: tuple[Shift, ...],
    languages: tuple[str, ...],
) -> Seat:
    return Seat(
        number=str(number),
        level=level,
        city=city,
        skills=frozenset(skills),
        languages=frozenset(languages),
        name=f"{number}席",
        levels={skills[0]: 5},
        shifts=shifts,
    )
