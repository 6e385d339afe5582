"""One desk in Chromium while thirty other seats and sixty callers are on the line."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from callcenter.cli.prompts import DEMO_SPEECH
from callcenter.settings import DEMO_PROVINCE
from ivr_flows.model import GROUPS
from tests.real.crowd import Crowd
from tests.real.desk_page import DeskPage, lawyer
from tests.real.house import House
from tests.real.looks import keep_picture
from tests.real.people import make_person
from tests.real.scenario_house import write_prompts

SEATS = [str(8901 + n) for n in range(31)]
CALLERS = tuple(f"0431555{n:04}" for n in range(1000, 1060))
MB = 1024 * 1024
MOST_MB = 150
# From the press of a key or button to the next picture on the screen (Event Timing).
WATCH = """
window.waits = [];
new PerformanceObserver((seen) => {
  for (const one of seen.getEntries()) window.waits.push(one.duration);
}).observe({ type: "event", durationThreshold: 16 });
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    folder = tmp_path / "province"
    shutil.copytree(DEMO_PROVINCE, folder)
    seats = [
        {
            "number": int(number),
            "name": f"省级{number}席",
            "level": "provincial",
            "skills": [*GROUPS],
        }
        for number in SEATS
    ]
    roster = {"groups": [*GROUPS], "seats": seats}
    (folder / "seats.yaml").write_text(yaml.safe_dump(roster, allow_unicode=True), "utf-8")
    write_prompts(tmp_path / "house" / "h" / "prompts")
    with House(
        tmp_path / "house", province=folder, trunk_a_minute=2000, trunk_at_once=200, ring_s=30
    ) as made:
        yield made


async def test_a_desk_stays_light_beside_thirty_seats_and_sixty_calls(
    house: House, tmp_path: Path
) -> None:
    password = make_person(house.settings, "lawyer", "seat", seat=SEATS[0])
    address = f"http://{house.settings.web}"
    with Crowd(tmp_path) as crowd:
        async with lawyer(address, DEMO_SPEECH / "lawyer_wages.wav", "lawyer", password) as desk:
            await desk.sit_down()
            await desk.close_dialog()
            await desk.be_ready()
            await asyncio.to_thread(_fill, house, crowd)
            await desk.rings()
            await desk.answer()
            await desk.page.value(WATCH)
            await _work(desk)
            await keep_picture(desk.page, "desk-under-load", tmp_path)
            waits = sorted(await desk.page.value("window.waits"))
            await desk.page.send("HeapProfiler.collectGarbage")
            used = await desk.page.send("Runtime.getHeapUsage")
            live = await asyncio.to_thread(house.live)
            measured = {
                "calls": len(live["calls"]),
                "talks": sum(one["stage"] == "talking" for one in live["calls"]),
                "interactions": len(waits),
                "median_ms": waits[len(waits) // 2],
                "longest_ms": waits[-1],
                "heap_mb": round(used["usedSize"] / MB, 1),
                "process_mb": round(desk.browser.memory_mb(), 1),
            }
            (tmp_path / "measured.json").write_text(json.dumps(measured))
            print(measured)
    assert measured["calls"] >= 55
    assert measured["talks"] >= 28
    assert measured["process_mb"] < MOST_MB


def _fill(house: House, crowd: Crowd) -> None:
    """Thirty telephones at work and sixty callers, two for each of them."""
    crowd.phones({house.settings.sip: SEATS[1:]}, answer_after_s=0.5, stays_s=120)
    crowd.callers(house.settings.sip, CALLERS, rate=6, stays_s=90)
    house.wait_for(lambda: len(house.live()["calls"]) >= 55, 60, "sixty calls")


async def _work(desk: DeskPage) -> None:
    """What a lawyer does in a talk: writes, holds, looks whom to transfer to."""
    page = desk.page
    await desk.shows("#record-name:not(:disabled)")
    await page.click("#record-name")
    for letter in "wagesowed":
        await page.key(letter, f"Key{letter.upper()}")
    await page.key("F8", "F8")
    await page.key("F8", "F8")
    for _ in range(3):
        await page.key("t", "KeyT", alt=True)
        await desk.shows("[data-seat]")
        await desk.close_dialog()
    await page.key("F9", "F9")
    await desk.seat_is("保持中")
    await page.key("F9", "F9")
    await desk.seat_is("通话中")
    for tool in ("out", "devices", "help"):
        await page.click(f"#desk-tool-{tool}")
        await desk.close_dialog()
