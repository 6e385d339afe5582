"""Seats and groups over HTTP: seen, checked at the field, saved, as Excel out and in."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from aiohttp.test_utils import TestClient

from callcenter.documents.workbook import CONTENT_TYPE
from callcenter.province import load_province
from callcenter.web.rights import Role
from callcenter.web.web_parts import WebParts
from reports import audit
from tests.callcenter.documents.desk_here import Here, here
from tests.callcenter.web.conftest import OpenClient
from tests.callcenter.web.people import People, enter

SEATS = "/api/v1/province/seats"
SHEET = {"Content-Type": CONTENT_TYPE}


@pytest.fixture
async def house(tmp_path: Path) -> Any:
    async with here(tmp_path) as one:
        yield one


async def opened(open_client: OpenClient, house: Here, **options: Any) -> TestClient[Any, Any]:
    return await open_client(parts=WebParts(province=house.desk, **options))


async def read(client: TestClient[Any, Any]) -> dict[str, Any]:
    answer = await client.get(SEATS)
    assert answer.status == 200, await answer.text()
    return dict(await answer.json())


async def test_a_change_is_checked_saved_and_written_down(
    open_client: OpenClient, house: Here
) -> None:
    client = await opened(open_client, house)
    was = await read(client)
    seat = {**was["seats"][0], "name": "长春首席", "skills": [{"group": "labour", "level": 5}]}
    body = {"revision": was["revision"], "put": [seat]}
    checked = await (await client.post(f"{SEATS}/check", json=body)).json()
    assert checked["faults"] == [] and "长春首席" in checked["changes"][0]
    assert (await read(client))["revision"] == was["revision"]

    answer = await client.post(SEATS, json={**body, "reason": "新来的律师"})
    assert answer.status == 200, await answer.text()
    saved = await answer.json()
    assert saved["taken_up"] and saved["changes"] == checked["changes"] and house.told == 1
    now = await read(client)
    assert now["seats"][0] == seat and now["revision"] == saved["revision"] != was["revision"]
    (entry,) = await audit.entries(house.store)
    assert (entry.by, entry.action, entry.reason) == ("api-key", "seats_changed", "新来的律师")
    assert "长春一席 → 长春首席" in entry.before
    assert load_province(house.settings.province).seats[0].levels == {"labour": 5}

    late = await client.post(SEATS, json={**body, "reason": "晚了一步"})
    assert (late.status, (await late.json())["error"]) == (409, "document_changed")


async def test_faults_stand_at_their_fields_and_nothing_is_saved(
    open_client: OpenClient, house: Here
) -> None:
    client = await opened(open_client, house)
    was = await read(client)
    seat = {**was["seats"][0], "name": "a;b", "city": None}
    body = {"revision": was["revision"], "put": [seat], "remove": ["8904"]}
    checked = await (await client.post(f"{SEATS}/check", json=body)).json()
    found = [(one["at"], one["field"], one["error"]) for one in checked["faults"]]
    assert found == [("8001", "name", "name_form"), ("8001", "city", "city_missing")]
    answer = await client.post(SEATS, json={**body, "reason": "试试"})
    said = await answer.json()
    assert (answer.status, said["error"], said["where"]) == (422, "name_form", "name")
    assert (await read(client))["revision"] == was["revision"] and house.told == 0


async def test_a_group_that_flows_use_names_them(open_client: OpenClient, house: Here) -> None:
    client = await opened(open_client, house)
    was = await read(client)
    assert {one["name"]: one["flows"] for one in was["groups"]}["labour"]
    groups = [{"name": g["name"], "title": g["title"]} for g in was["groups"][1:]]
    body = {"revision": was["revision"], "groups": groups}
    checked = await (await client.post(f"{SEATS}/check", json=body)).json()
    assert [one["error"] for one in checked["faults"]] == ["group_used"]


async def test_an_excel_file_goes_out_and_comes_back_changed(
    open_client: OpenClient, house: Here
) -> None:
    client = await opened(open_client, house)
    was = await read(client)
    answer = await client.get(f"{SEATS}/sheet")
    assert answer.content_type == CONTENT_TYPE
    book = openpyxl.load_workbook(io.BytesIO(await answer.read()))
    book.active["B2"] = "甲/乙"
    checked = await sheet(client, book, "/check")
    assert [(one["row"], one["column"], one["error"]) for one in checked["faults"]] == [
        (2, "B", "name_form")
    ]
    refused = await client.post(
        f"{SEATS}/sheet",
        params={"revision": was["revision"], "reason": "导入"},
        data=packed(book),
        headers=SHEET,
    )
    assert refused.status == 422
    book.active["B2"] = "甲"
    book.active.delete_rows(3)
    checked = await sheet(client, book, "/check", only="true")
    assert checked["faults"] == [] and checked["rows"] == 8
    assert checked["changes"][0] == "删除坐席 8002（长春二席）"
    query = {"revision": was["revision"], "reason": "导入", "only": "true"}
    saved = await sheet(client, book, "", **query)
    assert saved["taken_up"]
    assert [one["number"] for one in (await read(client))["seats"]][:2] == ["8001", "8003"]


def packed(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def sheet(
    client: TestClient[Any, Any], book: openpyxl.Workbook, path: str, **query: str
) -> dict[str, Any]:
    answer = await client.post(
        f"{SEATS}/sheet{path}", params=query, data=packed(book), headers=SHEET
    )
    assert answer.status == 200, await answer.text()
    return dict(await answer.json())


async def test_no_excel_file_is_a_sentence_and_not_a_fault_of_ours(
    open_client: OpenClient, house: Here
) -> None:
    client = await opened(open_client, house)
    answer = await client.post(f"{SEATS}/sheet/check", data=b"number,name", headers=SHEET)
    assert (answer.status, (await answer.json())["error"]) == (422, "no_workbook")
    answer = await client.post(
        f"{SEATS}/sheet/check", data=io.BytesIO(bytes(6_000_000)), headers=SHEET
    )
    assert answer.status == 413


async def test_a_citys_people_see_and_change_their_city_alone(
    open_client: OpenClient, house: Here, people: People
) -> None:
    client = await open_client(
        parts=WebParts(province=house.desk, accounts=people.accounts), known=False
    )
    name = await people.add(Role.ADMIN, city="220100")
    headers = await enter(client, name)
    was = await read(client)
    assert [one["number"] for one in was["seats"]] == ["8001", "8002", "8003"]
    seat = {**was["seats"][0], "city": "220200"}
    body = {"revision": was["revision"], "put": [seat]}
    answer = await client.post(f"{SEATS}/check", json=body, headers=headers)
    assert (answer.status, (await answer.json())["error"]) == (403, "not_your_city")
    body = {"revision": was["revision"], "remove": ["8901"]}
    assert (await client.post(f"{SEATS}/check", json=body, headers=headers)).status == 403
    body = {"revision": was["revision"], "groups": []}
    assert (await client.post(f"{SEATS}/check", json=body, headers=headers)).status == 403
    body = {"revision": was["revision"], "put": [{**was["seats"][0], "weight": 3}]}
    answer = await client.post(f"{SEATS}/check", json=body, headers=headers)
    assert (await answer.json())["changes"] == ["8001 权重：1 → 3"]


async def test_supervisors_look_and_do_not_touch(
    open_client: OpenClient, house: Here, people: People
) -> None:
    client = await open_client(
        parts=WebParts(province=house.desk, accounts=people.accounts), known=False
    )
    headers = await enter(client, await people.add(Role.SUPERVISOR))
    was = await read(client)
    body = {"revision": was["revision"], "remove": ["8001"], "reason": "x"}
    assert (await client.post(SEATS, json=body, headers=headers)).status == 403
    await enter(client, await people.add(Role.AUDITOR))
    assert (await client.get(SEATS)).status == 403
