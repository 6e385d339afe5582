"""Records of calls on SQLite."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reports.records_contract import RecordsContract


class TestRecords(RecordsContract):
    @pytest.fixture
    def address(self, tmp_path: Path) -> str:
        return f"sqlite+aiosqlite:///{tmp_path}/r.db"
