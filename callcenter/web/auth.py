"""Who asks: the bearer of the API key or of its cookie, or a person with a session."""

import hmac
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from callcenter.accounts.account import Account
from callcenter.accounts.accounts import Accounts
from callcenter.accounts.sessions import Session
from callcenter.web.errors import ApiFault
from callcenter.web.person import KEY_BEARER, Person, rights_of
from callcenter.web.rights import Right
from callcenter.web.seal import SEAL
from callcenter.web.web_parts import PARTS
from reports.store import DatabaseAway

COOKIE = "hotline_key"
SESSION_COOKIE = "hotline_session"
_LIMITED = frozenset({Right.SELF})


class KeyFault(Exception):
    """api.key cannot be used; the message says why."""


def load_api_key(home: Path) -> str:
    """The key in HOME/api.key, made on first use with mode 0600; raises KeyFault."""
    path = home / "api.key"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        draft = home / f"api.key.{os.getpid()}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
        try:
            # link, not rename: of two processes that start together the first key stays
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    key = path.read_text(encoding="utf-8").strip()
    if len(key) < 20:
        raise KeyFault(f"{path}: shorter than 20 characters; delete it to have one made")
    return key


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks, and by which log-in; the API key has none."""

    person: Person
    session: Session | None = None
    account: Account | None = None
    is_passed_on: bool = False
    """Another controller asks in his name."""


VISITOR = web.RequestKey("visitor", Visitor)  # where the guard leaves it, for accounts' own routes


class Gate:
    """Knows the API key and who is logged in."""

    def __init__(self, *, key: str, accounts: Accounts | None = None) -> None:
        """`key`: the API key; without `accounts` nobody but its bearer comes in."""
        self._key = key.encode()
        self.accounts = accounts
        # the cookie is derived, so the key itself is not kept in the browser
        self.cookie = hmac.new(self._key, b"hotline cookie v1", "sha256").hexdigest()

    def is_key(self, offered: str) -> bool:
        """Compare without telling by time how much was right."""
        return hmac.compare_digest(offered.encode(), self._key)

    def has_bearer(self, request: web.Request) -> bool:
        """Is the API key in the Authorization header?"""
        scheme, _, offered = request.headers.get("Authorization", "").partition(" ")
        return scheme.lower() == "bearer" and self.is_key(offered.strip())

    async def person(self, request: web.Request) -> Person | None:
        """Who asks; None for a stranger. Raises ApiFault 503 while that cannot be known."""
        visitor = await self.visitor(request)
        return visitor.person if visitor else None

    async def visitor(self, request: web.Request) -> Visitor | None:
        """Who asks; None for a stranger. Raises ApiFault 503 while that cannot be known."""
        if self.has_bearer(request):
            return Visitor(KEY_BEARER)
        peers = request.app[PARTS].peers
        if peers is not None and SEAL in request.headers:
            person = await peers.asked_for(request)
            return Visitor(person, is_passed_on=True) if person else None
        if token := request.cookies.get(SESSION_COOKIE):
            if (found := await self._logged_in(token)) is not None:
                return found
        offered = request.cookies.get(COOKIE, "").encode()
        if hmac.compare_digest(offered, self.cookie.encode()):
            return Visitor(KEY_BEARER)
        return None

    async def _logged_in(self, token: str) -> Visitor | None:
        if self.accounts is None:
            return None
        try:
            found = await self.accounts.sessions.find(token)
        except DatabaseAway:
            raise ApiFault(
                503, "database_away", "数据库暂不可用，无法核对登录，请稍后再试。"
            ) from None
        if found is None:
            return None
        session, account = found
        return Visitor(self.person_of(account, session), session, account)

    def person_of(self, account: Account, session: Session) -> Person:
        """With the rights of the roles; next to none before password or second factor is mended."""
        assert self.accounts is not None
        rules, now = self.accounts.rules, datetime.now(UTC)
        is_limited = account.must_change_password(rules, now) or account.must_add_second_factor(
            rules
        )
        return Person(
            name=account.name,
            display_name=account.display_name,
            roles=frozenset(account.roles),
            rights=_LIMITED if is_limited else rights_of(account.roles),
            seat=account.seat,
            city=account.city,
            session=session.id,
            is_limited=is_limited,
        )


GATE = web.AppKey("gate", Gate)
