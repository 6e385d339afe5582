"""The audit trail: what people did to the hotline at work, for ever."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from reports import tables
from reports.store import Store


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
    """Keep one entry in the transaction of what it tells of."""
    await connection.execute(insert(tables.audit), asdict(entry))


async def entries(store: Store, *, subject: str | None = None, limit: int = 100) -> list[Entry]:
    """The newest entries, newest first; `subject`: of this seat only. Raises DatabaseAway."""
    asked = select(tables.audit).order_by(tables.audit.c.n.desc()).limit(limit)
    if subject is not None:
        asked = asked.where(tables.audit.c.subject == subject)
    async with store.reading() as connection:
        rows = (await connection.execute(asked)).mappings().all()
    return [Entry(**{name: row[name] for name in Entry.__slots__}) for row in rows]
