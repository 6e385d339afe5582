"""Who comes to a touched talk and who goes: the seat, the guest, the caller himself."""

from __future__ import annotations

from datetime import datetime

from callcenter import commands as cmd
from callcenter.call import legs
from callcenter.call.legs import at_table, table_of
from callcenter.call.state import Attempt, Call, change
from callcenter.call.table import Leg, Then, leg_id, parse_leg_id
from callcenter.call.world import Outcome
from callcenter.events import DialEnded, DialResult

RTP_LOST = 44  # Q.850: what Asterisk gives when nothing came from a phone for rtp_timeout
_OUTCOMES = {17: "busy", 18: "no_answer", 19: "no_answer", 21: "declined"}


def seat_told(call: Call, change: str, reason: str | None = None) -> cmd.ChangeSeat:
    """A change of the call's own seat, which may have come to it as a guest."""
    leg = parse_leg_id(table_of(call).channel)
    return cmd.ChangeSeat(call.attempts[-1].seat, change, reason, leg[1] if leg else 0)


def caller_out(call: Call) -> Outcome:
    """The caller belongs outside, to the music."""
    return at_table(call, is_in=False), (seat_told(call, "held"),)


def caller_in(call: Call) -> Outcome:
    """The caller belongs into the room."""
    was_in = table_of(call).is_in
    call = at_table(call, is_in=True)
    return call, () if was_in or not call.seat else (seat_told(call, "retrieved"),)


def guest_came(call: Call, at: datetime) -> Outcome:
    """The guest is in the room: with the seat, and with the caller where he is there too."""
    table = table_of(call)
    leg = call.legs[table.guest - 1]
    if leg.answered_at is not None:
        return call, ()
    call = legs.with_leg(call, table.guest, answered_at=max(at, leg.at))
    told = (cmd.ChangeSeat(leg.seat, "answered", leg=table.guest),) if leg.seat else ()
    if table.seat == "gone":
        return _taken_over(call, at), told
    if table.is_in:
        call = legs.with_leg(call, table.guest, joined_at=max(at, leg.at))
    return call, told


def _taken_over(call: Call, at: datetime) -> Call:
    """The guest goes on with the caller alone; a seat becomes the call's own."""
    table = table_of(call)
    leg = call.legs[table.guest - 1]
    call = legs.with_leg(call, table.guest, joined_at=leg.joined_at or max(at, leg.at))
    call = legs.close_hold(at_table(call, is_in=True), "completed", at)
    if leg.seat is None:
        return call
    call = legs.close(call, table.guest, "completed", at)
    attempt = Attempt(
        seat=leg.seat,
        level=leg.level,
        offered_at=leg.at,
        rang_at=leg.at,
        answered_at=leg.answered_at or at,
        outcome="answered",
    )
    call = change(call, attempts=(*call.attempts, attempt), talk_ended_at=None, talk_ended_by=None)
    call = at_table(call, seat="room", channel=leg_id(call.call_id, table.guest), guest=0)
    return _beside_is_guest(call, at)


def is_there_beside(call: Call) -> bool:
    """Whether a supervisor is in the talk besides a guest, and has picked up."""
    beside = table_of(call).beside
    return beside > 0 and call.legs[beside - 1].answered_at is not None


def beside_joined(call: Call, at: datetime) -> Call:
    """The caller and a supervisor who is in the talk besides can speak with each other now."""
    beside = table_of(call).beside
    leg = call.legs[beside - 1] if beside else None
    if leg is None or leg.answered_at is None or leg.joined_at is not None:
        return call
    return legs.with_leg(call, beside, joined_at=max(at, leg.answered_at))


def beside_gone(call: Call, cause: int, at: datetime) -> Call:
    """The supervisor has hung up, or did not pick up; for the others nothing is different."""
    beside = table_of(call).beside
    outcome = "completed" if table_of(call).seat == "gone" else "answered"
    if call.legs[beside - 1].answered_at is None:
        outcome = _OUTCOMES.get(cause, "unreachable")
    return at_table(legs.close(call, beside, outcome, at), beside=0)


def _beside_is_guest(call: Call, at: datetime) -> Call:
    """The guest's place is free: the supervisor who is there besides has it."""
    call = beside_joined(call, at)
    return at_table(call, guest=table_of(call).beside, beside=0)


def guest_gone(call: Call, cause: int, at: datetime) -> Outcome:
    """The guest's phone is gone: he did not answer, or he has hung up."""
    leg = call.legs[table_of(call).guest - 1]
    if leg.answered_at is None:
        outcome = _OUTCOMES.get(cause, "unreachable")
        seen = "declined" if outcome == "busy" else outcome
        return _without_guest(call, outcome, seen, at)
    if table_of(call).seat != "gone":
        return _without_guest(call, "answered", "released", at)
    call, told = _without_guest(call, "completed", "released", at)
    is_alone = cause == RTP_LOST and not table_of(call).guest  # and nobody hung up
    return (_back_in_line(call) if is_alone else call), told


def guest_too_late(call: Call, at: datetime) -> Outcome:
    """Nobody was found or picked up in time."""
    table = table_of(call)
    if not table.guest or call.legs[table.guest - 1].answered_at:
        return call, ()
    call, commands = _without_guest(call, "no_answer", "no_answer", at)
    return call, (cmd.LeaveLine(table.guest), cmd.EndLeg(table.guest), *commands)


def guest_dismissed(call: Call, at: datetime) -> Outcome:
    """The seat takes the caller back, or the guest leaves the conference."""
    table = table_of(call)
    outcome = "answered" if call.legs[table.guest - 1].answered_at else "cancelled"
    call, commands = _without_guest(call, outcome, "released", at)
    return call, (cmd.LeaveLine(table.guest), cmd.EndLeg(table.guest), *commands)


def _without_guest(call: Call, outcome: str, seen: str, at: datetime) -> Outcome:
    """`seen`: what it means to the guest's seat."""
    table = table_of(call)
    leg = call.legs[table.guest - 1]
    told = (cmd.ChangeSeat(leg.seat, seen, leg=table.guest),) if leg.seat else ()
    call = legs.close(call, table.guest, outcome, at)
    call = at_table(change(call, timer=call.timer + 1), guest=0)
    if table.seat != "gone" or is_there_beside(call):
        call, back = caller_in(call)
        return _beside_is_guest(call, at), (*told, *back)
    if table.beside:  # nobody is left whom he could join
        told = (*told, cmd.EndLeg(table.beside))
        call = beside_gone(call, 0, at)
    if leg.joined_at is None:  # the caller still waits for somebody
        return _back_in_line(call), told
    call = change(call, talk_ended_at=at, talk_ended_by="seat")
    return at_table(call, then="survey"), told


def _back_in_line(call: Call) -> Call:
    return change(at_table(call, then="line"), wants=call.attempts[-1].seat)


def seat_freed(call: Call, at: datetime, reason: str | None = None) -> Outcome:
    """The seat has done with this call."""
    told = seat_told(call, "released", reason)
    at = max(at, call.attempts[-1].answered_at or at)
    call = change(call.with_attempt(ended_at=at), talk_ended_at=at, talk_ended_by="seat")
    return at_table(call, seat="gone"), (told,)


def seat_left(call: Call, at: datetime, reason: str | None = None) -> Outcome:
    """The seat leaves the caller to the guest, who is there or still rung, and to a supervisor."""
    call, freed = seat_freed(call, at, reason)
    if call.legs[table_of(call).guest - 1].answered_at:
        call = _taken_over(call, at)
    if is_there_beside(call):
        call = beside_joined(at_table(call, is_in=True), at)
    return call, freed


def seat_gone(call: Call, at: datetime, *, is_lost: bool) -> Outcome:
    """The seat's phone is gone; `is_lost`: nobody hung it up.

    A guest takes over; else a talk is over, but who was on hold or lost his lawyer is served on.
    """
    table = table_of(call)
    if table.seat == "gone":
        return call, ()
    reason = LOST if is_lost else None
    if table.guest:
        return seat_left(call, at, reason)
    call, freed = seat_freed(call, at, reason)
    if is_lost or not table.is_in:
        call = _back_in_line(legs.close_hold(call, "seat_gone", at))
        if is_lost:
            leg = Leg(kind="lost", at=at, by=call.attempts[-1].seat)
            call = at_table(legs.opened(call, leg), then="seat")
        return call, freed
    return at_table(call, then="survey"), freed


LOST = "lost"
"""Reason of a release: the phone vanished, so there is nothing to wrap up."""


def seat_not_moved(call: Call, at: datetime) -> Outcome:
    """The seat's phone is not where it was: it was hung up, or has not begun to talk."""
    table = table_of(call)
    if table.channel or table.seat == "gone":
        return call, ()
    if table.caller != "dial":
        return seat_gone(call, at, is_lost=False)
    commands: tuple[cmd.Command, ...] = ()
    while table_of(call).guest:
        call, more = guest_dismissed(call, at)
        commands = (*commands, *more)
    call = legs.close_hold(call, "cancelled", at)
    call, back = caller_in(call)
    return change(call, table=None), (*commands, *back)


def dial_ended(call: Call, event: DialEnded, at: datetime) -> Outcome:
    """The caller is out of Dial: the seat was moved away, let go, or hung up in that moment."""
    table = table_of(call)
    if table.caller == "line":
        return _line_ended(call, event.result, caller_gone=event.caller_gone, now=at)
    return (call if event.caller_gone else at_table(call, caller="out")), ()


def _line_ended(call: Call, result: DialResult, *, caller_gone: bool, now: datetime) -> Outcome:
    number, leg = len(call.legs), call.legs[-1]
    answered_at = leg.answered_at
    if result.status == "ANSWER" and answered_at is None:
        answered_at = min(max(result.talk_at or result.ended_at or now, leg.at), now)
    ended_at = max(answered_at or leg.at, min(result.ended_at or now, now))
    if answered_at:
        call = legs.with_leg(call, number, answered_at=answered_at, joined_at=answered_at)
        call = legs.close(call, number, "completed", ended_at)
        by = "caller" if caller_gone else "seat"
        call = change(call, talk_ended_at=ended_at, talk_ended_by=by)
        return at_table(call, caller="out", then="survey"), ()
    call = legs.close(call, number, _unanswered(result, caller_gone=caller_gone), ended_at)
    call = change(call, wants=leg.by)
    then: Then = "line"
    return at_table(call, caller="out", then=then), ()


def _unanswered(result: DialResult, *, caller_gone: bool) -> str:
    if caller_gone or result.status == "CANCEL":
        return "caller_gone"
    return {"BUSY": "busy", "NOANSWER": "no_answer"}.get(result.status, "unreachable")


def room_left(call: Call, at: datetime) -> Outcome:
    """The caller is out of the room; unasked, when everybody else has gone."""
    table = table_of(call)
    call = at_table(call, caller="out")
    if table.caller == "leaving" or table.then:
        return call, ()
    commands: tuple[cmd.Command, ...] = ()
    if table.guest and call.legs[table.guest - 1].answered_at:
        call, commands = guest_gone(call, 0, at)
    if table_of(call).seat != "gone":
        call, more = seat_gone(call, at, is_lost=False)
        return call, (*commands, *more)
    return call, commands
