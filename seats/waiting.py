"""Callers in line as the routing sees them, and what it decides about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from seats.policy import Who

WANTS_S = 20.0
"""So long a caller who wants one seat waits for it alone."""

Rank = tuple[bool, datetime, str]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A caller in line. `asked_at`: first asked for a person, kept over every re-queueing.

    `city`: GB/T 2260 prefecture or None; `priority`: head start in seconds, so that it ages and
    nobody starves; `tried`: seats that this call was offered to already; `at_head`: the seat
    offered did not answer, so the caller comes before everybody who was not yet offered.
    `sticky`: the seat that talked with this number last; `wants`: one seat only, as of a transfer,
    for WANTS_S, then its group's; `wants_since`: when that wish was made, None for `asked_at`.
    `node`: the Asterisk that has the call. `overflowed`: `Overflow.key` of what was done already.
    """

    call_id: str
    group: str
    city: str | None
    language: str
    asked_at: datetime
    priority: float = 0.0
    tried: frozenset[str] = frozenset()
    at_head: bool = False
    sticky: str | None = None
    node: str = ""
    overflowed: frozenset[str] = frozenset()
    wants: str | None = None
    wants_since: datetime | None = None

    def rank(self) -> Rank:
        """Callers go in the order of their ranks, which no two share."""
        counts_from = self.asked_at
        if self.priority:
            counts_from -= timedelta(seconds=self.priority)
        return (not self.at_head, counts_from, self.call_id)


@dataclass(frozen=True, slots=True)
class Assignment:
    """This call is to be offered to this seat."""

    call_id: str
    seat: str


@dataclass(frozen=True, slots=True)
class Overflow:
    """Nobody took this call in time: what its policy says comes next, kept in line meanwhile.

    `who`: LINE, CALLBACK or MESSAGE; `line`: a name of lines.yaml, with LINE only. Told once; to
    be told no more after a new `join`, put `key` into `Waiting.overflowed`.
    """

    call_id: str
    who: Who
    line: str | None = None

    @property
    def key(self) -> str:
        """Names it among a call's overflows: `line:oncall`, `callback`, `message`."""
        return f"{self.who}:{self.line}" if self.line else str(self.who)
