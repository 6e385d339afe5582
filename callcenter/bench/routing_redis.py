"""Seats reserved through Redis by four controllers at once: a part of benchmark `routing`."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callcenter.bench import routing_controller
from callcenter.bench.figures import Target, percentile, spread
from callcenter.launch.child import Keeper
from callcenter.launch.plan import redis_child
from callcenter.settings import Settings

CONTROLLERS = 4
RATE = 50.0  # a second and controller: 200 together, while 2,000 seats end 7 talks a second
SECONDS = 8.0
MOST_MS = 3.0


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
    argv = (sys.executable, "-m", routing_controller.__name__, url)
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
