"""The province's own categories in the database, in place of those that come with the program."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import delete, insert, select

from callcenter.records.taxonomy import Item, Taxonomy, built_in, replaced
from reports import tables
from reports.audit import Entry, note
from reports.store import DatabaseAway, Store

FRESH_S = 30.0  # how soon another process's import is noticed

_ITEM = [tables.taxonomy.c[name] for name in Item.__slots__]


async def load(store: Store) -> Taxonomy:
    """The list in force. Raises DatabaseAway."""
    query = select(*_ITEM).order_by(tables.taxonomy.c.n)
    async with store.reading() as connection:
        rows = (await connection.execute(query)).mappings().all()
    return Taxonomy(tuple(Item(**row) for row in rows)) if rows else built_in()


async def take(
    store: Store, new: Taxonomy, *, by: str, now: datetime, rename: bool = False
) -> Taxonomy:
    """Put this list in force and write down who did. Raises TaxonomyFaults, DatabaseAway."""
    old = await load(store)
    whole = replaced(old, new, now, rename=rename)
    entry = Entry(
        at=now,
        by=by,
        action="import_taxonomy",
        subject=f"{len(whole.chosen_from)} items",
        reason="",
        before=f"{len(old.chosen_from)} items",
    )
    async with store.writing() as connection:
        await connection.execute(delete(tables.taxonomy))
        rows = [{**asdict(item), "n": n} for n, item in enumerate(whole.items)]
        await connection.execute(insert(tables.taxonomy), rows)
        await note(connection, entry)
    return whole


class TaxonomyInForce:
    """The list as it is now; without the database the one that was known last."""

    def __init__(self, store: Store, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock`: monotonic seconds."""
        self.now = built_in()
        self._store = store
        self._clock = clock
        self._looked_at: float | None = None

    async def look(self) -> Taxonomy:
        """The newest list, at most FRESH_S old."""
        now = self._clock()
        if self._looked_at is None or now - self._looked_at >= FRESH_S:
            self._looked_at = now
            try:
                self.now = await load(self._store)
            except DatabaseAway:
                pass  # said on /health; the old list serves
        return self.now
