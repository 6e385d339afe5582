"""People who log in to the application of the web side's tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestClient

from callcenter.accounts.account import Rules
from callcenter.accounts.accounts import Accounts, make_accounts
from callcenter.web.rights import Role
from reports.store import Store
from tests.new_database import upgraded

PASSWORD = "Correct-horse7"
RULES = Rules(lock_after=3, lock_s=600, session_s=7200, idle_s=1800)


class Clock:
    """The present, and more when told."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def pass_s(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)


@dataclass
class People:
    """Accounts over a database of their own, with the clock that they go by."""

    store: Store
    accounts: Accounts
    clock: Clock

    async def add(
        self,
        role: Role,
        name: str | None = None,
        *,
        seat: str | None = None,
        city: str | None = None,
        must_change: bool = False,
    ) -> str:
        """Somebody of this role with PASSWORD; the name."""
        made = name or role.value
        await self.accounts.desk.add(
            made,
            display_name=made,
            roles=[role],
            seat=seat or ("8001" if role is Role.SEAT else None),
            city=city,
            password=PASSWORD,
            must_change=must_change,
            by="test",
        )
        return made


async def people_in(folder: Path, rules: Rules = RULES) -> People:
    """Nobody yet."""
    store = Store(f"sqlite:///{folder}/people.db")
    await upgraded(store)
    clock = Clock()
    return People(store, make_accounts(store, folder, rules, clock=clock), clock)


async def enter(
    client: TestClient[Any, Any], name: str, password: str = PASSWORD, code: str | None = None
) -> dict[str, str]:
    """Log in; the client keeps the cookie, and these headers make its changes come from a page."""
    body = {"name": name, "password": password, "code": code}
    origin = {"Origin": str(client.make_url("/")).rstrip("/")}
    answer = await client.post("/api/v1/login", json=body, headers=origin)
    assert answer.status == 200, await answer.text()
    return origin
