"""What was missed while nobody listened: Asterisk's own state held against ours.

AMI has no replay. On each connection, and every few seconds after, a snapshot is taken and the
differences come out as the same news that events would have brought.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from callcenter.asterisk.ami import AmiClient
from callcenter.asterisk.heard import FALLBACK, seat_of
from callcenter.asterisk.protocol import AmiMessage
from seats.seat import HOLDING_A_CALL, IN_TALK, SeatStatus

SETTLING = timedelta(seconds=5)  # a state this young may simply be ahead of the snapshot
FROM_NODE = "PJSIP/node-"  # how channels of calls that another node sent begin
REACHED = frozenset(
    {"Avail", "Available", "Reachable", "NonQual", "NonQualified", "Unknown", "Created"}
)


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel that is up. `call_id` is the caller's channel it belongs to; empty where the
    caller is at another node, which rang a phone of this one.
    """

    unique_id: str
    name: str
    call_id: str
    is_talking: bool
    fallback: str = ""
    """What the fallback does with a caller (Playback, Queue, Record), on his own channel alone;
    then `caller` is his number as shown.
    """
    caller: str = ""
    up_s: float = 0.0


Sight = Callable[[str], bool]
"""Whether the channel of a call would be in sight, if it were there."""


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
    """A seat's phone registered (at `node`) or vanished unheard."""

    seat: str
    is_registered: bool
    node: str


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
    shown = [message for message in shown if message.name == "CoreShowChannel"]
    from_nodes = {m.get("Uniqueid") for m in shown if m.get("Channel").startswith(FROM_NODE)}
    channels = [_channel(message, talking, from_nodes) for message in shown]
    return Snapshot(
        channels={channel.unique_id: channel for channel in channels},
        phones=frozenset(
            c.get("ObjectName").partition(";")[0] for c in contacts if c.get("Status") in REACHED
        ),
    )


def _channel(message: AmiMessage, talking: set[str], from_nodes: set[str]) -> Channel:
    linked, unique = message.get("Linkedid"), message.get("Uniqueid")
    is_callers = unique == linked and message.get("Context").startswith(f"{FALLBACK}-")
    return Channel(
        unique_id=unique,
        name=message.get("Channel"),
        call_id="" if linked in from_nodes else linked,
        is_talking=message.get("BridgeId") in talking,
        fallback=message.get("Application") if is_callers else "",
        caller=message.get("CallerIDNum") if is_callers else "",
        up_s=_seconds(message.get("Duration")),
    )


def _seconds(duration: str) -> float:
    """Of `01:02:03`."""
    whole = 0
    for part in duration.split(":"):
        whole = whole * 60 + (int(part) if part.isdigit() else 0)
    return float(whole)


def differences(
    seen: Mapping[str, Snapshot],
    *,
    calls: Mapping[str, str | None],
    statuses: Iterable[SeatStatus],
    now: datetime,
    nodes: Collection[str],
) -> tuple[Difference, ...]:
    """What to mend. `seen`: the snapshot of each node that could be asked, of all `nodes`;
    `calls`: call id → the seat it holds, for every call we know. Nothing is said of what an
    Asterisk that could not be asked may still have.
    """
    channels = [channel for one in seen.values() for channel in one.channels.values()]
    up = {channel.unique_id for channel in channels}
    is_seen = sight(seen, nodes)
    found: list[Difference] = [
        CallGone(call_id) for call_id in calls if call_id not in up and is_seen(call_id)
    ]
    talks = {
        seat: channel.call_id
        for channel in channels
        if channel.is_talking and channel.call_id and (seat := seat_of(channel.name))
    }
    has_channel = {seat_of(channel.name) for channel in channels}
    for status in statuses:
        found += _phone_differences(status, seen, is_complete=len(seen) == len(nodes))
        if now - status.since < SETTLING:
            continue
        if status.number not in has_channel and not is_seen(status.call_id or ""):
            continue
        found += _seat_differences(
            status, talks.get(status.number), status.number in has_channel, calls
        )
    return tuple(found)


def sight(seen: Mapping[str, Snapshot], nodes: Collection[str]) -> Sight:
    """What these snapshots, of all `nodes`, show; a call's id begins with its node's name."""

    def is_seen(call_id: str) -> bool:
        node = call_id.rpartition("-")[0]
        return node in seen if node in nodes else len(seen) == len(nodes)

    return is_seen


def _phone_differences(
    status: SeatStatus, seen: Mapping[str, Snapshot], *, is_complete: bool
) -> list[Difference]:
    at = [node for node, one in seen.items() if status.number in one.phones]
    if at:
        is_elsewhere = status.node in seen and status.node not in at
        if not status.is_registered or is_elsewhere:
            return [PhoneChanged(status.number, True, at[0])]
        return []
    in_sight = status.node in seen if status.node else is_complete
    if status.is_registered and in_sight:
        return [PhoneChanged(status.number, False, status.node)]
    return []


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
