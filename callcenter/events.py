"""What can happen to a call: every fact that `call.step` accepts, in the past tense."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Arrived:
    """Asterisk handed a new call to us."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """The dialplan came back with a call that is known; the last Dial's result is read again.

    `dialled_seat` is `<seat>.<attempt>` of the Dial that ran last, empty before the first.
    `voice_s`: seconds of the voice note that was being recorded, if there is one on disk.
    """

    dialled_seat: str
    dial: DialResult | None
    voice_s: float | None = None


@dataclass(frozen=True, slots=True)
class DialResult:
    """What Asterisk's Dial left behind: DIALSTATUS, Q.850 cause, and times when it knows them.

    `talk_at`: both sides were joined; `ended_at`: Dial was over.
    """

    status: str
    talk_at: datetime | None = None
    ended_at: datetime | None = None
    cause: int = 0


@dataclass(frozen=True, slots=True)
class Spoken:
    """Everything was said and nobody pressed a key in the time given."""

    serial: int


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """The caller pressed one key (`0`–`9`, `*`, `#`)."""

    serial: int
    key: str


@dataclass(frozen=True, slots=True)
class PromptFailed:
    """A prompt could not be played."""

    serial: int
    reason: str


@dataclass(frozen=True, slots=True)
class VoiceRecorded:
    """The caller's voice note is on disk. `caller_gone`: it was ended by hanging up."""

    serial: int
    duration_s: float
    caller_gone: bool


@dataclass(frozen=True, slots=True)
class SeatOffered:
    """The dispatcher has reserved this seat for this call."""

    seat: str
    level: str


@dataclass(frozen=True, slots=True)
class SeatRang:
    """The seat's phone rings. `at` is Asterisk's own time."""

    seat: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SeatAnswered:
    """The seat picked up. `at` is Asterisk's own time."""

    seat: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DialEnded:
    """Dial returned: not answered, or the talk is over. `caller_gone`: the caller hung up first."""

    serial: int
    result: DialResult
    caller_gone: bool


@dataclass(frozen=True, slots=True)
class TimerFired:
    """A timer asked for by `SetTimer` came due."""

    serial: int


@dataclass(frozen=True, slots=True)
class HungUp:
    """The caller's channel is gone.

    `at` when Asterisk knows better than now; `by` when it was not the caller; `reconciled`:
    learned late.
    """

    at: datetime | None = None
    by: str | None = None
    reconciled: bool = False


@dataclass(frozen=True, slots=True)
class LineLost:
    """Asterisk ended our hold on the call, which may go on without us.

    `rung`: serial of the last Ring that Asterisk was told of; one that came later never began.
    """

    rung: int


@dataclass(frozen=True, slots=True)
class FallbackServed:
    """The call has ended in the fallback queue: what Asterisk's journal tells of it.

    `facts` are in the shape of a conversation (contract: Facts).
    """

    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RecordingClosed:
    """The call's audio files are complete on disk; `voice_s`: those of its last voice note."""

    duration_s: float | None
    voice_s: float | None = None


Event = (
    Arrived
    | Resumed
    | Spoken
    | KeyPressed
    | PromptFailed
    | VoiceRecorded
    | SeatOffered
    | SeatRang
    | SeatAnswered
    | DialEnded
    | TimerFired
    | HungUp
    | LineLost
    | FallbackServed
    | RecordingClosed
)
