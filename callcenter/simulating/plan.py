"""What `hotline simulate` was asked for, turned into calls, seats and policies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Final

import numpy as np

from callcenter.province import ROUTING, Province, load_routing
from callcenter.simulating.past import Past, Period, from_lines
from callcenter.simulating.table_file import Rates, per_slot, read_table
from ivr_flows.names import SPECIAL_GROUPS
from seats.calendar import Calendar, DayKind, YearNotLoaded
from seats.policy import DEFAULT, Policy
from seats.policy_file import Known, load_policy
from seats.roster import load_seats
from seats.seat import Seat
from seats.shift import ZONE
from seats.simulation import jilin
from seats.simulation.calls import Asked, Calls, Habits, draw_calls
from seats.simulation.mix import arrivals
from seats.simulation.spread import Floats, Spread, SpreadFault, read_spread
from seats.source import Fault, FileFaults

JILIN: Final = "jilin"
FACTS: Final = "facts"
BUILT_IN: Final = "default"
"""The word for the policy that the program has without any routing.yaml."""
MOST_SEATS: Final = 5000


class WrongUse(ValueError):
    """What was asked for does not fit together; the message says what."""


@dataclass(frozen=True, slots=True)
class Change:
    """Habits that a person wants otherwise than seen or assumed; None: as they are.

    `talk`: group -> spread, None for every group.
    """

    talk: Mapping[str | None, Spread] | None = None
    patience: Spread | None = None
    ring: Spread | None = None
    wrap_up: Spread | None = None
    no_answer: float | None = None
    callback: float | None = None

    def of(self, habits: Habits) -> Habits:
        """The habits, changed."""
        talk = habits.talk
        if self.talk:
            # said for all: nothing that was seen of one group counts any more
            talk = dict(self.talk) if None in self.talk else {**talk, **self.talk}
        given = {
            "patience": self.patience,
            "ring": self.ring,
            "wrap_up": self.wrap_up,
            "no_answer": self.no_answer,
            "callback": self.callback,
        }
        changed = {name: value for name, value in given.items() if value is not None}
        return replace(habits, talk=talk, **changed)  # type: ignore[arg-type]


def read_talks(texts: list[str]) -> dict[str | None, Spread]:
    """`lognormal:434:400` for all, `labour=fixed:300` for a group. Raises SpreadFault."""
    talks: dict[str | None, Spread] = {}
    for text in texts:
        group, equals, spread = text.rpartition("=")
        talks[group if equals else None] = read_spread(spread)
        if equals and not group:
            raise SpreadFault(f"{text!r}: no group before the =")
    return talks


def kinds_of(calendar: Calendar) -> Callable[[date], DayKind]:
    """What a day counts as; in a year that is not loaded by its weekday."""

    def kind_of(day: date) -> DayKind:
        try:
            return calendar.kind(day)
        except YearNotLoaded:
            return DayKind.WORKDAY if day.weekday() < 5 else DayKind.WEEKEND

    return kind_of


def period_of(period: Period, calendar: Calendar) -> Period:
    """The period, where nothing is said the newest year that the calendar knows."""
    year = max(calendar.years, default=2026)
    first = (
        period.first or (period.last and period.last.replace(month=1, day=1)) or date(year, 1, 1)
    )
    last = period.last or first.replace(month=12, day=31)
    if last < first:
        raise WrongUse("--to is before --from")
    return Period(first, last)


def made_up(
    rates: Rates | None, period: Period, calendar: Calendar, load: float, rng: np.random.Generator
) -> Asked:
    """Arrivals by rates, or without any by the year of Jilin, `load` times as many."""
    period = period_of(period, calendar)
    assert period.first and period.last
    days = (period.last - period.first).days + 1
    kind_of = kinds_of(calendar)
    slots: Floats
    if rates is None:
        slots = jilin.RHYTHM.per_slot(period.first, days, jilin.A_DAY, kind_of)
    else:
        slots = per_slot(rates, period.first, days, kind_of)
    start = datetime.combine(period.first, time(), ZONE)
    return arrivals(jilin.MIX, start, slots * load, rng)


def calls_of(asked: Asked, habits: Habits, rng: np.random.Generator) -> Calls:
    """The calls with all that chance holds for them. Raises WrongUse when there are none."""
    if not len(asked):
        raise WrongUse("there is no call in this time")
    return draw_calls(asked, habits, rng)


def read_arrivals(path: Path, period: Period, on_fault: Callable[[int, str], None]) -> Past | Rates:
    """Facts (.jsonl) or a table (.csv). Raises FileFaults, OSError, WrongUse."""
    if path.suffix == ".csv":
        return read_table(path, period)
    if path.suffix in (".jsonl", ".json"):
        with path.open("rb") as file:
            return from_lines(file, period, on_fault)
    raise WrongUse(f"{path}: neither {JILIN}, {FACTS}, a .jsonl file of facts nor a .csv table")


def seats_of(said: str | None, usual: tuple[Seat, ...]) -> tuple[Seat, ...]:
    """A seats.yaml, or a number of seats like the usual ones.

    Raises FileFaults, WrongUse.
    """
    if said is None:
        return usual
    if said.isascii() and said.isdigit():
        count = int(said)
        if not 1 <= count <= MOST_SEATS:
            raise WrongUse(f"--seats {said}: from 1 to {MOST_SEATS:,}")
        return _as_many(usual, count)
    return load_seats(Path(said))


def _as_many(usual: tuple[Seat, ...], count: int) -> tuple[Seat, ...]:
    """All of the roster as often as they fit, then so many spread evenly over it."""
    rounds, rest = divmod(count, len(usual))
    seats = [*usual] if rounds else []
    more = [*usual * (rounds - 1), *(usual[n * len(usual) // rest] for n in range(rest))]
    if not rounds:
        return tuple(more)
    taken = {seat.number for seat in usual}
    free = (str(number) for number in range(100_000, 1_000_000) if str(number) not in taken)
    seats += [replace(one, number=number) for one, number in zip(more, free, strict=False)]
    return tuple(seats)


def policy_of(
    said: str | None, province: Province, folder: Path, seats: tuple[Seat, ...]
) -> Policy:
    """A routing.yaml, the word `default`, or without either the province's own.

    Raises FileFaults.
    """
    if said == BUILT_IN:
        return DEFAULT
    known = Known(seats, tuple(province.lines), SPECIAL_GROUPS)
    if said is None:
        return load_routing(folder / ROUTING, known)
    path = Path(said)
    if not path.is_file():
        raise FileFaults([Fault(said, 1, "file", "there is no such file")])
    return load_policy(path, known)
