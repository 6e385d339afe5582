"""From a seat's coming free to its phone's ringing, on a real Asterisk: part of `routing`.

More callers than seats wait in line. Every seat (SIPp) talks for some seconds and hangs up; there
is no wrap-up, so it is free at once and the first in line goes to it. By the facts of the calls:
from the end of a seat's talk to the moment that Asterisk heard its phone ring for the next caller.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from sqlalchemy import select

from callcenter.bench import told
from callcenter.bench.figures import Target, percentile, spread
from callcenter.bench.load import Calls
from callcenter.bench.rig import Rig
from callcenter.bench.routing_redis import Part
from callcenter.launch.child import LaunchFault
from reports.store import Store
from reports.tables import attempt

SEATS = 30
CALLERS = 300
RATE = 15.0  # callers a second, twice what the seats can take: a line from the third second on
ANSWER_S, TALK_S = 0.2, 4.0
MENU_KEY = "2"
MOST_MS = 50.0

Try = tuple[str, datetime, datetime | None, datetime | None]
"""A seat, when it was chosen, when its phone rang, when that was over."""


async def run(*, cache: Path, say: Callable[[str], None], scale: float) -> Part:
    """One row of all seats."""
    callers = max(3 * SEATS, round(CALLERS * scale))
    async with Rig(cache=cache, seats=SEATS, say=say) as rig:
        say(f"{SEATS} seats, {callers} callers in line")
        await rig.seats_register()
        calls = Calls(count=callers, rate=RATE, keys=((0.7, MENU_KEY),), stays_s=600, hangs_up=True)
        phones = await rig.sipp.seats(answer_after_s=ANSWER_S, stays_s=TALK_S)
        await rig.sipp.calls(calls)
        within_s = callers / RATE + 1.5 * (callers / SEATS) * (ANSWER_S + TALK_S) + 30
        async with Store(rig.settings.database_url) as store:
            for _ in range(round(within_s)):
                await asyncio.sleep(1)
                tries = await _tries(store)
                if len(tries) >= callers and (await told.live(rig.settings))["waiting"] == 0:
                    break
        complaint = phones.complaint()
    gaps = gaps_ms(tries)
    if not gaps:
        raise LaunchFault(f"no seat's phone rang twice; SIPp: {complaint}")
    row = {
        "seats": SEATS,
        "callers": callers,
        **spread([chosen + rang for chosen, rang in gaps]),
        "free_to_chosen_p99_ms": percentile([chosen for chosen, _ in gaps], 0.99),
        "chosen_to_ringing_p99_ms": percentile([rang for _, rang in gaps], 0.99),
    }
    return Part([row], [Target("p99 ms from a seat free to its ringing", row["p99_ms"], MOST_MS)])


async def _tries(store: Store) -> list[Try]:
    query = select(attempt.c.seat, attempt.c.offered_at, attempt.c.rang_at, attempt.c.ended_at)
    async with store.reading() as connection:
        return [tuple(row) for row in await connection.execute(query)]


def gaps_ms(tries: Iterable[Try]) -> list[tuple[float, float]]:
    """Milliseconds from the end of each try of a seat to its next choice, and on to its ring."""
    by_seat: defaultdict[str, list[tuple[datetime, datetime, datetime | None]]] = defaultdict(list)
    for seat, chosen_at, rang_at, ended_at in tries:
        if rang_at is not None:
            by_seat[seat].append((chosen_at, rang_at, ended_at))
    return [
        (_ms(free_at, chosen_at), _ms(chosen_at, rang_at))
        for rings in by_seat.values()
        for (_, _, free_at), (chosen_at, rang_at, _) in pairwise(sorted(rings, key=_chosen_at))
        if free_at is not None
    ]


def _chosen_at(ring: tuple[datetime, datetime, datetime | None]) -> datetime:
    return ring[0]


def _ms(begin: datetime, end: datetime) -> float:
    return round((end - begin).total_seconds() * 1000, 3)
