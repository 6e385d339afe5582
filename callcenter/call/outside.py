"""The call and the world outside: lines that are rung for the caller, services that are asked."""

from __future__ import annotations

from datetime import datetime

from callcenter.call.state import Call, ServiceWait, Stage, Transfer, change
from callcenter.call.world import Outcome
from callcenter.commands import AskService, Hold, Play, RingLine
from callcenter.events import DialResult, HungUp, LineAnswered, ServiceAnswered, ServiceFailed
from ivr_flows import turn as flow
from ivr_flows.speech import TO_LINE

CLOSED = "CLOSED"  # in place of a DIALSTATUS: the line's hours are over, it was not dialled
_OUTCOMES = {"BUSY": "busy", "NOANSWER": "no_answer", "CANCEL": "caller_gone", CLOSED: "closed"}


def ring(call: Call, act: flow.Transfer, turn: flow.Turn, now: datetime) -> Outcome:
    """Ring a line outside."""
    transfers = (*call.transfers, Transfer(line=act.line, at=now))
    call = change(call, stage=Stage.TRANSFER, transfers=transfers)
    ring = RingLine(
        call.serial, act.line, len(transfers), act.ring_s, turn.say, language=turn.language
    )
    return call, (ring,)


IN_LINE_RING_S = 30


def ring_in_line(call: Call, line: str, now: datetime) -> Outcome:
    """Ring a line outside for a caller in line; the flow knows nothing of it."""
    transfers = (*call.transfers, Transfer(line=line, at=now, in_line=True))
    call = change(call, stage=Stage.TRANSFER, transfers=transfers)
    ring = RingLine(
        call.serial, line, len(transfers), IN_LINE_RING_S, (TO_LINE,), language=call.language
    )
    return call, (ring,)


def dial_name(line: str, transfer: int) -> str:
    """How Asterisk keeps which transfer its last Dial was (Resumed.dialled_seat)."""
    return f"line-{line}.{transfer}"


def picked_up(call: Call, event: LineAnswered, now: datetime) -> Call:
    """The far side picked up."""
    transfer = call.transfers[-1] if call.transfers else None
    if call.stage is not Stage.TRANSFER or transfer is None or transfer.answered_at:
        return call
    if transfer.ended_at is None:
        return call.with_transfer(answered_at=_within(call, event.at, now))
    # News of the far side may come after the end of Dial: it still tells what was before it.
    if event.at >= transfer.ended_at:
        return call
    return call.with_transfer(answered_at=_within(call, event.at, now), outcome="answered")


def ended(
    call: Call, result: DialResult, *, caller_gone: bool, now: datetime
) -> tuple[Call, flow.Transferred]:
    """Dial returned: the call with its transfer closed, and what the flow is to be told."""
    transfer = call.transfers[-1]
    answered_at = transfer.answered_at
    if result.status == "ANSWER" and answered_at is None:
        answered_at = _within(call, result.talk_at or result.ended_at or now, now)
    outcome = "answered" if answered_at else _outcome(result, caller_gone=caller_gone)
    ended_at = max(answered_at or transfer.at, min(result.ended_at or now, now))
    call = change(
        call.with_transfer(answered_at=answered_at, ended_at=ended_at, outcome=outcome),
        stage=Stage.TRANSFER if caller_gone else Stage.IVR,
    )
    return call, flow.Transferred("answered" if answered_at else "failed")


def _outcome(result: DialResult, *, caller_gone: bool) -> str:
    return "caller_gone" if caller_gone else _OUTCOMES.get(result.status, "unreachable")


def _within(call: Call, at: datetime, now: datetime) -> datetime:
    return min(max(at, call.transfers[-1].at), now)


def withdrawn(call: Call) -> Call:
    """Asterisk was never told to ring the line: as if the step had not been entered."""
    return change(call, stage=Stage.IVR, transfers=call.transfers[:-1])


def hung_up(call: Call, event: HungUp, at: datetime) -> Call:
    """The caller hung up while the line was rung, or in the talk with it."""
    if call.stage is not Stage.TRANSFER or call.transfers[-1].outcome:
        return call
    answered_at = call.transfers[-1].answered_at
    if answered_at is None and event.talk_at and event.talk_at >= call.transfers[-1].at:
        answered_at = event.talk_at
    outcome = "answered" if answered_at else "caller_gone"
    ended_at = max(at, call.transfers[-1].at)
    return call.with_transfer(answered_at=answered_at, ended_at=ended_at, outcome=outcome)


def ask(call: Call, act: flow.CallService, turn: flow.Turn) -> Outcome:
    """Ask a service while the caller is told to wait, or hears music."""
    call = change(call, service=ServiceWait(is_saying=bool(turn.say)))
    if call.answered_at is None:
        call = change(call, stage=Stage.IVR)
    first = (
        Play(call.serial, turn.say, "", language=turn.language) if turn.say else Hold(call.serial)
    )
    return call, (first, AskService(call.serial, act.service, act.sent))


def said(call: Call) -> tuple[Call, flow.Answer | None]:
    """All was said: what the service answered meanwhile, or None while it still thinks."""
    wait = call.service
    assert wait is not None
    if wait.facts is not None:
        return call, flow.ServiceAnswered(wait.facts)
    if wait.failed is not None:
        return call, flow.ServiceFailed(wait.failed)
    return change(call, service=ServiceWait(is_saying=False)), None


def told(
    call: Call, event: ServiceAnswered | ServiceFailed
) -> tuple[Call, flow.ServiceAnswered | flow.ServiceFailed | None]:
    """The service answered: what the flow is to be told now, or None when that must wait."""
    if call.service is None:
        return call, None
    if isinstance(event, ServiceAnswered):
        kept = ServiceWait(is_saying=True, facts=dict(event.facts))
    else:
        kept = ServiceWait(is_saying=True, failed=event.reason)
    if call.service.is_saying:
        return change(call, service=kept), None
    if isinstance(event, ServiceAnswered):
        return call, flow.ServiceAnswered(event.facts)
    return call, flow.ServiceFailed(event.reason)
