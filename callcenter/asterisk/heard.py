"""AMI messages as what they mean to the hotline. Translation only, no input or output."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from callcenter.asterisk.protocol import AmiMessage
from callcenter.call.table import parse_leg_id, parse_spy_id, parse_way_out_id

WANTED = frozenset(
    {
        *("DialState", "Newstate", "Hangup", "ContactStatus", "UserEvent"),
        *("ConfbridgeJoin", "OriginateResponse", "QueueCallerJoin", "QueueCallerLeave"),
    }
)
"""Names of the events that mean something here; the rest is dropped before decoding."""

FALLBACK = "fallback"  # its queue, and how its contexts begin
RINGING, UP = "5", "6"  # AST_STATE_RINGING, AST_STATE_UP
# What OriginateResponse gives as Reason (AST_CONTROL_…) as causes of Q.850: no answer, busy.
_REASONS = {"3": 19, "5": 17}
_SEAT_CHANNEL = re.compile(r"PJSIP/(\d+)\b")
_REACHED = frozenset({"Created", "Reachable", "NonQualified", "Updated"})
_LOST = frozenset({"Removed", "Unreachable"})


@dataclass(frozen=True, slots=True)
class SeatRings:
    """A seat's phone rings for a call."""

    call_id: str
    seat: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SeatPickedUp:
    """A seat's phone was picked up for a call."""

    call_id: str
    seat: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LinePickedUp:
    """A line outside, rung for a call, was picked up."""

    call_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ChannelGone:
    """A channel is gone; for a caller's channel `unique_id` is the call's id.

    `call_id`: the call it belonged to.
    """

    unique_id: str
    channel: str
    at: datetime
    cause: int = 0
    """Q.850."""
    call_id: str = ""


@dataclass(frozen=True, slots=True)
class LegRings:
    """The phone of a guest rings."""

    call_id: str
    leg: int


@dataclass(frozen=True, slots=True)
class LegPickedUp:
    """A guest outside has picked up."""

    call_id: str
    leg: int
    at: datetime


@dataclass(frozen=True, slots=True)
class SupervisorHears:
    """A supervisor has picked up beside a talk; `unique_id` is of `spy_id`."""

    unique_id: str


@dataclass(frozen=True, slots=True)
class RoomJoined:
    """A channel came into a call's room."""

    call_id: str
    unique_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PhoneSeen:
    """A seat's phone registered or vanished.

    `is_removed`: a contact of the seat is gone; that of another phone may have taken its place.
    """

    seat: str
    is_registered: bool
    is_removed: bool = False


@dataclass(frozen=True, slots=True)
class SeatWants:
    """A lawyer dialled ready or not ready on the seat's phone."""

    seat: str
    ready: bool


@dataclass(frozen=True, slots=True)
class AudioClosed:
    """The recordings of a call are complete on disk."""

    call_id: str


@dataclass(frozen=True, slots=True)
class FallbackJoined:
    """A caller stands in the fallback queue: no controller has his call. `caller` as shown."""

    call_id: str
    caller: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FallbackLeft:
    """He stands there no more: a seat has him, he is asked for a message, or he is gone."""

    call_id: str


Heard = (
    SeatRings
    | SeatPickedUp
    | LinePickedUp
    | ChannelGone
    | LegRings
    | LegPickedUp
    | SupervisorHears
    | RoomJoined
    | PhoneSeen
    | SeatWants
    | AudioClosed
    | FallbackJoined
    | FallbackLeft
)


def seat_of(channel: str) -> str | None:
    """The seat number in a channel's name (`PJSIP/8001-00000007`), None for other channels."""
    match = _SEAT_CHANNEL.match(channel)
    return match[1] if match else None


def translate(message: AmiMessage, now: datetime) -> Heard | None:
    """What the message means here; None for what does not concern us."""
    match message.name:
        case "DialState":
            return _dial(message, now)
        case "Newstate":
            return _state(message, now)
        case "Hangup":
            cause = message.get("Cause")
            return ChannelGone(
                message.get("Uniqueid"),
                message.get("Channel"),
                _at(message, now),
                int(cause) if cause.isdigit() else 0,
                message.get("Linkedid"),
            )
        case "ConfbridgeJoin":
            return RoomJoined(message.get("Conference"), message.get("Uniqueid"), _at(message, now))
        case "OriginateResponse":
            return _not_called(message, now)
        case "ContactStatus":
            return _contact(message)
        case "UserEvent":
            return _user_event(message, now)
        case "QueueCallerJoin" | "QueueCallerLeave":
            return _fallback(message, now)
        case _:
            return None


def _dial(message: AmiMessage, now: datetime) -> Heard | None:
    if message.get("DialStatus") != "RINGING":
        return None
    if leg := parse_way_out_id(message.get("Uniqueid")):
        return LegRings(*leg)
    seat = seat_of(message.get("DestChannel"))
    if seat is None:
        return None
    return SeatRings(message.get("Uniqueid"), seat, _at(message, now))


def _not_called(message: AmiMessage, now: datetime) -> Heard | None:
    # A guest whom no channel could be made for has no Hangup either.
    unique_id = message.get("Uniqueid")
    is_ours = parse_leg_id(unique_id) or parse_spy_id(unique_id)
    if message.get("Response") != "Failure" or not is_ours:
        return None
    cause = _REASONS.get(message.get("Reason"), 0)
    return ChannelGone(unique_id, message.get("Channel"), _at(message, now), cause)


def _state(message: AmiMessage, now: datetime) -> Heard | None:
    leg = parse_leg_id(message.get("Uniqueid"))
    if leg is not None:
        return LegRings(*leg) if message.get("ChannelState") == RINGING else None
    # Dial tells of an answer only after what it plays to both sides: the channel tells at once.
    if message.get("ChannelState") != UP:
        return None
    if parse_spy_id(message.get("Uniqueid")):
        return SupervisorHears(message.get("Uniqueid"))
    seat, call_id = seat_of(message.get("Channel")), message.get("Linkedid")
    if seat is not None:
        return SeatPickedUp(call_id, seat, _at(message, now))
    is_leg = message.get("Uniqueid") not in ("", call_id)  # a caller's own channel is his call
    if is_leg and message.get("Channel").startswith("PJSIP/"):
        return LinePickedUp(call_id, _at(message, now))
    return None


def _contact(message: AmiMessage) -> Heard | None:
    status = message.get("ContactStatus")
    seat = message.get("AOR")
    if not seat.isdigit() or status not in _REACHED | _LOST:
        return None
    return PhoneSeen(seat, status in _REACHED, is_removed=status == "Removed")


def _user_event(message: AmiMessage, now: datetime) -> Heard | None:
    match message.get("UserEvent"):
        case "HotlineLeg":
            leg = parse_leg_id(message.get("Leg"))
            return LegPickedUp(*leg, _at(message, now)) if leg else None
        case "HotlineEnded":
            return AudioClosed(message.get("CallId"))
        case "HotlineSeat":
            return SeatWants(message.get("Seat"), message.get("Want") == "ready")
        case _:
            return None


def _fallback(message: AmiMessage, now: datetime) -> Heard | None:
    if message.get("Queue") != FALLBACK:
        return None
    call_id = message.get("Uniqueid")
    if message.name == "QueueCallerLeave":
        return FallbackLeft(call_id)
    return FallbackJoined(call_id, message.get("CallerIDNum"), _at(message, now))


def _at(message: AmiMessage, now: datetime) -> datetime:
    try:
        return datetime.fromtimestamp(float(message.get("Timestamp")), UTC)
    except ValueError:
        return now
