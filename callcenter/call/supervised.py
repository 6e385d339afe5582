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
    known = leg_of(call)
    if not known:
        return None
    if call.legs[known - 1].by != wish.by:
        return "another_in"
    return "already_in" if table.yields == (wish.what == "take_over") else None


def refusal_to_seat(guest: Leg | None, wish: ev.TalkAsked) -> str | None:
    """Why a lawyer cannot do this while this supervisor is his guest: nobody sends him away."""
    if guest is None or wish.what not in _NOT_THE_SEATS or wish.to is not None:
        return None
    return "supervisor_in"


def asked(call: Call, wish: ev.TalkAsked, world: World, now: datetime) -> Outcome:
    """A supervisor asked for something; what does not fit changes nothing."""
    if refusal(call, wish) is not None:
        return call, ()
    before: tuple[cmd.Command, ...] = ()
    commands: tuple[cmd.Command, ...] = ()
    if call.table is None:
        call, before = change(call, table=Table()), (cmd.MoveSeat(),)
    known = leg_of(call)
    if known:
        call = legs.with_leg(call, known, kind=WISHES[wish.what])
    elif table_of(call).guest:
        call, commands = _called_beside(call, wish, world, now)
    else:
        call, commands = _called(call, wish, world, now)
    call = at_table(call, yields=wish.what == "take_over")
    call, told = joined(call, now)
    call, more = settle(call, world, now)
    return call, (*before, *commands, *told, *more)


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
    """A supervisor who takes the talk over is there: the seat leaves, and nobody else.

    Whom the seat consulted stays too, rung or there: only the seat knows why it called him, and it
    may be the police. The caller comes in from the music: nobody is left who could fetch him.
    """
    table, known = table_of(call), leg_of(call)
    is_there = known and call.legs[known - 1].answered_at is not None
    if not table.yields or not is_there or table.seat == "gone":
        return call, ()
    call, freed = away.seat_left(call, at)
    return at_table(call, yields=False), (*freed, cmd.EndSeat(table.channel))


def stands_aside(call: Call) -> Call:
    """The guest's place is wanted for somebody else: the supervisor is in the talk besides."""
    return at_table(call, guest=0, beside=table_of(call).guest) if guest_of(call) else call
