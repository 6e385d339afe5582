"""Calls found again: by time, number, seat, city, category and by words said in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, insert, or_, select

from reports import tables
from reports.facts import Conversation
from reports.queries import load
from reports.records import CallRecord, of_calls
from reports.store import Store

call = tables.conversation.c
said = tables.transcripts.c
RECORDS = ("open", "filed")
WHOLE_NUMBER = 10  # digits: 0431 and six more
OUTCOMES = ("answered", "abandoned", "overflow", "ivr", "blocked", "running")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the calls must have in common; None and "" are no wish.

    `first` up to, not including, `before`: aware times of arrival. `number`: its last digits, or
    all. `seat`: one that talked in it. `category`: an item, or the first two digits of one.
    `outcome`: one of OUTCOMES. `record`: one of RECORDS, what became of the lawyer's record; every
    call that a person answered has one. `words`: said by either side, as the transcript has them.
    `of_seat`, `of_city`: what the person who asks may see at all.
    """

    first: datetime | None = None
    before: datetime | None = None
    number: str = ""
    seat: str = ""
    city: str = ""
    group: str = ""
    category: str = ""
    outcome: str = ""
    words: str = ""
    record: str = ""
    rated: int | None = None
    of_seat: str | None = None
    of_city: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side said in one go. `speaker`: caller, seat or both; seconds of the recording."""

    speaker: str
    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """One page of calls, newest first, and how many there are in all; `words`: where they were
    said, and `records`: what lawyers wrote, by call."""

    calls: list[Conversation]
    total: int
    words: dict[str, Turn]
    records: Mapping[str, CallRecord]


async def search(store: Store, wish: Wish, *, limit: int, offset: int = 0) -> Found:
    """One page of the calls that fit. Raises DatabaseAway."""
    fits = _conditions(wish)
    count = select(func.count()).select_from(tables.conversation).where(*fits)
    page: Select[Any] = (
        select(tables.conversation)
        .where(*fits)
        .order_by(call.arrived_at.desc(), call.call_id.desc())
        .limit(limit)
        .offset(offset)
    )
    async with store.reading() as connection:
        total = int((await connection.execute(count)).scalar_one())
        calls = await load(connection, page) if total else []
        words: dict[str, Turn] = {}
        if wish.words and calls:
            spoken = (
                select(tables.transcripts)
                .where(said.call_id.in_([one.call_id for one in calls]), _like(wish.words))
                .order_by(said.call_id, said.n)
            )
            for row in (await connection.execute(spoken)).mappings():
                words.setdefault(row["call_id"], _turn(row))
    return Found(calls, total, words, await of_calls(store, [one.call_id for one in calls]))


def _conditions(wish: Wish) -> list[ColumnElement[bool]]:
    fits: list[ColumnElement[bool]] = []
    if wish.first:
        fits.append(call.arrived_at >= wish.first)
    if wish.before:
        fits.append(call.arrived_at < wish.before)
    if wish.number:
        fits.append(_called_from(wish.number))
    for city in filter(None, (wish.city, wish.of_city)):
        fits.append(call.city == city)
    if wish.group:
        fits.append(call.group == wish.group)
    if wish.category:
        fits.append(call.category.startswith(wish.category, autoescape=True))
    for seat in filter(None, (wish.seat, wish.of_seat)):
        fits.append(_talked(seat))
    if wish.words:
        fits.append(call.call_id.in_(select(said.call_id).where(_like(wish.words))))
    if wish.rated:
        rated = select(tables.survey.c.call_id).where(tables.survey.c.answer == wish.rated)
        fits.append(call.call_id.in_(rated))
    if wish.record:
        fits.append(_recorded(is_filed=wish.record == "filed"))
    if wish.outcome:
        fits += _outcome(wish.outcome)
    return fits


def _called_from(number: str) -> ColumnElement[bool]:
    """Whole numbers are stored as +86431…, and typed as 0431… or 0086…; a few digits end one."""
    ends = {number, number.lstrip("0")} if len(number) >= WHOLE_NUMBER else {number}
    return or_(*(call.caller.endswith(end, autoescape=True) for end in sorted(ends)))


def _talked(seat: str) -> ColumnElement[bool]:
    tried = tables.attempt.c
    talked = select(tried.call_id).where(tried.seat == seat, tried.answered_at.is_not(None))
    return call.call_id.in_(talked)


def _recorded(*, is_filed: bool) -> ColumnElement[bool]:
    record = tables.call_record.c
    fits = record.filed_at.is_not(None) if is_filed else record.filed_at.is_(None)
    return call.call_id.in_(select(record.call_id).where(fits))


def _like(words: str) -> ColumnElement[bool]:
    return said.text.contains(words, autoescape=True)


def _outcome(outcome: str) -> list[ColumnElement[bool]]:
    is_over, is_answered = call.ended_at.is_not(None), call.answered_at.is_not(None)
    of: dict[str, Sequence[ColumnElement[bool]]] = {
        "running": [call.ended_at.is_(None)],
        "answered": [is_answered],
        "overflow": [call.overflow.is_not(None)],
        "blocked": [call.end_stage == "blocked"],
        "ivr": [is_over, call.asked_at.is_(None), call.end_stage != "blocked"],
        "abandoned": [
            *(is_over, call.asked_at.is_not(None)),
            *(call.answered_at.is_(None), call.overflow.is_(None)),
        ],
    }
    return list(of[outcome])


async def transcript(store: Store, call_id: str) -> list[Turn]:
    """What was said in a call, in order; empty when nobody has written it down yet."""
    asked = select(tables.transcripts).where(said.call_id == call_id).order_by(said.n)
    async with store.reading() as connection:
        return [_turn(row) for row in (await connection.execute(asked)).mappings()]


async def keep_transcript(store: Store, call_id: str, turns: Iterable[Turn]) -> None:
    """Keep what was said in a call, in place of what was kept before. Raises DatabaseAway."""
    rows = [
        {
            "call_id": call_id,
            "n": n,
            "speaker": turn.speaker,
            "start_s": turn.start_s,
            "end_s": turn.end_s,
            "text": turn.text,
        }
        for n, turn in enumerate(turns)
    ]
    async with store.writing() as connection:
        await connection.execute(delete(tables.transcripts).where(said.call_id == call_id))
        if rows:
            await connection.execute(insert(tables.transcripts), rows)


def _turn(row: Any) -> Turn:
    return Turn(row["speaker"], row["start_s"], row["end_s"], row["text"])
