"""Benchmark `desk`: one lawyer's page in Chromium while the whole hotline is busy around it.

On one machine: Asterisk, controller, 30 seats without a browser and 60 callers at once (SIPp), and
one desk in headless Chromium with a microphone that speaks. The page talks with a caller itself.
While all calls are up it is used as lawyers use it: panels opened by key and closed, mute, the
keypad, the search for whom to transfer to, typing. Measured in the browser:

- `interaction`: the browser's own Event Timing (W3C), from the key or click to the next picture on
  the screen, in steps of 8 ms; what took less than 16 ms is not told by the browser and counted as
  that. A dot in the corner changes with each picture: Chromium shows no picture in which nothing
  has changed, and would count a key that changes nothing up to whatever is pressed next.
  `page_max_ms` is what of it the page took itself: until its handlers were done.
- memory: what the page's process holds for itself alone, and what its JavaScript holds.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from callcenter.accounts.accounts import make_accounts
from callcenter.bench import told
from callcenter.bench.browser import Browser, Page, log_in, open_browser, speaking
from callcenter.bench.figures import Target, percentile, result
from callcenter.bench.load import Calls
from callcenter.bench.province import FIRST_SEAT
from callcenter.bench.rig import Rig, Say
from callcenter.launch.child import LaunchFault
from callcenter.web.rights import Role
from reports.store import Store

SPEECH = Path(__file__).parent.parent / "demo" / "speech"
SEATS = 30  # besides the one with the page
CALLERS = 60
RATE = 10.0
ANSWER_S, TALK_S = 0.2, 600.0
MENU_KEY = "2"
ROUNDS = 20
OWN_MACHINE = ("nice", "-n", "-10")  # a desk does not share its cores with the exchange
QUICK_MS, MOST_MS, MOST_MB = 16.0, 100.0, 150.0
DESK = str(FIRST_SEAT + SEATS)

# Durations of everything that somebody did, longest of each interaction.
_WATCH = """
window.took = {};
new PerformanceObserver((list) => {
  for (const one of list.getEntries())
    if (one.interactionId) {
      const [whole, page] = window.took[one.interactionId] ?? [0, 0];
      const own = one.processingEnd - one.startTime;
      window.took[one.interactionId] = [Math.max(whole, one.duration), Math.max(page, own)];
    }
}).observe({ type: "event", durationThreshold: 16, buffered: false });
"""
_DOT = """
(() => {
  const dot = document.createElement("div");
  dot.style.cssText = "position:fixed;left:0;top:0;width:2px;height:2px;z-index:99999";
  document.body.append(dot);
  let isDark = false;
  const next = () => {
    isDark = !isDark;
    dot.style.background = isDark ? "#000" : "#fff";
    requestAnimationFrame(next);
  };
  next();
})()
"""
_TAKE = "(() => { const took = Object.values(window.took); window.took = {}; return took; })()"


@dataclass(frozen=True)
class _Act:
    """One thing that a lawyer does, by key: its name and the key that undoes it."""

    name: str
    key: tuple[str, str, bool]
    undo: tuple[str, str, bool]


_ESCAPE = ("Escape", "Escape", False)
_ACTS = (
    _Act("mute", ("F8", "F8", False), ("F8", "F8", False)),
    _Act("keypad", ("k", "KeyK", True), ("k", "KeyK", True)),
    _Act("transfer", ("t", "KeyT", True), _ESCAPE),
    _Act("call out", ("o", "KeyO", True), _ESCAPE),
    _Act("devices", ("s", "KeyS", True), _ESCAPE),
    _Act("help", ("/", "Slash", True), _ESCAPE),
)


async def run(*, cache: Path, say: Say, scale: float = 1.0) -> dict[str, Any]:
    """One row for the page before the calls came, one under all of them."""
    async with Rig(cache=cache, seats=SEATS + 1, say=say) as rig:
        password = await _make_person(rig)
        await rig.seats_register()
        phones = await rig.sipp.seats(answer_after_s=ANSWER_S, stays_s=TALK_S)
        async with open_browser(
            speaking(SPEECH / "lawyer_wages.wav"), before=OWN_MACHINE
        ) as browser:
            page = await browser.page()
            say("one desk opens")
            await _sit_down(page, f"http://{rig.settings.web}", password)
            rounds = max(3, round(ROUNDS * scale))
            quiet = await _use(browser, page, rounds, "quiet")
            say(f"{CALLERS} callers, {SEATS} seats")
            calls = Calls(count=CALLERS, rate=RATE, keys=((0.7, MENU_KEY),), stays_s=900)
            await rig.sipp.calls(calls)
            await _all_up(rig, page, phones.complaint)
            busy = await _use(browser, page, rounds, f"{CALLERS} calls")
            complaints = page.complaints
    return account(quiet, busy, complaints)


def account(quiet: dict[str, Any], busy: dict[str, Any], complaints: list[str]) -> dict[str, Any]:
    """The result of both rows; `complaints`: what the page's console had to say."""
    return result(
        "desk",
        [quiet, busy],
        [
            Target("longest interaction, ms", busy["max_ms"], MOST_MS),
            Target("longest of the page's own part, ms", busy["page_max_ms"], MOST_MS),
            Target("page's memory, MB", busy["memory_mb"], MOST_MB),
            Target("complaints of the page", len(complaints), 0),
        ],
        seats=SEATS,
        callers=CALLERS,
        complaints=complaints[:5],
    )


async def _make_person(rig: Rig) -> str:
    async with Store(rig.settings.database_url) as store:
        accounts = make_accounts(store, rig.settings.home, rig.settings.log_in_rules)
        return await accounts.desk.add(
            "bench",
            display_name="测试坐席",
            roles=[Role.SEAT],
            seat=DESK,
            must_change=False,
            by="bench",
        )


async def _sit_down(page: Page, url: str, password: str) -> None:
    await log_in(page, url, "bench", password)
    await page.open(f"{url}/desk")
    await page.click("#desk-claim")
    await page.until("document.querySelector('.line.up')")
    await page.key(*_ESCAPE[:2])  # the test of microphone and network, offered at each shift
    await page.until("!document.querySelector('.el-overlay:not([style*=none])')")
    if await page.value("Boolean(document.querySelector('#desk-ready'))"):
        await page.click("#desk-ready")
    await page.value(_DOT)


async def _all_up(rig: Rig, page: Page, complaint: Any) -> None:
    """The desk talks, every seat talks, everybody else waits."""
    await page.until("document.querySelector('#desk-answer')")
    await page.key("F2", "F2")
    await page.until("document.querySelector('#desk-hang-up')")
    for _ in range(60):
        live = await told.live(rig.settings)
        if len(live["calls"]) >= CALLERS and live["waiting"] == CALLERS - SEATS - 1:
            return
        await asyncio.sleep(1)
    stages = [call["stage"] for call in live["calls"]]
    raise LaunchFault(f"not all calls came up: {stages}; SIPp: {complaint()}")


async def _use(browser: Browser, page: Page, rounds: int, kind: str) -> dict[str, Any]:
    """Do everything so often; how long each took and what the page holds then."""
    await page.value(_WATCH)
    took: dict[str, list[float]] = {act.name: [] for act in _ACTS}
    own = [0.0]
    for _ in range(rounds):
        for act in _ACTS:
            for name, code, alt in (act.key, act.undo):
                await page.key(name, code, alt=alt)
                await asyncio.sleep(0.3)
                told_ms = await page.value(_TAKE)
                took[act.name].append(max((float(ms) for ms, _ in told_ms), default=QUICK_MS))
                own += [round(float(ms), 1) for _, ms in told_ms]
    every = [ms for one in took.values() for ms in one]
    heap = await page.send("Runtime.getHeapUsage")
    return {
        "kind": kind,
        "interactions": len(every),
        "p50_ms": percentile(every, 0.5),
        "p98_ms": percentile(every, 0.98),
        "max_ms": max(every),
        "page_max_ms": max(own),
        "slowest": max(took, key=lambda name: max(took[name])),
        "memory_mb": round(browser.memory_mb(), 1),
        "javascript_mb": round(heap["usedSize"] / 1e6, 1),
    }
