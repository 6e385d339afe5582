"""What is refused and found wrong is said in the language of the request, Chinese else."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from callcenter.documents.workbook import CONTENT_TYPE
from callcenter.web.rights import Role
from callcenter.web.web_parts import WebParts
from tests.callcenter.documents.desk_here import Here, here
from tests.callcenter.web.conftest import OpenClient
from tests.callcenter.web.people import People

ENGLISH = {"Accept-Language": "en"}
SEATS = "/api/v1/province/seats"


@pytest.fixture
async def house(tmp_path: Path) -> Any:
    async with here(tmp_path) as one:
        yield one


async def test_a_refusal_is_english_where_that_is_asked_for(open_client: OpenClient) -> None:
    client = await open_client(known=False)
    answer = await client.get("/api/v1/me")
    assert (await answer.json())["message"] == "请先登录。"
    answer = await client.get("/api/v1/me", headers=ENGLISH)
    assert await answer.json() == {
        "error": "login_needed",
        "message": "Please log in first.",
        "where": None,
    }
    answer = await client.get("/api/v1/nowhere", headers={"Accept-Language": "en-GB,en;q=0.8"})
    assert (await answer.json())["message"] == "There is no such address."
    # the next request on the same line is Chinese again
    answer = await client.get("/api/v1/nowhere")
    assert (await answer.json())["message"] == "没有这个地址。"


async def test_a_log_in_is_refused_in_english(open_client: OpenClient, people: People) -> None:
    await people.add(Role.AUDITOR, "wang")
    client = await open_client(known=False, parts=WebParts(accounts=people.accounts))
    wish = {"name": "wang", "password": "wrong-password-1"}
    answer = await client.post("/api/v1/login", json=wish, headers=ENGLISH)
    assert (await answer.json())["message"] == "Wrong account or password."


async def test_fields_and_changes_are_told_in_english(open_client: OpenClient, house: Here) -> None:
    client = await open_client(parts=WebParts(province=house.desk))
    was = await (await client.get(SEATS)).json()
    seat = {**was["seats"][0], "weight": 1000}
    body = {"revision": was["revision"], "put": [seat]}
    checked = await (await client.post(f"{SEATS}/check", json=body, headers=ENGLISH)).json()
    (fault,) = checked["faults"]
    assert fault["message"] == "The weight goes from 1 to 100."
    answer = await client.post(SEATS, json={**body, "reason": "忙"}, headers=ENGLISH)
    assert answer.status == 422
    assert (await answer.json())["message"] == "The weight goes from 1 to 100."

    body["put"] = [{**seat, "weight": 7, "languages": ["zh-CN", "en"]}]
    checked = await (await client.post(f"{SEATS}/check", json=body, headers=ENGLISH)).json()
    assert checked["changes"] == [
        f"{seat['number']} languages: Mandarin → Mandarin, English, weight: 1 → 7"
    ]
    checked = await (await client.post(f"{SEATS}/check", json=body)).json()
    assert checked["changes"] == [f"{seat['number']} 语种：普通话 → 普通话、英语，权重：1 → 7"]


async def test_excel_files_are_in_the_language_of_the_page(
    open_client: OpenClient, house: Here
) -> None:
    client = await open_client(parts=WebParts(province=house.desk))
    headings = {}
    for language in ("zh-CN", "en"):
        asked = {"Accept-Language": language}
        body = await (await client.get(f"{SEATS}/sheet", headers=asked)).read()
        book = openpyxl.load_workbook(io.BytesIO(body))
        headings[language] = (book.sheetnames, next(book.worksheets[0].values)[0])
        sent = {"Content-Type": CONTENT_TYPE, "Accept-Language": "zh-CN"}
        answer = await client.post(f"{SEATS}/sheet/check", data=body, headers=sent)
        checked = await answer.json()
        assert (checked["faults"], checked["changes"]) == ([], [])
    assert headings == {"zh-CN": (["坐席"], "坐席号"), "en": (["Seats"], "Seat")}
