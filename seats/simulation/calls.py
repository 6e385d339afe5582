"""The calls that are played: who asks for a person when, and what he would do in the line.

All that chance decides about a call is drawn here, before anything is played: two policies played
on the same calls meet the same callers (common random numbers), so what differs is theirs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import numpy.typing as npt

from seats.simulation.spread import Exponential, Fixed, Floats, Lognormal, Spread

Codes = npt.NDArray[np.int32]
NOBODY = -1  # of a city, special group or caller that is not known
SLOT_S = 1800  # a half-hour


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked for a person when, columns of one length in the order of time.

    `start`: Shanghai midnight before the first; `at_s`: seconds since then; `group`, `city`,
    `language`, `special` point into the names; `caller`: who it is, so that he can be known again.
    """

    start: datetime
    at_s: Floats
    group: Codes
    city: Codes
    language: Codes
    special: Codes
    caller: Codes
    groups: tuple[str, ...]
    cities: tuple[str, ...]
    languages: tuple[str, ...]
    specials: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.at_s)


@dataclass(frozen=True, slots=True)
class Habits:
    """What callers and seats do; seconds, shares 0..1.

    `talk`: by group, None for the others. `patience`: from asking on. `ring`: until a seat that
    answers picks up; `no_answer`: share of rings that nobody takes, each `ring_limit_s` long, after
    which the seat is not ready for `away_s`. `wrap_up`: after each talk. `callback`: share of
    callers who press * once `callback_after_s` are over; `reached`: share of callbacks that the
    caller takes. `line_answers`: share of rings at a line outside that somebody takes.
    """

    talk: Mapping[str | None, Spread] = field(
        default_factory=lambda: dict[str | None, Spread]({None: Lognormal(434, 400)})
    )
    patience: Spread = Exponential(180)
    ring: Spread = Lognormal(4, 2)
    ring_limit_s: float = 15.0
    no_answer: float = 0.02
    away_s: float = 120.0
    wrap_up: Spread = Fixed(10)
    callback: float = 0.1
    callback_after_s: float = 60.0
    reached: float = 0.8
    line_answers: float = 0.8


PLAIN = Habits(
    talk={None: Exponential(300)},
    patience=Fixed(math.inf),
    ring=Fixed(0),
    no_answer=0.0,
    wrap_up=Fixed(0),
    callback=0.0,
)
"""As Erlang has it: a seat that is free answers at once, and nothing else happens."""


@dataclass(frozen=True, slots=True)
class Calls:
    """What was asked, with what chance holds for each call.

    `ring_s`: of the first seat offered, inf when nobody takes it; `dice` seeds what a call seldom
    needs: further seats, callbacks, lines.
    """

    asked: Asked
    habits: Habits
    patience_s: Floats
    talk_s: Floats
    ring_s: Floats
    wrap_up_s: Floats
    callback_s: Floats
    dice: int

    def __len__(self) -> int:
        return len(self.asked)


def draw_calls(asked: Asked, habits: Habits, rng: np.random.Generator) -> Calls:
    """Let chance decide; the same generator state, the same calls."""
    count = len(asked)
    dice = int(rng.integers(2**62))
    # one stream each: another habit of one kind leaves the others' numbers alone
    patience, talk, ring, no_answer, wrap_up, callback = rng.spawn(6)
    ring_s = habits.ring.draw(ring, count)
    missed = no_answer.random(count) < habits.no_answer
    wishes = callback.random(count) < habits.callback
    return Calls(
        asked=asked,
        habits=habits,
        patience_s=habits.patience.draw(patience, count),
        talk_s=_talks(asked, habits, talk),
        ring_s=np.where(missed | (ring_s > habits.ring_limit_s), np.inf, ring_s),
        wrap_up_s=habits.wrap_up.draw(wrap_up, count),
        callback_s=np.where(wishes, habits.callback_after_s, np.inf),
        dice=dice,
    )


def _talks(asked: Asked, habits: Habits, rng: np.random.Generator) -> Floats:
    drawn = habits.talk[None].draw(rng, len(asked))
    for code, group in enumerate(asked.groups):
        if group in habits.talk:
            chosen = asked.group == code
            drawn[chosen] = habits.talk[group].draw(rng, int(chosen.sum()))
    return drawn


def times_of(per_slot: Sequence[float] | Floats, rng: np.random.Generator) -> Floats:
    """Arrivals of a Poisson process, seconds from the first half-hour's beginning, in order.

    `per_slot`: calls to expect in each half-hour after the other.
    """
    counts = rng.poisson(np.asarray(per_slot, dtype=np.float64))
    begins = np.repeat(np.arange(len(counts), dtype=np.float64) * SLOT_S, counts)
    times: Floats = np.sort(begins + rng.random(int(counts.sum())) * SLOT_S)
    return times


def codes_of(shares: Sequence[float], count: int, rng: np.random.Generator) -> Codes:
    """So many draws of an index by these shares, which need not add up to 1."""
    upto = np.cumsum(np.asarray(shares, dtype=np.float64))
    drawn: Codes = np.searchsorted(upto, rng.random(count) * upto[-1], side="right").astype(
        np.int32
    )
    return drawn


def nobody(count: int) -> Codes:
    """A column in which nothing is known."""
    return np.full(count, NOBODY, dtype=np.int32)


def steady(
    per_s: float, count: int, group: str, start: datetime, rng: np.random.Generator
) -> Asked:
    """So many calls of one group, `per_s` a second on the average, evenly by chance."""
    same = np.zeros(count, dtype=np.int32)
    return Asked(
        start=start,
        at_s=np.cumsum(rng.standard_exponential(count) / per_s),
        group=same,
        city=nobody(count),
        language=same,
        special=nobody(count),
        caller=nobody(count),
        groups=(group,),
        cities=(),
        languages=("zh-CN",),
        specials=(),
    )
