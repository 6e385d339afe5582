"""A lawyer notes where his caller is from."""

from __future__ import annotations

import pytest

from tests.callcenter.web.conftest import OpenClient
from tests.callcenter.web.fake_view import FakeView


@pytest.mark.parametrize("city", ["222400", "cbs", "220184"])
async def test_it_reaches_the_hotline(open_client: OpenClient, view: FakeView, city: str) -> None:
    client = await open_client()
    answer = await client.post("/api/v1/seats/8001/city", json={"city": city})
    assert (answer.status, await answer.json()) == (200, {"ok": True})
    assert view.wishes == [("8001", "city", city)]


@pytest.mark.parametrize("city", ["长春", "2224", "", "CBS", 222400])
async def test_what_is_no_code_is_refused(
    open_client: OpenClient, view: FakeView, city: object
) -> None:
    client = await open_client()
    answer = await client.post("/api/v1/seats/8001/city", json={"city": city})
    assert (answer.status, (await answer.json())["error"]) == (422, "invalid")
    assert view.wishes == []
