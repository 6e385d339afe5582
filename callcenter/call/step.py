"""The only state machine of a call: every stage takes every event; what does not fit is ignored."""

from __future__ import annotations

from datetime import datetime

from callcenter import events as ev
from callcenter.call import (
    called_back,
    emergency,
    in_talk,
    ivr,
    outside,
    talk,
    talk_over,
    waiting,
)
from callcenter.call.callback import wants_callback
from callcenter.call.state import Call, Stage, change
from callcenter.call.world import Outcome, World
from callcenter.commands import BookCallback, ChangeSeat, Command, Forget, Hold, LeaveLine
from ivr_flows import turn as flow
from seats.locate import UNSURE


def step(call: Call, event: ev.Event, world: World, now: datetime) -> Outcome:
    """What the call becomes through this event, and what has to be done for it.

    Pure. Commands are in order; times are aware UTC.
    """
    if call.is_over:
        return _after_the_end(call, event, now)
    in_hand = in_talk.touched(call, event, world, now)
    if in_hand is not None:
        return in_hand
    match event:
        case ev.Arrived() if call.is_ours:
            return called_back.begin(call, world, now)
        case ev.Arrived():
            return ivr.begin(call, world, now)
        case ev.Resumed():
            return _resumed(call, event, world, now)
        case ev.SeatOffered(seat, leg=leg) if leg:  # nobody is sought for it any more
            return call, (ChangeSeat(seat, "released", "withdrawn", leg),)
        case ev.SeatOffered():
            return talk.offered(call, event, world, now)
        case ev.SeatRang():
            return talk.rang(call, event)
        case ev.SeatAnswered():
            return talk.answered(call, event, now)
        case ev.OverflowDue():
            return _overflow(call, event, world, now)
        case ev.LineAnswered(at) if call.is_ours and call.stage is Stage.TALKING:
            return called_back.picked_up(call, at)
        case ev.LineAnswered():
            return outside.picked_up(call, event, now), ()
        case ev.TalkAsked():
            return in_talk.asked(call, event, world, now)
        case ev.Moved() if _waits(call) and not call.reserved:
            return waiting.moved(call, event, now)
        case ev.SeatLost():
            return in_talk.lost(call, event, world, now)
        case ev.HungUp():
            return _hung_up(call, event, now)
        case ev.LineLost(rung):
            return _line_lost(call, rung)
        case ev.FallbackServed(facts):
            return change(call, fallback=facts), ()
        case ev.EmergencyRaised():
            return emergency.raised(call, now)
        case ev.CityFound(city, source, county):
            return _city_found(call, city, source, county), ()
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
    if call.reserved:
        return called_back.ring_reserved(call, world, now)
    if call.keeps_place:
        return waiting.stand_again(outside.withdrawn(call), now)
    if _waits(call):
        return waiting.music(call)
    if call.stage is Stage.TRANSFER:
        call = outside.withdrawn(call)
    return ivr.answer(call, flow.Failed(reason=reason), world, now)


def _spoken(call: Call, world: World, now: datetime) -> Outcome:
    if call.reserved:
        return called_back.ring_reserved(call, world, now)
    if _waits(call):
        return waiting.music(call)
    if call.service is None:
        return ivr.nothing_pressed(call, world, now)
    call, answer = outside.said(call)
    return ivr.answer(call, answer, world, now) if answer else (call, (Hold(call.serial),))


def _transferred(
    call: Call, result: ev.DialResult, *, caller_gone: bool, world: World, now: datetime
) -> Outcome:
    if call.keeps_place:
        call, back = waiting.line_ended(call, result, caller_gone=caller_gone, now=now)
        if back is not None or caller_gone:
            return call, back or ()
        survey = change(call, stage=Stage.SURVEY)
        return ivr.answer(survey, flow.QueueLeft("answered"), world, now)
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
    return _leave(call, outcome, world, now) if outcome else waiting.music(call)


def _leave(call: Call, outcome: waiting.WayOut, world: World, now: datetime) -> Outcome:
    call, left = waiting.leave(call, outcome, now)
    call, commands = ivr.answer(call, flow.QueueLeft(outcome), world, now)
    return call, (*left, *commands)


def _overflow(call: Call, event: ev.OverflowDue, world: World, now: datetime) -> Outcome:
    """Nobody took the call in time; a call that no longer waits is not concerned."""
    if not _waits(call) or call.reserved:
        return call, ()
    if event.who == "line":
        return waiting.ring_line(call, event, now)
    call, outcome = waiting.overflowed(call, event, now)
    return _leave(call, outcome, world, now) if outcome else (call, ())


def _resumed(call: Call, event: ev.Resumed, world: World, now: datetime) -> Outcome:
    call = change(call, resumes=call.resumes + 1)
    match call.stage:
        case Stage.RINGING | Stage.TALKING:
            return talk.resumed(call, event, world, now)
        case Stage.QUEUE if call.reserved:
            return called_back.resumed(call, now)
        case Stage.QUEUE:
            return waiting.stand_again(call, now)
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
    if call.keeps_place:
        return waiting.stand_again(outside.withdrawn(call), now)
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
    call, let_go = talk_over.hung_up(call, at, event.by or "caller")
    commands: list[Command] = [*let_go]
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
    end_stage = _end_stage(call)
    call, more = called_back.hung_up(call)
    commands += more
    if wants_callback(call):
        commands.append(BookCallback())
    call = change(
        outside.hung_up(call, event, at).with_stint_closed(outcome="abandoned", at=at),
        stage=Stage.OVER,
        ended_at=at,
        ended_by=event.by or ("system" if call.finishing else "caller"),
        end_stage=end_stage,
        reconciled=call.reconciled or event.reconciled,
    )
    return call, (*commands, Forget())


def _city_found(call: Call, city: str, source: str, county: str | None) -> Call:
    """What a lawyer says counts; what was told in an earlier call goes before a mere hint."""
    if source != "seat" and call.city_source not in UNSURE:
        return call
    return change(call, city=city, city_source=source, county=county)


def _end_stage(call: Call) -> str:
    if call.blocked and call.asked_at is None:  # whoever came to a person was not kept out
        return "blocked"
    if call.keeps_place:
        return "talking" if call.answered_at else "queue"
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


def _after_the_end(call: Call, event: ev.Event, now: datetime) -> Outcome:
    match event:
        case ev.SeatOffered(seat, leg=leg):
            return call, (ChangeSeat(seat, "released", "withdrawn", leg),)
        case ev.RecordingClosed():
            return _audio_closed(call, event), ()
        case ev.FallbackServed(facts):
            return change(call, fallback=facts), ()
        case ev.EmergencyRaised():
            return emergency.raised(call, now)
        case _:
            return call, ()
