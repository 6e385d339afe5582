"""The live board in a real browser, over the real application and a fake hotline."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callcenter.bench.browser import Page, log_in, open_page
from callcenter.web.auth import load_api_key
from callcenter.web.rights import Role
from callcenter.web.view import FiguresAway
from reports import audit
from reports.facts import OverflowRequest
from tests.callcenter.web.fake_view import (
    UNHEALTHY,
    FakeView,
    day,
    empty_live,
)
from tests.callcenter.web.people import PASSWORD, People, people_in
from tests.real.board_page import FRESH, serving, set_not_ready, shown
from tests.real.looks import keep_picture, low_contrast
from tests.reports.made import T0, call

ANSWERED = '[data-metric="answer_rate_agent"]'
SATISFIED = '[data-metric="satisfaction"]'


@pytest.fixture
async def people(tmp_path: Path) -> AsyncIterator[People]:
    made = await people_in(tmp_path)
    await made.add(Role.SUPERVISOR, "zhuguan")
    await made.add(Role.SUPERVISOR, "yanbian", city="222400")
    await made.add(Role.SEAT, "zuoxi", seat="8001")
    yield made
    await made.store.close()


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with open_page() as opened:
        yield opened


@pytest.fixture(autouse=True)
async def no_complaint(page: Page) -> AsyncIterator[None]:
    yield
    # no telephones for supervisors here
    assert [one for one in page.complaints if "/api/v1/supervise" not in one] == []


async def test_busy_hotline_is_shown_in_words_and_figures(
    page: Page, tmp_path: Path, people: People
) -> None:
    async with serving(FakeView(), tmp_path, people) as url:
        await shown(page, url)
        await page.until("document.body.innerText.includes('今年')")
        rate = await page.text(ANSWERED)
        assert re.search(r"✓ 达标\s+97\.5%\s+接听 118 / 请求人工 121\s*目标 ≥ 95%", rate)
        assert re.search(r"还可漏接 3 个\s+今年 94\.8%\s*还需连续接听 2,740 个才达标", rate)
        rate = await page.text(SATISFIED)
        assert re.search(r"▼ 未达标\s+85\.3%\s+满意 64 / 已评价 75\s*目标 ≥ 90%", rate)
        assert re.search(r"还需连续 35 个满意才达标\s+今年 91\.8%\s*还可有 676 个不满意", rate)
        calls = await page.text("#calls")
        assert await page.value("document.querySelectorAll('#calls tr').length") == 9
        assert re.search(
            r"138\*{4}0000\s+长春市\s+劳动劳务\s+通话中\s+8001\s+3:[345]\d\s+0:06", calls
        )
        stages = "语音导航 排队等候 坐席振铃 通话中 满意度评价 留言登记 转接外线"
        for stage in stages.split():
            assert stage in calls
        assert calls.index("排队等候") < calls.index("通话中")  # who waits stands first
        line = await page.text(".line-card")
        assert re.search(r"综合咨询 · 延边朝鲜族自治州\s+1\s+1:[23]\d", line)
        assert re.search(r"劳动劳务 · 地区未定\s+1\s+0:[234]\d", line)
        assert re.search(
            r"警报：紧急求助\s+\d\d:\d\d:\d\d\s+来电 139\*{4}1111（延边朝鲜族自治州），转接外线",
            await page.text("#alarms"),
        )
        seats = await page.text("#seats")
        for part in "长春市 延边朝鲜族自治州 省级坐席 王律师 话后处理 未接来电 离线".split():
            assert part in seats
        missed = await page.text("#missed")
        assert re.fullmatch(r"请留意，已自动停派：\d{4} \S+（未接来电）", missed)
        assert await page.text("#waiting") == "2"
        assert "12348@127.0.0.1:5060" in await page.text(".dial")
        assert not await page.value("Boolean(document.querySelector('#trouble'))")
        for raw in ("not_ready", "no_answer", "220100", "labour"):
            assert raw not in await page.text("body")
        await keep_picture(page, "live", tmp_path)
        await page.click("#callbacks-tab")
        callbacks = await page.text("#callbacks")
        assert re.search(r"139\*{4}2222\s+长春市\s+劳动劳务\s+等候回拨\s+1\s+\d\d:\d\d", callbacks)


async def test_empty_day_shows_dashes_and_not_zero_percent(
    page: Page, tmp_path: Path, people: People
) -> None:
    view = FakeView(snapshot=empty_live(datetime.now(UTC)), so_far=day(0, 0, 0, 0))
    async with serving(view, tmp_path, people) as url:
        await shown(page, url)
        rate = await page.text(ANSWERED)
        assert "—" in rate
        assert "%" not in rate.partition("今年")[0].replace("目标 ≥ 95%", "")
        assert "今日尚无人工请求" in rate
        assert "当前没有来电" in await page.text(".callers")
        assert "当前无人等候" in await page.text(".line-card")
        for part in ("#alarms", "#missed", "#trouble"):
            assert not await page.value(f"Boolean(document.querySelector('{part}'))")
        await page.click("#callbacks-tab")
        assert "没有等候回拨的来电人" in await page.text(".callers")


async def test_trouble_is_named(page: Page, tmp_path: Path, people: People) -> None:
    view = FakeView(state_of_parts=UNHEALTHY, so_far=FiguresAway("locked"))
    async with serving(view, tmp_path, people) as url:
        await shown(page, url)
        trouble = await page.text("#trouble")
        assert "实时状态（连接中断，暂用内存）" in trouble
        assert "数据库（被锁定，事实暂存）" in trouble
        assert "数据暂不可用" in await page.text(ANSWERED)
        await page.until("document.body.innerText.includes('统计数据暂不可用')")
    page.complaints = [one for one in page.complaints if "503" not in one and "ERR_" not in one]


@pytest.mark.parametrize(
    ("at", "width", "height"),
    [("/live", 1366, 768), ("/live", 390, 844), ("/wall", 1366, 768), ("/wall", 1920, 1080)],
)
async def test_page_fits_the_screen_and_every_text_can_be_read(
    page: Page, tmp_path: Path, people: People, at: str, width: int, height: int
) -> None:
    view = FakeView(state_of_parts=UNHEALTHY)
    async with serving(view, tmp_path, people) as url:
        await shown(page, url, at=at, width=width, height=height)
        await page.until("Boolean(document.querySelector('canvas'))")
        assert await page.value("document.documentElement.scrollWidth") <= width
        if at == "/wall":
            assert await page.value("document.documentElement.scrollHeight") <= height
        assert await low_contrast(page) == []
        await keep_picture(page, f"{at[1:]}-{width}", tmp_path)


async def test_the_wall_shows_the_same_figures_from_afar(
    page: Page, tmp_path: Path, people: People
) -> None:
    async with serving(FakeView(), tmp_path, people) as url:
        await shown(page, url, at="/wall", width=1920, height=1080)
        assert "97.5%" in await page.text(ANSWERED)
        assert "还需连续 35 个满意才达标" in await page.text(SATISFIED)
        assert await page.text("#waiting") == "2"
        assert "8901 周律师 示忙" in re.sub(r"\s+", " ", await page.text(".wall-seats"))


async def test_seats_can_be_narrowed_to_one_state(
    page: Page, tmp_path: Path, people: People
) -> None:
    async with serving(FakeView(), tmp_path, people) as url:
        await shown(page, url)
        await page.value(
            "[...document.querySelectorAll('.states button')]"
            ".find((one) => one.innerText.startsWith('通话中')).click()"
        )
        await page.until("document.querySelectorAll('[data-seat]').length === 3")
        for number in ("8001", "8002", "8902"):
            assert number in await page.text("#seats")


async def test_refused_change_of_a_seat_is_told_in_the_words_of_the_refusal(
    page: Page, tmp_path: Path, people: People
) -> None:
    async with serving(FakeView(), tmp_path, people) as url:
        await shown(page, url)
        await set_not_ready(page, "8201", "午间轮休")
        await page.until("document.querySelector('.el-message--error')")
        assert "呼叫控制暂不可用" in await page.text(".el-message--error")
    page.complaints = [one for one in page.complaints if "503" not in one and "ERR_" not in one]


async def test_english_leaves_no_chinese_word_of_ours(
    page: Page, tmp_path: Path, people: People
) -> None:
    view = FakeView()
    seats = tuple(replace(seat, name="Seat") for seat in view.snapshot.seats)
    view.snapshot = replace(view.snapshot, seats=seats)
    async with serving(view, tmp_path, people) as url:
        await log_in(page, url, "zhuguan", PASSWORD)
        await page.value("localStorage.setItem('hotline.language', 'en')")
        await page.open(f"{url}/live")
        await page.until("document.querySelector('#line')?.textContent.includes('Live')")
        await page.until("document.querySelector('main').innerText.includes('This year')")
        assert re.findall(r"[\u4e00-\u9fff]+", await page.text("main")) == []
        await keep_picture(page, "live-english", tmp_path)


async def test_change_reaches_an_open_page_and_a_lost_line_is_shown_and_mended(
    page: Page, tmp_path: Path, people: People
) -> None:
    view = FakeView()
    async with serving(view, tmp_path, people) as url:
        await shown(page, url)
        view.snapshot = empty_live(datetime.now(UTC))
        await page.until("document.querySelector('#waiting').textContent === '0'")
        await page.until("document.querySelectorAll('#calls tr').length === 0")
    await page.until("document.querySelector('#line').textContent.includes('连接中断')")
    assert await page.value("document.querySelector('.board').classList.contains('lost')")
    # another run of the program at the same address: the page starts anew from its snapshot
    view.snapshot = replace(view.snapshot, waiting=7)
    async with serving(view, tmp_path, people, port=int(url.rpartition(":")[2])):
        await page.until(FRESH)
        await page.until("document.querySelector('#waiting').textContent === '7'")
        await page.open("about:blank")
    # the browser's console notes each refused connection by itself
    page.complaints = [one for one in page.complaints if "ERR_" not in one]


async def test_a_stranger_comes_in_with_the_key_and_only_then(
    page: Page, tmp_path: Path, people: People
) -> None:
    async with serving(FakeView(), tmp_path, people) as url:
        for key, outcome in (
            ("wrong-key-wrong-key-wrong", "document.querySelector('.el-alert--error')"),
            (load_api_key(tmp_path), FRESH),
        ):
            await page.open(f"{url}/live")
            await page.until("document.querySelector('.login-other')")
            await page.click(".login-other")
            await page.until("document.querySelector('[name=key]')")
            await page.click("[name=key]")
            await page.type(key)
            await page.click(".login-go")
            await page.until(outcome)
        assert await page.value("document.cookie") == ""
    page.complaints = [one for one in page.complaints if "401" not in one and "ERR_" not in one]


async def test_who_may_not_see_the_board_is_not_shown_it(
    page: Page, tmp_path: Path, people: People
) -> None:
    async with serving(FakeView(), tmp_path, people) as url:
        await log_in(page, url, "zuoxi", PASSWORD)
        await page.open(f"{url}/live")
        await page.until("location.pathname !== '/live'")
        assert not await page.value("Boolean(document.querySelector('.board'))")
        status = await page.value("fetch('/api/v1/live').then((answer) => answer.status)")
        assert status == 403
    page.complaints = [one for one in page.complaints if not re.search("403|404|503|ERR_", one)]


async def test_a_city_supervisor_sees_his_city_on_the_board(
    page: Page, tmp_path: Path, people: People
) -> None:
    async with serving(FakeView(), tmp_path, people) as url:
        await log_in(page, url, "yanbian", PASSWORD)
        await page.open(f"{url}/live")
        await page.until(FRESH)
        assert await page.value("document.querySelectorAll('[data-seat]').length") == 1
        assert "138****0000" not in await page.text("body")
        assert await page.text("#waiting") == "1"


async def test_an_alarm_is_told_on_every_page_until_it_is_noted(
    page: Page, tmp_path: Path, people: People
) -> None:
    strip = "document.querySelector('.alarm-strip')"
    async with serving(FakeView(), tmp_path, people) as url:
        await log_in(page, url, "zhuguan", PASSWORD)
        await page.open(f"{url}/requests")
        await page.until(f"{strip}?.innerText.includes('警报：紧急求助')")
        assert "139****1111" in await page.text(".alarm-strip")
        assert await low_contrast(page) == []
        await keep_picture(page, "alarm-strip", tmp_path)
        await page.click(".alarm-strip button")
        await page.until(f"!{strip}")


async def test_a_message_left_is_dealt_with_and_goes_from_the_list(
    page: Page, tmp_path: Path, people: People
) -> None:
    wish = OverflowRequest(requested_at=T0, audio="/r/a.wav", duration_s=12.4)
    left = call("a-1", caller="+8613800001111", city="220100", group="labour", overflow="message")
    await people.store.upsert([left.model_copy(update={"overflow_request": wish})])
    async with serving(FakeView(), tmp_path, people) as url:
        await log_in(page, url, "zhuguan", PASSWORD)
        await page.open(f"{url}/requests")
        await page.until("document.querySelector('.requests')?.innerText.includes('138****1111')")
        row = await page.text(".requests .el-table__body")
        for word in ("留言", "长春市", "劳动劳务", "12 秒", "03/02 09:02"):
            assert word in row
        await keep_picture(page, "requests", tmp_path)
        await page.click(".requests .el-table__body button")
        await page.until("document.querySelector('.el-message-box input')")
        await page.click(".el-message-box input")
        await page.type("已回电，问题已答复")
        await page.click(".el-message-box .el-button--primary")
        await page.until("document.querySelector('.requests').innerText.includes('没有待办事项')")
    (entry,) = await audit.entries(people.store, subject="a-1")
    assert (entry.by, entry.action, entry.reason) == (
        "zhuguan",
        "request_done",
        "已回电，问题已答复",
    )


async def test_number_of_a_caller_cannot_become_markup(
    page: Page, tmp_path: Path, people: People
) -> None:
    view = FakeView()
    first = view.snapshot.calls[0]
    nasty = "<img src=x onerror=alert(1)>"
    named = replace(first, city=nasty, group=nasty)
    view.snapshot = replace(view.snapshot, calls=(named,), seats=())
    async with serving(view, tmp_path, people) as url:
        await shown(page, url)
        assert nasty in await page.text("#calls")
        assert await page.value("document.querySelectorAll('#calls img').length") == 0
        assert "尚未配置坐席" in await page.text(".seats")
