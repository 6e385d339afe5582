"""Benchmark `publish`: flows are published and rolled back while 200 people are on the phone.

Real calls (SIPp, each recorded as in service) stand in the two menus of the bench and press a key
every 1.4 s; beside them new callers come all the time. Again and again a version is published or
rolled back as `hotline flow` does it, from another process, through the database.

- `decide_ms`: the command's work: read, check every flow of the release, write it down.
- `taken_up_ms`: from there to the controller's having it, by its log.
- `last_old_ms`: from there to the arrival of the last new caller who still got the release before,
  by the facts of the calls; 0 when there was none.
- `whole_ms`: the command, and the longer of these two.
- `step`: a key's reply leaves Asterisk → the next command has been carried out (`bench ivr`), with
  the same calls before any release, and while releases come and go.

A caller is disturbed when his call fails, ends, or leaves the menus, or when its facts tell of
another version than the one it began with.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from callcenter.bench.controller import FLOWS
from callcenter.bench.figures import Target, result, spread
from callcenter.bench.load import MEDIA_PORT, Calls, Counted, Load
from callcenter.bench.processes import cpu_s
from callcenter.bench.province import DIALLED
from callcenter.bench.rig import BENCH_CONTROLLER, Rig, Say
from callcenter.bench.wire import KEY, Tap, steps
from callcenter.flows.check import check_here
from callcenter.flows.desk import Done, FlowDesk
from callcenter.launch.child import LaunchFault
from reports.store import Store
from reports.tables import conversation

CALLERS, NEWCOMERS = f"{DIALLED}1", f"{DIALLED}2"  # told apart by the number they dial
COUNT = 200
ARRIVALS_S = 20.0  # callers a second, until all stand in the menu
KEY_EVERY_S = 1.4
KEYS = "971"  # two wrong ones, and one that leads to the other menu
NEW_S = 20.0  # new callers a second
STAY_S = 1.0  # how long each of them listens
QUIET_S = 8.0  # steps are measured for so long before
ROUNDS, ROUND_S = 6, 3.0
WINDOW_S = 1.5  # who arrives later may be asked for his flow after the next round only
SLACK_S = 1.5  # what the command itself may take in each round, on a busy machine
EFFECT_MS = 1000.0
_TAKEN_UP = re.compile(r"(?m)^(\S+) .*flows is taken up .*\brelease=(\d+)")
AUTHOR, REVIEWER = "压测甲", "压测乙"


@dataclass(frozen=True, slots=True)
class Round:
    """One publication or rollback: when it was decided, and what was heard before and after."""

    move: str
    release: int
    decide_ms: float
    at: datetime
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What the facts tell of one call."""

    arrived_at: datetime
    version: str | None
    is_over: bool
    left_the_menus: bool


async def run(*, cache: Path, say: Say, scale: float = 1.0) -> dict[str, Any]:
    """All rows; `scale` lessens the rounds."""
    rounds = max(2, round(ROUNDS * scale))
    settle_s = COUNT / ARRIVALS_S + 3
    busy_s = rounds * (ROUND_S + SLACK_S)
    async with Rig(cache=cache, seats=2, say=say, controller=BENCH_CONTROLLER) as rig:
        say(f"{COUNT} callers go into the menus")
        load = await rig.sipp.calls(_callers(settle_s + 10 + QUIET_S + busy_s + 15))
        await asyncio.sleep(settle_s)
        await _all_there(rig, load, 10)
        newcomers = _newcomers(2 + QUIET_S + busy_s)
        new = await rig.sipp.calls(newcomers)
        await asyncio.sleep(2)
        with Tap(rig.settings.agi.port) as quiet:
            await asyncio.sleep(QUIET_S)
        cpu, clock = cpu_s(rig.controller_pid), time.monotonic()
        say(f"publishing and rolling back, {rounds} times")
        with Tap(rig.settings.agi.port) as busy:
            made = await _rounds(rig, rounds)
        cpu, clock = cpu_s(rig.controller_pid) - cpu, time.monotonic() - clock
        await _all_there(rig, load, 3)
        loads = [await one.over(90, lambda _: None) for one in (new, load)]
        taken_up = _taken_up(rig.settings.home / "log" / "controller.log")
        facts = [await _facts(rig, NEWCOMERS, loads[0].good), await _facts(rig, CALLERS, COUNT)]
    rows = [_row(one, taken_up, facts[0]) for one in made]
    rows += [*_steps("before", quiet), *_steps("meanwhile", busy)]
    disturbed = COUNT - loads[1].good + sum(not _is_undisturbed(one) for one in facts[1])
    return result(
        "publish",
        rows,
        [
            Target("command to effect, slowest, ms", _slowest(rows), EFFECT_MS),
            Target("callers disturbed", disturbed + abs(COUNT - len(facts[1])), 0),
            Target("new calls failed or lost", _missing(newcomers, loads[0], facts[0]), 0),
        ],
        callers=COUNT,
        new_callers=len(facts[0]),
        controller_cores=round(cpu / clock, 2),
    )


def _callers(seconds: float) -> Calls:
    keys = tuple((KEY_EVERY_S, KEYS[n % len(KEYS)]) for n in range(int(seconds / KEY_EVERY_S)))
    return Calls(
        count=COUNT,
        rate=ARRIVALS_S,
        keys=keys,
        stays_s=KEY_EVERY_S,
        hangs_up=True,
        spread_s=KEY_EVERY_S,
        dialled=CALLERS,
    )


def _newcomers(seconds: float) -> Calls:
    return Calls(
        count=int(seconds * NEW_S),
        rate=NEW_S,
        stays_s=STAY_S,
        hangs_up=True,
        dialled=NEWCOMERS,
        media_port=MEDIA_PORT - 5_000,
    )


async def _rounds(rig: Rig, count: int) -> list[Round]:
    """Publish version 2, roll back, publish version 3, roll back, and so on."""
    made: list[Round] = []
    async with Store(rig.settings.database_url) as store:
        check = check_here(rig.settings.home, rig.settings.province)
        desk = FlowDesk(store, check, files=FLOWS)
        for number in range(count):
            if number % 2 == 0:
                version = await _reviewed(desk)
                made.append(await _one("publish", desk, _publishing(desk, version)))
            else:
                made.append(await _one("rollback", desk, _rolling_back(desk)))
            await asyncio.sleep(ROUND_S)
    return made


async def _reviewed(desk: FlowDesk) -> int:
    version = (await desk.book()).next_version("main")
    text = (FLOWS / "main.yaml").read_text("utf-8")
    text = text.replace("\nversion: 1\n", f"\nversion: {version}\n")
    await desk.submit(text.encode(), shown="main.yaml", author=AUTHOR, note="压测")
    await desk.review("main", version, by=REVIEWER)
    return version


def _publishing(desk: FlowDesk, version: int) -> Callable[[], Awaitable[Done]]:
    return lambda: desk.publish("main", version, by=REVIEWER, note="压测")


def _rolling_back(desk: FlowDesk) -> Callable[[], Awaitable[Done]]:
    return lambda: desk.rollback(0, by=REVIEWER)


async def _one(move: str, desk: FlowDesk, decide: Callable[[], Awaitable[Done]]) -> Round:
    before = (await desk.book()).releases[-1].flows["main"]
    clock = time.monotonic()
    release = (await decide()).change.release
    assert release is not None
    return Round(
        move=move,
        release=release.release,
        decide_ms=round(1000 * (time.monotonic() - clock), 1),
        at=datetime.now(UTC),
        before=str(before),
        after=str(release.flows["main"]),
    )


async def _facts(rig: Rig, dialled: str, count: int) -> list[Seen]:
    """What is written down of the calls to this number, once all of them have ended."""
    kept = conversation.c
    columns = (kept.arrived_at, kept.flow_version, kept.ended_at, kept.asked_at)
    query = select(*columns).where(kept.dialled == dialled).order_by(kept.arrived_at)
    found: list[Seen] = []
    async with Store(rig.settings.database_url) as store:
        for _ in range(30):
            async with store.reading() as connection:
                rows = (await connection.execute(query)).all()
            found = [Seen(at, version, bool(end), bool(asked)) for at, version, end, asked in rows]
            if len(found) >= count and all(one.is_over for one in found):
                break
            await asyncio.sleep(0.5)
    return found


def _is_undisturbed(call: Seen) -> bool:
    return call.version == "1" and call.is_over and not call.left_the_menus


def _missing(calls: Calls, counted: Counted, written: Sequence[Seen]) -> int:
    """Calls that SIPp did not bring to their end, or that are not written down as ended."""
    ended = sum(one.is_over for one in written)
    return max(calls.count - counted.good, abs(calls.count - ended))


def _taken_up(log: Path) -> dict[int, datetime]:
    """Release → when the controller took it up."""
    lines = _TAKEN_UP.findall(log.read_text("utf-8", "replace"))
    return {int(release): datetime.fromisoformat(at) for at, release in lines}


def _row(one: Round, taken_up: Mapping[int, datetime], new: Sequence[Seen]) -> dict[str, Any]:
    had = taken_up.get(one.release)
    took_ms = _ms(had - one.at) if had else 1000 * ROUND_S
    old_ms = last_old_ms(one, new)
    return {
        "what": one.move,
        "release": one.release,
        "decide_ms": one.decide_ms,
        "taken_up_ms": took_ms,
        "last_old_ms": old_ms,
        "whole_ms": round(one.decide_ms + max(took_ms, old_ms), 1),
    }


def _ms(span: timedelta) -> float:
    return round(1000 * max(0.0, span.total_seconds()), 1)


def last_old_ms(one: Round, new: Sequence[Seen]) -> float:
    """Milliseconds from the decision to the last arrival that got what was in force before."""
    window = [call for call in new if 0 < (call.arrived_at - one.at).total_seconds() < WINDOW_S]
    late = [call.arrived_at for call in window if call.version == one.before]
    if not any(call.version == one.after for call in window):
        return 1000 * ROUND_S  # nobody heard it in the time there was
    return _ms(max(late) - one.at) if late else 0.0


def _steps(when: str, tap: Tap) -> list[dict[str, Any]]:
    found = [step.round_ms for step in steps(tap.segments, reply=KEY)]
    if not found:
        raise LaunchFault(f"no step was seen on the wire {when}")
    return [{"what": f"step {when}", **spread(found)}]


def _slowest(rows: Sequence[dict[str, Any]]) -> float:
    return max(float(row["whole_ms"]) for row in rows if "whole_ms" in row)


async def _all_there(rig: Rig, load: Load, within_s: float) -> None:
    what = f"{COUNT} callers stand in the menus"
    await rig.wait_for(lambda: load.counted().current == COUNT, within_s, what)
