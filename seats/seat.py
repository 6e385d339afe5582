"""A lawyer's seat (坐席): what it is, what state it is in, and what can happen to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from seats.shift import Shift

SHANGHAI: Final = timezone(timedelta(hours=8))  # no summer time since 1991
USUAL_LEVEL: Final = 3


class SeatState(StrEnum):
    """What a seat is doing."""

    OFFLINE = "offline"
    NOT_READY = "not_ready"
    READY = "ready"
    RESERVED = "reserved"
    RINGING = "ringing"
    TALKING = "talking"
    HELD = "held"
    """Its caller hears music: on hold, or while the lawyer consults somebody."""
    WRAP_UP = "wrap_up"


PASSING = frozenset({SeatState.RESERVED, SeatState.RINGING, SeatState.WRAP_UP})
"""States that must end by themselves: each carries a lease."""

IN_TALK = frozenset({SeatState.TALKING, SeatState.HELD})

HOLDING_A_CALL = frozenset({SeatState.RESERVED, SeatState.RINGING}) | IN_TALK


class Level(StrEnum):
    """Whom a seat works for: one prefecture or the province."""

    MUNICIPAL = "municipal"
    PROVINCIAL = "provincial"


class Change(StrEnum):
    """What can happen to a seat."""

    REGISTERED = "registered"
    UNREGISTERED = "unregistered"
    READY = "ready"
    NOT_READY = "not_ready"
    RESERVE = "reserve"
    KEPT = "kept"
    """Reserved on while somebody else is rung first: the lease begins anew."""
    RANG = "rang"
    ANSWERED = "answered"
    RELEASED = "released"
    NO_ANSWER = "no_answer"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    EXPIRED = "expired"
    SEEN_TALKING = "seen_talking"
    HELD = "held"
    RETRIEVED = "retrieved"
    WRAPPING = "wrapping"
    """A person's desk is back that was wrapping up when it vanished."""
    FILED = "filed"
    """The record of the talk is filed: the wrap-up is over."""
    REST_NEXT = "rest_next"
    """It is to be not ready when what it is doing now is over; with a reason."""
    WORK_ON = "work_on"
    """Taken back: it is ready then, as usual."""
    FORCED = "forced"
    """A supervisor's release, whatever the seat is doing: never refused, always audited."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat as the roster names it; `city` is a GB/T 2260 prefecture, None when provincial.

    `levels`: how good it is at a skill, 1 to 5, 5 best, USUAL_LEVEL where nothing is said.
    `weight`: its share of calls under Order.WEIGHTED. `shifts`: when it works; empty is always.
    """

    number: str
    level: Level
    city: str | None
    skills: frozenset[str]
    languages: frozenset[str]
    name: str
    levels: Mapping[str, int] = field(default_factory=dict, hash=False)
    weight: int = 1
    shifts: tuple[Shift, ...] = ()


@dataclass(frozen=True, slots=True)
class SeatStatus:
    """The live state of a seat; all times aware UTC.

    `idle_since`: when the last talk ended or the seat was last made ready, whichever is later.
    `version` grows with each move; see `first_status` for where it begins.
    `calls`: answered on the Shanghai day `calls_day` (YYYY-MM-DD), see `calls_on`; `wrap_up_ms`:
    spent in wrap-ups that ended on it.
    `node`: the Asterisk where its phone is registered; empty is the only one, or not known.
    `rest_next`: why it will be not ready where it would be ready next; None: it will be ready.
    """

    number: str
    state: SeatState
    since: datetime
    version: int
    reason: str | None = None
    call_id: str | None = None
    lease_until: datetime | None = None
    idle_since: datetime | None = None
    is_registered: bool = False
    calls: int = 0
    calls_day: str = ""
    node: str = ""
    wrap_up_ms: int = 0
    rest_next: str | None = None

    def calls_on(self, day: str) -> int:
        """Calls answered on this Shanghai day."""
        return self.calls if self.calls_day == day else 0

    def wrap_up_ms_on(self, day: str) -> int:
        """Milliseconds of the wrap-ups that ended on this Shanghai day."""
        return self.wrap_up_ms if self.calls_day == day else 0

    def lease_is_over(self, now: datetime) -> bool:
        """Whether the passing state has outlived its lease: time for `Change.EXPIRED`."""
        return self.lease_until is not None and self.lease_until <= now


def first_status(number: str, now: datetime) -> SeatStatus:
    """The status of a seat nothing is known of: offline.

    Its version is the time in ms, so that a new run's statuses outrank whatever an earlier
    run left in Redis without reading it first.
    """
    version = int(now.timestamp() * 1000)
    return SeatStatus(number=number, state=SeatState.OFFLINE, since=now, version=version)


def shanghai_day(now: datetime) -> str:
    """The day of `calls_day`."""
    return now.astimezone(SHANGHAI).date().isoformat()
