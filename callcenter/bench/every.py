"""Every benchmark by its name."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

from callcenter.bench import ami, calls, desk, engine, flood, ivr, publish, routing, simulate
from callcenter.bench.figures import Target
from callcenter.bench.processes import machine_busy_s, own_busy_s


class Bench(Protocol):
    """One benchmark: `cache` holds Asterisk, `say` takes progress, `scale` shortens the run."""

    def __call__(
        self, *, cache: Path, say: Callable[[str], None], scale: float
    ) -> Awaitable[dict[str, Any]]:
        """The result, as `figures.result` makes it."""


async def _ami(*, cache: Path, say: Callable[[str], None], scale: float) -> dict[str, Any]:
    say("taking in recorded AMI events with each client")
    found = await asyncio.to_thread(ami.run, scale)
    rates = {row["client"]: row["events_per_cpu_s"] for row in found["rows"]}
    ours = rates["ours_filter"]
    others = [rate for name, rate in rates.items() if not name.startswith("ours")]
    aim = found.pop("target_events_per_s")
    targets = [Target("events per second of CPU", ours, aim, "higher")]
    if others:
        best = round(ours / max(others), 2)
        targets.append(Target("times the fastest other client", best, 1.0, "higher"))
    return {**found, "targets": [target.to_json() for target in targets]}


async def _ivr(*, cache: Path, say: Callable[[str], None], scale: float) -> dict[str, Any]:
    """Steps of the IVR, the engine alone, and flows published under callers."""
    found = await ivr.run(cache=cache, say=say, scale=scale)
    alone = await engine.run(cache=cache, say=say, scale=scale)
    published = await publish.run(cache=cache, say=say, scale=scale)
    return {
        **found,
        "targets": [*found["targets"], *alone["targets"], *published["targets"]],
        "engine": alone["rows"],
        "publishing": published["rows"],
    }


BENCHES: dict[str, Bench] = {
    "ivr": _ivr,
    "engine": engine.run,
    "publish": publish.run,
    "calls": calls.run,
    "ami": _ami,
    "desk": desk.run,
    "simulate": simulate.run,
    "routing": routing.run,
    "flood": flood.run,
}
ALL = [name for name in BENCHES if name not in ("engine", "publish")]  # `ivr` holds them


async def run(
    name: str, *, cache: Path, say: Callable[[str], None], scale: float
) -> dict[str, Any]:
    """One benchmark, with what the machine is and what else it did meanwhile."""
    busy, own = machine_busy_s(), own_busy_s()
    found = await BENCHES[name](cache=cache, say=say, scale=scale)
    busy, own = machine_busy_s() - busy, own_busy_s() - own
    return {
        **found,
        "scale": scale,
        "cores": os.cpu_count(),
        # Of all CPU that was used: what programs other than the benchmark's took.
        "cpu_share_of_others": round(max(0.0, 1 - own / busy), 2) if busy else 0.0,
    }
