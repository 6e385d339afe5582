"""The blacklist on SQLite."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.callcenter.blacklist_contract import BlacklistContract


class TestSqlite(BlacklistContract):
    @pytest.fixture
    def address(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path}/facts.db"
