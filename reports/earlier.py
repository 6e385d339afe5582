"""What is stored of a number that calls again: its calls, and what is still open of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select

from reports import tables
from reports.facts import Conversation
from reports.queries import load
from reports.records import CallRecord, of_calls
from reports.store import Store

Matter = Literal["callback", "message", "unfiled", "follow_up"]


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier call and its record, if a person answered it."""

    call: Conversation
    record: CallRecord | None

    @property
    def open_matters(self) -> tuple[Matter, ...]:
        """What is still to be done: call back, hear a message, file the record, call again."""
        found: list[Matter] = []
        request = self.call.overflow_request
        if request is not None and request.done_at is None:
            found.append("message" if self.call.overflow == "message" else "callback")
        if self.record is not None and not self.record.is_filed:
            found.append("unfiled")
        if self.record is not None and self.record.follow_up is not None:
            found.append("follow_up")
        return tuple(found)


async def earlier(store: Store, caller: str, *, before: datetime, limit: int = 20) -> list[Earlier]:
    """The calls of this number that arrived before, newest first; calls of ours and refused ones
    are left out. Raises DatabaseAway.
    """
    call = tables.conversation.c
    query = (
        select(tables.conversation)
        .where(call.caller == caller, call.arrived_at < before)
        .order_by(call.arrived_at.desc(), call.call_id)
        .limit(limit)
    )
    async with store.reading() as connection:
        calls = await load(connection, query)
    known = await of_calls(store, [one.call_id for one in calls])
    return [
        Earlier(one, known.get(one.call_id))
        for one in calls
        if one.end_stage != "blocked" and not one.is_ours
    ]
