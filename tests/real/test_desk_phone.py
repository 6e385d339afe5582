"""A page's telephone against the real Asterisk: claimed, lost, taken over, in and out of a talk."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from callcenter.desks import LOST_CODE
from reports.facts import Conversation
from tests.real.page_phone import PagePhone
from tests.real.people import log_in, make_person
from tests.real.talk_house import GENERAL, TalkHouse, loudness

SEAT, OTHER = GENERAL[0], GENERAL[1]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TalkHouse]:
    with TalkHouse(tmp_path_factory.mktemp("desk")) as made:
        yield made


@pytest.fixture(scope="module")
def lawyer(house: TalkHouse) -> dict[str, str]:
    """The headers of a person who is logged in, with a seat of his own."""
    password = make_person(house.settings, "wang", "seat", seat=SEAT)
    return log_in(house, "wang", password)


def page(house: TalkHouse, headers: dict[str, str], **how: Any) -> PagePhone:
    return PagePhone(str(house.settings.web), headers, **how)


async def state_is(one: PagePhone, state: str, timeout_s: float = 10) -> dict[str, Any]:
    """Wait until the desk is in this state."""
    until = asyncio.get_running_loop().time() + timeout_s
    while (desk := await one.get("desk"))["state"] != state:
        assert asyncio.get_running_loop().time() < until, str(desk)
        await asyncio.sleep(0.1)
    return desk


def ended(house: TalkHouse, call_id: str) -> Conversation:
    """Wait until this call has ended with its recordings closed."""
    found: list[Conversation] = []

    def is_told() -> bool:
        found[:] = [
            one
            for one in house.calls()
            if one.call_id == call_id and one.recording and one.recording.duration_s is not None
        ]
        return bool(found)

    house.wait_for(is_told, 40, call_id, pause_s=0.5)
    return found[0]


@pytest.fixture
async def ready(house: TalkHouse, lawyer: dict[str, str]) -> AsyncIterator[PagePhone]:
    """A page at the seat that has been made ready."""
    async with page(house, lawyer, claim={"take_over": True}) as one:
        await state_is(one, "not_ready")
        await one.post("desk/state", {"state": "ready"})
        await state_is(one, "ready")
        yield one
        assert (await one.post("desk/leave", {})).get("error") in (None, "desk_lost")


async def test_a_page_claims_registers_and_says_itself_when_it_is_ready(
    house: TalkHouse, lawyer: dict[str, str]
) -> None:
    async with page(house, lawyer) as one:
        desk = await state_is(one, "not_ready")
        assert (desk["seat"], desk["person"], desk["desk"]) == (SEAT, "wang", one.desk["desk"])
        assert desk["phone"] is None and one.desk["phone"]["user"] == SEAT
        assert desk["today"]["calls"] == 0
        await one.post("desk/state", {"state": "not_ready", "reason": "meal"})
        assert (await one.get("desk"))["reason"] == "meal"
        again = await one.post("desk/claim", {})  # his second tab
        assert again["error"] == "desk_taken"
        await one.post("desk/leave", {})
        async with asyncio.timeout(5):
            await one.closed.wait()
        assert one.close_code == LOST_CODE
        await state_is(one, "offline")


async def test_what_a_seat_did_outlives_a_reload(ready: PagePhone) -> None:
    await ready.post("desk/state", {"state": "not_ready", "reason": "meal"})
    await ready.vanish()
    await state_is(ready, "offline")
    ready.desk = await ready.post("desk/claim", {})
    await ready.connect()
    assert (await state_is(ready, "not_ready"))["reason"] == "meal"


async def test_a_page_goes_on_where_it_was_after_the_controller_was_killed(
    house: TalkHouse, ready: PagePhone
) -> None:
    await ready.post("desk/state", {"state": "not_ready", "reason": "meal"})
    await asyncio.sleep(0.5)  # a crash may lose what was said within the last milliseconds
    await asyncio.to_thread(house.kill_controller)
    async with asyncio.timeout(5):
        await ready.closed.wait()
    await asyncio.to_thread(house.start_controller)
    await ready.connect()
    assert (await state_is(ready, "not_ready"))["reason"] == "meal"
    assert (await ready.get("desk"))["desk"] == ready.desk["desk"]


async def test_another_page_takes_the_desk_over(
    house: TalkHouse, lawyer: dict[str, str], ready: PagePhone
) -> None:
    async with page(house, lawyer, claim={"take_over": True}) as second:
        async with asyncio.timeout(5):
            await ready.closed.wait()
        assert ready.close_code == LOST_CODE
        assert (await state_is(second, "ready"))["desk"] == second.desk["desk"]
        await second.post("desk/leave", {})


async def test_a_page_may_not_speak_for_another_number(ready: PagePhone) -> None:
    await ready.send(
        "REGISTER sip:hotline SIP/2.0\r\nVia: SIP/2.0/WS b.invalid;branch=z9hG4bK1\r\n"
        f"From: <sip:{OTHER}@hotline>;tag=1\r\nTo: <sip:{OTHER}@hotline>\r\nCall-ID: 1\r\n"
        "CSeq: 1 REGISTER\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    )
    async with asyncio.timeout(5):
        await ready.closed.wait()
    assert ready.close_code == 1008


async def test_a_talk_goes_on_after_a_reload_and_after_a_cut(
    house: TalkHouse, ready: PagePhone
) -> None:
    call_id, seat, _ = await asyncio.to_thread(house.call, hangup_after_s=30)
    assert seat == SEAT
    desk = await state_is(ready, "talking")
    assert (desk["call_id"], desk["direction"]) == (call_id, "in")
    assert "****" in desk["caller"]
    invite = await ready.rung(1, 1)
    assert "X-Hotline-Resume" not in invite
    assert re.search(r"^From: .*<sip:\+\d+\*{4}\d{4}@", invite, re.MULTILINE)
    await asyncio.sleep(3)  # both have heard who the other is
    await ready.vanish()
    await asyncio.sleep(1)  # a page takes its time to load
    ready.desk = await ready.post("desk/claim", {"desk": ready.desk["desk"]})
    await ready.connect()
    assert "X-Hotline-Resume: 1" in await ready.rung(2, 8)
    await state_is(ready, "talking")
    await ready.vanish()  # the same page, its network cut
    await asyncio.sleep(6)
    assert (await ready.get("desk"))["is_awaited"]
    await ready.connect()
    assert "X-Hotline-Resume: 1" in await ready.rung(3, 8)
    assert (await state_is(ready, "talking"))["call_id"] == call_id
    call = await asyncio.to_thread(ended, house, call_id)
    assert [(one.seat, one.outcome) for one in call.attempts] == [(SEAT, "answered")] * 3
    assert [(leg.kind, leg.by, leg.outcome) for leg in call.legs] == [("lost", SEAT, "back")] * 2
    cut = call.legs[1]
    assert call.recording and cut.answered_at
    from_s, to_s = ((at - call.arrived_at).total_seconds() for at in (cut.at, cut.answered_at))
    heard = Path(f"{call.recording.path}-heard.wav")
    assert loudness(heard, from_s + 0.3, to_s) > 100  # music, while he waited


async def test_a_caller_whose_lawyer_vanishes_as_it_rings_is_first_at_the_next(
    house: TalkHouse, lawyer: dict[str, str]
) -> None:
    claim = {"take_over": True}
    async with page(house, lawyer, claim=claim, takes_calls=False) as one:
        await state_is(one, "not_ready")
        await one.post("desk/state", {"state": "ready"})
        calling = asyncio.create_task(asyncio.to_thread(house.call, hangup_after_s=12))
        await one.rung(1, 10)
        await one.vanish()
        house.lawyer(OTHER)
        _, seat, _ = await calling
        assert seat == OTHER
        house.phones[OTHER].stop()
        await one.post("desk/leave", {})


async def test_a_lawyer_calls_somebody_and_is_as_he_was_before(
    house: TalkHouse, lawyer: dict[str, str]
) -> None:
    async with page(house, lawyer, claim={"take_over": True}) as one:
        await state_is(one, "not_ready")
        await one.post("desk/state", {"state": "not_ready", "reason": "record"})
        abroad = await one.post("desk/call", {"number": "0014155550100", "reason": "回电"})
        assert abroad["error"] == "target_unknown"
        began = await one.post("desk/call", {"number": "13904310000", "reason": "回复咨询"})
        await one.rung(1, 8)
        desk = await state_is(one, "talking")
        assert (desk["call_id"], desk["direction"]) == (began["call_id"], "out")
        await asyncio.sleep(3)
        await one.hang_up()
        assert (await state_is(one, "not_ready"))["reason"] == "record"

        call = await asyncio.to_thread(ended, house, began["call_id"])
        assert call.call_out and call.call_out.reached_at
        assert (call.call_out.by, call.call_out.reason) == ("wang", "回复咨询")
        assert (call.caller, call.talk_ended_by, call.survey) == ("+8613904310000", "seat", None)
        await one.post("desk/leave", {})
