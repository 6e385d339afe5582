"""Callbacks and messages left for a person: listed, masked, done once, written down."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from callcenter.open_requests import OpenRequests
from callcenter.web.app import make_app
from callcenter.web.rights import Role
from callcenter.web.web_parts import WebParts
from reports import audit
from reports.facts import Conversation, OverflowRequest
from reports.store import Store
from tests.callcenter.web.fake_view import FakeSettings, FakeView
from tests.callcenter.web.who import be, person
from tests.new_database import upgraded
from tests.reports.made import T0, call

Client = TestClient[Any, Any]
NAMES = {"220100": "长春市", "222400": "延边朝鲜族自治州"}


def asked(call_id: str, *, city: str | None, minutes: int, **request: Any) -> Conversation:
    kind = "message" if "audio" in request else "callback"
    wish = OverflowRequest(requested_at=T0 + timedelta(minutes=minutes), **request)
    return call(
        call_id,
        caller="+8613800001111",
        city=city,
        group="labour",
        asked_at=T0,
        end_stage="queue",
        overflow=kind,
        overflow_request=wish,
    )


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store(f"sqlite:///{tmp_path}/facts.db") as opened:
        await upgraded(opened)
        await opened.upsert(
            [
                asked("b-1", city="222400", minutes=9, number="13900002222"),
                asked("a-1", city="220100", minutes=1, audio="/r/a.wav", duration_s=12.5),
                asked("c-1", city=None, minutes=12, number="13900003333"),
            ]
        )
        yield opened


@pytest.fixture
async def client(tmp_path: Path, store: Store) -> AsyncIterator[Client]:
    parts = WebParts(requests=OpenRequests(store, city_names=NAMES))
    app = make_app(FakeView(), FakeSettings(tmp_path), parts=parts)
    async with TestClient(TestServer(app)) as opened:
        be(opened, person(Role.SUPERVISOR))
        yield opened


async def listed(client: Client) -> list[dict[str, Any]]:
    answer = await client.get("/api/v1/requests")
    assert answer.status == 200, await answer.text()
    found: list[dict[str, Any]] = (await answer.json())["requests"]
    return found


async def test_they_are_listed_oldest_first_with_masked_numbers(client: Client) -> None:
    rows = await listed(client)
    assert [(row["call_id"], row["kind"], row["number"], row["city"]) for row in rows] == [
        ("a-1", "message", "138****1111", "长春市"),
        ("b-1", "callback", "139****2222", "延边朝鲜族自治州"),
        ("c-1", "callback", "139****3333", None),
    ]
    assert (rows[0]["has_audio"], rows[0]["duration_s"]) == (True, 12.5)


async def test_a_city_sees_and_ends_only_its_own(client: Client) -> None:
    be(client, person(Role.SUPERVISOR, city="222400"))
    assert [row["call_id"] for row in await listed(client)] == ["b-1"]
    answer = await client.post("/api/v1/requests/a-1/done", json={"note": "已回电"})
    assert (answer.status, (await answer.json())["error"]) == (404, "request_unknown")


async def test_who_is_done_with_one_is_written_down(client: Client, store: Store) -> None:
    answer = await client.post("/api/v1/requests/b-1/done", json={"note": "已回电"})
    assert answer.status == 200, await answer.text()
    assert [row["call_id"] for row in await listed(client)] == ["a-1", "c-1"]
    (entry,) = await audit.entries(store, subject="b-1")
    assert (entry.by, entry.action, entry.reason) == ("supervisor", "request_done", "已回电")
    again = await client.post("/api/v1/requests/b-1/done", json={"note": "已回电"})
    assert again.status == 404
    assert len(await audit.entries(store, subject="b-1")) == 1


@pytest.mark.parametrize("body", [{}, {"note": ""}, {"note": "x" * 401}])
async def test_without_a_note_nothing_is_done(client: Client, body: dict[str, str]) -> None:
    answer = await client.post("/api/v1/requests/b-1/done", json=body)
    assert answer.status == 422
    assert len(await listed(client)) == 3


async def test_a_database_that_is_away_is_told(client: Client, tmp_path: Path) -> None:
    (tmp_path / "facts.db").rename(tmp_path / "elsewhere.db")
    answer = await client.get("/api/v1/requests")
    assert (answer.status, (await answer.json())["error"]) == (503, "database_away")
    answer = await client.post("/api/v1/requests/b-1/done", json={"note": "已回电"})
    assert answer.status == 503
