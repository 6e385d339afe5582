"""What earlier calls of a number tell of it; asked in the background, the database may be slow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from callcenter.known import REPEAT_WITHIN, TOLD_WITHIN
from reports.queries import city_told, has_called, last_talk
from reports.store import Store
from seats.locate import TOLD_BY_PEOPLE


@dataclass(frozen=True)
class PastCalls:
    """Asks the facts; every method raises DatabaseAway.

    `sticky_days`: how far back it matters who talked with a number, 0 when nobody asks.
    """

    store: Store
    sticky_days: Callable[[], int]

    async def called_before(self, number: str, moment: datetime) -> bool:
        """Whether the number called within REPEAT_WITHIN before this moment."""
        return await has_called(self.store, number, since=moment - REPEAT_WITHIN, before=moment)

    async def told_before(self, number: str, moment: datetime) -> str | None:
        """The city that its caller, or a lawyer, named within TOLD_WITHIN before this moment."""
        since = moment - TOLD_WITHIN
        sources = TOLD_BY_PEOPLE
        return await city_told(self.store, number, since=since, before=moment, sources=sources)

    async def talked_before(self, number: str, moment: datetime) -> tuple[str, datetime] | None:
        """The seat that talked with the number last, and when."""
        days = self.sticky_days()
        since = moment - timedelta(days=days)
        return await last_talk(self.store, number, since=since, before=moment) if days else None
