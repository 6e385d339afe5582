"""Benchmark `ivr`: one step of the IVR through our controller, with many callers in the menu.

Real calls (SIPp, 127.0.0.2, each recorded as in service) stand in two menus and press a key every
1.4 s, wrong and right ones in turn, each caller at a time of his own. Each key is one whole step:
the rules run, the live state is saved, the facts are spooled when they changed, the next command is
written. Times are the kernel's, of the AGI segments on loopback, so they hold everything between
the two sockets, the wait for the event loop too.

- `controller think`: the key's reply leaves Asterisk → the next command leaves the controller.
- `controller step`: the key's reply leaves Asterisk → that command has been carried out and its
  answer leaves Asterisk. The command is a NOOP, which Asterisk answers at once; the prompt (which
  takes its time) comes after it. In service the prompt comes at once, and every 20 s a renewal of
  the lease before it: the NOOP stands in its place.

Beside it, in the same run and under the same calls, by a client that does nothing (`floor.py`):

- `bare FastAGI think`, `bare FastAGI step`: the same pattern and the same command, measured in the
  same way on the wire. The step is the floor of this machine: what is above it is ours.
- `bare FastAGI NOOP in a burst`: Asterisk's own floor, when both sides are awake already.
- `AsyncAGI NOOP`: an AMI action and its event, as most drivers in Python steer calls, for a caller
  who sends no audio and for one who does.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from callcenter.bench.bare import ASYNC
from callcenter.bench.figures import Target, result, spread
from callcenter.bench.load import Calls, Load, free_ports
from callcenter.bench.processes import cpu_s
from callcenter.bench.province import BARE_HOST
from callcenter.bench.rig import BENCH_CONTROLLER, Rig, Say
from callcenter.bench.wire import KEY, NOTHING, Step, Tap, steps
from callcenter.launch.child import LaunchFault

CALLERS = 100
ARRIVALS_S = 20.0  # callers a second, until all stand in the menu
KEY_EVERY_S = 1.4
KEYS = "971"  # two wrong ones, and one that leads to the other menu
MEASURE_S = 30.0
PROBE_S = 10.0
P50_MS, P99_MS = 0.5, 3.0


async def run(*, cache: Path, say: Say, scale: float = 1.0) -> dict[str, Any]:
    """All rows; `scale` shortens the run."""
    measure_s, probe_s = MEASURE_S * scale, PROBE_S * scale
    settle_s = CALLERS / ARRIVALS_S + 2
    whole_s = settle_s + measure_s + 5 * probe_s + 20
    keys = tuple((KEY_EVERY_S, KEYS[n % len(KEYS)]) for n in range(int(whole_s / KEY_EVERY_S)))
    callers = Calls(
        count=CALLERS,
        rate=ARRIVALS_S,
        keys=keys,
        stays_s=KEY_EVERY_S,
        hangs_up=True,
        spread_s=KEY_EVERY_S,
    )
    async with Rig(cache=cache, seats=2, say=say, controller=BENCH_CONTROLLER) as rig:
        load = await rig.sipp.calls(callers)
        say(f"{CALLERS} callers go into the menu")
        await asyncio.sleep(settle_s)
        before = cpu_s(rig.controller_pid)
        say(f"measuring their steps for {measure_s:.0f} s")
        with Tap(rig.settings.agi.port) as tap:
            await asyncio.sleep(measure_s)
        cpu = cpu_s(rig.controller_pid) - before
        _all_there(load)
        rows = await _probes(rig, probe_s, say)
        _all_there(load)
    found = steps(tap.segments, reply=KEY)
    rows = [*_on_the_wire("controller", found), *rows]
    floor = next(row["p50_ms"] for row in rows if row["way"] == "bare FastAGI step")
    for row in rows:
        row["times_floor_p50"] = round(row["p50_ms"] / floor, 2)
    whole = rows[1]
    return result(
        "ivr",
        rows,
        [
            Target("step p50 ms", whole["p50_ms"], P50_MS),
            Target("step p99 ms", whole["p99_ms"], P99_MS),
        ],
        callers=CALLERS,
        steps_per_s=round(len(found) / measure_s, 1),
        controller_cpu_ms_per_step=round(1000 * cpu / max(1, len(found)), 3),
    )


def _on_the_wire(who: str, found: list[Step]) -> list[dict[str, Any]]:
    if not found:
        raise LaunchFault(f"no step of the {who} was seen on the wire")
    return [
        {"way": f"{who} think", **spread([step.think_ms for step in found])},
        {"way": f"{who} step", **spread([step.round_ms for step in found])},
    ]


async def _probes(rig: Rig, seconds: float, say: Say) -> list[dict[str, Any]]:
    """Rows of the ways beside ours."""
    say("measuring bare FastAGI and AsyncAGI beside them")
    (port,) = free_ports(1)
    bare = Calls(count=1, rate=1, dialled=str(port))
    with Tap(port) as tap:
        await _probe(rig, "steps", port, seconds, bare)
    floor = steps(tap.segments, reply=NOTHING)
    rows = _on_the_wire("bare FastAGI", floor)
    silent = Calls(count=1, rate=1, dialled=ASYNC)
    sounding = Calls(count=1, rate=1, dialled=ASYNC, sound=_sound(rig.settings.home))
    ami = rig.settings.ami.port
    for name, way, at, call in (
        ("bare FastAGI NOOP in a burst", "burst", port, bare),
        ("AsyncAGI NOOP, caller silent", "async", ami, silent),
        ("AsyncAGI NOOP, caller sounds", "async", ami, sounding),
    ):
        rows.append({"way": name, **spread(await _probe(rig, way, at, seconds, call))})
    return rows


async def _probe(rig: Rig, way: str, port: int, seconds: float, calls: Calls) -> list[float]:
    """Call the probe by one call of bare Asterisk; what it measured."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "callcenter.bench.floor", way, str(port), str(seconds)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(seconds + 40):
            await process.stdout.readline()  # it listens
            far = Calls(**{**vars(calls), "host": BARE_HOST, "stays_s": 600.0})
            load = await rig.sipp.calls(far)
            said = await process.stdout.read()
            await load.stop()
    except TimeoutError:
        raise LaunchFault(f"the {way} probe did not end") from None
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
    if not said:
        raise LaunchFault(f"the {way} probe measured nothing: {load.complaint()}")
    return [float(value) for value in json.loads(said)]


def _all_there(load: Load) -> None:
    counted = load.counted()
    if counted.current != CALLERS:
        raise LaunchFault(
            f"{counted.current} of {CALLERS} callers stand in the menu: {load.complaint()}"
        )


def _sound(folder: Path) -> Path:
    """Ten seconds of silence as A-law, which is audio all the same."""
    path = folder / "sound.alaw"
    path.write_bytes(b"\xd5" * 80_000)
    return path
