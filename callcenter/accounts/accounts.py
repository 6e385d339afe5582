"""All of accounts put together, for the web side and for `hotline user`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from callcenter.accounts.account import Rules
from callcenter.accounts.desk import AccountDesk
from callcenter.accounts.login import LoginDesk
from callcenter.accounts.passwords import PasswordCheck
from callcenter.accounts.second_factor import load_second_factor
from callcenter.accounts.sessions import Sessions
from callcenter.accounts.store import AccountStore
from reports.store import Store


@dataclass(frozen=True)
class Accounts:
    """Who may log in, who is logged in, and what can be done about it."""

    rules: Rules
    store: AccountStore
    desk: AccountDesk
    sessions: Sessions
    logins: LoginDesk


def make_accounts(
    store: Store,
    home: Path,
    rules: Rules,
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Accounts:
    """Over this database, with the key of second factors in `home`. Raises OSError."""
    accounts = AccountStore(store)
    passwords, second_factor = PasswordCheck(), load_second_factor(home)
    sessions = Sessions(store, accounts, rules=rules, clock=clock)
    return Accounts(
        rules=rules,
        store=accounts,
        desk=AccountDesk(accounts, passwords=passwords, second_factor=second_factor, clock=clock),
        sessions=sessions,
        logins=LoginDesk(
            accounts, sessions, passwords=passwords, second_factor=second_factor, clock=clock
        ),
    )
