"""The legs of a call: opened and closed, whoever asks."""

from __future__ import annotations

from datetime import datetime

import msgspec

from callcenter.call.state import Call, change
from callcenter.call.table import Leg, Table


def table_of(call: Call) -> Table:
    """The table of a touched talk."""
    assert call.table is not None
    return call.table


def at_table(call: Call, **changes: object) -> Call:
    """The call with its table changed."""
    return change(call, table=msgspec.structs.replace(table_of(call), **changes))


def with_leg(call: Call, number: int, **changes: object) -> Call:
    """The call with its leg of this number (from 1) changed."""
    legs = list(call.legs)
    legs[number - 1] = msgspec.structs.replace(legs[number - 1], **changes)
    return change(call, legs=tuple(legs))


def opened(call: Call, leg: Leg) -> Call:
    """The call with one more leg."""
    return change(call, legs=(*call.legs, leg))


def close(call: Call, number: int, outcome: str, at: datetime) -> Call:
    """The call with this leg over; one that is over stays as it was."""
    if call.legs[number - 1].ended_at is not None:
        return call
    return with_leg(call, number, ended_at=max(at, call.legs[number - 1].at), outcome=outcome)


def close_hold(call: Call, outcome: str, at: datetime) -> Call:
    """The call with its hold over, if it was on hold."""
    for number, leg in enumerate(call.legs, 1):
        if leg.kind == "hold":
            call = close(call, number, outcome, at)
    return call


def transfer_in_line(call: Call) -> int:
    """Number of the transfer to a seat or group that the caller waits for; 0 for none."""
    if not call.legs or call.table is not None:
        return 0
    leg = call.legs[-1]
    is_open = leg.kind == "transfer" and leg.ended_at is None and leg.to and leg.to.is_inside
    return len(call.legs) if is_open else 0


def lost(call: Call) -> int:
    """Number of the leg in which a seat's phone was lost and the caller waits; 0 for none."""
    is_open = call.legs and call.legs[-1].kind == "lost" and call.legs[-1].ended_at is None
    return len(call.legs) if is_open else 0


def is_coming_back(call: Call, seat: str) -> bool:
    """Whether this seat is rung because its phone was lost in this very talk."""
    number = lost(call)
    return number > 0 and call.legs[number - 1].by == seat


def taken(call: Call, at: datetime) -> Call:
    """A seat picked up for a caller in line: his transfer is done, and no seat is waited for."""
    number, seat = transfer_in_line(call), call.attempts[-1].seat
    if lost(call):
        outcome = "back" if is_coming_back(call, seat) else "another_seat"
        call = with_leg(call, lost(call), seat=seat, answered_at=at, joined_at=at)
        call = close(call, len(call.legs), outcome, at)
    if number:
        call = with_leg(call, number, seat=seat, answered_at=at, joined_at=at)
        call = close(call, number, "completed", at)
    return change(call, wants=None) if call.wants else call


def not_taken(call: Call, outcome: str, at: datetime) -> Call:
    """A seat did not take the caller. If it was the one he was transferred to, he goes back to the
    one he came from; from there to whoever is next.
    """
    number, seat = transfer_in_line(call), call.attempts[-1].seat
    if number and seat == call.wants:
        call = close(with_leg(call, number, seat=seat), number, outcome, at)
        return change(call, wants=call.legs[number - 1].by)
    return change(call, wants=None) if call.wants == seat else call
