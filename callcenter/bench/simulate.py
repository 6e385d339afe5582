"""Benchmark `simulate`: how true the simulator is, and how fast.

- `year`: a year of Jilin, 438,000 calls and 28 seats, under the demo province's policy with every
  rule: shifts, lawyers who know the caller, special groups, languages, rings that nobody takes,
  callbacks, an outside line. CPU seconds of one core; memory is the most that the process held.
- `rows`: the grid of loads, a million calls each, against Erlang C and A: how far off mean wait and
  abandonment are, and by how much they may be off by chance (standard error, control variates as in
  `seats.simulation.closed_forms`). Within 2 %, and no more than 1 of 20 outside 99 % intervals
  would be bad luck.
- `peer`: the same calls in SimPy, which knows one pool of seats and none of our rules.
"""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any, Final

import numpy as np

from callcenter.bench.figures import Target, result
from callcenter.bench.simulate_peer import NoPeer, waits_in_simpy
from callcenter.province import load_province
from callcenter.settings import DEMO_PROVINCE
from callcenter.simulating.past import Period
from callcenter.simulating.plan import Change
from callcenter.simulating.run import Wanted, get_ready, simulated
from seats.simulation.closed_forms import CALLS, LOADS, SEATS, compared, drawn_calls, same_seats
from seats.simulation.figures import estimate
from seats.simulation.play import play

MOST_YEAR_S: Final = 20.0
MOST_OFF: Final = 0.02
PATIENCE_S: Final = 300.0
SEED: Final = 12348
PEER_CALLS: Final = 200_000
PEER_LOAD: Final = 0.8
_FEWEST: Final = 20_000  # calls of a case, however much the run is shortened


async def run(*, cache: Path, say: Callable[[str], None], scale: float) -> dict[str, Any]:
    """All rows; `scale` shortens the runs."""
    return await asyncio.to_thread(measured, say, scale)


def measured(say: Callable[[str], None], scale: float = 1.0) -> dict[str, Any]:
    """Rows and targets; a year shortened is told as if it were whole."""
    say("a year of Jilin, every rule")
    year = _year(scale)
    calls = max(_FEWEST, int(CALLS * scale))
    rows = []
    for patience_s in (None, PATIENCE_S):
        for load in LOADS:
            say(f"{calls:,} calls at load {load}, patience {patience_s or 'endless'}")
            rows.append(_case(load, patience_s, calls))
    say("the same calls in SimPy")
    peer = _peer(max(_FEWEST, int(PEER_CALLS * scale)))
    off = [abs(row[name]) for row in rows for name in ("wait_off", "lost_off") if row[name]]
    targets = [
        Target("a year of Jilin, CPU s", year["cpu_s_of_a_year"], MOST_YEAR_S),
        Target("farthest off Erlang, share", max(off), MOST_OFF),
    ]
    return result("simulate", rows, targets, year=[year], peer=peer)


def _year(scale: float) -> dict[str, Any]:
    province = load_province(DEMO_PROVINCE)
    wanted = Wanted(None, Period(), min(scale, 1.0), SEED, Change(), [(None, None)])
    ready = get_ready(wanted, province, DEMO_PROVINCE)
    began = process_time()
    told, _ = simulated(wanted, ready, province, lambda done: None)
    cpu_s = process_time() - began
    total = told["runs"][0]["total"]
    return {
        "calls": total["calls"],
        "seats": len(told["runs"][0]["seats"]),
        "cpu_s": round(cpu_s, 2),
        "cpu_s_of_a_year": round(cpu_s / min(scale, 1.0), 2),
        "us_a_call": round(cpu_s / total["calls"] * 1e6, 1),
        "memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "answer_rate": total["answer_rate"],
    }


def _case(load: float, patience_s: float | None, calls: int) -> dict[str, Any]:
    began = process_time()
    found = {each.what: each for each in compared(load, patience_s, calls=calls, seed=SEED)}
    cpu_s = process_time() - began
    wait, lost = found["wait"], found.get("abandoned")
    return {
        "formula": "Erlang C" if patience_s is None else f"Erlang A, patience {patience_s:g} s",
        "seats": SEATS,
        "load": load,
        "calls": calls,
        "wait_s": round(wait.estimate.value, 3),
        "wait_exact_s": round(wait.theory, 3),
        "wait_off": round(wait.off, 5),
        "wait_error": round(wait.estimate.error / wait.theory, 5),
        "lost": round(lost.estimate.value, 6) if lost else None,
        "lost_exact": round(lost.theory, 6) if lost else None,
        "lost_off": round(lost.off, 5) if lost else None,
        "lost_error": round(lost.estimate.error / lost.theory, 5) if lost else None,
        "in_99": all(each.is_inside for each in found.values()),
        "us_a_call": round(cpu_s / calls * 1e6, 1),
    }


def _peer(calls: int) -> list[dict[str, Any]]:
    drawn = drawn_calls(PEER_LOAD, PATIENCE_S, calls=calls, seats=SEATS, seed=SEED)
    began = process_time()
    ours = play(drawn, same_seats(SEATS)).wait_s
    ours_s = process_time() - began
    rows = [_speed("ours, through the router", calls, ours_s, ours)]
    began = process_time()
    try:
        theirs = waits_in_simpy(drawn, SEATS)
    except NoPeer:
        return rows
    theirs_s = process_time() - began
    rows.append(_speed("SimPy, one pool", calls, theirs_s, theirs))
    for row in rows:
        row["times_simpy"] = round(row["calls_per_cpu_s"] / rows[1]["calls_per_cpu_s"], 2)
        row["waits_differ_s"] = round(float(np.abs(ours - theirs).max()), 5)
    return rows


def _speed(name: str, calls: int, cpu_s: float, waits: Any) -> dict[str, Any]:
    mean = estimate(waits)
    return {
        "simulator": name,
        "calls": calls,
        "calls_per_cpu_s": round(calls / cpu_s),
        "wait_s": round(mean.value, 3) if mean else None,
    }
