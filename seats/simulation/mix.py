"""Who calls, by shares: callers for arrivals of which only the times are known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import numpy as np

from seats.calendar import DayKind
from seats.simulation.calls import NOBODY, Asked, Codes, codes_of, times_of
from seats.simulation.spread import Floats

HALF_HOURS = 48
HOME_LANGUAGE = "zh-CN"

KindOf = Callable[[date], DayKind]


@dataclass(frozen=True, slots=True)
class Mix:
    """Shares of the callers; they need not add up to 1, but for `special` and `repeat`.

    `other_language`: city -> (language, share of its callers). `special`: group of special care ->
    share of all callers. `repeat`: share of calls by somebody who called before, within the last
    `repeat_within` calls.
    """

    groups: Mapping[str, float]
    cities: Mapping[str, float] = field(default_factory=dict)
    other_language: Mapping[str, tuple[str, float]] = field(default_factory=dict)
    special: Mapping[str, float] = field(default_factory=dict)
    repeat: float = 0.0
    repeat_within: int = 10_000


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When they call: `shape[kind]` are 48 weights of a day's half-hours, `weekdays` of its days.

    `weekdays` counts for days of their usual kind; a holiday counts `holiday`, a weekend day that
    is worked in exchange as a Wednesday. `months`: weights of January to December.
    """

    shape: Mapping[DayKind, tuple[float, ...]]
    weekdays: tuple[float, ...]
    holiday: float
    months: tuple[float, ...] = (1.0,) * 12

    def per_slot(self, first: date, days: int, a_day: float, kind_of: KindOf) -> Floats:
        """Calls to expect in each half-hour; `a_day` is the mean of a usual week."""
        mean = sum(self.weekdays) / 7 * (sum(self.months) / 12)
        slots = []
        for n in range(days):
            day = first + timedelta(days=n)
            kind = kind_of(day)
            weight = self.months[day.month - 1] * self._weight(day, kind) / mean
            shape = np.asarray(self.shape[kind])
            slots.append(shape / shape.sum() * (a_day * weight))
        rates: Floats = np.concatenate(slots)
        return rates

    def _weight(self, day: date, kind: DayKind) -> float:
        if kind is DayKind.HOLIDAY:
            return self.holiday
        is_exchanged = kind is DayKind.WORKDAY and day.weekday() > 4
        return self.weekdays[2 if is_exchanged else day.weekday()]


def callers(mix: Mix, start: datetime, at_s: Floats, rng: np.random.Generator) -> Asked:
    """Callers by the mix for these times; the same generator state, the same callers."""
    count = len(at_s)
    draws = rng.spawn(5)
    groups, cities = tuple(mix.groups), tuple(mix.cities)
    city = codes_of(tuple(mix.cities.values()), count, draws[0]) if cities else _none(count)
    languages = (HOME_LANGUAGE, *sorted({name for name, _ in mix.other_language.values()}))
    chance = draws[1].random(count)
    language = np.zeros(count, dtype=np.int32)
    for place, (name, share) in mix.other_language.items():
        language[(city == cities.index(place)) & (chance < share)] = languages.index(name)
    special_shares = (*mix.special.values(), max(0.0, 1 - sum(mix.special.values())))
    special = codes_of(special_shares, count, draws[2])
    special[special == len(mix.special)] = NOBODY
    who = _who(mix, count, draws[3])
    # somebody who calls again calls from the same place, in the same language
    first = np.unique(who, return_index=True)[1][who] if count else who
    return Asked(
        start=start,
        at_s=at_s,
        group=codes_of(tuple(mix.groups.values()), count, draws[4]),
        city=city[first],
        language=language[first],
        special=special[first],
        caller=who,
        groups=groups,
        cities=cities,
        languages=languages,
        specials=tuple(mix.special),
    )


def arrivals(mix: Mix, start: datetime, per_slot: Floats, rng: np.random.Generator) -> Asked:
    """Callers by the mix, as many in each half-hour from `start` on as a Poisson process brings."""
    times, who = rng.spawn(2)
    return callers(mix, start, times_of(per_slot, times), who)


def _none(count: int) -> Codes:
    return np.full(count, NOBODY, dtype=np.int32)


def _who(mix: Mix, count: int, rng: np.random.Generator) -> Codes:
    """A number for each caller, 0 and on as they first call; some call again."""
    again = rng.random(count) < mix.repeat
    back = 1 + (rng.random(count) * mix.repeat_within).astype(np.int64)
    earlier = np.maximum(0, np.arange(count) - back)
    again[0:1] = False
    root = np.where(again, earlier, np.arange(count))
    while True:  # who calls a third time calls after his second: follow to the first
        further = root[root]
        if np.array_equal(further, root):
            break
        root = further
    return np.unique(root, return_inverse=True)[1].astype(np.int32)
