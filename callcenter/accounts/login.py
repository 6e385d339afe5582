"""Logging in: password, second factor, lock-out; each try is written down."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from callcenter.accounts.account import Account, Refused, after_log_in, after_wrong_try
from callcenter.accounts.passwords import PasswordCheck
from callcenter.accounts.second_factor import SecondFactor
from callcenter.accounts.sessions import Session, Sessions
from callcenter.accounts.store import AccountStore
from reports.audit import Entry

_STRANGERS = 1000  # names nobody has, whose wrong tries are remembered
NOBODY = "未知账号"  # a name that nobody has may be a password typed into the wrong field


class LoginRefused(Exception):
    """`error`: wrong_login, code_needed, wrong_code, locked."""

    def __init__(self, error: str, message: str) -> None:
        """`message`: one Chinese sentence that tells a stranger nothing about the account."""
        super().__init__(message)
        self.error = error
        self.message = message


def _wrong() -> LoginRefused:
    return LoginRefused("wrong_login", "账号或密码不正确。")


@dataclass(frozen=True, slots=True)
class Opened:
    """A log-in that went well; `token` goes into the cookie and is kept nowhere."""

    token: str
    session: Session
    account: Account


@dataclass(slots=True)
class _Tries:
    lock: asyncio.Lock
    nobody: Account | None = None


class LoginDesk:
    """Lets people in. Tries for one name come one after the other, so that none is uncounted."""

    def __init__(
        self,
        accounts: AccountStore,
        sessions: Sessions,
        *,
        passwords: PasswordCheck,
        second_factor: SecondFactor,
        clock: Callable[[], datetime],
    ) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._rules = sessions.rules
        self._passwords = passwords
        self._second_factor = second_factor
        self._clock = clock
        self._tries: OrderedDict[str, _Tries] = OrderedDict()

    async def log_in(
        self, name: str, password: str, code: str | None, *, address: str, browser: str
    ) -> Opened:
        """A new session. Raises LoginRefused, or DatabaseAway."""
        name = name.strip().lower()
        async with self._of(name).lock:
            account = await self._accounts.find(name)
            if account is None:
                return await self._refuse_stranger(name, password, address)
            if account.is_locked(self._clock()):
                await self._write_refusal(account, address, "锁定期间尝试")
                raise self._locked(account)
            if not await self._passwords.fits(account.password, password):
                await self._count(account, address, "密码不正确")
                raise _wrong()
            if account.is_disabled:
                await self._write_refusal(account, address, "账号已停用")
                raise _wrong()
            step = await self._check_code(account, code, address)
            return await self._open(account, step, address, browser)

    async def _check_code(self, account: Account, code: str | None, address: str) -> int | None:
        if account.totp is None or account.totp_at is None:
            return None
        if not code or not code.strip():
            raise LoginRefused("code_needed", "请输入身份验证器中的六位动态验证码。")
        now = self._clock()
        seed, last = account.totp, account.totp_step
        step = self._second_factor.step_of(seed, code, after=last, now=now)
        if step is None:
            await self._count(account, address, "动态验证码不正确")
            raise LoginRefused("wrong_code", "动态验证码不正确或已用过，请输入新的验证码。")
        return step

    async def _open(self, account: Account, step: int | None, address: str, browser: str) -> Opened:
        now = self._clock()

        def decide(one: Account) -> Account:
            # Another process may have seen the last wrong try, or this very code, meanwhile.
            if one.is_locked(now) or one.is_disabled or (step and step <= one.totp_step):
                raise Refused("too_late", "")
            return after_log_in(one, now, step=step)

        try:
            made = await self._accounts.change(
                account.name,
                decide,
                action="log_in",
                by=account.name,
                reason=_from(address),
                at=now,
            )
        except Refused:
            raise _wrong() from None
        token, session = await self._sessions.open(made, address=address, browser=browser)
        return Opened(token, session, made)

    async def _count(self, account: Account, address: str, why: str) -> None:
        """Raises LoginRefused when this was the try that locks."""
        now = self._clock()
        made = await self._accounts.change(
            account.name,
            lambda one: after_wrong_try(one, self._rules, now),
            action="log_in_refused",
            by=account.name,
            reason=f"{why}；{_from(address)}",
            at=now,
        )
        if made.is_locked(now):
            raise self._locked(made)

    async def _write_refusal(self, account: Account, address: str, why: str) -> None:
        await self._accounts.write_down(
            Entry(
                at=self._clock(),
                by=account.name,
                action="log_in_refused",
                subject=account.name,
                reason=f"{why}；{_from(address)}",
            )
        )

    async def _refuse_stranger(self, name: str, password: str, address: str) -> Opened:
        """Like a name that somebody has: as slow, and locked as soon."""
        tries, now = self._of(name), self._clock()
        nobody = tries.nobody or _nobody(now)
        is_locked = nobody.is_locked(now)
        if not is_locked:
            await self._passwords.fits(None, password)
            nobody = after_wrong_try(nobody, self._rules, now)
        tries.nobody = nobody
        entry = Entry(
            at=now, by=NOBODY, action="log_in_refused", subject=NOBODY, reason=_from(address)
        )
        await self._accounts.write_down(entry)
        raise self._locked(nobody) if nobody.is_locked(now) else _wrong()

    def _locked(self, account: Account) -> LoginRefused:
        assert account.locked_until is not None
        left_s = (account.locked_until - self._clock()).total_seconds()
        minutes = max(1, -(-int(left_s) // 60))
        return LoginRefused(
            "locked", f"连续输错次数过多，账号已锁定，请 {minutes} 分钟后再试，或请管理员解锁。"
        )

    def _of(self, name: str) -> _Tries:
        tries = self._tries.pop(name, None) or _Tries(asyncio.Lock())
        self._tries[name] = tries
        while len(self._tries) > _STRANGERS:
            self._tries.popitem(last=False)
        return tries


def _nobody(now: datetime) -> Account:
    return Account(name="", display_name="", roles=(), password="", password_at=now, created_at=now)


def _from(address: str) -> str:
    return f"来自 {address}" if address else "来源地址未知"
