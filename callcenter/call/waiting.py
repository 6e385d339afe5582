"""The call in the waiting line: music, announcements, and the keys that lead out of it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from callcenter.call import outside
from callcenter.call.state import Call, Stage, Stint, WaitRule, change
from callcenter.call.world import Outcome, World
from callcenter.commands import Command, Finish, Hold, JoinLine, LeaveLine, Play, SetTimer
from callcenter.events import DialResult, Moved, OverflowDue
from ivr_flows import speech
from ivr_flows import turn as flow

WayOut = Literal["callback", "message"]


def ask_for_person(call: Call, act: flow.JoinQueue, say: tuple[str, ...], now: datetime) -> Outcome:
    """Stand in line for the first time, or in another group's; the first time asked is kept."""
    call = change(
        call.with_stint_closed(outcome="moved", at=now),
        group=act.group,
        asked_at=call.asked_at or now,
        wait_rule=WaitRule(
            every_s=act.every_s,
            offer_after_s=act.offer_after_s,
            offer_say=act.offer_say,
            offers=dict(act.offers),
        ),
        stints=(*call.stints, Stint(group=act.group, asked_at=now)),
    )
    return stand(call, say, at_head=False, now=now)


def stand(call: Call, say: tuple[str, ...], *, at_head: bool, now: datetime) -> Outcome:
    """Wait in the line (again), with the original time."""
    if call.is_without_caller:  # a callback that no seat took: another seat begins anew
        call = change(call, stage=Stage.IVR, finishing=True, asking=None, serial=call.serial + 1)
        return call, (Finish(call.serial, ()),)
    call = change(
        call, stage=Stage.QUEUE, serial=call.serial + 1, timer=call.timer + 1, asking=None
    )
    assert call.group and call.asked_at and call.wait_rule
    join = JoinLine(
        group=call.group,
        city=call.county or call.city,
        language=call.language,
        asked_at=call.asked_at,
        tried=call.tried,
        at_head=at_head or call.at_head,
        special=call.special,
        overflowed=call.overflowed,
        wants=call.wants,
    )
    speak: Command = (
        Play(call.serial, say, "", language=call.language) if say else Hold(call.serial)
    )
    return call, (join, speak, SetTimer(call.timer, _until_announcement(call, call.wait_rule, now)))


def stand_again(call: Call, now: datetime) -> Outcome:
    """Back to the place that was kept: the head where a seat had not taken the call."""
    return stand(call, (), at_head=bool(call.tried), now=now)


def moved(call: Call, event: Moved, now: datetime) -> Outcome:
    """A supervisor has the caller wait elsewhere; since when he waits stays as it was."""
    if event.to == "group":
        call = call.with_stint_closed(outcome="moved", at=now)
        stint = Stint(group=event.name, asked_at=now)
        call = change(call, group=event.name, wants=None, stints=(*call.stints, stint))
    else:
        call = change(call, at_head=True, wants=event.name or call.wants)
    return stand(call, (), at_head=bool(call.tried), now=now)


def _until_announcement(call: Call, rule: WaitRule, now: datetime) -> float:
    """Seconds to the next multiple of `every_s` since the caller asked; no seat resets it."""
    return rule.every_s - call.waited_s(now) % rule.every_s


def announce(call: Call, world: World, now: datetime) -> Outcome:
    """Say the position, and after a while the ways out; then music again."""
    rule = call.wait_rule
    if rule is None:
        return call, ()
    offered = _offered_keys(call, rule, now)
    clips = speech.position_clips(world.ahead or 0, call.language)
    if world.expected_wait_s is not None:
        clips += speech.wait_clips(world.expected_wait_s, call.language)
    clips += rule.offer_say if offered else ()
    call = change(call, serial=call.serial + 1, timer=call.timer + 1)
    return call, (
        Play(call.serial, clips, offered, language=call.language),
        SetTimer(call.timer, _until_announcement(call, rule, now)),
    )


def _offered_keys(call: Call, rule: WaitRule, now: datetime) -> str:
    # A timer may come a few milliseconds early: half a second of grace keeps the offer at its time.
    return "".join(rule.offers) if call.waited_s(now) + 0.5 >= rule.offer_after_s else ""


def music(call: Call) -> Outcome:
    """Back to music."""
    call = change(call, serial=call.serial + 1)
    return call, (Hold(call.serial),)


def way_out(call: Call, key: str, now: datetime) -> WayOut | None:
    """What this key leads to, `callback` or `message`; None when it was not offered."""
    rule = call.wait_rule
    if rule is None or key not in _offered_keys(call, rule, now):
        return None
    return "callback" if rule.offers[key] == "callback" else "message"


def leave(call: Call, outcome: WayOut, now: datetime) -> Outcome:
    """Out of the line for a callback or a message; who is called back goes on from here."""
    call = change(call, line_session=call.session)
    call = call.with_stint_closed(outcome=outcome, at=now)
    if outcome == "callback" and call.caller:
        call = change(call, overflow="callback", overflow_number=call.caller)
    return change(call, timer=call.timer + 1), (LeaveLine(),)


def overflowed(call: Call, event: OverflowDue, now: datetime) -> tuple[Call, WayOut | None]:
    """The policy's own way out for one whom nobody took: which, where his flow has it.

    A line outside is rung by `ring_line`.
    """
    call = change(call, overflowed=call.overflowed | {event.key})
    rule = call.wait_rule
    if rule is None or event.who not in rule.offers.values():
        return call, None
    if event.who == "message":
        return call, "message"
    # who was called back already is on the line now: he is not sent away once more
    return call, None if call.is_ours else "callback"


def ring_line(call: Call, event: OverflowDue, now: datetime) -> Outcome:
    """Ring a line outside for a caller who keeps his place meanwhile."""
    call = change(
        call,
        serial=call.serial + 1,
        timer=call.timer + 1,
        overflowed=call.overflowed | {event.key},
    )
    call, commands = outside.ring_in_line(call, event.line, now)
    return call, (LeaveLine(), *commands)


def line_ended(
    call: Call, result: DialResult, *, caller_gone: bool, now: datetime
) -> tuple[Call, tuple[Command, ...] | None]:
    """The line outside let go. None for the commands: it was answered and the flow goes on."""
    call, told = outside.ended(call, result, caller_gone=caller_gone, now=now)
    transfer = call.transfers[-1]
    if told.outcome == "answered":
        at = transfer.answered_at or now
        call = call.with_stint_closed(outcome="answered", at=at)
        by = "caller" if caller_gone else "seat"
        return change(call, talk_ended_at=transfer.ended_at, talk_ended_by=by), None
    if caller_gone:
        return call, ()
    return stand_again(call, now)
