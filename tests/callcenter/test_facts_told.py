"""Facts are made anew only when something that they tell of has changed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from callcenter.call import Call, CallId, Stage, change, conversation, told_of
from callcenter.call.state import (
    Alarm,
    Asking,
    Attempt,
    CallOut,
    Note,
    ServiceWait,
    Stint,
    Survey,
    Transfer,
    WaitRule,
)
from callcenter.call.table import Leg, Table
from ivr_flows.turn import Session

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CALL = Call(call_id=CallId("t-1.1"), arrived_at=AT, recording="/r/t-1.1", overflow="message")
OTHER: dict[str, Any] = {
    "call_id": CallId("t-1.2"),
    "arrived_at": AT.replace(hour=2),
    "stage": Stage.QUEUE,
    "session": Session("main", 1, "menu"),
    "asking": Asking(purpose="menu", keys="1"),
    "wait_rule": WaitRule(every_s=30, offer_after_s=60, offer_say=(), offers={}),
    "special": ("elderly",),
    "stints": (Stint(group="general", asked_at=AT, left_at=AT),),
    "attempts": (Attempt(seat="8001", level="municipal", offered_at=AT, answered_at=AT),),
    "service": ServiceWait(is_saying=True),
    "transfers": (Transfer(line="police", at=AT),),
    "alarms": (Alarm(name="emergency", at=AT),),
    "notes": (Note(name="complaint", audio="/r/n", duration_s=3.0),),
    "survey": Survey(invited_at=AT, answer=1),
    "legs": (Leg(kind="hold", at=AT, by="8001"),),
    "table": Table(),
    "out": CallOut(seat="8001", by="wang", number="04315550123", reason="callback"),
    "fallback": None,
}


def other(name: str) -> object:
    if name in OTHER:
        return OTHER[name]
    now = getattr(CALL, name)
    if isinstance(now, bool):
        return not now
    if isinstance(now, int):
        return now + 1
    if name.endswith("_at"):
        return AT
    return 3.5 if name.endswith("_s") else f"{name}-other"


@pytest.mark.parametrize("name", Call.__struct_fields__)
def test_whatever_the_facts_tell_of_is_seen(name: str) -> None:
    changed = change(CALL, **{name: other(name)})
    if conversation(changed) != conversation(CALL):
        assert told_of(changed) != told_of(CALL)


def test_steering_alone_tells_nothing() -> None:
    steered = change(CALL, serial=7, timer=3, session=OTHER["session"], asking=OTHER["asking"])
    assert told_of(steered) == told_of(CALL)
