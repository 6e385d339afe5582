"""One of several controllers that reserve seats at once (callcenter.bench.routing_redis).

`python -m callcenter.bench.routing_controller URL NUMBER SECONDS RATE` prints `ready`, waits for a
line on standard input, reserves seats that it takes for ready and lets them go again, and prints
what it did as JSON. RATE 0: one reservation after another. Beside each it sends a bare PING, which
tells what the machine alone takes.
"""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime
from random import Random
from time import perf_counter

import uvloop
from redis.asyncio import Redis

from seats.board import Board
from seats.moves import move
from seats.seat import Change, SeatState, SeatStatus

SEATS = 2000
_LEASE_S = 25.0


class Controller:
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
    uvloop.run(Controller(url, int(number)).serve(float(seconds), float(rate)))


if __name__ == "__main__":
    main()
