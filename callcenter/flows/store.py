"""Versions, releases and their log in the database: read as a Book, written change by change."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Table, func, insert, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ivr_flows.book import Book, Change, Entry, Release, Version
from ivr_flows.versions import opened
from reports import tables
from reports.store import Store

_LOCK = 12349  # PostgreSQL advisory lock: one change at a time (SQLite has but one writer)
_VERSION = [tables.flow_versions.c[name] for name in Version.__struct_fields__]


@dataclass(frozen=True, slots=True)
class Text:
    """A flow's text with the number that stands in it."""

    version: int
    text: str


class FlowStore:
    """What people did to flows. Every method raises DatabaseAway; nothing is written then."""

    def __init__(self, store: Store) -> None:
        self.database = store

    async def newest(self) -> tuple[int, datetime] | None:
        """Number and time of the newest release: one small query."""
        releases = tables.releases.c
        query = select(releases.release, releases.at).order_by(releases.release.desc()).limit(1)
        async with self.database.reading() as connection:
            row = (await connection.execute(query)).first()
        return (row.release, row.at) if row else None

    async def release(self, number: int) -> tuple[Release, dict[str, str]] | None:
        """A release and its texts by flow; None when there is no such release."""
        query = select(tables.releases).where(tables.releases.c.release == number)
        async with self.database.reading() as connection:
            row = (await connection.execute(query)).mappings().first()
            if row is None:
                return None
            release = Release(**row)
            return release, await _texts(connection, release.flows)

    async def book(self) -> Book:
        """All versions and releases; both empty until the first text is submitted."""
        async with self.database.reading() as connection:
            return await _book(connection)

    async def texts(self, flows: Mapping[str, int]) -> dict[str, str]:
        """The texts of these versions by flow; those that are not there are left out."""
        async with self.database.reading() as connection:
            return await _texts(connection, flows)

    async def log(self, limit: int = 1000) -> list[Entry]:
        """Who did what when, the newest first."""
        log = tables.flow_log
        columns = [log.c[name] for name in Entry.__struct_fields__]
        query = select(*columns).order_by(log.c.n.desc()).limit(limit)
        async with self.database.reading() as connection:
            return [Entry(**row) for row in (await connection.execute(query)).mappings()]

    async def change(
        self,
        decide: Callable[[Book], Change],
        *,
        now: datetime,
        files: Callable[[], Mapping[str, Text]],
        new_text: str | None = None,
    ) -> Change:
        """Write down what `decide` makes of the book as it is now; what it raises goes through.

        An empty book is opened with the `files` of the repository first, as release 0: they are
        asked for then only.
        """
        async with self._writing() as connection:
            book = await _book(connection)
            if not book.releases:
                first = files()
                book = opened({flow: one.version for flow, one in first.items()}, now)
                for version in book.versions.values():
                    await _add_version(connection, version, first[version.flow].text)
                await _add(connection, tables.releases, book.releases[0])
            change = decide(book)
            await _write(connection, change, new_text)
        return change

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncConnection]:
        async with self.database.writing() as connection:
            if connection.dialect.name == "postgresql":
                await connection.execute(
                    text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK}
                )
            yield connection


async def _book(connection: AsyncConnection) -> Book:
    versions = (await connection.execute(select(*_VERSION))).mappings()
    releases = await connection.execute(select(tables.releases).order_by(tables.releases.c.release))
    found = [Version(**row) for row in versions]
    return Book(
        {(one.flow, one.version): one for one in found},
        tuple(Release(**row) for row in releases.mappings()),
    )


async def _texts(connection: AsyncConnection, flows: Mapping[str, int]) -> dict[str, str]:
    kept = tables.flow_versions.c
    wanted: Iterable[tuple[str, int]] = list(flows.items())
    query = select(kept.flow, kept.text).where(tuple_(kept.flow, kept.version).in_(wanted))
    return {row.flow: row.text for row in await connection.execute(query)}


async def _write(connection: AsyncConnection, change: Change, new_text: str | None) -> None:
    version = change.version
    if version is not None and new_text is not None:
        await _add_version(connection, version, new_text)
    elif version is not None:
        kept = tables.flow_versions
        moved = {name: getattr(version, name) for name in ("state", "reviewer", "decided_at")}
        of = (kept.c.flow == version.flow) & (kept.c.version == version.version)
        await connection.execute(update(kept).where(of).values(moved))
    if change.release is not None:
        await _add(connection, tables.releases, change.release)
    log = tables.flow_log
    n = (await connection.execute(select(func.coalesce(func.max(log.c.n), 0)))).scalar_one()
    await _add(connection, log, change.entry, n=n + 1)


async def _add_version(connection: AsyncConnection, version: Version, its_text: str) -> None:
    await _add(connection, tables.flow_versions, version, text=its_text)


async def _add(connection: AsyncConnection, table: Table, row: msgspec.Struct, **more: Any) -> None:
    await connection.execute(insert(table), {**msgspec.structs.asdict(row), **more})
