"""What cannot be true of a finished call: asked of facts that come from outside.

Our own controller's facts are never refused for it: a clock set back in mid-call makes a
time run backwards, and a fact with an odd second is worth more than no fact.
"""

from collections.abc import Iterator
from datetime import datetime

from reports.facts import Attempt, Conversation


def faults_of(conversation: Conversation) -> tuple[str, ...]:
    """Every fault as `where: what`; empty when the call can have happened."""
    return tuple(_faults(conversation))


def _faults(call: Conversation) -> Iterator[str]:
    for name in ("ended_at", "ended_by", "end_stage"):
        if getattr(call, name) is None:
            yield f"{name}: is missing, only finished calls are imported"
    yield from _reversed(
        "",
        ("arrived_at", call.arrived_at),
        ("asked_at", call.asked_at),
        ("answered_at", call.answered_at),
        ("ended_at", call.ended_at),
    )
    if call.answered_at and call.end_stage == "blocked":
        yield "end_stage: is blocked, yet the call was answered"
    for number, attempt in enumerate(call.attempts):
        yield from _attempt_faults(f"attempts.{number}.", attempt, call)
    for number, stint in enumerate(call.stints):
        yield from _reversed(
            f"stints.{number}.",
            ("arrived_at", call.arrived_at),
            ("asked_at", stint.asked_at),
            ("left_at", stint.left_at),
        )
    for number, transfer in enumerate(call.transfers):
        yield from _reversed(
            f"transfers.{number}.",
            ("arrived_at", call.arrived_at),
            ("at", transfer.at),
            ("answered_at", transfer.answered_at),
            ("ended_at", transfer.ended_at),
        )
    for number, leg in enumerate(call.legs):
        yield from _reversed(
            f"legs.{number}.",
            ("arrived_at", call.arrived_at),
            ("at", leg.at),
            ("answered_at", leg.answered_at),
            ("joined_at", leg.joined_at),
            ("ended_at", leg.ended_at),
        )
    if call.survey:
        yield from _reversed(
            "survey.",
            ("arrived_at", call.arrived_at),
            ("answered_at", call.answered_at),
            ("invited_at", call.survey.invited_at),
        )
        if call.answered_at is None and call.survey.answer is not None:
            yield "survey.answer: a call that nobody answered cannot be rated"
    if call.overflow_request and call.overflow is None:
        yield "overflow_request: is there, but overflow is null"


def _attempt_faults(where: str, attempt: Attempt, call: Conversation) -> Iterator[str]:
    # An attempt may end a moment after the call: the seat's leg is torn down last.
    yield from _reversed(
        where,
        ("arrived_at", call.arrived_at),
        ("offered_at", attempt.offered_at),
        ("rang_at", attempt.rang_at),
        ("answered_at", attempt.answered_at),
        ("ended_at", attempt.ended_at),
    )


def _reversed(where: str, *times: tuple[str, datetime | None]) -> Iterator[str]:
    known = [(name, time) for name, time in times if time is not None]
    for (before, earlier), (name, time) in zip(known, known[1:], strict=False):
        if time < earlier:
            yield f"{where}{name}: is before {before}"
