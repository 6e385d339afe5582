"""Lawyers at their desks in real Chromiums, citizens on the line, a real Asterisk between them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from callcenter.bench.browser import log_in, open_page
from reports.facts import Conversation
from tests.real.desk_page import DeskPage
from tests.real.looks import keep_picture, low_contrast
from tests.real.people import make_person
from tests.real.sitting import (
    ASKS,
    DIVORCE,
    WAGES,
    Sitting,
    call_of,
    citizen,
    passwords_of,
    track,
)
from tests.real.speech_heard import who_speaks
from tests.real.talk_house import GENERAL, GUESTS, TalkHouse, loudness

VOICES, RATED_S = (WAGES, DIVORCE, ASKS), 40.0
SEAT, GUEST = GENERAL[0], GUESTS[0]
OPEN = "[...document.querySelectorAll('[role=dialog]')].filter((one) => one.checkVisibility())"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TalkHouse]:
    made = TalkHouse(tmp_path_factory.mktemp("desk"), ring_s=15, wrap_up_s=60)
    try:
        yield made.start()
    finally:
        made.close()


@pytest.fixture(scope="module")
def passwords(house: TalkHouse) -> dict[str, str]:
    """Of the two lawyers, by seat."""
    return passwords_of(house, SEAT, GUEST)


@pytest.fixture
async def sitting(house: TalkHouse, passwords: dict[str, str]) -> AsyncIterator[Sitting]:
    """Lets lawyers in; whoever is left at the end signs off."""
    async with AsyncExitStack() as stack:
        yield Sitting(house, passwords, stack)


def awaits_its_seat(house: TalkHouse) -> bool:
    """Whether the one caller hears music until his lawyer's telephone is back."""
    (shown,) = house.live()["calls"]
    call = house.state(shown["call_id"])
    return call is not None and call.table is not None and call.table.caller == "waiting"


async def test_a_call_from_the_menu_to_the_rating(
    house: TalkHouse, sitting: Sitting, tmp_path: Path
) -> None:
    first, second = await asyncio.gather(sitting.ready(SEAT), sitting.ready(GUEST, DIVORCE))
    began = time.monotonic()
    citizen(house, "4315550901", (RATED_S, "1"))
    await first.rings()
    await keep_picture(first.page, "desk-rings", tmp_path)
    to_sound_ms = await first.answer()
    await first.page.until("document.querySelector('#desk-quality')?.className.includes('good')")
    await first.hears()
    await asyncio.sleep(4)
    await keep_picture(first.page, "desk-talks", tmp_path)

    await first.page.click("#desk-hold")
    await first.seat_is("保持中")
    await asyncio.sleep(2)
    await first.page.key("F9", "F9")
    await first.seat_is("通话中")

    await first.page.key("t", "KeyT", alt=True)
    await first.page.click("label:has(#desk-how-consult), #desk-how-consult")
    await first.page.click(f"[data-seat='{GUEST}']")
    await keep_picture(first.page, "desk-target", tmp_path)
    await first.page.click("#desk-target-go")
    await second.rings()
    await second.answer()
    assert not await second.page.value("Boolean(document.querySelector('#desk-hold'))")  # a guest
    await first.shows("#desk-join:not(:disabled)")
    await keep_picture(first.page, "desk-consults", tmp_path)
    await second.hears()
    await first.page.click("#desk-join")
    await first.shows("#desk-leave-room")
    await asyncio.sleep(5)
    await keep_picture(first.page, "desk-conference", tmp_path)
    await first.page.click("#desk-leave-room")
    await first.hides("#desk-hang-up")
    await asyncio.sleep(max(0, began + RATED_S - 1 - time.monotonic()))
    await second.page.click("#desk-hang-up")

    call = await call_of(house, "4315550901")
    measured = {"click_to_sound_ms": to_sound_ms}
    (tmp_path / "measured.json").write_text(json.dumps(measured))
    print(measured)
    assert [one.seat for one in call.attempts if one.outcome == "answered"] == [SEAT, GUEST]
    assert [leg.outcome for leg in call.legs] == ["retrieved", "completed"]
    assert call.survey and call.survey.answer == 1
    assert (call.end_stage, call.ended_by) == ("survey", "system")
    _assert_heard(call)
    assert first.faults == second.faults == []
    await _found_and_played(house, sitting.address, call, tmp_path)


async def _found_and_played(
    house: TalkHouse, address: str, call: Conversation, tmp_path: Path
) -> None:
    """A supervisor finds the call by its number, says why, and hears it."""
    password = await asyncio.to_thread(make_person, house.settings, "zhuguan", "supervisor")
    async with open_page() as page:
        await log_in(page, address, "zhuguan", password)
        await page.open(f"{address}/calls?number={(call.caller or '')[-7:]}")
        await page.click(".calls-row button")
        await page.until("document.querySelectorAll('.story li').length > 6")
        await page.click(".sound-bar .el-button--primary")
        await page.click(".el-message-box input")
        await page.type("抽查")
        await page.click(".el-message-box .el-button--primary")
        await page.until("document.querySelector('audio')?.readyState >= 1")
        await page.click(".sound-bar .el-button--primary")
        await page.until("document.querySelector('audio').currentTime > 1")
        await keep_picture(page, "call-of-the-desk", tmp_path)
        assert page.complaints == []


def _assert_heard(call: Conversation) -> None:
    """Each in his time, by what Asterisk recorded of both sides."""

    def second(at: object) -> float:
        return (at - call.arrived_at).total_seconds()  # type: ignore[operator, no-any-return]

    heard, hold = track(call, "heard.wav"), call.legs[0]
    talk_s, held_s = second(call.attempts[0].answered_at), second(hold.at)
    back_s, joined_s = second(hold.ended_at), second(call.legs[1].joined_at)
    alone_s, end_s = second(call.attempts[0].ended_at), second(call.talk_ended_at)
    assert who_speaks(heard, talk_s, held_s, VOICES) == WAGES
    assert who_speaks(track(call, "seat-1.wav16"), 0, held_s - talk_s, VOICES) == WAGES
    assert who_speaks(track(call, "caller.wav"), talk_s, held_s, VOICES) == ASKS
    assert loudness(heard, held_s + 0.5, back_s) > 100  # music
    assert who_speaks(heard, held_s + 0.5, back_s, VOICES) is None
    assert loudness(heard, joined_s + 0.5, alone_s) > 100  # two lawyers at once
    assert who_speaks(heard, alone_s, end_s, VOICES) == DIVORCE
    guest_s = alone_s - second(call.legs[1].answered_at)
    assert who_speaks(track(call, "leg-2.wav16"), 0, guest_s, VOICES) == DIVORCE


async def test_a_page_that_is_loaded_anew_goes_on_with_its_talk(
    house: TalkHouse, sitting: Sitting, tmp_path: Path
) -> None:
    desk = await sitting.ready(SEAT)
    citizen(house, "4315550902")
    await desk.rings()
    await desk.answer()
    await asyncio.sleep(3)
    await desk.page.send("Page.reload")
    await desk.shows("#desk-hold")
    await desk.seat_is("通话中")
    await desk.hears()
    await keep_picture(desk.page, "desk-reloaded", tmp_path)
    await asyncio.sleep(3)
    await desk.page.click("#desk-hang-up")
    await desk.seat_is("话后处理")
    call = await call_of(house, "4315550902")
    assert [(one.seat, one.outcome) for one in call.attempts] == [(SEAT, "answered")] * 2
    assert [(leg.kind, leg.outcome) for leg in call.legs] == [("lost", "back")]
    assert call.talk_ended_by == "seat"


async def test_a_controller_that_dies_costs_no_talk(house: TalkHouse, sitting: Sitting) -> None:
    desk = await sitting.ready(SEAT)
    citizen(house, "4315550977")
    await desk.rings()
    await desk.answer()
    await desk.hears()
    await asyncio.to_thread(house.kill_controller)
    await asyncio.to_thread(house.start_controller)
    await desk.line_is_up()
    await desk.seat_is("通话中")
    await asyncio.sleep(5)  # longer than a telephone is listened to before it counts as dead
    await desk.hears()
    await desk.page.click("#desk-hang-up")
    await desk.seat_is("话后处理")
    call = await call_of(house, "4315550977")
    assert [(one.seat, one.outcome) for one in call.attempts] == [(SEAT, "answered")]
    assert (call.legs, call.talk_ended_by) == ((), "seat")


async def test_a_talk_is_handed_on_to_another_desk_unseen(
    house: TalkHouse, sitting: Sitting
) -> None:
    first, second = await asyncio.gather(sitting.ready(SEAT), sitting.ready(GUEST, DIVORCE))
    citizen(house, "4315550907")
    await first.rings()
    await first.answer()
    await first.page.key("t", "KeyT", alt=True)
    await first.page.click("label:has(#desk-how-transfer), #desk-how-transfer")
    await first.page.click(f"[data-seat='{GUEST}']")
    await first.page.click("#desk-target-go")
    await second.rings()
    await second.answer()
    await first.hides("#desk-hang-up")
    await second.hears()
    await second.page.click("#desk-hang-up")
    call = await call_of(house, "4315550907")
    assert [one.seat for one in call.attempts if one.outcome == "answered"] == [SEAT, GUEST]
    assert [(leg.kind, leg.outcome) for leg in call.legs] == [("transfer", "completed")]
    assert first.faults == second.faults == []


async def test_a_second_tab_asks_before_it_takes_the_desk_over(
    sitting: Sitting, tmp_path: Path
) -> None:
    desk = await sitting.ready(SEAT)
    other = DeskPage(desk.browser, await desk.browser.page(), sitting.address)
    await other.page.open(f"{sitting.address}/desk")
    await other.page.click("#desk-claim")
    await other.shows("#desk-take-over")
    await keep_picture(other.page, "desk-taken", tmp_path)
    await desk.seat_is("空闲")
    await other.page.click("#desk-take-over")
    await other.line_is_up()
    await other.seat_is("空闲")
    await desk.shows("#desk-take-over")
    await keep_picture(desk.page, "desk-lost", tmp_path)


async def test_a_network_that_is_cut_for_a_while_costs_no_talk(
    house: TalkHouse, sitting: Sitting, tmp_path: Path
) -> None:
    desk = await sitting.ready(SEAT)
    citizen(house, "4315550903")
    await desk.rings()
    await desk.answer()
    await desk.hears()
    with desk.browser.cut_off():
        await desk.shows(".desk > .el-alert")
        await keep_picture(desk.page, "desk-cut-off", tmp_path)
        await asyncio.to_thread(house.wait_for, lambda: awaits_its_seat(house), 12, "music")
    await desk.shows("#desk-hold")
    await desk.line_is_up()
    await desk.hears()
    await desk.seat_is("通话中")
    await asyncio.sleep(4)
    await desk.page.click("#desk-hang-up")
    await desk.seat_is("话后处理")
    call = await call_of(house, "4315550903")
    assert {one.seat for one in call.attempts} == {SEAT}
    assert [(leg.kind, leg.outcome) for leg in call.legs] == [("lost", "back")]
    assert call.talk_ended_by == "seat"


async def test_a_call_out_needs_no_second_answer(sitting: Sitting) -> None:
    desk = await sitting.ready(SEAT)
    await desk.page.key("o", "KeyO", alt=True)
    await desk.page.click("#desk-out-number")
    await desk.page.type("0431 5550 123")
    await desk.page.click("#desk-out-go")
    await desk.shows("#desk-hang-up")
    await desk.hears()
    assert "呼出" in await desk.page.text(".call")
    await desk.page.click("#desk-hang-up")
    await desk.hides("#desk-hang-up")


async def test_the_desk_can_be_read_in_english_and_in_large_type(
    sitting: Sitting, tmp_path: Path
) -> None:
    desk = await sitting.ready(SEAT)
    for words, language in (("空闲", "zh"), ("Ready", "en")):
        await desk.page.value(f"localStorage.setItem('hotline.language', '{language}')")
        await desk.page.send("Page.reload")
        await desk.seat_is(words)
        await desk.line_is_up()
        for panel in ("out", "check", "devices", "help"):
            await desk.page.click(f"#desk-tool-{panel}")
            await desk.page.until(f"{OPEN}.some((one) => one.innerText.length > 20)")
            await keep_picture(desk.page, f"desk-{panel}-{language}", tmp_path)
            assert await low_contrast(desk.page) == []
            await desk.page.key("Escape", "Escape")
            await desk.page.until(f"{OPEN}.length === 0")
        for size in ("", "large-type"):
            await desk.page.value(f"document.documentElement.className = '{size}'")
            await keep_picture(desk.page, f"desk-{language}{size and '-large'}", tmp_path)
            assert await low_contrast(desk.page) == []
            assert await desk.page.value("document.documentElement.scrollWidth") <= 1366
