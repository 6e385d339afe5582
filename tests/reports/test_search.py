import pytest

from tests.reports.search_contract import SearchContract


class TestSqlite(SearchContract):
    @pytest.fixture
    def address(self, tmp_path):
        return f"sqlite:///{tmp_path}/facts.db"
