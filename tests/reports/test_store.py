import asyncio
import os
import sqlite3
import stat

import pytest

from reports.queries import find
from reports.schema import SchemaOld, ready, status, upgrade
from reports.store import DatabaseAway, DatabaseFault, Store, database_url
from tests.reports.made import answered
from tests.reports.store_contract import StoreContract


class TestSqlite(StoreContract):
    @pytest.fixture
    def address(self, tmp_path):
        return f"sqlite:///{tmp_path}/facts.db"

    @pytest.fixture
    def store_runner(self, address):
        return runner(address)


def runner(address):
    """Hypothesis calls plain functions: each example gets an event loop and a store."""

    def run(work):
        async def go():
            async with Store(address) as store:
                await upgrade(store)
                return await work(store)

        return asyncio.run(go())

    return run


async def test_a_missing_file_is_told_and_never_made_by_reading_or_writing(tmp_path):
    async with Store(f"sqlite:///{tmp_path}/no/facts.db") as store:
        for attempt in (store.upsert([answered()]), status(store), find(store, "a-1")):
            with pytest.raises(DatabaseAway, match="the database file is missing: facts.db"):
                await attempt
        assert not (tmp_path / "no").exists()
        await ready(store)
        assert stat.S_IMODE(store.file.stat().st_mode) == 0o600
        await store.upsert([answered()])


async def test_a_file_deleted_or_replaced_while_open_is_noticed(tmp_path):
    file = tmp_path / "facts.db"
    async with Store(f"sqlite:///{file}") as store:
        await upgrade(store)
        await store.upsert([answered()])
        for path in tmp_path.glob("facts.db*"):
            path.unlink()
        with pytest.raises(DatabaseAway, match="missing"):
            await store.upsert([answered("b-1")])
        await ready(store)
        await store.upsert([answered("b-1")])
        assert await find(store, "a-1") is None
        async with Store(f"sqlite:///{file}.new") as other:
            await upgrade(other)
        os.replace(f"{file}.new", file)
        with pytest.raises(DatabaseAway, match="replaced"):
            await store.upsert([answered("c-1")])
        await store.upsert([answered("c-1")])
        assert await find(store, "c-1") is not None


async def test_a_database_without_our_tables_is_away_until_upgraded(tmp_path):
    file = tmp_path / "facts.db"
    file.touch()
    async with Store(f"sqlite:///{file}") as store:
        with pytest.raises(DatabaseAway, match="no such table"):
            await store.upsert([answered()])
        assert (await status(store)).current is None
        await upgrade(store)
        await store.upsert([answered()])


async def test_a_file_that_is_no_database_is_told(tmp_path):
    (tmp_path / "facts.db").write_bytes(b"not a database at all" * 100)
    async with Store(f"sqlite:///{tmp_path}/facts.db") as store:
        with pytest.raises(DatabaseAway, match="not a database"):
            await upgrade(store)


async def test_an_older_database_with_facts_is_left_to_a_person(tmp_path):
    file = tmp_path / "facts.db"
    async with Store(f"sqlite:///{file}") as store:
        await upgrade(store)
        with sqlite3.connect(file) as raw:
            raw.execute("UPDATE alembic_version SET version_num = '0000'")
        raw.close()
        with pytest.raises(SchemaOld, match="0000: run `hotline db upgrade`"):
            await ready(store)


async def test_commits_are_synced_in_wal_mode(tmp_path):
    async with Store(f"sqlite:///{tmp_path}/facts.db") as store:
        await upgrade(store)
        async with store.reading() as connection:
            mode = (await connection.exec_driver_sql("PRAGMA journal_mode")).scalar_one()
            synced = (await connection.exec_driver_sql("PRAGMA synchronous")).scalar_one()
        assert (mode, synced) == ("wal", 2)
    assert sorted(os.listdir(tmp_path)) == ["facts.db"]


@pytest.mark.parametrize(
    ("address", "drivername"),
    [
        ("sqlite:///x.db", "sqlite+aiosqlite"),
        ("sqlite+pysqlite:///x.db", "sqlite+aiosqlite"),
        ("postgres://u:p@h/d", "postgresql+asyncpg"),
        ("postgresql://u:p@h/d", "postgresql+asyncpg"),
    ],
)
def test_an_address_gets_our_drivers(address, drivername):
    assert database_url(address).drivername == drivername


@pytest.mark.parametrize("address", ["", "secret", "mysql://u:secret@h/d", "sqlite://h:secret/x"])
def test_an_address_that_cannot_be_meant_is_told_without_its_password(address):
    with pytest.raises(DatabaseFault, match="DATABASE_URL") as caught:
        database_url(address)
    assert "secret" not in str(caught.value)
