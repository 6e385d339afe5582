"""Tallies made anew from the facts: after the rules changed, or when one is in doubt."""

from collections.abc import Callable

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from reports import queries, tables
from reports.rows import tally_row
from reports.store import Store

_PAGE = 1000  # calls a transaction: a running hotline waits for each but a moment


async def rebuild(store: Store, *, on_progress: Callable[[int], None] = lambda done: None) -> int:
    """Tally every stored call again; the number of finished calls tallied. Raises DatabaseAway.

    Safe beside a running hotline: a page's calls are read and tallied in one transaction.
    """
    after, done = "", 0
    while True:
        async with store.writing() as connection:
            last, count = await _page(connection, after)
        if last is None:
            return done
        after, done = last, done + count
        on_progress(done)


async def count_calls(store: Store) -> int:
    """Count the stored calls, for a progress bar."""
    async with store.reading() as connection:
        return (
            await connection.execute(select(func.count(tables.conversation.c.call_id)))
        ).scalar_one()


async def _page(connection: AsyncConnection, after: str) -> tuple[str | None, int]:
    call_id = tables.conversation.c.call_id
    query = select(tables.conversation).where(call_id > after).order_by(call_id).limit(_PAGE)
    calls = await queries.load(connection, query.with_for_update())
    if not calls:
        return None, 0
    ids = [call.call_id for call in calls]
    rows = [row for call in calls if (row := tally_row(call))]
    await connection.execute(delete(tables.tally).where(tables.tally.c.call_id.in_(ids)))
    if rows:
        await connection.execute(tables.tally.insert(), rows)
    return ids[-1], len(rows)
