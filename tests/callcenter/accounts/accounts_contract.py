"""What every database must do for accounts; on SQLite here, on PostgreSQL in tests/real."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest

from callcenter.accounts.account import Refused, Rules
from callcenter.accounts.accounts import Accounts, make_accounts
from callcenter.accounts.login import NOBODY, LoginRefused, Opened
from callcenter.accounts.second_factor import STEP_S
from callcenter.web.rights import Role
from reports import audit
from reports.store import Store
from tests.new_database import upgraded

PASSWORD = "Correct-horse7"
OTHER = "Battery-staple8"
RULES = Rules(lock_after=3, lock_s=600, session_s=7200, idle_s=1800)


class Clock:
    """Time that passes when told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 2, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_s(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class AccountsContract:
    """Subclasses give a fixture `address`: DATABASE_URL of an empty database for each test."""

    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()

    @pytest.fixture
    async def store(self, address: str) -> AsyncIterator[Store]:
        async with Store(address) as store:
            await upgraded(store)
            yield store

    @pytest.fixture
    async def accounts(self, store: Store, clock: Clock, tmp_path: Path) -> Accounts:
        made = make_accounts(store, tmp_path, RULES, clock=clock)
        await made.desk.add(
            "limei",
            display_name="李梅",
            roles=[Role.SUPERVISOR],
            password=PASSWORD,
            must_change=False,
            by="test",
        )
        return made

    async def enter(
        self, accounts: Accounts, password: str = PASSWORD, code: str | None = None
    ) -> Opened:
        return await accounts.logins.log_in(
            "limei", password, code, address="192.0.2.7", browser="Chromium"
        )

    async def refusal(self, accounts: Accounts, password: str, code: str | None = None) -> str:
        with pytest.raises(LoginRefused) as refused:
            await self.enter(accounts, password, code)
        return refused.value.error

    async def actions(self, store: Store) -> list[str]:
        return [one.action for one in await audit.entries(store)]

    async def test_who_logs_in_is_found_by_the_cookie_alone(
        self, accounts: Accounts, store: Store
    ) -> None:
        opened = await self.enter(accounts)
        found = await accounts.sessions.find(opened.token)
        assert found is not None
        session, account = found
        assert (account.display_name, session.address) == ("李梅", "192.0.2.7")
        assert account.last_login_at == account.created_at
        assert await accounts.sessions.find("guess") is None
        assert opened.token not in str(await accounts.sessions.of("limei"))
        assert await self.actions(store) == ["log_in", "user_added"]

    async def test_wrong_passwords_lock_even_the_right_one_out_for_a_time(
        self, accounts: Accounts, clock: Clock, store: Store
    ) -> None:
        errors = [await self.refusal(accounts, "wrong") for _ in range(3)]
        assert errors == ["wrong_login", "wrong_login", "locked"]
        assert await self.refusal(accounts, PASSWORD) == "locked"
        clock.pass_s(601)
        assert (await self.enter(accounts)).account.wrong == 0
        assert await self.actions(store) == ["log_in", *["log_in_refused"] * 4, "user_added"]

    async def test_tries_at_one_time_are_all_counted(self, accounts: Accounts) -> None:
        errors = await asyncio.gather(*(self.refusal(accounts, "wrong") for _ in range(5)))
        assert sorted(errors) == ["locked"] * 3 + ["wrong_login"] * 2

    async def test_a_name_that_nobody_has_is_refused_and_locked_like_any_other(
        self, accounts: Accounts, store: Store
    ) -> None:
        errors = []
        for _ in range(4):
            with pytest.raises(LoginRefused) as refused:
                await accounts.logins.log_in("Pa55word!", "x", None, address="", browser="")
            errors.append(refused.value.error)
        assert errors == ["wrong_login", "wrong_login", "locked", "locked"]
        assert {(one.by, one.subject) for one in (await audit.entries(store))[:4]} == {
            (NOBODY, NOBODY)
        }

    async def test_unlocked_by_an_administrator_one_may_try_again(self, accounts: Accounts) -> None:
        for _ in range(3):
            await self.refusal(accounts, "wrong")
        assert await self.refusal(accounts, PASSWORD) == "locked"
        await accounts.desk.unlock("limei", by="test", reason="本人来电")
        await self.enter(accounts)

    async def test_a_second_factor_is_asked_for_once_its_first_code_was_right(
        self, accounts: Accounts, clock: Clock
    ) -> None:
        secret, address = await accounts.desk.begin_second_factor("limei")
        assert address.startswith("otpauth://totp/12348") and secret in address
        await self.enter(accounts)  # not asked for before it is confirmed
        totp = pyotp.TOTP(secret)
        with pytest.raises(Refused, match="不正确"):
            await accounts.desk.confirm_second_factor("limei", "000000")
        await accounts.desk.confirm_second_factor("limei", totp.at(clock.now))
        assert await self.refusal(accounts, PASSWORD) == "code_needed"
        assert await self.refusal(accounts, PASSWORD, "  ") == "code_needed"
        assert await self.refusal(accounts, PASSWORD, totp.at(clock.now)) == "wrong_code"  # used
        clock.pass_s(STEP_S)
        code = totp.at(clock.now)
        await self.enter(accounts, code=f"{code[:3]} {code[3:]}")
        assert await self.refusal(accounts, PASSWORD, code) == "wrong_code"
        with pytest.raises(Refused, match="已启用"):
            await accounts.desk.begin_second_factor("limei")
        with pytest.raises(Refused, match="密码"):
            await accounts.desk.drop_own_second_factor("limei", password="wrong")
        await accounts.desk.drop_own_second_factor("limei", password=PASSWORD)
        await self.enter(accounts)

    async def test_wrong_codes_lock_like_wrong_passwords(
        self, accounts: Accounts, clock: Clock
    ) -> None:
        secret, _ = await accounts.desk.begin_second_factor("limei")
        await accounts.desk.confirm_second_factor("limei", pyotp.TOTP(secret).at(clock.now))
        errors = [await self.refusal(accounts, PASSWORD, "12 34") for _ in range(3)]
        assert errors == ["wrong_code", "wrong_code", "locked"]

    async def test_a_session_ends_by_time_and_by_idleness(
        self, accounts: Accounts, clock: Clock
    ) -> None:
        opened = await self.enter(accounts)
        for _ in range(4):
            clock.pass_s(1700)
            found = await accounts.sessions.find(opened.token)
            assert found is not None
            await accounts.sessions.touch(found[0].id)
        clock.pass_s(401)  # 7201 s since the log-in
        assert await accounts.sessions.find(opened.token) is None
        again = await self.enter(accounts)
        clock.pass_s(1800)
        assert await accounts.sessions.find(again.token) is None
        assert await accounts.sessions.of("limei") == []

    async def test_another_process_hears_of_log_out_and_of_lost_roles(
        self, accounts: Accounts, clock: Clock, store: Store, tmp_path: Path
    ) -> None:
        other = make_accounts(store, tmp_path, RULES, clock=clock)
        opened, second = await self.enter(accounts), await self.enter(accounts)
        assert await other.sessions.find(opened.token) is not None
        await accounts.desk.change(
            "limei",
            display_name="李梅",
            roles=[Role.QUALITY],
            seat=None,
            city="220100",
            by="test",
            reason="调岗",
        )
        clock.pass_s(3)
        found = await other.sessions.find(opened.token)
        assert found is not None and (found[1].roles, found[1].city) == ((Role.QUALITY,), "220100")
        assert await accounts.sessions.end("limei", but=second.session.id) == 1
        assert await accounts.sessions.find(opened.token) is None
        clock.pass_s(3)
        assert await other.sessions.find(opened.token) is None
        assert await other.sessions.find(second.token) is not None

    async def test_who_is_disabled_is_out_and_stays_out(
        self, accounts: Accounts, clock: Clock, store: Store
    ) -> None:
        opened = await self.enter(accounts)
        await accounts.desk.disable("limei", by="test", reason="离职")
        clock.pass_s(3)
        assert await accounts.sessions.find(opened.token) is None
        assert await self.refusal(accounts, PASSWORD) == "wrong_login"
        await accounts.desk.enable("limei", by="test", reason="返聘")
        await self.enter(accounts)
        (disabled,) = [one for one in await audit.entries(store) if one.action == "user_disabled"]
        assert (disabled.by, disabled.reason, disabled.subject) == ("test", "离职", "limei")
        assert disabled.before == "李梅；主管"

    async def test_passwords_are_changed_by_who_knows_the_old_one_and_never_come_back(
        self, accounts: Accounts
    ) -> None:
        change = accounts.desk.change_own_password
        with pytest.raises(Refused, match="原密码"):
            await change("limei", old="wrong", new=OTHER)
        with pytest.raises(Refused, match="最近用过"):
            await change("limei", old=PASSWORD, new=PASSWORD)
        await change("limei", old=PASSWORD, new=OTHER)
        with pytest.raises(Refused, match="最近用过"):
            await change("limei", old=OTHER, new=PASSWORD)
        assert await self.refusal(accounts, PASSWORD) == "wrong_login"
        await self.enter(accounts, OTHER)

    async def test_a_password_given_by_another_is_to_be_changed(self, accounts: Accounts) -> None:
        given = await accounts.desk.reset_password("limei", by="test", reason="忘记密码")
        account = (await self.enter(accounts, given)).account
        assert account.must_change_password(RULES, account.password_at)

    async def test_the_last_administrator_stays_and_nobody_raises_himself(
        self, accounts: Accounts
    ) -> None:
        add, desk = accounts.desk.add, accounts.desk
        await add("root1", display_name="甲", roles=[Role.ADMIN], by="test")
        with pytest.raises(Refused, match="最后一个"):
            await desk.disable("root1", by="test", reason="x")
        await add("root2", display_name="乙", roles=[Role.ADMIN], by="test")
        with pytest.raises(Refused, match="自己的角色"):
            await desk.change(
                "root2",
                display_name="乙",
                roles=[Role.ADMIN, Role.SUPERVISOR],
                seat=None,
                city=None,
                by="root2",
                reason="x",
            )
        with pytest.raises(Refused, match="自己的账号"):
            await desk.disable("root2", by="root2", reason="x")
        await desk.disable("root1", by="root2", reason="离职")
        with pytest.raises(Refused, match="已存在"):
            await add("root1", display_name="丙", roles=[Role.ADMIN], by="test")
        with pytest.raises(Refused, match="没有账号"):
            await desk.enable("nobody", by="test", reason="")

    async def test_the_database_alone_makes_no_code(
        self, accounts: Accounts, store: Store, clock: Clock, tmp_path: Path
    ) -> None:
        secret, _ = await accounts.desk.begin_second_factor("limei")
        kept = await accounts.store.find("limei")
        assert kept is not None and kept.totp is not None
        assert secret.lower() not in str(kept).lower()
        elsewhere = make_accounts(store, tmp_path / "other", RULES, clock=clock)
        with pytest.raises(Refused, match="不正确"):
            await elsewhere.desk.confirm_second_factor("limei", pyotp.TOTP(secret).at(clock.now))
