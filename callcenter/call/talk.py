"""The call at a seat: rung, talking, and what follows."""

from __future__ import annotations

from datetime import datetime

import msgspec

from callcenter.call import ivr, legs, waiting
from callcenter.call.state import Attempt, Call, Stage, change
from callcenter.call.world import Outcome, World
from callcenter.commands import ChangeSeat, DialCaller, Ring
from callcenter.events import DialResult, Resumed, SeatAnswered, SeatOffered, SeatRang
from ivr_flows import speech
from ivr_flows import turn as flow

CALL_REJECTED = 21  # Q.850: the phone said no
USER_BUSY = 17


def offered(call: Call, event: SeatOffered, world: World, now: datetime) -> Outcome:
    """A seat is reserved for this call: ring it. A call that no longer waits gives it back."""
    if call.seat == event.seat:
        return call, ()
    if call.stage is not Stage.QUEUE or call.reserved:
        return call, (ChangeSeat(event.seat, "released", "withdrawn"),)
    attempt = Attempt(seat=event.seat, level=event.level, offered_at=now)
    call = change(
        call,
        stage=Stage.RINGING,
        serial=call.serial + 1,
        timer=call.timer + 1,
        attempts=(*call.attempts, attempt),
    )
    is_back = legs.is_coming_back(call, event.seat)
    is_known = is_back or (call.out is not None and call.is_without_caller)  # nothing to be told
    ring = Ring(
        call.serial,
        event.seat,
        len(call.attempts),
        world.ring_s,
        who=() if is_known else _who(call),
        greeting=() if is_known else speech.seat_number_clips(event.seat, call.language),
        language=call.language,
        is_back=is_back,
    )
    return call, (ring,)


def _who(call: Call) -> tuple[str, ...]:
    who = speech.who_clips(call.city, call.group or "general")
    return (speech.CALLED_BACK, *who) if call.is_ours else who


def rang(call: Call, event: SeatRang) -> Outcome:
    """The phone rings."""
    if call.seat != event.seat or call.attempts[-1].rang_at:
        return call, ()
    return call.with_attempt(rang_at=event.at), (ChangeSeat(event.seat, "rang"),)


def answered(call: Call, event: SeatAnswered, now: datetime) -> Outcome:
    """A human picked up: the call counts as answered from here."""
    if call.seat != event.seat or call.stage is not Stage.RINGING:
        return call, ()
    told = ChangeSeat(event.seat, "answered")
    if call.is_without_caller:
        return _picked_up(call, event.at, now), (told, DialCaller())
    return _picked_up(call, event.at, now), (told,)


def _picked_up(call: Call, at: datetime, now: datetime) -> Call:
    at = min(max(at, call.attempts[-1].offered_at), now)
    call = call.with_attempt(
        answered_at=at, rang_at=call.attempts[-1].rang_at or at, outcome="answered"
    )
    call = legs.taken(call, at)
    return change(
        call.with_stint_closed(outcome="answered", at=at),
        stage=Stage.TALKING,
        talk_ended_at=None,
        talk_ended_by=None,
    )


def dial_ended(
    call: Call, result: DialResult, *, caller_gone: bool, world: World, now: datetime
) -> Outcome:
    """Dial returned: the talk is over, or nobody took the call: back to the head of the line."""
    if call.stage not in (Stage.RINGING, Stage.TALKING):
        return call, ()
    if result.status == "ANSWER":
        return _talk_over(call, result, caller_gone=caller_gone, world=world, now=now)
    if call.stage is Stage.TALKING:  # heard as answered, so a person was there
        return _talk_over(call, result, caller_gone=caller_gone, world=world, now=now)
    return _not_taken(
        call, outcome_of(result, caller_gone=caller_gone), caller_gone=caller_gone, now=now
    )


def _talk_over(
    call: Call, result: DialResult, *, caller_gone: bool, world: World, now: datetime
) -> Outcome:
    before: tuple[ChangeSeat, ...] = ()
    if call.stage is Stage.RINGING:  # nobody told us of the answer: the dialplan kept it
        attempt = call.attempts[-1]
        call = _picked_up(call, result.talk_at or result.ended_at or now, now)
        before = (ChangeSeat(attempt.seat, "answered"),)
    call = _with_true_answer(call, result.talk_at)
    seat = call.attempts[-1].seat
    ended_at = _talk_end(call, result, now)
    call = call.with_attempt(ended_at=ended_at)
    call = change(call, talk_ended_at=ended_at, talk_ended_by="caller" if caller_gone else "seat")
    freed = (*before, ChangeSeat(seat, "released"))
    if caller_gone:
        return call, freed
    if call.is_without_caller:
        call, ending = waiting.stand(call, (), at_head=True, now=now)
        return call, (*freed, *ending)
    call, commands = ivr.answer(
        change(call, stage=Stage.SURVEY), flow.QueueLeft("answered"), world, now
    )
    return call, (*freed, *commands)


def _with_true_answer(call: Call, talk_at: datetime | None) -> Call:
    """Who learned late that a seat had picked up is told by Asterisk when the talk began."""
    attempt, stint = call.attempts[-1], call.stints[-1]
    if talk_at is None or attempt.answered_at is None or attempt.answered_at <= talk_at:
        return call
    at = max(talk_at, attempt.offered_at)
    stint = msgspec.structs.replace(stint, left_at=max(at, stint.asked_at))
    return change(call.with_attempt(answered_at=at), stints=(*call.stints[:-1], stint))


def _talk_end(call: Call, result: DialResult, now: datetime) -> datetime:
    answered_at = call.attempts[-1].answered_at or now
    return max(answered_at, min(result.ended_at or now, now))


def outcome_of(result: DialResult, *, caller_gone: bool) -> str:
    """An unanswered Dial as an attempt's outcome (contract: attempts)."""
    if caller_gone or result.status == "CANCEL":
        return "caller_gone"
    if result.status == "BUSY" or result.cause in (CALL_REJECTED, USER_BUSY):
        return "declined"
    return "no_answer" if result.status == "NOANSWER" else "unreachable"


def _not_taken(call: Call, outcome: str, *, caller_gone: bool, now: datetime) -> Outcome:
    seat = call.attempts[-1].seat
    call = call.with_attempt(ended_at=now, outcome=outcome)
    if outcome == "caller_gone":
        told = ChangeSeat(seat, "released", "caller_gone")
        if caller_gone:
            return call, (told,)
    else:
        told = ChangeSeat(seat, outcome)
    call = legs.not_taken(call, outcome, now)
    call, commands = waiting.stand(call, (), at_head=True, now=now)
    return call, (told, *commands)


def withdrawn(call: Call) -> Outcome:
    """A seat was to be rung and never was: it goes free, and the caller is where he was before."""
    seat = call.attempts[-1].seat
    call = change(call, stage=Stage.QUEUE, timer=call.timer + 1, attempts=call.attempts[:-1])
    return call, (ChangeSeat(seat, "released", "withdrawn"),)


def resumed(call: Call, event: Resumed, world: World, now: datetime) -> Outcome:
    """Taken up again after a Dial that ran without a controller, or that never began."""
    attempt = call.attempts[-1]
    if event.dial and event.dialled_seat == f"{attempt.seat}.{len(call.attempts)}":
        return dial_ended(call, event.dial, caller_gone=False, world=world, now=now)
    call = change(call, attempts=call.attempts[:-1])
    call, commands = waiting.stand(call, (), at_head=True, now=now)
    return call, (ChangeSeat(attempt.seat, "released", "withdrawn"), *commands)
