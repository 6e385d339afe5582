"""Flows in a real browser: changed in a form, tried, submitted, published by somebody else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web

from callcenter.bench.browser import Page, log_in, open_page
from callcenter.call import Call, CallId, Stage
from callcenter.call.state import Passed
from callcenter.flows.bench import FlowBench
from callcenter.flows.check import check_here
from callcenter.flows.console import FlowConsole, running
from callcenter.flows.copies import ReleaseCopies
from callcenter.flows.desk import FlowDesk
from callcenter.flows.releases import Releases
from callcenter.flows.store import FlowStore
from callcenter.flows.traffic import FlowTraffic
from callcenter.settings import DEMO_PROVINCE
from callcenter.sounds import prepare
from callcenter.web.app import make_app
from callcenter.web.rights import Role
from callcenter.web.web_parts import WebParts
from ivr_flows.load import FLOWS, load_flows
from ivr_flows.turn import Session
from seats.calendar_file import load_calendar
from tests.callcenter.web.fake_view import FakeSettings, FakeView
from tests.callcenter.web.people import PASSWORD, People, people_in
from tests.real.looks import keep_picture, low_contrast

pytestmark = pytest.mark.real

AUTHOR, REVIEWER = "limei", "wangqiang"
NOW = datetime.now(UTC)


def calls() -> list[Call]:
    """Forty calls: in the menu, in line, in a talk."""
    made = []
    for n in range(40):
        key, step = (("1", "family"), ("2", "labour"), ("0", "general"))[n % 3]
        ways = [("greeting", "next"), ("hours", "cases.open"), ("language", "otherwise")]
        if n % 4:
            ways += [("main_menu", f"keys.{key}")]
        if n % 4 and n % 3 < 2:
            ways += [(f"{step}_city", "otherwise"), (f"{step}_near", "otherwise")]
        at = step if n % 4 else "main_menu"
        made.append(
            Call(
                call_id=CallId(f"c-{n}"),
                arrived_at=NOW,
                stage=Stage.QUEUE if n % 4 else Stage.IVR,
                path=tuple(Passed(NOW, "main", 3, *way) for way in ways),
                session=Session("main", 3, at, awaits="queue"),
            )
        )
    return made


@pytest.fixture
async def people(tmp_path: Path) -> AsyncIterator[People]:
    made = await people_in(tmp_path)
    await made.add(Role.ADMIN, AUTHOR)
    await made.add(Role.ADMIN, REVIEWER)
    yield made
    await made.store.close()


@pytest.fixture
async def url(tmp_path: Path, people: People) -> AsyncIterator[str]:
    """The application over our own flows and the demo province, with a controller's releases."""
    prepare(tmp_path)
    check = check_here(tmp_path, lambda: DEMO_PROVINCE)
    now = calls()
    releases = Releases(
        FlowStore(people.store),
        check,
        ReleaseCopies(tmp_path / "releases"),
        files=load_flows(),
        in_use=lambda: {0},
    )
    calendar = load_calendar(DEMO_PROVINCE / "calendar.yaml")
    desk = FlowDesk(people.store, check)
    console = FlowConsole(
        desk=desk,
        bench=FlowBench(desk, lambda: calendar),
        traffic=FlowTraffic(people.store, lambda: now, clock=lambda: NOW),
        running=lambda: running(releases, now[:3]),
    )
    view = FakeView()
    parts = WebParts(figures=view, accounts=people.accounts, flows=console)
    runner = web.AppRunner(make_app(view, FakeSettings(tmp_path), parts=parts), shutdown_timeout=3)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    looking = asyncio.ensure_future(releases.run())
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    looking.cancel()
    with suppress(asyncio.CancelledError):
        await looking
    await runner.cleanup()


def seen(selector: str) -> str:
    return f"document.querySelector({selector!r})"


def faults(count: int) -> str:
    return f"{seen('.sum')}?.dataset.faults === '{count}'"


async def calm(page: Page) -> None:
    """Wait until nothing moves any more: what slides in is not where it seems to be."""
    moving = "[class*=-enter-active], [class*=-leave-active]"
    await page.until(
        f"!{seen('.el-loading-mask')}?.checkVisibility() && !{seen(moving)} &&"
        " document.getAnimations().every((one) => one.playState !== 'running')"
    )


async def press(page: Page, selector: str) -> None:
    """Click on what may be sliding into place."""
    await page.until(seen(selector))
    await calm(page)
    await page.click(selector)


async def keep(page: Page, name: str, folder: Path) -> None:
    """A picture once nothing moves any more."""
    await calm(page)
    await keep_picture(page, name, folder)


async def open_tab(page: Page, number: int) -> None:
    await press(page, f".flow-side .el-tabs__item:nth-child({number + 1})")


async def confirm(page: Page, note: str) -> None:
    """Fill in the dialog of a move and go on."""
    await page.until(seen(".el-dialog textarea"))
    await press(page, ".el-dialog textarea")
    await page.type(note)
    await press(page, "[data-go]")


async def retype(page: Page, old: str, new: str) -> None:
    """Change a word in the text as somebody who types there."""
    area = seen(".text-panel textarea")
    await page.value(
        f"(() => {{ const box = {area}; box.value = box.value.replace({old!r}, {new!r});"
        " box.dispatchEvent(new Event('input')); })()"
    )


async def change_in_a_form(page: Page) -> None:
    await press(page, "[data-edit]")
    await page.until(faults(0))
    await press(page, ".step-panel input")
    await page.type("main_menu")
    await press(page, ".entry")
    await page.until(seen('[data-field="wait_s"] input'))
    await press(page, '[data-field="wait_s"] .el-input-number__increase')
    await open_tab(page, 2)
    await page.until(f"{seen('.text-panel textarea')}.value.includes('wait_s: 5\\n    tries: 2')")
    await page.until(faults(0))


async def test_a_flow_goes_from_a_form_to_the_callers(
    url: str, people: People, tmp_path: Path
) -> None:
    async with open_page() as page:
        await log_in(page, url, AUTHOR, PASSWORD)
        await page.open(f"{url}/flows")
        await page.until(f"{seen('.rows tbody tr')} && !{seen('.el-loading-mask')}")
        assert "12348 总机" in await page.text(".rows")
        assert await low_contrast(page) == []
        await keep(page, "flows", tmp_path)

        await page.open(f"{url}/flows/main")
        await page.until(f"{seen('[data-step=main_menu] .step-now')}?.innerText === '10'")
        await keep(page, "flow-main", tmp_path)
        await press(page, ".vue-flow__controls-fitview")
        await keep(page, "flow-whole", tmp_path)
        assert await low_contrast(page) == []
        await change_in_a_form(page)

        await retype(page, "give_up: general", "give_up: nowhere")
        await page.until(faults(1))
        assert "没有名为 nowhere 的步骤" in await page.text(".faults")
        await keep(page, "flow-faults", tmp_path)
        await retype(page, "give_up: nowhere", "give_up: general")
        await page.until(faults(0))

        await open_tab(page, 1)
        await page.until(seen(".step-form"))
        await keep(page, "flow-form", tmp_path)
        await open_tab(page, 3)
        await press(page, ".try-panel .el-button--primary")
        await press(page, '[data-say="2"]')
        await page.until(f"{seen('.talk')}.innerText.includes('排队等人工：劳动劳务')")
        await page.until(seen(".step-node.is-here"))
        await keep(page, "flow-try", tmp_path)

        await press(page, "[data-submit]")
        await page.until(f"{seen('.changes')}?.innerText.includes('等待秒数 4 改为 5')")
        await keep(page, "flow-submit", tmp_path)
        await confirm(page, "多等一秒")
        await page.until(f"{seen('[data-versions]')}?.innerText.includes('第 4 版')")
        await press(page, "[data-versions]")
        await page.until(f"{seen('.versions')}?.innerText.includes('须由他人审核')")
        assert page.complaints == []
    await _review_and_publish(url, people, tmp_path)


async def _review_and_publish(url: str, people: People, tmp_path: Path) -> None:
    in_force = FlowStore(people.store)
    async with open_page() as page:
        await log_in(page, url, REVIEWER, PASSWORD)
        await page.open(f"{url}/flows/main")
        await press(page, "[data-versions]")
        await press(page, '[data-version="4"] .el-button--primary:not(.is-link)')
        await confirm(page, "")
        await page.until(f"!{seen('.el-dialog [data-go]')}?.checkVisibility()")
        await page.until(seen('[data-version="4"] .el-button--success'))
        await press(page, '[data-version="4"] .acts .el-button')
        await page.until(seen(".diff .is-new"))
        await keep(page, "flow-compare", tmp_path)
        await page.key("Escape", "Escape")
        await page.until(f"!{seen('.diff')}?.checkVisibility()")
        await press(page, '[data-version="4"] .el-button--success')
        await confirm(page, "十二月起启用")
        await page.until("document.querySelectorAll('.progress .is-done').length === 4")
        await keep(page, "flow-published", tmp_path)
        newest = await in_force.release(1)
        assert newest and newest[0].flows["main"] == 4

        await page.open(f"{url}/flows")
        await press(page, ".flows-page .el-tabs__item:nth-child(3)")
        await press(page, "[data-rollback='0']")
        await confirm(page, "等候变长")
        await page.until("document.querySelectorAll('.progress .is-done').length === 4")
        back = await in_force.release(2)
        assert back and back[0].flows["main"] == 3
        await press(page, ".el-dialog__footer .el-button")
        await page.until(seen('[data-rollback="1"]'))
        await keep(page, "releases", tmp_path)
        assert page.complaints == []


async def test_who_comes_second_is_told_what_his_draft_lacks(
    url: str, people: People, tmp_path: Path
) -> None:
    desk = FlowDesk(people.store, check_here(tmp_path, lambda: DEMO_PROVINCE))
    async with open_page() as page:
        await log_in(page, url, AUTHOR, PASSWORD)
        await page.open(f"{url}/flows/main")
        await page.until(seen("[data-step=main_menu]"))
        await change_in_a_form(page)
        text = (FLOWS / "main.yaml").read_text().replace("version: 3", "version: 4", 1)
        theirs = text.replace("tries: 2", "tries: 3").encode()
        await desk.submit(theirs, shown="main.yaml", author=REVIEWER, note="多问一次")
        await press(page, "[data-submit]")
        await confirm(page, "多等一秒")
        await page.until(f"{seen('.el-dialog .el-alert')}?.innerText.includes('下一个应为 5')")
        await page.key("Escape", "Escape")
        await page.until(f"{seen('.newer')}?.innerText.includes('{REVIEWER} 提交了第 4 版')")
        await page.until(faults(1))
        await keep(page, "flow-newer", tmp_path)
        assert await low_contrast(page) == []
        await press(page, "[data-newer]")
        await page.until(f"{seen('.diff')}?.innerText.includes('+    tries: 3')")
        await page.key("Escape", "Escape")
        await page.until(f"!{seen('.diff')}?.checkVisibility()")
        await press(page, "[data-renumber]")
        await page.until(faults(0))
        await press(page, "[data-submit]")
        await confirm(page, "两处改动都要")
        await page.until(f"{seen('[data-versions]')}?.innerText.includes('第 5 版')")


async def test_the_routing_policy_is_changed_in_a_form(
    url: str, people: People, tmp_path: Path
) -> None:
    async with open_page() as page:
        await log_in(page, url, AUTHOR, PASSWORD)
        await page.open(f"{url}/flows/routing")
        await page.until(seen('[data-group="labour"]'))
        await keep(page, "policy", tmp_path)
        assert await low_contrast(page) == []
        await press(page, "[data-edit]")
        await page.until(faults(0))
        await press(page, '[data-group="labour"] .head')
        await page.until(seen('[data-stage="2"]'))
        await press(page, '[data-stage="2"] .el-input-number__increase')
        await page.until(f"{seen('[data-group=labour]')}.innerText.includes('25 秒起')")
        await page.until(faults(0))
        await keep(page, "policy-form", tmp_path)
        await press(page, ".side .el-tabs__item:nth-child(5)")
        await press(page, "[data-play]")
        await page.until(f"{seen('.figures')}?.innerText.includes('接通率')")
        await keep(page, "policy-trial", tmp_path)
        await press(page, "[data-submit]")
        await page.until(f"{seen('.changes')}?.innerText.includes('25 秒起 邻近市州坐席')")
        await confirm(page, "邻近市州晚五秒")
        await page.until(f"{seen('[data-versions]')}?.innerText.includes('第 1 版')")
        kept = await FlowStore(people.store).texts({"routing": 1})
        assert "- {who: neighbours, after_s: 25}" in kept["routing"]
        assert "# 劳动劳务:先派给最熟悉的律师" in kept["routing"]
        assert page.complaints == []


async def test_in_english_and_in_large_type(url: str, people: People, tmp_path: Path) -> None:
    async with open_page() as page:
        await log_in(page, url, REVIEWER, PASSWORD)
        await page.value("localStorage.setItem('hotline.language', 'en')")
        await page.open(f"{url}/flows/main")
        await page.until(seen('[data-step="main_menu"]'))
        await press(page, '[data-step="hours"]')
        await page.until(seen(".step-view .ways"))
        assert "Menu" in await page.text('[data-step="main_menu"]')
        await keep(page, "flow-english", tmp_path)
        await page.value("document.documentElement.classList.add('large-type')")
        await page.open(f"{url}/flows/routing")
        await page.until(seen('[data-group="labour"]'))
        await page.value("document.documentElement.classList.add('large-type')")
        await keep(page, "policy-english", tmp_path)
        assert page.complaints == []
