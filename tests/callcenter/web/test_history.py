"""Earlier versions over HTTP: listed, compared, restored as any change is made."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from callcenter.province import SEATS
from callcenter.web.rights import Role
from callcenter.web.web_parts import WebParts
from reports import audit
from tests.callcenter.documents.desk_here import Here, here
from tests.callcenter.web.conftest import OpenClient
from tests.callcenter.web.people import People, enter

HISTORY = "/api/v1/province/history/seats"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Here]:
    async with here(tmp_path) as one:
        yield one


async def history(client: TestClient[Any, Any]) -> dict[str, Any]:
    answer = await client.get(HISTORY)
    assert answer.status == 200, await answer.text()
    return dict(await answer.json())


async def test_an_earlier_version_is_compared_and_restored(
    open_client: OpenClient, house: Here
) -> None:
    was = house.text(SEATS)
    await house.change(SEATS, was.replace("name: 长春一席", "name: 春城一席"), reason="改名")
    client = await open_client(parts=WebParts(province=house.desk))
    found = await history(client)
    now, first = found["versions"]
    assert (now["id"], now["by"], now["reason"], now["changes"]) == (
        *(None, "李梅", "改名"),
        "改了名称",
    )
    one = f"{HISTORY}/{first['id']}"
    compared = await (await client.get(one)).json()
    assert compared["faults"] == []
    assert compared["changes"] == ["8001 名称：春城一席 → 长春一席"]
    assert "+    name: 长春一席" in compared["lines"]
    english = await (await client.get(one, headers={"Accept-Language": "en"})).json()
    assert english["changes"] == ["8001 name: 春城一席 → 长春一席"]

    body = {"revision": found["revision"], "reason": "改错了"}
    answer = await client.post(f"{one}/restore", json=body)
    assert answer.status == 200, await answer.text()
    assert (await answer.json())["changes"] == compared["changes"]
    assert house.text(SEATS) == was and house.told == 2
    line = (await audit.entries(house.store))[0]
    assert (line.action, line.subject, line.reason) == ("document_restored", SEATS, "改错了")
    assert len((await history(client))["versions"]) >= 2

    answer = await client.post(f"{one}/restore", json=body)
    assert (answer.status, (await answer.json())["error"]) == (409, "document_changed")
    body["revision"] = (await history(client))["revision"]
    answer = await client.post(f"{one}/restore", json=body)
    assert (answer.status, (await answer.json())["error"]) == (409, "nothing_to_do")


async def test_what_would_break_the_province_is_not_restored(
    open_client: OpenClient, house: Here
) -> None:
    was = house.text(SEATS)
    await house.change(SEATS, was.replace("name: 长春一席", "name: 春城一席"))
    kept = house.settings.province / ".kept"
    broken = was.replace("  service: 服务办理\n", "").replace("service, ", "")
    broken = broken.replace(", service]", "]")
    name = "20260101T000000-0123456789abcdef"
    (kept / f"seats-{name}.yaml").write_text(broken, "utf-8")
    client = await open_client(parts=WebParts(province=house.desk))
    compared = await (await client.get(f"{HISTORY}/{name}")).json()
    assert compared["faults"]
    body = {"revision": (await history(client))["revision"], "reason": "试试"}
    answer = await client.post(f"{HISTORY}/{name}/restore", json=body)
    assert (answer.status, (await answer.json())["error"]) == (422, "province")
    assert "春城一席" in house.text(SEATS)


async def test_only_versions_of_known_documents_are_there(
    open_client: OpenClient, house: Here
) -> None:
    client = await open_client(parts=WebParts(province=house.desk))
    for path, error in (
        ("/api/v1/province/history/users", "not_found"),
        (f"{HISTORY}/20260101T000000-0123456789abcdef", "version_unknown"),
        (f"{HISTORY}/..%2Fseats", "version_unknown"),
    ):
        answer = await client.get(path)
        assert (answer.status, (await answer.json())["error"]) == (404, error)


async def test_a_city_s_people_see_no_versions_of_the_whole(
    open_client: OpenClient, house: Here, people: People
) -> None:
    name = await people.add(Role.ADMIN, city="220100")
    parts = WebParts(province=house.desk, accounts=people.accounts)
    client = await open_client(known=False, parts=parts)
    await enter(client, name)
    answer = await client.get(HISTORY)
    assert (answer.status, (await answer.json())["error"]) == (403, "not_your_city")
