"""Calls and seats made up for the simulation's tests, each figure said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from seats.policy import GroupPolicy, Policy, Stage, Who
from seats.seat import Level, Seat
from seats.shift import ZONE
from seats.simulation.calls import NOBODY, PLAIN, Asked, Calls, Habits

MONDAY = datetime(2026, 3, 2, tzinfo=ZONE)
ANYBODY = Policy(default=GroupPolicy((Stage(Who.PROVINCIAL),)))


@dataclass(frozen=True)
class One:
    """A call: seconds; by default it is patient, and a seat that is free answers at once."""

    at: float
    talk: float = 100.0
    patience: float = np.inf
    ring: float = 0.0
    wrap_up: float = 0.0
    callback: float = np.inf
    group: str = "labour"
    city: str | None = None
    language: str = "zh-CN"
    special: str | None = None
    caller: int = NOBODY


def calls(*ones: One, habits: Habits = PLAIN, start: datetime = MONDAY) -> Calls:
    """These calls, and nothing left to chance."""
    names = {
        name: tuple(dict.fromkeys(v for one in ones if (v := getattr(one, name)) is not None))
        for name in ("group", "city", "language", "special")
    }

    def codes(name: str) -> np.ndarray:
        at = [getattr(one, name) for one in ones]
        found = [NOBODY if v is None else names[name].index(v) for v in at]
        return np.asarray(found, dtype=np.int32)

    def floats(name: str) -> np.ndarray:
        return np.asarray([getattr(one, name) for one in ones], dtype=np.float64)

    asked = Asked(
        start=start,
        at_s=floats("at"),
        group=codes("group"),
        city=codes("city"),
        language=codes("language"),
        special=codes("special"),
        caller=np.asarray([one.caller for one in ones], dtype=np.int32),
        groups=names["group"],
        cities=names["city"],
        languages=names["language"],
        specials=names["special"],
    )
    columns = {f"{name}_s": floats(name) for name in ("patience", "talk", "ring", "wrap_up")}
    return Calls(asked, habits, **columns, callback_s=floats("callback"), dice=1)


def seat(number: int = 8001, *, city: str | None = None, **more: object) -> Seat:
    """A provincial seat, or a municipal one of the city, that knows labour law."""
    one = Seat(
        number=str(number),
        level=Level.PROVINCIAL if city is None else Level.MUNICIPAL,
        city=city,
        skills=frozenset({"labour"}),
        languages=frozenset({"zh-CN"}),
        name="x",
    )
    return replace(one, **more)  # type: ignore[arg-type]


def seats(count: int) -> Sequence[Seat]:
    """So many that are all the same."""
    return [seat(8001 + n) for n in range(count)]
