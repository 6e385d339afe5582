"""Two nodes, one hotline, for people at pages: the lawyer's and the supervisor's are served by node
b, the citizen's call is at node a.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import aiohttp
import pytest
import yaml

from callcenter.bench.browser import Page, open_browser, speaking
from callcenter.bench.browser import log_in as enter
from callcenter.cli.prompts import DEMO_SPEECH
from callcenter.desks import LOST_CODE
from callcenter.settings import DEMO_PROVINCE
from ivr_flows.model import GROUPS
from ivr_flows.names import LANGUAGES
from reports import audit
from reports.facts import Conversation
from reports.store import Store
from tests.real.desk_page import DeskPage, lawyer
from tests.real.house import House
from tests.real.looks import keep_picture
from tests.real.page_phone import PagePhone
from tests.real.people import log_in, make_person
from tests.real.record_page import MAIN, fill_in, state_says
from tests.real.rtp_tap import heard_by
from tests.real.scenario_house import write_prompts
from tests.real.sipp import Party, tone
from tests.real.supervisor_page import bar_says, choose, give_reason, mode
from tests.real.talk_house import CALLER_HZ, SEAT_HZ
from tests.real.two_nodes import TwoNodes

WAGES = DEMO_SPEECH / "lawyer_wages.wav"
SEAT, DESK_PHONE, PHONE = "8901", "8902", "7001"


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoNodes]:
    folder = tmp_path_factory.mktemp("pages")
    for name in ("a", "b"):
        write_prompts(folder / "both" / name / "h" / "prompts")
    both = TwoNodes(
        folder / "both", province=_write_province(folder / "province"), ring_s=15, wrap_up_s=60
    )
    try:
        yield both.start()
    finally:
        both.close()


def _write_province(folder: Path) -> Path:
    shutil.copytree(DEMO_PROVINCE, folder)
    skills = {SEAT: [group for group in GROUPS if group != "labour"], DESK_PHONE: ["labour"]}
    seats = [
        {
            "number": int(number),
            "name": f"省级{number}席",
            "level": "provincial",
            "skills": groups,
            "languages": [*LANGUAGES],
        }
        for number, groups in skills.items()
    ]
    supervisors = [{"number": int(PHONE), "name": "省级班长席"}]
    roster = {"groups": [*GROUPS], "seats": seats, "supervisors": supervisors}
    (folder / "seats.yaml").write_text(yaml.safe_dump(roster, allow_unicode=True), "utf-8")
    return folder


@pytest.fixture(scope="module")
def passwords(nodes: TwoNodes) -> dict[str, str]:
    people = (("lawyer", "seat", SEAT), ("banzhang", "supervisor", PHONE))
    return {who: make_person(nodes.b.settings, who, role, seat=at) for who, role, at in people}


def address(house: House) -> str:
    return f"http://{house.settings.web}"


@pytest.fixture
async def desk(nodes: TwoNodes, passwords: dict[str, str]) -> AsyncIterator[DeskPage]:
    """A lawyer who is ready, his page served by node b."""
    async with lawyer(address(nodes.b), WAGES, "lawyer", passwords["lawyer"]) as page:
        await page.sit_down()
        await page.close_dialog()
        await page.be_ready()
        yield page


def citizen(nodes: TwoNodes, number: str, key: str = "4") -> Party:
    """Calls node a, asks for a person, and speaks in a tone."""
    house = nodes.a
    return house.sipp.citizen(
        keys=((0.6, key),),
        caller=f"+86{number}",
        audio=tone(house.sipp.folder, CALLER_HZ),
        longest_s=120,
    )


async def ended(nodes: TwoNodes, number: str) -> Conversation:
    """This citizen's call, once it is over and its recordings are closed."""
    async with asyncio.timeout(40):
        while True:
            call = (await asyncio.to_thread(nodes.calls)).get(f"+86{number}")
            if call and call.recording and call.recording.duration_s is not None:
                return call
            await asyncio.sleep(0.5)


async def soon(is_so: Callable[[], bool], what: str, tries: int = 8) -> None:
    """Ask again until it is so: the voice pauses, telephones are rung."""
    for _ in range(tries):
        if await asyncio.to_thread(is_so):
            return
    raise AssertionError(f"never so: {what}")


async def held_and_back(desk: DeskPage) -> None:
    await desk.page.click("#desk-hold")
    await desk.seat_is("保持中")
    await desk.page.click("#desk-hold")
    await desk.seat_is("通话中")


def played(house: House) -> float:
    """How often this controller has handed out a part of a recording."""
    of = 'method="GET",route="/api/v1/calls/{call_id}/sound/{track}",status="200"'
    return house.metric(f"hotline_http_requests_total{{{of}}}")


async def test_a_lawyer_at_one_node_serves_a_caller_of_the_other(
    nodes: TwoNodes, desk: DeskPage, tmp_path: Path
) -> None:
    party = citizen(nodes, "4315550951")
    await desk.rings()
    await desk.shows(".pop[data-call]")
    await keep_picture(desk.page, "nodes-rings", tmp_path)
    await desk.answer()
    await desk.hears()
    calls = [house.live()["calls"] for house in nodes]
    assert [[one["seat"] for one in each] for each in calls] == [[SEAT], [SEAT]]
    assert calls[0][0]["call_id"].startswith("a-")
    with heard_by(party) as at_citizen:
        await soon(lambda: at_citizen.speaks(beside=CALLER_HZ), "the citizen hears the lawyer")
    await held_and_back(desk)
    await fill_in(desk)
    await state_says(desk, "已自动保存")
    await keep_picture(desk.page, "nodes-talks", tmp_path)
    await desk.page.click("#desk-hang-up")
    await desk.page.click("#record-file")
    await desk.seat_is("空闲")
    call = await ended(nodes, "4315550951")
    records = [house.api(f"calls/{call.call_id}/record") for house in nodes]
    assert records[0] == records[1]
    assert [records[0][name] for name in ("main", "filed_by", "seat")] == [MAIN, "lawyer", SEAT]
    assert desk.faults == []


async def test_a_recording_is_heard_from_the_other_node(nodes: TwoNodes) -> None:
    call = await ended(nodes, "4315550951")
    before = played(nodes.a)
    nodes.b.api(f"calls/{call.call_id}/hear", {"reason": "质检"})
    headers = {"Range": "bytes=0-1023"} | {
        "Authorization": f"Bearer {(nodes.b.settings.home / 'api.key').read_text().strip()}"
    }
    url = f"{address(nodes.b)}/api/v1/calls/{call.call_id}/sound/both"
    async with aiohttp.request("GET", url, headers=headers) as answer:
        sound = await answer.read()
        assert (answer.status, len(sound), sound[:4]) == (206, 1024, b"RIFF")
    assert played(nodes.a) == before + 1


async def test_a_supervisor_at_one_node_listens_and_whispers_at_the_other(
    nodes: TwoNodes, passwords: dict[str, str], tmp_path: Path
) -> None:
    lawyers = nodes.a.seat(DESK_PHONE, audio=tone(nodes.a.sipp.folder, SEAT_HZ))
    party = citizen(nodes, "4315550952", "2")
    async with open_browser(speaking(WAGES)) as browser:
        page = await browser.page()
        await open_board(page, nodes.b, passwords)
        await page.until("document.querySelector('.phone-bar')?.innerText.includes('7001')")
        await page.until("document.querySelector('#calls')?.innerText.includes('通话中')")
        await asyncio.sleep(4)  # both hear who the other is
        await choose(page, "#calls .act button", "监听")
        await give_reason(page, "新坐席带教", "nodes-reason", tmp_path)
        await bar_says(page, "正在监听")
        await keep_picture(page, "nodes-listen", tmp_path)
        with heard_by(lawyers) as at_seat, heard_by(party) as at_citizen:
            await mode(page, 2, "正在耳语")
            await soon(lambda: at_seat.speaks(beside=CALLER_HZ), "the seat hears the whisper")
            assert not await asyncio.to_thread(lambda: at_citizen.speaks(beside=SEAT_HZ))
        await keep_picture(page, "nodes-whisper", tmp_path)
        await page.click(".phone-bar .el-button--danger")
        await bar_says(page, "已连接")
        assert [one for one in page.complaints if "ERR_" not in one] == []
    party.stop()
    done = [(one.by, one.action) for one in await audited(nodes.a)]
    assert done.count(("banzhang", "listen")) == done.count(("banzhang", "whisper")) == 1


async def open_board(page: Page, house: House, passwords: dict[str, str]) -> None:
    """As the supervisor."""
    await enter(page, address(house), "banzhang", passwords["banzhang"])
    await page.open(f"{address(house)}/live")


async def audited(house: House) -> list[audit.Entry]:
    async with Store(house.settings.database_url) as store:
        return list(await audit.search(store, audit.Wanted(limit=100)))


async def test_a_seat_has_one_desk_over_both_nodes(
    nodes: TwoNodes, passwords: dict[str, str]
) -> None:
    at_a, at_b = (log_in(house, "lawyer", passwords["lawyer"]) for house in nodes)
    claim = {"take_over": True}
    async with PagePhone(str(nodes.b.settings.web), at_b, claim=claim) as first:
        async with aiohttp.ClientSession(headers=at_a) as second_tab:
            url = f"{address(nodes.a)}/api/v1/desk/claim"
            async with second_tab.post(url, json={}) as refused:
                assert (await refused.json())["error"] == "desk_taken"
        async with PagePhone(str(nodes.a.settings.web), at_a, claim=claim) as second:
            async with asyncio.timeout(5):
                await first.closed.wait()
            assert first.close_code == LOST_CODE
            for _ in range(100):  # refused until its telephone is known to be registered
                await second.post("desk/state", {"state": "not_ready", "reason": "meal"})
                seen = await first.get("desk")
                if seen["reason"] == "meal":
                    break
                await asyncio.sleep(0.1)
            assert (seen["reason"], seen["person"]) == ("meal", "lawyer")
            await second.vanish()  # its node's balancer leads it to the other one
            first.desk = second.desk
            await first.connect()
            assert (await first.get("desk"))["desk"] == second.desk["desk"]
            await first.post("desk/leave", {})


async def test_a_talk_goes_on_at_a_page_whose_callers_controller_dies(
    nodes: TwoNodes, desk: DeskPage, passwords: dict[str, str], tmp_path: Path
) -> None:
    citizen(nodes, "4315550953")
    await desk.rings()
    await desk.answer()
    await desk.hears()
    await asyncio.to_thread(nodes.a.kill_controller)
    try:
        health = nodes.b.live
        await soon(lambda: "nodes" in health()["health"] or _pause(0.5), "b says so", tries=20)
        assert nodes.b.is_healthy()
        assert SEAT in [one["seat"] for one in nodes.b.live()["calls"]]
        await asyncio.sleep(1)
        await held_and_back(desk)
        await fill_in(desk)
        await state_says(desk, "已自动保存")
        async with open_browser() as browser:
            board = await browser.page()
            await open_board(board, nodes.b, passwords)
            await board.until("document.querySelector('#trouble')?.innerText.includes('a')")
            await keep_picture(board, "nodes-one-gone", tmp_path)
        await desk.page.click("#desk-hang-up")
        await desk.page.click("#record-file")
        await desk.seat_is("空闲")
        call = await ended(nodes, "4315550953")
        assert nodes.b.api(f"calls/{call.call_id}/record")["main"] == MAIN
    finally:
        nodes.a.start_controller()


def _pause(seconds: float) -> bool:
    time.sleep(seconds)
    return False
