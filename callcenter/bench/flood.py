"""Benchmark `flood`: what a call costs that is hung up on at the entrance, and the choice alone.

One number calls far more often than it may. Its first call is let in and one hears the
announcement; the others are answered, hung up on without a word and written down. Measured: CPU of
Asterisk and controller, user and system, per call, less what both use when nobody calls; how many
the database has as blocked; and the gate by itself, in CPU of one core, with one number that floods
and with as many numbers as calls.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from callcenter.admission.gate import Gate, Limits
from callcenter.bench.figures import Target, result
from callcenter.bench.load import Calls
from callcenter.bench.processes import cpu_s
from callcenter.bench.rig import Rig, Say
from reports import tables
from reports.store import Store

RATES = (20.0, 50.0)  # calls a second
SECONDS = 15.0
STAYS_S = 3.0  # whoever is not hung up on
KNOCKS = 100_000
IDLE_S = 5.0
CONTROLLER_MS, KNOCK_US = 5.0, 20.0
LIMITS = {"number_a_minute": 1, "number_at_once": 1}


async def run(*, cache: Path, say: Say, scale: float = 1.0) -> dict[str, Any]:
    """All rows; `scale` shortens the runs."""
    gates = _gates(max(1000, int(KNOCKS * scale)))
    rows = []
    async with Rig(cache=cache, seats=2, say=say, limits=LIMITS) as rig:
        pids = (rig.asterisk_pid, rig.controller_pid)
        await _flood(rig, RATES[0], 2.0, (0.0, 0.0))  # what is done once is done
        before = [cpu_s(pid) for pid in pids]
        await asyncio.sleep(IDLE_S)
        idle = tuple((cpu_s(pid) - was) / IDLE_S for pid, was in zip(pids, before, strict=True))
        for rate in RATES:
            say(f"one number calls {rate:g} times a second")
            rows.append(await _flood(rig, rate, max(4.0, SECONDS * scale), idle))
    worst = max(row["controller_cpu_ms"] for row in rows)
    lost = sum(row["lost"] for row in rows)
    return result(
        "flood",
        [*rows, *gates],
        [
            Target("ms of the controller's CPU per refused call", worst, CONTROLLER_MS),
            Target("refused calls that are not written down", lost, 0),
            Target("µs of CPU per choice", max(row["knock_us"] for row in gates), KNOCK_US),
        ],
    )


async def _flood(rig: Rig, rate: float, seconds: float, idle: tuple[float, ...]) -> dict[str, Any]:
    """`idle`: cores that Asterisk and controller use when nobody calls."""
    began = time.monotonic()
    pids = (rig.asterisk_pid, rig.controller_pid)
    before, told = [cpu_s(pid) for pid in pids], await _blocked(rig)
    calls = Calls(count=round(rate * seconds), rate=rate, stays_s=STAYS_S, hangs_up=True)
    load = await rig.sipp.calls(calls)
    counted = await load.over(seconds + 60, lambda _: None)
    blocked = 0
    for _ in range(40):
        blocked = await _blocked(rig) - told
        if blocked >= calls.count - 1:
            break
        await asyncio.sleep(0.5)
    took_s = time.monotonic() - began
    used = [
        cpu_s(pid) - was - took_s * none for pid, was, none in zip(pids, before, idle, strict=True)
    ]
    return {
        "what": "one number floods",
        "rate": rate,
        "calls": calls.count,
        "failed": calls.count - counted.good,
        "blocked": blocked,
        "lost": max(0, calls.count - 1 - blocked),  # one may be let in
        "asterisk_cpu_ms": round(1000 * used[0] / calls.count, 2),
        "controller_cpu_ms": round(1000 * used[1] / calls.count, 2),
    }


async def _blocked(rig: Rig) -> int:
    call = tables.conversation.c
    query = select(func.count()).where(call.end_stage == "blocked", call.ended_at.is_not(None))
    async with Store(rig.settings.database_url) as store, store.reading() as connection:
        return int((await connection.execute(query)).scalar_one())


def _gates(knocks: int) -> list[dict[str, Any]]:
    return [_knock("gate: one number", knocks, 1), _knock("gate: many numbers", knocks, knocks)]


def _knock(what: str, knocks: int, numbers: int) -> dict[str, Any]:
    gate = Gate(Limits(number_a_minute=30, number_at_once=20), blacklist={"x": 1})
    names = [f"+8643155{n % numbers:06d}" for n in range(knocks)]
    began = time.process_time()
    for n, name in enumerate(names):
        gate.knock(str(n), name, "demo", n / 1000)
        gate.gone(str(n))
    used = time.process_time() - began
    return {"what": what, "calls": knocks, "knock_us": round(1e6 * used / knocks, 2)}
