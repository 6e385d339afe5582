"""One call of a whole day: three browsers and a citizen, from log-in to the recording played."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from callcenter.bench.browser import Page, open_browser, speaking
from callcenter.cli.prompts import DEMO_SPEECH
from callcenter.web.rights import Role
from reports import audit
from reports import records as stored
from reports.facts import Conversation
from reports.store import Store
from tests.real.desk_page import SOUND, DeskPage, enter
from tests.real.looks import keep_picture
from tests.real.page_ears import heard_at, hears, speakers
from tests.real.people import make_person
from tests.real.record_page import MAIN, REPLY, fill_in, state_says
from tests.real.sitting import ASKS, DIVORCE, WAGES, Sitting, call_of, citizen, passwords_of, track
from tests.real.speech_heard import who_speaks
from tests.real.supervisor_page import bar_says, choose, give_reason, mode
from tests.real.talk_house import GENERAL, GUESTS, TalkHouse, loudness

FIRST, SECOND, BOSS = GENERAL[0], GUESTS[0], "7001"
WHISPERS = DEMO_SPEECH / "lawyer_loan.wav"
VOICES = (WAGES, DIVORCE, ASKS, WHISPERS)
NUMBER = "4315550901"
# He has his key ready, whenever he is asked how content he is.
RATES = ((30.0, "1"), *((8.0, "1"),) * 15)
SPEAKS_S, PAUSES_S = 7, 6
OUR_EARS = "ScriptProcessorNode"  # how the test listens in a page, of which the console complains
STEP_S, NOISE = 0.25, 20


@dataclass
class Day:
    """Who takes part, and when the parts of the talk began, as seconds of the system's clock."""

    house: TalkHouse
    first: DeskPage
    second: DeskPage
    boss: Page
    pictures: Path
    began: dict[str, float] = field(default_factory=dict)

    def begins(self, part: str) -> None:
        self.began[part] = datetime.now(UTC).timestamp()

    async def look(self, page: Page, name: str) -> None:
        await keep_picture(page, f"day-{name}", self.pictures)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TalkHouse]:
    with TalkHouse(tmp_path_factory.mktemp("day"), ring_s=20, wrap_up_s=120) as made:
        yield made


@pytest.fixture(scope="module")
def passwords(house: TalkHouse) -> dict[str, str]:
    """Of the lawyers and the supervisor, by seat and telephone."""
    supervisor = make_person(house.settings, "zhuguan", Role.SUPERVISOR, BOSS)
    return {**passwords_of(house, FIRST, SECOND), BOSS: supervisor}


@pytest.fixture
async def day(house: TalkHouse, passwords: dict[str, str], tmp_path: Path) -> AsyncIterator[Day]:
    """Everybody has logged in by the page; both lawyers are ready."""
    async with AsyncExitStack() as stack:
        sitting = Sitting(house, passwords, stack)
        boss = await (await stack.enter_async_context(open_browser(speaking(WHISPERS)))).page()
        await enter(boss, sitting.address, "zhuguan", passwords[BOSS])
        first, second = await asyncio.gather(sitting.ready(FIRST), sitting.ready(SECOND, DIVORCE))
        yield Day(house, first, second, boss, tmp_path)


async def test_one_call_from_log_in_to_the_recording_played(day: Day) -> None:
    citizen(day.house, NUMBER, *RATES, audio=_in_pauses(day.house.sipp.folder))
    await _rings_and_is_answered(day)
    await _is_held_and_taken_back(day)
    await _is_handed_on(day)
    await _is_joined_for_a_while(day)
    await _is_whispered_to(day)
    await _ends_and_is_filed(day)
    call = await call_of(day.house, NUMBER)
    _assert_told(call)
    _assert_heard(day, call)
    await _assert_kept(day, call)
    await _is_found_and_played(day, call)
    faults = [*day.first.faults, *day.second.faults, *day.boss.complaints]
    # a stranger's first look at who he is
    assert [one for one in faults if OUR_EARS not in one and "/api/v1/me" not in one] == []


def _in_pauses(folder: Path) -> Path:
    """The citizen's speech with pauses, in which others are heard alone."""
    path = folder / "pauses.alaw"
    folder.mkdir(parents=True, exist_ok=True)
    convert = ["sox", str(ASKS), "-t", "raw", "-e", "a-law", "-r", "8000", "-c", "1", str(path)]
    subprocess.run(
        [*convert, "trim", "0", str(SPEAKS_S), "pad", "0", str(PAUSES_S)],
        check=True,
        capture_output=True,
    )
    return path


async def _rings_and_is_answered(day: Day) -> None:
    desk = day.first
    await desk.rings()
    await desk.shows(".pop[data-call]")
    assert "431****0901" in await desk.page.text(".pop")
    await day.look(desk.page, "rings")
    to_sound_ms = await desk.answer()
    print(f"from the click to the first sound {to_sound_ms:.0f} ms")
    await desk.page.until("document.querySelector('#desk-quality')?.className.includes('good')")
    await hears(desk.page, ASKS, VOICES, day.pictures)
    await asyncio.sleep(2)  # so long that three seconds of his own voice are surely recorded
    await day.look(desk.page, "talks")


async def _is_held_and_taken_back(day: Day) -> None:
    desk = day.first
    await desk.page.click("#desk-hold")
    await desk.seat_is("保持中")
    await day.look(desk.page, "holds")
    await asyncio.sleep(2)
    await desk.page.key("F9", "F9")
    await desk.seat_is("通话中")


async def _consult(day: Day, by: DeskPage, seat: str, guest: DeskPage) -> None:
    """Call a colleague in while the citizen hears music; both lawyers talk when this returns."""
    await by.page.key("t", "KeyT", alt=True)
    await by.page.click("label:has(#desk-how-consult), #desk-how-consult")
    await by.page.click(f"[data-seat='{seat}']")
    await day.look(by.page, f"calls-{seat}")
    await by.page.click("#desk-target-go")
    await guest.rings()
    await guest.answer()
    await by.shows("#desk-complete:not(:disabled)")


async def _is_handed_on(day: Day) -> None:
    await _consult(day, day.first, SECOND, day.second)
    await day.look(day.first.page, "consults")
    await day.first.page.click("#desk-complete")
    await day.first.seat_is("话后处理")
    await day.second.shows("#desk-hold")  # it is his talk now
    day.begins("second")
    await day.second.hears()


async def _is_joined_for_a_while(day: Day) -> None:
    await day.first.be_ready()
    await _consult(day, day.second, FIRST, day.first)
    await day.second.page.click("#desk-join")
    await day.second.shows("#desk-leave-room")
    day.begins("room")
    await asyncio.sleep(4)
    await day.look(day.second.page, "conference")
    day.begins("room is over")
    await day.first.page.click("#desk-hang-up")
    await day.second.shows("#desk-hold")


async def _is_whispered_to(day: Day) -> None:
    """The lawyer is silent meanwhile: whatever the citizen hears now would be the supervisor."""
    boss, seat = day.boss, day.second.page
    await boss.until("document.querySelector('#calls')?.innerText.includes('通话中')")
    await choose(boss, "#calls .act button", "监听")
    await give_reason(boss, "新坐席带教", "day-reason", day.pictures)
    await bar_says(boss, "正在监听")
    at_seat, _ = await asyncio.gather(
        heard_at(seat, 9, day.pictures / "before.wav"),
        boss.value(SOUND),
    )
    assert WHISPERS not in speakers(at_seat, VOICES)
    day.begins("mute")
    await seat.key("F8", "F8")
    await day.second.shows("#desk-mute[aria-pressed=true]")
    await mode(boss, 2, "正在耳语")
    await asyncio.sleep(1)
    day.begins("whisper")
    await day.look(boss, "whispers")
    await hears(seat, WHISPERS, VOICES, day.pictures)
    day.begins("whisper is over")
    await boss.click(".phone-bar .el-button--danger")
    await bar_says(boss, "已连接")
    await seat.key("F8", "F8")
    await day.second.shows("#desk-mute[aria-pressed=false]")


async def _ends_and_is_filed(day: Day) -> None:
    desk = day.second
    await fill_in(desk)
    await state_says(desk, "已自动保存")
    await desk.page.click("#desk-hang-up")
    await desk.seat_is("话后处理")
    await day.look(desk.page, "wraps-up")
    await desk.page.click("#record-file")
    await desk.seat_is("空闲")


def _assert_told(call: Conversation) -> None:
    assert [one.seat for one in call.attempts if one.outcome == "answered"] == [FIRST, SECOND]
    told = [(leg.kind, leg.by, leg.target, leg.outcome) for leg in call.legs]
    assert told == [
        ("hold", FIRST, None, "retrieved"),
        ("consult", FIRST, f"seat {SECOND}", "completed"),
        ("conference", SECOND, f"seat {FIRST}", "answered"),
    ]
    assert call.survey and call.survey.answer == 1
    assert (call.end_stage, call.ended_by) == ("survey", "system")
    assert call.category == MAIN


def _assert_heard(day: Day, call: Conversation) -> None:
    """Each in his time, by what Asterisk recorded of both sides."""
    arrived = call.arrived_at.timestamp()
    began = {part: at - arrived for part, at in day.began.items()}

    def second(at: datetime | None) -> float:
        assert at is not None
        return at.timestamp() - arrived

    heard, hold = track(call, "heard.wav"), call.legs[0]
    talk_s, held_s, back_s = (
        second(at) for at in (call.attempts[0].answered_at, hold.at, hold.ended_at)
    )
    assert who_speaks(heard, talk_s, held_s, VOICES) == WAGES
    assert who_speaks(track(call, "seat-1.wav16"), 0, held_s - talk_s, VOICES) == WAGES
    assert who_speaks(track(call, "caller.wav"), talk_s, held_s, VOICES) == ASKS
    assert loudness(heard, held_s + 0.5, back_s) > 100  # music
    assert who_speaks(heard, held_s + 0.5, back_s, VOICES) is None
    assert loudness(heard, began["room"] + 0.5, began["room is over"]) > 100
    assert who_speaks(heard, began["room is over"] + 0.5, began["mute"], VOICES) == DIVORCE
    whispered_s = began["whisper is over"] - began["whisper"]
    assert _silent_s(heard, began["mute"] - 3, began["whisper is over"] + 3) > whispered_s - 1
    assert loudness(heard, began["whisper is over"] + 1, second(call.talk_ended_at)) > 100


def _silent_s(recording: Path, from_s: float, to_s: float) -> float:
    """The longest silence: a recording's clock is seconds behind on a machine with much to do."""
    longest = silent = 0.0
    for at in np.arange(from_s, to_s, STEP_S):
        silent = silent + STEP_S if loudness(recording, at, at + STEP_S) < NOISE else 0.0
        longest = max(longest, silent)
    return longest


async def _assert_kept(day: Day, call: Conversation) -> None:
    async with Store(day.house.settings.database_url) as store:
        record = await stored.find(store, call.call_id)
        trail = await audit.entries(store, subject=call.call_id)
    done = {(one.by, one.action, one.reason) for one in trail}
    assert record and record.is_filed
    assert (record.filed_by, record.main, record.reply) == (f"lawyer{SECOND}", MAIN, REPLY)
    assert {("zhuguan", "listen", "新坐席带教"), ("zhuguan", "whisper", "新坐席带教")} <= done


async def _is_found_and_played(day: Day, call: Conversation) -> None:
    """By its number in the search; the recording's clock runs."""
    page = day.boss
    await page.click("a[href='/calls']")
    await page.click(".filter input[inputmode=numeric]")
    await page.type((call.caller or "")[-7:])
    await page.key("Enter", "Enter")
    await page.until("document.querySelectorAll('.calls-row').length === 1")
    await day.look(page, "found")
    await page.click(".calls-row a")
    await page.until("document.querySelectorAll('.story li').length > 10")
    await page.until("document.querySelector('.wave-caller')")
    await page.click(".sound-bar .el-button--primary")
    await page.click(".el-message-box input")
    await page.type("抽查")
    await page.click(".el-message-box .el-button--primary")
    await page.until("document.querySelector('audio')?.readyState >= 1")
    await page.click(".sound-bar .el-button--primary")
    await page.until("document.querySelector('audio').currentTime > 1")
    await day.look(page, "played")
