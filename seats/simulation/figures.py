"""Figures of what was played: waits, rates, load and fairness, with how sure they are.

Rates are those of the reports: of all who asked for a person, each once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from seats.simulation.calls import NOBODY, Codes
from seats.simulation.desk import Worked
from seats.simulation.played import Outcome, Played
from seats.simulation.spread import Floats

TARGET: Final = 0.95  # answer rate, domain notes §1.2
WITHIN_S: Final = 20.0
BATCHES: Final = 20
SURE_95: Final = 2.093  # Student's t of 19 degrees of freedom
SURE_99: Final = 2.861
LEAST_CALLS: Final = 100  # of a city that is compared with the others

Chosen = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Figures:
    """Of some calls; waits in seconds from asking, whatever ended them. None: of no call.

    `answer_rate`: answered by a seat / asked; `service_level`: answered within WITHIN_S / asked.
    """

    calls: int
    answered: int
    abandoned: int
    callback: int
    message: int
    line: int
    left_over: int
    answer_rate: float | None
    abandon_rate: float | None
    service_level: float | None
    wait_mean: float | None
    wait_p50: float | None
    wait_p90: float | None
    wait_p95: float | None
    wait_p99: float | None

    @property
    def met(self) -> bool | None:
        """Whether the answer rate reaches TARGET."""
        return None if self.answer_rate is None else self.answer_rate >= TARGET


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean of correlated values, and how far the true one may be off (`sure_95`, `sure_99`)."""

    value: float
    error: float

    @property
    def sure_95(self) -> float:
        """Half the width of the 95 % interval."""
        return SURE_95 * self.error

    @property
    def sure_99(self) -> float:
        """Half the width of the 99 % interval."""
        return SURE_99 * self.error


@dataclass(frozen=True, slots=True)
class Fairness:
    """How evenly: among seats the load, among cities what callers get.

    `jain`: (sum x)^2 / (n sum x^2) of occupancy, 1 when all are equal; `gini`: of calls an hour on
    duty, 0 when all are equal. Spreads: highest less lowest among cities with LEAST_CALLS calls.
    """

    jain: float | None
    gini: float | None
    answer_rate_spread: float | None
    wait_spread_s: float | None


def figures(played: Played, chosen: Chosen | None = None) -> Figures:
    """Of all calls, or of those chosen."""
    outcome, wait = played.outcome, played.wait_s
    if chosen is not None:
        outcome, wait = outcome[chosen], wait[chosen]
    calls = len(outcome)
    counts = np.bincount(outcome, minlength=len(Outcome)).tolist()
    answered, abandoned = counts[Outcome.ANSWERED], counts[Outcome.ABANDONED]
    in_time = int(((outcome == Outcome.ANSWERED) & (wait <= WITHIN_S)).sum())
    ranks = _ranks(wait, (0.5, 0.9, 0.95, 0.99))
    return Figures(
        calls=calls,
        answered=answered,
        abandoned=abandoned,
        callback=counts[Outcome.CALLBACK],
        message=counts[Outcome.MESSAGE],
        line=counts[Outcome.LINE],
        left_over=counts[Outcome.LEFT_OVER],
        answer_rate=_share(answered, calls),
        abandon_rate=_share(abandoned, calls),
        service_level=_share(in_time, calls),
        wait_mean=float(wait.mean()) if calls else None,
        wait_p50=ranks[0],
        wait_p90=ranks[1],
        wait_p95=ranks[2],
        wait_p99=ranks[3],
    )


def by_code(played: Played, codes: Codes, names: Sequence[str]) -> dict[str | None, Figures]:
    """Figures of each name of a column that any call has; None last: not known."""
    found: dict[str | None, Figures] = {}
    for code, name in (*enumerate(names), (NOBODY, None)):
        chosen = codes == code
        if chosen.any():
            found[name] = figures(played, chosen)
    return found


def by_group(played: Played) -> dict[str | None, Figures]:
    """Figures of each group."""
    return by_code(played, played.calls.asked.group, played.calls.asked.groups)


def by_city(played: Played) -> dict[str | None, Figures]:
    """Figures of the callers of each city."""
    return by_code(played, played.calls.asked.city, played.calls.asked.cities)


def by_hour(played: Played) -> dict[int, Figures]:
    """Figures of the calls of each Shanghai hour of the day."""
    hours = (played.calls.asked.at_s // 3600 % 24).astype(np.int32)
    return {hour: figures(played, hours == hour) for hour in np.unique(hours).tolist()}


def per_call(played: Played) -> dict[str, Floats]:
    """What the rates and the mean wait are the means of, a value for each call."""
    is_answered = played.outcome == Outcome.ANSWERED
    return {
        "answer_rate": is_answered.astype(np.float64),
        "abandon_rate": (played.outcome == Outcome.ABANDONED).astype(np.float64),
        "service_level": (is_answered & (played.wait_s <= WITHIN_S)).astype(np.float64),
        "wait_mean": played.wait_s,
    }


def fairness(played: Played) -> Fairness:
    """How evenly the load lay, and what callers got."""
    on_duty = [seat for seat in played.worked if seat.duty_s]
    cities = [
        each
        for name, each in by_city(played).items()
        if name is not None and each.calls >= LEAST_CALLS
    ]
    rates = [each.answer_rate for each in cities if each.answer_rate is not None]
    waits = [each.wait_mean for each in cities if each.wait_mean is not None]
    return Fairness(
        jain=jain([_occupancy(seat) for seat in on_duty]),
        gini=gini([seat.answered / seat.duty_s for seat in on_duty]),
        answer_rate_spread=max(rates) - min(rates) if rates else None,
        wait_spread_s=max(waits) - min(waits) if waits else None,
    )


def jain(values: Sequence[float]) -> float | None:
    """Jain's index (1984): 1 when all are equal, 1/n when one has everything; None of nothing."""
    squares = math.fsum(value * value for value in values)
    return math.fsum(values) ** 2 / (len(values) * squares) if squares else None


def gini(values: Iterable[float]) -> float | None:
    """Gini's coefficient: 0 when all are equal, (n-1)/n when one has everything."""
    ordered = sorted(values)
    total = math.fsum(ordered)
    if not total:
        return None
    count = len(ordered)
    weighted = math.fsum(n * value for n, value in enumerate(ordered, start=1))
    return 2 * weighted / (count * total) - (count + 1) / count


def batch_means(values: Floats, batches: int = BATCHES) -> Floats:
    """Means of as many stretches of equal length; the rest at the end is left out."""
    length = len(values) // batches
    means: Floats = values[: length * batches].reshape(batches, length).mean(axis=1)
    return means


def estimate(values: Floats) -> Estimate | None:
    """The mean of values in the order of time, sure by batch means; None of too few."""
    if len(values) < 2 * BATCHES:
        return None
    means = batch_means(values)
    return Estimate(float(values.mean()), float(means.std(ddof=1)) / math.sqrt(BATCHES))


def controlled(values: Floats, *controls: tuple[Floats, float]) -> Estimate:
    """The mean of values with control variates, each with its true mean; sure by batch means.

    What a control's mean is off by chance tells what the values' mean is off (Lavenberg and Welch
    1981): a regression over the batches, with as many fewer degrees of freedom.
    """
    batches = 5 * BATCHES
    wanted = batch_means(values, batches)
    off = np.column_stack([batch_means(each, batches) - mean for each, mean in controls])
    columns = np.column_stack([np.ones(batches), off])
    solved, *_ = np.linalg.lstsq(columns, wanted, rcond=None)
    left = wanted - columns @ solved
    variance = float(left @ left) / (batches - columns.shape[1])
    spread = float(np.linalg.inv(columns.T @ columns)[0, 0])
    return Estimate(float(solved[0]), math.sqrt(variance * spread))


def _occupancy(seat: Worked) -> float:
    return seat.occupancy or 0.0


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _ranks(values: Floats, shares: Sequence[float]) -> list[float | None]:
    """By nearest rank: waits that somebody had, never one in between."""
    if not len(values):
        return [None] * len(shares)
    at = [max(1, math.ceil(share * len(values))) - 1 for share in shares]
    parts = np.partition(values, sorted(set(at)))
    return [float(parts[n]) for n in at]
