"""Benchmark `routing`: choosing a seat, reserving it, and its phone's ringing.

- `choosing`: the router alone (`seats.routing`), 2,000 seats and 40 skills, under a policy with
  every kind of stage. A change is a seat that becomes ready, a caller who joins or who leaves, or
  time that passes and opens stages; each with the match that follows it, by the wall clock. The
  same again with 100, 1,000 and 10,000 callers in line: what one more call costs must not grow.
  Callers wait some 5 minutes each, however many they are: so many stages open to each of them.
- `reserving` (`routing_redis.py`): four controllers, a process each, on one private Redis.
- `ringing` (`routing_rings.py`): a real Asterisk, callers in line, seats that come free.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any, Final

from callcenter.bench import routing_redis, routing_rings
from callcenter.bench.figures import Target, percentile, result, spread
from seats.policy import GroupPolicy, Order, Policy, Stage, When, Who
from seats.routing import Assignment, Router, Waiting
from seats.seat import Level, Seat, SeatState, SeatStatus

SEATS: Final = 2000
SKILLS: Final = tuple(f"skill{n}" for n in range(40))
CITIES: Final = tuple(f"22{n:02}00" for n in range(1, 23))
WAITING: Final = 2000
CURVE: Final = (100, 1_000, 10_000)
CHANGES: Final = 8_000
WAIT_S: Final = 300.0
_JOINS: Final = 0.44  # share of the changes
MOST_MS: Final = 5.0
MOST_GROWTH: Final = 1.5  # of the median, from 100 callers to 10,000
_START: Final = datetime(2026, 3, 2, 1, tzinfo=UTC)
_BUSY_GROUPS: Final = SKILLS[:10]  # with a policy of their own

_WIDENING: Final = (
    Stage(Who.CITY),
    Stage(Who.PROVINCIAL, when=When(queue_at_least=200)),
    Stage(Who.NEIGHBOURS, after_s=20),
    Stage(Who.PROVINCIAL, after_s=30),
    Stage(Who.MUNICIPAL, after_s=45),
    Stage(Who.CITY, after_s=60, by_catch_all=True),
    Stage(Who.PROVINCIAL, after_s=60, by_catch_all=True),
    Stage(Who.CALLBACK, after_s=600),
)
POLICY: Final = Policy(
    GroupPolicy(_WIDENING, sticky_days=30, sticky_s=20, language_s=10),
    {name: GroupPolicy(_WIDENING, Order.SKILL_LEVEL) for name in _BUSY_GROUPS},
    neighbours={city: CITIES[n - 2 : n] for n, city in enumerate(CITIES) if n >= 2},
)


async def run(*, cache: Path, say: Callable[[str], None], scale: float = 1.0) -> dict[str, Any]:
    """All rows; `scale` shortens the runs."""
    changes = max(500, round(CHANGES * scale))
    say(f"choosing among {SEATS:,} seats with {len(SKILLS)} skills")
    rows = [choosing(waiting, changes) for waiting in (*CURVE, WAITING)]
    rows.sort(key=lambda row: int(row["waiting"]))
    asked = next(row for row in rows if row["waiting"] == WAITING)
    growth = round(rows[-1]["p50_ms"] / rows[0]["p50_ms"], 2)
    reserving = await routing_redis.run(cache=cache, say=say, scale=scale)
    ringing = await routing_rings.run(cache=cache, say=say, scale=scale)
    return result(
        "routing",
        rows,
        [
            Target(f"p99 ms a change, {WAITING:,} callers", asked["p99_ms"], MOST_MS),
            Target("median at 10,000 callers / at 100", growth, MOST_GROWTH),
            *reserving.targets,
            *ringing.targets,
        ],
        reserving=reserving.rows,
        ringing=ringing.rows,
    )


def choosing(waiting: int, changes: int, seed: int = 1) -> dict[str, Any]:
    """One row: so many callers in line all the time, so many changes timed."""
    hall = _Hall(waiting, seed)
    gc.collect()
    gc.freeze()  # as the controller does once it serves
    try:
        for _ in range(changes // 20):  # to warm up: lines and choices are drawn up when asked for
            hall.change()
        times = [hall.change() for _ in range(changes)]
    finally:
        gc.unfreeze()
    every = spread([ms for _, ms in times])
    by_kind = {
        f"{kind}_p99_ms": round(percentile([ms for k, ms in times if k == kind], 0.99), 3)
        for kind in ("free", "join", "leave", "time")
    }
    return {"waiting": waiting, **every, **by_kind, "pairs": hall.pairs}


@dataclass
class _Hall:
    """Seats that are all busy, and callers who wait for them."""

    waiting: int
    seed: int
    pairs: int = 0

    def __post_init__(self) -> None:
        self._rng, self._now = Random(self.seed), _START
        self._step = timedelta(seconds=WAIT_S * _JOINS / self.waiting)
        self._seats = tuple(_seat(n, self._rng) for n in range(SEATS))
        self._router = Router(self._seats, POLICY)
        self._count, self._line = 0, dict[str, None]()
        for seat in self._seats:
            self._busy(seat.number)
        for _ in range(self.waiting):
            self._join(waited_s=self._rng.random() * WAIT_S)
        self._match()

    def change(self) -> tuple[str, float]:
        """One change and the match after it: its kind, milliseconds. Keeps the line's length."""
        dice = self._rng.random()
        short = len(self._line) < self.waiting
        kind = "time" if dice < 0.1 else "join" if short else "free" if dice < 0.9 else "leave"
        self._now += self._step
        act = {"time": self._nothing, "join": self._join, "free": self._free, "leave": self._leave}
        began = perf_counter()
        act[kind]()
        self._match()
        return kind, (perf_counter() - began) * 1000

    def _nothing(self) -> None:
        """Only time passes."""

    def _join(self, waited_s: float = 0.0) -> None:
        rng = self._rng
        self._count += 1
        call_id = f"c{self._count:07}"
        self._line[call_id] = None
        self._router.join(
            Waiting(
                call_id,
                rng.choice(SKILLS),
                rng.choice(CITIES) if rng.random() < 0.9 else None,
                "zh-CN" if rng.random() < 0.95 else "ko-KR",
                self._now - timedelta(seconds=waited_s),
                priority=300.0 if rng.random() < 0.1 else 0.0,
                sticky=rng.choice(self._seats).number if rng.random() < 0.1 else None,
            )
        )

    def _leave(self) -> None:
        call_id = next(iter(self._line))
        del self._line[call_id]
        self._router.leave(call_id)

    def _free(self) -> None:
        number = self._rng.choice(self._seats).number
        status = SeatStatus(number, SeatState.READY, self._now, 1, idle_since=self._now)
        self._router.seat_is(status)

    def _busy(self, number: str) -> None:
        self._router.seat_is(SeatStatus(number, SeatState.TALKING, self._now, 1))

    def _match(self) -> None:
        for one in self._router.match(self._now):
            if isinstance(one, Assignment):
                self.pairs += 1
                del self._line[one.call_id]
                self._busy(one.seat)


def _seat(n: int, rng: Random) -> Seat:
    is_municipal = n % 4 != 0
    skills = rng.sample(SKILLS, 3) + (["general"] if n % 5 == 0 else [])
    seat = Seat(
        number=str(10_000 + n),
        level=Level.MUNICIPAL if is_municipal else Level.PROVINCIAL,
        city=CITIES[n % len(CITIES)] if is_municipal else None,
        skills=frozenset(skills),
        languages=frozenset({"zh-CN", "ko-KR"} if n % 10 == 0 else {"zh-CN"}),
        name=str(n),
    )
    return replace(seat, levels={skills[0]: 5})
