"""Accounts, log-ins and sessions on SQLite; the database away; limits; passwords."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from callcenter.accounts.accounts import Accounts
from callcenter.accounts.demo import add_demo_people, demo_people
from callcenter.accounts.limits import Buckets, Limit
from callcenter.accounts.passwords import fits, hashed, new_password
from callcenter.accounts.second_factor import FILE, load_second_factor
from callcenter.province import load_province
from callcenter.settings import DEMO_PROVINCE
from reports.store import DatabaseAway, Store
from tests.callcenter.accounts.accounts_contract import PASSWORD, AccountsContract, Clock


class TestOnSqlite(AccountsContract):
    @pytest.fixture
    def address(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path}/accounts.db"

    async def test_who_is_in_stays_in_while_the_database_is_away(
        self, accounts: Accounts, clock: Clock, store: Store
    ) -> None:
        opened = await self.enter(accounts)
        assert store.file is not None
        store.file.rename(store.file.with_suffix(".away"))
        clock.pass_s(120)
        found = await accounts.sessions.find(opened.token)
        assert found is not None
        await accounts.sessions.touch(found[0].id)
        with pytest.raises(DatabaseAway):
            await self.enter(accounts)
        clock.pass_s(1800)
        with pytest.raises(DatabaseAway):  # whether it is over cannot be known, so nobody is in
            await accounts.sessions.find("another")

    async def test_the_demo_has_somebody_for_each_seat_and_role(
        self, accounts: Accounts, tmp_path: Path
    ) -> None:
        people = demo_people(load_province(DEMO_PROVINCE).seats)
        made = await add_demo_people(accounts.desk, people, tmp_path)
        assert {"8001", "8904", "supervisor", "auditor"} <= made.keys()
        assert await add_demo_people(accounts.desk, people, tmp_path) == {}
        kept = tmp_path / "seats.json"
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert made["8001"] in kept.read_text()
        opened = await accounts.logins.log_in("8001", made["8001"], None, address="", browser="")
        assert (opened.account.seat, opened.account.must_change) == ("8001", False)
        assert len(set(made.values())) == len(made) and PASSWORD not in made.values()


def test_a_bucket_gives_its_burst_at_once_and_then_by_the_second() -> None:
    now = [0.0]
    buckets = Buckets(Limit(a_second=2, burst=3), clock=lambda: now[0])
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert buckets.take("b") == 0
    now[0] = 0.5
    assert [buckets.take("a") for _ in range(2)] == [0, 0.5]
    now[0] = 1000
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 0.5]


def test_a_password_is_kept_as_argon2id_with_a_salt_of_its_own() -> None:
    one, other = hashed("x"), hashed("x")
    assert one != other and one.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert fits(one, "x") and not fits(one, "y") and not fits("no hash", "x")


def test_made_passwords_are_long_and_never_the_same() -> None:
    made = {new_password() for _ in range(50)}
    assert len(made) == 50 and all(len(one) == 23 for one in made)


def test_the_key_of_second_factors_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    first = load_second_factor(tmp_path / "home").secret("seed")
    assert load_second_factor(tmp_path / "home").secret("seed") == first
    path = tmp_path / "home" / FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == [FILE]
