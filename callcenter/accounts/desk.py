"""What people do to accounts: their own, and an administrator to those of others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from callcenter.accounts import account as rules
from callcenter.accounts.account import Account, Refused
from callcenter.accounts.passwords import PasswordCheck, new_password
from callcenter.accounts.second_factor import SecondFactor
from callcenter.accounts.store import AccountStore, Decide
from callcenter.web.rights import Role

replace = msgspec.structs.replace


class AccountDesk:
    """Each method raises Refused, or DatabaseAway, and has changed nothing then."""

    def __init__(
        self,
        accounts: AccountStore,
        *,
        passwords: PasswordCheck,
        second_factor: SecondFactor,
        clock: Callable[[], datetime],
    ) -> None:
        self.accounts = accounts
        self.clock = clock
        self._passwords = passwords
        self._second_factor = second_factor

    async def add(
        self,
        name: str,
        *,
        display_name: str,
        roles: Sequence[Role],
        seat: str | None = None,
        city: str | None = None,
        password: str | None = None,
        must_change: bool = True,
        by: str,
        reason: str = "",
    ) -> str:
        """A new account; its password, made here unless given."""
        made_roles = rules.check_roles(roles)
        now, name = self.clock(), rules.check_name(name)
        if password is not None:
            rules.check_password(password, name)
        given = password or new_password()
        account = Account(
            name=name,
            display_name=rules.check_display_name(display_name),
            roles=made_roles,
            seat=rules.check_seat(seat, made_roles),
            city=city,
            password=await self._passwords.hashed(given),
            password_at=now,
            must_change=must_change,
            created_at=now,
        )
        await self.accounts.add(account, by=by, reason=reason, at=now)
        return given

    async def change(
        self,
        name: str,
        *,
        display_name: str,
        roles: Sequence[Role],
        seat: str | None,
        city: str | None,
        by: str,
        reason: str,
    ) -> Account:
        """Another name to be read, roles, seat or city. Nobody changes his own roles."""
        made_roles = rules.check_roles(roles)
        shown, place = rules.check_display_name(display_name), rules.check_seat(seat, made_roles)

        def decide(one: Account) -> Account:
            if by == one.name and made_roles != one.roles:
                raise Refused(
                    "own_roles", "不能更改自己的角色，请由其他管理员操作。", field="roles"
                )
            return replace(one, display_name=shown, roles=made_roles, seat=place, city=city)

        return await self._do(name, decide, "user_changed", by, reason)

    async def disable(self, name: str, *, by: str, reason: str) -> Account:
        """No log-in any more; who is in is out within seconds."""
        if name == by:
            raise Refused("own_account", "不能停用自己的账号。")
        return await self._do(
            name, lambda one: replace(one, is_disabled=True), "user_disabled", by, reason
        )

    async def enable(self, name: str, *, by: str, reason: str) -> Account:
        """The account may be used again."""
        return await self._do(
            name, lambda one: replace(one, is_disabled=False), "user_enabled", by, reason
        )

    async def unlock(self, name: str, *, by: str, reason: str) -> Account:
        """Wrong tries are forgotten."""
        return await self._do(
            name, lambda one: replace(one, wrong=0, locked_until=None), "user_unlocked", by, reason
        )

    async def note_log_out(self, name: str, *, by: str, reason: str) -> Account:
        """Written down; whoever asks ends the sessions."""
        return await self._do(name, lambda one: one, "user_logged_out", by, reason)

    async def reset_password(self, name: str, *, by: str, reason: str) -> str:
        """A new password, to be changed at the next log-in."""
        given = new_password()
        made = await self._passwords.hashed(given)
        now = self.clock()
        await self._do(
            name,
            lambda one: rules.with_password(one, made, now, by_other=True),
            "password_reset",
            by,
            reason,
        )
        return given

    async def remove_second_factor(self, name: str, *, by: str, reason: str) -> Account:
        """For a lost telephone: only the password is asked for until it is set up anew."""
        return await self._do(
            name,
            lambda one: replace(one, totp=None, totp_at=None),
            "second_factor_removed",
            by,
            reason,
        )

    async def change_own_password(self, name: str, *, old: str, new: str) -> None:
        """By who knows the old one; none of the last few again."""
        account = await self._found(name)
        if not await self._passwords.fits(account.password, old):
            raise Refused("wrong_password", "原密码不正确。", field="old")
        rules.check_password(new, name)
        for kept in (account.password, *account.earlier):
            if await self._passwords.fits(kept, new):
                raise Refused("used_password", "不能使用最近用过的密码。", field="password")
        made = await self._passwords.hashed(new)
        now = self.clock()

        def decide(one: Account) -> Account:
            return rules.with_password(one, made, now, by_other=False)

        await self._do(name, decide, "password_changed", name, "")

    async def begin_second_factor(self, name: str) -> tuple[str, str]:
        """A new secret in base32 and its otpauth:// address; asked for once a code is shown."""
        seed = self._second_factor.new_seed()

        def decide(one: Account) -> Account:
            if one.has_second_factor:
                raise Refused("has_second_factor", "已启用动态验证码；如需更换，请先停用。")
            return replace(one, totp=seed, totp_at=None)

        await self.accounts.change(name, decide, at=self.clock())
        return self._second_factor.secret(seed), self._second_factor.address(seed, name)

    async def confirm_second_factor(self, name: str, code: str) -> None:
        """The person's telephone makes the right codes: they are asked for from now on."""
        now = self.clock()

        def decide(one: Account) -> Account:
            if one.totp is None or one.has_second_factor:
                raise Refused("not_begun", "请先生成二维码。")
            step = self._second_factor.step_of(one.totp, code, after=0, now=now)
            if step is None:
                raise Refused("wrong_code", "动态验证码不正确，请核对手机时间。", field="code")
            return replace(one, totp_at=now, totp_step=step)

        await self._do(name, decide, "second_factor_added", name, "")

    async def drop_own_second_factor(self, name: str, *, password: str) -> None:
        """By who knows the password."""
        account = await self._found(name)
        if not await self._passwords.fits(account.password, password):
            raise Refused("wrong_password", "密码不正确。", field="password")
        await self.remove_second_factor(name, by=name, reason="本人停用")

    async def _found(self, name: str) -> Account:
        account = await self.accounts.find(name)
        if account is None:
            raise Refused("user_unknown", f"没有账号 {name}。")
        return account

    async def _do(self, name: str, decide: Decide, action: str, by: str, reason: str) -> Account:
        return await self.accounts.change(
            name, decide, action=action, by=by, reason=reason, at=self.clock()
        )
