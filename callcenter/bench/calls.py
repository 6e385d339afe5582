"""Benchmark `calls`: whole calls through Asterisk and our controller, beside bare Asterisk.

All on this machine, callers and seats (SIPp) too. SIPp's ends send keys by RFC 4733 and no other
audio; Asterisk sends its prompts and music to them. A call of each kind:

- `hotline`: greeting, menu key, waiting line, a seat chosen, rung (0.2 s), answered, both told who
  the other is, short talk, the seat hangs up 6 s after its answer, rating key, thanks, farewell,
  hang-up by the hotline. Recorded as in service (caller, what he hears, the seat's leg in wide
  band), live state in Redis, facts in SQLite. Good when SIPp went through it, the database has it
  ended, answered by a seat and rated 1, and no call is missing or there twice.
- `bare Answer+Dial`: Answer, Dial to the same SIPp seats, which hang up after the same 6 s. No
  prompt, no key, no recording, no controller, no facts.
- `bare, same media`: the hotline's call as a dialplan alone would serve it: the same prompts, keys,
  announcements and recordings, no waiting line, no controller, no facts. What Asterisk needs for
  the media of such a call, whoever steers it.

Each kind runs at growing rates (a quarter more each time) until a call fails, is lost, or SIPp no
longer reaches the rate; bare Asterisk begins where the hotline ended.
CPU is of the process, user and system, per call. Memory is what the controller has grown by with
so many callers in the waiting line and no seat registered.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from callcenter.bench import told
from callcenter.bench.bare import DIAL, WHOLE_CALL
from callcenter.bench.figures import Target, result
from callcenter.bench.load import Calls, Load
from callcenter.bench.processes import cpu_s, rss_bytes
from callcenter.bench.province import BARE_HOST, DIALLED
from callcenter.bench.rig import Rig, Say
from reports.store import Store

SEATS = 420
RATE, SECONDS = 20.0, 60.0  # the target
STEP_S = 15.0  # at each of the growing rates
GROWTH = 1.25  # from one rate to the next
MOST_STEPS = 12
ANSWER_S, STAY_S = 0.2, 6.0
MENU_KEY, RATING_KEY = "2", "1"
WAITING = 500
LONGEST_S = 45.0  # a call that is not over so long after its keys has failed
KB_PER_CALL = 50.0

# The menu key while the greeting plays; the rating key from when the seat may have hung up, once
# a second, as callers do who do not listen to the end: the first that the survey hears counts.
_KEYS = ((0.7, MENU_KEY), (ANSWER_S + STAY_S + 0.8, RATING_KEY), *([(1.0, RATING_KEY)] * 12))


@dataclass(frozen=True, kw_only=True)
class Row:
    """One kind of call at one rate. CPU in milliseconds a call.

    lost: calls that SIPp holds for good and the facts do not, or the other way round. others_cores:
    what programs that are not the benchmark's took meanwhile, in cores.
    """

    kind: str
    rate: float
    seconds: float
    calls: int
    reached_rate: float
    failed: int
    lost: int
    asterisk_cpu_ms: float
    controller_cpu_ms: float
    others_cores: float = 0.0
    offer_p99_ms: float | None = None

    @property
    def is_good(self) -> bool:
        """None failed, none lost, and SIPp kept its rate within 3 %."""
        return not self.failed and not self.lost and self.reached_rate >= 0.97 * self.rate


async def run(*, cache: Path, say: Say, scale: float = 1.0) -> dict[str, Any]:
    """All rows; `scale` shortens the runs."""
    async with Rig(cache=cache, seats=2, say=say) as rig:
        memory = await _memory(rig, max(20, int(WAITING * scale)), say)
    async with Rig(cache=cache, seats=SEATS, say=say) as rig:
        bench = _Bench(rig, say)
        await bench.seats_come()
        rows = [await bench.hotline(RATE, SECONDS * scale)]
        step_s = max(8.0, STEP_S * scale)
        if rows[0].is_good:
            rows += await _climb(RATE * GROWTH, lambda rate: bench.hotline(rate, step_s))
        start = max(RATE, highest(rows))
        whole = await _climb(start, lambda rate: bench.bare(WHOLE_CALL, rate, step_s))
        plain = await _climb(start, lambda rate: bench.bare(DIAL, rate, step_s))
    return account(rows, whole, plain, memory)


def account(
    ours: list[Row], whole: list[Row], plain: list[Row], memory: dict[str, Any]
) -> dict[str, Any]:
    """The result of rows in the order of their rates; `memory` as `_memory` gives it."""
    first = ours[0]
    best, best_whole, best_plain = highest(ours), highest(whole), highest(plain)
    share = round(best / best_plain, 3) if best_plain else 0.0
    rows = [{**asdict(row), "good": row.is_good} for row in (*ours, *whole, *plain)]
    cpu = round(first.controller_cpu_ms / first.asterisk_cpu_ms, 3)
    return result(
        "calls",
        rows,
        [
            Target(f"failed or lost at {first.rate:g}/s", first.failed + first.lost, 0),
            Target(
                f"rate kept of {first.rate:g}/s", first.reached_rate, 0.97 * first.rate, "higher"
            ),
            Target("share of bare Answer+Dial", share, 0.5, "higher"),
            Target("controller CPU / Asterisk CPU", cpu, 1.0),
            Target("KB per waiting call", memory["kb_per_waiting_call"], KB_PER_CALL),
        ],
        highest_rate={
            "hotline": best,
            "bare, same media": best_whole,
            "bare Answer+Dial": best_plain,
        },
        share_of_same_media=round(best / best_whole, 3) if best_whole else 0.0,
        memory=memory,
        seats=SEATS,
    )


def highest(rows: Iterable[Row]) -> float:
    """The highest good rate, in calls a second as asked; 0 when none was good."""
    return max((row.rate for row in rows if row.is_good), default=0.0)


async def _climb(start: float, one: Callable[[float], Awaitable[Row]]) -> list[Row]:
    """Rows at growing rates, up to the first that is not good."""
    rows: list[Row] = []
    rate = start
    while len(rows) < MOST_STEPS and (not rows or rows[-1].is_good):
        rows.append(await one(round(rate)))
        rate *= GROWTH
    return rows


async def _memory(rig: Rig, callers: int, say: Say) -> dict[str, Any]:
    """What the controller holds with none and with so many callers in line."""
    calls = Calls(count=callers, rate=RATE, keys=((0.7, MENU_KEY),), stays_s=600, hangs_up=True)
    say(f"{callers} callers go into the waiting line")
    warm = await rig.sipp.calls(Calls(**{**vars(calls), "count": 20, "stays_s": 3}))
    await warm.over(30, lambda _: None)
    await asyncio.sleep(8)  # facts written, recordings closed
    empty = rss_bytes(rig.controller_pid)
    await rig.sipp.calls(calls)
    waiting = 0
    for _ in range(int(callers / RATE) + 60):
        await asyncio.sleep(1)
        waiting = (await told.live(rig.settings))["waiting"]
        if waiting == callers:
            break
    full = rss_bytes(rig.controller_pid)
    return {
        "waiting": waiting,
        "rss_mb_none": round(empty / 1e6, 1),
        "rss_mb_waiting": round(full / 1e6, 1),
        "kb_per_waiting_call": round((full - empty) / 1000 / max(1, waiting), 1),
    }


class _Bench:
    """Runs one kind of call at one rate after another on one rig."""

    def __init__(self, rig: Rig, say: Say) -> None:
        self._rig = rig
        self._say = say
        self._runs = 0

    async def seats_come(self) -> None:
        """Every seat registers and is ready."""
        self._say(f"{SEATS} seats register")
        await self._rig.seats_register()
        await self._rig.sipp.seats(answer_after_s=ANSWER_S, stays_s=STAY_S)
        for _ in range(60):
            seats = (await told.live(self._rig.settings))["seats"]
            ready = sum(seat["state"] == "ready" for seat in seats)
            if ready == SEATS:
                return
            await asyncio.sleep(1)
        self._say(f"only {ready} seats are ready")

    async def hotline(self, rate: float, seconds: float) -> Row:
        """The whole call through the controller; a number of its own tells its facts apart."""
        self._runs += 1
        dialled = f"{DIALLED}{self._runs:03}"
        calls = Calls(
            count=round(rate * seconds), rate=rate, keys=_KEYS, stays_s=LONGEST_S, dialled=dialled
        )
        return await self._one("hotline", calls, facts_of=dialled)

    async def bare(self, extension: str, rate: float, seconds: float) -> Row:
        """A call of bare Asterisk."""
        is_whole = extension == WHOLE_CALL
        calls = Calls(
            count=round(rate * seconds),
            rate=rate,
            keys=_KEYS if is_whole else (),
            stays_s=LONGEST_S,
            dialled=extension,
            host=BARE_HOST,
        )
        return await self._one("bare, same media" if is_whole else "bare Answer+Dial", calls)

    async def _one(self, kind: str, calls: Calls, *, facts_of: str | None = None) -> Row:
        pids = (self._rig.asterisk_pid, self._rig.controller_pid)
        before = [cpu_s(pid) for pid in pids]
        clock, others = time.monotonic(), self._rig.others_cpu_s()
        self._say(f"{kind}: {calls.count} calls at {calls.rate:g}/s")
        load = await self._rig.sipp.calls(calls)
        counted = await load.over(calls.count / calls.rate + 90, lambda _: None)
        whole, offer_p99_ms = counted.good, None
        if facts_of is not None:
            async with Store(self._rig.settings.database_url) as store:
                found = await told.all_facts(store, facts_of, calls.count, within_s=20)
            whole = min(found.ended, found.answered, found.rated)
            offer_p99_ms = found.offer_p99_ms
        used = [cpu_s(pid) - was for pid, was in zip(pids, before, strict=True)]
        others = (self._rig.others_cpu_s() - others) / (time.monotonic() - clock)
        row = Row(
            kind=kind,
            rate=calls.rate,
            seconds=round(calls.count / calls.rate, 1),
            calls=calls.count,
            reached_rate=round(load.reached_rate(), 1),
            failed=calls.count - counted.good,
            lost=abs(counted.good - whole),
            asterisk_cpu_ms=round(1000 * used[0] / calls.count, 1),
            controller_cpu_ms=round(1000 * used[1] / calls.count, 1),
            others_cores=round(max(0.0, others), 2),
            offer_p99_ms=offer_p99_ms,
        )
        self._say(_sentence(row, load))
        self._forget_recordings()
        return row

    def _forget_recordings(self) -> None:
        """They would fill the disk: half a megabyte a call."""
        folder = self._rig.settings.home / "recordings"
        for one in folder.iterdir():
            shutil.rmtree(one, ignore_errors=True)


def _sentence(row: Row, load: Load) -> str:
    told_of = f"  {row.failed} failed, {row.lost} lost, {row.reached_rate:g}/s reached"
    return told_of + (f"; SIPp: {load.complaint()}" if row.failed else "")
