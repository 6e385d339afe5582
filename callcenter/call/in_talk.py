"""A talk in hand: held, transferred, consulted about, made a conference; nobody is left alone.

The seat's phone is moved out of Dial into the call's room, the caller follows it there or hears
music; whoever else is wanted is called into the room. Whatever fails, the caller comes back to the
seat, or to the head of the line.
"""

from __future__ import annotations

from datetime import datetime

from callcenter import commands as cmd
from callcenter import events as ev
from callcenter.call import away, legs, ringing, supervised
from callcenter.call.legs import at_table, table_of
from callcenter.call.settle import OUTSIDE_RINGS, settle, stop_waiting
from callcenter.call.state import Call, Stage, change
from callcenter.call.table import Leg, LegKind, Table, leg_id, leg_name, parse_leg_id
from callcenter.call.world import Outcome, World

WISHES = frozenset(
    {"hold", "retrieve", "transfer", "consult", "complete", "cancel", "conference", "leave"}
)
IN_ROOM = frozenset({"room", "leaving"})
NEEDS_TARGET = frozenset({"transfer", "consult"})
SPARE_S = 5.0  # what a guest may take longer than he is rung, until a seat is free for it


def refusal(call: Call, wish: ev.TalkAsked) -> str | None:
    """Why this cannot be done now, as a stable id; None when it can."""
    table = call.table or Table(caller="dial", seat="coming")
    guest = call.legs[table.guest - 1] if table.guest else None
    if call.stage is not Stage.TALKING or table.then or table.caller == "line":
        return "not_talking"
    if guest and wish.by == guest.seat and wish.what == "leave":
        return None if guest.joined_at else "no_conference"
    if wish.by != call.seat:
        return "not_talking"
    if wish.what in NEEDS_TARGET and wish.to is None:
        return "target_needed"
    supervisor = supervised.guest_of(call)
    makes_room = wish.what != "transfer" and supervisor is not None
    if wish.to is not None and guest is not None and not makes_room:
        return "supervisor_in" if supervisor else "has_guest"
    if why := supervised.refusal_to_seat(supervisor, wish):
        return why
    if wish.to is not None and not wish.to.is_open:
        return "line_closed"
    return _misfit(wish, table, guest)


def _misfit(wish: ev.TalkAsked, table: Table, guest: Leg | None) -> str | None:
    is_there = guest is not None and guest.answered_at is not None
    match wish.what:
        case "hold":
            return "has_guest" if guest else None if table.is_in else "already_held"
        case "retrieve":
            return "has_guest" if guest else "not_held" if table.is_in else None
        case "complete":
            return None if is_there else "not_answered"
        case "cancel":
            return None if guest else "no_guest"
        case "conference" if wish.to is None:
            return None if is_there else "not_answered"
        case "leave":
            return None if guest and guest.joined_at else "no_conference"
        case _:
            return None


def asked(call: Call, wish: ev.TalkAsked, world: World, now: datetime) -> Outcome:
    """A lawyer asked for something; what does not fit changes nothing."""
    if wish.what in supervised.WISHES:
        return supervised.asked(call, wish, world, now)
    if wish.what not in WISHES:
        return call, ()
    why = refusal(call, wish)
    if why == "line_closed" and wish.to is not None:
        return _found_closed(call, wish, now), ()
    if why is not None:
        return call, ()
    before: tuple[cmd.Command, ...] = ()
    if call.table is None:
        call = change(call, table=Table())
        if wish.what != "transfer":
            before = (cmd.MoveSeat(),)
    call, commands = _done(call, wish, world, now)
    call, more = settle(call, world, now)
    call, tone = ringing.told(call)
    return call, (*before, *commands, *more, *tone)


def _found_closed(call: Call, wish: ev.TalkAsked, now: datetime) -> Call:
    kind: LegKind = "transfer" if wish.what == "transfer" else "consult"
    call = legs.opened(call, Leg(kind=kind, at=now, by=wish.by, to=wish.to))
    return legs.close(call, len(call.legs), "closed", now)


def _done(call: Call, wish: ev.TalkAsked, world: World, now: datetime) -> Outcome:
    match wish.what:
        case "hold":
            call = legs.opened(call, Leg(kind="hold", at=now, by=wish.by))
            return away.caller_out(call)
        case "retrieve":
            return away.caller_in(legs.close_hold(call, "retrieved", now))
        case "transfer":
            return _transfer(call, wish, now)
        case "consult":
            call = supervised.stands_aside(legs.close_hold(call, "consult", now))
            call, held = away.caller_out(call)
            call, commands = _invite(call, wish, "consult", world, now)
            return call, (*held, *commands)
        case "conference" if wish.to is not None:
            call = supervised.stands_aside(legs.close_hold(call, "retrieved", now))
            call, back = away.caller_in(call)
            call, commands = _invite(call, wish, "conference", world, now)
            return call, (*back, *commands)
        case "conference":
            call = legs.with_leg(call, table_of(call).guest, kind="conference", joined_at=now)
            call = away.beside_joined(call, now)
            return away.caller_in(call)
        case "cancel":
            return away.guest_dismissed(call, now)
        case _:
            if wish.by != call.seat:
                return away.guest_dismissed(call, now)
            channel = table_of(call).channel
            call, commands = away.seat_left(call, now)
            return call, (*commands, cmd.EndSeat(channel))


def _transfer(call: Call, wish: ev.TalkAsked, now: datetime) -> Outcome:
    call = legs.close_hold(call, "transfer", now)
    call = legs.opened(call, Leg(kind="transfer", at=now, by=wish.by, to=wish.to))
    channel = table_of(call).channel
    call, commands = away.seat_freed(call, now)
    call = at_table(call, then="transfer")
    return call, (*commands, cmd.EndSeat(channel))


def _invite(call: Call, wish: ev.TalkAsked, kind: LegKind, world: World, now: datetime) -> Outcome:
    call = legs.opened(call, Leg(kind=kind, at=now, by=wish.by, to=wish.to))
    call = at_table(change(call, timer=call.timer + 1), guest=len(call.legs))
    return call, _reach(call, world)


def _reach(call: Call, world: World) -> tuple[cmd.Command, ...]:
    """Have the guest looked for or rung; said again by a controller that takes the call up."""
    guest = table_of(call).guest
    leg = call.legs[guest - 1]
    assert leg.to is not None
    ring_s = world.ring_s * (1 if leg.to.is_inside else OUTSIDE_RINGS)
    first: cmd.Command = cmd.CallLeg(guest, ring_s, number=leg.to.number, trunk=leg.to.trunk)
    if leg.to.is_inside:
        first = cmd.JoinLine(
            group=leg.to.name if leg.to.kind == "group" else call.group or "general",
            city=call.city,
            language=call.language,
            asked_at=leg.at,
            tried=call.tried | {leg.by},
            at_head=True,
            wants=leg.to.name if leg.to.kind == "seat" else None,
            leg=guest,
        )
    return first, cmd.SetTimer(call.timer, ring_s + SPARE_S)


def touched(call: Call, event: ev.Event, world: World, now: datetime) -> Outcome | None:
    """An event in a touched talk; None when the talk has nothing to do with it."""
    table = call.table
    if table is None:
        return None
    match event:
        case ev.SeatOffered(seat, level, leg) if leg == table.guest and _is_sought(call):
            call = legs.with_leg(call, table.guest, seat=seat, level=level)
            return call, (cmd.CallLeg(table.guest, world.ring_s, seat=seat),)
        case ev.MemberJoined(unique_id, at):
            call, commands = _joined(call, unique_id, min(at, now))
            call, more = supervised.joined(call, min(at, now))
            commands = (*commands, *more)
        case ev.LegAnswered(leg, at) if leg == table.guest:
            call, commands = away.guest_came(call, min(at, now))
        case ev.LegRang(leg) if leg == table.guest:
            call, commands = _rang(call, leg, now)
        case ev.LegGone(leg, at, cause) if table.channel == leg_id(call.call_id, leg):
            call, commands = away.seat_gone(call, min(at, now), is_lost=cause == away.RTP_LOST)
        case ev.LegGone(leg, at, cause) if leg == table.guest:
            call, commands = away.guest_gone(call, cause, min(at, now))
        case ev.LegGone(leg, at, cause) if leg == table.beside:
            call, commands = away.beside_gone(call, cause, min(at, now)), ()
        case ev.SeatGone(seat, at, cause) if seat == call.seat and not parse_leg_id(table.channel):
            call, commands = away.seat_gone(call, min(at, now), is_lost=cause == away.RTP_LOST)
        case ev.SeatBack(seat) if seat == call.wants and table.then == "seat":
            if table.caller == "waiting":
                return stop_waiting(call, now)
            return at_table(call, then="line"), ()
        case ev.TimerFired(serial) if serial == call.timer and table.caller == "waiting":
            return stop_waiting(call, now)
        case ev.MoveFailed():
            call, commands = away.seat_not_moved(call, now)
        case ev.TimerFired(serial) if serial == call.timer:
            call, commands = away.guest_too_late(call, now)
        case ev.DialEnded(serial) if serial == call.serial and table.caller in ("dial", "line"):
            call, commands = away.dial_ended(call, event, now)
            if event.caller_gone:
                return call, commands
        case ev.RoomLeft(serial) if serial == call.serial and table.caller in IN_ROOM:
            if event.caller_gone:
                return call, ()
            call, commands = away.room_left(call, now)
        case ev.DialEnded() | ev.RoomLeft():
            return call, ()
        case ev.LineAnswered(at) if table.caller == "line":
            number = len(call.legs)
            if call.legs[-1].answered_at is None:
                call = legs.with_leg(call, number, answered_at=at, joined_at=at)
            return call, ()
        case ev.KeyPressed(serial) if serial == call.serial and table.caller in (
            "music",
            "waiting",
        ):
            return call, (cmd.Hold(call.serial),)
        case ev.Resumed():
            return _resumed(call, event, world, now)
        case _:
            return None
    call, more = settle(call, world, now)
    call, tone = ringing.told(call)
    return call, (*commands, *more, *tone)


def _rang(call: Call, leg: int, now: datetime) -> Outcome:
    call = legs.with_leg(call, leg, rang_at=now)
    seat = call.legs[leg - 1].seat
    return call, (cmd.ChangeSeat(seat, "rang", leg=leg),) if seat else ()


def _is_sought(call: Call) -> bool:
    if call.table is None or not call.table.guest:
        return False
    leg = call.legs[call.table.guest - 1]
    return leg.to is not None and leg.to.is_inside and leg.seat is None


def _joined(call: Call, unique_id: str, at: datetime) -> Outcome:
    table = table_of(call)
    if unique_id in (call.call_id, table.channel):
        return call, ()
    if table.guest and unique_id == leg_id(call.call_id, table.guest):
        to = call.legs[table.guest - 1].to
        if to is not None and to.is_outside:
            return call, ()  # its network says something; that somebody is there is LegAnswered
        return away.guest_came(call, at)
    if table.beside and unique_id == leg_id(call.call_id, table.beside):
        return supervised.came_beside(call, at), ()
    if parse_leg_id(unique_id) or table.seat == "gone":
        return call, (cmd.EndSeat(unique_id),)  # nobody waits for it any more
    return call if table.channel else at_table(call, seat="room", channel=unique_id), ()


def _resumed(call: Call, event: ev.Resumed, world: World, now: datetime) -> Outcome:
    """The dialplan came back with the caller: he is out of whatever he was in."""
    call = change(call, resumes=call.resumes + 1)
    commands: tuple[cmd.Command, ...] = ()
    if table_of(call).caller == "line":
        call, commands = _resumed_line(call, event, now)
    else:
        call = at_table(call, caller="out")
    if _is_sought(call):
        call = change(call, timer=call.timer + 1)
        commands = (*commands, *_reach(call, world))
    call, more = settle(call, world, now)
    return call, (*commands, *more)


def _resumed_line(call: Call, event: ev.Resumed, now: datetime) -> Outcome:
    if event.dial and event.dialled_seat == leg_name(len(call.legs)):
        ended = ev.DialEnded(call.serial, event.dial, caller_gone=False)
        return away.dial_ended(call, ended, now)
    return at_table(call, caller="out", then="transfer"), ()  # it was never rung


def lost(call: Call, event: ev.SeatLost, world: World, now: datetime) -> Outcome:
    """The seat's phone is dead: the caller hears music and is first in line for the same seat."""
    if call.stage is not Stage.TALKING:
        return call, ()
    table = call.table or Table()
    if table.guest and event.seat == call.legs[table.guest - 1].seat:
        return call, (cmd.EndLeg(table.guest),)
    if event.seat != call.seat:
        return call, ()
    call, commands = away.seat_gone(change(call, table=table), now, is_lost=True)
    call, more = settle(call, world, now)
    return call, (*commands, cmd.EndSeat(table.channel), *more)
