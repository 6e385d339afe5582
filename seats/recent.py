"""What the line has just lived through: how fast it moves on, and how many give up.

Mutable, but pure: `at` and `now` come in, times are aware, waits are seconds since the caller
first asked for a person.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

LOSS_WITHIN = timedelta(minutes=15)
WAIT_WITHIN = timedelta(minutes=30)
LEAST_ANSWERS = 5  # fewer tell nothing
STOOD_IN_LINE_S = 20.0  # answered sooner, a caller found a seat free and only heard it ring


class Recent:
    """The newest answers and losses of each group."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._groups: defaultdict[str, _Group] = defaultdict(_Group)

    def answered(self, group: str, wait_s: float, at: datetime) -> None:
        """A seat took a caller of this group after `wait_s`."""
        self._groups[group].answered(wait_s, at)

    def gave_up(self, group: str, wait_s: float, at: datetime) -> None:
        """A caller of this group hung up in line after `wait_s`."""
        self._groups[group].losses.add(at, wait_s)

    def loss_rate(self, group: str, now: datetime) -> float:
        """Given up / (given up + answered) in the last 15 minutes, 0..1; 0 when nothing was."""
        of = self._groups.get(group)
        if of is None:
            return 0.0
        lost, answered = of.losses.count(now), of.answers.count(now)
        return lost / (lost + answered) if lost else 0.0

    def expected_wait_s(self, group: str, ahead: int, now: datetime) -> float | None:
        """Seconds until one with `ahead` callers before him is answered; None when unknown.

        Each answer of one who stood in line tells how long he was first in it; so long, on the
        average of the last 30 minutes, the line takes for each step. Fewer than 5: unknown.
        """
        of = self._groups.get(group)
        if of is None or of.steps.count(now) < LEAST_ANSWERS:
            return None
        return (ahead + 1) * of.steps.mean(now)


@dataclass(slots=True)
class _Within:
    """Figures of the newest `span`; those that are older are dropped as time goes on."""

    span: timedelta
    _kept: deque[tuple[datetime, float]] = field(default_factory=deque)
    _sum: float = 0.0

    def add(self, at: datetime, figure: float) -> None:
        self._kept.append((at, figure))
        self._sum += figure
        self._drop(at)

    def count(self, now: datetime) -> int:
        self._drop(now)
        return len(self._kept)

    def mean(self, now: datetime) -> float:
        self._drop(now)
        return max(0.0, self._sum) / len(self._kept)

    def _drop(self, now: datetime) -> None:
        while self._kept and self._kept[0][0] <= now - self.span:
            self._sum -= self._kept.popleft()[1]


def _within(span: timedelta) -> Callable[[], _Within]:
    return lambda: _Within(span)


@dataclass(slots=True)
class _Group:
    answers: _Within = field(default_factory=_within(LOSS_WITHIN))
    losses: _Within = field(default_factory=_within(LOSS_WITHIN))
    steps: _Within = field(default_factory=_within(WAIT_WITHIN))
    last: datetime | None = None

    def answered(self, wait_s: float, at: datetime) -> None:
        self.answers.add(at, wait_s)
        if wait_s >= STOOD_IN_LINE_S:
            since_last = wait_s if self.last is None else (at - self.last).total_seconds()
            self.steps.add(at, max(0.0, min(wait_s, since_last)))
        self.last = at
