"""What can happen to a call: every fact that `call.step` accepts, in the past tense."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import msgspec

TargetKind = Literal["seat", "group", "line", "number", "supervisor"]


class Arrived(msgspec.Struct, frozen=True):
    """Asterisk handed a new call to us."""


class Resumed(msgspec.Struct, frozen=True):
    """The dialplan came back with a call that is known; the last Dial's result is read again.

    `dialled_seat` names the Dial that ran last, empty before the first: `<seat>.<attempt>`, or
    `line-<line>.<transfer>` for a line outside.
    `voice_s`: seconds of the voice note that was being recorded, if there is one on disk.
    """

    dialled_seat: str
    dial: DialResult | None
    voice_s: float | None = None


class DialResult(msgspec.Struct, frozen=True):
    """What Asterisk's Dial left behind: DIALSTATUS, Q.850 cause, and times when it knows them.

    `talk_at`: both sides were joined; `ended_at`: Dial was over.
    """

    status: str
    talk_at: datetime | None = None
    ended_at: datetime | None = None
    cause: int = 0


class Spoken(msgspec.Struct, frozen=True):
    """Everything was said and nobody pressed a key in the time given."""

    serial: int


class KeyPressed(msgspec.Struct, frozen=True):
    """The caller pressed one key (`0`–`9`, `*`, `#`)."""

    serial: int
    key: str


class PromptFailed(msgspec.Struct, frozen=True):
    """A prompt could not be played."""

    serial: int
    reason: str


class ActFailed(msgspec.Struct, frozen=True):
    """What the flow asked for cannot be done: there is no such line or service."""

    serial: int
    reason: str


class VoiceRecorded(msgspec.Struct, frozen=True):
    """The caller's voice note is on disk. `caller_gone`: it was ended by hanging up."""

    serial: int
    duration_s: float
    caller_gone: bool


class SeatOffered(msgspec.Struct, frozen=True):
    """The dispatcher has reserved this seat for this call, or for that leg of it."""

    seat: str
    level: str
    leg: int = 0


class OverflowDue(msgspec.Struct, frozen=True):
    """Nobody took the waiting call in time: its policy says what comes next. It stays in line.

    `who`: line, callback or message (`seats.policy.Who`); `line`: a name of lines.yaml, or empty.
    """

    who: str
    line: str = ""

    @property
    def key(self) -> str:
        """As `seats.routing.Overflow.key`, for `JoinLine.overflowed`."""
        return f"{self.who}:{self.line}" if self.line else self.who


class SeatRang(msgspec.Struct, frozen=True):
    """The seat's phone rings. `at` is Asterisk's own time."""

    seat: str
    at: datetime


class SeatAnswered(msgspec.Struct, frozen=True):
    """The seat picked up. `at` is Asterisk's own time."""

    seat: str
    at: datetime


class LineAnswered(msgspec.Struct, frozen=True):
    """The line outside picked up. `at` is Asterisk's own time."""

    at: datetime


class ServiceAnswered(msgspec.Struct, frozen=True):
    """The service's answer: declared facts with declared values, nothing else."""

    serial: int
    facts: Mapping[str, str]


class ServiceFailed(msgspec.Struct, frozen=True):
    """The service gave no answer that counts; `reason` holds nothing that the caller typed."""

    serial: int
    reason: str


class DialEnded(msgspec.Struct, frozen=True):
    """Dial returned: not answered, or the talk is over. `caller_gone`: the caller hung up first.

    A line outside that is closed was not dialled: its status is CLOSED.
    """

    serial: int
    result: DialResult
    caller_gone: bool


class Target(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who is to be reached: a seat, a group, a line of lines.yaml, a number outside, a supervisor.

    `number` and `trunk`: what is dialled for a line or a number; `is_open`: within its hours.
    """

    kind: TargetKind
    name: str
    number: str = ""
    trunk: str = ""
    is_open: bool = True

    @property
    def is_inside(self) -> bool:
        """Whether a seat is to answer."""
        return self.kind in ("seat", "group")

    @property
    def is_outside(self) -> bool:
        """Whether another network is to answer, which may say something before."""
        return self.kind in ("line", "number")


class TalkAsked(msgspec.Struct, frozen=True):
    """A lawyer asked for something in mid-talk: `what` is one of in_talk.WISHES, `by` his seat.

    Or a supervisor: one of supervised.WISHES, `by` his telephone.
    """

    what: str
    by: str
    to: Target | None = None


class Moved(msgspec.Struct, frozen=True):
    """A supervisor moved a caller in line: to another group, to one seat, or to the head."""

    to: Literal["group", "seat", "head"]
    name: str = ""


class MemberJoined(msgspec.Struct, frozen=True):
    """A channel came into the call's room: the seat's, a leg's or the caller's own."""

    unique_id: str
    at: datetime


class LegRang(msgspec.Struct, frozen=True):
    """The phone of a leg rings."""

    leg: int


class LegAnswered(msgspec.Struct, frozen=True):
    """A leg's line outside was picked up. What its network said before was heard in the room."""

    leg: int
    at: datetime


class LegGone(msgspec.Struct, frozen=True):
    """The channel of a leg is gone, or never came to be. `cause`: Q.850."""

    leg: int
    at: datetime
    cause: int = 0


class SeatGone(msgspec.Struct, frozen=True):
    """A channel of this seat's phone is gone."""

    seat: str
    at: datetime
    cause: int = 0


class SeatLost(msgspec.Struct, frozen=True):
    """The seat's phone has vanished in mid-talk: its channel stands, but nothing comes from it."""

    seat: str


class SeatBack(msgspec.Struct, frozen=True):
    """The phone of a seat that was lost has registered again."""

    seat: str


class MoveFailed(msgspec.Struct, frozen=True):
    """The seat's phone could not be moved out of Dial into the room."""


class RoomLeft(msgspec.Struct, frozen=True):
    """The caller is out of the room: taken out, or everybody else has gone."""

    serial: int
    caller_gone: bool


class TimerFired(msgspec.Struct, frozen=True):
    """A timer asked for by `SetTimer` came due."""

    serial: int


class HungUp(msgspec.Struct, frozen=True):
    """The caller's channel is gone.

    `at` when Asterisk knows better than now; `by` when it was not the caller; `reconciled`:
    learned late; `talk_at`: when the last Dial was answered, where only Asterisk saw it.
    """

    at: datetime | None = None
    by: str | None = None
    reconciled: bool = False
    talk_at: datetime | None = None


class LineLost(msgspec.Struct, frozen=True):
    """Asterisk ended our hold on the call, which may go on without us.

    `rung`: serial of the last Ring that Asterisk was told of; one that came later never began.
    """

    rung: int


class FallbackServed(msgspec.Struct, frozen=True):
    """The call has ended in the fallback queue: what Asterisk's journal tells of it.

    `facts` are in the shape of a conversation (contract: Facts).
    """

    facts: dict[str, Any]


class EmergencyRaised(msgspec.Struct, frozen=True):
    """The lawyer at this seat pressed the emergency button, in the talk or right after it."""

    by: str


class CityFound(msgspec.Struct, frozen=True):
    """Where the caller is from: told in an earlier call (`confirmed`), or by a lawyer (`seat`)."""

    city: str
    source: Literal["confirmed", "seat"]
    county: str | None = None


class RecordingClosed(msgspec.Struct, frozen=True):
    """The call's audio files are complete on disk; `voice_s`: those of its last voice note."""

    duration_s: float | None
    voice_s: float | None = None


Event = (
    Arrived
    | Resumed
    | Spoken
    | KeyPressed
    | PromptFailed
    | ActFailed
    | VoiceRecorded
    | SeatOffered
    | OverflowDue
    | SeatRang
    | SeatAnswered
    | LineAnswered
    | ServiceAnswered
    | ServiceFailed
    | DialEnded
    | TalkAsked
    | Moved
    | MemberJoined
    | LegRang
    | LegAnswered
    | LegGone
    | SeatGone
    | SeatLost
    | SeatBack
    | MoveFailed
    | RoomLeft
    | TimerFired
    | HungUp
    | LineLost
    | FallbackServed
    | RecordingClosed
    | CityFound
    | EmergencyRaised
)
