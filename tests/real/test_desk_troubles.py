"""What goes wrong at a desk in mid-talk, in a real Chromium: a microphone that is pulled out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.real.desk_page import DeskPage
from tests.real.looks import keep_picture
from tests.real.sitting import Sitting, citizen, passwords_of
from tests.real.talk_house import GENERAL, TalkHouse

SEAT = GENERAL[0]
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


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TalkHouse]:
    with TalkHouse(tmp_path_factory.mktemp("troubles"), ring_s=15, wrap_up_s=5) as made:
        yield made


@pytest.fixture(scope="module")
def passwords(house: TalkHouse) -> dict[str, str]:
    return passwords_of(house, SEAT)


@pytest.fixture
async def sitting(house: TalkHouse, passwords: dict[str, str]) -> AsyncIterator[Sitting]:
    async with AsyncExitStack() as stack:
        yield Sitting(house, passwords, stack)


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
