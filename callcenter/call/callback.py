"""A caller who asked to be called back and keeps his place: what is kept, and what comes of it.

Rules only. The callback stands in the line under the id of its next try, which is also the id of
the channel that rings the caller, and so of the conversation that it becomes.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from callcenter.call.state import Call, CallId, WaitRule
from ivr_flows.turn import Session
from seats.policy import CallbackPolicy, First

PREFIX: Final = "wish-"
ZONE: Final = ZoneInfo("Asia/Shanghai")

# 工信部电信网编号计划: mobiles 1x and eleven digits; landlines with their area code.
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0(10|2\d|[3-9]\d\d)[2-8]\d{6,7}")
_TRY = re.compile(r"cb-\d+(?:\.(?P<node>[^.]+)\.|-)(?P<of>.+)")


class State(StrEnum):
    """How far a callback is."""

    WAITING = "waiting"
    CALLING = "calling"
    REACHED = "reached"
    GIVEN_UP = "given_up"
    SERVED = "served"
    """He called again by himself and a person answered."""


class Try(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One time the caller was rung. `outcome`: answered, no_answer, busy, declined, failed."""

    at: datetime
    seat: str
    call_id: CallId
    ended_at: datetime | None = None
    outcome: str | None = None


class Callback(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is kept of a caller who has hung up. `of`: the conversation in which he asked.

    `number`: as it is dialled. `session`: the flow where it stood in line, so that it goes on there
    after the talk. `next_at`: not before it does he stand in line again; None: not in it at all.
    `node`: whose Asterisk rings him; empty: that of the conversation in which he asked.
    """

    id: str
    of: CallId
    number: str
    caller: str | None
    asked_at: datetime
    booked_at: datetime
    group: str
    city: str | None = None
    city_source: str = "unknown"
    language: str = "zh-CN"
    special: tuple[str, ...] = ()
    tried: frozenset[str] = frozenset()
    trunk: str = ""
    dialled: str = ""
    release: int = 0
    flow: str = ""
    flow_version: int = 0
    session: Session | None = None
    wait_rule: WaitRule | None = None
    node: str = ""

    state: State = State.WAITING
    next_at: datetime | None = None
    tries: tuple[Try, ...] = ()
    used: int = 0
    """Ids given to tries that do not count."""
    first: str = First.CALLER
    """Whom the try that runs rings first."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will be done about it."""
        return self.state not in (State.WAITING, State.CALLING)

    @property
    def line_id(self) -> CallId:
        """Under what it stands in line: the conversation that the next try will be."""
        number = self.used + len(self.tries) + 1
        made_at = "-" if self.node in ("", node_of(self.of)) else f".{self.node}."
        return CallId(f"cb-{number}{made_at}{self.of}")


def change(callback: Callback, **changes: object) -> Callback:
    """A copy with these fields replaced."""
    return msgspec.structs.replace(callback, **changes)


def callback_of(call_id: str) -> str | None:
    """The callback that a try belongs to; None for any other call."""
    match = _TRY.fullmatch(call_id)
    return PREFIX + match["of"] if match else None


def asked_in_call(call_id: str) -> str | None:
    """The conversation in which a call of ours was asked for; None for any call that came in."""
    match = _TRY.fullmatch(call_id)
    return match["of"] if match else None


def node_of(call_id: str) -> str:
    """The Asterisk a call is at: its name begins the id (`systemname` in asterisk.conf), but for a
    call back that another one makes than that of the call it follows.
    """
    match = _TRY.fullmatch(call_id)
    if match is None:
        return call_id.rpartition("-")[0]
    return match["node"] or node_of(match["of"])


def number_to_dial(number: str | None) -> str | None:
    """A mainland mobile or landline as the trunk wants it; None for what we never dial by
    ourselves: short numbers, abroad, a landline without its area code.
    """
    digits = number or ""
    if digits.startswith("+86"):
        rest = digits[3:]
        digits = rest if _MOBILE.fullmatch(rest) else f"0{rest}"
    is_dialled = _MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits)
    return digits if is_dialled else None


def wants_callback(call: Call) -> bool:
    """Whether the caller, who hangs up now, is to be called back by itself, his place kept."""
    return (
        call.overflow == "callback"
        and call.answered_at is None
        and call.asked_at is not None
        and call.line_session is not None
        and number_to_dial(call.overflow_number or call.caller) is not None
    )


def booked(call: Call, policy: CallbackPolicy, now: datetime) -> Callback:
    """What is kept of a call that `wants_callback`."""
    number = number_to_dial(call.overflow_number or call.caller)
    assert number and call.asked_at
    return Callback(
        id=f"{PREFIX}{call.call_id}",
        of=call.call_id,
        number=number,
        caller=call.caller,
        asked_at=call.asked_at,
        booked_at=now,
        group=call.group or "general",
        city=call.city,
        city_source=call.city_source,
        language=call.language,
        special=call.special,
        tried=call.tried,
        trunk=call.trunk,
        dialled=call.dialled,
        release=call.release,
        flow=call.flow,
        flow_version=call.flow_version,
        session=call.line_session,
        wait_rule=call.wait_rule,
        next_at=within_hours(policy, now),
    )


def within_hours(policy: CallbackPolicy, at: datetime) -> datetime:
    """`at`, or when the hours in which people are called begin next."""
    local = at.astimezone(ZONE)
    begins = local.replace(
        hour=policy.begin.hour, minute=policy.begin.minute, second=0, microsecond=0
    )
    if local < begins:
        return begins.astimezone(at.tzinfo)
    if local.time() < policy.end:
        return at
    return (begins + timedelta(days=1)).astimezone(at.tzinfo)


def calling(callback: Callback, seat: str, first: First, now: datetime) -> Callback:
    """A seat is there: a try begins."""
    begun = Try(at=now, seat=seat, call_id=callback.line_id)
    tries = (*callback.tries, begun)
    return change(callback, state=State.CALLING, tries=tries, first=first, next_at=None)


def served(callback: Callback) -> Callback:
    """He called again by himself and talked with a person: nothing is left to do."""
    return change(callback, state=State.SERVED, next_at=None)


def withdrawn(callback: Callback, now: datetime) -> Callback:
    """No seat picked up, so the caller was not rung: the try does not count, another seat is next.

    Its id is used up all the same: a channel had it.
    """
    seat = frozenset({callback.tries[-1].seat})
    back = change(callback, state=State.WAITING, tries=callback.tries[:-1], next_at=now)
    return change(back, tried=seat, used=callback.used + 1)


def not_dialled(callback: Callback, now: datetime, wait_s: float) -> Callback:
    """Asterisk could not be told to ring: the try did not take place."""
    tries = callback.tries[:-1]
    again = now + timedelta(seconds=wait_s)
    return change(callback, state=State.WAITING, tries=tries, used=callback.used + 1, next_at=again)


def reached(callback: Callback, now: datetime) -> Callback:
    """The caller picked up: what follows is a conversation like any other."""
    return change(_closed(callback, "answered", now), state=State.REACHED)


def missed(callback: Callback, outcome: str, policy: CallbackPolicy, now: datetime) -> Callback:
    """The caller was not reached: once more later, his place kept, or given up."""
    callback = _closed(callback, outcome, now)
    if len(callback.tries) >= policy.tries:
        return change(callback, state=State.GIVEN_UP)
    again = within_hours(policy, now + timedelta(seconds=policy.every_s))
    return change(callback, state=State.WAITING, next_at=again)


def _closed(callback: Callback, outcome: str, now: datetime) -> Callback:
    last = msgspec.structs.replace(callback.tries[-1], ended_at=now, outcome=outcome)
    return change(callback, tries=(*callback.tries[:-1], last))


def outcome_of(cause: int) -> str:
    """A try's outcome from the Q.850 cause with which the caller's telephone let go."""
    return {17: "busy", 18: "no_answer", 19: "no_answer", 16: "no_answer", 21: "declined"}.get(
        cause, "failed"
    )


def new_call(
    callback: Callback, recording: str, arrived_at: datetime, *, reserved: str, level: str
) -> Call:
    """The conversation that the newest try has become. `reserved`: the seat that waits for it,
    empty when it waits no more.
    """
    return Call(
        call_id=callback.tries[-1].call_id,
        callback_of=callback.of,
        seat_first=callback.first == First.SEAT,
        reserved=reserved,
        reserved_level=level,
        arrived_at=arrived_at,
        trunk=callback.trunk,
        dialled=callback.dialled,
        caller=callback.caller,
        recording=recording,
        city=callback.city,
        city_source=callback.city_source,
        language=callback.language,
        special=callback.special,
        release=callback.release,
        flow=callback.flow,
        flow_version=callback.flow_version,
        session=callback.session,
        line_session=callback.session,
        group=callback.group,
        asked_at=callback.asked_at,
        wait_rule=callback.wait_rule,
        overflow_number=callback.number,
    )


def facts(callback: Callback) -> dict[str, Any]:
    """What the first conversation says of its callback (`callbacks`)."""
    return {
        "state": callback.state.value,
        "number": callback.number,
        "tries": [
            {
                "call_id": one.call_id,
                "seat": one.seat,
                "at": _text(one.at),
                "ended_at": _text(one.ended_at),
                "outcome": one.outcome,
            }
            for one in callback.tries
        ],
    }


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Callback)


def to_json(callback: Callback) -> bytes:
    """The callback as JSON, for the live state."""
    return _encoder.encode(callback)


def from_json(data: bytes) -> Callback:
    """A callback from `to_json`'s bytes. Raises msgspec.MsgspecError."""
    return _decoder.decode(data)
