"""Refused numbers over HTTP: two persons, evidence, masked, searched, as Excel out and in."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from aiohttp.test_utils import TestClient

from callcenter.admission.desk import BlacklistDesk
from callcenter.documents.workbook import CONTENT_TYPE
from callcenter.web.rights import Role
from callcenter.web.web_parts import WebParts
from tests.callcenter.web.conftest import OpenClient
from tests.callcenter.web.people import People, enter
from tests.reports.made import answered, call

LIST = "/api/v1/blacklist"
NUMBER = "+864315550123"
CALLS = ("a", "b", "c")
SHEET = {"Content-Type": CONTENT_TYPE}
Client = TestClient[Any, Any]


@pytest.fixture
async def client(open_client: OpenClient, people: People, tmp_path: Path) -> Client:
    """Nobody is logged in yet; four calls are stored, three of one number."""
    calls = [answered(name, caller=NUMBER) for name in CALLS]
    await people.store.upsert([*calls, call("other", caller="+8613800008000")])
    parts = WebParts(accounts=people.accounts, blacklist=BlacklistDesk(people.store))
    return await open_client(parts=parts, known=False)


async def post(client: Client, path: str, body: Any, headers: dict[str, str]) -> tuple[int, Any]:
    answer = await client.post(f"{LIST}{path}", json=body, headers=headers)
    return answer.status, await answer.json()


async def test_one_proposes_and_another_approves(client: Client, people: People) -> None:
    first = await enter(client, await people.add(Role.SUPERVISOR, "li"))
    status, found = await post(client, "/calls", {"number": "0431-5550123".replace("-", "")}, first)
    assert status == 200 and found["number"] == "0431****0123"
    assert {one["call_id"] for one in found["calls"]} == set(CALLS)
    body = {"number": "04315550123", "reason": "反复骚扰", "evidence": ["a", "b"], "days": 30}
    status, said = await post(client, "", body, first)
    assert status == 409 and "至少要有 3 通" in said["message"]
    status, made = await post(client, "", {**body, "evidence": CALLS}, first)
    assert status == 200 and (made["state"], made["is_own"]) == ("proposed", True)
    assert made["number"] == "0431****0123" and NUMBER not in str(made)
    status, said = await post(client, f"/{made['n']}/approve", {}, first)
    assert status == 409 and "不能批准自己" in said["message"]

    second = await enter(client, await people.add(Role.SUPERVISOR, "wang"))
    status, made = await post(client, f"/{made['n']}/approve", {}, second)
    assert (status, made["state"], made["approved_by"]) == (200, "in_force", "wang")
    status, made = await post(client, f"/{made['n']}/appeal", {"note": "号码已换人"}, second)
    assert made["appeal"] == "号码已换人"
    status, made = await post(client, f"/{made['n']}/lift", {"note": "申诉成立"}, second)
    assert (status, made["state"]) == (200, "lifted")
    log = await (await client.get(f"{LIST}/log")).json()
    assert [one["move"] for one in log["moves"]] == ["lift", "appeal", "approve", "propose"]


async def test_a_number_is_found_by_who_knows_it_whole_or_its_end(
    client: Client, people: People
) -> None:
    headers = await enter(client, await people.add(Role.SUPERVISOR, "li"))
    body = {"number": "04315550123", "reason": "反复骚扰", "evidence": CALLS}
    assert (await post(client, "", body, headers))[0] == 200
    for words, count in [
        ("04315550123", 1),
        ("+864315550123", 1),
        ("0123", 1),
        ("骚扰", 1),
        ("LI", 1),
        ("555012", 0),
        ("没有", 0),
    ]:
        page = await (await client.get(LIST, params={"words": words})).json()
        assert page["total"] == count, words
    page = await (await client.get(LIST, params={"state": "lifted"})).json()
    assert page["total"] == 0 and page["counts"] == {"proposed": 1}


async def test_a_seat_proposes_out_of_a_call_of_its_own_alone(
    client: Client, people: People
) -> None:
    headers = await enter(client, await people.add(Role.SEAT, "zhao", seat="8001"))
    assert (await client.get(LIST)).status == 403
    assert (await post(client, "/calls", {"number": "04315550123"}, headers))[0] == 403
    status, found = await post(client, "/calls", {"call_id": "a"}, headers)
    assert status == 200 and len(found["calls"]) == 3
    body = {"call_id": "a", "reason": "辱骂", "evidence": CALLS}
    assert (await post(client, "", body, headers))[0] == 200
    stranger = await enter(client, await people.add(Role.SEAT, "qian", seat="8002"))
    assert (await post(client, "/calls", {"call_id": "a"}, stranger))[0] == 404
    assert (await post(client, "/1/approve", {}, stranger))[0] == 403


async def test_proposals_come_out_of_an_excel_file_all_or_none(
    client: Client, people: People
) -> None:
    headers = await enter(client, await people.add(Role.SUPERVISOR, "li"))
    form = await (await client.get(f"{LIST}/form")).read()
    book = openpyxl.load_workbook(io.BytesIO(form))
    book.active.append(["04315550123", "反复骚扰", "a、b，c", 60])
    book.active.append(["12", "", "a", 900])
    book.active.append(["13800008000", "骚扰", "other、a、b"])
    checked = await sheet(client, "/check", book, headers)
    found = [(one["row"], one["column"], one["error"]) for one in checked["faults"]]
    assert found == [(3, "A", "number_form"), (3, "D", "days_range")]
    book.active.delete_rows(3)
    checked = await sheet(client, "/check", book, headers)
    assert [(one["row"], one["column"]) for one in checked["faults"]] == [(3, "C")]
    book.active.delete_rows(3)
    assert (await sheet(client, "/check", book, headers))["faults"] == []
    assert (await (await client.get(LIST)).json())["total"] == 0
    made = await sheet(client, "", book, headers)
    (entry,) = made["entries"]
    days = (datetime.fromisoformat(entry["until"]) - datetime.now(UTC)).days
    assert entry["number"] == "0431****0123" and days == 59
    listed = await (await client.get(f"{LIST}/sheet")).read()
    cells = [row for row in openpyxl.load_workbook(io.BytesIO(listed)).active.values]
    assert cells[1][1:4] == ("0431****0123", "待审批", "反复骚扰")


async def sheet(
    client: Client, path: str, book: openpyxl.Workbook, headers: dict[str, str]
) -> dict[str, Any]:
    out = io.BytesIO()
    book.save(out)
    answer = await client.post(
        f"{LIST}/sheet{path}", data=out.getvalue(), headers={**headers, **SHEET}
    )
    assert answer.status == 200, await answer.text()
    return dict(await answer.json())
