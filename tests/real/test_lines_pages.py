"""Outside lines, notices and the system's state in a real browser, over a whole hotline."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from callcenter.bench.browser import Page, log_in, open_page
from callcenter.notices import Notices
from callcenter.province import load_province
from callcenter.settings import DEMO_PROVINCE
from callcenter.web.rights import Role
from ivr_flows.prompts.texts import PACKAGED
from tests.real.asterisk_node import TRUNK_HOST
from tests.real.house import House
from tests.real.looks import keep_picture, low_contrast
from tests.real.people import make_person
from tests.real.test_admin_pages import apply, fill, give_file, press, shows

pytestmark = pytest.mark.real

WORDS = "因暴雨，本中心今日暂停现场接待，请您改日前来，或拨打热线咨询。"
NOW_HEARD = "document.querySelector('.notices-now').innerText"


@dataclass
class Staffed:
    """A hotline with its people's passwords, and where its trunk leads to."""

    house: House
    passwords: dict[str, str]
    port: int

    @property
    def url(self) -> str:
        return f"http://{self.house.settings.web}"

    async def enter(self, page: Page, name: str, path: str) -> None:
        await log_in(page, self.url, name, self.passwords[name])
        await page.open(f"{self.url}{path}")


class Provider(asyncio.DatagramProtocol):
    """The other end of the trunk: answers every request."""

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        call_id = next(one for one in data.split(b"\r\n") if one.startswith(b"Call-ID"))
        self.transport.sendto(b"SIP/2.0 200 OK\r\n" + call_id + b"\r\n\r\n", addr)


async def provider(port: int = 0) -> Provider:
    loop = asyncio.get_running_loop()
    _, made = await loop.create_datagram_endpoint(Provider, local_addr=(TRUNK_HOST, port))
    return made


@pytest.fixture(scope="module")
def staffed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staffed]:
    folder = tmp_path_factory.mktemp("house")
    province = folder / "province"
    shutil.copytree(DEMO_PROVINCE, province)
    port = asyncio.run(_free_port())
    trunks = province / "trunks.yaml"
    trunks.write_text(trunks.read_text().replace(":5062", f":{port}"))
    house = House(folder / "house", province=province, trunk_probe_s=1)
    try:
        house.start()
        roles = {"guanli": Role.ADMIN, "limei": Role.SUPERVISOR, "shenji": Role.AUDITOR}
        passwords = {name: make_person(house.settings, name, role) for name, role in roles.items()}
        yield Staffed(house, passwords, port)
    finally:
        house.close()


async def _free_port() -> int:
    taken = await provider()
    port: int = taken.transport.get_extra_info("sockname")[1]
    taken.transport.close()
    return port


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with open_page() as opened:
        yield opened


async def test_an_outside_line_is_added_with_faults_at_their_fields(
    page: Page, staffed: Staffed, tmp_path: Path
) -> None:
    house = staffed.house
    await staffed.enter(page, "guanli", "/admin/lines")
    await page.until("document.querySelectorAll('.el-table__body tr').length >= 5")
    await keep_picture(page, "lines", tmp_path)
    assert await low_contrast(page) == []
    await press(page, "新增外线")
    await fill(page, "名称", "公证服务 12366")
    await fill(page, "号码", "公证")
    await page.until(shows("号码为 2 到 32 位数字"))
    await page.until(shows("代号以小写字母开头"))
    await keep_picture(page, "lines-faults", tmp_path)
    await fill(page, "号码", "12366")
    await fill(page, "代号", "notary")
    await page.until(f"!{shows('代号以小写字母开头')} && !{shows('号码为 2 到 32 位数字')}")
    await apply(page, "公证处开通热线")
    lines = load_province(house.settings.province).lines
    assert (lines["notary"].number, lines["police"].number) == ("12366", "110")

    await page.click("#tab-phones")
    await press(page, "新增班长话机")
    await fill(page, "话机号码", "8001")
    await page.until(shows("8001 已是坐席的号码"))
    await fill(page, "话机号码", "7003")
    await fill(page, "名称", "延边班长席")
    await page.until(f"!{shows('已是坐席的号码')}")
    await keep_picture(page, "lines-phones", tmp_path)
    await apply(page, "延边增设班长席")
    assert "7003" in load_province(house.settings.province).phones[1]
    assert page.complaints == []


async def test_a_notice_is_tried_by_ear_set_and_switched_off(
    page: Page, staffed: Staffed, tmp_path: Path
) -> None:
    home = staffed.house.settings.home
    await staffed.enter(page, "limei", "/notices")
    await page.until(shows("现在没有紧急通知"))
    await press(page, "新增紧急通知")
    await fill(page, "通知内容", WORDS)
    recording = (PACKAGED / "zh-CN" / "booking_failed.wav").read_bytes()
    await give_file(page, "notice.wav", recording)
    await page.until(f"{shows('来电人将听到')} || {shows('与文字不符')}")
    await keep_picture(page, "notice-tried", tmp_path)
    await fill(page, "更改说明", "暴雨红色预警")
    await press(page, "启用通知")
    await page.until(f"{NOW_HEARD}.includes('因暴雨')")
    await page.until("!document.querySelector('.el-overlay-dialog')?.offsetParent")
    await keep_picture(page, "notices", tmp_path)
    assert await low_contrast(page) == []
    assert Notices(home).in_force()["zh-CN"]
    await press(page, "停用")
    await page.click(".el-message-box textarea")
    await page.type("雨停了")
    await page.click(".el-message-box__btns .el-button--primary")
    await page.until(f"{NOW_HEARD}.includes('现在没有紧急通知')")
    assert Notices(home).in_force() == {}
    assert page.complaints == []


async def test_the_auditor_sees_a_trunk_fail_and_come_back(
    page: Page, staffed: Staffed, tmp_path: Path
) -> None:
    await staffed.enter(page, "shenji", "/system")
    await page.until(shows("中继 demo 的对端没有开启"))
    assert await low_contrast(page) == []
    await keep_picture(page, "system-trunk-down", tmp_path)
    there = await provider(staffed.port)
    caller = staffed.house.sipp.citizen(hangup_after_s=12)
    try:
        await page.until(f"{shows('一切正常')} && {shows('呼入 1，呼出 0')}")
        await page.until(shows("1 路通话"))
        await keep_picture(page, "system", tmp_path)
    finally:
        there.transport.close()
        await asyncio.to_thread(caller.wait, 60)
    await page.until(shows("中继 demo 的对端没有开启"))
    await page.open(f"{staffed.url}/admin/lines")
    await page.until(shows("夜间值班电话"))
    assert await page.value(f"!{shows('新增外线')} && !document.querySelector('.el-table input')")
    assert page.complaints == []


async def test_a_lost_asterisk_is_seen_with_what_to_do(
    page: Page, staffed: Staffed, tmp_path: Path
) -> None:
    house = staffed.house
    await staffed.enter(page, "guanli", "/system")
    await page.until(shows("SQLite"))
    await asyncio.to_thread(house.node.stop)
    try:
        await page.until(shows("电话交换（Asterisk）连接中断"))
        await keep_picture(page, "system-asterisk-down", tmp_path)
    finally:
        await asyncio.to_thread(house.node.start)
    await page.until(f"!{shows('电话交换（Asterisk）连接中断')}")
    assert page.complaints == []
