"""Administration in a real browser: seats, calendar, prompts and refused numbers."""

import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from aiohttp import web

from callcenter.admission.desk import BlacklistDesk
from callcenter.bench.browser import Page, log_in, open_page
from callcenter.documents.roster_plan import read_roster
from callcenter.documents.seats_sheet import write_seats
from callcenter.prompt_shelf import PromptShelf
from callcenter.province import load_province
from callcenter.sounds import prepare
from callcenter.web.app import make_app
from callcenter.web.rights import Role
from callcenter.web.web_parts import WebParts
from ivr_flows.prompts.texts import PACKAGED
from reports import audit
from tests.callcenter.documents.desk_here import Here, here
from tests.callcenter.web.fake_view import FakeSettings, FakeView
from tests.callcenter.web.people import PASSWORD, People, people_in
from tests.real.looks import keep_picture, low_contrast
from tests.reports.made import answered

pytestmark = pytest.mark.real

ADMIN, FIRST, SECOND = "guanli", "limei", "wangqiang"
NUMBER = "+8613800008000"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Here]:
    async with here(tmp_path) as one:
        prepare(one.settings.home)
        yield one


@pytest.fixture
async def people(tmp_path: Path) -> AsyncIterator[People]:
    made = await people_in(tmp_path)
    await made.add(Role.ADMIN, ADMIN)
    await made.add(Role.SUPERVISOR, FIRST)
    await made.add(Role.SUPERVISOR, SECOND)
    now = datetime.now(UTC)
    calls = [
        answered(f"c-{n}", caller=NUMBER, arrived_at=now - timedelta(days=n)) for n in range(5)
    ]
    await made.store.upsert(calls)
    yield made
    await made.store.close()


@pytest.fixture
async def url(tmp_path: Path, house: Here, people: People) -> AsyncIterator[str]:
    view = FakeView()
    parts = WebParts(
        figures=view,
        accounts=people.accounts,
        province=house.desk,
        blacklist=BlacklistDesk(people.store),
        prompts=PromptShelf(house.settings.home),
    )
    runner = web.AppRunner(make_app(view, FakeSettings(tmp_path), parts=parts), shutdown_timeout=3)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with open_page() as opened:
        yield opened


def shows(text: str) -> str:
    return f"Boolean(document.body?.innerText.includes({text!r}))"


def button(text: str, within: str = "body") -> str:
    """An expression that presses the button with this text."""
    return (
        f"[...document.querySelectorAll({within + ' button'!r})]"
        f".filter((one) => one.offsetParent && one.innerText.trim() === {text!r}).at(-1)"
    )


async def press(page: Page, text: str, within: str = "body") -> None:
    await page.until(f"{button(text, within)} && !{button(text, within)}.disabled")
    await page.value(f"{button(text, within)}.click()")


async def fill(page: Page, label: str, text: str) -> None:
    """Type into the visible input whose label or placeholder this is."""
    one = (
        "[...document.querySelectorAll('input, textarea')].filter((one) => one.offsetParent &&"
        f" (one.ariaLabel === {label!r} || one.placeholder === {label!r} ||"
        f" [...(one.labels ?? [])].some((l) => l.innerText.trim() === {label!r}))).at(-1)"
    )
    await page.until(f"Boolean({one})")
    await page.value(f"{one}.focus(), {one}.select?.()")
    await page.type(text)


async def give_file(page: Page, name: str, data: bytes) -> None:
    """Choose a file in the dialog that is open."""
    content = list(data)
    inputs = "document.querySelectorAll('.el-dialog input[type=file]')"
    await page.value(
        f"(() => {{ const input = [...{inputs}].at(-1);"
        f" const file = new File([Uint8Array.from({content})], {name!r});"
        " const given = new DataTransfer(); given.items.add(file); input.files = given.files;"
        " input.dispatchEvent(new Event('change')); })()"
    )


async def apply(page: Page, why: str) -> None:
    """Through the dialog that asks for the reason."""
    await press(page, "查看并生效")
    await page.until(shows("保存后立即生效"))
    await fill(page, "更改说明", why)
    await press(page, "保存并生效")
    await page.until(shows("已生效"))
    await page.until("!document.querySelector('.draft-bar')")


async def test_a_seat_is_changed_with_faults_at_their_fields(
    page: Page, url: str, house: Here, tmp_path: Path
) -> None:
    await log_in(page, url, ADMIN, PASSWORD)
    await page.open(f"{url}/admin/seats")
    await page.until(shows("省级四席"))
    await keep_picture(page, "admin-seats", tmp_path)
    assert await low_contrast(page) == []

    await page.value("document.querySelector('[aria-label=\"编辑 8001\"]').click()")
    await page.until(shows("坐席 8001"))
    await fill(page, "名称", "a;b")
    await page.until(shows("名称为 1 到 20 个字"))
    await keep_picture(page, "admin-seat-fault", tmp_path)
    await fill(page, "名称", "长春首席")
    await press(page, "添加班次")
    await page.until(f"!{shows('名称为 1 到 20 个字')}")
    await keep_picture(page, "admin-seat-form", tmp_path)
    await press(page, "确定")
    await page.until(shows("1 处更改尚未生效"))
    await page.until(shows("已改"))
    await apply(page, "新来的律师")
    seat = load_province(house.settings.province).seats[0]
    assert (seat.name, len(seat.shifts)) == ("长春首席", 1)
    (entry,) = await audit.entries(house.store)
    assert (entry.by, entry.reason) == (ADMIN, "新来的律师")
    assert "长春一席 → 长春首席" in entry.before
    assert page.complaints == []


async def test_skills_shifts_and_matters_are_seen_at_a_glance(
    page: Page, url: str, house: Here, tmp_path: Path
) -> None:
    await log_in(page, url, ADMIN, PASSWORD)
    await page.open(f"{url}/admin/seats")
    await page.until(shows("省级四席"))
    await page.click("#tab-skills")
    await page.until("document.querySelectorAll('[role=slider]').length === 45")
    await page.value("document.querySelector('[aria-label=\"8002 婚姻家庭\"]').focus()")
    await page.key("5", "Digit5")
    await page.until(shows("1 处更改尚未生效"))
    await keep_picture(page, "admin-skills", tmp_path)
    await page.click("#tab-shifts")
    await page.until(shows("勾选坐席后"))
    await keep_picture(page, "admin-shifts", tmp_path)
    await page.click("#tab-groups")
    await page.until(shows("新增事项"))
    await press(page, "新增事项")
    await page.until("document.querySelectorAll('.admin-page .el-table tbody tr').length === 6")
    await page.until(shows("代号用小写字母开头"))
    await keep_picture(page, "admin-groups", tmp_path)
    assert page.complaints == []


async def test_an_excel_file_of_seats_is_told_its_faults_by_row_and_column(
    page: Page, url: str, house: Here, tmp_path: Path
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_seats(read_roster(house.text("seats.yaml")))))
    book.active["B2"], book.active["D3"] = "a;b", "火星"
    await log_in(page, url, ADMIN, PASSWORD)
    await page.open(f"{url}/admin/seats")
    await press(page, "导入 Excel")
    await page.until(shows("先导出一份"))
    await give_file(page, "坐席.xlsx", packed(book))
    await page.until(shows("有 2 处错误"))
    await page.until(shows("没有“火星”这个市州"))
    await keep_picture(page, "admin-sheet-faults", tmp_path)
    book.active["B2"], book.active["D3"] = "长春首席", "吉林市"
    await give_file(page, "坐席.xlsx", packed(book))
    await page.until(shows("将有 2 处更改"))
    await keep_picture(page, "admin-sheet", tmp_path)
    await fill(page, "更改说明", "导入新名册")
    await press(page, "导入并生效")
    await page.until(shows("已导入"))
    await page.until(shows("长春首席"))
    assert load_province(house.settings.province).seats[1].city == "220200"
    assert page.complaints == []


def packed(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def test_hours_and_holidays_are_changed(
    page: Page, url: str, house: Here, tmp_path: Path
) -> None:
    await log_in(page, url, ADMIN, PASSWORD)
    await page.open(f"{url}/admin/calendar")
    await page.until(shows("最具体的一条生效"))
    await press(page, "新增服务时间")
    await page.until(shows("个别星期另设"))
    await fill(page, "周末", "9点")
    await page.until(shows("不像 08:30-17:00"))
    await keep_picture(page, "admin-hours-form", tmp_path)
    await fill(page, "周末", "09:00-12:00")
    await page.until(f"!{shows('不像 08:30-17:00')}")
    await page.until(shows("这个市州和事项已有一条"))
    await page.value(
        "document.querySelector('.el-drawer .el-select__wrapper').click()",
    )
    await page.until(shows("延边朝鲜族自治州"))
    await page.value(
        "[...document.querySelectorAll('.el-select-dropdown__item')]"
        ".find((one) => one.offsetParent && one.innerText === '延边朝鲜族自治州').click()"
    )
    await page.until(f"!{shows('这个市州和事项已有一条')}")
    await press(page, "确定", ".el-drawer")
    await keep_picture(page, "admin-calendar", tmp_path)
    await page.click("#tab-year")
    await page.until("document.querySelectorAll('.month').length === 12")
    await page.value("document.getElementById('day-2026-12-31').click()")
    await page.until(shows("2026-12-31 算作"))
    await page.value("document.querySelector('.el-dialog input[value=off]').click()")
    await page.until(shows("节日名称"))
    await page.value("document.querySelector('.el-dialog .el-select input').focus()")
    await page.type("元旦")
    await page.key("Enter", "Enter")
    await press(page, "确定", ".el-dialog")
    await page.until("document.querySelector('#day-2026-12-31').classList.contains('off')")
    await keep_picture(page, "admin-year", tmp_path)
    assert await low_contrast(page) == []
    await apply(page, "延边周末值班")
    calendar = load_province(house.settings.province).calendar
    assert [rule.place for rule in calendar.rules] == [None, "222400"]
    assert calendar.years[2026].names[datetime(2026, 12, 31).date()] == "元旦"
    await page.click("#tab-closures")
    await page.until(shows("没有临时停服"))
    await press(page, "新增临时停服")
    await page.until(shows("请写明停服原因"))
    await keep_picture(page, "admin-closures", tmp_path)
    assert page.complaints == []


async def test_a_prompt_is_heard_and_replaced(
    page: Page, url: str, house: Here, tmp_path: Path
) -> None:
    await log_in(page, url, ADMIN, PASSWORD)
    await page.open(f"{url}/admin/prompts")
    await page.until(shows("通话将被录音"))
    await keep_picture(page, "admin-prompts", tmp_path)
    assert await low_contrast(page) == []
    await press(page, "更换录音", ".el-table__row:first-child")
    await page.until(shows("50 MB"))
    await give_file(page, "x.wav", b"no sound")
    await page.until(shows("不是能读的声音文件"))
    page.complaints.clear()  # the browser itself notes each refusal
    await give_file(page, "greeting.wav", (PACKAGED / "zh-CN" / "greeting.wav16").read_bytes())
    await page.until(shows("来电人将听到"))
    await page.until("document.querySelector('audio').duration > 5")
    await keep_picture(page, "admin-recording", tmp_path)
    await fill(page, "更改说明", "新录音")
    await press(page, "启用这段录音")
    await page.until(shows("真人录音"))
    own = house.settings.home / "prompts" / "zh-CN" / "greeting.wav"
    recorded = own.read_bytes()

    await press(page, "恢复原音", ".el-table__row:first-child")
    await fill(page, "更改说明", "试试原音")
    await press(page, "确定", ".el-message-box")
    await press(page, "历史录音 1", ".el-table__row:first-child")
    await page.until("document.querySelector('.earlier audio')")
    assert "新录音" in await page.text(".earlier")
    await page.value("document.querySelector('.earlier audio').play()")
    await page.until("document.querySelector('.earlier audio').currentTime > 0.3")
    await keep_picture(page, "admin-earlier-recordings", tmp_path)
    assert not own.exists()
    await press(page, "恢复此录音", ".earlier")
    await fill(page, "更改说明", "还是真人好")
    await press(page, "确定", ".el-message-box")
    await page.until("!document.querySelector('.earlier')")
    await page.until(shows("真人录音"))
    assert own.read_bytes() == recorded
    assert page.complaints == []


async def test_one_proposes_to_refuse_a_number_and_another_approves(
    page: Page, url: str, people: People, tmp_path: Path
) -> None:
    await log_in(page, url, FIRST, PASSWORD)
    await page.open(f"{url}/admin/blacklist")
    await press(page, "提出限制")
    await fill(page, "04315550123", "138 0000 8000")
    await press(page, "查找来电")
    await page.until(shows("138****8000"))
    for n in (1, 2, 3):
        await page.click(f".el-dialog tbody tr:nth-child({n}) .el-checkbox")
    await page.until(shows("已选 3 通"))
    await fill(page, "发生了什么", "反复骚扰辱骂")
    await keep_picture(page, "admin-propose", tmp_path)
    await press(page, "提出限制", ".el-dialog")
    await page.until(shows("待审批 1"))
    approve = button("批准")
    await page.until(f"{approve}.disabled")
    await log_in(page, url, SECOND, PASSWORD)
    await page.open(f"{url}/admin/blacklist")
    await press(page, "批准")
    await press(page, "确定", ".el-message-box")
    await page.until(shows("生效中 1"))
    await keep_picture(page, "admin-blacklist", tmp_path)
    assert await low_contrast(page) == []
    assert list(await BlacklistDesk(people.store).in_force(datetime.now(UTC))) == [NUMBER]
    # No supervisors' telephones are served here, which the page's header asks for.
    assert [one for one in page.complaints if "/supervise" not in one] == []


async def test_the_pages_are_there_in_english_and_in_large_type(
    page: Page, url: str, tmp_path: Path
) -> None:
    await log_in(page, url, ADMIN, PASSWORD)
    await page.value("localStorage.setItem('hotline.language', 'en')")
    for name, word in [
        ("seats", "省级四席"),
        ("calendar", "The most specific line counts"),
        ("prompts", "Synthetic voice"),
        ("blacklist", "Two persons"),
    ]:
        await page.open(f"{url}/admin/{name}")
        await page.until(shows(word))
        await page.value("document.documentElement.classList.add('large-type')")
        await keep_picture(page, f"admin-{name}-en", tmp_path)
        width = await page.value("document.querySelector('.shell-main').scrollWidth")
        assert width <= await page.value("document.querySelector('.shell-main').clientWidth") + 1
    assert page.complaints == []
