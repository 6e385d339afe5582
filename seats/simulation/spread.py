"""How a time varies from call to call: exponential, lognormal, fixed, or as it was measured."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_LEAST_S = 0.001


class SpreadFault(ValueError):
    """What a person wrote is no spread; the message says why."""


@dataclass(frozen=True, slots=True)
class Exponential:
    """`mean` seconds on the average."""

    mean: float

    def draw(self, rng: np.random.Generator, count: int) -> Floats:
        """So many times, seconds."""
        return rng.standard_exponential(count) * self.mean

    def __str__(self) -> str:
        return f"exponential:{self.mean:g}"


@dataclass(frozen=True, slots=True)
class Lognormal:
    """Mean and standard deviation of the times themselves, seconds."""

    mean: float
    deviation: float

    def draw(self, rng: np.random.Generator, count: int) -> Floats:
        """So many times, seconds."""
        variance = math.log1p((self.deviation / self.mean) ** 2)
        middle = math.log(self.mean) - variance / 2
        return np.exp(rng.standard_normal(count) * math.sqrt(variance) + middle)

    def __str__(self) -> str:
        return f"lognormal:{self.mean:g}:{self.deviation:g}"


@dataclass(frozen=True, slots=True)
class Fixed:
    """Always `seconds`; math.inf is for ever."""

    seconds: float

    def draw(self, rng: np.random.Generator, count: int) -> Floats:
        """So many times, seconds."""
        return np.full(count, self.seconds)

    def __str__(self) -> str:
        return "never" if self.seconds == math.inf else f"fixed:{self.seconds:g}"


@dataclass(frozen=True, slots=True)
class Empirical:
    """Times as measured: `upto[n]` is the share of them that are `times[n]` or less.

    What is above the last share is longer than all that was seen: the longest plus an exponential
    time of mean `tail`.
    """

    times: tuple[float, ...]
    upto: tuple[float, ...]
    tail: float = 0.0
    seen: int = field(default=0, compare=False)

    def draw(self, rng: np.random.Generator, count: int) -> Floats:
        """So many times, seconds."""
        shares = rng.random(count)
        longer = rng.standard_exponential(count) * self.tail
        at = np.searchsorted(np.asarray(self.upto), shares, side="left")
        times = np.asarray((*self.times, self.times[-1]))
        drawn = times[np.minimum(at, len(self.times))]
        return drawn + np.where(at >= len(self.times), longer, 0.0)

    def __str__(self) -> str:
        return f"empirical ({self.seen} measured)"


Spread = Exponential | Lognormal | Fixed | Empirical


def measured(times: Iterable[float]) -> Empirical:
    """Each of these times is as likely as the others; ValueError without any."""
    found = sorted(max(_LEAST_S, each) for each in times)
    if not found:
        raise ValueError("nothing was measured")
    upto = tuple(n / len(found) for n in range(1, len(found) + 1))
    return Empirical(tuple(found), upto, seen=len(found))


def patience_seen(waits: Iterable[tuple[float, bool]]) -> Spread:
    """Patience out of waits, each with whether the caller gave up then.

    Who was answered would have waited longer, nobody knows how long: the product-limit estimate
    (Kaplan and Meier 1958). Beyond the longest wait the mean hazard goes on. Nobody gave up: never.
    """
    found = sorted((max(_LEAST_S, wait), not gave_up) for wait, gave_up in waits)
    lost = sum(not answered for _, answered in found)
    if not lost:
        return Fixed(math.inf)
    still, left = 1.0, len(found)
    times, upto = list[float](), list[float]()
    for wait, answered in found:  # at the same time those who gave up come first
        if not answered:
            still *= 1 - 1 / left
            times.append(wait)
            upto.append(1 - still)
        left -= 1
    tail = sum(wait for wait, _ in found) / lost
    return Empirical(tuple(times), tuple(upto), tail, seen=lost)


def read_spread(text: str) -> Spread:
    """`exponential:180`, `lognormal:434:400`, `fixed:30`, `never`; raises SpreadFault."""
    kind, *numbers = text.strip().split(":")
    try:
        values = [float(number) for number in numbers]
    except ValueError:
        raise SpreadFault(f"{text!r}: {':'.join(numbers)} is no number of seconds") from None
    if any(not math.isfinite(value) or value < 0 for value in values):
        raise SpreadFault(f"{text!r}: seconds are 0 or more")
    match kind, values:
        case "exponential", [mean] if mean > 0:
            return Exponential(mean)
        case "lognormal", [mean, deviation] if mean > 0:
            return Lognormal(mean, deviation)
        case "fixed", [seconds]:
            return Fixed(seconds)
        case "never", []:
            return Fixed(math.inf)
    raise SpreadFault(
        f"{text!r} is none of exponential:MEAN, lognormal:MEAN:DEVIATION, fixed:SECONDS, never"
    )
