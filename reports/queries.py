"""Questions asked of the stored facts: sums, single calls, pages of calls, requests."""

from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from reports import tables
from reports.facts import Conversation
from reports.metrics import COLUMNS, COUNT_NAMES, RULES, ZONE, Counts, day_number
from reports.rows import to_conversations
from reports.store import Store

_PAGE = 1000  # calls read at once: bounds memory and SQLite's number of parameters
_PARTS = (tables.attempt, tables.stint, tables.survey, tables.overflow)


class StaleTallies(Exception):
    """Stored tallies were made by other rules than this program's: rebuild them first."""


@dataclass(frozen=True, slots=True)
class Group:
    """Sums of the calls that have these values in the columns asked for; no column, one group."""

    key: dict[str, str | int | None]
    counts: Counts


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A callback or message that nobody has dealt with yet."""

    call_id: str
    kind: str
    caller: str | None
    number: str | None
    audio: str | None
    duration_s: float | None
    requested_at: datetime
    city: str | None
    group: str | None


async def sums(
    store: Store,
    *,
    first: date,
    last: date,
    by: Sequence[str] = (),
    city_sources: Sequence[str] = (),
    city: str | None = None,
) -> list[Group]:
    """Add up finished calls of the Shanghai days `first` to `last`, both included.

    Groups are sorted by key, None last; `by` names `metrics.COLUMNS` (ValueError otherwise).
    `city_sources`: only calls whose city was found so; none: all calls. `city`: only calls of this
    city (GB/T 2260).
    Raises DatabaseAway, StaleTallies.
    """
    unknown = [name for name in by if name not in COLUMNS]
    if unknown:
        raise ValueError(f"unknown column {unknown[0]}; known: {', '.join(COLUMNS)}")
    tally = tables.tally.c
    query = _sums(by).where(tally.day.between(day_number(first), day_number(last)))
    if city_sources:
        call = tables.conversation.c
        query = query.join(tables.conversation, call.call_id == tally.call_id)
        query = query.where(call.city_source.in_(city_sources))
    if city is not None:
        query = query.where(tally.city == city)
    async with store.reading() as connection:
        return await _groups(connection, query, by)


async def day_so_far(
    store: Store, day: date, *, ask_of: Callable[[], Iterable[str]]
) -> tuple[list[Group], frozenset[str]]:
    """Sums of a Shanghai day by city and hour, and which of the calls `ask_of` are in them.

    Both are of one view of the database, and `ask_of` is called when that stands: whatever ends and
    is stored from then on is in neither. Raises DatabaseAway, StaleTallies.
    """
    tally = tables.tally.c
    by = ("city", "hour")
    async with store.reading() as connection:
        groups = await _groups(connection, _sums(by).where(tally.day == day_number(day)), by)
        wanted, found = sorted(ask_of()), set[str]()
        for start in range(0, len(wanted), _PAGE):
            these = tally.call_id.in_(wanted[start : start + _PAGE])
            rows = await connection.execute(select(tally.call_id).where(these))
            found |= set(rows.scalars())
    return groups, frozenset(found)


def _sums(by: Sequence[str]) -> Select[Any]:
    tally = tables.tally.c
    keys = [tally[name] for name in by]
    counted = [func.coalesce(func.sum(tally[name]), 0) for name in COUNT_NAMES]
    query = select(func.min(tally.rules), func.max(tally.rules), *keys, *counted)
    return query.group_by(*keys)


async def _groups(
    connection: AsyncConnection, query: Select[Any], by: Sequence[str]
) -> list[Group]:
    rows = (await connection.execute(query)).all()
    if any(rules not in (None, RULES) for row in rows for rules in row[:2]):
        raise StaleTallies(
            "these numbers were counted by other rules: run `hotline report rebuild`"
        )
    groups = [
        Group(
            key={name: _shown(name, row[2 + n]) for n, name in enumerate(by)},
            counts=Counts(*(int(value) for value in row[2 + len(by) :])),
        )
        for row in rows
    ]
    return sorted(groups, key=lambda group: _order(group.key))


async def find(store: Store, call_id: str) -> Conversation | None:
    """One call, whole; None when it is not stored."""
    query = select(tables.conversation).where(tables.conversation.c.call_id == call_id)
    async with store.reading() as connection:
        return next(iter(await load(connection, query)), None)


async def recent(store: Store, *, limit: int = 50) -> list[Conversation]:
    """List the calls that arrived last, newest first, those still going on among them."""
    call = tables.conversation.c
    query = select(tables.conversation).order_by(call.arrived_at.desc(), call.call_id).limit(limit)
    async with store.reading() as connection:
        return await load(connection, query)


async def unfinished(store: Store) -> list[Conversation]:
    """List the calls without an end, oldest first: going on, or lost with their controller."""
    call = tables.conversation.c
    query = select(tables.conversation).where(call.ended_at.is_(None))
    async with store.reading() as connection:
        found = await load(connection, query)
    return sorted(found, key=lambda each: (each.arrived_at, each.call_id))


async def pages(
    store: Store, *, first: date | None = None, last: date | None = None
) -> AsyncGenerator[list[Conversation], None]:
    """Finished calls in the order of (arrived_at, call_id), as one consistent view; of the
    Shanghai days `first` to `last`, both included."""
    call = tables.conversation.c
    query = select(tables.conversation).where(call.ended_at.is_not(None))
    if first is not None:
        query = query.where(call.arrived_at >= _midnight(first))
    if last is not None:
        query = query.where(call.arrived_at < _midnight(last + timedelta(days=1)))
    query = query.order_by(call.arrived_at, call.call_id).limit(_PAGE)
    async with store.reading() as connection:
        page = await load(connection, query)
        while page:
            yield page
            end = page[-1]
            beyond = (call.arrived_at > end.arrived_at) | (
                (call.arrived_at == end.arrived_at) & (call.call_id > end.call_id)
            )
            # the plain bound lets the index be entered at the right place
            page = await load(
                connection, query.where(call.arrived_at >= end.arrived_at).where(beyond)
            )


async def open_requests(store: Store, *, limit: int = 200) -> list[OpenRequest]:
    """List callbacks and messages nobody has dealt with, oldest first."""
    request, call = tables.overflow.c, tables.conversation.c
    query = (
        select(
            request.call_id,
            request.kind,
            call.caller,
            request.number,
            request.audio,
            request.duration_s,
            request.requested_at,
            call.city,
            call.group,
        )
        .join(tables.conversation, call.call_id == request.call_id)
        .where(request.done_at.is_(None))
        .order_by(request.requested_at, request.call_id)
        .limit(limit)
    )
    async with store.reading() as connection:
        return [OpenRequest(*row) for row in await connection.execute(query)]


async def has_called(store: Store, caller: str, *, since: datetime, before: datetime) -> bool:
    """Whether this number arrived at or after `since` and before `before`. Raises DatabaseAway."""
    call = tables.conversation.c
    query = (
        select(call.call_id)
        .where(call.caller == caller, call.arrived_at >= since, call.arrived_at < before)
        .limit(1)
    )
    async with store.reading() as connection:
        return (await connection.execute(query)).first() is not None


async def last_talk(
    store: Store, caller: str, *, since: datetime, before: datetime
) -> tuple[str, datetime] | None:
    """The seat that talked with this number last, in a call that arrived since then and before, and
    when it picked up; None when none did. Raises DatabaseAway.
    """
    call, tried = tables.conversation.c, tables.attempt.c
    query = (
        select(tried.seat, tried.answered_at)
        .select_from(tables.conversation.join(tables.attempt))
        .where(call.caller == caller, call.arrived_at >= since, call.arrived_at < before)
        .where(tried.answered_at.is_not(None))
        .order_by(call.arrived_at.desc(), tried.n.desc())
        .limit(1)
    )
    async with store.reading() as connection:
        found = (await connection.execute(query)).first()
    return None if found is None else (found.seat, found.answered_at)


async def city_told(
    store: Store, caller: str, *, since: datetime, before: datetime, sources: Sequence[str]
) -> str | None:
    """The city of the newest call of this number, arrived since then and before, whose city was
    found by one of these sources; None when there is none. Raises DatabaseAway.
    """
    call = tables.conversation.c
    query = (
        select(call.city)
        .where(call.caller == caller, call.arrived_at >= since, call.arrived_at < before)
        .where(call.city_source.in_(sources), call.city.is_not(None))
        .order_by(call.arrived_at.desc())
        .limit(1)
    )
    async with store.reading() as connection:
        return (await connection.execute(query)).scalar()


async def mark_done(store: Store, call_id: str, *, now: datetime) -> bool:
    """Note that a request was dealt with; False when there is none, or it was done before."""
    request = tables.overflow.c
    change = (
        update(tables.overflow)
        .where(request.call_id == call_id, request.done_at.is_(None))
        .values(done_at=now)
    )
    async with store.writing() as connection:
        return bool((await connection.execute(change)).rowcount)


async def load(connection: AsyncConnection, query: Select[Any]) -> list[Conversation]:
    """Read the calls that `query` selects, each with all that hangs on it."""
    calls = (await connection.execute(query)).mappings().all()
    ids = [call["call_id"] for call in calls]
    children: dict[Any, Any] = {}
    for table in _PARTS:
        part = select(table).where(table.c.call_id.in_(ids))
        if "n" in table.c:
            part = part.order_by(table.c.call_id, table.c.n)
        children[table] = (await connection.execute(part)).mappings() if ids else []
    return to_conversations(calls, children)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZONE)


def _shown(name: str, value: Any) -> str | int | None:
    if name == "day":
        return f"{value // 10000:04}-{value // 100 % 100:02}-{value % 100:02}"
    if name == "hour":
        return int(value)
    return None if value is None else str(value)


def _order(key: dict[str, str | int | None]) -> list[tuple[bool, int, str]]:
    # sorted here and not in SQL, where the two databases order text differently
    return [
        (value is None, value if isinstance(value, int) else 0, str(value))
        for value in key.values()
    ]
