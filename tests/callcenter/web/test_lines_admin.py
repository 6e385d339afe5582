"""Lines outside, services and supervisors' telephones over HTTP: seen, checked, saved, restored."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from callcenter.province import load_province
from callcenter.web.rights import Role
from callcenter.web.web_parts import WebParts
from reports import audit
from tests.callcenter.documents.desk_here import Here, here
from tests.callcenter.web.conftest import OpenClient
from tests.callcenter.web.people import People, enter

PROVINCE = "/api/v1/province"
NEW = {"name": "notary", "title": "公证 12366", "number": "12366", "trunk": "demo", "hours": "open"}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Here]:
    async with here(tmp_path) as one:
        yield one


async def read(client: TestClient[Any, Any], what: str) -> dict[str, Any]:
    answer = await client.get(f"{PROVINCE}/{what}")
    assert answer.status == 200, await answer.text()
    return dict(await answer.json())


async def check(client: TestClient[Any, Any], what: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post(f"{PROVINCE}/{what}/check", json=body)
    assert answer.status == 200, await answer.text()
    return dict(await answer.json())


async def test_a_line_is_added_changed_and_written_down(
    open_client: OpenClient, house: Here
) -> None:
    client = await open_client(parts=WebParts(province=house.desk))
    was = await read(client, "lines")
    assert was["trunks"] == ["demo"] and was["used"]["police"]
    rows = [{**one, "title": "急救中心"} if one["number"] == "120" else one for one in was["lines"]]
    body = {"revision": was["revision"], "lines": [*rows, NEW]}
    checked = await check(client, "lines", body)
    assert checked["faults"] == []
    assert checked["changes"] == [
        "ambulance 名称：急救 120 → 急救中心",
        "新增外线 公证 12366（12366）",
    ]
    answer = await client.post(f"{PROVINCE}/lines", json={**body, "reason": "公证处新号码"})
    assert answer.status == 200, await answer.text()
    assert house.told == 1
    lines = load_province(house.settings.province).lines
    assert (lines["notary"].hours, lines["ambulance"].title) == ("open", "急救中心")
    assert house.text("lines.yaml").startswith("# 示范省外线")
    assert '  police: {title: 报警 110, number: "110"' in house.text("lines.yaml")
    (entry,) = await audit.entries(house.store)
    assert (entry.action, entry.subject, entry.reason) == (
        *("lines_changed", "lines.yaml"),
        "公证处新号码",
    )
    late = await client.post(f"{PROVINCE}/lines", json={**body, "reason": "晚了一步"})
    assert (late.status, (await late.json())["error"]) == (409, "document_changed")

    history = await (await client.get(f"{PROVINCE}/history/lines")).json()
    first = history["versions"][-1]["id"]
    one = f"{PROVINCE}/history/lines/{first}"
    compared = await (await client.get(one)).json()
    assert "删除外线 公证 12366（12366）" in compared["changes"]
    restore = {"revision": history["revision"], "reason": "号码有误"}
    assert (await client.post(f"{one}/restore", json=restore)).status == 200
    assert (await read(client, "lines"))["lines"] == was["lines"]


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"name": "公证"}, ("name", "name_form")),
        ({"name": "police"}, ("name", "name_twice")),
        ({"title": ""}, ("title", "title_form")),
        ({"number": "12366转1"}, ("number", "number_form")),
        ({"trunk": "nowhere"}, ("trunk", "trunk_unknown")),
        ({"hours": "sometimes"}, ("hours", "hours_unknown")),
    ],
)
async def test_what_is_wrong_with_a_line_stands_at_its_field(
    changed: dict[str, str], found: tuple[str, str], open_client: OpenClient, house: Here
) -> None:
    client = await open_client(parts=WebParts(province=house.desk))
    was = await read(client, "lines")
    body = {"revision": was["revision"], "lines": [*was["lines"], {**NEW, **changed}]}
    (fault,) = (await check(client, "lines", body))["faults"]
    assert (fault["at"], fault["field"], fault["error"]) == (f"lines.{len(was['lines'])}", *found)
    refused = await client.post(f"{PROVINCE}/lines", json={**body, "reason": "试试"})
    assert (refused.status, (await refused.json())["error"]) == (422, found[1])
    assert (await read(client, "lines"))["revision"] == was["revision"]


async def test_a_line_or_service_that_a_flow_names_stays(
    open_client: OpenClient, house: Here
) -> None:
    client = await open_client(parts=WebParts(province=house.desk))
    for what in ("lines", "services"):
        was = await read(client, what)
        faults = (await check(client, what, {"revision": was["revision"], what: []}))["faults"]
        assert {one["error"] for one in faults} == {"in_use"}
        assert {one["at"] for one in faults} == set(was["used"])


async def test_services_are_checked_and_saved_and_say_whether_their_secret_is_here(
    open_client: OpenClient, house: Here
) -> None:
    parts = WebParts(province=house.desk, service_keys=lambda: ["orders"])
    client = await open_client(parts=parts)
    was = await read(client, "services")
    assert was["keys"] == ["orders"]
    rows = was["services"]
    faulty = {**rows[0], "url": "http://orders.example/ask", "facts": [*rows[1]["facts"]]}
    body = {"revision": was["revision"], "services": [faulty, rows[1]]}
    faults = (await check(client, "services", body))["faults"]
    assert [(one["at"], one["field"], one["error"]) for one in faults] == [
        ("services.0", "url", "url_form"),
        ("services.1", "facts", "fact_taken"),
    ]
    good = {**rows[0], "url": "https://orders.example/ask", "key": "orders"}
    body = {"revision": was["revision"], "services": [good, rows[1]], "reason": "换了地址"}
    answer = await client.post(f"{PROVINCE}/services", json=body)
    assert answer.status == 200, await answer.text()
    service = load_province(house.settings.province).services["work_orders"]
    assert (service.url, service.key) == ("https://orders.example/ask", "orders")


async def test_supervisors_telephones_keep_off_the_seats_numbers(
    open_client: OpenClient, house: Here
) -> None:
    client = await open_client(parts=WebParts(province=house.desk))
    was = await read(client, "phones")
    wrong = [{"number": number, "name": "班长"} for number in ("8001", "7003", "7003", "70")]
    faults = (await check(client, "phones", {"revision": was["revision"], "phones": wrong}))[
        "faults"
    ]
    assert [(one["at"], one["error"]) for one in faults] == [
        ("phones.0", "number_taken"),
        ("phones.2", "number_twice"),
        ("phones.3", "number_form"),
    ]
    rows = [was["phones"][0], {"number": "7003", "name": "延边班长席"}]
    body = {"revision": was["revision"], "phones": rows, "reason": "调整"}
    saved = await (await client.post(f"{PROVINCE}/phones", json=body)).json()
    assert saved["changes"] == [
        "删除班长话机 7002（长春班长席）",
        "新增班长话机 7003（延边班长席）",
    ]
    province = load_province(house.settings.province)
    assert [one.number for one in province.supervisors] == ["7001", "7003"]
    history = await (await client.get(f"{PROVINCE}/history/seats")).json()
    one = f"{PROVINCE}/history/seats/{history['versions'][-1]['id']}"
    compared = await (await client.get(one)).json()
    assert "新增班长话机 7002（长春班长席）" in compared["changes"]


async def test_the_auditor_looks_on_and_a_citys_administrator_changes_nothing(
    open_client: OpenClient, house: Here, people: People
) -> None:
    parts = WebParts(province=house.desk, accounts=people.accounts)
    client = await open_client(known=False, parts=parts)
    page = await enter(client, await people.add(Role.AUDITOR))
    was = await read(client, "lines")
    body = {"revision": was["revision"], "lines": was["lines"]}
    refused = await client.post(f"{PROVINCE}/lines/check", json=body, headers=page)
    assert (refused.status, (await refused.json())["error"]) == (403, "no_right")
    page = await enter(client, await people.add(Role.ADMIN, "ccadmin", city="220100"))
    refused = await client.post(f"{PROVINCE}/lines/check", json=body, headers=page)
    assert (refused.status, (await refused.json())["error"]) == (403, "not_your_city")
