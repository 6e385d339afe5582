"""Callbacks and messages that a person has to deal with, and what was done about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from callcenter.web.view import FiguresAway
from reports import audit
from reports.queries import mark_done, open_requests
from reports.store import DatabaseAway, Store

MOST = 500


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A callback or message that nobody has dealt with yet. `number`: whom to call, as received."""

    call_id: str
    kind: str
    number: str
    city: str | None  # name, not code
    city_code: str | None
    group: str | None
    requested_at: datetime
    has_audio: bool
    duration_s: float | None


class OpenRequests:
    """The list of them; who is done with one says so, and it is written down."""

    def __init__(self, store: Store, *, city_names: Mapping[str, str]) -> None:
        """`city_names`: GB/T 2260 code → name."""
        self._store = store
        self._city_names = city_names

    async def all(self) -> tuple[OpenRequest, ...]:
        """Oldest first, at most MOST. Raises FiguresAway."""
        try:
            found = await open_requests(self._store, limit=MOST)
        except DatabaseAway as fault:
            raise FiguresAway(str(fault)) from fault
        return tuple(
            OpenRequest(
                call_id=one.call_id,
                kind=one.kind,
                number=one.number or one.caller or "",
                city=self._city_names.get(one.city or ""),
                city_code=one.city,
                group=one.group,
                requested_at=one.requested_at,
                has_audio=one.audio is not None,
                duration_s=one.duration_s,
            )
            for one in found
        )

    async def done(self, call_id: str, *, by: str, note: str) -> bool:
        """Dealt with; False when there is no such request, or it was done before.

        Raises FiguresAway: then nothing is changed that is not written down.
        """
        now = datetime.now(UTC)
        entry = audit.Entry(
            at=now, by=by, action="request_done", subject=call_id, reason=note, before="open"
        )
        try:
            if not any(one.call_id == call_id for one in await self.all()):
                return False
            await audit.write(self._store, entry)
            return await mark_done(self._store, call_id, now=now)
        except DatabaseAway as fault:
            raise FiguresAway(str(fault)) from fault
