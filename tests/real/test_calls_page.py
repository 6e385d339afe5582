"""Calls in a real browser: found by words said, told as a time line, heard for a reason."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import soundfile
from aiohttp import web

from callcenter.admission.desk import BlacklistDesk
from callcenter.bench.browser import Page, log_in, open_page
from callcenter.cli.prompts import DEMO_SPEECH
from callcenter.web.app import make_app
from callcenter.web.calls_desk import CallsDesk
from callcenter.web.rights import Role
from callcenter.web.web_parts import WebParts
from reports import audit
from reports.facts import Leg, Note, Passed, Recording
from reports.search import Turn, keep_transcript
from tests.callcenter.web.fake_view import FakeSettings, FakeView
from tests.callcenter.web.people import PASSWORD, People, people_in
from tests.real.looks import keep_picture, low_contrast
from tests.reports.made import answered, queued

pytestmark = pytest.mark.real

CALLER = "+8613900000123"
ROWS = "document.querySelectorAll('.calls-row').length"
DIALOG = ".el-message-box input"


@pytest.fixture
async def people(tmp_path: Path) -> AsyncIterator[People]:
    made = await people_in(tmp_path)
    await made.add(Role.SUPERVISOR, "zhuguan")
    yield made
    await made.store.close()


@pytest.fixture
async def url(tmp_path: Path, people: People) -> AsyncIterator[str]:
    """The application over a database with an hour's calls, one of them recorded in Chinese."""
    await people.store.upsert([_talked(tmp_path), *_others()])
    said = [
        Turn("seat", 7.2, 10.0, "您好，请讲。"),
        Turn("caller", 10.5, 16.0, "老板拖欠我三个月工资，怎么办？"),
    ]
    await keep_transcript(people.store, "talked", said)
    view = FakeView()
    parts = WebParts(
        figures=view,
        accounts=people.accounts,
        calls=CallsDesk(people.store, home=tmp_path),
        blacklist=BlacklistDesk(people.store),
    )
    runner = web.AppRunner(make_app(view, FakeSettings(tmp_path), parts=parts), shutdown_timeout=3)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


def _talked(folder: Path):
    stem = folder / "recordings" / "talked"
    stem.parent.mkdir()
    asks, rate = soundfile.read(DEMO_SPEECH / "citizen_wages.wav")
    says, _ = soundfile.read(DEMO_SPEECH / "lawyer_wages.wav")
    soundfile.write(f"{stem}-caller.wav", np.concatenate((np.zeros(10 * rate), asks)), rate)
    soundfile.write(f"{stem}-heard.wav", np.concatenate((np.zeros(7 * rate), says)), rate)
    soundfile.write(f"{stem}-seat-1.wav16", says, rate, format="WAV")
    soundfile.write(f"{stem}-voice-5.wav", asks, rate)
    made = answered("talked", waited_s=2, caller=CALLER, category="0701", special=("elderly",))
    at = datetime.now(UTC) - timedelta(minutes=30)
    moved = at - made.arrived_at
    attempts = tuple(
        one.model_copy(
            update={
                name: getattr(one, name) + moved
                for name in ("offered_at", "rang_at", "answered_at", "ended_at")
            }
        )
        for one in made.attempts
    )
    times = ("arrived_at", "asked_at", "answered_at", "ended_at")
    return made.model_copy(
        update={
            **{name: getattr(made, name) + moved for name in times},
            "attempts": attempts,
            "survey": made.survey.model_copy(update={"invited_at": at + timedelta(seconds=108)}),
            "recording": Recording(path=str(stem), talk_from_s=7, talk_to_s=107),
            "notes": (Note(name="complaint", audio=f"{stem}-voice-5"),),
            "path": (
                Passed(
                    at=at + timedelta(seconds=2), flow="main", version=1, step="menu", way="keys.2"
                ),
            ),
            "legs": (
                Leg(
                    kind="hold",
                    by="8001",
                    at=at + timedelta(seconds=40),
                    ended_at=at + timedelta(seconds=52),
                    outcome="retrieved",
                ),
            ),
        }
    )


def _others():
    now = datetime.now(UTC)
    for n in range(24):
        at = now - timedelta(minutes=2 * n + 1)
        moved = {"asked_at": at + timedelta(seconds=5), "ended_at": at + timedelta(seconds=65)}
        yield queued(f"waited-{n}", arrived_at=at, caller="+864315550177", city="222400", **moved)


async def give_reason(page: Page, reason: str) -> None:
    await page.until(f"document.querySelector('{DIALOG}')")
    await page.click(DIALOG)
    await page.type(reason)
    await page.click(".el-message-box .el-button--primary")


async def test_a_call_is_found_by_words_and_heard_for_a_reason(
    url: str, people: People, tmp_path: Path
) -> None:
    async with open_page() as page:
        await log_in(page, url, "zhuguan", PASSWORD)
        await page.open(f"{url}/calls")
        await page.until(f"{ROWS} === 20")
        assert "共 25 通" in await page.text(".calls-foot")
        await keep_picture(page, "calls", tmp_path)
        assert await low_contrast(page) == []

        await page.open(f"{url}/calls?words=拖欠")
        await page.until(f"{ROWS} === 1")
        row = await page.text(".calls-row")
        for word in ("139****0123", "长春市", "劳动", "8001", "人工接通", "满意", "老板拖欠"):
            assert word in row
        await page.click(".calls-row a")

        await page.until("document.querySelectorAll('.story li').length === 7")
        story = await page.text(".story")
        for word in ("来电", "按 2 键", "坐席振铃", "通话保持", "满意度评价", "结束"):
            assert word in story
        await page.until("document.querySelector('.wave-caller')")
        assert await low_contrast(page) == []
        await keep_picture(page, "call", tmp_path)

        await page.click(".sound-bar .el-button--primary")
        await give_reason(page, "投诉复核")
        await page.until("document.querySelector('audio')?.readyState >= 1")
        await page.click(".said button")  # hear where the lawyer began
        await page.until("document.querySelector('audio').currentTime > 7")
        await page.click(".sound-bar .el-button--primary")
        await page.until("document.querySelector('audio').currentTime > 7.5")
        assert await page.text(".sound-left dt") == "投诉内容"
        await page.value("document.querySelector('.sound-left audio').play()")
        await page.until("document.querySelector('.sound-left audio').currentTime > 0.2")
        await keep_picture(page, "call-heard", tmp_path)

        await page.click(".facts .el-button")
        await give_reason(page, "回访当事人")
        await page.until(f"document.querySelector('.facts').innerText.includes('{CALLER}')")
        # records, their matters, supervisors' telephones have houses of their own: none is here
        absent = ("/record", "/supervise", "/taxonomy")
        assert [one for one in page.complaints if not one.endswith(absent)] == []
    entries = await audit.entries(people.store, subject="talked")
    told = {(one.by, one.action, one.reason) for one in entries}
    assert told == {
        ("zhuguan", "hear_call", "投诉复核"),
        ("zhuguan", "reveal_number", "回访当事人"),
    }


async def test_a_lawyer_proposes_to_refuse_whoever_called_him(
    url: str, people: People, tmp_path: Path
) -> None:
    await people.store.upsert([answered(f"again-{n}", caller=CALLER) for n in range(2)])
    await people.add(Role.SEAT, "lvshi")
    async with open_page() as page:
        await log_in(page, url, "lvshi", PASSWORD)
        await page.open(f"{url}/calls/talked")
        await page.click("#call-propose")
        await page.until("document.querySelectorAll('.el-dialog tbody tr').length === 3")
        assert CALLER[3:] not in await page.text(".el-dialog")
        await page.click(".el-dialog thead .el-checkbox")
        await page.click(".el-dialog .propose-form input")
        await page.type("反复辱骂")
        await keep_picture(page, "call-propose", tmp_path)
        await page.click(".el-dialog__footer .el-button--primary")
        await page.until("!document.querySelector('.el-dialog')?.checkVisibility()")
    (made,) = await BlacklistDesk(people.store).every()
    assert (made.number, made.proposed_by, made.reason) == (CALLER, "lvshi", "反复辱骂")
    assert sorted(made.evidence) == ["again-0", "again-1", "talked"]


async def test_nothing_found_and_an_unknown_call_are_said_in_words(url: str) -> None:
    async with open_page() as page:
        await log_in(page, url, "zhuguan", PASSWORD)
        await page.open(f"{url}/calls?words=没有人说过")
        await page.until("document.body?.innerText.includes('没有符合条件的来电')")
        await page.open(f"{url}/calls/unknown")
        await page.until("document.body?.innerText.includes('没有这通来电')")


async def test_the_browser_goes_back_through_searches_and_pages(url: str, tmp_path: Path) -> None:
    typed = "document.querySelector('.filter input[inputmode=numeric]').value"
    async with open_page() as page:
        await log_in(page, url, "zhuguan", PASSWORD)
        await page.open(f"{url}/calls")
        await page.until(f"{ROWS} === 20")
        await page.click(".filter input[inputmode=numeric]")
        await page.type("0431-555 0177")
        await page.click(".filter .el-button--primary")
        await page.until("document.querySelector('.calls-foot').innerText.includes('共 24 通')")
        await page.click(".el-pagination .el-pager li:last-child")
        await page.until(f"{ROWS} === 4")
        await page.click(".calls-row a")
        await page.until("document.querySelector('.story li')")
        await page.click(".el-page-header__back")
        await page.until(f"{ROWS} === 4 && {typed} === '04315550177'")
        await page.value("history.back()")
        await page.until(f"{ROWS} === 20 && {typed} === '04315550177'")
        await page.value("history.back()")
        await page.until(
            "document.querySelector('.calls-foot').innerText.includes('共 25 通')"
            f" && {typed} === ''"
        )
        await page.open(f"{url}/no/such/page")
        await page.until("document.body?.innerText.includes('没有这个页面')")
        await keep_picture(page, "lost", tmp_path)
        await page.click(".el-result .el-button")
        await page.until("location.pathname === '/live'")
