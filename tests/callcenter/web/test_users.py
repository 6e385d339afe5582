"""Accounts and the audit trail over HTTP."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from aiohttp.test_utils import TestClient

from callcenter.documents.workbook import CONTENT_TYPE
from callcenter.web.rights import Role
from callcenter.web.web_parts import WebParts
from tests.callcenter.web.conftest import OpenClient
from tests.callcenter.web.people import PASSWORD, People, enter

Client = TestClient[Any, Any]
NEW = {
    "name": "LiMei",
    "display_name": "李梅",
    "roles": ["seat"],
    "seat": "8001",
    "reason": "新入职",
}


@pytest.fixture
async def client(open_client: OpenClient, people: People) -> Client:
    """An administrator's."""
    parts = WebParts(accounts=people.accounts, phones=lambda: ["8001", "7001"])
    made = await open_client(known=False, parts=parts)
    made.session.headers.update(await enter(made, await people.add(Role.ADMIN)))
    return made


async def said(client: Client, path: str, body: Any, method: str = "POST") -> tuple[int, Any]:
    answer = await client.request(method, f"/api/v1/{path}", json=body)
    return answer.status, await answer.json()


async def user(client: Client, name: str) -> Any:
    told = await (await client.get("/api/v1/users")).json()
    return next(one for one in told["users"] if one["name"] == name)


async def test_an_account_is_made_with_a_password_that_its_owner_changes(
    client: Client, people: People
) -> None:
    status, made = await said(client, "users", NEW)
    assert (status, made["name"]) == (200, "limei")
    told = await user(client, "limei")
    assert (told["display_name"], told["roles"], told["seat"]) == ("李梅", ["seat"], "8001")
    assert told["must_change_password"] and told["last_login_at"] is None
    opened = await people.accounts.logins.log_in(
        "limei", made["password"], None, address="", browser=""
    )
    assert opened.account.must_change
    assert (await user(client, "limei"))["logged_in"] == 1
    assert "password" not in (await user(client, "limei"))


@pytest.mark.parametrize(
    ("change", "status", "where"),
    [
        ({"name": "admin"}, 409, "name"),
        ({"name": "a b"}, 422, "name"),
        ({"roles": []}, 422, "roles"),
        ({"roles": ["auditor", "admin"], "seat": None}, 422, "roles"),
        ({"seat": None}, 422, "seat"),
        ({"seat": "9999"}, 422, "seat"),
        ({"city": "nowhere"}, 422, "city"),
        ({"display_name": "   "}, 422, "display_name"),
    ],
)
async def test_a_fault_is_told_with_its_field(
    client: Client, change: dict[str, Any], status: int, where: str
) -> None:
    found, told = await said(client, "users", NEW | change)
    assert (found, told["where"]) == (status, where)


@pytest.mark.parametrize("missing", ["reason", "name", "display_name", "roles"])
async def test_what_is_missing_is_refused(client: Client, missing: str) -> None:
    body = {name: value for name, value in NEW.items() if name != missing}
    status, told = await said(client, "users", body)
    assert (status, told["error"]) == (422, "invalid") and missing in told["message"]


async def test_roles_change_at_once_for_who_is_in(
    client: Client, people: People, open_client: OpenClient
) -> None:
    name = await people.add(Role.SUPERVISOR)
    other = await open_client(known=False, parts=WebParts(accounts=people.accounts))
    await enter(other, name)
    body = {"display_name": "王强", "roles": ["quality"], "city": "220100", "reason": "调岗"}
    assert (await said(client, f"users/{name}", body, "PUT"))[0] == 200
    people.clock.pass_s(3)
    told = await (await other.get("/api/v1/me")).json()
    assert (told["roles"], told["city_name"]) == (["quality"], "长春市")
    assert (await said(client, "users/nobody", body, "PUT"))[0] == 404


async def test_moves_do_what_they_say(client: Client, people: People) -> None:
    name = await people.add(Role.SEAT)
    why = {"reason": "离职"}
    for _ in range(3):
        with pytest.raises(Exception, match="不正确|锁定"):
            await people.accounts.logins.log_in(name, "wrong", None, address="", browser="")
    assert (await user(client, name))["is_locked"]
    assert (await said(client, f"users/{name}/unlock", why))[0] == 200
    assert not (await user(client, name))["is_locked"]
    await people.accounts.logins.log_in(name, PASSWORD, None, address="", browser="")
    assert (await said(client, f"users/{name}/log_out", why))[0] == 200
    assert (await user(client, name))["logged_in"] == 0
    status, made = await said(client, f"users/{name}/reset_password", why)
    assert status == 200 and len(made["password"]) == 23
    assert (await said(client, f"users/{name}/disable", why))[0] == 200
    assert (await user(client, name))["is_disabled"]
    assert (await said(client, f"users/{name}/enable", why))[0] == 200
    assert (await said(client, f"users/{name}/remove_second_factor", why))[0] == 200
    assert (await said(client, f"users/{name}/destroy", why))[0] == 404
    assert (await said(client, "users/nobody/disable", why))[0] == 404
    assert (await said(client, f"users/{name}/disable", {}))[0] == 422
    for own in ("disable", "reset_password", "remove_second_factor"):
        status, told = await said(client, f"users/admin/{own}", why)
        assert (status, told["error"]) == (422, "own_account")


async def test_the_trail_is_searched_and_taken_away_as_excel(
    client: Client, people: People, open_client: OpenClient
) -> None:
    await said(client, "users", NEW | {"reason": "=HYPERLINK(1)"})
    auditor = await open_client(known=False, parts=WebParts(accounts=people.accounts))
    await enter(auditor, await people.add(Role.AUDITOR))

    async def lines(**wanted: Any) -> list[Any]:
        answer = await auditor.get("/api/v1/audit", params=wanted)
        assert answer.status == 200, await answer.text()
        return list((await answer.json())["lines"])

    every = await lines()
    assert [one["action"] for one in every][:2] == ["log_in", "user_added"]
    assert [one["subject"] for one in await lines(action="user_added", by="admin")] == ["limei"]
    assert [one["reason"] for one in await lines(words="hyperlink limei")] == ["=HYPERLINK(1)"]
    assert await lines(words="100%") == []
    assert await lines(first="2020-01-01", last="2020-01-02") == []
    assert len(await lines(before=every[1]["n"])) == len(every) - 2
    first = await (await auditor.get("/api/v1/audit", params={"limit": 1})).json()
    assert (len(first["lines"]), first["more"]) == (1, True)
    for wrong in ({"limit": "0"}, {"first": "yesterday"}, {"last": "9999-12-31"}, {"x": "y"}):
        assert (await auditor.get("/api/v1/audit", params=wrong)).status == 422
    answer = await auditor.get("/api/v1/audit.xlsx", params={"action": "user_added"})
    assert "attachment" in answer.headers["Content-Disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(await answer.read())).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][:4] == ("序号", "时间", "操作人", "操作")
    assert {row[3] for row in rows[1:]} == {"新建账号"}
    formula = next(
        cell for row in sheet.iter_rows() for cell in row if cell.value == "=HYPERLINK(1)"
    )
    assert formula.data_type != "f"
    assert (await lines())[0]["action"] == "audit_exported"


async def test_an_auditor_is_told_whether_the_trail_is_whole(
    people: People, open_client: OpenClient
) -> None:
    auditor = await open_client(known=False, parts=WebParts(accounts=people.accounts))
    await enter(auditor, await people.add(Role.AUDITOR))

    async def chain(**noted: Any) -> tuple[int, Any]:
        answer = await auditor.get("/api/v1/audit/chain", params=noted)
        return answer.status, await answer.json()

    status, told = await chain()
    assert (status, told["rows"], told["why"]) == (200, told["head_n"], None)
    head = {"n": told["head_n"], "hash": told["head_hash"]}
    assert (await chain(**head))[1]["why"] is None
    _, told = await chain(**head | {"hash": "0" * 64})
    assert (told["wrong_n"], told["why"]) == (head["n"], "cut_off")
    for wrong in ({"n": 1}, {"hash": "0" * 64}, {"n": 1, "hash": "x"}, {"n": 0, "hash": "0" * 64}):
        assert (await chain(**wrong))[0] == 422


def workbook(*rows: tuple[str, ...]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (("账号名", "姓名", "角色", "坐席", "地区范围"), *rows):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def test_accounts_come_out_of_an_excel_file_and_go_back_into_one(
    client: Client, people: People
) -> None:
    await people.add(Role.SUPERVISOR, "limei", city="220100")
    headers = {"Content-Type": CONTENT_TYPE}
    data = workbook(
        ("limei", "李梅", "主管", "7001", "长春市"),
        ("wangqiang", "王强", "坐席、质检", "8001", ""),
        ("admin", "admin", "管理员", "", "全省"),
    )
    answer = await client.post("/api/v1/users.xlsx/check", data=data, headers=headers)
    told = await answer.json()
    assert (told["faults"], told["rows"]) == ([], 3)
    assert told["changes"] == ["新建账号 wangqiang", "更改账号 limei"]
    answer = await client.post("/api/v1/users.xlsx?reason=新季度", data=data, headers=headers)
    taken = await answer.json()
    assert ([one["name"] for one in taken["made"]], taken["changed"]) == (["wangqiang"], 1)
    assert (await user(client, "limei"))["seat"] == "7001"
    assert (await user(client, "wangqiang"))["roles"] == ["seat", "quality"]
    answer = await client.get("/api/v1/users.xlsx")
    again = await client.post("/api/v1/users.xlsx/check", data=await answer.read(), headers=headers)
    assert (await again.json())["changes"] == []
    assert taken["made"][0]["password"] not in str(await answer.read())


async def test_faults_of_an_excel_file_are_told_at_row_and_column(client: Client) -> None:
    data = workbook(
        ("li mei", "李梅", "主管", "", ""),
        ("a1", "甲", "国王", "", ""),
        ("a2", "乙", "坐席", "9999", ""),
        ("a3", "丙", "坐席", "", ""),
        ("a4", "丁", "质检", "", "月球"),
        ("a5", "", "质检", "", ""),
        ("a6", "戊", "审计、管理员", "", ""),
        ("a7", "己", "质检", "", ""),
        ("a7", "庚", "质检", "", ""),
    )
    headers = {"Content-Type": CONTENT_TYPE}
    answer = await client.post("/api/v1/users.xlsx/check", data=data, headers=headers)
    faults = (await answer.json())["faults"]
    assert [(one["row"], one["column"], one["error"]) for one in faults] == [
        (2, "A", "wrong_name"),
        (3, "C", "role_unknown"),
        (4, "D", "seat_unknown"),
        (5, "D", "no_seat"),
        (6, "E", "city_unknown"),
        (7, "B", "wrong_display_name"),
        (8, "C", "auditor_alone"),
        (10, "A", "name_twice"),
    ]
    answer = await client.post("/api/v1/users.xlsx?reason=x", data=data, headers=headers)
    assert answer.status == 422
    answer = await client.post("/api/v1/users.xlsx/check", data=b"no file", headers=headers)
    assert (answer.status, (await answer.json())["error"]) == (422, "no_workbook")
