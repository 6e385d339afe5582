"""A seat's status as the JSON that Redis holds; `by` is the run of the program that wrote it."""

from __future__ import annotations

import json
from datetime import datetime

from seats.seat import SeatState, SeatStatus


def to_json(status: SeatStatus, *, by: str) -> str:
    """One JSON object; what is None is left out (Lua's cjson has no plain null).

    `lease_until_ms` (since the epoch) repeats `lease_until` for the script that reserves.
    """
    record: dict[str, object] = {
        "number": status.number,
        "state": status.state.value,
        "since": status.since.isoformat(),
        "version": status.version,
        "is_registered": status.is_registered,
        "by": by,
    }
    if status.reason is not None:
        record["reason"] = status.reason
    if status.call_id is not None:
        record["call_id"] = status.call_id
    if status.lease_until is not None:
        record["lease_until"] = status.lease_until.isoformat()
        record["lease_until_ms"] = int(status.lease_until.timestamp() * 1000)
    if status.idle_since is not None:
        record["idle_since"] = status.idle_since.isoformat()
    if status.calls or status.wrap_up_ms:
        record["calls"] = status.calls
        record["calls_day"] = status.calls_day
        record["wrap_up_ms"] = status.wrap_up_ms
    if status.node:
        record["node"] = status.node
    if status.rest_next is not None:
        record["rest_next"] = status.rest_next
    return json.dumps(record, ensure_ascii=False)


def from_json(text: str | bytes) -> SeatStatus | None:
    """The status, or None when the text is not one (written by something else, or damaged)."""
    try:
        record = json.loads(text)
        return SeatStatus(
            number=str(record["number"]),
            state=SeatState(record["state"]),
            since=_time(record["since"]),
            version=int(record["version"]),
            reason=record.get("reason"),
            call_id=record.get("call_id"),
            lease_until=_time(record["lease_until"]) if "lease_until" in record else None,
            idle_since=_time(record["idle_since"]) if "idle_since" in record else None,
            is_registered=bool(record["is_registered"]),
            calls=int(record.get("calls", 0)),
            calls_day=str(record.get("calls_day", "")),
            wrap_up_ms=int(record.get("wrap_up_ms", 0)),
            node=str(record.get("node", "")),
            rest_next=record.get("rest_next"),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without zone")
    return moment
