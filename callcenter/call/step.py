"""The only state machine of a call: every stage takes every event; what does not fit is ignored."""

from __future__ import annotations

from datetime import datetime

from callcenter import events as ev
from callcenter.call import ivr, outside, talk, waiting
from callcenter.call.state import Call, Stage, change
from callcenter.call.world import Outcome, World
from callcenter.commands import ChangeSeat, Command, Forget, Hold, LeaveLine
from ivr_flows import turn as flow


def step(call: Call, event: ev.Event, world: World, now: datetime) -> Outcome:
    """What the call becomes through this event, and what has to be done for it.

    Pure. Commands are in order; times are aware UTC.
    """
    if call.is_over:
        return _after_the_end(call, event)
    match event:
        case ev.Arrived():
            return ivr.begin(call, world, now)
        case ev.Resumed():
            return _resumed(call, event, world, now)
        case ev.SeatOffered():
            return talk.offered(call, event, world, now)
        case ev.SeatRang():
            return talk.rang(call, event)
        case ev.SeatAnswered():
            return talk.answered(call, event, now)
        case ev.LineAnswered():
            return outside.picked_up(call, event, now), ()
        case ev.HungUp():
            return _hung_up(call, event, now)
        case ev.LineLost(rung):
            return _line_lost(call, rung)
        case ev.FallbackServed(facts):
            return change(call, fallback=facts), ()
        case ev.TimerFired(serial):
            return (
                waiting.announce(call, world, now)
                if _waits(call) and serial == call.timer
                else (call, ())
            )
        case ev.RecordingClosed():
            return _audio_closed(call, event), ()
        case _:
            return _from_telephony(call, event, world, now)


def _from_telephony(call: Call, event: ev.Event, world: World, now: datetime) -> Outcome:
    if getattr(event, "serial", None) != call.serial:
        return call, ()
    at_a_seat = call.stage in (Stage.RINGING, Stage.TALKING)
    if at_a_seat and not isinstance(event, ev.DialEnded):
        return call, ()
    match event:
        case ev.DialEnded(_, result, caller_gone) if call.stage is Stage.TRANSFER:
            return _transferred(call, result, caller_gone=caller_gone, world=world, now=now)
        case ev.DialEnded(_, result, caller_gone) if at_a_seat:
            return talk.dial_ended(call, result, caller_gone=caller_gone, world=world, now=now)
        case ev.KeyPressed(_, key):
            return _key(call, key, world, now)
        case ev.Spoken():
            return _spoken(call, world, now)
        case ev.VoiceRecorded() if call.stage is Stage.RECORDING:
            return ivr.voice_recorded(call, event, world, now)
        case ev.ServiceAnswered() | ev.ServiceFailed():
            call, answer = outside.told(call, event)
            return ivr.answer(call, answer, world, now) if answer else (call, ())
        case ev.PromptFailed(_, reason) | ev.ActFailed(_, reason):
            return _failed(call, reason, world, now)
        case _:
            return call, ()


def _failed(call: Call, reason: str, world: World, now: datetime) -> Outcome:
    if _waits(call):
        return waiting.music(call)
    if call.stage is Stage.TRANSFER:
        call = outside.withdrawn(call)
    return ivr.answer(call, flow.Failed(reason=reason), world, now)


def _spoken(call: Call, world: World, now: datetime) -> Outcome:
    if _waits(call):
        return waiting.music(call)
    if call.service is None:
        return ivr.nothing_pressed(call, world, now)
    call, answer = outside.said(call)
    return ivr.answer(call, answer, world, now) if answer else (call, (Hold(call.serial),))


def _transferred(
    call: Call, result: ev.DialResult, *, caller_gone: bool, world: World, now: datetime
) -> Outcome:
    call, answer = outside.ended(call, result, caller_gone=caller_gone, now=now)
    return (call, ()) if caller_gone else ivr.answer(call, answer, world, now)


def _waits(call: Call) -> bool:
    return call.stage is Stage.QUEUE


def _key(call: Call, key: str, world: World, now: datetime) -> Outcome:
    if call.service is not None:  # nothing was asked of him: the music goes on
        return call, (Hold(call.serial),)
    if not _waits(call):
        return ivr.key_pressed(call, key, world, now)
    outcome = waiting.way_out(call, key, now)
    if outcome is None:
        return waiting.music(call)
    call, left = waiting.leave(call, outcome, now)
    call, commands = ivr.answer(call, flow.QueueLeft(outcome), world, now)
    return call, (*left, *commands)


def _resumed(call: Call, event: ev.Resumed, world: World, now: datetime) -> Outcome:
    call = change(call, resumes=call.resumes + 1)
    match call.stage:
        case Stage.RINGING | Stage.TALKING:
            return talk.resumed(call, event, world, now)
        case Stage.QUEUE:
            return waiting.stand(call, (), at_head=False, now=now)
        case Stage.TRANSFER:
            return _resumed_transfer(call, event, world, now)
        case Stage.RECORDING if event.voice_s:  # nobody steered, but what was said is kept
            spoken = ev.VoiceRecorded(call.serial, event.voice_s, caller_gone=False)
            return ivr.voice_recorded(call, spoken, world, now)
        case _:
            return ivr.again(call, world, now)


def _resumed_transfer(call: Call, event: ev.Resumed, world: World, now: datetime) -> Outcome:
    """The line was rung, and perhaps talked to, without a controller; or it never was."""
    rung = outside.dial_name(call.transfers[-1].line, len(call.transfers))
    if event.dial and event.dialled_seat == rung:
        return _transferred(call, event.dial, caller_gone=False, world=world, now=now)
    return ivr.again(outside.withdrawn(call), world, now)


def _line_lost(call: Call, rung: int) -> Outcome:
    """Nobody may be offered a call that we cannot steer; Resumed puts it back in its place."""
    if _waits(call):
        return change(call, timer=call.timer + 1), (LeaveLine(),)
    if call.stage is Stage.RINGING and rung != call.serial:
        return talk.withdrawn(call)
    return call, ()


def _hung_up(call: Call, event: ev.HungUp, now: datetime) -> Outcome:
    at = max(call.arrived_at, event.at or now)
    commands: list[Command] = []
    if _waits(call):
        commands.append(LeaveLine())
    if call.stage is Stage.RINGING and call.attempts[-1].outcome is None:
        call = call.with_attempt(ended_at=at, outcome="caller_gone")
        commands.append(ChangeSeat(call.attempts[-1].seat, "released", "caller_gone"))
    if call.stage is Stage.TALKING and call.talk_ended_at is None:
        call = change(
            call.with_attempt(ended_at=at), talk_ended_at=at, talk_ended_by=event.by or "caller"
        )
        commands.append(ChangeSeat(call.attempts[-1].seat, "released"))
    call = change(
        outside.hung_up(call, event, at).with_stint_closed(outcome="abandoned", at=at),
        stage=Stage.OVER,
        ended_at=at,
        ended_by=event.by or ("system" if call.finishing else "caller"),
        end_stage=_end_stage(call),
        reconciled=call.reconciled or event.reconciled,
    )
    return call, (*commands, Forget())


def _end_stage(call: Call) -> str:
    if call.stage in (Stage.RECORDING, Stage.IVR, Stage.TRANSFER):
        if call.answered_at:
            return "survey"
        return "queue" if call.asked_at else "ivr"
    return str(call.stage)


def _audio_closed(call: Call, event: ev.RecordingClosed) -> Call:
    # It ended while nobody steered the call.
    if call.voice_kind == "note" or (call.voice_kind and call.voice_audio is None):
        call = ivr.with_voice(call, event.voice_s)
    return change(call, recording_s=event.duration_s)


def _after_the_end(call: Call, event: ev.Event) -> Outcome:
    match event:
        case ev.SeatOffered(seat):
            return call, (ChangeSeat(seat, "released", "withdrawn"),)
        case ev.RecordingClosed():
            return _audio_closed(call, event), ()
        case ev.FallbackServed(facts):
            return change(call, fallback=facts), ()
        case _:
            return call, ()
