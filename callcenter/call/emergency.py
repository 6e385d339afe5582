"""Somebody is in danger: supervisors are told, and the recording is kept whatever its age."""

from __future__ import annotations

from datetime import datetime

from callcenter.call.state import Alarm, Call, change
from callcenter.call.world import Outcome
from callcenter.commands import RaiseAlarm

ALARM = "emergency_seat"  # raised by a lawyer; a flow's own is named by the flow


def raised(call: Call, now: datetime) -> Outcome:
    """The lawyer pressed the emergency button; each press is an alarm of its own."""
    call = change(call, alarms=(*call.alarms, Alarm(name=ALARM, at=now)), hold=ALARM)
    return call, (RaiseAlarm(ALARM),)
