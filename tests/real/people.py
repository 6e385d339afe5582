"""People with accounts in a house of tests: made in its database, logged in over HTTP."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.cookies import SimpleCookie

from callcenter.accounts.accounts import make_accounts
from callcenter.settings import Settings
from callcenter.web.rights import Role
from reports.store import Store
from tests.real.house import House

SESSION = "hotline_session"


def make_person(
    settings: Settings,
    name: str,
    role: Role | str,
    seat: str | None = None,
    city: str | None = None,
) -> str:
    """An account in the house's database; its password, which need not be changed.

    May be called with an event loop running or without one.
    """

    async def add() -> str:
        async with Store(settings.database_url) as store:
            accounts = make_accounts(store, settings.home, settings.log_in_rules)
            return await accounts.desk.add(
                name,
                display_name=name,
                roles=[Role(role)],
                seat=seat,
                city=city,
                must_change=False,
                by="test",
            )

    with ThreadPoolExecutor(1) as beside:
        return beside.submit(asyncio.run, add()).result()


def log_in(house: House, name: str, password: str, code: str | None = None) -> dict[str, str]:
    """Log in; the headers (session cookie and Origin) that make a request this person's."""
    origin = f"http://{house.settings.web}"
    request = urllib.request.Request(
        f"{origin}/api/v1/login",
        data=json.dumps({"name": name, "password": password, "code": code}).encode(),
        headers={"Content-Type": "application/json", "Origin": origin},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        cookie = SimpleCookie(answer.headers["Set-Cookie"])[SESSION]
    return {"Cookie": f"{SESSION}={cookie.value}", "Origin": origin}
