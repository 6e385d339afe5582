"""Which ways calls took through the flows, counted by day: small sums beside the facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from reports import tables
from reports.facts import Conversation
from reports.metrics import ZONE, day_number

_LOCK = 12354  # PostgreSQL advisory lock; SQLite has but one writer
_AT_ONCE = 500  # calls asked for in one query


class Pass(NamedTuple):
    """A way out of a step, on one day (YYYYMMDD, Shanghai)."""

    day: int
    flow: str
    version: int
    step: str
    way: str


def day_of(at: datetime) -> int:
    """The Shanghai day of an aware time, as YYYYMMDD."""
    return day_number(at.astimezone(ZONE))


def ways_of(call: Conversation) -> set[Pass]:
    """Each way that an ended call took, once, on the day it came: calls are counted."""
    day = day_of(call.arrived_at)
    ways = {Pass(day, one.flow, one.version, one.step, one.way) for one in call.path}
    return {way for way in ways if _fits(way)}


def _fits(way: Pass) -> bool:
    """What no flow of ours can have done must not keep the call's facts out."""
    texts = ((way.flow, 40), (way.step, 40), (way.way, 120))
    return 0 <= way.version < 2**31 and all(len(text) <= most for text, most in texts)


async def count(connection: AsyncConnection, calls: Sequence[Conversation]) -> None:
    """Count the ways of these calls, each call once, however often its facts are told.

    In the transaction that stores them, and before it does: what is stored as ended with its path
    has been counted. So a call counts when its facts are safe, whatever dies on the way.
    """
    told = {call.call_id: call for call in calls if call.is_over and call.path}
    if not told:
        return
    if connection.dialect.name == "postgresql":
        # Two nodes that tell of one call at once must not both find it uncounted.
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    for call_id in await counted(connection, told):
        del told[call_id]
    counts = Counter(way for call in told.values() for way in ways_of(call))
    if not counts:
        return
    rows = [{**passed._asdict(), "calls": calls} for passed, calls in sorted(counts.items())]
    kept = tables.flow_passes
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    adding = dialect.insert(kept)
    statement = adding.on_conflict_do_update(
        index_elements=list(Pass._fields),
        set_={"calls": kept.c.calls + adding.excluded.calls},
    )
    await connection.execute(statement, rows)


async def counted(connection: AsyncConnection, call_ids: Iterable[str]) -> set[str]:
    """Which of these calls are counted."""
    kept, found, wanted = tables.conversation.c, set[str](), sorted(call_ids)
    for start in range(0, len(wanted), _AT_ONCE):
        these = kept.call_id.in_(wanted[start : start + _AT_ONCE])
        asked = select(kept.call_id, kept.extra).where(these & kept.ended_at.is_not(None))
        rows = (await connection.execute(asked)).all()
        found |= {row.call_id for row in rows if (row.extra or {}).get("path")}
    return found


async def of_day(connection: AsyncConnection, day: int) -> dict[Pass, int]:
    """All ways of a day and how many calls took each."""
    kept = tables.flow_passes.c
    query = select(tables.flow_passes).where(kept.day == day)
    rows = (await connection.execute(query)).mappings().all()
    return {Pass(*(row[name] for name in Pass._fields)): row["calls"] for row in rows}
