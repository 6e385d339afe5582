"""What was missed while nobody listened: Asterisk's own state held against ours.

AMI has no replay. On each connection, and every few seconds after, a snapshot is taken and the
differences come out as the same news that events would have brought.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from callcenter.asterisk.ami import AmiClient
from callcenter.asterisk.heard import seat_of
from callcenter.asterisk.protocol import AmiMessage
from seats.seat import HOLDING_A_CALL, IN_TALK, SeatStatus

SETTLING = timedelta(seconds=5)  # a state this young may simply be ahead of the snapshot
REACHED = frozenset(
    {"Avail", "Available", "Reachable", "NonQual", "NonQualified", "Unknown", "Created"}
)


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel that is up. `call_id` is the caller's channel it belongs to."""

    unique_id: str
    name: str
    call_id: str
    is_talking: bool


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Asterisk at one moment."""

    channels: Mapping[str, Channel]
    phones: frozenset[str]


@dataclass(frozen=True, slots=True)
class CallGone:
    """A call we know has no channel any more."""

    call_id: str


@dataclass(frozen=True, slots=True)
class PhoneChanged:
    """A seat's phone registered or vanished unheard."""

    seat: str
    is_registered: bool


@dataclass(frozen=True, slots=True)
class PickedUp:
    """A seat talks in a call we thought was still ringing."""

    call_id: str
    seat: str


@dataclass(frozen=True, slots=True)
class Talks:
    """A seat talks in a call that is not ours (the fallback queue, a call out)."""

    call_id: str
    seat: str


@dataclass(frozen=True, slots=True)
class Idle:
    """A seat that should hold a call holds none."""

    seat: str


Difference = CallGone | PhoneChanged | PickedUp | Talks | Idle


async def snapshot(ami: AmiClient) -> Snapshot:
    """Ask Asterisk for its channels, bridges and contacts. Raises AmiFault when the link drops."""
    shown, bridges, contacts = await asyncio.gather(
        ami.collect("CoreShowChannels"), ami.collect("BridgeList"), ami.collect("PJSIPShowContacts")
    )
    talking = {b.get("BridgeUniqueid") for b in bridges if int(b.get("BridgeNumChannels") or 0) > 1}
    channels = [
        _channel(message, talking) for message in shown if message.name == "CoreShowChannel"
    ]
    return Snapshot(
        channels={channel.unique_id: channel for channel in channels},
        phones=frozenset(
            c.get("ObjectName").partition(";")[0] for c in contacts if c.get("Status") in REACHED
        ),
    )


def _channel(message: AmiMessage, talking: set[str]) -> Channel:
    return Channel(
        unique_id=message.get("Uniqueid"),
        name=message.get("Channel"),
        call_id=message.get("Linkedid"),
        is_talking=message.get("BridgeId") in talking,
    )


def differences(
    seen: Snapshot,
    *,
    calls: Mapping[str, str | None],
    statuses: Iterable[SeatStatus],
    now: datetime,
) -> tuple[Difference, ...]:
    """What to mend. `calls`: call id → the seat it holds, for every call we know."""
    found: list[Difference] = [
        CallGone(call_id) for call_id in calls if call_id not in seen.channels
    ]
    talks = {
        seat: channel.call_id
        for channel in seen.channels.values()
        if channel.is_talking and (seat := seat_of(channel.name))
    }
    has_channel = {seat_of(channel.name) for channel in seen.channels.values()}
    for status in statuses:
        if status.is_registered != (status.number in seen.phones):
            found.append(PhoneChanged(status.number, status.number in seen.phones))
        if now - status.since < SETTLING:
            continue
        found += _seat_differences(
            status, talks.get(status.number), status.number in has_channel, calls
        )
    return tuple(found)


def _seat_differences(
    status: SeatStatus, talks_in: str | None, has_channel: bool, calls: Mapping[str, str | None]
) -> list[Difference]:
    if talks_in is not None and status.state not in IN_TALK:
        own = calls.get(talks_in) == status.number
        return [PickedUp(talks_in, status.number) if own else Talks(talks_in, status.number)]
    holds = status.state in HOLDING_A_CALL
    if holds and not has_channel and calls.get(status.call_id or "") != status.number:
        return [Idle(status.number)]
    return []
