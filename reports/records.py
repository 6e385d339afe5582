"""What lawyers wrote of each call that a person answered (工单), in the database.

The rules of it (who may change what, what must be filled in) stand in `callcenter.records`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from reports import tables
from reports.store import Store

NEWEST = 2000  # filed records: weeks of a province


class CallRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One record. Times are aware UTC; `caller` the number as received, never for a page.

    `revision` grows by one with each saving. `seat` answered first and owns the record; `seats` are
    all who talked in the call. `name`, `sex` and `caller_group` as the caller gave them, empty when
    not. `main` and `secondary` are codes of the taxonomy. `follow_up`: the day he is to be called
    again. `identity_confirmed`: the lawyer asked who calls, for a number is not a person.
    """

    call_id: str
    revision: int
    seat: str
    seats: tuple[str, ...]
    caller: str | None = None
    city: str | None = None
    group: str | None = None
    answered_at: datetime
    changed_at: datetime
    changed_by: str
    filed_at: datetime | None = None
    filed_by: str | None = None
    name: str = ""
    sex: str = ""
    caller_group: str = ""
    main: str | None = None
    secondary: tuple[str, ...] = ()
    question: str = ""
    reply: str = ""
    outcome: str | None = None
    litigation: bool = False
    petition: bool = False
    follow_up: date | None = None
    identity_confirmed: bool = False
    urgent: bool = False

    @property
    def is_filed(self) -> bool:
        """Whether it was filed once; later changes are corrections."""
        return self.filed_at is not None


class Filing(msgspec.Struct, frozen=True, kw_only=True):
    """A record as it was filed, or as it was corrected later for this reason."""

    record: CallRecord
    at: datetime
    by: str
    reason: str = ""


_decode = msgspec.json.Decoder(CallRecord).decode
_encode = msgspec.json.Encoder().encode
_FIELDS = CallRecord.__struct_fields__


def to_json(record: CallRecord) -> bytes:
    """One line of JSON."""
    return _encode(record)


def from_json(line: bytes) -> CallRecord:
    """A record from `to_json`'s bytes. Raises msgspec.MsgspecError."""
    return _decode(line)


async def put(store: Store, records: Iterable[CallRecord], filings: Iterable[Filing] = ()) -> None:
    """Store records, each unless a later revision is there, and filings, in one transaction; the
    facts of their calls take the main category over. Safe to repeat. Raises DatabaseAway.
    """
    rows = [_row(record) for record in records]
    async with store.writing() as connection:
        if rows:
            await _put_rows(connection, rows)
        if filed := [_filing_row(one) for one in filings]:
            insert = _insert(connection, tables.record_filing)
            await connection.execute(insert.on_conflict_do_nothing(), filed)
        await _tell_facts(connection, [row["call_id"] for row in rows])


async def swap(
    store: Store, record: CallRecord, *, over: CallRecord, filing: Filing | None = None
) -> bool:
    """Store the record in place of `over`, and its filing with it, in one transaction; False, and
    nothing is stored, when another stands there by now. Raises DatabaseAway.
    """
    kept = tables.call_record.c
    is_that = (kept.revision == over.revision) & (kept.changed_at == over.changed_at)
    change = update(tables.call_record).where(kept.call_id == record.call_id, is_that)
    async with store.writing() as connection:
        if (await connection.execute(change.values(_row(record)))).rowcount == 0:
            return False
        if filing is not None:
            insert = _insert(connection, tables.record_filing)
            await connection.execute(insert.on_conflict_do_nothing(), [_filing_row(filing)])
        await _tell_facts(connection, [record.call_id])
    return True


async def _put_rows(connection: AsyncConnection, rows: list[dict[str, Any]]) -> None:
    insert = _insert(connection, tables.call_record)
    new = insert.excluded
    columns = [c.name for c in tables.call_record.columns if not c.primary_key]
    statement = insert.on_conflict_do_update(
        index_elements=["call_id"],
        set_={name: new[name] for name in columns},
        where=new.revision > tables.call_record.c.revision,
    )
    await connection.execute(statement, rows)


async def _tell_facts(connection: AsyncConnection, call_ids: Collection[str]) -> None:
    record = tables.call_record.c
    for table in (tables.conversation, tables.tally):
        main = select(record.main).where(record.call_id == table.c.call_id).scalar_subquery()
        change = update(table).where(table.c.call_id.in_(call_ids)).values(category=main)
        await connection.execute(change)


async def find(store: Store, call_id: str) -> CallRecord | None:
    """The record of this call; None when none is stored. Raises DatabaseAway."""
    return next(iter(await _load(store, tables.call_record.c.call_id == call_id, limit=1)), None)


async def of_calls(store: Store, call_ids: Collection[str]) -> Mapping[str, CallRecord]:
    """The records of these calls, by call. Raises DatabaseAway."""
    wanted = tables.call_record.c.call_id.in_(call_ids)
    found = await _load(store, wanted, limit=len(call_ids)) if call_ids else []
    return {record.call_id: record for record in found}


async def closed_like(
    store: Store, codes: Sequence[str], *, but: str = "", limit: int = 200
) -> list[CallRecord]:
    """The newest filed records of these main categories, without the call `but`.

    A code of two digits stands for all of its category; for these the last NEWEST filed records of
    any category are looked through: 70 ms with 200,000 records, 2 s without that bound (SQLite).
    Raises DatabaseAway.
    """
    record = tables.call_record.c
    wanted: ColumnElement[bool] = record.main.in_([code for code in codes if len(code) == 4])
    categories = [code for code in codes if len(code) == 2]
    if categories:
        newest = (
            select(record.call_id)
            .where(record.filed_at.is_not(None))
            .order_by(record.filed_at.desc())
            .limit(NEWEST)
        )
        whole = [record.main.startswith(code, autoescape=True) for code in categories]
        wanted = wanted | (record.call_id.in_(newest.scalar_subquery()) & or_(*whole))
    wanted = wanted & record.filed_at.is_not(None) & (record.call_id != but)
    return await _load(store, wanted, limit=limit, order=record.filed_at.desc())


async def filings(store: Store, call_id: str) -> list[Filing]:
    """How the record was filed and corrected, in order. Raises DatabaseAway."""
    filing = tables.record_filing
    query = select(filing).where(filing.c.call_id == call_id).order_by(filing.c.revision)
    async with store.reading() as connection:
        rows = (await connection.execute(query)).mappings().all()
    return [
        Filing(
            record=msgspec.convert(row["body"], CallRecord),
            at=row["at"],
            by=row["by"],
            reason=row["reason"],
        )
        for row in rows
    ]


async def _load(
    store: Store, wanted: ColumnElement[bool], *, limit: int, order: Any = None
) -> list[CallRecord]:
    query: Select[Any] = select(tables.call_record).where(wanted).limit(limit)
    async with store.reading() as connection:
        rows = (await connection.execute(query.order_by(order))).mappings().all()
    return [_record(row) for row in rows]


def _row(record: CallRecord) -> dict[str, Any]:
    row = {name: getattr(record, name) for name in _FIELDS}
    follow_up = record.follow_up and record.follow_up.isoformat()
    return row | {
        "seats": list(record.seats),
        "secondary": list(record.secondary),
        "follow_up": follow_up,
    }


def _record(row: Mapping[str, Any]) -> CallRecord:
    given = {name: row[name] for name in _FIELDS}
    follow_up = row["follow_up"] and date.fromisoformat(row["follow_up"])
    lists = {"seats": tuple(row["seats"]), "secondary": tuple(row["secondary"])}
    return CallRecord(**{**given, **lists, "follow_up": follow_up})


def _filing_row(filing: Filing) -> dict[str, Any]:
    return {
        "call_id": filing.record.call_id,
        "revision": filing.record.revision,
        "at": filing.at,
        "by": filing.by,
        "reason": filing.reason,
        "body": msgspec.to_builtins(filing.record),
    }


def _insert(connection: AsyncConnection, table: Any) -> Any:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)
