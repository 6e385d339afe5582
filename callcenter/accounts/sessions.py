"""Who is logged in: in the database, so that it outlives a restart; in memory for a few seconds.

While the database is away those who are logged in stay so: calls need their seats.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import delete, insert, select, update

from callcenter.accounts.account import Account, Rules
from callcenter.accounts.store import AccountStore
from reports import tables
from reports.store import DatabaseAway, Store

FRESH = timedelta(seconds=2)  # for so long a log-out elsewhere, or a lost role, may go unnoticed
NOTED = timedelta(seconds=60)  # how often the database hears that somebody is still there
_BROWSER = 200  # characters of a browser's name that are kept


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One log-in in one browser. Times are aware UTC."""

    id: str
    """Digest of the cookie."""
    name: str
    created_at: datetime
    seen_at: datetime
    ends_at: datetime
    address: str
    browser: str

    def is_over(self, rules: Rules, now: datetime) -> bool:
        """Ended, or nobody has touched anything for too long."""
        return now >= self.ends_at or now - self.seen_at >= timedelta(seconds=rules.idle_s)


@dataclass(slots=True)
class _Held:
    session: Session
    account: Account
    read_at: datetime
    noted_at: datetime


class Sessions:
    """Opens, finds and ends sessions. One object for each process."""

    def __init__(
        self,
        store: Store,
        accounts: AccountStore,
        *,
        rules: Rules,
        clock: Callable[[], datetime],
    ) -> None:
        self.rules = rules
        self._store = store
        self._accounts = accounts
        self._clock = clock
        self._held: dict[str, _Held] = {}

    async def open(self, account: Account, *, address: str, browser: str) -> tuple[str, Session]:
        """The cookie and its session. Raises DatabaseAway."""
        now = self._clock()
        token = secrets.token_urlsafe(32)
        session = Session(
            id=_digest(token),
            name=account.name,
            created_at=now,
            seen_at=now,
            ends_at=now + timedelta(seconds=self.rules.session_s),
            address=address,
            browser="".join(c for c in browser if c.isprintable())[:_BROWSER],
        )
        kept = tables.sessions
        async with self._store.writing() as connection:
            idle = now - timedelta(seconds=self.rules.idle_s)
            over = (kept.c.ends_at <= now) | (kept.c.seen_at <= idle)
            await connection.execute(delete(kept).where(over))
            await connection.execute(insert(kept), msgspec.structs.asdict(session))
        self._held[session.id] = _Held(session, account, now, now)
        return token, session

    async def find(self, token: str) -> tuple[Session, Account] | None:
        """The session of a cookie with its account as it is now; None: log in anew."""
        return await self.look(_digest(token))

    async def look(self, session_id: str) -> tuple[Session, Account] | None:
        """As `find`, by the session's id: for streams that ask whether they may go on."""
        now = self._clock()
        held = self._held.get(session_id)
        if held is None or now - held.read_at >= FRESH:
            try:
                held = await self._read(session_id, held)
            except DatabaseAway:
                if held is None:
                    raise
        if held is None or held.account.is_disabled or held.session.is_over(self.rules, now):
            self._held.pop(session_id, None)
            return None
        return held.session, held.account

    async def touch(self, session_id: str) -> None:
        """A person is there: the idle limit begins anew."""
        held = self._held.get(session_id)
        if held is None:
            return
        now = self._clock()
        held.session = msgspec.structs.replace(held.session, seen_at=now)
        if now - held.noted_at < NOTED:
            return
        held.noted_at = now
        kept = tables.sessions
        try:
            async with self._store.writing() as connection:
                await connection.execute(
                    update(kept).where(kept.c.id == session_id).values(seen_at=now)
                )
        except DatabaseAway:
            pass  # what memory knows holds until the next minute's try

    async def of(self, name: str | None = None) -> list[Session]:
        """Who is logged in, the newest first; `name`: in this account only. Raises DatabaseAway."""
        kept = tables.sessions
        asked = select(kept).order_by(kept.c.seen_at.desc())
        if name is not None:
            asked = asked.where(kept.c.name == name)
        async with self._store.reading() as connection:
            found = [_session(row) for row in (await connection.execute(asked)).mappings()]
        now = self._clock()
        newest = [self._newest(one) for one in found]
        return [one for one in newest if not one.is_over(self.rules, now)]

    async def end(self, name: str, *, only: str | None = None, but: str | None = None) -> int:
        """End a person's sessions: all, `only` this one, or all `but` this one; how many.

        Raises DatabaseAway.
        """
        kept = tables.sessions
        which = kept.c.name == name
        if only is not None:
            which &= kept.c.id == only
        if but is not None:
            which &= kept.c.id != but
        async with self._store.writing() as connection:
            asked = delete(kept).where(which).returning(kept.c.id)
            ended = list((await connection.execute(asked)).scalars())
        for session_id in ended:
            self._held.pop(session_id, None)
        return len(ended)

    def forget(self, session_id: str) -> None:
        """Look into the database at the next request: the account has just changed."""
        held = self._held.get(session_id)
        if held is not None:
            held.read_at -= FRESH

    async def _read(self, session_id: str, held: _Held | None) -> _Held | None:
        kept = tables.sessions
        async with self._store.reading() as connection:
            asked = select(kept).where(kept.c.id == session_id)
            row = (await connection.execute(asked)).mappings().first()
        account = None if row is None else await self._accounts.find(row["name"])
        if row is None or account is None:
            return None
        session, now = self._newest(_session(row)), self._clock()
        made = _Held(session, account, now, held.noted_at if held else row["seen_at"])
        self._held[session_id] = made
        return made

    def _newest(self, session: Session) -> Session:
        held = self._held.get(session.id)
        if held is None or held.session.seen_at <= session.seen_at:
            return session
        return held.session


def _session(row: Any) -> Session:
    return Session(**row)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
