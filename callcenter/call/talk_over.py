"""The caller of a touched talk has hung up: nobody is left behind in it."""

from __future__ import annotations

from datetime import datetime

from callcenter import commands as cmd
from callcenter.call import away, legs
from callcenter.call.state import Call, change
from callcenter.call.table import Leg
from callcenter.call.world import Outcome


def hung_up(call: Call, at: datetime, by: str) -> Outcome:
    """The caller is gone: everybody else is let go, and what was open is closed."""
    for number, leg in enumerate(call.legs, 1):
        if leg.ended_at is None:
            call = legs.close(call, number, _last_outcome(call, leg), at)
    table = call.table
    if table is None:
        return call, ()
    commands: list[cmd.Command] = []
    is_talking = table.seat != "gone"
    if is_talking:
        commands += [away.seat_told(call, "released")]
        call = call.with_attempt(ended_at=at)
        if table.channel:
            commands.append(cmd.EndSeat(table.channel))
    if table.guest:
        guest = call.legs[table.guest - 1]
        is_talking |= guest.joined_at is not None
        commands += [cmd.LeaveLine(table.guest), cmd.EndLeg(table.guest)]
        if guest.seat:
            commands.append(cmd.ChangeSeat(guest.seat, "released", leg=table.guest))
    if table.beside:
        is_talking |= call.legs[table.beside - 1].joined_at is not None
        commands.append(cmd.EndLeg(table.beside))
    is_talking |= table.caller == "line" and call.legs[-1].answered_at is not None
    if is_talking or call.talk_ended_at is None:
        call = change(call, talk_ended_at=at, talk_ended_by=by)
    return change(call, table=None), tuple(commands)


def _last_outcome(call: Call, leg: Leg) -> str:
    if leg.answered_at is None:
        return "caller_gone"
    is_left = call.table is not None and call.table.seat == "gone"
    return "completed" if leg.joined_at and is_left else "answered"
