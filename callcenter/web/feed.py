"""The one feed of news for browser pages: numbered, kept for a while, each with its audience.

Nothing is queued for anybody: who reads keeps the number he has got to and asks for what came
after it. Who is too slow, or was away for too long, finds a gap and starts anew from a snapshot.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar

from pydantic import BaseModel

from callcenter.web.person import Person
from callcenter.web.rights import Right

KEPT = 5000  # entries: minutes of a busy province
ANYWHERE = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What of the live state somebody sees: the board, of one city or all; else his own seat."""

    board: bool = False
    city: str | None = None
    seat: str | None = None


def reach_of(person: Person) -> Reach:
    """What this person sees of the live state."""
    if person.may(Right.LIVE_SEE):
        return Reach(board=True, city=person.city)
    return Reach(seat=person.seat)


@dataclass(frozen=True, kw_only=True)
class Audience:
    """Who hears of it: all of what is said must hold.

    `seat`: whose seat this is. `right`: who has it. `city`: who may see calls of this place, None
    for a place not known. `reach`: who sees exactly so much of the live state.
    """

    everyone: ClassVar[Audience]

    seat: str | None = None
    right: Right | None = None
    city: str | None = ANYWHERE
    reach: Reach | None = None

    def holds(self, person: Person) -> bool:
        """Is this person one of them?"""
        return (
            (self.seat is None or self.seat == person.seat)
            and (self.right is None or person.may(self.right))
            and (self.city == ANYWHERE or person.sees_city(self.city))
            and (self.reach is None or self.reach == reach_of(person))
        )


Audience.everyone = Audience()


@dataclass(frozen=True, slots=True)
class Entry:
    """One piece of news. `data`: JSON."""

    seq: int
    kind: str
    data: str
    to: Audience


class Feed:
    """Takes news from all over the program, hands it to the streams; one event loop only."""

    def __init__(self, *, keep: int = KEPT, boot: str | None = None) -> None:
        """`boot`: names this run, so that numbers of another one are not taken for its own."""
        self.boot = boot or secrets.token_hex(4)
        self._kept: deque[Entry] = deque(maxlen=keep)
        self._seq = 0
        self._came = asyncio.Event()

    @property
    def seq(self) -> int:
        """The number of the newest entry, 0 before the first."""
        return self._seq

    def publish(self, kind: str, data: BaseModel, *, to: Audience) -> None:
        """Tell this audience. `kind`: e.g. "pop"; the streams send it at once."""
        self._seq += 1
        self._kept.append(Entry(self._seq, kind, data.model_dump_json(), to))
        came, self._came = self._came, asyncio.Event()
        came.set()

    def since(self, seq: int) -> Sequence[Entry] | None:
        """Everything after entry `seq`, oldest first; None when some of it is no longer kept, or
        there was never such an entry.
        """
        missing = self._seq - seq
        if not 0 <= missing <= len(self._kept):
            return None
        return list(islice(self._kept, len(self._kept) - missing, None))

    async def wait(self, after: int, *, limit_s: float) -> None:
        """Until there is an entry after `after`, at most so long."""
        if self._seq > after:
            return
        try:
            async with asyncio.timeout(limit_s):
                await self._came.wait()
        except TimeoutError:
            pass
