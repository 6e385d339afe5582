"""A call as the facts that are stored of it (contract: Facts)."""

from __future__ import annotations

from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from callcenter.call.state import Attempt, Call, CallOut, Stint, Transfer
from callcenter.call.table import Leg

_STEERING = {
    *("serial", "timer", "session", "asking", "service", "finishing", "resumes", "wait_rule"),
    *("stage", "note_name", "line_session", "overflowed", "reserved", "reserved_level"),
    *("table", "wants", "path", "at_head"),
}
_told = attrgetter(*(name for name in Call.__struct_fields__ if name not in _STEERING))


def told_of(call: Call) -> tuple[object, ...]:
    """All of a call that its facts are made of; cheap to compare, for most steps change none."""
    told: tuple[object, ...] = _told(call)
    return told


def utc(at: datetime | None) -> str | None:
    """ISO time in UTC with milliseconds and `Z`."""
    return None if at is None else at.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def conversation(call: Call) -> dict[str, Any]:
    """The one conversation of this call, without its revision."""
    facts = _own(call)
    return facts if call.fallback is None else _with_fallback(call, facts, call.fallback)


def _own(call: Call) -> dict[str, Any]:
    # whoever is called back asked in an earlier conversation, and this one began by our call
    asked_at = call.asked_at and max(call.asked_at, call.arrived_at)
    return {
        "call_id": call.call_id,
        **({"callback_of": call.callback_of} if call.callback_of else {}),
        **({"call_out": _out(call.out)} if call.out else {}),
        "arrived_at": utc(call.arrived_at),
        "caller": call.caller,
        "trunk": call.trunk,
        "dialled": call.dialled,
        "city": call.city,
        "city_source": call.city_source,
        **({"county": call.county} if call.county else {}),
        **({"blocked": _blocked(call)} if call.blocked else {}),
        "group": call.group,
        "language": call.language,
        "special": list(call.special),
        "asked_at": utc(asked_at),
        "answered_at": utc(call.answered_at),
        "ended_at": utc(call.ended_at),
        "ended_by": call.ended_by,
        "end_stage": call.end_stage,
        "overflow": call.overflow,
        "attempts": [_attempt(a) for a in call.attempts],
        "stints": [_stint(s) for s in call.stints],
        **({"legs": [_leg(leg) for leg in call.legs]} if call.legs else {}),
        "transfers": [_transfer(t) for t in call.transfers],
        "notes": [
            {"name": n.name, "audio": n.audio, "duration_s": n.duration_s} for n in call.notes
        ],
        "alarms": [{"name": a.name, "at": utc(a.at)} for a in call.alarms],
        "survey": call.survey
        and {"invited_at": utc(call.survey.invited_at), "answer": call.survey.answer},
        "category": None,
        "talk_ended_at": utc(call.talk_ended_at),
        "talk_ended_by": call.talk_ended_by,
        "recording": _recording(call),
        "overflow_request": _overflow_request(call),
        "flow": call.flow,
        "flow_version": str(call.flow_version),
        # Once only, as the call is over: it would be the greater part of each of its lines.
        **({"path": _path(call)} if call.path and call.is_over else {}),
        **({"hold": call.hold} if call.hold else {}),
        "source": "controller",
        "reconciled": call.reconciled,
    }


def _with_fallback(call: Call, facts: dict[str, Any], served: dict[str, Any]) -> dict[str, Any]:
    """Our own facts, and after them what the fallback queue did while we did not steer the call."""
    stints = list(facts["stints"])
    if stints and stints[-1]["outcome"] in (None, "abandoned"):  # he waited on, only elsewhere
        left = {name: served["stints"][0][name] for name in ("left_at", "outcome")}
        stints[-1] = {**stints[-1], **left}
    else:
        stints += served["stints"]
    whole = {
        **facts,
        "attempts": [*facts["attempts"], *served["attempts"]],
        "stints": stints,
        "reconciled": True,
    }
    for name in ("group", "asked_at", "answered_at", "overflow", "overflow_request"):
        whole[name] = facts[name] or served[name]
    for name in ("ended_at", "ended_by", "end_stage", "talk_ended_at", "talk_ended_by"):
        whole[name] = served[name] or facts[name]
    if whole["recording"]:
        talk = {"talk_from_s": "answered_at", "talk_to_s": "talk_ended_at"}
        offsets = {name: _offset(call, _at(whole[of])) for name, of in talk.items()}
        whole["recording"] = {**whole["recording"], **offsets}
    return whole


def _out(out: CallOut) -> dict[str, Any]:
    return {
        "seat": out.seat,
        "by": out.by,
        "number": out.number,
        "reason": out.reason,
        "reached_at": utc(out.reached_at),
    }


def _blocked(call: Call) -> dict[str, Any]:
    return {"why": call.blocked, "entry": call.blocked_entry or None}


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "seat": attempt.seat,
        "level": attempt.level,
        "offered_at": utc(attempt.offered_at),
        "rang_at": utc(attempt.rang_at),
        "answered_at": utc(attempt.answered_at),
        "ended_at": utc(attempt.ended_at),
        "outcome": attempt.outcome,
    }


def _path(call: Call) -> list[dict[str, Any]]:
    return [
        {"at": utc(p.at), "flow": p.flow, "version": p.version, "step": p.step, "way": p.way}
        for p in call.path
    ]


def _stint(stint: Stint) -> dict[str, Any]:
    return {
        "group": stint.group,
        "asked_at": utc(stint.asked_at),
        "left_at": utc(stint.left_at),
        "outcome": stint.outcome,
    }


def _transfer(transfer: Transfer) -> dict[str, Any]:
    return {
        "line": transfer.line,
        "at": utc(transfer.at),
        "answered_at": utc(transfer.answered_at),
        "ended_at": utc(transfer.ended_at),
        "outcome": transfer.outcome,
        **({"in_line": True} if transfer.in_line else {}),
    }


def _leg(leg: Leg) -> dict[str, Any]:
    return {
        "kind": leg.kind,
        "target": leg.to and f"{leg.to.kind} {leg.to.name}",
        "by": leg.by,
        "seat": leg.seat,
        "at": utc(leg.at),
        "answered_at": utc(leg.answered_at),
        "joined_at": utc(leg.joined_at),
        "ended_at": utc(leg.ended_at),
        "outcome": leg.outcome,
    }


def _recording(call: Call) -> dict[str, Any] | None:
    if not call.recording or call.turned_away:
        return None
    return {
        "path": call.recording,
        "started_at": utc(call.arrived_at),
        "duration_s": call.recording_s,
        "talk_from_s": _offset(call, call.answered_at),
        "talk_to_s": _offset(call, call.talk_ended_at),
    }


def _offset(call: Call, at: datetime | None) -> float | None:
    return None if at is None else round((at - call.arrived_at).total_seconds(), 3)


def _at(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _overflow_request(call: Call) -> dict[str, Any] | None:
    if call.overflow is None:
        return None
    return {
        "number": call.overflow_number or call.caller,
        "audio": call.voice_audio,
        "duration_s": call.voice_s,
        "requested_at": utc((call.stints[-1].left_at if call.stints else None) or call.arrived_at),
        "done_at": None,
    }
