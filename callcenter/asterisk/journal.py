"""Asterisk's queue log as the journal of calls: what happened while no controller looked.

The dialplan writes ARRIVED, FALLBACK, MESSAGE and ENDED lines of each call, `app_queue` its own for
the fallback queue. A line is `epoch|call id|queue|agent|event|data|…`; ours carry milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from callcenter.call.call_out import MARK
from callcenter.call.callback import asked_in_call
from callcenter.call.record import utc
from callcenter.caller import caller_of

TALK_ENDS = ("COMPLETEAGENT", "COMPLETECALLER")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: the call, who, what and when."""

    call_id: str
    queue: str
    agent: str
    event: str
    at: datetime
    data: tuple[str, ...]


def parse(line: str) -> Entry | None:
    """Read one line; None when it is not about a call of ours."""
    parts = line.rstrip("\r\n").split("|")
    if len(parts) < 5 or parts[2] not in ("hotline", "fallback") or parts[1] in ("", "NONE"):
        return None
    when, call_id, queue, agent, event, *data = parts
    stamp = data[0] if queue == "hotline" and data else f"{when}000"
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 16):
        return None
    at = datetime.fromtimestamp(int(stamp) / 1000, UTC)
    return Entry(call_id, queue, agent, event, at, tuple(data))


@dataclass(slots=True)
class Story:
    """What the journal tells of one call."""

    call_id: str
    entries: list[Entry] = field(default_factory=list)

    @property
    def ended_at(self) -> datetime | None:
        """When the channel was gone; None while it lives."""
        return next((e.at for e in self.entries if e.event == "ENDED"), None)

    @property
    def talk_at(self) -> datetime | None:
        """When the last Dial of the call was answered; None when it was not."""
        ended = self.first("ENDED")
        stamp = ended.data[3] if ended and len(ended.data) > 3 else ""
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 16):
            return None
        return datetime.fromtimestamp(int(stamp) / 1000, UTC)

    @property
    def was_in_fallback(self) -> bool:
        """Whether the call was served without a controller."""
        return any(e.event == "FALLBACK" for e in self.entries)

    def first(self, *events: str) -> Entry | None:
        """The first line of one of these events."""
        return next((e for e in self.entries if e.event in events), None)


def conversation(story: Story) -> dict[str, Any] | None:
    """The conversation of a call that no controller ever wrote down; None until it has ended."""
    arrived, ended = story.first("ARRIVED"), story.first("ENDED")
    if arrived is None or ended is None or MARK in story.call_id:
        return None  # a lawyer's own call that came to nothing
    trunk, dialled, caller = (*arrived.data[1:4], "", "", "")[:3]
    number, place = caller_of(caller)
    asked = story.first("FALLBACK")
    answered = story.first("CONNECT")
    talk_end = story.first(*TALK_ENDS)
    message = story.first("MESSAGE")
    return {
        "call_id": story.call_id,
        **({"callback_of": asked_in} if (asked_in := asked_in_call(story.call_id)) else {}),
        "arrived_at": utc(arrived.at),
        "caller": number,
        "trunk": trunk,
        "dialled": dialled,
        "city": place.city,
        "city_source": place.source,
        "group": "general" if asked else None,
        "language": "zh-CN",
        "special": [],
        "asked_at": asked and utc(asked.at),
        "answered_at": answered and utc(answered.at),
        "ended_at": utc(ended.at),
        "ended_by": _ended_by(talk_end),
        "end_stage": _end_stage(asked, answered),
        "overflow": "message" if message and not answered else None,
        "attempts": _attempts(story, ended.at),
        "stints": _stints(asked, answered, message, ended),
        "survey": None,
        "category": None,
        "talk_ended_at": utc((talk_end or ended).at) if answered else None,
        "talk_ended_by": _ended_by(talk_end) if talk_end else None,
        "overflow_request": message and not answered and _message(message, number) or None,
        "source": "journal",
        "reconciled": True,
    }


def _ended_by(talk_end: Entry | None) -> str:
    return "seat" if talk_end and talk_end.event == "COMPLETEAGENT" else "caller"


def _end_stage(asked: Entry | None, answered: Entry | None) -> str:
    if answered:
        return "talking"
    return "queue" if asked else "ivr"


def _attempts(story: Story, ended_at: datetime) -> list[dict[str, Any]]:
    attempts = []
    for entry in story.entries:
        if entry.event == "RINGNOANSWER":
            rang_ms = int(entry.data[0]) if entry.data and entry.data[0].isdigit() else 0
            rang_at = entry.at - timedelta(milliseconds=rang_ms)
            attempts.append(_attempt(entry.agent, rang_at, None, entry.at, "no_answer"))
        elif entry.event == "CONNECT":
            ring_s = int(entry.data[2]) if len(entry.data) > 2 and entry.data[2].isdigit() else 0
            talk_end = story.first(*TALK_ENDS)
            over = talk_end.at if talk_end else ended_at
            rang_at = entry.at - timedelta(seconds=ring_s)
            attempts.append(_attempt(entry.agent, rang_at, entry.at, over, "answered"))
    return attempts


def _attempt(
    seat: str, rang_at: datetime, answered_at: datetime | None, ended_at: datetime, outcome: str
) -> dict[str, Any]:
    return {
        "seat": seat,
        "level": "provincial",
        "offered_at": utc(rang_at),
        "rang_at": utc(rang_at),
        "answered_at": utc(answered_at),
        "ended_at": utc(ended_at),
        "outcome": outcome,
    }


def _stints(
    asked: Entry | None, answered: Entry | None, message: Entry | None, ended: Entry
) -> list[dict[str, Any]]:
    if asked is None:
        return []
    left = answered or message or ended
    outcome = "answered" if answered else "message" if message else "abandoned"
    return [
        {"group": "general", "asked_at": utc(asked.at), "left_at": utc(left.at), "outcome": outcome}
    ]


def _message(message: Entry, number: str | None) -> dict[str, Any]:
    audio = message.data[1] if len(message.data) > 1 else None
    return {
        "number": number,
        "audio": audio and audio.removesuffix(".wav"),
        "duration_s": None,
        "requested_at": utc(message.at),
        "done_at": None,
    }
