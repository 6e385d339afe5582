"""The call inside its flow: what the engine asks for, and what the caller answered."""

from __future__ import annotations

from datetime import datetime

from callcenter.call import outside, waiting
from callcenter.call.notice import with_notices, with_notices_of_language
from callcenter.call.state import Alarm, Asking, Call, Note, Stage, Survey, change
from callcenter.call.world import Outcome, World
from callcenter.commands import Command, Finish, HandOver, Play, RaiseAlarm, Record, ReportFault
from callcenter.events import VoiceRecorded
from ivr_flows import engine
from ivr_flows import turn as flow
from ivr_flows.model import Flows
from ivr_flows.names import BLOCKED_FLOW

ALL_KEYS = "0123456789*#"  # a wrong key must be heard too
MOST_RESUMES = 5  # a step that was cut off this often is at fault itself
LEAST_VOICE_S = 1.0  # less than this is a click, not a message


def begin(call: Call, world: World, now: datetime) -> Outcome:
    """Start the flow for a new call."""
    if call.turned_away:
        call = change(call, serial=call.serial + 1, finishing=True)
        return call, (Finish(call.serial, ()),)
    if call.blocked and BLOCKED_FLOW in world.flows.by_name:
        blocked = Flows(BLOCKED_FLOW, world.flows.by_name, world.flows.release)
        return take_turn(call, engine.start(blocked, world.facts), now)
    turn = engine.start(world.flows, world.facts)
    return take_turn(call, with_notices(turn, world.notices), now)


def answer(call: Call, given: flow.Answer, world: World, now: datetime) -> Outcome:
    """Hand the flow what it waited for. An answer it did not wait for makes it ask again.

    A call out has no flow: whatever ends its talk ends it.
    """
    if call.out is not None:
        call = change(call, serial=call.serial + 1, finishing=True, asking=None)
        return call, (Finish(call.serial, ()),)
    if call.session is None:
        return begin(call, world, now)
    try:
        turn = engine.resume(world.flows, call.session, given, world.facts)
        turn = with_notices_of_language(turn, call.session.language, world.notices)
    except flow.AnswerUnexpected:
        turn = engine.again(world.flows, call.session, world.facts)
    return take_turn(call, turn, now)


def again(call: Call, world: World, now: datetime) -> Outcome:
    """Say the current step once more: the controller that said it before is gone."""
    if call.session is None and call.out is None:
        return begin(call, world, now)
    if call.resumes > MOST_RESUMES or call.session is None:
        return answer(call, flow.Failed(reason="resumed too often"), world, now)
    return take_turn(call, engine.again(world.flows, call.session, world.facts), now)


def take_turn(call: Call, turn: flow.Turn, now: datetime) -> Outcome:
    """Do what the flow asks for next."""
    chosen = turn.session
    call = change(
        call,
        session=chosen,
        flow=chosen.flow,
        flow_version=chosen.version,
        language=chosen.language,
        serial=call.serial + 1,
        asking=None,
        service=None,
    )
    call = call.with_ways(turn.ways, now)
    if chosen.city or chosen.special:
        call = _with_choices(call, chosen)
    call, commands = _act(call, turn, now)
    if turn.fault is not None:
        fault = turn.fault
        commands = (ReportFault(fault.flow, fault.version, fault.step, fault.reason), *commands)
    if turn.alarm is None:
        return call, commands
    call = change(call, alarms=(*call.alarms, Alarm(name=turn.alarm, at=now)))
    return call, (RaiseAlarm(turn.alarm), *commands)


def _with_choices(call: Call, chosen: flow.Session) -> Call:
    """What the caller said of himself by key."""
    if chosen.city and call.city_source != "seat":
        call = change(call, city=chosen.city, city_source="menu", county=None)
    return change(call, special=tuple(dict.fromkeys((*call.special, *chosen.special))))


def _act(call: Call, turn: flow.Turn, now: datetime) -> Outcome:
    match turn.act:
        case flow.Collect() as act:
            return _ask(call, turn, act, now)
        case flow.JoinQueue() as act:
            return waiting.ask_for_person(call, act, turn.say, now)
        case flow.RecordVoice() as act:
            return _record(call, turn, act)
        case flow.Transfer() as act:
            return outside.ring(call, act, turn, now)
        case flow.CallService() as act:
            return outside.ask(call, act, turn)
        case flow.End(is_rescue):
            last: Command = (
                HandOver(call.serial)
                if is_rescue
                else Finish(call.serial, turn.say, language=turn.language)
            )
            return change(call, finishing=not is_rescue), (last,)


def _ask(call: Call, turn: flow.Turn, act: flow.Collect, now: datetime) -> Outcome:
    call = change(call, asking=Asking(purpose=act.purpose, keys=act.keys))
    if act.purpose == "survey":
        call = change(call, stage=Stage.SURVEY, survey=call.survey or Survey(invited_at=now))
    elif call.answered_at is None or call.stage is Stage.QUEUE:
        # Who has talked may stand in line once more.
        call = change(call, stage=Stage.IVR)
    return call, (Play(call.serial, turn.say, ALL_KEYS, act.wait_s, language=turn.language),)


def _record(call: Call, turn: flow.Turn, act: flow.RecordVoice) -> Outcome:
    call = change(call, stage=Stage.RECORDING, voice_kind=act.kind, note_name=act.name)
    if act.kind == "callback":
        call = change(call, overflow="callback", overflow_number=act.pii_number or call.caller)
    return call, (Record(call.serial, turn.say, act.limit_s, language=turn.language),)


def key_pressed(call: Call, key: str, world: World, now: datetime) -> Outcome:
    """A key while the flow speaks or waits for one."""
    asking = call.asking
    if asking is None:
        return call, ()
    if asking.purpose == "survey" and key in asking.keys and call.survey:
        call = change(call, survey=Survey(invited_at=call.survey.invited_at, answer=int(key)))
    return answer(call, flow.Key(key), world, now)


def nothing_pressed(call: Call, world: World, now: datetime) -> Outcome:
    """Everything was said and no key came."""
    return answer(call, flow.NoKey(), world, now) if call.asking else (call, ())


def with_voice(call: Call, seconds: float | None) -> Call:
    """The call with its voice note; a message with a voice in it counts as taken over."""
    if seconds is None or seconds < LEAST_VOICE_S:
        return call
    audio = voice_file(call.recording, call.serial)
    if call.voice_kind == "note":
        if any(note.audio == audio for note in call.notes):
            return call
        note = Note(name=call.note_name, audio=audio, duration_s=round(seconds, 3))
        return change(call, notes=(*call.notes, note))
    call = change(call, voice_audio=audio, voice_s=round(seconds, 3))
    return change(call, overflow=call.overflow or call.voice_kind)


def voice_recorded(call: Call, event: VoiceRecorded, world: World, now: datetime) -> Outcome:
    """The voice note is on disk."""
    call = with_voice(call, event.duration_s)
    if event.caller_gone:
        return call, ()
    return answer(call, flow.Recorded(), world, now)


def voice_file(recording: str, serial: int) -> str:
    """Path stem of a voice note, beside the call's recording; each note gets its own file."""
    return f"{recording}-voice-{serial}"
