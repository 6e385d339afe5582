"""The audit trail as a chain: each row holds the hash of the one before and its own.

Whoever changes, takes out, adds or moves a row must hash anew everything after it, and then no
longer has the head that was printed, exported or noted elsewhere before. Rows cut off the end are
told by such an earlier head alone: `verify(…, noted=…)`.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import BigInteger, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from reports import tables
from reports.store import Store

BEGIN = "0" * 64  # what the first row holds in place of a hash before it
FIELDS = ("n", "at", "by", "action", "subject", "reason", "before")  # what is hashed of a row
BATCH = 2_000  # rows read at a time
SLICE = 250  # rows hashed at a time: a millisecond, for calls come first
_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Break = Literal["changed", "not_next", "cut_off"]
"""The row is not what it was; a row before it is missing, moved or new; the noted row is gone."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last row of the chain; `n` is 0 where there is none."""

    n: int
    hash: str


@dataclass(frozen=True, slots=True)
class Verified:
    """How many rows are in order, up to which one, and what is wrong with the first that is not."""

    rows: int
    head: Head
    wrong_n: int | None = None
    why: Break | None = None


def link(
    previous: str,
    *,
    n: int,
    at: datetime,
    by: str,
    action: str,
    subject: str,
    reason: str,
    before: str,
) -> str:
    """SHA-256 of a row and the hash before it, in hexadecimal. `at`: aware.

    Hashed is a JSON array without blanks in UTF-8: previous, n, microseconds since 1970 UTC, by,
    action, subject, reason, before. It stays so: rows are never hashed anew.
    """
    return _hash((previous, n, (at - _EPOCH) // _MICROSECOND, by, action, subject, reason, before))


def _hash(parts: Sequence[str | int]) -> str:
    return hashlib.sha256(_json(parts).encode()).hexdigest()


async def head(connection: AsyncConnection) -> Head:
    """The last row as this transaction sees it."""
    kept = tables.audit.c
    asked = select(kept.n, kept.hash).order_by(kept.n.desc()).limit(1)
    row = (await connection.execute(asked)).first()
    return Head(0, BEGIN) if row is None else Head(row.n, row.hash)


async def verify(store: Store, *, noted: Head | None = None) -> Verified:
    """Hash the whole trail anew; `noted`: a head of an earlier time that must still be in it.

    One consistent view, read in batches. Raises DatabaseAway.
    """
    told = Verified(0, Head(0, BEGIN))
    is_noted_there = noted in (None, told.head)
    async with store.reading() as connection:
        while True:
            batch = await _batch(connection, told.head.n)
            for start in range(0, len(batch), SLICE):
                rows = batch[start : start + SLICE]
                is_noted_there = is_noted_there or any(noted == Head(*row[:2]) for row in rows)
                told = _followed(told, rows)
                if told.why is not None:
                    return told
                await asyncio.sleep(0)
            if len(batch) < BATCH:
                break
    if not is_noted_there and noted is not None:
        return Verified(told.rows, told.head, noted.n, "cut_off")
    return told


async def _batch(connection: AsyncConnection, after: int) -> Sequence[tuple[Any, ...]]:
    """`n`, `hash`, and then what is hashed of each row, as it is stored."""
    kept = tables.audit.c
    hashed = [type_coerce(kept.at, BigInteger) if name == "at" else kept[name] for name in FIELDS]
    asked = select(kept.n, kept.hash, kept.previous, *hashed).where(kept.n > after)
    return (await connection.execute(asked.order_by(kept.n).limit(BATCH))).all()


def _followed(told: Verified, rows: Sequence[tuple[Any, ...]]) -> Verified:
    """The chain with these rows, up to the first that is wrong."""
    last = told.head
    for good, row in enumerate(rows):
        if row[2] != last.hash:
            return Verified(told.rows + good, last, row[0], "not_next")
        if _hash(row[2:]) != row[1]:
            return Verified(told.rows + good, last, row[0], "changed")
        last = Head(row[0], row[1])
    return Verified(told.rows + len(rows), last)
