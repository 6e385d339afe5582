"""The call in the waiting line: music, announcements, and the keys that lead out of it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from callcenter.call.state import Call, Stage, Stint, WaitRule, change
from callcenter.call.world import Outcome, World
from callcenter.commands import Command, Hold, JoinLine, LeaveLine, Play, SetTimer
from ivr_flows import speech
from ivr_flows import turn as flow

SPECIAL_HEAD_START_S = 300.0  # it ages: who has waited so much longer comes first all the same

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
    call = change(
        call, stage=Stage.QUEUE, serial=call.serial + 1, timer=call.timer + 1, asking=None
    )
    assert call.group and call.asked_at and call.wait_rule
    join = JoinLine(
        group=call.group,
        city=call.city,
        language=call.language,
        asked_at=call.asked_at,
        tried=call.tried,
        at_head=at_head,
        head_start_s=SPECIAL_HEAD_START_S if call.special else 0.0,
    )
    speak: Command = (
        Play(call.serial, say, "", language=call.language) if say else Hold(call.serial)
    )
    return call, (join, speak, SetTimer(call.timer, _until_announcement(call, call.wait_rule, now)))


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
    """Out of the line for a callback or a message."""
    call = call.with_stint_closed(outcome=outcome, at=now)
    if outcome == "callback" and call.caller:
        call = change(call, overflow="callback", overflow_number=call.caller)
    return change(call, timer=call.timer + 1), (LeaveLine(),)
