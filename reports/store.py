"""The SQL database: opening it, and writing conversations into it."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, Table, delete, event, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, StatementError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from reports import passes, tables
from reports.facts import Conversation
from reports.rows import CHILDREN, Row, child_rows, conversation_row

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
}
_POSTGRESQL = {"timeout": 10, "command_timeout": 60}  # seconds: a dead server is noticed
_SLICE = 16  # calls turned into rows at a time: below a millisecond
_IMMEDIATE = "hotline_immediate"


class DatabaseAway(Exception):
    """The database cannot be had right now; the same call may be repeated."""

    retryable = True


class DatabaseFault(Exception):
    """The database address cannot be meant."""


@dataclass(frozen=True, slots=True)
class Written:
    """What `upsert` did: calls written, and calls left because a newer revision is stored."""

    written: int
    older: int


def database_url(address: str) -> URL:
    """Turn DATABASE_URL into one with our asyncio drivers; DatabaseFault names what is wrong."""
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        # not the address itself: it may hold a password
        raise DatabaseFault("DATABASE_URL is not like sqlite:///file or postgresql://…") from None
    family = url.drivername.split("+")[0]
    if family not in _DRIVERS:
        raise DatabaseFault(f"DATABASE_URL names {family}; sqlite and postgresql are known")
    return url.set(drivername=_DRIVERS[family])


class Store:
    """One database, opened lazily; safe for many tasks of one event loop."""

    def __init__(self, address: str) -> None:
        self.url = database_url(address)
        name = self.url.database
        is_file = self.url.get_backend_name() == "sqlite" and name not in (None, "", ":memory:")
        self.file = Path(str(name)) if is_file else None
        self.engine = _engine(self.url)
        self._inode: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """One consistent view of the database. Raises DatabaseAway."""
        await self._look_for_file()
        try:
            async with self.engine.connect() as connection:
                if self.engine.dialect.name == "postgresql":
                    await connection.execution_options(isolation_level="REPEATABLE READ")
                yield connection
        except Exception as error:
            raise_if_away(error)
            raise

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """One transaction, committed at the end. Raises DatabaseAway: nothing was written."""
        await self._look_for_file()
        try:
            async with self.engine.connect() as connection:
                await connection.execution_options(**{_IMMEDIATE: True})
                async with connection.begin():
                    yield connection
        except Exception as error:
            raise_if_away(error)
            raise
        await self._look_for_file()  # a file deleted under us has swallowed what we wrote

    async def upsert(self, conversations: Iterable[Conversation]) -> Written:
        """Store each call whole, in one transaction: the newest revision of each wins, and an
        equal one replaces. Raises DatabaseAway (repeat it), or DBAPIError when the database
        refuses a value (`is_refusal`)."""
        newest: dict[str, Conversation] = {}
        for call in conversations:
            if call.call_id not in newest or call.revision >= newest[call.call_id].revision:
                newest[call.call_id] = call
        # always in one order, so that two writers cannot lock each other out
        calls = [newest[call_id] for call_id in sorted(newest)]
        if not calls:
            return Written(0, 0)
        rows, children = await _rows(calls)
        async with self.writing() as connection:
            await _take_categories(connection, rows, children[tables.tally])
            await passes.count(connection, calls)
            taken = await _put_conversations(connection, rows)
            if taken:
                await _put_children(connection, taken, children)
        return Written(len(taken), len(calls) - len(taken))

    async def _look_for_file(self) -> None:
        """SQLite writes on happily into a file that was deleted or replaced: notice it."""
        if self.file is None:
            return
        try:
            inode = os.stat(self.file).st_ino
        except OSError:
            inode = None
        if inode != self._inode:
            first, self._inode = self._inode is None, inode
            await self.engine.dispose()
            if inode is None or not first:
                what = "is missing" if inode is None else "was replaced"
                raise DatabaseAway(f"the database file {what}: {self.file.name}")
        elif inode is None:
            raise DatabaseAway(f"the database file is missing: {self.file.name}")


async def _rows(calls: Sequence[Conversation]) -> tuple[list[Row], dict[Table, list[Row]]]:
    """Rows of the calls and of all that hangs on them, made in slices: other tasks come first."""
    rows: list[Row] = []
    children: dict[Table, list[Row]] = {table: [] for table in (*CHILDREN, tables.overflow)}
    for start in range(0, len(calls), _SLICE):
        part = calls[start : start + _SLICE]
        rows += map(conversation_row, part)
        for table, found in child_rows(part).items():
            children[table] += found
        await asyncio.sleep(0)
    return rows, children


async def _take_categories(
    connection: AsyncConnection, rows: list[Row], tallied: list[Row]
) -> None:
    """What a lawyer wrote in the record of a call is its category, whoever tells of the call."""
    record = tables.call_record.c
    wanted = record.call_id.in_([row["call_id"] for row in rows]) & record.main.is_not(None)
    found = await connection.execute(select(record.call_id, record.main).where(wanted))
    if mains := {call_id: main for call_id, main in found.all()}:
        for row in (*rows, *tallied):
            row["category"] = mains.get(row["call_id"], row["category"])


async def _put_conversations(connection: AsyncConnection, rows: list[Row]) -> set[str]:
    insert = _insert(connection, tables.conversation)
    new = insert.excluded
    # A row whose stored revision is newer is neither changed nor returned.
    statement = insert.on_conflict_do_update(
        index_elements=["call_id"],
        set_={c.name: new[c.name] for c in tables.conversation.columns if not c.primary_key},
        where=new.revision >= tables.conversation.c.revision,
    ).returning(tables.conversation.c.call_id)
    result = await connection.execute(statement, rows)
    return set(result.scalars())


async def _put_children(
    connection: AsyncConnection, taken: set[str], children: dict[Table, list[Row]]
) -> None:
    for table in CHILDREN:
        await connection.execute(delete(table).where(table.c.call_id.in_(sorted(taken))))
        if rows := [row for row in children[table] if row["call_id"] in taken]:
            await connection.execute(_insert(connection, table), rows)
    await _put_requests(
        connection, [row for row in children[tables.overflow] if row["call_id"] in taken]
    )


async def _put_requests(connection: AsyncConnection, rows: list[Row]) -> None:
    if not rows:
        return
    insert = _insert(connection, tables.overflow)
    new = insert.excluded
    change: dict[str, Any] = {
        c.name: new[c.name] for c in tables.overflow.columns if not c.primary_key
    }
    change["done_at"] = func.coalesce(new.done_at, tables.overflow.c.done_at)
    await connection.execute(
        insert.on_conflict_do_update(index_elements=["call_id"], set_=change), rows
    )


def _insert(connection: AsyncConnection, table: Table) -> Any:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


def raise_if_away(error: Exception) -> None:
    """Raise DatabaseAway when the error says that the database, not the data, is at fault."""
    if isinstance(error, (OSError, TimeoutError)):
        raise DatabaseAway(f"the database does not answer: {type(error).__name__}") from error
    if isinstance(error, DBAPIError) and not is_refusal(error):
        raise DatabaseAway(f"the database does not answer: {_cause(error)}") from error


def is_refusal(error: Exception) -> bool:
    """Whether the database refused a value, so that repeating it would not help."""
    if isinstance(error, (DataError, IntegrityError)):
        return True
    if isinstance(error, DBAPIError):
        # asyncpg's data errors (class 22) come as plain DBAPIError
        return str(getattr(error.orig, "sqlstate", "") or "")[:2] in ("22", "23")
    return isinstance(error, (StatementError, OverflowError))


def _cause(error: DBAPIError) -> str:
    return str(error.orig).splitlines()[0][:200] if str(error.orig) else type(error.orig).__name__


def _engine(url: URL) -> AsyncEngine:
    if url.get_backend_name() == "postgresql":
        return create_async_engine(url, pool_pre_ping=True, connect_args=_POSTGRESQL)
    engine = create_async_engine(url, connect_args={"timeout": 5})
    event.listen(engine.sync_engine, "connect", _prepare)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _: object) -> None:
    # Python's sqlite3 opens transactions by itself and late; we say BEGIN ourselves.
    connection.isolation_level = None
    cursor = connection.cursor()
    # FULL: what is committed survives the loss of the machine, so its spool may be deleted.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    # IMMEDIATE: a transaction that will write waits for its turn at the start, where the
    # time-out is honoured, and not in the middle, where SQLite fails at once.
    immediate = connection.get_execution_options().get(_IMMEDIATE)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
