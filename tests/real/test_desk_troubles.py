"""What goes wrong at a desk in mid-talk, in a real Chromium: a microphone that is pulled out, a
log-in that ends, a hang-up on a caller on hold, a guest who does not know who asks, help twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.desk_page import DeskPage
from tests.real.looks import keep_picture
from tests.real.sitting import Sitting, call_of, citizen, passwords_of
from tests.real.talk_house import GENERAL, TalkHouse

SEAT, OTHER = GENERAL[0], GENERAL[1]
# A plug to pull: the browser's own microphones cannot be unplugged, so their tracks are ended here.
PLUG = """
window.microphones = [];
window.isPluggedIn = true;
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {
  if (!window.isPluggedIn) throw new DOMException("none is left", "NotFoundError");
  const stream = await open(wanted);
  window.microphones.push(stream);
  return stream;
};
window.pullOut = () => {
  for (const track of window.microphones.at(-1).getTracks()) {
    track.stop();
    track.dispatchEvent(new Event("ended"));
  }
};
"""
SENDS = "window.connections.at(-1).getSenders().every((one) => one.track?.readyState === 'live')"
LOG_OUT = """
(() => {
  document.querySelector(".header-person").click();
  const wanted = () => [...document.querySelectorAll(".el-dropdown-menu__item")]
    .find((one) => one.checkVisibility() && one.innerText === "退出登录");
  return new Promise((done) => {
    const look = () => wanted() ? done(wanted().click()) : setTimeout(look, 50);
    look();
  });
})()
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TalkHouse]:
    with TalkHouse(tmp_path_factory.mktemp("troubles"), ring_s=15, wrap_up_s=5) as made:
        yield made


@pytest.fixture(scope="module")
def passwords(house: TalkHouse) -> dict[str, str]:
    return passwords_of(house, SEAT, OTHER)


async def in_talk(house: TalkHouse, desk: DeskPage, number: str) -> None:
    """A citizen has called and is heard at this desk."""
    await desk.sit_down()
    await desk.close_dialog()
    await desk.be_ready()
    citizen(house, number)
    await desk.rings()
    await desk.answer()
    await desk.hears()


async def says(desk: DeskPage, selector: str, text: str) -> None:
    """Wait until this part of the page says so."""
    await desk.page.until(f"document.querySelector('{selector}')?.innerText.includes('{text}')")


async def test_a_microphone_pulled_out_is_told_of_and_replaced(
    house: TalkHouse, sitting: Sitting, tmp_path: Path
) -> None:
    desk = await sitting.at(SEAT, script=PLUG)
    page = desk.page
    await in_talk(house, desk, "4315550951")
    await page.value("window.pullOut()")  # another one takes its place
    await says(desk, "#desk-fault", "现改用另一个麦克风")
    await page.until(SENDS)
    await page.value("window.isPluggedIn = false; window.pullOut()")
    await says(desk, "#desk-fault", "对方听不到您")
    await keep_picture(page, "desk-no-microphone", tmp_path)
    await page.click("#desk-fault button")
    await says(desk, "#desk-fault", "对方听不到您")
    await page.value("window.isPluggedIn = true")
    await page.value("navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
    await desk.hides("#desk-fault")
    await page.until(SENDS)
    await page.click("#desk-hang-up")
    await desk.seat_is("话后处理")
    assert desk.faults == []


async def test_nobody_logs_out_of_a_talk_and_an_ended_log_in_costs_none(
    house: TalkHouse, sitting: Sitting, passwords: dict[str, str], tmp_path: Path
) -> None:
    desk = await sitting.at(SEAT)
    page = desk.page
    await in_talk(house, desk, "4315550952")
    await page.value(LOG_OUT)
    await says(desk, ".el-message", "先挂机或转接")
    await desk.shows("#desk-hold")

    await page.value("fetch('/api/v1/logout', {method: 'POST'}).then((answer) => answer.status)")
    await desk.shows("input[name=password]")
    await says(desk, "[role=alert]", "对方听得到您")
    await keep_picture(page, "desk-log-in-ended-in-talk", tmp_path)
    await page.click("input[name=username]")
    await page.type(f"lawyer{SEAT}")
    await page.click("input[name=password]")
    await page.type(passwords[SEAT])
    await page.click(".login-go")
    await desk.shows("#desk-hold")  # the same talk, in hand again
    await desk.hears()

    await page.click("#desk-hold")
    await desk.seat_is("保持中")
    await page.key("F4", "F4")
    await says(desk, ".el-message-box", "不会断开")
    await keep_picture(page, "desk-hang-up-on-hold", tmp_path)
    await page.click(".el-message-box__btns .el-button--primary")
    await desk.seat_is("通话中")
    await page.key("F4", "F4")
    await desk.hides("#desk-hang-up")
    call = await call_of(house, "4315550952")
    assert [(one.seat, one.outcome) for one in call.attempts] == [(SEAT, "answered")]
    assert [(leg.kind, leg.outcome) for leg in call.legs] == [("hold", "retrieved")]


async def test_who_is_consulted_sees_by_whom_and_help_comes_once(
    house: TalkHouse, sitting: Sitting, tmp_path: Path
) -> None:
    desk = await sitting.at(SEAT)
    await in_talk(house, desk, "4315550953")
    other = await sitting.ready(OTHER)
    await desk.page.key("t", "KeyT", alt=True)
    await desk.page.until("document.activeElement?.id === 'desk-target-search'")
    await desk.page.type(OTHER)
    await desk.page.click("#desk-how-consult")
    await desk.page.click(f"[data-seat='{OTHER}']")
    await desk.page.click("#desk-target-go")
    await other.rings()
    await says(other, ".call .kind", f"咨询来自 {SEAT} 省级{SEAT}席")
    await keep_picture(other.page, "desk-consulted", tmp_path)
    await other.answer()
    await desk.page.click("#desk-cancel")
    await other.hides("#desk-hang-up")

    await desk.seat_is("通话中")
    await desk.page.click("#emergency")
    await desk.page.click("#emergency-police")
    await says(desk, ".emergency", "正在接入 110")
    await desk.shows("#emergency-police:not(.is-disabled)")
    await desk.page.click("#emergency-ambulance")
    await says(desk, ".emergency", "已在本通话中")
    await keep_picture(desk.page, "desk-help-twice", tmp_path)
    (shown,) = house.live()["calls"]
    call = house.state(shown["call_id"])
    assert call is not None
    assert [(leg.kind, leg.to and leg.to.name) for leg in call.legs] == [
        ("consult", OTHER),
        ("conference", "police"),
    ]
    await desk.close_dialog()
    await desk.page.click("#desk-hang-up")
