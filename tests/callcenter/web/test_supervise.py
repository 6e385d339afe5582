"""What supervisors ask for over the API, and whom it is about."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from callcenter.asterisk import heard
from callcenter.web.errors import ApiFault
from callcenter.web.feed import Audience
from callcenter.web.person import Person, rights_of
from callcenter.web.rights import Right, Role
from callcenter.web.supervise import ROUTES, _own_call, _own_seat, supervise_answer
from callcenter.web.web_parts import WebParts
from reports import audit
from reports.store import Store
from tests.callcenter.supervised_house import TALK, SupervisedHouse
from tests.callcenter.web.conftest import OpenClient
from tests.new_database import upgraded

WHY = {"reason": "带教", "phone": "7001"}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store(f"sqlite:///{tmp_path}/facts.db") as store:
        await upgraded(store)
        yield store


@pytest.fixture
def house(store: Store) -> SupervisedHouse:
    return SupervisedHouse(store)


@pytest.fixture
async def client(open_client: OpenClient, house: SupervisedHouse) -> TestClient[Any, Any]:
    return await open_client(parts=WebParts(supervision=house.supervision))


async def test_a_supervisor_listens_and_leaves(
    client: TestClient[Any, Any], house: SupervisedHouse, store: Store
) -> None:
    answer = await client.post(f"/api/v1/calls/{TALK}/listen", json=WHY)
    assert await answer.json() == {"ok": True}
    house.picked_up()
    told = await (await client.get("/api/v1/supervise", params={"phone": "7001"})).json()
    assert (told["phone"], told["is_registered"]) == ("7001", True)
    assert (told["beside"]["mode"], told["beside"]["is_there"]) == ("listen", True)
    again = await client.post(f"/api/v1/calls/{TALK}/listen", json=WHY)
    assert (again.status, (await again.json())["error"]) == (409, "already_in")
    await client.post("/api/v1/supervise/leave", json={"phone": "7001"})
    told = await (await client.get("/api/v1/supervise", params={"phone": "7001"})).json()
    assert told["beside"] is None
    assert [one.action for one in await audit.entries(store)] == ["listen"]


@pytest.mark.parametrize(
    ("path", "body", "status", "error"),
    [
        (f"calls/{TALK}/listen", {"phone": "7001"}, 422, "invalid"),
        (f"calls/{TALK}/listen", {"reason": "", "phone": "7001"}, 422, "invalid"),
        (f"calls/{TALK}/listen", {"reason": "带教"}, 409, "no_phone"),
        ("calls/gone/barge", WHY, 404, "call_unknown"),
        ("calls/waits/take_over", WHY, 409, "not_talking"),
        ("calls/waits/move", {"reason": "久", "to": {}}, 422, "invalid"),
        (
            "calls/waits/move",
            {"reason": "久", "to": {"head": True, "seat": "8002"}},
            422,
            "invalid",
        ),
        ("calls/waits/move", {"reason": "久", "to": {"group": "tax"}}, 404, "target_unknown"),
        ("seats/8099/force", {"reason": "久", "state": "ready"}, 404, "seat_unknown"),
        ("seats/8001/force", {"reason": "久", "state": "not_ready"}, 409, "seat_busy"),
        ("seats/8001/log_out", {"reason": "久"}, 409, "seat_busy"),
    ],
)
async def test_what_cannot_be_is_refused(
    client: TestClient[Any, Any], path: str, body: dict[str, Any], status: int, error: str
) -> None:
    answer = await client.post(f"/api/v1/{path}", json=body)
    assert (answer.status, (await answer.json())["error"]) == (status, error)


@pytest.mark.parametrize("to", [{"head": True}, {"group": "family"}, {"seat": "8002"}])
async def test_a_caller_is_moved(client: TestClient[Any, Any], to: dict[str, Any]) -> None:
    answer = await client.post("/api/v1/calls/waits/move", json={"reason": "等候过久", "to": to})
    assert await answer.json() == {"ok": True}


async def test_a_seat_is_set_and_logged_out(
    client: TestClient[Any, Any], house: SupervisedHouse
) -> None:
    await client.post("/api/v1/seats/8002/force", json={"reason": "离席", "state": "not_ready"})
    await client.post("/api/v1/seats/8002/log_out", json={"reason": "下班"})
    assert (house.put_out, len(house.moved)) == (["8002"], 2)


async def test_who_else_is_beside_the_talk_is_told_by_name(
    client: TestClient[Any, Any], house: SupervisedHouse
) -> None:
    house.telephones.name_of = lambda number: {"7001": "值班班长席"}[number]
    house.telephones.hear(heard.PhoneSeen("7002", True), "main")
    await client.post(f"/api/v1/calls/{TALK}/whisper", json=WHY)
    await client.post(f"/api/v1/calls/{TALK}/listen", json={"reason": "带教", "phone": "7002"})
    house.picked_up("7001")
    told = await (await client.get("/api/v1/supervise", params={"phone": "7002"})).json()
    assert told["others"] == [
        {"phone": "7001", "name": "值班班长席", "mode": "whisper", "is_there": True}
    ]
    await client.post("/api/v1/supervise/leave", json={"phone": "7002"})
    told = await (await client.get("/api/v1/supervise", params={"phone": "7002"})).json()
    assert told["others"] == []


async def test_without_a_controller_nobody_is_supervised(open_client: OpenClient) -> None:
    client = await open_client()
    assert (await client.get("/api/v1/supervise")).status == 503


def supervisor(city: str | None) -> Person:
    roles = frozenset({Role.SUPERVISOR})
    return Person(name="wang", roles=roles, rights=rights_of(roles), seat="7001", city=city)


def test_a_citys_supervisor_reaches_his_calls_and_seats_alone(house: SupervisedHouse) -> None:
    changchun, jilin = supervisor("220100"), supervisor("220200")
    _own_call(changchun, house.supervision, TALK)  # its seat is of that city
    _own_seat(changchun, house.supervision, "8001")
    _own_seat(supervisor(None), house.supervision, "8901")
    for refused in (
        lambda: _own_call(jilin, house.supervision, TALK),
        lambda: _own_seat(jilin, house.supervision, "8001"),
        lambda: _own_seat(changchun, house.supervision, "8901"),
    ):
        with pytest.raises(ApiFault) as fault:
            refused()
        assert (fault.value.status, fault.value.error) == (403, "not_your_city")


def test_only_supervisors_supervise() -> None:
    needed = {route.right for route in ROUTES}
    assert needed == {Right.CALLS_SUPERVISE, Right.SEATS_ACT}
    holders = {role for role in Role if needed & rights_of([role])}
    assert holders == {Role.SUPERVISOR}


def test_a_telephone_that_is_no_supervisors_is_none(house: SupervisedHouse) -> None:
    assert supervise_answer(house.supervision, "8001").phone is None
    assert supervise_answer(house.supervision, None).phone is None
    assert Audience(seat="7001").holds(supervisor(None))
