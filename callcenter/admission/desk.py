"""The blacklist in the database: entries, moves with their log, and what is in force."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Select, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from callcenter.admission import entries
from callcenter.admission.entries import Entry, Move, Refused
from reports import audit, tables
from reports.store import Store
from seats.locate import e164

_LOCK = 12350  # PostgreSQL advisory lock: one change at a time (SQLite has but one writer)
_ACTIONS: Mapping[Move, str] = {
    "propose": "blacklist_proposed",
    "approve": "blacklist_approved",
    "lift": "blacklist_lifted",
    "appeal": "blacklist_appealed",
}


class LogLine(msgspec.Struct, frozen=True):
    """Who did what with an entry, and when."""

    n: int
    at: datetime
    by: str
    move: str
    entry: int
    note: str


class Wish(msgspec.Struct, frozen=True):
    """A number that somebody wants refused, and why."""

    number: str
    reason: str
    evidence: tuple[str, ...]
    until: datetime


class PastCall(msgspec.Struct, frozen=True):
    """A call of a number, as evidence; `seats` are those that talked in it."""

    call_id: str
    arrived_at: datetime
    group: str | None
    end_stage: str | None
    ended_by: str | None
    seats: tuple[str, ...] = ()


class _TakenBack(Exception):
    """What was written in this transaction shall not be."""


class SomeRefused(Exception):
    """Of several proposals some are not allowed: place in the list -> why. None was made."""

    def __init__(self, whys: Mapping[int, str]) -> None:
        super().__init__("；".join(whys.values()))
        self.whys = whys


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
        wish = Wish(number, reason, tuple(evidence), until)
        async with self._store.writing() as connection:
            await _lock(connection)
            return await _propose(connection, wish, by=by, now=now)

    async def propose_all(
        self, wishes: Sequence[Wish], *, by: str, now: datetime, is_trial: bool = False
    ) -> list[Entry]:
        """All or none of them; a trial makes none. Raises SomeRefused."""
        made: list[Entry] = []
        whys: dict[int, str] = {}
        with contextlib.suppress(_TakenBack):
            async with self._store.writing() as connection:
                await _lock(connection)
                for n, wish in enumerate(wishes):
                    try:
                        made.append(await _propose(connection, wish, by=by, now=now))
                    except Refused as refused:
                        whys[n] = str(refused)
                if whys or is_trial:
                    raise _TakenBack
        if whys:
            raise SomeRefused(whys)
        return [] if is_trial else made

    async def of_caller(self, number: str, limit: int = 30) -> list[PastCall]:
        """The newest calls of a number as it is stored."""
        call, attempt = tables.conversation.c, tables.attempt.c
        names = ("call_id", "arrived_at", "group", "end_stage", "ended_by")
        query = (
            select(*(call[name] for name in names))
            .where(call.caller == number)
            .order_by(call.arrived_at.desc())
            .limit(limit)
        )
        async with self._store.reading() as connection:
            rows = (await connection.execute(query)).mappings().all()
            talked = select(attempt.call_id, attempt.seat).where(
                attempt.call_id.in_([row["call_id"] for row in rows]),
                attempt.outcome == "answered",
            )
            found = (await connection.execute(talked)).all()
        return [
            PastCall(**row, seats=tuple(o.seat for o in found if o.call_id == row["call_id"]))
            for row in rows
        ]

    async def caller_of(self, call_id: str) -> str | None:
        """The number that a call came from."""
        call = tables.conversation.c
        async with self._store.reading() as connection:
            found = await connection.execute(select(call.caller).where(call.call_id == call_id))
            return found.scalar()

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


async def _propose(connection: AsyncConnection, wish: Wish, *, by: str, now: datetime) -> Entry:
    every = await _entries(connection, select(tables.blacklist))
    made = entries.propose(
        len(every) + 1,
        wish.number,
        reason=wish.reason,
        evidence=wish.evidence,
        by=by,
        until=wish.until,
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
    told = audit.Entry(at=now, by=by, action=_ACTIONS[move], subject=str(entry.n), reason=note)
    await audit.note(connection, told)
