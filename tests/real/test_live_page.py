"""The live page in a real browser, over the real application and a fake hotline."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from callcenter.web.app import make_app
from callcenter.web.auth import load_api_key
from callcenter.web.view import SeatFault
from tests.callcenter.web.fake_view import UNHEALTHY, FakeSettings, FakeView, day, empty_live
from tests.real.browser import Page, open_page

# For each piece of text that a person sees: its contrast with what lies behind it (WCAG 2.1).
LOW_CONTRAST = """
(() => {
  const parse = (c) => c.match(/[\\d.]+/g).map(Number);
  const lum = ([r, g, b]) => [r, g, b]
    .map((v) => v / 255).map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (el) => {
    for (let at = el; at; at = at.parentElement) {
      const c = parse(getComputedStyle(at).backgroundColor);
      if (c.length < 4 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let seen = 0;
  while (walker.nextNode()) {
    const el = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !el.checkVisibility()) continue;
    if (["SCRIPT", "NOSCRIPT"].includes(el.tagName)) continue;
    seen += 1;
    const [a, b] = [lum(parse(getComputedStyle(el).color)), lum(ground(el))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) found.push(`${walker.currentNode.data.trim()} ${ratio.toFixed(2)}`);
  }
  return { seen, found };
})()
"""


@asynccontextmanager
async def serving(view: FakeView, home: Path, *, demo: bool = True) -> AsyncIterator[str]:
    runner = web.AppRunner(make_app(view, FakeSettings(home, demo=demo)), shutdown_timeout=3)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with open_page() as opened:
        yield opened


@pytest.fixture(autouse=True)
async def no_complaint(page: Page) -> AsyncIterator[None]:
    yield
    assert page.complaints == []


async def shown(page: Page, url: str, **size: int) -> None:
    await page.open(url, **size)
    await page.until("document.querySelector('#line')?.textContent.includes('实时更新')")


async def test_busy_hotline_is_shown_in_words_and_figures(page: Page, tmp_path: Path) -> None:
    async with serving(FakeView(), tmp_path) as url:
        await shown(page, url)
        assert re.search(
            r"97\.5%\s+✓ 达标\s+接听 118 / 请求人工 121\s*目标 ≥ 95%",
            await page.text("#rate-answer"),
        )
        assert re.search(
            r"85\.3%\s+▼ 未达标\s+满意 64 / 已评价 75\s*目标 ≥ 90%",
            await page.text("#rate-satisfied"),
        )
        calls = await page.text("#calls")
        assert calls.count("\n") == 8
        assert re.search(r"138\*{4}0000\s+长春市\s+劳动劳务\s+通话中\s+8001\s+3:3\d\s+0:06", calls)
        for stage in (
            "语音导航",
            "排队等候",
            "坐席振铃",
            "通话中",
            "满意度评价",
            "留言登记",
            "转接外线",
        ):
            assert stage in calls
        alarms = await page.text("#alarms")
        assert re.search(
            r"警报：紧急求助\s+\d\d:\d\d:\d\d\s+来电 139\*{4}1111（延边朝鲜族自治州），转接外线",
            alarms,
        )
        callbacks = await page.text("#callbacks")
        assert re.search(r"139\*{4}2222\s+长春市\s+劳动劳务\s+等候回电\s+1\s+\d\d:\d\d", callbacks)
        seats = await page.text("#seats")
        for part in (
            "长春市",
            "延边朝鲜族自治州",
            "省级坐席",
            "王律师",
            "话后处理",
            "未接来电",
            "离线",
        ):
            assert part in seats
        missed = await page.text("#missed")
        assert re.fullmatch(r"请留意，已自动停派：\d{4} \S+（未接来电）", missed)
        assert await page.text("#waiting") == "2"
        assert "12348@127.0.0.1:5060" in await page.text(".dial")
        assert not await page.value("document.querySelector('#trouble').checkVisibility()")


async def test_empty_day_shows_dashes_and_not_zero_percent(page: Page, tmp_path: Path) -> None:
    view = FakeView(snapshot=empty_live(datetime.now(UTC)), so_far=day(0, 0, 0, 0))
    async with serving(view, tmp_path) as url:
        await shown(page, url)
        rate = await page.text("#rate-answer")
        assert "—" in rate
        assert "%" not in rate.replace("目标 ≥ 95%", "")
        assert "今日尚无人工请求" in rate
        assert "当前没有来电" in await page.text(".calls")
        for part in ("#alarms", "#callbacks-card", "#missed"):
            assert not await page.value(f"document.querySelector('{part}').checkVisibility()")


async def test_trouble_is_named(page: Page, tmp_path: Path) -> None:
    view = FakeView(state_of_parts=UNHEALTHY, so_far=RuntimeError("locked"))
    async with serving(view, tmp_path) as url:
        await shown(page, url)
        trouble = await page.text("#trouble")
        assert "实时状态（连接中断，暂用内存）" in trouble
        assert "数据库（被锁定，事实暂存）" in trouble
        assert "数据暂不可用" in await page.text("#rate-answer")


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
async def test_page_fits_the_screen_and_every_text_can_be_read(
    page: Page, tmp_path: Path, width: int, height: int
) -> None:
    view = FakeView(state_of_parts=UNHEALTHY)
    async with serving(view, tmp_path) as url:
        await shown(page, url, width=width, height=height)
        assert await page.value("document.documentElement.scrollWidth") <= width
        contrast: dict[str, Any] = await page.value(LOW_CONTRAST)
        assert contrast["seen"] > 60
        assert contrast["found"] == []
        picture = await page.picture()
        assert picture.startswith(b"\x89PNG")


async def test_seat_is_set_not_ready_by_its_button(page: Page, tmp_path: Path) -> None:
    view = FakeView()
    async with serving(view, tmp_path) as url:
        await shown(page, url)
        await page.value("document.querySelector('[aria-label=\"8201 置忙\"]').click()")
        await page.until("document.querySelector('#said').textContent !== ''")
        assert view.changes == [("8201", "not_ready", "supervisor")]
        assert await page.text("#said") == "坐席 8201 已设为示忙。"


async def test_refused_change_is_told_in_the_words_of_the_refusal(
    page: Page, tmp_path: Path
) -> None:
    view = FakeView(refusal=SeatFault("seat_busy", "坐席正在通话。"))
    async with serving(view, tmp_path) as url:
        await shown(page, url)
        await page.value("document.querySelector('[aria-label=\"8201 置忙\"]').click()")
        await page.until("document.querySelector('#said').textContent !== ''")
        assert await page.text("#said") == "坐席正在通话。"
    # the browser's console notes each 409 by itself
    page.complaints = [one for one in page.complaints if "409" not in one and "refused" not in one]


async def test_change_reaches_an_open_page_and_a_lost_line_is_shown(
    page: Page, tmp_path: Path
) -> None:
    view = FakeView()
    async with serving(view, tmp_path) as url:
        await shown(page, url)
        view.snapshot = empty_live(datetime.now(UTC))
        await page.until("document.querySelector('#waiting').textContent === '0'")
        assert await page.value("document.querySelectorAll('#calls tr').length") == 0
    await page.until("document.querySelector('#line').textContent.includes('连接中断')")
    assert await page.value("document.body.classList.contains('lost')")
    # the browser's console notes each refused connection by itself
    await page.open("about:blank")
    page.complaints = [one for one in page.complaints if "ERR_" not in one]


async def test_stranger_comes_in_with_the_key(page: Page, tmp_path: Path) -> None:
    async with serving(FakeView(), tmp_path, demo=False) as url:
        await page.open(url)
        await page.until("document.readyState === 'complete' && document.querySelector('#key')")
        enter = (
            "document.querySelector('#key').value = {!r};document.querySelector('button').click()"
        )
        await page.value(enter.format("wrong"))
        await page.until("document.querySelector('#said').textContent === '密钥不正确。'")
        await page.value(enter.format(load_api_key(tmp_path)))
        await page.until("document.querySelector('#line')?.textContent.includes('实时更新')")
        assert await page.value("document.cookie") == ""
        await page.value("document.querySelector('[aria-label=\"8201 置忙\"]').click()")
        await page.until("document.querySelector('#said').textContent === '坐席 8201 已设为示忙。'")
    page.complaints = [one for one in page.complaints if "401" not in one and "ERR_" not in one]


async def test_number_of_a_caller_cannot_become_markup(page: Page, tmp_path: Path) -> None:
    view = FakeView()
    first = view.snapshot.calls[0]
    nasty = "<img src=x onerror=alert(1)>"
    call = replace(first, city=nasty, group=nasty)
    view.snapshot = replace(view.snapshot, calls=(call,), seats=())
    async with serving(view, tmp_path) as url:
        await shown(page, url)
        assert nasty in await page.text("#calls")
        assert await page.value("document.querySelectorAll('#calls img').length") == 0
        assert "尚未配置坐席" in await page.text(".seats")
