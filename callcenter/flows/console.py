"""Flows as the pages have them: everything of one topic in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from callcenter.call import Call
from callcenter.flows.bench import FlowBench
from callcenter.flows.desk import FlowDesk
from callcenter.flows.policy_trial import PolicyTrial
from callcenter.flows.releases import Releases
from callcenter.flows.traffic import FlowTraffic


@dataclass(frozen=True, slots=True)
class Running:
    """What a controller gives its calls: the release for new ones, and who still has an older.

    `refused`: a newer release that it would not take up, and why.
    """

    release: int
    refused: tuple[int, str] | None
    calls: int
    older_calls: int


@dataclass(frozen=True, slots=True)
class FlowConsole:
    """`desk` moves versions, `bench` makes texts, `traffic` counts calls, `running` looks, `trial`
    plays policies."""

    desk: FlowDesk
    bench: FlowBench
    traffic: FlowTraffic
    running: Callable[[], Running]
    trial: PolicyTrial = field(default_factory=PolicyTrial)


def running(releases: Releases, calls: Iterable[Call]) -> Running:
    """What this controller runs with now."""
    begun_with = [call.release for call in calls if not call.is_over]
    now = releases.current.release
    older = sum(release != now for release in begun_with)
    return Running(now, releases.refusal, len(begun_with) - older, older)
