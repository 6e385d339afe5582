"""Lawyers at their desks in real Chromiums, citizens on the line, a real Asterisk between them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.desk_page import DeskPage
from tests.real.looks import keep_picture, low_contrast
from tests.real.sitting import DIVORCE, Sitting, call_of, citizen, passwords_of
from tests.real.talk_house import GENERAL, GUESTS, TalkHouse

SEAT, GUEST = GENERAL[0], GUESTS[0]
OPEN = "[...document.querySelectorAll('[role=dialog]')].filter((one) => one.checkVisibility())"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TalkHouse]:
    with TalkHouse(tmp_path_factory.mktemp("desk"), ring_s=15, wrap_up_s=60) as made:
        yield made


@pytest.fixture(scope="module")
def passwords(house: TalkHouse) -> dict[str, str]:
    """Of the two lawyers, by seat."""
    return passwords_of(house, SEAT, GUEST)


def awaits_its_seat(house: TalkHouse) -> bool:
    """Whether the one caller hears music until his lawyer's telephone is back."""
    (shown,) = house.live()["calls"]
    call = house.state(shown["call_id"])
    return call is not None and call.table is not None and call.table.caller == "waiting"


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
