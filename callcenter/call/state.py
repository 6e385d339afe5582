"""One citizen's call as data: frozen, JSON in and out, so that any controller can take it up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType

import msgspec

from callcenter.call.table import Leg, Table
from ivr_flows.turn import Session, Way

CallId = NewType("CallId", str)


class Stage(StrEnum):
    """Where the call stands (阶段)."""

    IVR = "ivr"
    QUEUE = "queue"
    RINGING = "ringing"
    TALKING = "talking"
    SURVEY = "survey"
    TRANSFER = "transfer"
    RECORDING = "recording"
    OVER = "over"


class Attempt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One offer of the call to one seat (contract: attempts)."""

    seat: str
    level: str
    offered_at: datetime
    rang_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str | None = None


class Stint(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One stay in the waiting line of one group."""

    group: str
    asked_at: datetime
    left_at: datetime | None = None
    outcome: str | None = None


class Survey(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The invitation to rate and what came of it: 1 (very satisfied) to 5, or None."""

    invited_at: datetime
    answer: int | None = None


class Transfer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line outside that was rung for the caller, or found closed.

    `outcome`: answered, no_answer, busy, unreachable, closed or caller_gone.
    """

    line: str
    at: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str | None = None
    in_line: bool = False
    """Rung by the policy for a caller in line, who keeps his place: its answer is a person's."""


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What the caller said into a named note: path stem of its audio, and its length."""

    name: str
    audio: str
    duration_s: float


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """Supervisors were told of this call."""

    name: str
    at: datetime


class Passed(msgspec.Struct, frozen=True, array_like=True):
    """A way that the call took through its flow, as in `ivr_flows.turn.Way`, and when."""

    at: datetime
    flow: str
    version: int
    step: str
    way: str


MOST_PASSED = 200  # of one call; what comes after them is left out


class ServiceWait(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A service is being asked; what it says while we still speak (`is_saying`) is kept."""

    is_saying: bool
    facts: dict[str, str] | None = None
    failed: str | None = None


class Asking(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the caller is being asked for by key: menu, survey, number or digits."""

    purpose: str
    keys: str


class CallOut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A lawyer called somebody from his desk. `by`: the person; `number`: as it is dialled.

    `reached_at`: when whoever was called picked up.
    """

    seat: str
    by: str
    number: str
    reason: str
    reached_at: datetime | None = None


class WaitRule(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How the line speaks to the caller: how often, and which keys it offers later."""

    every_s: float
    offer_after_s: float
    offer_say: tuple[str, ...]
    offers: dict[str, str]


class Call(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that is known of one call. Times are aware UTC; `recording` is its audio's path stem.

    `serial` numbers what the telephony was last told, `timer` the timer last set: an event that
    carries an older number comes too late and is ignored. `county`: one that stands beside its
    prefecture `city`. `blocked`: why the call is not let in (blacklist, number_flood, trunk_flood;
    the blacklist's entry), `turned_away`: without a word. `release`: of the flows, the one the call
    began with. `fallback`: facts of what the fallback queue did with the call, when it went there.
    `table`: who is where in a talk that was touched, None in one that was not. `wants`: the seat
    that he was transferred to or comes back to. `at_head`: a supervisor has him go before others.
    `path`: the ways it took through its flows, in order. `hold`: why its recording must be kept.
    `line_session`: the flow where it stood in line; `overflowed`: stages of the policy that came.

    `callback_of`: it was us who called, because of that conversation; `out`: a lawyer called;
    `reserved`: the seat that waits while the caller is greeted. `seat_first`: the seat is rung
    before the caller is, and until `caller_reached` nobody is there but the seat.
    """

    call_id: CallId
    arrived_at: datetime
    stage: Stage = Stage.IVR
    serial: int = 0
    timer: int = 0
    trunk: str = ""
    dialled: str = ""
    caller: str | None = None
    recording: str = ""
    recording_s: float | None = None
    city: str | None = None
    city_source: str = "unknown"
    county: str | None = None
    language: str = "zh-CN"
    special: tuple[str, ...] = ()
    blocked: str = ""
    blocked_entry: int = 0
    turned_away: bool = False

    release: int = 0
    flow: str = ""
    flow_version: int = 0
    session: Session | None = None
    path: tuple[Passed, ...] = ()
    asking: Asking | None = None
    service: ServiceWait | None = None
    finishing: bool = False
    resumes: int = 0

    group: str | None = None
    asked_at: datetime | None = None
    wait_rule: WaitRule | None = None
    line_session: Session | None = None
    overflowed: frozenset[str] = frozenset()
    stints: tuple[Stint, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    talk_ended_at: datetime | None = None
    talk_ended_by: str | None = None
    survey: Survey | None = None

    callback_of: CallId | None = None
    out: CallOut | None = None
    seat_first: bool = False
    caller_reached: bool = False
    reserved: str = ""
    reserved_level: str = ""

    legs: tuple[Leg, ...] = ()
    table: Table | None = None
    wants: str | None = None
    at_head: bool = False

    transfers: tuple[Transfer, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    notes: tuple[Note, ...] = ()
    note_name: str = ""

    overflow: str | None = None
    overflow_number: str | None = None
    voice_kind: str | None = None
    voice_audio: str | None = None
    voice_s: float | None = None

    ended_at: datetime | None = None
    ended_by: str | None = None
    end_stage: str | None = None
    reconciled: bool = False
    hold: str = ""
    fallback: dict[str, Any] | None = None

    @property
    def is_over(self) -> bool:
        """Whether the caller's channel is gone."""
        return self.stage is Stage.OVER

    @property
    def seat(self) -> str | None:
        """The seat that rings or talks now."""
        in_hand = self.stage in (Stage.RINGING, Stage.TALKING)
        if self.table is not None and self.table.seat == "gone":
            return None
        return self.attempts[-1].seat if in_hand and self.attempts else None

    @property
    def held_seat(self) -> str | None:
        """The seat that is nobody else's now: it rings, talks, or waits for the caller."""
        return self.seat or self.reserved or None

    @property
    def tried(self) -> frozenset[str]:
        """Seats that had this call and did not take it, or gave it to their group."""
        refused = {a.seat for a in self.attempts if a.outcome not in (None, "answered")}
        gave = {
            leg.by
            for leg in self.legs[-1:]
            if leg.kind == "transfer" and leg.to and leg.to.kind == "group"
        }
        return frozenset(refused | gave)

    @property
    def answered_at(self) -> datetime | None:
        """When the first human picked up: a seat, or the line outside that stands in for them."""
        by_seat = next((a.answered_at for a in self.attempts if a.answered_at), None)
        if by_seat is not None or not self.transfers:
            return by_seat
        return next((t.answered_at for t in self.transfers if t.in_line and t.answered_at), None)

    @property
    def has_given_up(self) -> bool:
        """Whether the caller hung up in line, or while a seat rang."""
        is_lost = self.answered_at is None and self.overflow is None and not self.is_ours
        return is_lost and self.ended_by == "caller" and self.end_stage in ("queue", "ringing")

    @property
    def is_ours(self) -> bool:
        """Whether it was us who called."""
        return self.callback_of is not None or self.out is not None

    @property
    def is_without_caller(self) -> bool:
        """Whether it is our call, whose seat is rung first, and nobody else was reached yet."""
        return self.seat_first and not self.caller_reached

    @property
    def keeps_place(self) -> bool:
        """Whether a line outside is rung for a caller who keeps his place in line."""
        return self.stage is Stage.TRANSFER and self.transfers[-1].in_line

    def waited_s(self, now: datetime) -> float:
        """Seconds since the caller first asked for a person; 0 before."""
        return (now - self.asked_at).total_seconds() if self.asked_at else 0.0

    def with_ways(self, ways: Sequence[Way], at: datetime) -> Call:
        """The call having gone these ways now."""
        if not ways or len(self.path) >= MOST_PASSED:
            return self
        gone = (Passed(at, one.flow, one.version, one.step, one.way) for one in ways)
        return change(self, path=(*self.path, *gone)[:MOST_PASSED])

    def with_attempt(self, **changes: object) -> Call:
        """The call with its newest attempt changed."""
        newest = msgspec.structs.replace(self.attempts[-1], **changes)
        return change(self, attempts=(*self.attempts[:-1], newest))

    def with_transfer(self, **changes: object) -> Call:
        """The call with its newest transfer changed."""
        newest = msgspec.structs.replace(self.transfers[-1], **changes)
        return change(self, transfers=(*self.transfers[:-1], newest))

    def with_stint_closed(self, *, outcome: str, at: datetime) -> Call:
        """The call with its open stay in the line closed; unchanged when none is open."""
        if not self.stints or self.stints[-1].left_at is not None:
            return self
        closed = msgspec.structs.replace(self.stints[-1], left_at=at, outcome=outcome)
        return change(self, stints=(*self.stints[:-1], closed))


def change(call: Call, **changes: object) -> Call:
    """A copy of the call with these fields replaced."""
    return msgspec.structs.replace(call, **changes)


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Call)


def to_json(call: Call) -> bytes:
    """The call as JSON, for the live state."""
    return _encoder.encode(call)


def from_json(data: bytes) -> Call:
    """A call from `to_json`'s bytes. Raises msgspec.MsgspecError (ValidationError, DecodeError)."""
    return _decoder.decode(data)
