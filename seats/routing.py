"""Who is next, and at which seat: pure and deterministic, the same for live calls and simulation.

Callers are taken in order; each gets the longest idle ready seat of the first stage of the policy
that has one. The ready seats are sorted once; a line of them is drawn up for each level, city,
skill and language that somebody asks for, and a caller costs a few look-ups until no seat is left.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from seats.policy import Who
from seats.seat import Level, Seat, SeatState, SeatStatus


@dataclass(frozen=True, slots=True)
class Waiting:
    """A caller in line. `asked_at`: first asked for a person, kept over every re-queueing.

    `city`: GB/T 2260 prefecture or None; `priority`: head start in seconds, so that it ages and
    nobody starves; `tried`: seats that this call was offered to already; `at_head`: the seat
    offered did not answer, so the caller comes before everybody who was not yet offered.
    `sticky`: the seat that talked with this number last; `wants`: one seat only, as of a transfer,
    for WANTS_S, then its group's; `wants_since`: when that wish was made, None for `asked_at`.
    `node`: the Asterisk that has the call. `overflowed`: `Overflow.key` of what was done already.
    """

    call_id: str
    group: str
    city: str | None
    language: str
    asked_at: datetime
    priority: float = 0.0
    tried: frozenset[str] = frozenset()
    at_head: bool = False
    sticky: str | None = None
    node: str = ""
    overflowed: frozenset[str] = frozenset()
    wants: str | None = None
    wants_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Overflow:
    """Nobody took this call in time: what its policy says comes next, kept in line meanwhile.

    `who`: LINE, CALLBACK or MESSAGE; `line`: a name of lines.yaml, with LINE only. Told once; to
    be told no more after a new `join`, put `key` into `Waiting.overflowed`.
    """

    call_id: str
    who: Who
    line: str | None = None

    @property
    def key(self) -> str:
        """Names it among a call's overflows: `line:oncall`, `callback`, `message`."""
        return f"{self.who}:{self.line}" if self.line else str(self.who)


@dataclass(frozen=True, slots=True)
class Stage:
    """From `after_s` of waiting on, seats of this level may take the call.

    Municipal means: of the caller's own city. With `by_catch_all` the seat needs the policy's
    catch-all skill instead of the caller's group.
    """

    level: Level
    after_s: float = 0.0
    by_catch_all: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """Which seats a caller may get, stages in order of preference."""

    stages: tuple[Stage, ...]
    catch_all: str = "general"


DEFAULT = Policy(
    stages=(
        Stage(Level.MUNICIPAL),
        Stage(Level.PROVINCIAL),
        Stage(Level.MUNICIPAL, by_catch_all=True),
        Stage(Level.PROVINCIAL, by_catch_all=True),
    )
)


@dataclass(frozen=True, slots=True)
class Assignment:
    """This call is to be offered to this seat."""

    call_id: str
    seat: str


def assign(
    waiting: Iterable[Waiting],
    seats: Iterable[Seat],
    statuses: Mapping[str, SeatStatus],
    now: datetime,
    policy: Policy = DEFAULT,
) -> tuple[Assignment, ...]:
    """Pairs of call and seat, in the callers' order; no call and no seat stands in two of them.

    A caller whom a seat still holds is passed over: that seat lets go, or its lease ends.
    """
    ready = _ReadySeats(seats, statuses)
    held = {s.call_id for s in statuses.values() if s.call_id and not s.lease_is_over(now)}
    made: list[Assignment] = []
    for caller in _in_order(waiting, lambda: ready.left > 0):
        if caller.call_id in held:
            continue
        seat = _seat_for(caller, ready, now, policy)
        if seat is not None:
            made.append(Assignment(caller.call_id, seat))
    return tuple(made)


def position(waiting: Iterable[Waiting], call_id: str) -> int:
    """How many callers of the same group come before this one; KeyError when not in line."""
    callers = list(waiting)
    for caller in callers:
        if caller.call_id == call_id:
            own = _order(caller)
            return sum(1 for c in callers if c.group == caller.group and _order(c) < own)
    raise KeyError(call_id)


def _order(caller: Waiting) -> tuple[bool, datetime, datetime, str]:
    counts_from = caller.asked_at
    if caller.priority:
        counts_from -= timedelta(seconds=caller.priority)
    return (not caller.at_head, counts_from, caller.asked_at, caller.call_id)


def _in_order(waiting: Iterable[Waiting], go_on: Callable[[], bool]) -> Iterator[Waiting]:
    if not go_on():
        return
    # a heap, not a sort: mostly one seat is free and only the first few are looked at
    line = [(_order(caller), n, caller) for n, caller in enumerate(waiting)]
    heapq.heapify(line)
    while line and go_on():
        yield heapq.heappop(line)[2]


def _seat_for(caller: Waiting, ready: _ReadySeats, now: datetime, policy: Policy) -> str | None:
    waited_s = (now - caller.asked_at).total_seconds()
    for stage in policy.stages:
        if waited_s < stage.after_s:
            continue
        city = None
        if stage.level is Level.MUNICIPAL:
            if caller.city is None:
                continue
            city = caller.city
        skill = policy.catch_all if stage.by_catch_all else caller.group
        # the language is a wish within a stage, never a reason to wait
        for language in (caller.language, None):
            seat = ready.take(_Wish(stage.level, city, skill, language), caller.tried)
            if seat is not None:
                return seat
    return None


class _Wish(NamedTuple):
    level: Level
    city: str | None
    skill: str
    language: str | None


class _ReadySeats:
    """The ready seats, longest idle first, that are not yet given away."""

    def __init__(self, seats: Iterable[Seat], statuses: Mapping[str, SeatStatus]) -> None:
        ready = []
        for seat in seats:
            status = statuses.get(seat.number)
            if status is not None and status.state is SeatState.READY:
                ready.append((status.idle_since or status.since, seat.number, seat))
        ready.sort(key=lambda entry: entry[:2])
        self._by_place: dict[tuple[Level, str | None], list[Seat]] = defaultdict(list)
        for _, _, seat in ready:
            self._by_place[seat.level, seat.city].append(seat)
        self._lines: dict[_Wish, list[str]] = {}
        self._taken: set[str] = set()
        self.left = len(ready)

    def take(self, wish: _Wish, tried: frozenset[str]) -> str | None:
        line = self._lines.get(wish)
        if line is None:
            line = self._lines[wish] = self._draw_up(wish)
        while line and line[-1] in self._taken:
            line.pop()
        for number in reversed(line):
            if number not in self._taken and number not in tried:
                self._taken.add(number)
                self.left -= 1
                return number
        return None

    def _draw_up(self, wish: _Wish) -> list[str]:
        """Numbers for this wish, longest idle last, so that a seat given away is popped."""
        here = self._by_place.get((wish.level, wish.city), ())
        return [
            seat.number
            for seat in reversed(here)
            if wish.skill in seat.skills
            and (wish.language is None or wish.language in seat.languages)
        ]
