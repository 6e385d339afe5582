"""What lawyers and supervisors ask for over the API."""

from __future__ import annotations

from typing import Any

import pytest

from callcenter.web.view import SEAT_FAULTS, TALK_WISHES, SeatFault
from tests.callcenter.web.conftest import OpenClient
from tests.callcenter.web.fake_view import FakeView


@pytest.mark.parametrize("what", TALK_WISHES)
async def test_each_wish_reaches_the_hotline(
    what: str, open_client: OpenClient, view: FakeView
) -> None:
    client = await open_client()
    answer = await client.post(f"/api/v1/seats/8001/talk/{what}", json={})
    assert await answer.json() == {"ok": True}
    assert view.wishes == [("8001", what, "")]


@pytest.mark.parametrize(
    ("to", "told"),
    [
        ({"seat": "8002"}, "seat 8002"),
        ({"group": "labour"}, "group labour"),
        ({"line": "court"}, "line court"),
        ({"number": "04315550123"}, "number 04315550123"),
    ],
)
async def test_whom_it_goes_to(
    to: dict[str, str], told: str, open_client: OpenClient, view: FakeView
) -> None:
    client = await open_client()
    await client.post("/api/v1/seats/8001/talk/consult", json={"to": to})
    assert view.wishes == [("8001", "consult", told)]


@pytest.mark.parametrize(
    "body",
    [
        {"to": {}},
        {"to": {"seat": "8002", "line": "court"}},
        {"to": {"number": "1; drop"}},
        {"to": {"number": "12"}},
        {"to": {"seat": "8002"}, "more": 1},
    ],
)
async def test_a_target_that_does_not_fit_is_refused(
    body: dict[str, Any], open_client: OpenClient, view: FakeView
) -> None:
    client = await open_client()
    answer = await client.post("/api/v1/seats/8001/talk/transfer", json=body)
    assert answer.status == 422
    assert view.wishes == []


async def test_a_wish_that_nobody_knows_is_not_found(open_client: OpenClient) -> None:
    client = await open_client()
    answer = await client.post("/api/v1/seats/8001/talk/dance", json={})
    assert answer.status == 404


@pytest.mark.parametrize("error", ["target_unknown", "database_away", "line_closed"])
async def test_why_it_is_refused(error: str, open_client: OpenClient, view: FakeView) -> None:
    view.refusal = SeatFault(error, "不能。")
    client = await open_client()
    answer = await client.post("/api/v1/seats/8001/talk/hold", json={})
    assert answer.status == SEAT_FAULTS.get(error, 409)
    assert await answer.json() == {"error": error, "message": "不能。", "where": None}


async def test_a_release_needs_a_name_and_a_reason(open_client: OpenClient, view: FakeView) -> None:
    client = await open_client()
    for body in ({}, {"by": "王强"}, {"by": "", "reason": "卡住"}):
        answer = await client.post("/api/v1/seats/8001/release", json=body)
        assert answer.status == 422
    await client.post("/api/v1/seats/8001/release", json={"by": "王强", "reason": "卡住"})
    await client.post("/api/v1/seats/8001/filed", json={})
    assert view.wishes == [("8001", "release", "王强: 卡住"), ("8001", "filed", "")]


async def test_without_the_key_nobody_touches_a_talk(
    open_client: OpenClient, view: FakeView
) -> None:
    client = await open_client(known=False)
    for path in ("talk/hold", "release", "filed"):
        answer = await client.post(f"/api/v1/seats/8001/{path}", json={"by": "x", "reason": "y"})
        assert answer.status == 401
    assert view.wishes == []
