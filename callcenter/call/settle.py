"""Brings the caller of a touched talk where he belongs, as soon as he can be moved."""

from __future__ import annotations

from datetime import datetime

from callcenter import commands as cmd
from callcenter.call import ivr, waiting
from callcenter.call.legs import at_table, table_of
from callcenter.call.state import Call, Stage, Stint, change
from callcenter.call.table import CallerAt
from callcenter.call.world import Outcome, World
from ivr_flows import turn as flow

BACK_WITHIN_S = 15.0  # so long a caller waits for a lost phone to register again
OUTSIDE_RINGS = 2  # a line outside is rung so many times as long as a seat


def settle(call: Call, world: World, now: datetime) -> Outcome:
    """The next move of the caller, if one is due; none while he is on his way."""
    table = call.table
    if table is None or table.caller in ("dial", "leaving", "line", "waiting"):
        return call, ()
    if table.caller == "room":
        if table.is_in and not table.then:
            return call, ()
        return _at(call, "leaving"), (cmd.LeaveRoom(),)
    if table.then:
        return _go_on(call, world, now)
    if table.is_in:
        call = _at(change(call, serial=call.serial + 1), "room")
        return call, (cmd.JoinRoom(call.serial),)
    if table.caller == "music":
        return call, ()
    call = _at(change(call, serial=call.serial + 1), "music")
    return call, (cmd.Hold(call.serial),)


def _at(call: Call, where: CallerAt) -> Call:
    return at_table(call, caller=where)


def _go_on(call: Call, world: World, now: datetime) -> Outcome:
    match table_of(call).then:
        case "survey":
            call = change(call, table=None, stage=Stage.SURVEY)
            return ivr.answer(call, flow.QueueLeft("answered"), world, now)
        case "transfer":
            return _transfer(call, world.ring_s * OUTSIDE_RINGS, now)
        case "seat":
            call = change(call, serial=call.serial + 1, timer=call.timer + 1)
            call = _at(call, "waiting")
            return call, (cmd.Hold(call.serial), cmd.SetTimer(call.timer, BACK_WITHIN_S))
        case _:
            return _stand(change(call, table=None), call.group or "general", now)


def _transfer(call: Call, ring_s: int, now: datetime) -> Outcome:
    leg = call.legs[-1]
    assert leg.to is not None
    if leg.ended_at is not None:  # the caller had gone, or it was found out too late
        return _stand(change(call, table=None), call.group or "general", now)
    if leg.to.is_inside:
        call = change(call, table=None, wants=leg.to.name if leg.to.kind == "seat" else None)
        group = leg.to.name if leg.to.kind == "group" else call.group or "general"
        return _stand(call, group, now)
    call = at_table(change(call, serial=call.serial + 1), caller="line", then="")
    ring = cmd.RingOut(call.serial, len(call.legs), leg.to.number, leg.to.trunk, ring_s)
    return call, (ring,)


def stop_waiting(call: Call, now: datetime) -> Outcome:
    """The lost seat is back, or stays away: to the head of the line, it first."""
    return _stand(change(call, table=None), call.group or "general", now)


def _stand(call: Call, group: str, now: datetime) -> Outcome:
    """Back in line, at its head and with the first time of asking; a stay of its own."""
    call = change(call, group=group, stints=(*call.stints, Stint(group=group, asked_at=now)))
    return waiting.stand(call, (), at_head=True, now=now)
