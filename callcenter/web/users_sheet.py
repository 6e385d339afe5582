"""Accounts as an Excel file, and made or changed out of one."""

import asyncio
from typing import Annotated

from aiohttp import web
from pydantic import Field, StringConstraints

from callcenter.accounts.account import Account, Refused
from callcenter.accounts.sheet import MOST_NEW, UserRow, read_users, write_users
from callcenter.documents.rows import CellFault
from callcenter.documents.workbook import CONTENT_TYPE
from callcenter.english import excel
from callcenter.web.account_models import GivenPassword, Printable
from callcenter.web.excel import brought, excel_file
from callcenter.web.models import ApiModel
from callcenter.web.person import person_of
from callcenter.web.province_models import SheetChecked
from callcenter.web.province_part import refuse_faulty
from callcenter.web.rights import Right
from callcenter.web.route import Route, json_answer, read_query
from callcenter.web.users import accounts_of, fault_of
from callcenter.web.web_parts import PARTS
from reports.metrics import ZONE


class UsersSheetQuery(ApiModel):
    """Why the accounts of a file are taken over."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=400), Printable]


class UsersTaken(ApiModel):
    """What came of a file: passwords of the new accounts, shown this once."""

    made: list[GivenPassword]
    changed: int = Field(description="accounts that there were, and are as the file says now")


class _Read(ApiModel):
    faults: list[CellFault]
    new: list[str]
    changed: list[str]
    rows: int


async def get_sheet(request: web.Request) -> web.Response:
    """All accounts."""
    accounts = accounts_of(request)
    now = accounts.desk.clock()

    def told(one: Account) -> tuple[str, str, str]:
        state = "停用" if one.is_disabled else "锁定" if one.is_locked(now) else "正常"
        seen = one.last_login_at
        factor = "已启用" if one.has_second_factor else "未启用"
        last = f"{seen.astimezone(ZONE):%Y-%m-%d %H:%M}" if seen else excel.cell("从未登录")
        return excel.cell(state), excel.cell(factor), last

    body = await asyncio.to_thread(write_users, await accounts.store.every(), told)
    return excel_file(body, "accounts")


async def _read(request: web.Request) -> tuple[list[UserRow], dict[str, Account], _Read]:
    phones = request.app[PARTS].phones()
    rows, table = await brought(request, lambda data: read_users(data, phones))
    there = {one.name: one for one in await accounts_of(request).store.every()}
    new = [row.name for row in rows if row.name not in there]
    if len(new) > MOST_NEW:
        table.fault(0, "", "too_many_new", f"一次最多新建 {MOST_NEW} 个账号。")
    changed = [row.name for row in rows if row.name in there and not row.is_as(there[row.name])]
    told = _Read(faults=table.faults, new=new, changed=changed, rows=len(rows))
    return rows, there, told


async def post_check(request: web.Request) -> web.Response:
    """What is wrong in a file, and what it would make and change."""
    _, _, told = await _read(request)
    changes = [f"新建账号 {name}" for name in told.new]
    changes += [f"更改账号 {name}" for name in told.changed]
    return json_answer(SheetChecked(faults=told.faults, changes=changes, rows=told.rows))


async def post_sheet(request: web.Request) -> web.Response:
    """Make and change accounts, row by row; what is not in the file stays."""
    asked = read_query(request, UsersSheetQuery)
    rows, there, told = await _read(request)
    refuse_faulty(told.faults)
    desk, by = accounts_of(request).desk, person_of(request).name
    made: list[GivenPassword] = []
    changed = 0
    for row in rows:
        try:
            if row.name not in there:
                password = await desk.add(
                    row.name,
                    display_name=row.display_name,
                    roles=row.roles,
                    seat=row.seat,
                    city=row.city,
                    by=by,
                    reason=asked.reason,
                )
                made.append(GivenPassword(name=row.name, password=password))
            elif not row.is_as(there[row.name]):
                await desk.change(
                    row.name,
                    display_name=row.display_name,
                    roles=row.roles,
                    seat=row.seat,
                    city=row.city,
                    by=by,
                    reason=asked.reason,
                )
                changed += 1
        except Refused as refused:
            if made:
                break  # passwords that were made are shown: they cannot be had again
            raise fault_of(refused) from None
    return json_answer(UsersTaken(made=made, changed=changed))


_PATH = "/api/v1/users.xlsx"
ROUTES = (
    Route(
        method="GET",
        path=_PATH,
        handler=get_sheet,
        name="users_sheet",
        summary="All accounts as an Excel file",
        right=Right.USERS_SEE,
        answer=CONTENT_TYPE,
        faults=(503,),
    ),
    Route(
        method="POST",
        path=f"{_PATH}/check",
        handler=post_check,
        name="check_users_sheet",
        summary="What is wrong in an Excel file of accounts, and what it would do",
        right=Right.USERS_EDIT,
        takes=CONTENT_TYPE,
        answer=SheetChecked,
        faults=(503,),
    ),
    Route(
        method="POST",
        path=_PATH,
        handler=post_sheet,
        name="save_users_sheet",
        summary="Make and change accounts out of an Excel file",
        right=Right.USERS_EDIT,
        query=UsersSheetQuery,
        takes=CONTENT_TYPE,
        answer=UsersTaken,
        faults=(409, 503),
    ),
)
