"""A request about a call of another controller: passed on in the person's name, by a seal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer, unused_port

from callcenter.address import Address
from callcenter.web.app import make_app
from callcenter.web.auth import load_api_key
from callcenter.web.peers import Peers
from callcenter.web.person import Person, rights_of
from callcenter.web.rights import Role
from callcenter.web.routes import ROUTES
from callcenter.web.seal import HOLDS_S, PERSON, SEAL, Seal
from callcenter.web.web_parts import WebParts
from tests.callcenter.web.fake_view import FakeSettings, FakeView
from tests.callcenter.web.people import People

SECRET = "of-both-nodes"
WHO = Person(
    name="wang",
    roles=frozenset({Role.SUPERVISOR}),
    rights=rights_of([Role.SUPERVISOR]),
    seat="7001",
    city="220100",
    session="s-1",
)
WISH = "/api/v1/seats/8001/talk/hold"


class Clock:
    """Seconds, moved by hand."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def test_a_sealed_request_is_the_persons_own_once_and_only_as_it_was_sealed() -> None:
    clock = Clock()
    sealing, reading = Seal(lambda: SECRET, clock=clock), Seal(lambda: SECRET, clock=clock)
    headers = sealing.put(WHO, "POST", "/x?a=1", b"{}")
    for changed in (("GET", "/x?a=1", b"{}"), ("POST", "/x?a=2", b"{}"), ("POST", "/x?a=1", b"")):
        assert reading.read(headers, *changed) is None
    assert reading.read({**headers, PERSON: headers[PERSON][:-4]}, "POST", "/x?a=1", b"{}") is None
    assert reading.read({}, "POST", "/x?a=1", b"{}") is None
    assert reading.read(headers, "POST", "/x?a=1", b"{}") == WHO
    assert reading.read(headers, "POST", "/x?a=1", b"{}") is None


def test_a_seal_by_another_secret_or_of_another_time_is_none() -> None:
    clock = Clock()
    sealing, reading = Seal(lambda: SECRET, clock=clock), Seal(lambda: SECRET, clock=clock)
    other = Seal(lambda: "guessed", clock=clock).put(WHO, "GET", "/x", b"")
    assert reading.read(other, "GET", "/x", b"") is None
    late = sealing.put(WHO, "GET", "/x", b"")
    clock.now += HOLDS_S + 1
    assert reading.read(late, "GET", "/x", b"") is None


def test_what_is_about_one_call_is_served_where_it_is() -> None:
    here = {
        *("request_done", "reveal"),
        *("change_seat", "release_seat", "record_filed", "force_seat"),
    }
    for route in ROUTES:
        is_of_one = "{call_id}" in route.path or "/seats/{number}/" in route.path
        if route.path.startswith("/api/v1/") and is_of_one:
            assert (route.at == "here") == (route.name in here), route.name
    assert next(one.at for one in ROUTES if one.name == "emergency") == "call"
    assert next(one.at for one in ROUTES if one.name == "log_out_seat") == "desk"


class At:
    """Every call and seat is at this address; None: here."""

    def __init__(self, address: Address | None) -> None:
        self.address = address

    own = "a"

    def others(self) -> dict[str, Address | None]:
        return {"b": self.address}

    def of_call(self, call_id: str) -> Address | None:
        return self.address

    def of_seat(self, number: str) -> Address | None:
        return self.address

    def of_desk(self, number: str) -> Address | None:
        return self.address


@pytest.fixture
async def nodes(
    tmp_path: Path, people: People
) -> AsyncIterator[tuple[TestClient[Any, Any], TestClient[Any, Any], FakeView]]:
    """Two applications: the first passes on to the second, which has the view that is handed."""
    async with AsyncExitStack() as stack:
        view, clients = FakeView(), []
        there: Address | None = None
        for name in ("b", "a"):
            home = tmp_path / name
            peers = Peers(At(there), Seal(lambda: SECRET))
            stack.push_async_callback(peers.close)
            parts = WebParts(accounts=people.accounts, peers=peers)
            shown = view if name == "b" else FakeView()
            server = TestServer(make_app(shown, FakeSettings(home), parts=parts))
            key = {"Authorization": f"Bearer {load_api_key(home)}"}
            client = await stack.enter_async_context(TestClient(server, headers=key))
            clients.append(client)
            there = Address("127.0.0.1", server.port or 0)
        yield clients[1], clients[0], view


async def test_a_wish_reaches_the_controller_that_has_the_call(
    nodes: tuple[TestClient[Any, Any], TestClient[Any, Any], FakeView],
) -> None:
    first, _, view = nodes
    async with first.post(WISH, json={}) as answer:
        assert (answer.status, await answer.json()) == (200, {"ok": True})
    assert [one[:2] for one in view.wishes] == [("8001", "hold")]


async def test_a_refusal_comes_back_as_it_is(
    nodes: tuple[TestClient[Any, Any], TestClient[Any, Any], FakeView],
) -> None:
    first, second, _ = nodes
    for client in (first, second):
        async with client.post("/api/v1/seats/8001/talk/sing", json={}) as answer:
            assert (answer.status, (await answer.json())["error"]) == (404, "not_found")
        async with client.post(WISH, json={"to": {"seat": 7}}) as answer:
            assert answer.status == 422


async def test_who_has_no_seal_is_a_stranger_there(
    nodes: tuple[TestClient[Any, Any], TestClient[Any, Any], FakeView],
) -> None:
    _, second, view = nodes
    sealed = Seal(lambda: "guessed").put(WHO, "POST", WISH, b"{}")
    assert SEAL in sealed
    headers = {**sealed, "Authorization": "", "Content-Type": "application/json"}
    async with second.post(WISH, data=b"{}", headers=headers) as answer:
        assert (answer.status, (await answer.json())["error"]) == (401, "login_needed")
    assert view.wishes == []


async def test_rights_hold_there_too(
    nodes: tuple[TestClient[Any, Any], TestClient[Any, Any], FakeView],
) -> None:
    _, second, view = nodes
    sealed = Seal(lambda: SECRET).put(WHO, "POST", WISH, b"{}")
    headers = {**sealed, "Authorization": "", "Content-Type": "application/json"}
    async with second.post(WISH, data=b"{}", headers=headers) as answer:
        assert (answer.status, (await answer.json())["error"]) == (403, "no_right")
    assert view.wishes == []


async def test_a_controller_that_does_not_answer_is_said_to_be_away(
    tmp_path: Path, view: FakeView
) -> None:
    peers = Peers(At(Address("127.0.0.1", unused_port())), Seal(lambda: SECRET))
    app = make_app(view, FakeSettings(tmp_path), parts=WebParts(peers=peers))
    key = {"Authorization": f"Bearer {load_api_key(tmp_path)}"}
    async with TestClient(TestServer(app), headers=key) as client:
        async with client.post(WISH, json={}) as answer:
            assert (answer.status, (await answer.json())["error"]) == (503, "node_away")
        async with client.get("/api/v1/calls/a-1.1/pop") as answer:
            assert (answer.status, (await answer.json())["error"]) == (503, "node_away")
    await peers.close()
