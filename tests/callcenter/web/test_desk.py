"""A person's desk over HTTP, and his telephone's line to an Asterisk that only echoes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from callcenter.calls_out import CallsOut
from callcenter.desk_house import DeskHouse
from callcenter.desks import LOST_CODE, Desks
from callcenter.ice import IcePlan, IceServer
from callcenter.province_secrets import Secrets
from callcenter.supervision import By
from callcenter.web import log_in_ends, sip_proxy
from callcenter.web.desk_news import DeskNews
from callcenter.web.feed import Feed
from callcenter.web.put_out import PutOut
from callcenter.web.rights import Role
from callcenter.web.web_parts import PARTS, WebParts
from reports import audit
from seats.seat import Change, SeatState, SeatStatus, shanghai_day
from tests.callcenter.supervised_house import seat
from tests.callcenter.web.conftest import OpenClient
from tests.callcenter.web.people import People, enter
from tests.reports.made import answered

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


@pytest.fixture
async def asterisk() -> AsyncIterator[str]:
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


@pytest.fixture
async def desk(open_client: OpenClient, people: People, asterisk: str) -> Desk:
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


async def test_a_page_claims_what_its_telephone_registers_with(desk: Desk) -> None:
    claimed = await desk.claim()
    phone = claimed["phone"]
    assert (phone["user"], phone["secret"], phone["realm"]) == (SEAT, "s8001", "asterisk")
    assert phone["uri"].startswith(f"sip:{SEAT}@")
    assert phone["socket"] == f"/api/v1/sip?desk={claimed['desk']}"
    stun, turn = phone["ice"]
    assert stun == {"urls": "stun:s.example", "username": "", "credential": ""}
    assert turn["username"].endswith(f":{SEAT}") and len(turn["credential"]) == 28
    assert phone["is_relayed"] is False
    shown = await desk.get()
    assert shown["phone"] is None and shown["desk"] == claimed["desk"]
    assert (shown["person"], shown["state"], shown["call_id"]) == ("wang", "not_ready", None)


async def test_a_desk_that_is_taken_says_by_whom_and_its_page_hears_that_it_lost_it(
    desk: Desk,
) -> None:
    first = await desk.claim()
    line = await desk.line(first)
    status, said = await desk.post("claim")
    assert (status, said["error"]) == (409, "desk_taken") and "wang" in said["message"]
    await desk.claim(take_over=True)
    assert (await line.receive()).data == LOST_CODE
    assert first["desk"] in desk.news("desk_lost")[0]


async def test_another_person_sees_who_is_there_but_not_the_key(desk: Desk) -> None:
    await desk.claim()
    await desk.people.add(Role.SEAT, "li", seat=SEAT)
    desk.origin = await enter(desk.client, "li")
    shown = await desk.get()
    assert (shown["person"], shown["desk"]) == ("wang", None)
    assert (await desk.post("state", {"state": "ready"}))[1]["error"] == "desk_lost"
    assert (await desk.post("leave"))[1]["error"] == "desk_lost"


async def test_nobody_takes_the_telephone_of_another_seat(desk: Desk) -> None:
    assert (await desk.post("claim", {"seat": "8002"}))[1]["error"] == "not_your_seat"
    await desk.people.add(Role.SUPERVISOR, "chen")
    desk.origin = await enter(desk.client, "chen")
    assert (await desk.post("claim"))[1]["error"] == "no_seat"


async def test_a_supervisor_has_his_own_telephone(desk: Desk) -> None:
    await desk.people.add(Role.SUPERVISOR, "zhao", seat="7001")
    desk.origin = await enter(desk.client, "zhao")
    claimed = await desk.claim()
    assert (claimed["state"], claimed["phone"]["secret"]) == ("supervising", "s7001")


async def test_the_lawyer_says_when_he_is_ready_and_his_page_hears_of_it(desk: Desk) -> None:
    assert (await desk.post("state", {"state": "ready"}))[1]["error"] == "desk_lost"
    await desk.claim()
    status, said = await desk.post("state", {"state": "ready"})
    assert (status, said["state"]) == (200, "ready")
    await desk.post("state", {"state": "not_ready", "reason": "meal"})
    assert desk.house.moved == [(Change.READY, "other"), (Change.NOT_READY, "meal")]
    for _ in range(50):
        if len(desk.news("desk")) == 2:
            break
        await asyncio.sleep(0.01)
    told = desk.news("desk")
    assert '"state":"not_ready"' in told[-1] and "s8001" not in "".join(told)


async def test_who_talks_says_that_he_will_rest_after_it(desk: Desk) -> None:
    await desk.claim()
    wish = {"state": "not_ready", "when": "after_call", "reason": "meal"}
    assert (await desk.post("state", wish))[1]["error"] == "not_talking"
    desk.house.become(state=SeatState.TALKING, call_id="main-1", reason=None)
    assert (await desk.post("state", wish))[0] == 200
    desk.house.become(rest_next="meal")
    assert (await desk.get())["rest_next"] == "meal"
    await desk.post("state", {"state": "ready", "when": "after_call"})
    assert desk.house.moved == [(Change.REST_NEXT, "meal"), (Change.WORK_ON, "other")]


async def test_a_telephone_that_is_not_there_cannot_be_ready(desk: Desk) -> None:
    await desk.claim()
    desk.house.become(is_registered=False)
    assert (await desk.post("state", {"state": "ready"}))[1]["error"] == "seat_offline"


async def test_who_talks_does_not_sign_off(desk: Desk) -> None:
    await desk.claim()
    desk.house.become(state=SeatState.TALKING, call_id="c-1")
    assert (await desk.post("leave"))[1]["error"] == "seat_busy"
    desk.house.become(state=SeatState.READY, call_id=None)
    assert (await desk.post("leave"))[0] == 200
    assert (await desk.get())["person"] is None


async def test_whom_a_supervisor_logs_out_has_to_log_in_again(desk: Desk) -> None:
    await desk.claim()
    put_out = PutOut(desk.feed, desk.house.desks, desk.people.accounts)
    await put_out(SEAT, By(name="zhao", reason="离席未示忙"))
    assert (await desk.client.get("/api/v1/desk")).status == 401
    assert json.loads(desk.news("logged_out")[0]) == {"seat": SEAT, "reason": "离席未示忙"}
    assert len(desk.news("desk_lost")) == 1 and desk.house.desks.at(SEAT) is None
    entry = (await audit.entries(desk.people.store, subject="wang"))[0]
    assert entry.action == "user_logged_out"
    assert (entry.by, entry.subject, entry.reason) == ("zhao", "wang", "离席未示忙")
    await put_out(SEAT, By(name="zhao", reason="离席未示忙"))  # nobody is there any more
    assert len(desk.news("logged_out")) == 1


async def test_the_access_key_has_no_log_in_to_end(desk: Desk) -> None:
    desk.house.desks.claim(SEAT, "api")
    await PutOut(desk.feed, desk.house.desks, desk.people.accounts)(SEAT, By("zhao", "下班"))
    assert desk.house.desks.at(SEAT) is None
    assert (await desk.client.get("/api/v1/desk")).status == 200


async def test_what_the_seat_did_today(desk: Desk) -> None:
    call = answered("t-1", arrived_at=NOW)
    attempt = call.attempts[0].model_copy(
        update={"offered_at": NOW, "answered_at": NOW, "ended_at": NOW, "seat": SEAT}
    )
    missed = attempt.model_copy(update={"answered_at": None, "outcome": "no_answer"})
    gone = missed.model_copy(update={"outcome": "caller_gone"})
    await desk.people.store.upsert(
        [call.model_copy(update={"attempts": (attempt, missed, gone), "ended_at": NOW})]
    )
    today = (await desk.get())["today"]
    assert (today["calls"], today["wrap_up_s"], today["answer_rate"]) == (1, 61, 0.5)
    assert today["satisfaction"] == 1.0


async def test_a_call_out_is_written_down_with_its_reason(desk: Desk) -> None:
    await desk.claim()
    wish = {"number": "13904310000", "reason": "回复咨询"}
    status, said = await desk.post("call", wish)
    assert status == 200 and said["call_id"].startswith("main-out.")
    assert desk.house.rung == ["13904310000"]
    (entry, *_) = await audit.entries(desk.people.store, limit=1)
    assert (entry.by, entry.action, entry.subject) == ("wang", "call_out", SEAT)
    assert (entry.reason, entry.before) == ("回复咨询", "139****0000")
    desk.house.become(state=SeatState.TALKING, call_id="c-1")
    assert (await desk.post("call", wish))[1]["error"] == "seat_busy"


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        ({"number": "0014155550100", "reason": "x"}, "target_unknown"),
        ({"call_id": "nobody", "reason": "x"}, "call_unknown"),
        ({"number": "13904310000"}, "invalid"),
        ({"number": "13904310000", "call_id": "c", "reason": "x"}, "invalid"),
        ({"reason": "x"}, "invalid"),
    ],
)
async def test_a_call_out_that_cannot_be(desk: Desk, wish: dict[str, str], error: str) -> None:
    await desk.claim()
    assert (await desk.post("call", wish))[1]["error"] == error
    assert desk.house.rung == []


async def test_whom_a_call_was_with_may_be_called_again_without_seeing_the_number(
    desk: Desk,
) -> None:
    await desk.claim()
    await desk.people.store.upsert([answered("mine", caller="+8613904310000")])
    await desk.people.store.upsert([answered("not-mine", caller="+8613904310000", attempts=())])
    assert (await desk.post("call", {"call_id": "not-mine", "reason": "x"}))[0] == 404
    assert (await desk.post("call", {"call_id": "mine", "reason": "x"}))[0] == 200
    assert desk.house.rung == ["13904310000"]


# --- the telephone's line -------------------------------------------------------------------------

REGISTER = (
    "REGISTER sip:hotline SIP/2.0\r\nFrom: <sip:8001@hotline>;tag=1\r\nTo: <sip:8001@hotline>\r\n"
    "Content-Length: 0\r\n\r\n"
)


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
