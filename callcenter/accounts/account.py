"""An account and its rules: names, passwords, lock-out, second factor. No clock, no database."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from callcenter.web.rights import Role

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{1,31}")
_SEAT = re.compile(r"[0-9]{2,8}")
ROLE_WORDS = {
    **{Role.SEAT: "坐席", Role.SUPERVISOR: "主管", Role.QUALITY: "质检"},
    **{Role.ADMIN: "管理员", Role.AUDITOR: "审计"},
}
SHORTEST, LONGEST, LONG_ENOUGH = 10, 128, 16  # characters; from LONG_ENOUGH on of any kind
KINDS = 3  # of small letters, capitals, digits and all else
REMEMBERED = 5  # earlier passwords that may not come back
_GUESSED_FIRST = ("password", "qwerty", "123456", "12348", "admin", "111111", "abc123", "000000")


class Refused(Exception):
    """What cannot be done with an account. `error` is a stable id, `field` the form's field."""

    def __init__(self, error: str, message: str, *, field: str = "") -> None:
        """`message`: one Chinese sentence."""
        super().__init__(message)
        self.error = error
        self.message = message
        self.field = field


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator demands of log-ins; the settings fill it."""

    lock_after: int = 5
    """Wrong passwords or codes in a row."""
    lock_s: int = 900
    password_days: int = 90
    """0: a password never grows old."""
    session_s: int = 12 * 3600
    idle_s: int = 30 * 60
    second_factor: frozenset[Role] = frozenset()
    """Who has one of these roles must have a second factor."""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may log in. Times are aware UTC."""

    name: str
    display_name: str
    roles: tuple[Role, ...]
    password: str
    """Argon2id with its parameters and salt."""
    password_at: datetime
    created_at: datetime
    seat: str | None = None
    city: str | None = None
    """GB/T 2260 code that a supervisor is limited to; None: the whole province."""
    must_change: bool = False
    """The password was given by somebody else."""
    earlier: tuple[str, ...] = ()
    totp: str | None = None
    """What the second factor's secret is derived from (`second_factor.py`)."""
    totp_at: datetime | None = None
    """When its first code was shown; before that it is not asked for."""
    totp_step: int = 0
    """The newest half minute whose code was used: a code works once."""
    wrong: int = 0
    locked_until: datetime | None = None
    is_disabled: bool = False
    last_login_at: datetime | None = None

    @property
    def has_second_factor(self) -> bool:
        """Is a code asked for at log-in?"""
        return self.totp is not None and self.totp_at is not None

    def is_locked(self, now: datetime) -> bool:
        """After too many wrong tries, for a time."""
        return self.locked_until is not None and now < self.locked_until

    def must_change_password(self, rules: Rules, now: datetime) -> bool:
        """Is nothing else open to this person before the password is changed?"""
        if self.must_change:
            return True
        old = timedelta(days=rules.password_days)
        return bool(rules.password_days) and now - self.password_at > old

    def must_add_second_factor(self, rules: Rules) -> bool:
        """Is nothing else open to this person before a second factor is set up?"""
        return not self.has_second_factor and bool(rules.second_factor.intersection(self.roles))


def after_wrong_try(account: Account, rules: Rules, now: datetime) -> Account:
    """One more wrong password or code; the last one locks, and the count begins anew."""
    wrong = account.wrong + 1
    if wrong < rules.lock_after:
        return msgspec.structs.replace(account, wrong=wrong)
    until = now + timedelta(seconds=rules.lock_s)
    return msgspec.structs.replace(account, wrong=0, locked_until=until)


def after_log_in(account: Account, now: datetime, *, step: int | None) -> Account:
    """Wrong tries are forgotten; `step`: the half minute of the code that was shown."""
    return msgspec.structs.replace(
        account,
        wrong=0,
        locked_until=None,
        last_login_at=now,
        totp_step=account.totp_step if step is None else step,
    )


def with_password(account: Account, hashed: str, now: datetime, *, by_other: bool) -> Account:
    """A new password; one that somebody else chose must be changed at the next log-in."""
    return msgspec.structs.replace(
        account,
        password=hashed,
        password_at=now,
        must_change=by_other,
        earlier=(account.password, *account.earlier)[:REMEMBERED],
        wrong=0,
        locked_until=None,
    )


def check_name(name: str) -> str:
    """The name to log in with, small letters. Raises Refused."""
    made = name.strip().lower()
    if not _NAME.fullmatch(made):
        raise Refused(
            "wrong_name",
            "账号名须为 2 至 32 位小写字母、数字、点、下划线或连字符，以字母或数字开头。",
            field="name",
        )
    return made


def check_display_name(name: str) -> str:
    """What other people read. Raises Refused."""
    made = name.strip()
    if not 1 <= len(made) <= 40 or not made.isprintable():
        raise Refused("wrong_display_name", "姓名须为 1 至 40 个字。", field="display_name")
    return made


def check_roles(roles: Iterable[Role]) -> tuple[Role, ...]:
    """At least one; who looks after others' doings does none himself. Raises Refused."""
    given = set(roles)
    made = tuple(role for role in Role if role in given)
    if not made:
        raise Refused("no_role", "至少选择一个角色。", field="roles")
    if Role.AUDITOR in made and len(made) > 1:
        raise Refused("auditor_alone", "审计员不能兼任其他角色（三权分立）。", field="roles")
    return made


def check_seat(seat: str | None, roles: Iterable[Role]) -> str | None:
    """A seat person has a seat. Raises Refused."""
    if seat is not None and not _SEAT.fullmatch(seat):
        raise Refused("wrong_seat", "坐席号须为 2 至 8 位数字。", field="seat")
    if seat is None and Role.SEAT in roles:
        raise Refused("no_seat", "坐席角色须填写坐席号。", field="seat")
    return seat


def check_password(password: str, name: str) -> None:
    """Is the password hard enough to guess? Raises Refused with what is missing."""

    def refuse(message: str) -> None:
        raise Refused("weak_password", message, field="password")

    if not SHORTEST <= len(password) <= LONGEST:
        refuse(f"密码须为 {SHORTEST} 至 {LONGEST} 位。")
    found = sum(
        (
            any(c.islower() for c in password),
            any(c.isupper() for c in password),
            any(c.isdigit() for c in password),
            any(not c.isalnum() for c in password),
        )
    )
    if found < KINDS and len(password) < LONG_ENOUGH:
        refuse(f"密码须含大写字母、小写字母、数字、符号中的至少三种，或不少于 {LONG_ENOUGH} 位。")
    if len(set(password)) < SHORTEST // 2:
        refuse("密码中重复的字符过多。")
    plain = password.lower()
    if name in plain or any(word in plain for word in _GUESSED_FIRST):
        refuse("密码不能包含账号名或常见密码。")
