"""Hours and holidays over HTTP: seen, checked, saved, a year out of the published notice."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from aiohttp.test_utils import TestClient

from callcenter.documents.workbook import CONTENT_TYPE
from callcenter.province import load_province
from callcenter.web.web_parts import WebParts
from reports import audit
from tests.callcenter.documents.desk_here import Here, here
from tests.callcenter.web.conftest import OpenClient

CALENDAR = "/api/v1/province/calendar"
NOTICE = {
    "year": 2027,
    "papers": ["https://www.gov.cn/x"],
    "days": [
        {"name": "元旦", "date": "2026-12-31", "isOffDay": True},
        {"name": "元旦", "date": "2027-01-01", "isOffDay": True},
        {"name": "元旦", "date": "2027-01-09", "isOffDay": False},
    ],
}


@pytest.fixture
async def house(tmp_path: Path) -> Any:
    async with here(tmp_path) as one:
        yield one


async def read(client: TestClient[Any, Any]) -> dict[str, Any]:
    answer = await client.get(CALENDAR)
    assert answer.status == 200, await answer.text()
    return dict(await answer.json())


async def test_hours_are_checked_saved_and_written_down(
    open_client: OpenClient, house: Here
) -> None:
    client = await open_client(parts=WebParts(province=house.desk))
    was = await read(client)
    assert was["today"]["is_open"] and was["hours"][0]["workday"] == ["00:00-24:00"]
    rule = {**was["hours"][0], "holiday": ["9点"]}
    body: dict[str, Any] = {"revision": was["revision"], "hours": [rule]}
    checked = await (await client.post(f"{CALENDAR}/check", json=body)).json()
    assert [(one["at"], one["field"]) for one in checked["faults"]] == [("hours.0", "holiday")]
    refused = await client.post(CALENDAR, json={**body, "reason": "试"})
    assert (refused.status, (await refused.json())["where"]) == (422, "holiday")

    body["hours"] = [{**rule, "holiday": ["09:00-17:00"]}]
    answer = await client.post(CALENDAR, json={**body, "reason": "节假日缩短"})
    assert (await answer.json())["changes"] == [
        "服务时间 全省·全部事项：每天 00:00-24:00 → 工作日 00:00-24:00，周末 00:00-24:00，"
        "节假日 09:00-17:00"
    ]
    (entry,) = await audit.entries(house.store)
    assert (entry.action, entry.subject) == ("calendar_changed", "calendar.yaml")
    assert load_province(house.settings.province).calendar.hours_need_years


async def test_a_published_notice_becomes_a_year(open_client: OpenClient, house: Here) -> None:
    client = await open_client(parts=WebParts(province=house.desk))
    answer = await client.post(f"{CALENDAR}/notice", json={"text": json.dumps(NOTICE)})
    found = await answer.json()
    assert found["year"]["workdays"] == ["2027-01-09"] and found["changes_december"]
    assert found["year"]["source"] == "https://www.gov.cn/x"
    assert {"name": "元旦", "first": "2026-12-31", "last": "2026-12-31"} in found["before"][
        "holidays"
    ]
    was = await read(client)
    body = {
        "revision": was["revision"],
        "years": [found["year"], found["before"]],
        "reason": "新年",
    }
    assert (await client.post(CALENDAR, json=body)).status == 200
    assert 2027 in [one["year"] for one in (await read(client))["years"]]
    refused = await client.post(f"{CALENDAR}/notice", json={"text": "[]"})
    assert (refused.status, (await refused.json())["error"]) == (422, "no_notice")


async def test_an_excel_file_goes_out_and_comes_back_changed(
    open_client: OpenClient, house: Here
) -> None:
    client = await open_client(parts=WebParts(province=house.desk))
    was = await read(client)
    answer = await client.get(f"{CALENDAR}/sheet")
    book = openpyxl.load_workbook(io.BytesIO(await answer.read()))
    book["服务时间"]["E2"] = "9点"
    assert [(one["row"], one["column"]) for one in (await check(client, book))["faults"]] == [
        (2, "E")
    ]
    book["服务时间"]["E2"] = "09:00-17:00"
    assert (await check(client, book))["faults"] == []
    saved = await client.post(
        f"{CALENDAR}/sheet",
        params={"revision": was["revision"], "reason": "导入"},
        data=packed(book),
        headers={"Content-Type": CONTENT_TYPE},
    )
    assert saved.status == 200, await saved.text()
    assert (await read(client))["hours"][0]["holiday"] == ["09:00-17:00"]


def packed(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def check(client: TestClient[Any, Any], book: openpyxl.Workbook) -> dict[str, Any]:
    answer = await client.post(
        f"{CALENDAR}/sheet/check", data=packed(book), headers={"Content-Type": CONTENT_TYPE}
    )
    assert answer.status == 200, await answer.text()
    return dict(await answer.json())
