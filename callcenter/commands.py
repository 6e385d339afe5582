"""What the rules can ask for: every command that `call.step` hands out, in the imperative."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from ivr_flows.names import HOME_LANGUAGE


class Play(msgspec.Struct, frozen=True):
    """Say the clips (prompt ids), then wait `wait_s` for a key. A key in `keys` ends both."""

    serial: int
    clips: tuple[str, ...]
    keys: str
    wait_s: float = 0.0
    language: str = HOME_LANGUAGE


class Hold(msgspec.Struct, frozen=True):
    """Music until another command comes; keys are reported as they are pressed."""

    serial: int


class Ring(msgspec.Struct, frozen=True):
    """Ring the seat for `ring_s` and let both talk.

    When it picks up, `who` is said to the seat and `greeting` to the caller, in his `language`, at
    the same time. `is_back`: its phone was lost in this talk and may go on with it by itself.
    """

    serial: int
    seat: str
    attempt: int
    ring_s: int
    who: tuple[str, ...]
    greeting: tuple[str, ...]
    language: str = HOME_LANGUAGE
    is_back: bool = False


class RingLine(msgspec.Struct, frozen=True):
    """Say the clips, then ring a line outside (a name of lines.yaml) and let both talk.

    `transfer` numbers the call's transfers from 1.
    """

    serial: int
    line: str
    transfer: int
    ring_s: int
    clips: tuple[str, ...]
    language: str = HOME_LANGUAGE


class RingOut(msgspec.Struct, frozen=True):
    """Ring a number outside for a caller whom his lawyer transferred, and let both talk.

    `leg` numbers the call's legs from 1.
    """

    serial: int
    leg: int
    number: str
    trunk: str
    ring_s: int


class MoveSeat(msgspec.Struct, frozen=True):
    """Move the seat's phone out of Dial into the call's room; Dial ends for the caller."""


class JoinRoom(msgspec.Struct, frozen=True):
    """Bring the caller into the call's room, until he is taken out or all others have gone."""

    serial: int


class LeaveRoom(msgspec.Struct, frozen=True):
    """Take the caller out of the room."""


class CallLeg(msgspec.Struct, frozen=True):
    """Call a guest into the room: a seat, or a number outside through a trunk."""

    leg: int
    ring_s: int
    seat: str = ""
    number: str = ""
    trunk: str = ""


class EndLeg(msgspec.Struct, frozen=True):
    """Hang up a guest's phone."""

    leg: int


class EndSeat(msgspec.Struct, frozen=True):
    """Hang up the seat's phone; without the unique id of its channel, the one that is in Dial."""

    channel: str = ""


class SeatHears(msgspec.Struct, frozen=True):
    """What a seat hears that is alone in the room: the ringing tone, or the music from then on."""

    channel: str
    is_ringing: bool


class AskService(msgspec.Struct, frozen=True):
    """Ask a service of services.yaml. `sent` is what the caller typed: never to be logged."""

    serial: int
    service: str
    sent: Mapping[str, str]


class RaiseAlarm(msgspec.Struct, frozen=True):
    """Tell supervisors at once; the call goes on."""

    name: str


class Record(msgspec.Struct, frozen=True):
    """Say the clips, then record the caller's voice for at most `limit_s`."""

    serial: int
    clips: tuple[str, ...]
    limit_s: int
    language: str = HOME_LANGUAGE


class Finish(msgspec.Struct, frozen=True):
    """Say the clips and end the call."""

    serial: int
    clips: tuple[str, ...]
    language: str = HOME_LANGUAGE


class HandOver(msgspec.Struct, frozen=True):
    """Leave the caller to the dialplan's fallback queue: nothing else could be said or done."""

    serial: int


class ReportFault(msgspec.Struct, frozen=True):
    """A step of a flow broke in this call: count it and log it."""

    flow: str
    version: int
    step: str
    reason: str


class JoinLine(msgspec.Struct, frozen=True):
    """Stand in the waiting line. `at_head`: came back from a seat that did not take the call.

    `special`: groups whom the law has served first; the policy gives them a head start.
    `sticky`: the seat that talked with this number last; `wants`: this seat only, for a while.
    `overflowed`: `seats.routing.Overflow.key` of what is not to come again as OverflowDue.
    """

    group: str
    city: str | None
    language: str
    asked_at: datetime
    tried: frozenset[str]
    at_head: bool
    special: tuple[str, ...] = ()
    sticky: str | None = None
    wants: str | None = None
    overflowed: frozenset[str] = frozenset()
    leg: int = 0
    """A seat is sought for this leg of the call, which stands in line under an id of its own."""


class LeaveLine(msgspec.Struct, frozen=True):
    """Step out of the waiting line; `leg`: with the search for that leg."""

    leg: int = 0


class BookCallback(msgspec.Struct, frozen=True):
    """The caller has hung up and wants to be called back: keep his place."""


class ReportCallback(msgspec.Struct, frozen=True):
    """What became of ringing the caller of this callback: answered, no_answer or withdrawn.

    `withdrawn`: he was not rung, because no seat picked up.
    """

    outcome: str


class DialCaller(msgspec.Struct, frozen=True):
    """The seat has picked up: now ring the caller of this callback."""


class ChangeSeat(msgspec.Struct, frozen=True):
    """Tell the seat board what became of this call's seat (a change of `seats.seat`).

    `leg`: the leg of the call for which it was reserved, 0 for the call itself.
    """

    seat: str
    change: str
    reason: str | None = None
    leg: int = 0


class SetTimer(msgspec.Struct, frozen=True):
    """Wake the call after `after_s` with the same serial; a newer timer replaces an older one."""

    serial: int
    after_s: float


class Forget(msgspec.Struct, frozen=True):
    """The call is over: drop its live state and timers."""


Command = (
    Play
    | Hold
    | Ring
    | RingLine
    | RingOut
    | MoveSeat
    | JoinRoom
    | LeaveRoom
    | CallLeg
    | EndLeg
    | EndSeat
    | SeatHears
    | AskService
    | RaiseAlarm
    | Record
    | Finish
    | HandOver
    | ReportFault
    | JoinLine
    | LeaveLine
    | BookCallback
    | ReportCallback
    | DialCaller
    | ChangeSeat
    | SetTimer
    | Forget
)
