"""What the hotline itself says of a benchmark's calls: its database and its live page."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, select

from callcenter.settings import Settings
from callcenter.web.auth import load_api_key
from reports.store import Store
from reports.tables import attempt, conversation, survey

SETTLE_S = 0.5


@dataclass(frozen=True, slots=True)
class Facts:
    """Conversations of one dialled number: all ended, answered by a seat, rated 1 by the caller.

    offer_p99_ms: from asking for a person to a seat being chosen, None without any.
    """

    ended: int
    answered: int
    rated: int
    offers: int
    offer_p99_ms: float | None


async def facts(store: Store, dialled: str) -> Facts:
    """What is written down of the calls to this number."""
    ours = and_(conversation.c.dialled == dialled, conversation.c.ended_at.is_not(None))
    counts = (
        select(
            func.count(),
            func.count(conversation.c.answered_at),
            func.count().filter(survey.c.answer == 1),
        )
        .select_from(conversation.outerjoin(survey))
        .where(ours)
    )
    offers = (
        select(conversation.c.asked_at, attempt.c.offered_at)
        .select_from(conversation.join(attempt))
        .where(ours)
    )
    async with store.reading() as connection:
        ended, answered, rated = (await connection.execute(counts)).one()
        pairs = (await connection.execute(offers)).all()
    waits = sorted((offered - asked).total_seconds() * 1000 for asked, offered in pairs if asked)
    p99 = round(waits[min(len(waits) - 1, int(0.99 * len(waits)))], 1) if waits else None
    return Facts(ended=ended, answered=answered, rated=rated, offers=len(pairs), offer_p99_ms=p99)


async def all_facts(store: Store, dialled: str, calls: int, within_s: float) -> Facts:
    """Wait until so many calls to this number have ended in the database, or the time is over."""
    until = time.monotonic() + within_s
    while True:
        found = await facts(store, dialled)
        if found.ended >= calls or time.monotonic() > until:
            return found
        await asyncio.sleep(SETTLE_S)


async def live(settings: Settings) -> dict[str, Any]:
    """What the live board shows."""
    return await asyncio.to_thread(_live, settings)


def _live(settings: Settings) -> dict[str, Any]:
    key = {"Authorization": f"Bearer {load_api_key(settings.home)}"}
    asked = urllib.request.Request(f"http://{settings.web}/api/v1/live", headers=key)
    with urllib.request.urlopen(asked, timeout=10) as answer:
        return dict(json.load(answer))
