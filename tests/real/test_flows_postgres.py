"""Flows, routing policies, the blacklist and accounts on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.callcenter.accounts.accounts_contract import AccountsContract
from tests.callcenter.blacklist_contract import BlacklistContract
from tests.callcenter.flow_desk_contract import FlowDeskContract
from tests.callcenter.policy_desk_contract import PolicyDeskContract
from tests.reports.private_postgres import PrivatePostgres, private_postgres


@pytest.fixture(scope="module")
def server() -> Iterator[PrivatePostgres]:
    with private_postgres() as server:
        yield server


class TestPostgres(FlowDeskContract):
    @pytest.fixture
    def address(self, server: PrivatePostgres) -> str:
        return server.new_database()


class TestPolicies(PolicyDeskContract):
    @pytest.fixture
    def address(self, server: PrivatePostgres) -> str:
        return server.new_database()


class TestBlacklist(BlacklistContract):
    @pytest.fixture
    def address(self, server: PrivatePostgres) -> str:
        return server.new_database()


class TestAccounts(AccountsContract):
    @pytest.fixture
    def address(self, server: PrivatePostgres) -> str:
        return server.new_database()
