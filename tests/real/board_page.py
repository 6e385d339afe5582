"""The live board served over a fake hotline, and what a supervisor does on it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from callcenter.bench.browser import Page, log_in
from callcenter.open_requests import OpenRequests
from callcenter.web.app import make_app
from callcenter.web.feed import Feed
from callcenter.web.web_parts import WebParts
from tests.callcenter.web.fake_view import FakeSettings, FakeView
from tests.callcenter.web.people import PASSWORD, People

FRESH = "document.querySelector('#line')?.textContent.includes('实时更新')"


@asynccontextmanager
async def serving(view: FakeView, home: Path, people: People, port: int = 0) -> AsyncIterator[str]:
    names = {"220100": "长春市"}
    parts = WebParts(
        figures=view,
        accounts=people.accounts,
        feed=Feed(),
        requests=OpenRequests(people.store, city_names=names),
    )
    runner = web.AppRunner(make_app(view, FakeSettings(home), parts=parts), shutdown_timeout=3)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port, reuse_address=True).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def shown(page: Page, url: str, *, at: str = "/live", **size: int) -> None:
    await log_in(page, url, "zhuguan", PASSWORD)
    await page.open(f"{url}{at}", **size)
    await page.until(FRESH)


async def set_not_ready(page: Page, number: str, reason: str) -> None:
    """By the seat's own menu on the board."""
    await page.click(f'[data-seat="{number}"]')
    await page.until("document.querySelector('[data-deed=not_ready]')?.checkVisibility()")
    await page.click("[data-deed=not_ready]")
    await page.until("document.querySelector('.el-message-box textarea')")
    await page.click(".el-message-box textarea")
    await page.type(reason)
    await page.click(".el-message-box .el-button--primary")
