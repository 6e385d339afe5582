"""The line of a desk's telephone, to an Asterisk that only echoes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from callcenter.web import log_in_ends, sip_proxy
from callcenter.web.web_parts import PARTS
from seats.seat import SeatState
from tests.callcenter.web.conftest import OpenClient
from tests.callcenter.web.desk_open import SEAT, Desk, echoing, opened
from tests.callcenter.web.people import People

REGISTER = (
    "REGISTER sip:hotline SIP/2.0\r\nFrom: <sip:8001@hotline>;tag=1\r\nTo: <sip:8001@hotline>\r\n"
    "Content-Length: 0\r\n\r\n"
)


@pytest.fixture
async def desk(open_client: OpenClient, people: People) -> AsyncIterator[Desk]:
    async with echoing() as asterisk:
        yield await opened(open_client, people, asterisk)


async def test_the_line_carries_both_ways_and_answers_pings_itself(desk: Desk) -> None:
    line = await desk.line(await desk.claim())
    await line.send_str(REGISTER)
    assert await line.receive_str() == REGISTER
    await line.send_str("\r\n\r\n")
    assert await line.receive_str() == "\r\n"


async def test_the_answer_to_a_ping_of_asterisk_ends_no_line(desk: Desk) -> None:
    line = await desk.line(await desk.claim())
    await line.send_str("\r\n")
    await line.send_str(REGISTER)
    assert await line.receive_str() == REGISTER


@pytest.mark.parametrize("text", [REGISTER.replace("8001", "8002"), "nonsense", "\n"])
async def test_a_page_that_sends_what_is_not_its_own_is_cut_off(desk: Desk, text: str) -> None:
    line = await desk.line(await desk.claim())
    await line.send_str(text)
    message = await line.receive()
    assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, sip_proxy.MISUSE_CODE)


async def test_a_page_that_floods_is_cut_off(desk: Desk) -> None:
    line = await desk.line(await desk.claim())
    for _ in range(sip_proxy.MOST_A_SECOND * 2):
        await line.send_str(REGISTER)
    while (message := await line.receive()).type is aiohttp.WSMsgType.TEXT:
        pass
    assert message.data == sip_proxy.MISUSE_CODE


async def test_only_the_page_with_the_desk_has_a_line(desk: Desk) -> None:
    claimed = await desk.claim()
    path = claimed["phone"]["socket"]
    assert (await desk.client.get(path)).status == 426
    for other, origin in (("/api/v1/sip?desk=guess", desk.origin), (path, "http://evil.test")):
        headers = origin if isinstance(origin, dict) else {"Origin": origin}
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await desk.client.ws_connect(other, protocols=("sip",), headers=headers)
        assert refused.value.status == (409 if "guess" in other else 403)


async def test_without_asterisk_the_page_is_told_to_come_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    claimed = await desk.claim()
    house = desk.client.app[PARTS].desk
    monkeypatch.setattr(house, "asterisk", "http://127.0.0.1:1/ws")
    line = await desk.line(claimed)
    assert (await line.receive()).data == sip_proxy.ASTERISK_CODE


async def test_who_logs_out_has_no_telephone_but_a_talk_is_not_cut_off(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_in_ends, "LOOK_S", 0.05)
    line = await desk.line(await desk.claim())
    desk.house.become(state=SeatState.TALKING, call_id="c-1")
    answer = await desk.client.post("/api/v1/logout", json={}, headers=desk.origin)
    assert answer.status == 200
    with pytest.raises(TimeoutError):
        await line.receive(timeout=0.3)
    desk.house.become(state=SeatState.READY, call_id=None)
    assert (await line.receive()).data == sip_proxy.LOGIN_CODE
    assert desk.house.desks.at(SEAT) is None
