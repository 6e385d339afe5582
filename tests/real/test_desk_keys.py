"""A lawyer's hands in a real Chromium: test before the shift, keypad, headset, words half typed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from reports import records as stored
from reports.store import Store
from tests.real.desk_page import DeskPage
from tests.real.looks import keep_picture
from tests.real.record_page import state_says, write
from tests.real.rtp_tap import heard_by
from tests.real.sipp import Party
from tests.real.sitting import Sitting, call_of, citizen, passwords_of
from tests.real.talk_house import GENERAL, TalkHouse

SEAT = GENERAL[0]
BEFORE, AFTER = "申请仲裁要准备什么", "，工资条和考勤记录都在"

# Notes what the page tells the system, and plays the system's and a headset's part towards it.
SYSTEM = """
window.notices = [];
window.Notification = class extends Notification {
  constructor(title, rest) {
    super(title, rest);
    const told = { title, body: rest.body, isHidden: document.hidden, state: "" };
    window.notices.push(told);
    this.addEventListener("show", () => (told.state = "shown"));
    this.addEventListener("close", () => (told.state = "closed"));
  }
};
window.actions = {};
const before = MediaSession.prototype.setActionHandler;
MediaSession.prototype.setActionHandler = function (name, act) {
  before.call(this, name, act);
  window.actions[name] = act;
};
window.files = new Set();
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () {
  if (this.src) window.files.add(this);
  return play.call(this);
};
window.headset = new (class extends EventTarget {
  opened = false;
  productName = "Test headset";
  lights = 0;
  collections = [{
    usagePage: 0x0b,
    inputReports: [{ reportId: 8, items: [
      { usages: [0x000b0020, 0x000b002f], reportSize: 1, reportCount: 2 },
      { isConstant: true, reportSize: 6, reportCount: 1 },
    ] }],
    outputReports: [{ reportId: 9, items: [
      { usages: [0x00080017, 0x00080009, 0x00080018], reportSize: 1, reportCount: 3 },
    ] }],
  }];
  async open() { this.opened = true; }
  async sendReport(id, data) { this.lights = data[0]; }
  press(bits) {
    const data = new DataView(new Uint8Array([bits]).buffer);
    this.dispatchEvent(Object.assign(new Event("inputreport"), { reportId: 8, data }));
  }
})();
Object.defineProperty(navigator, "hid", { value: {
  getDevices: async () => [window.headset],
  requestDevice: async () => [window.headset],
} });
"""
TALK_LIGHT, MUTE_LIGHT, RING_LIGHT = 1, 2, 4
HOOK, MUTE = 1, 2


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TalkHouse]:
    with TalkHouse(tmp_path_factory.mktemp("keys"), ring_s=20, wrap_up_s=120) as made:
        yield made


@pytest.fixture(scope="module")
def passwords(house: TalkHouse) -> dict[str, str]:
    return passwords_of(house, SEAT)


@pytest.fixture
async def desk(house: TalkHouse, passwords: dict[str, str]) -> AsyncIterator[DeskPage]:
    """A lawyer who has sat down; the test before the shift is open."""
    async with AsyncExitStack() as stack:
        desk = await Sitting(house, passwords, stack).at(SEAT, script=SYSTEM)
        # what is not among them is refused
        allowed = ["notifications", "audioCapture"]
        await desk.page.send("Browser.grantPermissions", origin=desk.address, permissions=allowed)
        await desk.sit_down()
        yield desk


async def lights_are(desk: DeskPage, lights: int) -> None:
    await desk.page.until(f"window.headset.lights === {lights}")


async def test_the_test_before_a_shift_hears_its_own_echo(desk: DeskPage, tmp_path: Path) -> None:
    await desk.page.click("#desk-check-go")
    for step in ("microphone", "network", "sound"):
        await desk.page.until(
            f"['ok', 'bad'].includes(document.querySelector('#desk-check-{step}').className)"
        )
    await keep_picture(desk.page, "desk-check-passed", tmp_path)
    await desk.shows("#desk-check-sound.ok")
    assert "音质" in await desk.page.text("#desk-check-sound")
    await desk.shows(".verdict.passed")
    await desk.close_dialog()
    await desk.hides("#desk-hang-up")


async def test_a_call_is_told_of_out_of_sight_and_taken_by_the_headset(
    house: TalkHouse, desk: DeskPage, tmp_path: Path
) -> None:
    page = desk.page
    await desk.close_dialog()
    await desk.be_ready()
    away = await desk.browser.page()  # another tab comes before it
    await away.send("Page.bringToFront")
    await page.until("document.hidden")
    party = citizen(house, "4315550941")
    await page.until("window.notices[0]?.state === 'shown'")
    (told,) = await page.value("window.notices")
    assert (told["title"], told["isHidden"]) == ("来电", True)
    assert (await page.value("document.title")).startswith("☎")
    await lights_are(desk, RING_LIGHT)
    await page.send("Page.bringToFront")
    await keep_picture(page, "desk-headset-rings", tmp_path)

    await page.value(f"window.headset.press({HOOK})")
    await desk.shows("#desk-hang-up")
    await lights_are(desk, TALK_LIGHT)
    await page.until("window.notices[0].state === 'closed'")
    assert not (await page.value("document.title")).startswith("☎")
    await desk.hears()
    await _keys_arrive(house, desk, party)
    await _headset_mutes_and_ends(desk)
    call = await call_of(house, "4315550941")
    assert (call.talk_ended_by, call.attempts[0].outcome) == ("seat", "answered")
    assert desk.faults == []


async def _keys_arrive(house: TalkHouse, desk: DeskPage, party: Party) -> None:
    """By mouse and by keyboard, at the citizen's telephone."""
    with heard_by(party) as at_citizen:
        await desk.page.key("k", "KeyK", alt=True)
        await desk.page.click("[data-key='1']")
        await desk.page.click("[data-key='#']")
        for key in "207":
            await desk.page.key(key, f"Digit{key}")
        await asyncio.to_thread(house.wait_for, lambda: at_citizen.keys == "1#207", 10, "the keys")
    await desk.page.key("k", "KeyK", alt=True)


async def _headset_mutes_and_ends(desk: DeskPage) -> None:
    page = desk.page
    await page.value(f"window.headset.press({HOOK | MUTE})")
    await lights_are(desk, TALK_LIGHT | MUTE_LIGHT)
    await page.value(f"window.headset.press({HOOK})")
    await desk.shows("#desk-mute[aria-pressed=true]")
    # keys of a headset without WebHID: they come to a page that plays a file
    assert await page.value("[...window.files].some((one) => !one.paused && one.duration >= 5)")
    await page.value("window.actions.pause()")
    await desk.shows("#desk-mute[aria-pressed=false]")
    await page.value("window.actions.hangup()")
    await desk.seat_is("话后处理")
    await lights_are(desk, 0)
    assert await page.value("[...window.files].every((one) => one.paused)")
    await page.value("window.headset.press(0)")


async def test_a_controller_that_dies_costs_no_talk_and_no_word(
    house: TalkHouse, desk: DeskPage
) -> None:
    await desk.close_dialog()
    await desk.be_ready()
    citizen(house, "4315550942")
    await desk.rings()
    await desk.answer()
    await desk.hears()
    await write(desk, "#record-question", BEFORE)
    await asyncio.to_thread(house.kill_controller)  # before it has been saved
    await desk.page.type(AFTER)
    await state_says(desk, "暂未保存到服务器")
    await desk.page.value("window.isSamePage = true")
    await asyncio.to_thread(house.start_controller)
    await desk.line_is_up()
    await desk.seat_is("通话中")
    await state_says(desk, "已自动保存")
    assert await desk.page.value("window.isSamePage")
    written = await desk.page.value("document.querySelector('#record-question').value")
    assert written == BEFORE + AFTER
    await asyncio.sleep(5)  # longer than a telephone is listened to before it counts as dead
    await desk.hears()
    await desk.page.click("#desk-hang-up")
    await desk.seat_is("话后处理")
    call = await call_of(house, "4315550942")
    assert [(one.seat, one.outcome) for one in call.attempts] == [(SEAT, "answered")]
    assert (call.legs, call.talk_ended_by) == ((), "seat")
    async with Store(house.settings.database_url) as store:
        kept = await stored.find(store, call.call_id)
    assert kept and kept.question == BEFORE + AFTER
