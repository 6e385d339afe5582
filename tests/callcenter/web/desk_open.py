"""A desk over HTTP with one lawyer at it, for tests; no hotline behind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from callcenter.calls_out import CallsOut
from callcenter.desk_house import DeskHouse
from callcenter.desks import Desks
from callcenter.ice import IcePlan, IceServer
from callcenter.province_secrets import Secrets
from callcenter.web.desk_news import DeskNews
from callcenter.web.feed import Feed
from callcenter.web.rights import Role
from callcenter.web.web_parts import WebParts
from seats.seat import Change, SeatState, SeatStatus, shanghai_day
from tests.callcenter.supervised_house import seat
from tests.callcenter.web.conftest import OpenClient
from tests.callcenter.web.people import People, enter

NOW = datetime.now(UTC)
SEAT = "8001"


class FakeHouse:
    """One seat, registered and not ready; notes how it is moved and who is called."""

    def __init__(self) -> None:
        self.status = SeatStatus(
            number=SEAT,
            state=SeatState.NOT_READY,
            since=NOW,
            version=1,
            reason="registered",
            is_registered=True,
            calls_day=shanghai_day(NOW),
            wrap_up_ms=61_000,
        )
        self.moved: list[tuple[Change, str | None]] = []
        self.awaited = False
        self.calls: dict[str, Any] = {}
        self.desks = Desks(
            clock=self.clock,
            change=self.change_seat,
            abandoned=lambda number: None,
            is_awaited=lambda number: self.awaited,
        )
        self.talks = SimpleNamespace(is_awaited=lambda number: self.awaited)
        self.outside = SimpleNamespace(trunk_out=lambda name: "demo")
        self.sessions = self.calls
        self.watchers: list[Any] = []
        self.dispatcher = SimpleNamespace(
            roster={SEAT: seat(SEAT)},
            statuses={SEAT: self.status},
            change_seat=self.change_seat,
            take=self._take,
            on_status=None,
        )
        self.calls_out = CallsOut(self)  # type: ignore[arg-type]
        self.calls_out.outbound = self  # type: ignore[assignment]
        self.rung: list[str] = []

    def clock(self) -> datetime:
        return NOW

    def become(self, **changes: Any) -> None:
        self.status = replace(self.status, **changes)
        self.dispatcher.statuses[SEAT] = self.status
        self.dispatcher.on_status(self.status)

    def change_seat(self, number: str, change: Change, **more: Any) -> bool:
        self.moved.append((change, more.get("reason")))
        if change in (Change.READY, Change.NOT_READY):
            self.become(state=SeatState(change.value), reason=more.get("reason"))
        return True

    async def _take(self, number: str, call_id: str) -> bool:
        return True

    async def ring_seat_first(self, call_id: str, *, number: str, **more: Any) -> None:
        self.rung.append(number)


@dataclass
class Desk:
    """The application with one lawyer, 王 at 8001."""

    client: TestClient[Any, Any]
    origin: dict[str, str]
    house: FakeHouse
    people: People
    feed: Feed
    echoed: list[str] = field(default_factory=list)

    async def post(self, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
        url = f"/api/v1/desk/{path}"
        answer = await self.client.post(url, json=body or {}, headers=self.origin)
        return answer.status, await answer.json()

    async def get(self) -> dict[str, Any]:
        answer = await self.client.get("/api/v1/desk")
        assert answer.status == 200
        return dict(await answer.json())

    async def claim(self, **body: Any) -> dict[str, Any]:
        status, said = await self.post("claim", body)
        assert status == 200, said
        return said

    async def line(self, claimed: dict[str, Any]) -> aiohttp.ClientWebSocketResponse:
        path = claimed["phone"]["socket"]
        return await self.client.ws_connect(path, protocols=("sip",), headers=self.origin)

    def news(self, kind: str) -> list[str]:
        return [one.data for one in self.feed.since(0) or () if one.kind == kind]


@asynccontextmanager
async def echoing() -> AsyncIterator[str]:
    """Sends back whatever it is sent."""

    async def answer(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=("sip",))
        await socket.prepare(request)
        async for message in socket:
            await socket.send_str(message.data)
        return socket

    app = web.Application()
    app.router.add_get("/ws", answer)
    async with TestServer(app) as server:
        yield str(server.make_url("/ws"))


async def opened(open_client: OpenClient, people: People, asterisk: str) -> Desk:
    """`asterisk`: where its SIP over WebSocket is."""
    house, feed = FakeHouse(), Feed()
    province = SimpleNamespace(
        seats=(seat(SEAT),),
        supervisors=(SimpleNamespace(number="7001", name="班长台"),),
        lines={},
    )
    secrets = Secrets(ami="", seats={SEAT: "s8001"}, supervisors={"7001": "s7001"})
    made = DeskHouse(
        house,  # type: ignore[arg-type]
        store=people.store,
        province=lambda: province,  # type: ignore[arg-type,return-value]
        secrets=lambda: secrets,
        asterisk=asterisk,
        ice=IcePlan(servers=(IceServer("stun:s.example"), IceServer("turn:t.example")), secret="s"),
    )
    DeskNews(feed, made)
    parts = WebParts(feed=feed, accounts=people.accounts, desk=made)
    client = await open_client(known=False, parts=parts)
    await people.add(Role.SEAT, "wang", seat=SEAT)
    origin = await enter(client, "wang")
    return Desk(client, origin, house, people, feed)
