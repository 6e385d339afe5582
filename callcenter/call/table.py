"""A talk that was touched: its caller put on hold, transferred, consulted about. Data only.

Once touched, a talk leaves Asterisk's Dial: seat and guest sit in a room of the call's id, the
caller beside them or outside with music. `Table` says who is where; `Leg` is what facts tell of it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from callcenter.events import Target

LegKind = Literal["hold", "transfer", "consult", "conference", "lost", "barge", "take_over"]
CallerAt = Literal["dial", "out", "music", "room", "leaving", "line", "waiting"]
_WAY_OUT = "-out"
SeatAt = Literal["coming", "room", "gone"]
Then = Literal["", "survey", "line", "seat", "transfer"]


class Leg(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing done in a talk. `by`: the seat that asked; `seat`: the one that was rung for it.

    `joined_at`: when the caller and the guest could first speak with each other. `outcome`:
    retrieved (of a hold); back, another_seat (of a lost phone); completed (the guest went on with
    the caller), answered (they spoke, the caller came back), no_answer, busy, declined,
    unreachable, closed, cancelled, withdrawn, seat_gone, caller_gone.
    """

    kind: LegKind
    at: datetime
    by: str
    to: Target | None = None
    seat: str | None = None
    level: str = ""
    rang_at: datetime | None = None
    answered_at: datetime | None = None
    joined_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str | None = None


class Table(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who is where in a touched talk.

    `caller`: where his channel is: still in Dial with the seat, out of everything, at music, in the
    room, on his way out of it, in Dial with a line outside, or waiting for a lost seat to come
    back. `is_in`: he belongs into the room.
    `channel`: unique id of the seat's channel, when known. `guest`: number of the leg, from 1,
    whose guest is sought, rung or there; `beside`: of a supervisor's who is in the talk besides
    such a guest. `yields`: the seat leaves as soon as the supervisor is there. `hears_ringing`: the
    seat, alone in the room, has the ringing tone. `then`: what the caller does when he is out.
    """

    caller: CallerAt = "dial"
    is_in: bool = True
    seat: SeatAt = "coming"
    channel: str = ""
    guest: int = 0
    beside: int = 0
    yields: bool = False
    hears_ringing: bool = False
    then: Then = ""


def leg_id(call_id: str, leg: int) -> str:
    """The unique id of the channel of a call's leg."""
    return f"{call_id}-leg-{leg}"


def parse_leg_id(unique_id: str) -> tuple[str, int] | None:
    """The call and the number in `leg_id`'s result; None for the id of any other channel."""
    call_id, mark, number = unique_id.rpartition("-leg-")
    return (call_id, int(number)) if mark and number.isdigit() else None


def way_out_id(call_id: str, leg: int) -> str:
    """The unique id of the far half of a leg that is called outside: it dials, and rings."""
    return f"{leg_id(call_id, leg)}{_WAY_OUT}"


def parse_way_out_id(unique_id: str) -> tuple[str, int] | None:
    """The call and the number in `way_out_id`'s result; None for the id of any other channel."""
    leg, mark, rest = unique_id.rpartition(_WAY_OUT)
    return parse_leg_id(leg) if mark and not rest else None


def spy_id(call_id: str, phone: str, serial: int) -> str:
    """The unique id of a supervisor's channel beside a talk."""
    return f"{call_id}-spy-{phone}-{serial}"


def parse_spy_id(unique_id: str) -> tuple[str, str] | None:
    """The call and the telephone in `spy_id`'s result; None for the id of any other channel."""
    call_id, mark, rest = unique_id.rpartition("-spy-")
    phone, _, serial = rest.partition("-")
    return (call_id, phone) if mark and phone.isdigit() and serial.isdigit() else None


def leg_name(leg: int) -> str:
    """How Asterisk keeps which leg its last Dial was (Resumed.dialled_seat)."""
    return f"leg-{leg}"
