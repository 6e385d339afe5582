"""Accounts as an Excel sheet, and accounts to be made or changed out of one; never a password."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final

import msgspec

from callcenter.accounts import account as rules
from callcenter.accounts.account import ROLE_WORDS, Account, Refused
from callcenter.documents.words import id_of, place_code
from callcenter.documents.workbook import (
    Column,
    Sheet,
    Table,
    Wanted,
    read_workbook,
    write_workbook,
)
from callcenter.english import excel
from callcenter.english.excel import is_same
from callcenter.web.rights import Role
from seats.places import seat_places

SHEET: Final = "账号"
_NAME, _SHOWN, _ROLES, _SEAT, _CITY = "账号名", "姓名", "角色", "坐席", "地区范围"
_PROVINCE: Final = "全省"
_WORDS: Final = {role.value: word for role, word in ROLE_WORDS.items()}
MOST_NEW: Final = 200  # each costs 40 ms of computing for its password


class UserRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a row of the sheet wants an account to be."""

    name: str
    display_name: str
    roles: tuple[Role, ...]
    seat: str | None
    city: str | None

    def is_as(self, account: Account) -> bool:
        """Does the account need no change?"""
        return (self.display_name, self.roles, self.seat, self.city) == (
            account.display_name,
            account.roles,
            account.seat,
            account.city,
        )


def write_users(accounts: Iterable[Account], told: Callable[[Account], Sequence[str]]) -> bytes:
    """The workbook; `told`: state, second factor and last log-in of an account in words."""
    columns = [
        Column(_NAME, 16),
        Column(_SHOWN, 16),
        Column(_ROLES, 16, (), "、".join(ROLE_WORDS.values()) + "；多个用顿号隔开"),
        Column(_SEAT, 10),
        Column(_CITY, 20, (), "空着为全省"),
        *(Column(one, 18) for one in ("状态", "动态验证码", "最近登录")),
    ]
    places = seat_places()
    rows = [
        (
            one.name,
            one.display_name,
            excel.listed(ROLE_WORDS[role] for role in one.roles),
            one.seat,
            excel.cell(places[one.city].name if one.city and one.city in places else _PROVINCE),
            *told(one),
        )
        for one in accounts
    ]
    return write_workbook([Sheet(SHEET, columns, rows)])


def read_users(data: bytes, phones: Collection[str]) -> tuple[list[UserRow], Table]:
    """The rows, and every fault at row and column. Raises NoWorkbook.

    `phones`: numbers that an account's seat may be; none known: any.
    """
    wanted = Wanted(SHEET, (_NAME, _SHOWN, _ROLES), (_SEAT, _CITY))
    (table,) = read_workbook(data, wanted).values()
    found: list[UserRow] = []
    for at, cells in table.rows if not table.faults else ():
        row = _row(table, at, cells, phones)
        if row is None:
            continue
        if row.name in {one.name for one in found}:
            table.fault(at, _NAME, "name_twice", f"账号 {row.name} 在表中出现两次。")
        found.append(row)
    return found, table


def _row(table: Table, at: int, cells: dict[str, str], phones: Collection[str]) -> UserRow | None:
    headings = {"name": _NAME, "display_name": _SHOWN, "roles": _ROLES, "seat": _SEAT}
    words = list(filter(None, map(str.strip, re.split("[、，,]", cells.get(_ROLES, "")))))
    named = {word: id_of(word, _WORDS) for word in words}
    strange = [word for word, role in named.items() if role is None]
    if strange:
        table.fault(at, _ROLES, "role_unknown", f"没有角色“{strange[0][:20]}”。")
        return None
    seat = cells.get(_SEAT) or None
    if seat is not None and phones and seat not in phones:
        table.fault(at, _SEAT, "seat_unknown", f"没有坐席 {seat[:20]}。")
        return None
    city = _city(cells.get(_CITY, ""))
    if city is None:
        table.fault(at, _CITY, "city_unknown", f"没有地区“{cells[_CITY][:20]}”。")
        return None
    try:
        roles = rules.check_roles(Role(role) for role in named.values() if role)
        return UserRow(
            name=rules.check_name(cells.get(_NAME, "")),
            display_name=rules.check_display_name(cells.get(_SHOWN, "")),
            roles=roles,
            seat=rules.check_seat(seat, roles),
            city=city or None,
        )
    except Refused as refused:
        table.fault(at, headings.get(refused.field, _NAME), refused.error, refused.message)
        return None


def _city(word: str) -> str | None:
    """Its code, empty for the whole province, None for a place that there is not."""
    return "" if not word or is_same(word, _PROVINCE) else place_code(word)
