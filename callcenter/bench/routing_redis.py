"""Seats reserved through Redis by four controllers at once: a part of benchmark `routing`.

`python -m callcenter.bench.routing_redis URL NUMBER SECONDS RATE` is one controller: it prints
`ready`, waits for a line on standard input, reserves seats that it takes for ready and lets them
go again, and prints what it did as JSON. RATE 0: one reservation after another. Beside each it
sends a bare PING, which tells what the machine alone takes.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

import uvloop
from redis.asyncio import Redis

from callcenter.bench.figures import Target, percentile, spread
from callcenter.launch.child import Keeper
from callcenter.launch.plan import redis_child
from callcenter.settings import Settings
from seats.board import Board
from seats.moves import move
from seats.seat import Change, SeatState, SeatStatus

CONTROLLERS = 4
SEATS = 2000
RATE = 50.0  # a second and controller: 200 together, while 2,000 seats end 7 talks a second
SECONDS = 8.0
MOST_MS = 3.0
_LEASE_S = 25.0


@dataclass(frozen=True)
class Part:
    """Rows and targets of a part of the benchmark."""

    rows: list[dict[str, Any]]
    targets: list[Target]


async def run(*, cache: Path, say: Callable[[str], None], scale: float) -> Part:
    """At a rate that no hotline has, and as fast as they can."""
    seconds = max(1.0, SECONDS * scale)
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as place:
        settings = Settings.model_validate({"home": Path(place), "cache": cache})
        redis = Keeper(redis_child(settings), say=say)
        await redis.start()
        try:
            rows = []
            for rate in (RATE, 0.0):
                name = f"{rate:g}/s each" if rate else "as fast as they can"
                say(f"reserving, {CONTROLLERS} controllers, {name}")
                told = await _together(settings.redis_url or "", seconds, rate)
                rows.append({"pace": name, **account(told)})
        finally:
            await redis.stop()
    worst = rows[0]["p99_ms"]
    doubled = sum(row["given_twice"] for row in rows)
    return Part(
        rows,
        [
            Target(f"p99 ms a reservation, {CONTROLLERS} controllers", worst, MOST_MS),
            Target("seats given twice", doubled, 0),
        ],
    )


def account(told: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """One row from what the controllers print: `ms` of each, `given` (seat and version), lost."""
    told = list(told)
    given = Counter(tuple(one) for each in told for one in each["given"])
    return {
        "controllers": len(told),
        "a_second": round(sum(len(each["ms"]) / each["seconds"] for each in told)),
        **spread([ms for each in told for ms in each["ms"]]),
        "ping_p99_ms": round(percentile([ms for each in told for ms in each["ping_ms"]], 0.99), 3),
        "granted": given.total(),
        "refused": sum(each["refused"] for each in told),
        "given_twice": sum(count - 1 for count in given.values()),
    }


async def _together(url: str, seconds: float, rate: float) -> list[dict[str, Any]]:
    argv = (sys.executable, "-m", __name__, url)
    processes = [
        await asyncio.create_subprocess_exec(
            *(*argv, str(n), str(seconds), str(rate)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=1 << 26,
        )
        for n in range(CONTROLLERS)
    ]
    try:
        async with asyncio.timeout(seconds + 60):
            for process in processes:
                assert process.stdout is not None
                await process.stdout.readline()
            said = await asyncio.gather(*(one.communicate(b"go\n") for one in processes))
    finally:
        for process in processes:
            if process.returncode is None:
                process.kill()
                await process.wait()
    return [json.loads(out) for out, _ in said]


class _Controller:
    """Reserves at random what it takes for ready."""

    def __init__(self, url: str, number: int) -> None:
        self._board = Board(url, namespace="bench", controller=f"c{number}")
        self._rng = Random(number)
        self._number = number
        self._redis: Redis = Redis.from_url(url)
        self._ms: list[float] = []
        self._ping_ms: list[float] = []
        self._given: list[tuple[str, int]] = []
        self._refused = 0

    async def serve(self, seconds: float, rate: float) -> None:
        """Every seat ready, at the word the work, then the account."""
        if self._number == 0:
            for n in range(SEATS):
                now = datetime.now(UTC)
                seat = SeatStatus(str(10_000 + n), SeatState.READY, now, 1, is_registered=True)
                self._board.save_seat(seat)
        await self._board.start()
        writing = asyncio.create_task(self._board.run())
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        await self._board.load_seats()
        began = perf_counter()
        await self._work(began + seconds, rate)
        taken = perf_counter() - began
        writing.cancel()
        await self._board.close()
        await self._redis.aclose()
        account = {"ms": self._ms, "ping_ms": self._ping_ms, "given": self._given}
        print(json.dumps({**account, "refused": self._refused, "seconds": taken}), flush=True)

    async def _work(self, until: float, rate: float) -> None:
        due = perf_counter()
        while (now := perf_counter()) < until:
            if rate:
                due += self._rng.expovariate(rate)
                await asyncio.sleep(max(0.0, due - now))
            await self._one()

    async def _one(self) -> None:
        began = perf_counter()
        await self._redis.ping()
        self._ping_ms.append(round((perf_counter() - began) * 1000, 4))
        ready = [s for s in self._board.seats.values() if s.state is SeatState.READY]
        seat, call_id = self._rng.choice(ready), f"{self._number}.{len(self._ms)}"
        began = perf_counter()
        granted = await self._board.reserve(seat.number, call_id, seat.version, _LEASE_S)
        self._ms.append(round((perf_counter() - began) * 1000, 4))
        if granted:
            held = self._board.seats[seat.number]
            self._given.append((held.number, held.version))
            self._board.save_seat(move(held, Change.RELEASED, datetime.now(UTC), call_id=call_id))
        else:
            self._refused += 1


def main() -> None:
    """Run as told by the command line."""
    url, number, seconds, rate = sys.argv[1:]
    uvloop.run(_Controller(url, int(number)).serve(float(seconds), float(rate)))


if __name__ == "__main__":
    main()
