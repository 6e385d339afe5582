"""Screen pop, record and emergency button: a lawyer in a real Chromium, citizens on the line."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from callcenter.call.emergency import ALARM
from callcenter.cli.prompts import DEMO_SPEECH
from reports import audit
from reports import records as stored
from reports.facts import Conversation
from reports.records import CallRecord
from reports.store import Store
from tests.real.desk_page import DeskPage, lawyer
from tests.real.looks import keep_picture, low_contrast
from tests.real.people import make_person
from tests.real.record_page import MAIN, QUESTION, REPLY, SECONDARY, fill_in, state_says
from tests.real.sipp import Party, tone
from tests.real.talk_house import CALLER_HZ, GENERAL, GUEST_HZ, TalkHouse, hears

SPEECH = DEMO_SPEECH / "lawyer_wages.wav"
SEAT = GENERAL[0]
NUMBER = "4315550931"

# When the call rang in the page, and when who calls stood beside it.
WATCH = """
window.rangAt = window.poppedAt = 0;
new MutationObserver(() => {
  if (!window.rangAt && document.querySelector("#desk-answer")) window.rangAt = performance.now();
  if (!window.poppedAt && document.querySelector(".pop[data-call]"))
    window.poppedAt = performance.now();
}).observe(document.body, { childList: true, subtree: true, attributes: true });
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TalkHouse]:
    with TalkHouse(tmp_path_factory.mktemp("records"), ring_s=20, wrap_up_s=120) as made:
        yield made


@pytest.fixture(scope="module")
def password(house: TalkHouse) -> str:
    return make_person(house.settings, "lawyer", "seat", seat=SEAT)


@pytest.fixture
async def desk(house: TalkHouse, password: str) -> AsyncIterator[DeskPage]:
    async with lawyer(f"http://{house.settings.web}", SPEECH, "lawyer", password) as desk:
        await desk.sit_down()
        await desk.close_dialog()
        if "空闲" not in await desk.page.text(".bar .state-tag"):
            await desk.be_ready()
        yield desk


def citizen(house: TalkHouse) -> Party:
    """Calls and asks for a person; stays until he is hung up on."""
    return house.sipp.citizen(
        keys=((0.6, "4"),),
        caller=f"+86{NUMBER}",
        audio=tone(house.sipp.folder, CALLER_HZ),
        longest_s=90,
    )


async def in_database(house: TalkHouse, is_so: Callable[[CallRecord], object]) -> CallRecord:
    """Wait until the record of the newest call is so in the database."""
    async with asyncio.timeout(20), Store(house.settings.database_url) as store:
        while True:
            call = (await asyncio.to_thread(house.calls))[-1]
            found = await stored.find(store, call.call_id)
            if found is not None and is_so(found):
                return found
            await asyncio.sleep(0.3)


async def ended(house: TalkHouse, count: int) -> list[Conversation]:
    return await asyncio.to_thread(house.ended, count, 40)


async def file_later(desk: DeskPage, tmp_path: Path) -> None:
    """Put the open record aside, find it among those to be filed, and file it."""
    page = desk.page
    await page.click("#record-aside")  # it stayed when the wrap-up was over
    await page.until("document.querySelector('.recent header')?.innerText.includes('待提交工单 1')")
    await keep_picture(page, "record-to-be-filed", tmp_path)
    await page.click(".recent .write")
    await state_says(desk, "已自动保存")
    assert await page.value("document.querySelector('#record-question').value") == QUESTION
    await page.click("#record-file")
    await desk.shows(".recent .correct")


async def test_a_record_from_the_ringing_to_its_filing(
    house: TalkHouse, desk: DeskPage, tmp_path: Path
) -> None:
    page = desk.page
    await page.value(WATCH)
    citizen(house)
    await desk.rings()
    await page.until("window.poppedAt")
    popped_ms = await page.value("Math.max(0, window.poppedAt - window.rangAt)")
    print(f"screen pop {popped_ms:.0f} ms after the ringing")
    pop = await page.text(".pop")
    for word in ("431****0931", "综合咨询", "按键", "4", "法律条文"):
        assert word in pop
    await keep_picture(page, "record-rings", tmp_path)

    await desk.answer()
    await desk.shows("#record-question:not(:disabled)")
    await fill_in(desk)
    await state_says(desk, "已自动保存")
    kept = await in_database(house, lambda one: one.reply == REPLY)
    assert (kept.main, kept.secondary, kept.question) == (MAIN, (SECONDARY,), QUESTION)
    assert not kept.is_filed
    await page.until(
        "document.querySelector('.pop article')?.innerText.includes('第二百七十六条之一')"
    )
    await keep_picture(page, "record-written", tmp_path)
    # the header's seat stands on a ground that lets the bar behind it through
    hard_to_read = [one for one in await low_contrast(page) if not one.startswith("坐席 ")]
    assert hard_to_read == []
    await page.value("document.documentElement.classList.add('large-type')")
    await keep_picture(page, "record-large", tmp_path)
    await page.value("document.documentElement.classList.remove('large-type')")

    await page.click("#desk-hang-up")
    await desk.seat_is("话后处理")
    await page.click("#desk-ready")
    await desk.seat_is("空闲")
    call = (await ended(house, 1))[-1]
    assert call.category == MAIN
    await file_later(desk, tmp_path)
    filed = await in_database(house, lambda one: one.is_filed)
    assert (filed.filed_by, filed.call_id) == ("lawyer", call.call_id)


async def test_who_calls_again_is_asked_who_he_is_and_is_helped_in_danger(
    house: TalkHouse, desk: DeskPage, tmp_path: Path
) -> None:
    page = desk.page
    party = citizen(house)
    await desk.rings()
    await desk.shows(".pop[data-call] li")
    history = await page.text(".pop")
    assert "农民工欠薪" in history and "号码不等于本人" in history
    assert "来电人甲" not in history and REPLY not in history
    await desk.answer()
    await desk.shows("#pop-identity:not(:disabled)")
    await keep_picture(page, "record-again", tmp_path)
    await page.click("#pop-identity")
    await page.until(f"document.querySelector('.pop').innerText.includes({json.dumps(REPLY)})")
    assert "来电人甲" in await page.text(".pop")
    await keep_picture(page, "record-known", tmp_path)

    began = time.monotonic()
    await page.click("#emergency")
    await desk.shows("#emergency-police")
    await keep_picture(page, "emergency", tmp_path)
    await page.click("#emergency-police")
    await page.until("document.body.innerText.includes('正在接入 110')")
    await asyncio.to_thread(house.wait_for, lambda: _joined(house), 20, "110 is in the talk")
    print(f"110 in the talk {time.monotonic() - began:.1f} s after the button")
    assert [alarm["name"] for alarm in house.live()["alarms"]] == [ALARM]
    await keep_picture(page, "emergency-joined", tmp_path)
    await asyncio.sleep(4)
    await desk.close_dialog()
    await page.click("#desk-hang-up")
    await desk.seat_is("话后处理")
    await asyncio.sleep(2)
    call_id = house.live()["calls"][0]["call_id"]  # 110 goes on with the caller
    await asyncio.to_thread(house.node.cli, f"channel request hangup {_channel(house, call_id)}")
    party.stop()
    call = (await ended(house, 2))[-1]
    assert call.unknown["hold"] == ALARM
    leg = call.legs[0]
    assert (leg.kind, leg.target) == ("conference", "line police")
    assert leg.joined_at and call.recording
    into_s = (leg.joined_at - call.arrived_at).total_seconds()
    # nobody was left alone: the caller hears 110 where he talked with the lawyer
    heard = Path(f"{call.recording.path}-heard.wav")
    assert hears(heard, GUEST_HZ, into_s + 1, into_s + 3)
    assert call.talk_ended_at and call.attempts[0].ended_at
    assert call.talk_ended_at > call.attempts[0].ended_at
    filed = await in_database(house, lambda one: one.urgent)
    assert filed.call_id == call.call_id and filed.identity_confirmed
    async with Store(house.settings.database_url) as store:
        done = [(one.by, one.action) for one in await audit.entries(store, subject=call.call_id)]
    assert done == [("lawyer", "emergency"), ("lawyer", "confirm_identity")]


def _channel(house: TalkHouse, call_id: str) -> str:
    """The caller's channel by its name."""
    told = house.node.cli("core show channels concise").splitlines()
    return next(line.split("!")[0] for line in told if line.split("!")[-1].strip() == call_id)


def _joined(house: TalkHouse) -> bool:
    call: Any = house.live()["calls"][0]
    state = house.state(call["call_id"])
    return state is not None and any(leg.joined_at for leg in state.legs)
