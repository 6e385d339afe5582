"""Which ways calls took through the flows, counted by day: small sums beside the facts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from reports import tables
from reports.metrics import ZONE
from reports.store import Store


class Pass(NamedTuple):
    """A way out of a step, on one day (YYYYMMDD, Shanghai)."""

    day: int
    flow: str
    version: int
    step: str
    way: str


def day_of(at: datetime) -> int:
    """The Shanghai day of an aware time, as YYYYMMDD."""
    local = at.astimezone(ZONE)
    return local.year * 10000 + local.month * 100 + local.day


async def add(store: Store, counts: Mapping[Pass, int]) -> None:
    """Add these to what is kept, all or nothing. Raises DatabaseAway."""
    if not counts:
        return
    rows = [{**passed._asdict(), "calls": calls} for passed, calls in sorted(counts.items())]
    kept = tables.flow_passes
    async with store.writing() as connection:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        adding = dialect.insert(kept)
        statement = adding.on_conflict_do_update(
            index_elements=list(Pass._fields),
            set_={"calls": kept.c.calls + adding.excluded.calls},
        )
        await connection.execute(statement, rows)


async def of_day(store: Store, day: int) -> dict[Pass, int]:
    """All ways of a day and how many calls took each. Raises DatabaseAway."""
    kept = tables.flow_passes.c
    query = select(tables.flow_passes).where(kept.day == day)
    async with store.reading() as connection:
        rows = (await connection.execute(query)).mappings().all()
    return {Pass(*(row[name] for name in Pass._fields)): row["calls"] for row in rows}
