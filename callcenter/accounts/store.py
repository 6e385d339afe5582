"""Accounts in the database. Each change is one transaction with its line in the audit trail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.accounts.account import ROLE_WORDS, Account, Refused
from callcenter.web.rights import Role
from reports import tables
from reports.audit import Entry, note
from reports.store import Store

_LOCK = 12352  # PostgreSQL advisory lock: one change at a time (SQLite has but one writer)
Decide = Callable[[Account], Account]


class AccountStore:
    """Reads and changes accounts. Each method raises DatabaseAway, and writes nothing then."""

    def __init__(self, store: Store) -> None:
        self.database = store

    async def find(self, name: str) -> Account | None:
        """The account of this name, if there is one."""
        async with self.database.reading() as connection:
            return await _find(connection, name)

    async def every(self) -> list[Account]:
        """All accounts by name."""
        async with self.database.reading() as connection:
            return await _every(connection)

    async def add(self, account: Account, *, by: str, reason: str, at: datetime) -> None:
        """A new account. Raises Refused when the name is taken."""
        async with self.database.writing() as connection:
            await _lock(connection)
            if await _find(connection, account.name) is not None:
                raise Refused("name_taken", f"账号 {account.name} 已存在。", field="name")
            await connection.execute(insert(tables.users), _row(account))
            made = _entry("user_added", account, by=by, reason=reason, at=at)
            await note(connection, made)

    async def change(
        self,
        name: str,
        decide: Decide,
        *,
        action: str = "",
        by: str = "",
        reason: str = "",
        at: datetime,
    ) -> Account:
        """What `decide` makes of the account; without `action` nobody needs to hear of it.

        Raises Refused for a name that nobody has, and when nobody could look after accounts then.
        """
        async with self.database.writing() as connection:
            await _lock(connection)
            found = await _find(connection, name)
            if found is None:
                raise Refused("user_unknown", f"没有账号 {name}。")
            made = decide(found)
            if _administers(found) and not _administers(made):
                others = [one for one in await _every(connection) if one.name != name]
                if not any(map(_administers, others)):
                    raise Refused("last_admin", "这是最后一个可用的管理员账号，不能停用或取消。")
            if made != found:
                kept = tables.users
                await connection.execute(update(kept).where(kept.c.name == name).values(_row(made)))
            if action:
                before = told(found) if told(found) != told(made) else ""
                entry = _entry(action, made, by=by, reason=reason, at=at, before=before)
                await note(connection, entry)
        return made

    async def write_down(self, entry: Entry) -> None:
        """A line in the audit trail that changes no account."""
        async with self.database.writing() as connection:
            await note(connection, entry)


def told(account: Account) -> str:
    """What an account may do, as the audit trail says it."""
    parts = [account.display_name, "、".join(ROLE_WORDS[role] for role in account.roles)]
    parts += [f"坐席 {account.seat}"] if account.seat else []
    parts += [f"地区 {account.city}"] if account.city else []
    parts += ["停用"] if account.is_disabled else []
    return "；".join(parts)


def _administers(account: Account) -> bool:
    return Role.ADMIN in account.roles and not account.is_disabled


def _entry(
    action: str, account: Account, *, by: str, reason: str, at: datetime, before: str = ""
) -> Entry:
    return Entry(at=at, by=by, action=action, subject=account.name, reason=reason, before=before)


async def _lock(connection: AsyncConnection) -> None:
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


async def _find(connection: AsyncConnection, name: str) -> Account | None:
    kept = tables.users
    row = (await connection.execute(select(kept).where(kept.c.name == name))).mappings().first()
    return None if row is None else _account(row)


async def _every(connection: AsyncConnection) -> list[Account]:
    kept = tables.users
    rows = await connection.execute(select(kept).order_by(kept.c.name))
    return [_account(row) for row in rows.mappings()]


def _account(row: Mapping[Any, Any]) -> Account:
    roles = tuple(Role(role) for role in row["roles"])
    return Account(**{**row, "roles": roles, "earlier": tuple(row["earlier"])})


def _row(account: Account) -> dict[str, Any]:
    row = msgspec.structs.asdict(account)
    return {**row, "roles": list(account.roles), "earlier": list(account.earlier)}
