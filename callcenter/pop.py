"""What a lawyer is shown when his telephone rings: who calls, from where, for what, and before."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from callcenter.call import Call
from callcenter.known import REPEAT_WITHIN
from callcenter.records.desk import NoRecord, Records, seats_of
from callcenter.records.form import redacted
from callcenter.records.laws import Article, Laws
from callcenter.records.taxonomy_store import TaxonomyInForce
from reports import audit
from reports.earlier import Earlier, earlier
from reports.queries import find
from reports.records import CallRecord, closed_like
from reports.store import DatabaseAway, Store

LOOK_UP_S = 0.8  # the page is there within a second of the ringing, with the history or without
MOST_SIMILAR = 5
MOST_LAWS = 10


class PopUnknown(Exception):
    """No such call, now or in the database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """What is known of a call. `number` as received: to be masked. `keys`: pressed in menus, in
    order. `seats`: rung or talking, so far. `waited_s`: from asking for a person to the answer.
    """

    call_id: str
    number: str | None
    arrived_at: datetime
    waited_s: float
    city: str | None
    city_source: str
    county: str | None
    group: str | None
    language: str
    keys: tuple[str, ...]
    special: tuple[str, ...]
    order_state: str | None
    alarms: tuple[str, ...]
    is_callback: bool
    seats: frozenset[str]


@dataclass(frozen=True, slots=True)
class Similar:
    """A closed matter of another call: what was asked and answered, without who and numbers."""

    main: str
    question: str
    reply: str
    outcome: str | None
    filed_at: datetime


@dataclass(frozen=True, slots=True)
class Suggested:
    """What may help to answer. `similar` is None when the database could not tell."""

    laws: Sequence[Article]
    similar: Sequence[Similar] | None


@dataclass(frozen=True, slots=True)
class Pop:
    """All of it. `history` is None when the database could not tell."""

    caller: Caller
    record: CallRecord | None
    history: Sequence[Earlier] | None
    suggested: Suggested

    @property
    def is_repeat(self) -> bool:
        """Whether the number called within REPEAT_WITHIN before, as far as history tells."""
        since = self.caller.arrived_at - REPEAT_WITHIN
        return any(one.call.arrived_at >= since for one in self.history or ())


class Pops:
    """Looks calls up. `calls`: those in progress, by id."""

    def __init__(
        self,
        store: Store,
        records: Records,
        *,
        calls: Callable[[str], Call | None],
        laws: Callable[[], Laws],
        taxonomy: TaxonomyInForce,
        clock: Callable[[], datetime],
    ) -> None:
        """`clock`: aware UTC."""
        self.records = records
        self.taxonomy = taxonomy
        self._store = store
        self._calls = calls
        self._laws = laws
        self._clock = clock

    async def caller(self, call_id: str) -> Caller:
        """Who calls. Raises PopUnknown, DatabaseAway."""
        call = self._calls(call_id)
        return self._live(call) if call is not None else await self._past(call_id)

    async def of(self, caller: Caller) -> Pop:
        """The whole, for this caller."""
        record, history, _ = await asyncio.gather(
            self.record(caller.call_id), self._history(caller), self.taxonomy.look()
        )
        codes = self._codes(caller, record)
        return Pop(caller, record, history, await self.suggested(codes, record, caller))

    async def note(self, by: str, action: str, call_id: str) -> None:
        """Write down who did what with this call. Raises DatabaseAway."""
        entry = audit.Entry(at=self._clock(), by=by, action=action, subject=call_id, reason="")
        await audit.write(self._store, entry)

    async def record(self, call_id: str) -> CallRecord | None:
        """The record, where there is one; an answered call without one gets it now."""
        try:
            return await self.records.find(call_id)
        except DatabaseAway:
            return None
        except NoRecord:
            call = self._calls(call_id)
            if call is None or not seats_of(call):
                return None
            self.records.answered(call, is_first=True)
            return await self.records.find(call_id)

    async def suggested(
        self, codes: Sequence[str], record: CallRecord | None, caller: Caller
    ) -> Suggested:
        """Laws and closed matters of these categories; of those of the caller's group when no
        category is chosen yet.
        """
        if codes:
            laws = self._laws().of(codes, limit=MOST_LAWS)
        else:
            codes = self.taxonomy.now.categories_of(caller.group)
            each = max(1, MOST_LAWS // max(1, len(codes)))
            laws = [law for code in codes for law in self._laws().of([code], limit=each)]
        question = record.question if record else ""
        return Suggested(laws[:MOST_LAWS], await self._similar(codes, question, caller.call_id))

    def _codes(self, caller: Caller, record: CallRecord | None) -> list[str]:
        return [code for code in (record.main, *record.secondary) if code] if record else []

    async def _history(self, caller: Caller) -> Sequence[Earlier] | None:
        if caller.number is None:
            return []
        try:
            async with asyncio.timeout(LOOK_UP_S):
                return await earlier(self._store, caller.number, before=caller.arrived_at)
        except (DatabaseAway, TimeoutError):
            return None

    async def _similar(
        self, codes: Sequence[str], question: str, call_id: str
    ) -> Sequence[Similar] | None:
        try:
            async with asyncio.timeout(LOOK_UP_S):
                closed = await closed_like(self._store, codes, but=call_id) if codes else []
        except (DatabaseAway, TimeoutError):
            return None
        told = [one for one in closed if one.question and one.reply and one.filed_at]
        asked = _pairs(question)
        # the newest of those that are alike; without a question the newest
        alike = sorted(told, key=lambda one: len(asked & _pairs(one.question)), reverse=True)
        return [
            Similar(
                one.main or "",
                redacted(one.question),
                redacted(one.reply),
                one.outcome,
                one.filed_at,
            )
            for one in alike[:MOST_SIMILAR]
            if one.filed_at
        ]

    def _live(self, call: Call) -> Caller:
        told = call.session.facts if call.session is not None else {}
        return Caller(
            call_id=call.call_id,
            number=call.caller,
            arrived_at=call.arrived_at,
            waited_s=call.waited_s(call.answered_at or self._clock()),
            city=call.city,
            city_source=call.city_source,
            county=call.county,
            group=call.group,
            language=call.language,
            keys=tuple(one.way[5:] for one in call.path if one.way.startswith("keys.")),
            special=call.special,
            order_state=told.get("order_state"),
            alarms=tuple(alarm.name for alarm in call.alarms),
            is_callback=call.callback_of is not None,
            seats=_seats(call),
        )

    async def _past(self, call_id: str) -> Caller:
        call = await find(self._store, call_id)
        if call is None:
            raise PopUnknown(call_id)
        until = call.answered_at or call.ended_at
        waited = (until - call.asked_at).total_seconds() if until and call.asked_at else 0.0
        talked = (one.seat for one in call.attempts if one.answered_at)
        joined = (leg.seat for leg in call.legs if leg.seat and leg.answered_at)
        return Caller(
            call_id=call.call_id,
            number=call.caller,
            arrived_at=call.arrived_at,
            waited_s=max(waited, 0.0),
            city=call.city,
            city_source=call.city_source or "unknown",
            county=call.unknown.get("county"),
            group=call.group,
            language=call.language or "",
            keys=tuple(one.way[5:] for one in call.path if one.way.startswith("keys.")),
            special=call.special,
            order_state=None,
            alarms=tuple(alarm.name for alarm in call.alarms),
            is_callback=call.callback_of is not None,
            seats=frozenset((*talked, *joined)),
        )


def _seats(call: Call) -> frozenset[str]:
    """Seats that have to do with the call now, or talked in it."""
    now = {call.held_seat, *(leg.seat for leg in call.legs if leg.ended_at is None)}
    return frozenset(seat for seat in (*now, *seats_of(call)) if seat)


def _pairs(text: str) -> frozenset[str]:
    """Neighbouring characters: what is alike of two Chinese sentences."""
    return frozenset(text[n : n + 2] for n in range(len(text) - 1))
