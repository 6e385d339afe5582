"""A browser's telephone line: SIP over a WebSocket from the page to Asterisk, through the session.

Only the page that has claimed a desk gets one, and only for that desk's number. Asterisk's own
WebSocket server listens on the inside alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable

import aiohttp
import structlog
from aiohttp import web
from pydantic import Field

from callcenter.desk_house import DeskHouse
from callcenter.desks import LOST_CODE, Desk
from callcenter.web import sip_gate
from callcenter.web.errors import ApiFault
from callcenter.web.live import STOPPING
from callcenter.web.log_in_ends import log_in_ends
from callcenter.web.models import ApiModel
from callcenter.web.person import Person, person_of
from callcenter.web.rights import Right
from callcenter.web.route import Route, read_query
from callcenter.web.web_parts import PARTS

log = structlog.get_logger(__name__)

PATH = "/api/v1/sip"
HEARTBEAT_S = 3.0  # a page that is cut off is noticed within one and a half of these
DIAL_S = 5.0
MOST_A_SECOND = 100  # messages: a phone sends a handful
ASTERISK_CODE, MISUSE_CODE = 1013, 1008  # try again later; policy violation
LOGIN_CODE = 4003


class DeskKey(ApiModel):
    """Which page's line it is."""

    desk: str = Field(default="", max_length=64, pattern="^[A-Za-z0-9_-]*$")


async def get_sip(request: web.Request) -> web.StreamResponse:
    """Carry SIP between the page and Asterisk until either goes."""
    person, key = person_of(request), read_query(request, DeskKey).desk
    line = web.WebSocketResponse(
        protocols=("sip",), heartbeat=HEARTBEAT_S, max_msg_size=sip_gate.MAX_BYTES, compress=False
    )
    if not line.can_prepare(request):
        raise ApiFault(426, "upgrade_needed", "请使用 WebSocket 连接。")
    house = request.app[PARTS].desk
    if house is None:
        raise ApiFault(503, "controller_away", "呼叫控制暂不可用，请稍后再试。")
    closing = asyncio.Event()
    codes: list[int] = []

    def close(code: int) -> None:
        codes.append(code)
        closing.set()

    own = person.seat if person.seat and house.account(person.seat) else None
    desk = house.desks.connect(key, person.name, close, own=own)
    if desk is None:
        raise ApiFault(409, "desk_lost", "该坐席已在其他页面签入。")
    try:
        await line.prepare(request)
        ends = (
            _carry(line, desk, house.asterisk),
            _session_ends(request, desk, house),
            _waits(closing, int(aiohttp.WSCloseCode.OK)),
            _waits(request.app[STOPPING], int(aiohttp.WSCloseCode.GOING_AWAY)),
        )
        ended = await _first(ends)
        code = codes[0] if codes else ended
        if code == LOGIN_CODE:
            house.desks.leave(desk)
        await line.close(code=code)
    finally:
        house.desks.disconnect(desk, close)
    return line


async def _first(works: Iterable[Coroutine[None, None, int]]) -> int:
    """The close code of what ends first; the others are given up."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return next(iter(done)).result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _waits(event: asyncio.Event, code: int) -> int:
    await event.wait()
    return code


async def _session_ends(request: web.Request, desk: Desk, house: DeskHouse) -> int:
    """Whoever is logged out has no telephone any more; a talk is not cut off for that."""

    def is_over(person: Person | None) -> bool:
        is_his = person is not None and person.name == desk.person
        return not is_his and house.shown(desk.number).call_id is None

    await log_in_ends(request, is_over)
    return LOGIN_CODE


async def _carry(line: web.WebSocketResponse, desk: Desk, asterisk: str) -> int:
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=DIAL_S)
    async with aiohttp.ClientSession(timeout=timeout, trust_env=False) as session:
        try:
            async with session.ws_connect(
                asterisk, protocols=("sip",), max_msg_size=sip_gate.MAX_BYTES, compress=0
            ) as far:
                return await _both_ways(line, far, desk)
        except (aiohttp.ClientError, OSError, TimeoutError) as fault:
            log.warning("no line to Asterisk for a page", number=desk.number, why=str(fault))
            return ASTERISK_CODE


async def _both_ways(
    line: web.WebSocketResponse, far: aiohttp.ClientWebSocketResponse, desk: Desk
) -> int:
    try:
        return await _first((_from_page(line, far, desk), _from_asterisk(far, line)))
    except (ConnectionError, aiohttp.ClientError):
        return ASTERISK_CODE


async def _from_page(
    line: web.WebSocketResponse, far: aiohttp.ClientWebSocketResponse, desk: Desk
) -> int:
    clock = asyncio.get_running_loop().time
    second, count = clock(), 0
    async for message in line:
        if message.type is not aiohttp.WSMsgType.TEXT:
            return MISUSE_CODE
        if clock() - second >= 1:
            second, count = clock(), 0
        count += 1
        if message.data == sip_gate.PING:
            await line.send_str(sip_gate.PONG)
            continue
        if message.data == sip_gate.PONG:  # Asterisk's ping, which went through
            continue
        why = sip_gate.refused(message.data, desk.number)
        why = "too many messages" if count > MOST_A_SECOND else why
        if why is not None:  # the message itself may hold numbers: never logged
            log.warning("a page's SIP was refused", number=desk.number, why=why)
            return MISUSE_CODE
        await far.send_str(message.data)
    return int(aiohttp.WSCloseCode.OK)


async def _from_asterisk(far: aiohttp.ClientWebSocketResponse, line: web.WebSocketResponse) -> int:
    send: dict[aiohttp.WSMsgType, Callable[..., Awaitable[None]]] = {
        aiohttp.WSMsgType.TEXT: line.send_str,
        aiohttp.WSMsgType.BINARY: line.send_bytes,
    }
    async for message in far:
        if message.type in send:
            await send[message.type](message.data)
    return ASTERISK_CODE


ROUTES = (
    Route(
        method="GET",
        path=PATH,
        handler=get_sip,
        name="sip",
        summary=(
            "SIP over WebSocket (subprotocol sip) for the page that has the desk; closes with"
            f" {LOST_CODE} when another page takes it over, {LOGIN_CODE} after a log-out"
        ),
        right=Right.PHONE_USE,
        query=DeskKey,
        answer="application/octet-stream",
        faults=(403, 409, 426, 503),
    ),
)
