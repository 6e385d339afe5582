"""Callers as they come, and the book of what became of them."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np

from seats.policy import Policy
from seats.routing import Waiting
from seats.simulation.calls import NOBODY, Calls
from seats.simulation.desk import DAY_S, Desk
from seats.simulation.played import Callbacks, Outcome, Played

CHUNK = 20_000  # calls whose columns are turned into Python's numbers at once: bounds memory

_NO_SEATS: frozenset[str] = frozenset()
_Times = tuple[float, float, float, float, float, float]


class Caller:
    """One who stands in line, is rung for, or is promised a callback; seconds since the start."""

    __slots__ = (
        "asked_s",
        "callback_s",
        "in_line",
        "index",
        "is_callback",
        "is_timed",
        "leaves_s",
        "offers",
        "ring_s",
        "talk_s",
        "tries",
        "waiting",
        "who",
        "wrap_up_s",
    )

    def __init__(self, index: int, who: int, waiting: Waiting, times: _Times) -> None:
        self.index, self.who, self.waiting = index, who, waiting
        self.asked_s, patience_s, self.talk_s, self.ring_s, self.wrap_up_s, wishes_s = times
        self.leaves_s = self.asked_s + patience_s
        self.callback_s = self.asked_s + wishes_s
        self.offers = self.tries = 0
        self.in_line = True
        self.is_callback = self.is_timed = False


class Ledger:
    """What became of each call so far; `open` is how many have come and are not done with."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._outcome = bytearray(len(calls))
        self._wait = array("d", bytes(8 * len(calls)))
        self._seat = array("h", [NOBODY]) * len(calls)
        self._callback_waits: list[float] = []
        self.open = self.promised = self.lost = 0

    def ends(self, caller: Caller, outcome: Outcome, at_s: float, seat: int = NOBODY) -> None:
        """The caller's wait is over; he is done with, unless he was promised a callback."""
        index = caller.index
        self._outcome[index] = outcome
        self._wait[index] = at_s - caller.asked_s
        self._seat[index] = seat
        if outcome is Outcome.CALLBACK:
            self.promised += 1
        else:
            self.open -= 1

    def called_back(self, caller: Caller, at_s: float) -> None:
        """A promise was kept."""
        self._callback_waits.append(at_s - caller.asked_s)
        self.open -= 1

    def gave_up_calling(self) -> None:
        """A caller was not reached as often as the policy tries."""
        self.lost += 1
        self.open -= 1

    def closed(
        self, desks: tuple[Desk, ...], policy: Policy, left: Iterator[Caller], at_s: float
    ) -> Played:
        """All of it at the end; `left` are those still in line."""
        for caller in left:
            if not caller.is_callback:
                self._wait[caller.index] = max(0.0, at_s - caller.asked_s)
        return Played(
            calls=self._calls,
            policy=policy,
            outcome=np.frombuffer(self._outcome, dtype=np.uint8),
            wait_s=np.frombuffer(self._wait, dtype=np.float64),
            seat=np.frombuffer(self._seat, dtype=np.int16),
            worked=tuple(desk.worked(at_s) for desk in desks),
            callbacks=Callbacks(
                self.promised,
                len(self._callback_waits),
                self.lost,
                np.asarray(self._callback_waits, dtype=np.float64),
            ),
        )


class Arrivals:
    """Makes callers of the columns, one after the other."""

    def __init__(self, calls: Calls, policy: Policy) -> None:
        asked = calls.asked
        self._calls, self._start = calls, asked.start
        self._groups, self._languages = asked.groups, asked.languages
        self._cities = (*asked.cities, None)  # NOBODY is the last
        self._head_starts = (*(policy.head_start_s.get(name, 0.0) for name in asked.specials), 0.0)
        self._sticky_s = [policy.of(group).sticky_days * DAY_S for group in asked.groups]
        self._last: dict[int, tuple[str, float]] = {}

    def talked(self, caller: Caller, seat: str, until_s: float) -> None:
        """This seat talked with him: he may be offered it first the next time."""
        if caller.who != NOBODY:
            self._last[caller.who] = (seat, until_s)

    def __iter__(self) -> Iterator[Caller]:
        start_s, from_timestamp = self._start.timestamp(), datetime.fromtimestamp
        groups, cities = self._groups, self._cities
        languages, head_starts = self._languages, self._head_starts
        index = 0
        for times, codes in self._rows():
            group, city, language, special, who = codes
            waiting = Waiting(
                f"{index:08}",
                groups[group],
                cities[city],
                languages[language],
                from_timestamp(start_s + times[0], UTC),
                head_starts[special],
                _NO_SEATS,
                False,
                self._sticky(who, group, times[0]),
            )
            yield Caller(index, who, waiting, times)
            index += 1

    def _rows(self) -> Iterator[tuple[_Times, tuple[int, int, int, int, int]]]:
        calls, asked = self._calls, self._calls.asked
        for first in range(0, len(calls), CHUNK):
            part = slice(first, first + CHUNK)
            yield from zip(
                zip(
                    asked.at_s[part].tolist(),
                    calls.patience_s[part].tolist(),
                    calls.talk_s[part].tolist(),
                    calls.ring_s[part].tolist(),
                    calls.wrap_up_s[part].tolist(),
                    calls.callback_s[part].tolist(),
                    strict=True,
                ),
                zip(
                    asked.group[part].tolist(),
                    asked.city[part].tolist(),
                    asked.language[part].tolist(),
                    asked.special[part].tolist(),
                    asked.caller[part].tolist(),
                    strict=True,
                ),
                strict=True,
            )

    def _sticky(self, who: int, group: int, at_s: float) -> str | None:
        if who == NOBODY or not self._sticky_s[group]:
            return None
        seat, until_s = self._last.get(who, (None, -math.inf))
        return seat if at_s - until_s <= self._sticky_s[group] else None
