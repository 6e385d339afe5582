"""The audit trail: what people did to the hotline at work, for ever."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import insert, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from reports import audit_chain, tables
from reports.store import Store

_LOCK = 12353  # PostgreSQL advisory lock: links are added one by one; SQLite does so by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Who did what to whom, why, and what was before. `at` is aware UTC."""

    at: datetime
    by: str
    action: str
    subject: str
    reason: str
    before: str = ""


async def write(store: Store, entry: Entry) -> None:
    """Keep one entry. Raises DatabaseAway."""
    async with store.writing() as connection:
        await note(connection, entry)


async def note(connection: AsyncConnection, entry: Entry) -> None:
    """Keep one entry in the transaction of what it tells of, as the next link of the chain.

    Take every other lock of the transaction before: others wait for this one until it is over.
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    last = await audit_chain.head(connection)
    row = {**asdict(entry), "n": last.n + 1}
    hashed = audit_chain.link(last.hash, **row)
    await connection.execute(insert(tables.audit), {**row, "previous": last.hash, "hash": hashed})


async def entries(store: Store, *, subject: str | None = None, limit: int = 100) -> list[Entry]:
    """The newest entries, newest first; `subject`: of this seat only. Raises DatabaseAway."""
    asked = select(tables.audit).order_by(tables.audit.c.n.desc()).limit(limit)
    if subject is not None:
        asked = asked.where(tables.audit.c.subject == subject)
    async with store.reading() as connection:
        rows = (await connection.execute(asked)).mappings().all()
    return [Entry(**{name: row[name] for name in Entry.__slots__}) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept(Entry):
    """An entry and its place `n` in the trail; the hashes bind it there (`audit_chain`)."""

    n: int
    previous: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which entries; `words` are looked for in who, whom and why, `before` is an entry's `n`."""

    first_at: datetime | None = None
    until_at: datetime | None = None
    by: str | None = None
    action: str | None = None
    words: str | None = None
    before: int | None = None
    limit: int = 100


async def search(store: Store, wanted: Wanted) -> list[Kept]:
    """The newest entries that fit, newest first. Raises DatabaseAway."""
    kept = tables.audit.c
    asked = select(tables.audit).order_by(kept.n.desc()).limit(wanted.limit)
    if wanted.first_at is not None:
        asked = asked.where(kept.at >= wanted.first_at)
    if wanted.until_at is not None:
        asked = asked.where(kept.at < wanted.until_at)
    if wanted.by is not None:
        asked = asked.where(kept.by == wanted.by)
    if wanted.action is not None:
        asked = asked.where(kept.action == wanted.action)
    if wanted.before is not None:
        asked = asked.where(kept.n < wanted.before)
    for word in (wanted.words or "").split():
        places = (kept.by, kept.subject, kept.reason, kept.before)
        asked = asked.where(or_(*(place.icontains(word, autoescape=True) for place in places)))
    async with store.reading() as connection:
        rows = (await connection.execute(asked)).mappings().all()
    return [Kept(**row) for row in rows]
