"""The live board over a real hotline: a citizen waits, talks, rates; a supervisor sees it."""

import asyncio
from pathlib import Path

from callcenter.bench.browser import Page, open_page
from callcenter.web.rights import Role
from tests.real.board_page import set_not_ready
from tests.real.house import House
from tests.real.looks import keep_picture
from tests.real.people import log_in, make_person

CALLER = "04315550123"
MASKED = "0431****0123"


async def open_board(page: Page, house: House, path: str) -> None:
    """As a supervisor of the province."""
    password = await asyncio.to_thread(make_person, house.settings, "zhuguan", Role.SUPERVISOR)
    entered = await asyncio.to_thread(log_in, house, "zhuguan", password)
    name, _, value = entered["Cookie"].partition("=")
    url = f"http://{house.settings.web}"
    await page.send("Network.setCookie", url=url, name=name, value=value, httpOnly=True)
    await page.open(f"{url}{path}")
    await page.until("document.querySelector('#line')?.textContent.includes('实时更新')")


async def call_is(page: Page, words: str) -> None:
    """Wait until the caller's row on the board says so."""
    row = (
        f"[...document.querySelectorAll('#calls tr')].find((r) => r.innerText.includes('{MASKED}'))"
    )
    await page.until(f"{row}?.innerText.includes('{words}')")


async def test_a_call_is_followed_from_the_menu_to_the_rate(house: House, tmp_path: Path) -> None:
    async with open_page() as page:
        await open_board(page, house, "/live")
        await page.until("document.querySelectorAll('[data-seat]').length === 9")
        party = house.sipp.citizen(keys=((1.0, "2"), (30.0, "1")), caller=CALLER)
        await call_is(page, "排队等候")
        await page.until("document.querySelector('#waiting').textContent === '1'")
        assert "劳动劳务 · 长春市" in await page.text(".line-card")
        await keep_picture(page, "board-waiting", tmp_path)
        house.seat("8001", talk_s=6)
        await call_is(page, "通话中")
        await call_is(page, "8001")
        seat = "document.querySelector('[data-seat=\"8001\"]').innerText"
        await page.until(f"{seat}.includes('通话中') && {seat}.includes('{MASKED}')")
        await page.until("document.querySelector('#waiting').textContent === '0'")
        await keep_picture(page, "board-talking", tmp_path)
        await call_is(page, "满意度评价")
        await asyncio.to_thread(party.wait, 90)
        await page.until("document.querySelectorAll('#calls tr').length === 0")
        rate = "document.querySelector('[data-metric=\"answer_rate_agent\"]').innerText"
        await page.until(f"{rate}.includes('接听 1 / 请求人工 1')")
        assert CALLER not in await page.text("body")
        await set_not_ready(page, "8001", "午间轮休")
        await page.until(f"{seat}.includes('示忙')")

        # the stream goes on by itself when the controller has begun anew
        await asyncio.to_thread(house.kill_controller)
        await page.until("document.querySelector('#line').textContent.includes('连接中断')")
        await asyncio.to_thread(house.start_controller)
        await page.until("document.querySelector('#line').textContent.includes('实时更新')")
        assert [one for one in page.complaints if "ERR_" not in one] == []
