"""AMI messages as what they mean to the hotline. Translation only, no input or output."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from callcenter.asterisk.protocol import AmiMessage

WANTED = frozenset({"DialState", "Newstate", "Hangup", "ContactStatus", "UserEvent"})
"""Names of the events that mean something here; the rest is dropped before decoding."""

UP = "6"  # AST_STATE_UP
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
    """A channel is gone; for a caller's channel `unique_id` is the call's id."""

    unique_id: str
    channel: str
    at: datetime
    cause: int = 0
    """Q.850."""


@dataclass(frozen=True, slots=True)
class PhoneSeen:
    """A seat's phone registered or vanished."""

    seat: str
    is_registered: bool


@dataclass(frozen=True, slots=True)
class SeatWants:
    """A lawyer dialled ready or not ready on the seat's phone."""

    seat: str
    ready: bool


@dataclass(frozen=True, slots=True)
class AudioClosed:
    """The recordings of a call are complete on disk."""

    call_id: str


Heard = SeatRings | SeatPickedUp | LinePickedUp | ChannelGone | PhoneSeen | SeatWants | AudioClosed


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
            )
        case "ContactStatus":
            return _contact(message)
        case "UserEvent":
            return _user_event(message)
        case _:
            return None


def _dial(message: AmiMessage, now: datetime) -> Heard | None:
    seat = seat_of(message.get("DestChannel"))
    if seat is None or message.get("DialStatus") != "RINGING":
        return None
    return SeatRings(message.get("Uniqueid"), seat, _at(message, now))


def _state(message: AmiMessage, now: datetime) -> Heard | None:
    # Dial tells of an answer only after what it plays to both sides: the channel tells at once.
    if message.get("ChannelState") != UP:
        return None
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
    return PhoneSeen(seat, status in _REACHED)


def _user_event(message: AmiMessage) -> Heard | None:
    match message.get("UserEvent"):
        case "HotlineEnded":
            return AudioClosed(message.get("CallId"))
        case "HotlineSeat":
            return SeatWants(message.get("Seat"), message.get("Want") == "ready")
        case _:
            return None


def _at(message: AmiMessage, now: datetime) -> datetime:
    try:
        return datetime.fromtimestamp(float(message.get("Timestamp")), UTC)
    except ValueError:
        return now
