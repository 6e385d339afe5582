"""The audit trail on SQLite: kept for ever."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from reports import audit, tables
from reports.audit import Entry
from reports.store import Store
from tests.new_database import upgraded
from tests.reports.audit_contract import AuditContract

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ONE = Entry(
    at=AT, by="王强", action="release_seat", subject="8001", reason="卡住", before="talking"
)


async def test_entries_come_back_newest_first_and_never_change(tmp_path: Path) -> None:
    async with Store(f"sqlite+aiosqlite:///{tmp_path}/a.db") as store:
        await upgraded(store)
        await audit.write(store, ONE)
        await audit.write(store, Entry(at=AT, by="李梅", action="x", subject="8002", reason="y"))
        assert [one.by for one in await audit.entries(store)] == ["李梅", "王强"]
        assert await audit.entries(store, subject="8001") == [ONE]
        for change in (delete(tables.audit), update(tables.audit).values(reason="z")):
            with pytest.raises(Exception, match="never deleted or changed"):
                async with store.writing() as connection:
                    await connection.execute(change)
        assert await audit.entries(store, subject="8001") == [ONE]


class TestAudit(AuditContract):
    """As a chain."""

    @pytest.fixture
    def address(self, tmp_path):
        return f"sqlite:///{tmp_path}/facts.db"
