"""A supervisor logs out whoever sits at a seat: the desk, its telephone and the log-in itself."""

from __future__ import annotations

from callcenter.accounts.account import Refused
from callcenter.accounts.accounts import Accounts
from callcenter.desks import Desks
from callcenter.supervision import By
from callcenter.web.desk_models import LoggedOut
from callcenter.web.feed import Audience, Feed


class PutOut:
    """One per process."""

    def __init__(self, feed: Feed, desks: Desks, accounts: Accounts) -> None:
        """`feed`: by which the person's pages hear of it."""
        self._feed = feed
        self._desks = desks
        self._accounts = accounts

    async def __call__(self, seat: str, by: By) -> None:
        """End all log-ins of the person at this seat, if there is one. Raises DatabaseAway."""
        desk = self._desks.at(seat)
        if desk is None:
            return
        told = LoggedOut(seat=seat, reason=by.reason)
        self._feed.publish("logged_out", told, to=Audience(seat=seat))
        self._desks.on_taken(desk)
        self._desks.leave(desk)
        try:
            await self._accounts.desk.note_log_out(desk.person, by=by.name, reason=by.reason)
        except Refused:  # the access key sat there, which has no log-in
            return
        await self._accounts.sessions.end(desk.person)
