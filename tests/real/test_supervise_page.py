"""A supervisor at the board in a real Chromium: listens, whispers, joins, moves, sets seats."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import callcenter.demo
from callcenter.bench.browser import Page, open_browser, speaking
from callcenter.web.rights import Role
from tests.real.house import House
from tests.real.looks import keep_picture, low_contrast
from tests.real.people import log_in, make_person
from tests.real.rtp_tap import RtpTap, heard_by
from tests.real.sipp import tone
from tests.real.supervisor_page import bar_says, choose, give_reason, mode

SPEECH = Path(callcenter.demo.__file__).with_name("speech")
CALLER_HZ = 450
MASKED = "0431****0123"


async def soon(is_so: Callable[[], bool], what: str, tries: int = 8) -> None:
    """Ask again until it is so: the voice pauses, telephones are rung."""
    for _ in range(tries):
        if await asyncio.to_thread(is_so):
            return
    raise AssertionError(f"never so: {what}")


async def open_board(page: Page, house: House) -> None:
    """As the supervisor whose telephone is 7001."""
    given = (house.settings, "banzhang", Role.SUPERVISOR, "7001")
    password = await asyncio.to_thread(make_person, *given)
    entered = await asyncio.to_thread(log_in, house, "banzhang", password)
    name, _, value = entered["Cookie"].partition("=")
    url = f"http://{house.settings.web}"
    await page.send("Network.setCookie", url=url, name=name, value=value, httpOnly=True)
    await page.open(f"{url}/live")
    await page.until("document.querySelector('.phone-bar')?.innerText.includes('7001')")


async def test_a_supervisor_listens_whispers_and_joins(house: House, tmp_path: Path) -> None:
    microphone = tmp_path / "microphone.wav"
    shutil.copy(SPEECH / "lawyer_wages.wav", microphone)
    lawyer = house.seat("8001")
    citizen = house.sipp.citizen(
        keys=((1.0, "2"),), caller="04315550123", audio=tone(house.sipp.folder, CALLER_HZ)
    )
    async with open_browser(speaking(microphone)) as browser:
        page = await browser.page()
        await open_board(page, house)
        await keep_picture(page, "supervise-board", tmp_path)
        await page.until("document.querySelector('#calls')?.innerText.includes('通话中')")
        await asyncio.sleep(4)  # both hear who the other is

        await choose(page, "#calls .act button", "监听")
        await give_reason(page, "新坐席带教", "supervise-reason", tmp_path)
        await bar_says(page, "正在监听")
        await bar_says(page, MASKED)
        await keep_picture(page, "supervise-listen", tmp_path)
        with heard_by(lawyer) as at_seat, heard_by(citizen) as at_citizen:
            assert not await asyncio.to_thread(at_seat.speaks, beside=CALLER_HZ)

            await mode(page, 2, "正在耳语")
            await soon(lambda: speaks(at_seat), "the seat hears the supervisor")
            await asyncio.to_thread(lambda: [lawyer_alone(at_citizen) for _ in range(2)])
            await keep_picture(page, "supervise-whisper", tmp_path)

            await asyncio.to_thread(another_listens, house)
            await bar_says(page, "7002 长春班长席（监听）")
            await keep_picture(page, "supervise-two", tmp_path)

            await mode(page, 3, "正在三方通话")
            await soon(lambda: speaks(at_seat), "the seat hears the supervisor in the room")
            await keep_picture(page, "supervise-barge", tmp_path)
        await page.click(".phone-bar .el-button--danger")
        await bar_says(page, "已连接")
        assert house.seat_state("8001") == "talking"
        assert await low_contrast(page) == []
        assert [one for one in page.complaints if "ERR_" not in one] == []
    citizen.stop()


def another_listens(house: House) -> None:
    """A second supervisor, by a desk phone."""
    house.seat("7002", answer_after_s=0.1)
    house.wait_for(
        lambda: house.api("supervise?phone=7002")["is_registered"], what="the phone is known"
    )
    call_id = house.live()["calls"][0]["call_id"]
    house.api(f"calls/{call_id}/listen", {"reason": "质检", "phone": "7002"})


def speaks(at_seat: RtpTap) -> bool:
    return at_seat.speaks(beside=CALLER_HZ)


def lawyer_alone(at_citizen: RtpTap) -> None:
    """The citizen goes on hearing his lawyer."""
    assert len(at_citizen.next(0.5)) > 0


async def test_a_supervisor_sets_seats_and_moves_callers(house: House, tmp_path: Path) -> None:
    async with open_browser() as browser:
        page = await browser.page()
        await open_board(page, house)
        house.seat("8002")
        tile = "document.querySelector('[data-seat=\"8002\"]').innerText"
        await page.until(f"{tile}.includes('空闲')")
        await page.click("[data-seat='8002']")
        await asyncio.sleep(0.4)
        await keep_picture(page, "supervise-seat", tmp_path)
        await page.click("[data-deed='not_ready']")
        await give_reason(page, "离席未示忙", "supervise-force", tmp_path)
        await page.until(f"{tile}.includes('示忙')")
        assert house.seat_state("8002") == "not_ready (supervisor)"

        house.sipp.citizen(keys=((1.0, "2"),), caller="04315550123", hangup_after_s=60)
        await page.until("document.querySelector('#calls')?.innerText.includes('排队等候')")
        await choose(page, "#calls .act button", "转业务组")
        await page.click(".el-dialog .el-select")
        await page.until(f"{_option('婚姻家庭')} !== undefined")
        await asyncio.sleep(0.4)
        await page.value(f"{_option('婚姻家庭')}.click()")
        await page.click(".el-dialog textarea")
        await page.type("来电人说按错了键")
        await asyncio.sleep(0.4)
        await keep_picture(page, "supervise-move", tmp_path)
        await page.click(".el-dialog .el-button--primary")
        await page.until("document.querySelector('#calls').innerText.includes('婚姻家庭')")
        assert page.complaints == []


def _option(words: str) -> str:
    shown = (
        "[...document.querySelectorAll('.el-select-dropdown__item')].filter((e) => e.offsetParent)"
    )
    return f"{shown}.find((e) => e.innerText.includes('{words}'))"
