"""A stored call as a time line."""

from collections.abc import Mapping
from datetime import datetime
from typing import Self

from callcenter.web.calls_models import Moment
from reports import facts


class _Story:
    """Gathers a call's moments in the order in which they happened."""

    def __init__(self) -> None:
        self.moments: list[Moment] = []

    def add(
        self,
        at: datetime | None,
        what: str,
        *,
        until: datetime | None = None,
        who: str | None = None,
        how: str | None = None,
    ) -> Self:
        if at is not None:
            self.moments.append(Moment(at=at, until=until, what=what, who=who, how=how))
        return self


def moments(call: facts.Conversation, lines: Mapping[str, str]) -> list[Moment]:
    """A call as its time line, oldest first; `lines`: titles of the lines outside, by name."""

    def titled(line: str) -> str:
        return lines.get(line, line)  # a line that is gone keeps its name

    story = _Story().add(call.arrived_at, "arrived", who=call.dialled)
    for passed in call.path:
        if passed.way != "give_up" and not passed.way.startswith("keys."):
            continue  # what the flow did by itself is its graph's to show
        story.add(passed.at, "menu", who=passed.step, how=passed.way)
    for stint in call.stints:
        story.add(stint.asked_at, "waiting", until=stint.left_at, who=stint.group)
    for tried in call.attempts:
        rang_until = tried.answered_at or tried.ended_at
        story.add(tried.offered_at, "offered", until=rang_until, who=tried.seat, how=tried.outcome)
        story.add(tried.answered_at, "talking", until=tried.ended_at, who=tried.seat)
    for line in call.transfers:
        story.add(line.at, "line", until=line.ended_at, who=titled(line.line), how=line.outcome)
    for leg in call.legs:
        kind, _, name = (leg.target or "").partition(" ")
        who = f"line {titled(name)}" if kind == "line" else leg.target or leg.by
        story.add(leg.at, leg.kind, until=leg.ended_at, who=who, how=leg.outcome)
    for alarm in call.alarms:
        story.add(alarm.at, "alarm", who=alarm.name)
    if call.survey:
        story.add(call.survey.invited_at, "survey", how=str(call.survey.answer or ""))
    if call.overflow_request:
        story.add(call.overflow_request.requested_at, call.overflow or "message")
    if call.callbacks:
        for rung in call.callbacks.tries:
            story.add(rung.at, "rung_back", until=rung.ended_at, who=rung.seat, how=rung.outcome)
    story.add(call.ended_at, "ended", who=call.ended_by)
    return sorted(story.moments, key=lambda moment: moment.at)
