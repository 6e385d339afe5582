"""The blacklist in the database: entries, moves with their log, and what is in force."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Select, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.admission import entries
from callcenter.admission.entries import Entry, Move, Refused
from reports import tables
from reports.store import Store
from seats.locate import e164

_LOCK = 12350  # PostgreSQL advisory lock: one change at a time (SQLite has but one writer)


class LogLine(msgspec.Struct, frozen=True):
    """Who did what with an entry, and when."""

    n: int
    at: datetime
    by: str
    move: str
    entry: int
    note: str


class BlacklistDesk:
    """What people do to the blacklist. Each method raises DatabaseAway, and writes nothing then."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def propose(
        self,
        number: str,
        *,
        reason: str,
        evidence: Sequence[str],
        by: str,
        until: datetime,
        now: datetime,
    ) -> Entry:
        """A new entry. Raises Refused, also for calls that were not of this number."""
        async with self._store.writing() as connection:
            await _lock(connection)
            every = await _entries(connection, select(tables.blacklist))
            made = entries.propose(
                len(every) + 1,
                number,
                reason=reason,
                evidence=tuple(evidence),
                by=by,
                until=until,
                now=now,
            )
            standing = [
                one.n
                for one in every
                if one.number == made.number and one.state(now) in ("proposed", "in_force")
            ]
            if standing:
                raise Refused(f"该号码已有第 {standing[0]} 条，尚未到期")
            await _check_evidence(connection, made)
            await connection.execute(insert(tables.blacklist), msgspec.structs.asdict(made))
            await _log(connection, made, "propose", made.proposed_by, made.reason, now)
        return made

    async def approve(self, n: int, *, by: str, now: datetime) -> Entry:
        """The entry in force from now on. Raises Refused."""
        return await self._move(n, "approve", lambda one: entries.approve(one, by=by, now=now), now)

    async def lift(self, n: int, *, by: str, note: str, now: datetime) -> Entry:
        """The entry no more in force. Raises Refused."""
        return await self._move(
            n, "lift", lambda one: entries.lift(one, by=by, now=now), now, note=note
        )

    async def appeal(self, n: int, *, by: str, note: str, now: datetime) -> Entry:
        """What the caller objects, taken down by `by`. Raises Refused."""
        return await self._move(
            n,
            "appeal",
            lambda one: entries.appeal(one, note=note, now=now),
            now,
            by=by,
            note=note,
        )

    async def _move(
        self,
        n: int,
        move: Move,
        decide: Callable[[Entry], Entry],
        now: datetime,
        *,
        by: str = "",
        note: str = "",
    ) -> Entry:
        kept = tables.blacklist
        async with self._store.writing() as connection:
            await _lock(connection)
            found = await _entries(connection, select(kept).where(kept.c.n == n))
            if not found:
                raise Refused(f"没有第 {n} 条")
            made = decide(found[0])
            names = ("approved_by", "approved_at", "lifted_by", "lifted_at", "appeal")
            values = {name: getattr(made, name) for name in names}
            await connection.execute(update(kept).where(kept.c.n == n).values(values))
            who = {"approve": made.approved_by, "lift": made.lifted_by}.get(move) or by
            await _log(connection, made, move, who, note, now)
        return made

    async def every(self) -> list[Entry]:
        """All entries, the newest first."""
        async with self._store.reading() as connection:
            query = select(tables.blacklist).order_by(tables.blacklist.c.n.desc())
            return await _entries(connection, query)

    async def in_force(self, now: datetime) -> dict[str, int]:
        """Number -> entry of all that is in force."""
        kept = tables.blacklist.c
        query = select(kept.number, kept.n).where(
            kept.approved_at.is_not(None), kept.lifted_at.is_(None), kept.until > now
        )
        async with self._store.reading() as connection:
            return {row.number: row.n for row in await connection.execute(query)}

    async def newest_move(self) -> int:
        """A number that grows with each move: one small query."""
        async with self._store.reading() as connection:
            found = await connection.execute(select(func.max(tables.blacklist_log.c.n)))
            return found.scalar() or 0

    async def log(self) -> list[LogLine]:
        """Who did what when, the newest first."""
        kept = tables.blacklist_log
        async with self._store.reading() as connection:
            rows = await connection.execute(select(kept).order_by(kept.c.n.desc()))
            return [LogLine(**row) for row in rows.mappings()]


async def _lock(connection: AsyncConnection) -> None:
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


async def _entries(connection: AsyncConnection, query: Select[Any]) -> list[Entry]:
    rows: list[Mapping[Any, Any]] = list((await connection.execute(query)).mappings())
    return [Entry(**{**row, "evidence": tuple(row["evidence"])}) for row in rows]


async def _check_evidence(connection: AsyncConnection, entry: Entry) -> None:
    call = tables.conversation.c
    query = select(call.call_id, call.caller).where(call.call_id.in_(entry.evidence))
    callers = {row.call_id: row.caller for row in await connection.execute(query)}
    for call_id in entry.evidence:
        if call_id not in callers:
            raise Refused(f"没有编号为 {call_id} 的来电")
        if e164(callers[call_id]) != entry.number:
            raise Refused(f"来电 {call_id} 不是这个号码打来的")


async def _log(
    connection: AsyncConnection, entry: Entry, move: Move, by: str, note: str, now: datetime
) -> None:
    log = tables.blacklist_log
    n = (await connection.execute(select(func.coalesce(func.max(log.c.n), 0)))).scalar_one() + 1
    row = {"n": n, "at": now, "by": by, "move": move, "entry": entry.n, "note": note}
    await connection.execute(insert(log), row)
