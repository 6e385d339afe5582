"""The audit trail as a chain: each row holds the hash of the one before and its own.

Whoever changes, takes out, adds or moves a row must hash anew everything after it, and then no
longer has the head that was printed, exported or noted elsewhere before. Rows cut off the end are
told by such an earlier head alone: `verify(…, noted=…)`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from reports import tables
from reports.store import Store

BEGIN = "0" * 64  # what the first row holds in place of a hash before it
FIELDS = ("n", "at", "by", "action", "subject", "reason", "before")  # what is hashed of a row
BATCH = 200  # rows hashed at a time: some milliseconds, for calls come first
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
    parts = [previous, n, (at - _EPOCH) // _MICROSECOND, by, action, subject, reason, before]
    told = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(told.encode()).hexdigest()


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
    kept, last, rows = tables.audit.c, Head(0, BEGIN), 0
    is_noted_there = noted is None or noted == last
    async with store.reading() as connection:
        while True:
            asked = select(tables.audit).where(kept.n > last.n).order_by(kept.n).limit(BATCH)
            batch = (await connection.execute(asked)).mappings().all()
            for row in batch:
                if row["previous"] != last.hash:
                    return Verified(rows, last, row["n"], "not_next")
                if link(last.hash, **{name: row[name] for name in FIELDS}) != row["hash"]:
                    return Verified(rows, last, row["n"], "changed")
                last, rows = Head(row["n"], row["hash"]), rows + 1
                is_noted_there = is_noted_there or last == noted
            if len(batch) < BATCH:
                break
    if not is_noted_there and noted is not None:
        return Verified(rows, last, noted.n, "cut_off")
    return Verified(rows, last)
