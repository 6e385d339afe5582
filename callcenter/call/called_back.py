"""The call by which we ring a citizen, because he asked for it or a lawyer does: how it begins, and
how it may end early.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from callcenter.call import talk, waiting
from callcenter.call.state import Call, Stage, Stint, change
from callcenter.call.world import Outcome, World
from callcenter.commands import ChangeSeat, Command, Play, ReportCallback
from callcenter.events import SeatOffered
from ivr_flows.speech import CALLBACK_GREETING

GREETING = (CALLBACK_GREETING,)


def begin(call: Call, world: World, now: datetime) -> Outcome:
    """The citizen has picked up; or, the seat first, nobody has yet."""
    stint = Stint(group=call.group or "general", asked_at=now)
    call = change(call, stage=Stage.QUEUE, stints=(stint,), serial=call.serial + 1)
    if call.seat_first:
        return ring_reserved(call, world, now)
    reached = ReportCallback("answered")
    if not call.reserved:  # its reservation ran out while he was rung
        call, commands = waiting.stand(call, GREETING, at_head=True, now=now)
        return call, (reached, *commands)
    return call, (reached, Play(call.serial, GREETING, "", language=call.language))


def ring_reserved(call: Call, world: World, now: datetime) -> Outcome:
    """Ring the seat that was kept for this call."""
    if not call.reserved:
        return waiting.stand(call, (), at_head=True, now=now)
    offer = SeatOffered(call.reserved, call.reserved_level)
    return talk.offered(change(call, reserved=""), offer, world, now)


def resumed(call: Call, now: datetime) -> Outcome:
    """Nobody steered the call while the seat was to be rung: it may be another's by now."""
    call, freed = _freed(call, "withdrawn")
    call, commands = waiting.stand(call, (), at_head=True, now=now)
    return call, (*freed, *commands)


def _freed(call: Call, why: str) -> tuple[Call, tuple[Command, ...]]:
    if not call.reserved:
        return call, ()
    return change(call, reserved=""), (ChangeSeat(call.reserved, "released", why),)


def picked_up(call: Call, at: datetime) -> Outcome:
    """The seat was rung first, and now the citizen has picked up."""
    if call.stage is not Stage.TALKING or not call.is_without_caller:
        return call, ()
    if call.out is not None:
        call = change(call, out=msgspec.structs.replace(call.out, reached_at=at))
    return change(call, caller_reached=True), (ReportCallback("answered"),)


def hung_up(call: Call) -> tuple[Call, tuple[Command, ...]]:
    """The channel is gone: give back what was kept, and say if the citizen was not reached."""
    call, freed = _freed(call, "caller_gone")
    if not call.is_without_caller:
        return call, freed
    was_rung = bool(call.attempts) and call.attempts[-1].outcome == "answered"
    if was_rung:  # he was rung in vain: whoever picked up talked with nobody
        call = change(
            call.with_attempt(answered_at=None, outcome="caller_gone"),
            talk_ended_at=None,
            talk_ended_by=None,
        )
    return call, (*freed, ReportCallback("no_answer" if was_rung else "withdrawn"))
