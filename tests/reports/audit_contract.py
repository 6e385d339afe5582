"""The audit trail as a chain, on every database: SQLite here, a real PostgreSQL in tests/real."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest
import sqlalchemy as sa

from reports import audit, tables
from reports.audit import Entry, Wanted
from reports.audit_chain import BATCH, BEGIN, Head, Verified, link, verify
from reports.schema import upgrade
from reports.store import Store
from tests.new_database import upgraded

AT = datetime(2026, 3, 2, 1, 0, 0, 123456, tzinfo=UTC)
ONE = Entry(at=AT, by="王强", action="release_seat", subject="8001", reason='"卡住"', before="x")


async def write(store, *reasons):
    for reason in reasons:
        await audit.write(store, replace(ONE, reason=reason))


async def break_in(store, *statements):
    """What only the owner of the database can do: change rows behind its triggers."""
    async with store.writing() as connection:
        if connection.dialect.name == "postgresql":
            await connection.execute(sa.text("ALTER TABLE audit DISABLE TRIGGER audit_stays"))
        else:
            for name in ("stays", "same"):
                await connection.execute(sa.text(f"DROP TRIGGER audit_{name}"))
        for statement in statements:
            await connection.execute(statement)


KEPT = tables.audit.c
CHANGES = {
    "a_reason_changed": (
        sa.update(tables.audit).where(KEPT.n == 2).values(reason="y"),
        (1, 2, "changed"),
    ),
    "its_hash_made_to_fit": (
        sa.update(tables.audit).where(KEPT.n == 2).values(hash="f" * 64),
        (1, 2, "changed"),
    ),
    "a_row_taken_out": (sa.delete(tables.audit).where(KEPT.n == 2), (1, 3, "not_next")),
    "the_first_taken_out": (sa.delete(tables.audit).where(KEPT.n == 1), (0, 2, "not_next")),
    "a_row_moved": (
        sa.update(tables.audit).where(KEPT.n == 2).values(n=9),
        (1, 3, "not_next"),
    ),
    "a_row_put_in": (
        sa.insert(tables.audit).values(
            n=4, at=AT, by="", action="", subject="", reason="", before="", previous="", hash=""
        ),
        (3, 4, "not_next"),
    ),
}


class AuditContract:
    """Subclasses give a fixture `address`: DATABASE_URL of an empty database for each test."""

    @pytest.fixture
    async def store(self, address):
        async with Store(address) as store:
            await upgraded(store)
            yield store

    async def test_each_row_holds_the_hash_of_the_one_before(self, store):
        assert await verify(store) == Verified(0, Head(0, BEGIN))
        await write(store, "一", "二", "三")
        lines = (await audit.search(store, Wanted()))[::-1]
        assert [line.n for line in lines] == [1, 2, 3]
        assert [line.previous for line in lines] == [BEGIN, lines[0].hash, lines[1].hash]
        assert await verify(store) == Verified(3, Head(3, lines[2].hash))

    def test_what_is_hashed_never_changes(self):
        row = {"at": AT, "by": "王强", "action": "a", "subject": "s", "reason": "r", "before": ""}
        told = f'["{BEGIN}",1,1772413200123456,"王强","a","s","r",""]'
        assert link(BEGIN, n=1, **row) == sha256(told.encode()).hexdigest()

    @pytest.mark.parametrize("change", CHANGES)
    async def test_a_row_behind_the_back_of_the_program_is_found(self, store, change):
        statement, (rows, n, why) = CHANGES[change]
        await write(store, "一", "二", "三")
        await break_in(store, statement)
        found = await verify(store)
        assert (found.rows, found.wrong_n, found.why) == (rows, n, why)

    async def test_rows_cut_off_the_end_are_told_by_an_earlier_head(self, store):
        await write(store, "一", "二")
        noted = (await verify(store)).head
        await write(store, "三")
        assert (await verify(store, noted=noted)).why is None
        await break_in(store, sa.delete(tables.audit).where(KEPT.n >= 2))
        assert (await verify(store)).why is None
        found = await verify(store, noted=noted)
        assert (found.wrong_n, found.why) == (2, "cut_off")

    async def test_many_controllers_write_one_chain(self, address, store):
        async with Store(address) as other, Store(address) as third:
            stores = (store, other, third)
            await asyncio.gather(*(write(stores[n % 3], f"{n}") for n in range(30)))
        found = await verify(store)
        assert (found.rows, found.head.n, found.why) == (30, 30, None)

    async def test_a_transaction_given_up_leaves_no_gap(self, store):
        await write(store, "一")
        with pytest.raises(ZeroDivisionError):
            async with store.writing() as connection:
                await audit.note(connection, ONE)
                raise ZeroDivisionError
        await write(store, "二")
        found = await verify(store)
        assert (found.rows, found.head.n, found.why) == (2, 2, None)

    async def test_rows_of_before_the_chain_are_bound_by_the_upgrade(self, address):
        async with Store(address) as store:
            await upgrade(store, to="0009")
            fields = '(n, at, "by", action, subject, reason, before)'
            rows = [{"n": n * 2 + 5, "reason": f"第{n}"} for n in range(BATCH + 5)]
            async with store.writing() as connection:
                await connection.execute(
                    sa.text(
                        f"INSERT INTO audit {fields} VALUES (:n, 7, 'a', 'b', 'c', :reason, '')"
                    ),
                    rows,
                )
            await upgrade(store)
            await write(store, "新")
            found = await verify(store)
            assert (found.rows, found.head.n, found.why) == (BATCH + 6, 2 * BATCH + 14, None)
            for change in (sa.delete(tables.audit), sa.update(tables.audit).values(reason="z")):
                with pytest.raises(Exception, match="never deleted or changed"):
                    async with store.writing() as connection:
                        await connection.execute(change)
