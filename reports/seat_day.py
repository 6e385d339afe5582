"""What each seat did on one day: calls, talk, how many of those offered it took, its ratings."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select

from reports import tables
from reports.metrics import ZONE
from reports.queries import sums
from reports.store import Store

_REFUSED = frozenset({"no_answer", "declined", "unreachable"})


@dataclass(frozen=True, slots=True)
class SeatDay:
    """`offered`: those it answered or let go by; a caller who hung up first is neither.

    `talk_s`: of talks that have ended, in seconds.
    """

    answered: int = 0
    offered: int = 0
    talk_s: float = 0.0
    rated: int = 0
    satisfied: int = 0

    @property
    def answer_rate(self) -> float | None:
        """Share of the calls offered that it took; None before the first."""
        return self.answered / self.offered if self.offered else None

    @property
    def satisfaction(self) -> float | None:
        """Share of its ratings that were 1, 2 or 3; None before the first."""
        return self.satisfied / self.rated if self.rated else None


async def seat_days(store: Store, day: date) -> dict[str, SeatDay]:
    """By seat number, those that were offered a call on this Shanghai day.

    A talk counts for every seat that had a part of it, and once for a seat whose phone was lost in
    it and rung again; a rating for the first to answer. Raises DatabaseAway, StaleTallies.
    """
    begin = datetime(day.year, day.month, day.day, tzinfo=ZONE)
    tried = tables.attempt.c
    columns = (tried.call_id, tried.seat, tried.answered_at, tried.ended_at, tried.outcome)
    query = select(*columns).where(
        tried.offered_at >= begin, tried.offered_at < begin + timedelta(days=1)
    )
    found: dict[str, SeatDay] = defaultdict(SeatDay)
    talked: set[tuple[str, str]] = set()
    async with store.reading() as connection:
        for call_id, seat, answered_at, ended_at, outcome in await connection.execute(query):
            if answered_at is None or outcome in _REFUSED:
                found[seat] = _refused(found[seat], outcome)
                continue
            found[seat] = _talked(found[seat], answered_at, ended_at, (seat, call_id) in talked)
            talked.add((seat, call_id))
    for group in await sums(store, first=day, last=day, by=("seat",)):
        seat = str(group.key["seat"])
        if seat in found:
            rated, satisfied = group.counts.n_rated, group.counts.n_satisfied
            found[seat] = replace(found[seat], rated=rated, satisfied=satisfied)
    return dict(found)


def _refused(done: SeatDay, outcome: str | None) -> SeatDay:
    return replace(done, offered=done.offered + 1) if outcome in _REFUSED else done


def _talked(
    done: SeatDay, answered_at: datetime, ended_at: datetime | None, goes_on: bool
) -> SeatDay:
    talk_s = max(0.0, (ended_at - answered_at).total_seconds()) if ended_at else 0.0
    one = 0 if goes_on else 1
    return replace(
        done,
        answered=done.answered + one,
        offered=done.offered + one,
        talk_s=done.talk_s + talk_s,
    )
