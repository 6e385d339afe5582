"""A supervisor in a talk: joins it (插话) as its guest, or takes it over from the seat (接管)."""

from __future__ import annotations

from datetime import datetime

from callcenter import commands as cmd
from callcenter import events as ev
from callcenter.call import away, legs
from callcenter.call.legs import at_table, table_of
from callcenter.call.settle import OUTSIDE_RINGS, settle
from callcenter.call.state import Call, Stage, change
from callcenter.call.table import Leg, LegKind, Table
from callcenter.call.world import Outcome, World

WISHES: dict[str, LegKind] = {"barge": "barge", "take_over": "take_over"}
_NOT_THE_SEATS = frozenset({"cancel", "complete", "conference"})


def guest_of(call: Call) -> Leg | None:
    """The supervisor who is the talk's guest, rung or there."""
    table = call.table
    if table is None or not table.guest:
        return None
    leg = call.legs[table.guest - 1]
    return leg if leg.to is not None and leg.to.kind == "supervisor" else None


def leg_of(call: Call) -> int:
    """Number of the leg of the supervisor who is in the talk, as its guest or besides; 0: none."""
    table = call.table or Table()
    return table.beside or (table.guest if guest_of(call) else 0)


def refusal(call: Call, wish: ev.TalkAsked) -> str | None:
    """Why a supervisor cannot do this now, as a stable id; None when he can."""
    table = call.table or Table()
    is_talk = call.stage is Stage.TALKING and not call.is_without_caller
    if not is_talk or table.then or table.caller == "line" or call.seat is None:
        return "not_talking"
    if not table.guest:
        return None
    guest = guest_of(call)
    if guest is None:
        return _refusal_beside(call, table, wish)
    if guest.by != wish.by:
        return "has_guest"
    return "already_in" if guest.kind == wish.what else None


def _refusal_beside(call: Call, table: Table, wish: ev.TalkAsked) -> str | None:
    """The talk has another guest: he can come in besides, but the guest is the seat's own."""
    if table.beside and call.legs[table.beside - 1].by == wish.by and wish.what == "barge":
        return "already_in"
    return "has_guest" if table.beside or wish.what != "barge" else None


def refusal_to_seat(guest: Leg | None, wish: ev.TalkAsked) -> str | None:
    """Why a lawyer cannot do this while this supervisor is his guest: nobody sends him away.

    A line is another matter: it may be the police.
    """
    if guest is None or wish.what not in _NOT_THE_SEATS or wish.to is not None:
        return None
    return "supervisor_in"


def asked(call: Call, wish: ev.TalkAsked, world: World, now: datetime) -> Outcome:
    """A supervisor asked for something; what does not fit changes nothing."""
    if refusal(call, wish) is not None:
        return call, ()
    before: tuple[cmd.Command, ...] = ()
    if call.table is None:
        call, before = change(call, table=Table()), (cmd.MoveSeat(),)
    known = guest_of(call)
    if known is None and table_of(call).guest:
        call, commands = _called_beside(call, wish, world, now)
    elif known is None:
        call, commands = _called(call, wish, world, now)
    else:
        call = legs.with_leg(call, table_of(call).guest, kind=WISHES[wish.what])
        call, commands = _yielded(call, now) if known.answered_at else (call, ())
    call, more = settle(call, world, now)
    return call, (*before, *commands, *more)


def _called(call: Call, wish: ev.TalkAsked, world: World, now: datetime) -> Outcome:
    call, back = away.caller_in(legs.close_hold(call, "retrieved", now))
    call = legs.opened(call, Leg(kind=WISHES[wish.what], at=now, by=wish.by, to=wish.to))
    call = at_table(change(call, timer=call.timer + 1), guest=len(call.legs))
    ring_s = world.ring_s * OUTSIDE_RINGS
    ring = cmd.CallLeg(len(call.legs), ring_s, seat=wish.by)
    return call, (*back, ring, cmd.SetTimer(call.timer, ring_s))


def _called_beside(call: Call, wish: ev.TalkAsked, world: World, now: datetime) -> Outcome:
    call = legs.opened(call, Leg(kind=WISHES[wish.what], at=now, by=wish.by, to=wish.to))
    call = at_table(call, beside=len(call.legs))
    return call, (cmd.CallLeg(len(call.legs), world.ring_s * OUTSIDE_RINGS, seat=wish.by),)


def came_beside(call: Call, at: datetime) -> Call:
    """He is in the room, with the seat and whoever else is there."""
    table = table_of(call)
    leg = call.legs[table.beside - 1]
    at = max(at, leg.at)
    joined_at = at if table.is_in else None
    return legs.with_leg(call, table.beside, answered_at=at, joined_at=joined_at)


def joined(call: Call, at: datetime) -> Outcome:
    """Somebody came into the room: to a supervisor who takes the talk over the seat lets go."""
    guest = guest_of(call)
    is_due = guest is not None and guest.kind == "take_over" and guest.answered_at is not None
    if not is_due or table_of(call).seat == "gone":
        return call, ()
    return _yielded(call, at)


def _yielded(call: Call, now: datetime) -> Outcome:
    """The seat leaves the caller to the supervisor, who is in the talk."""
    channel = table_of(call).channel
    call, freed = away.seat_left(call, now)
    return call, (*freed, cmd.EndSeat(channel))


def stands_aside(call: Call, now: datetime) -> Outcome:
    """The supervisor leaves his place to whom the lawyer needs more; he may listen on."""
    return away.guest_dismissed(call, now) if guest_of(call) else (call, ())
