"""A talk in English: desk, pop, record, dialogs, supervision and the past call, piece by piece."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from callcenter.bench.browser import Browser, Page, open_browser, speaking
from callcenter.web.rights import Role
from tests.real.desk_page import DeskPage, enter
from tests.real.english_page import IN_ENGLISH, chinese, chinese_in, law, names
from tests.real.looks import keep_picture
from tests.real.people import make_person
from tests.real.sitting import WAGES, Sitting, call_of, citizen, passwords_of
from tests.real.supervisor_page import bar_says, choose
from tests.real.talk_house import GENERAL, GUESTS, TalkHouse

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

SEAT, PHONE = GENERAL[0], "7001"
FRESH = iter(GENERAL[1:])  # a test that is run again finds the seat before in its wrap-up
NUMBER = "4315550977"
SHOWN_OPTION = (
    "[...document.querySelectorAll('.el-select-dropdown__item')].some((one) => one.offsetParent)"
)
READY = "document.querySelector('#desk-ready')"
# What the system would show outside of the page.
NOTIFIED = """
window.notified = [];
window.Notification = class {
  static permission = "granted";
  constructor(title, { body }) { window.notified.push(title, body); }
  close() {}
};
Document.prototype.hasFocus = () => false;
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TalkHouse]:
    with TalkHouse(tmp_path_factory.mktemp("english-talk"), ring_s=30, wrap_up_s=120) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def silence(house: TalkHouse) -> None:
    """No call is left of a test before."""
    await asyncio.to_thread(house.node.cli, "channel request hangup all")
    await asyncio.to_thread(house.wait_for, lambda: not house.live()["calls"], 30, "no call")


@pytest.fixture(scope="module")
def passwords(house: TalkHouse) -> dict[str, str]:
    """Of the lawyer by his seat, of the supervisor by his telephone."""
    given = make_person(house.settings, "banzhang", Role.SUPERVISOR, PHONE)
    return {**passwords_of(house, SEAT), PHONE: given}


class Reader:
    """Reads pages as they are; what was Chinese by the name of what was looked at."""

    def __init__(self, house: TalkHouse, kept: Path) -> None:
        self._known = "\n".join((names(house.settings.province), law()))
        self._kept = kept
        self.left: dict[str, set[str]] = {}

    async def read(self, page: Page, name: str, *, known: str = "") -> None:
        """All that is shown now; `known`: what else may be there."""
        await keep_picture(page, f"en-talk-{name}", self._kept)
        if left := await chinese(page, self._known + known):
            self.left[name] = left


@pytest_asyncio.fixture(loop_scope="module")
async def desk(house: TalkHouse, passwords: dict[str, str]) -> AsyncIterator[DeskPage]:
    async with AsyncExitStack() as stack:
        sitting = Sitting(house, passwords, stack)
        yield await sitting.at(SEAT, script=IN_ENGLISH + NOTIFIED)


async def sit_down(desk: DeskPage, reader: Reader) -> None:
    """Through the gate and the panels that are there without a call."""
    page = desk.page
    await reader.read(page, "gate")
    await desk.sit_down()
    await reader.read(page, "check")
    await desk.close_dialog()
    for panel in ("help", "devices", "out"):
        await page.click(f"#desk-tool-{panel}")
        await page.until("document.querySelector('[role=dialog]')?.checkVisibility()")
        await reader.read(page, panel)
        await desk.close_dialog()
    await page.until(f"{READY} || document.querySelector('.bar .state-tag.good')")
    await page.value(f"{READY}?.click()")
    await desk.seat_is("Ready")


async def write_record(desk: DeskPage, reader: Reader) -> None:
    """Its pickers and what is left to be written."""
    page = desk.page
    await desk.shows("#record-question:not(:disabled)")
    await page.until("document.querySelector('.pop[data-call]')")
    for field in ("#record-main", "#record-caller-group"):
        await page.click(f".el-select:has({field}) .el-select__wrapper")
        await page.until(SHOWN_OPTION)
        await reader.read(page, field[1:])
        await page.key("Escape", "Escape")
    await page.click("#emergency")
    await desk.shows("#emergency-police")
    await reader.read(page, "emergency")
    await desk.close_dialog()


async def hand_about(desk: DeskPage, reader: Reader) -> None:
    """Hold, keypad, whom to transfer to, a consultation that becomes a conference."""
    page = desk.page
    await page.click("#desk-hold")
    await desk.seat_is("On hold")
    await reader.read(page, "hold")
    await page.click("#desk-hold")
    await desk.seat_is("Talking")
    await page.click("#desk-keys")
    await desk.shows("[data-key='5']")
    await reader.read(page, "keypad")
    await page.click("#desk-keys")
    await page.click("#desk-transfer")
    for how in ("transfer", "conference", "consult"):
        await page.click(f"label:has(#desk-how-{how}), #desk-how-{how}")
        await reader.read(page, how)
    for tab in ("groups", "number", "lines"):
        await page.click(f"#tab-{tab}")
        await reader.read(page, f"targets-{tab}")
    await page.click("[data-line='mediation'], [data-line]:not(:disabled)")
    await page.click("#desk-target-go")
    await desk.shows("#desk-join:not(:disabled)")
    await reader.read(page, "consulting")
    await page.click("#desk-join")
    await desk.shows("#desk-leave-room")
    await reader.read(page, "in-conference")


async def test_a_lawyer_reads_english_through_a_talk(
    house: TalkHouse, desk: DeskPage, tmp_path: Path
) -> None:
    page, reader = desk.page, Reader(house, tmp_path)
    await sit_down(desk, reader)
    citizen(house, NUMBER)
    await desk.rings()
    await page.until("document.querySelector('.pop[data-call]')")
    await reader.read(page, "rings")
    notified = await page.value("window.notified")
    assert len(notified) == 2, "title and text of one notification"
    await desk.answer()
    await write_record(desk, reader)
    await reader.read(page, "answered")
    await hand_about(desk, reader)
    await asyncio.to_thread(house.node.cli, "channel request hangup all")
    await desk.seat_is("Wrap-up")
    await reader.read(page, "wrap-up")
    await page.click("#desk-ready")
    await page.click("#record-aside")
    await desk.shows(".recent .write")
    await reader.read(page, "recent")
    assert chinese_in(notified, "") == set()
    assert reader.left == {}
    assert desk.faults == []


async def open_board(browser: Browser, url: str, password: str) -> Page:
    """A supervisor's page in English."""
    page = await browser.page()
    await page.send("Page.addScriptToEvaluateOnNewDocument", source=IN_ENGLISH)
    await enter(page, url, "banzhang", password)
    await page.until("document.querySelector('.phone-bar')")
    await bar_says(page, f"Phone {PHONE}")
    return page


async def asked(page: Page, reader: Reader, name: str) -> None:
    """Read the dialog that asks why, and think better of it."""
    await page.until("document.querySelector('.el-message-box__input')?.checkVisibility()")
    await page.click(".el-message-box__btns .el-button--primary")  # without a reason
    await reader.read(page, name)
    await page.key("Escape", "Escape")
    await page.until("!document.querySelector('.el-message-box')?.checkVisibility()")


async def act_on_seats(page: Page, reader: Reader, **seats: str) -> None:
    """Each seat's own menu, and what is asked before this is done to it."""
    for deed, seat in seats.items():
        await page.click(f"[data-seat='{seat}']")
        await page.until(f"document.querySelector('[data-deed={deed}]')?.checkVisibility()")
        await reader.read(page, f"seat-{deed}")
        await page.click(f"[data-deed='{deed}']")
        await asked(page, reader, f"ask-{deed}")


async def act_on_waiting(page: Page, reader: Reader) -> None:
    """The three ways to move who waits."""
    for words in ("To the head", "To a group", "To a seat"):
        await choose(page, "#calls .act button", words)
        await page.until("document.querySelector('.el-dialog textarea')?.checkVisibility()")
        await page.click(".el-dialog .el-button--primary")  # without a reason
        await reader.read(page, words.replace(" ", "-").lower())
        await page.key("Escape", "Escape")
        await page.until("!document.querySelector('.el-overlay-dialog')?.checkVisibility()")


async def read_call(page: Page, reader: Reader, address: str) -> None:
    """A call that is over: its facts, its sound, why somebody wants to hear it."""
    await page.open(address)
    await page.until("document.querySelector('.story li')")
    await reader.read(page, "call")
    await page.click(".sound-bar button")
    await asked(page, reader, "call-hear")
    await page.click(".facts button")
    await asked(page, reader, "call-number")


async def test_a_supervisor_reads_english_beside_a_talk(
    house: TalkHouse, passwords: dict[str, str], tmp_path: Path
) -> None:
    reader, url = Reader(house, tmp_path), f"http://{house.settings.web}"
    for seat in {next(FRESH), GUESTS[0]} - house.phones.keys():
        await asyncio.to_thread(house.lawyer, seat)
    citizen(house, "4315550978")
    async with open_browser(speaking(WAGES)) as browser:
        page = await open_board(browser, url, passwords[PHONE])
        await page.until("document.querySelector('#calls')?.innerText.includes('Talking')")
        (call,) = (await asyncio.to_thread(house.live))["calls"]
        await reader.read(page, "board")
        await choose(page, "#calls .act button", "Take over")
        await asked(page, reader, "take-over")
        await choose(page, "#calls .act button", "Listen")
        await page.click(".el-message-box textarea")
        await page.type("Training")
        await page.click(".el-message-box__btns .el-button--primary")
        await bar_says(page, "Listening")
        await reader.read(page, "listening")
        await act_on_seats(
            page, reader, release=call["seat"], not_ready=GUESTS[0], log_out=GENERAL[-1]
        )
        await page.click(".phone-bar .el-button--danger")
        await bar_says(page, "Connected")
        await asyncio.to_thread(house.node.cli, "channel request hangup all")
        await call_of(house, "4315550978")
        citizen(house, "4315550979")  # waits: the seat is in its wrap-up
        await page.until("document.querySelector('#calls')?.innerText.includes('Waiting')")
        await act_on_waiting(page, reader)
        await read_call(page, reader, f"{url}/calls/{call['call_id']}")
    assert reader.left == {}
