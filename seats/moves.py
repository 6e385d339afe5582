"""The one table of a seat's legal moves, and what a move leaves behind.

Registration of the phone and occupation of the lawyer are two things: a phone that loses its
registration in mid-talk stays `talking` and goes `offline` only when the talk is over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypedDict

from seats.seat import (
    HOLDING_A_CALL,
    IN_TALK,
    PASSING,
    Change,
    SeatState,
    SeatStatus,
    shanghai_day,
)


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
