"""Calls of the past, played again: who asked when, and the habits seen in the facts."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from reports import metrics
from reports.exchange import LINE_BYTES, numbered_lines
from reports.facts import Attempt, Conversation, FactFault
from reports.queries import pages
from reports.store import Store
from seats.simulation.calls import NOBODY, Asked, Codes, Habits
from seats.simulation.spread import Spread, measured, patience_seen

LEAST_TALKS = 30  # of a group, to have a spread of its own
HOME_LANGUAGE = "zh-CN"


@dataclass(frozen=True, slots=True)
class Period:
    """Shanghai days from `first` to `last`, both included; None: not said."""

    first: date | None = None
    last: date | None = None

    def holds(self, at: datetime) -> bool:
        """Whether it holds this moment."""
        day = at.astimezone(metrics.ZONE).date()
        return (self.first or day) <= day <= (self.last or day)


class NothingAsked(ValueError):
    """No call asked for a person: nothing to play."""


class _Column:
    """Names of a column, and as numbers in their order: whichever way the calls were read."""

    def __init__(self) -> None:
        self._first: dict[str, int] = {}  # in the order of their coming
        self._codes: list[int] = []

    def add(self, name: str | None) -> None:
        code = NOBODY if name is None else self._first.setdefault(name, len(self._first))
        self._codes.append(code)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._first))

    def sorted_by(self, order: npt.NDArray[np.intp]) -> Codes:
        place = {name: n for n, name in enumerate(self.names)}
        # a name that is not known, NOBODY, is the last
        renamed = np.asarray([*(place[name] for name in self._first), NOBODY], dtype=np.int32)
        codes: Codes = renamed[np.asarray(self._codes)[order]]
        return codes


class Past:
    """Collects calls one by one; callers are known again by their number, which is not kept."""

    def __init__(self, period: Period) -> None:
        self._period = period
        self._asked: list[float] = []
        self._columns = {
            name: _Column() for name in ("group", "city", "language", "special", "caller")
        }
        self._talks: dict[str, list[float]] = {}
        self._waits: list[tuple[float, bool]] = []
        self._rings: list[float] = []
        self._missed = self._callbacks = self._could_wish = 0

    def __len__(self) -> int:
        return len(self._asked)

    def add(self, call: Conversation) -> None:
        """One call of the facts; those that never asked for a person are passed over.

        A call of ours to a citizen who was promised one is part of that citizen's first call.
        """
        asked_at = metrics.asked_at(call)
        if asked_at is None or call.ended_at is None or call.is_ours:
            return
        if not self._period.holds(asked_at):
            return
        group = call.group or "general"
        values = (group, call.city, call.language or HOME_LANGUAGE, _first(call.special))
        for column, value in zip(self._columns.values(), (*values, call.caller), strict=True):
            column.add(value)
        self._asked.append(asked_at.timestamp())
        self._learn(call, group, asked_at)

    def take_asked(self, at: datetime, names: Mapping[str, str]) -> None:
        """One call of which only the time and these names are known; columns as of Asked."""
        if not self._period.holds(at):
            return
        self._asked.append(at.timestamp())
        for name, column in self._columns.items():
            column.add(names.get(name))

    def _learn(self, call: Conversation, group: str, asked_at: datetime) -> None:
        ended = call.answered_at or call.ended_at
        assert ended is not None
        waited = (ended - asked_at).total_seconds()
        gave_up = call.answered_at is None and not call.overflow and call.ended_by == "caller"
        self._waits.append((waited, gave_up))
        if waited >= Habits().callback_after_s or call.overflow == "callback":
            self._could_wish += 1
            self._callbacks += call.overflow == "callback"
        over = call.talk_ended_at or call.ended_at
        if call.answered_at and over and over > call.answered_at:
            talk = (over - call.answered_at).total_seconds()
            self._talks.setdefault(group, []).append(talk)
        for attempt in call.attempts:
            self._learn_ring(attempt)

    def _learn_ring(self, attempt: Attempt) -> None:
        if attempt.outcome == "answered" and attempt.answered_at:
            self._rings.append((attempt.answered_at - attempt.offered_at).total_seconds())
        elif attempt.outcome in ("no_answer", "declined", "unreachable"):
            self._missed += 1

    def asked(self) -> Asked:
        """Who asked when. Raises NothingAsked."""
        if not self._asked:
            raise NothingAsked("no call asked for a person")
        times = np.asarray(self._asked)
        order = np.argsort(times, kind="stable")
        start = datetime.fromtimestamp(float(times.min()), metrics.ZONE).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        columns = {name: column.sorted_by(order) for name, column in self._columns.items()}
        names = {name: column.names for name, column in self._columns.items()}
        return Asked(
            start=start,
            at_s=times[order] - start.timestamp(),
            **columns,
            groups=names["group"],
            cities=names["city"],
            languages=names["language"],
            specials=names["special"],
        )

    def habits(self, otherwise: Habits) -> Habits:
        """What was seen in the facts, and where they tell nothing what is said otherwise."""
        found = otherwise
        if self._talks:
            every = [talk for talks in self._talks.values() for talk in talks]
            talk: dict[str | None, Spread] = {None: measured(every)}
            for group, talks in self._talks.items():
                if len(talks) >= LEAST_TALKS:
                    talk[group] = measured(talks)
            found = replace(found, talk=talk)
        if self._waits:
            found = replace(found, patience=patience_seen(self._waits))
        if self._rings:
            rings = len(self._rings) + self._missed
            found = replace(found, ring=measured(self._rings), no_answer=self._missed / rings)
        if self._could_wish:
            found = replace(found, callback=self._callbacks / self._could_wish)
        return found


def from_lines(file: BinaryIO, period: Period, on_fault: Callable[[int, str], None]) -> Past:
    """Calls of a file of facts, one a line; each fault is told with its line."""
    past = Past(period)
    for number, line in numbered_lines(file):
        try:
            if line is None:
                raise FactFault((f"is longer than {LINE_BYTES} bytes",))
            past.add(Conversation.from_json(line))
        except FactFault as fault:
            for each in fault.faults:
                on_fault(number, each)
    return past


async def from_store(store: Store, first: date | None, last: date | None) -> Past:
    """Finished calls of the database, of the Shanghai days `first` to `last`, both included."""
    past = Past(Period())
    found: AsyncGenerator[list[Conversation], None] = pages(store, first=first, last=last)
    async with aclosing(found) as every:
        async for page in every:
            for call in page:
                past.add(call)
    return past


def _first(names: Iterable[str]) -> str | None:
    found: Iterator[str] = iter(names)
    return next(found, None)
