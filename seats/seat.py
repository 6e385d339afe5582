"""A lawyer's seat (坐席): what it is, what state it is in, and the one table of legal moves.

Registration of the phone and occupation of the lawyer are two things: a phone that loses its
registration in mid-talk stays `talking` and goes `offline` only when the talk is over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypedDict

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


class IllegalMove(Exception):
    """The change does not fit the seat's state, its call or its lease; the status stands."""

    def __init__(self, status: SeatStatus, change: Change, why: str = "") -> None:
        super().__init__(f"seat {status.number}: {status.state} -> {change}{why and ': ' + why}")
        self.status, self.change = status, change


_S = SeatState
_ALL = tuple(SeatState)
_AT_REST = (_S.NOT_READY, _S.READY, _S.WRAP_UP)
_OFFERED = (_S.RESERVED, _S.RINGING)
_IN_TALK = (_S.TALKING, _S.HELD)
_WORKING = (*_OFFERED, *_IN_TALK, _S.WRAP_UP)


def _cells(
    change: Change, froms: tuple[SeatState, ...], to: SeatState | None = None
) -> dict[tuple[SeatState, Change], SeatState]:
    return {(state, change): to or state for state in froms}


MOVES: Mapping[tuple[SeatState, Change], SeatState] = {
    # a registration seen again, or lost under a call, changes the phone's flag only
    **_cells(Change.REGISTERED, _ALL),
    **_cells(Change.REGISTERED, (_S.OFFLINE,), _S.NOT_READY),
    **_cells(Change.UNREGISTERED, _ALL),
    **_cells(Change.UNREGISTERED, _AT_REST, _S.OFFLINE),
    **_cells(Change.READY, _AT_REST, _S.READY),
    **_cells(Change.NOT_READY, _AT_REST, _S.NOT_READY),
    **_cells(Change.RESERVE, (_S.READY,), _S.RESERVED),
    **_cells(Change.KEPT, (_S.RESERVED,)),
    **_cells(Change.RANG, _OFFERED, _S.RINGING),
    **_cells(Change.ANSWERED, (*_OFFERED, _S.TALKING), _S.TALKING),
    **_cells(Change.ANSWERED, (_S.HELD,)),
    # the caller left before the answer: the lawyer did nothing wrong and keeps the turn
    **_cells(Change.RELEASED, _OFFERED, _S.READY),
    **_cells(Change.RELEASED, _IN_TALK, _S.WRAP_UP),
    **_cells(Change.NO_ANSWER, _OFFERED, _S.NOT_READY),
    **_cells(Change.DECLINED, _OFFERED, _S.NOT_READY),
    **_cells(Change.UNREACHABLE, (_S.OFFLINE, *_AT_REST, *_OFFERED), _S.OFFLINE),
    # nobody reported back in time: give the seat back rather than lose it (freeswitch #2540)
    **_cells(Change.EXPIRED, tuple(PASSING), _S.READY),
    **_cells(Change.SEEN_TALKING, _ALL, _S.TALKING),
    **_cells(Change.SEEN_TALKING, (_S.HELD,)),
    **_cells(Change.HELD, _IN_TALK, _S.HELD),
    **_cells(Change.RETRIEVED, _IN_TALK, _S.TALKING),
    **_cells(Change.WRAPPING, (_S.NOT_READY,), _S.WRAP_UP),
    **_cells(Change.FILED, (_S.WRAP_UP,), _S.READY),
    **_cells(Change.REST_NEXT, (_S.READY, *_WORKING)),
    **_cells(Change.WORK_ON, (_S.READY, *_WORKING)),
    **_cells(Change.FORCED, _ALL, _S.NOT_READY),
}
"""(state, change) -> state. What is not here is illegal."""

_ABOUT_A_CALL = frozenset(
    {
        Change.KEPT,
        Change.RANG,
        Change.ANSWERED,
        Change.RELEASED,
        Change.NO_ANSWER,
        Change.DECLINED,
        Change.UNREACHABLE,
        Change.HELD,
        Change.RETRIEVED,
    }
)


def first_status(number: str, now: datetime) -> SeatStatus:
    """The status of a seat nothing is known of: offline.

    Its version is the time in ms, so that a new run's statuses outrank whatever an earlier
    run left in Redis without reading it first.
    """
    version = int(now.timestamp() * 1000)
    return SeatStatus(number=number, state=SeatState.OFFLINE, since=now, version=version)


def move(
    status: SeatStatus,
    change: Change,
    now: datetime,
    *,
    call_id: str | None = None,
    reason: str | None = None,
    lease_s: float | None = None,
    node: str | None = None,
) -> SeatStatus:
    """The status after `change`, or the same object when nothing changes; else IllegalMove.

    `call_id` is needed by RESERVE and SEEN_TALKING; given with a change about a call, it must be
    the seat's call, so that a late event of an earlier call cannot move the seat.
    `lease_s` (seconds, > 0) is needed by RESERVE; KEPT and RANG renew the lease; with RELEASED
    of a talk and with WRAPPING it is the wrap-up, none or 0 for ready at once. `reason` goes with
    NOT_READY, FORCED and REST_NEXT, `node` with REGISTERED.
    """
    target = MOVES.get((status.state, change))
    if target is None:
        raise IllegalMove(status, change)
    _check(status, change, now, call_id, lease_s)
    moved = _moved(status, change, target, now, call_id, reason, lease_s, node)
    if _is_to_rest(status, moved, change):
        moved = replace(moved, state=SeatState.NOT_READY, reason=moved.rest_next)
    if not moved.is_registered and moved.state in _AT_REST:
        moved = replace(moved, state=SeatState.OFFLINE, reason=None, lease_until=None)
    if moved.state in (SeatState.OFFLINE, SeatState.NOT_READY):
        moved = replace(moved, rest_next=None)
    if moved == status:
        return status
    since = status.since if moved.state is status.state else now
    return replace(moved, since=since, version=status.version + 1)


def _moved(
    status: SeatStatus,
    change: Change,
    target: SeatState,
    now: datetime,
    call_id: str | None,
    reason: str | None,
    lease_s: float | None,
    node: str | None,
) -> SeatStatus:
    moved = replace(
        status,
        state=target,
        is_registered=_registered_after(status, change),
        reason=_reason_after(status, change, target, reason),
        call_id=_call_after(status, change, target, call_id),
        lease_until=_lease_after(status, change, target, now, lease_s),
        idle_since=_idle_after(status, change, now),
        node=status.node if node is None else node,
        rest_next=_rest_after(status, change, reason),
        **_calls_after(status, target, now),
    )
    if moved.state is SeatState.WRAP_UP and moved.lease_until is None:
        return replace(moved, state=SeatState.READY)
    return moved


def _is_to_rest(status: SeatStatus, moved: SeatStatus, change: Change) -> bool:
    """Who wished to rest next rests where it would be ready of itself."""
    comes_free = moved.state is SeatState.READY and status.state is not SeatState.READY
    return comes_free and moved.rest_next is not None and change is not Change.READY


def _rest_after(status: SeatStatus, change: Change, reason: str | None) -> str | None:
    if change is Change.REST_NEXT:
        return reason or "other"
    return None if change in (Change.READY, Change.WORK_ON) else status.rest_next


def shanghai_day(now: datetime) -> str:
    """The day of `calls_day`."""
    return now.astimezone(SHANGHAI).date().isoformat()


def _check(
    status: SeatStatus,
    change: Change,
    now: datetime,
    call_id: str | None,
    lease_s: float | None,
) -> None:
    if change is Change.RESERVE and not (call_id and lease_s and lease_s > 0):
        raise IllegalMove(status, change, "needs a call and a lease")
    if change is Change.SEEN_TALKING:
        if not call_id:
            raise IllegalMove(status, change, "needs a call")
        if status.state in IN_TALK and call_id != status.call_id:
            raise IllegalMove(status, change, f"already talks in {status.call_id}")
    if change in _ABOUT_A_CALL and call_id is not None and call_id != status.call_id:
        raise IllegalMove(status, change, f"about {call_id}, seat has {status.call_id}")
    if change is Change.EXPIRED and not status.lease_is_over(now):
        raise IllegalMove(status, change, "lease not over")


def _registered_after(status: SeatStatus, change: Change) -> bool:
    if change is Change.REGISTERED:
        return True
    if change in (Change.UNREGISTERED, Change.UNREACHABLE):
        return False
    return status.is_registered


def _reason_after(
    status: SeatStatus, change: Change, target: SeatState, reason: str | None
) -> str | None:
    if target is not SeatState.NOT_READY:
        return None
    if change is Change.NOT_READY or (change is Change.FORCED and reason):
        return reason
    if status.state is SeatState.NOT_READY:
        return status.reason
    return str(change)


def _call_after(
    status: SeatStatus, change: Change, target: SeatState, call_id: str | None
) -> str | None:
    if target not in HOLDING_A_CALL:
        return None
    if change in (Change.RESERVE, Change.SEEN_TALKING):
        return call_id
    return status.call_id


def _lease_after(
    status: SeatStatus, change: Change, target: SeatState, now: datetime, lease_s: float | None
) -> datetime | None:
    if target not in PASSING:
        return None
    ends_a_talk = change in (Change.RELEASED, Change.WRAPPING)
    renewed = ends_a_talk or change in (Change.RESERVE, Change.KEPT, Change.RANG)
    if renewed and lease_s and lease_s > 0:
        return now + timedelta(seconds=lease_s)
    return None if ends_a_talk else status.lease_until


class _Calls(TypedDict, total=False):
    calls: int
    calls_day: str
    wrap_up_ms: int


def _calls_after(status: SeatStatus, target: SeatState, now: datetime) -> _Calls:
    is_answered = target is SeatState.TALKING and status.state in _OFFERED
    is_wrapped = status.state is SeatState.WRAP_UP and target is not SeatState.WRAP_UP
    if not is_answered and not is_wrapped:
        return {}
    day = shanghai_day(now)
    wrapped = (now - status.since) // timedelta(milliseconds=1) if is_wrapped else 0
    return {
        "calls": status.calls_on(day) + is_answered,
        "calls_day": day,
        "wrap_up_ms": status.wrap_up_ms_on(day) + max(0, wrapped),
    }


def _idle_after(status: SeatStatus, change: Change, now: datetime) -> datetime | None:
    talk_ended = status.state in IN_TALK and change in (Change.RELEASED, Change.FORCED)
    made_ready = status.state is SeatState.NOT_READY and change is Change.READY
    is_anew = talk_ended or made_ready or change is Change.WRAPPING
    return now if is_anew else status.idle_since
