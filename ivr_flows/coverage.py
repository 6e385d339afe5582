"""Which steps of a flow no scenario passes, and which keys none presses.

Keys of a waiting line count too, though `rehearsal` does not ask for them: each line has its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ivr_flows.model import Flow, Flows, Queue
from ivr_flows.rehearsal import Touched, rehearse, untouched
from ivr_flows.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Coverage:
    """One flow: how many steps and keys it has, and which of them nobody tried."""

    flow: Flow
    scenarios: int
    """How many pass through it, those of other flows included."""
    all: tuple[Touched, ...]
    untouched: tuple[Touched, ...]

    def count(self, *, keys: bool) -> tuple[int, int]:
        """How many keys, or steps, were touched, and how many there are."""
        there = [one for one in self.all if _is_key(one) is keys]
        left = [one for one in self.untouched if _is_key(one) is keys]
        return len(there) - len(left), len(there)

    @property
    def percent(self) -> float:
        """Share of steps and keys together, 0 to 100; 100 only when nothing is left."""
        share = 100 * (len(self.all) - len(self.untouched)) / len(self.all)
        return share if not self.untouched else min(share, 99.9)

    @property
    def left(self) -> tuple[str, ...]:
        """What nobody tried, as `step` and `step:key`."""
        return tuple(":".join(one[1:]) for one in self.untouched)

    def to_json(self) -> dict[str, Any]:
        """All of it as plain data."""
        steps, keys = self.count(keys=False), self.count(keys=True)
        return {
            "flow": self.flow.flow,
            "title": self.flow.title,
            "version": self.flow.version,
            "scenarios": self.scenarios,
            "steps": steps[1],
            "steps_touched": steps[0],
            "keys": keys[1],
            "keys_touched": keys[0],
            "percent": round(self.percent, 1),
            "untouched": list(self.left),
        }


def coverage(flows: Flows, scenarios: Iterable[Scenario]) -> list[Coverage]:
    """Each flow by name, after all scenarios of flows that are there were played."""
    played = [rehearse(one, flows).touched for one in scenarios if one.flow in flows.by_name]
    touched = frozenset[Touched]().union(*played)
    return [
        Coverage(
            flow=flow,
            scenarios=sum(any(one[0] == name for one in of) for of in played),
            all=tuple(_all(flow)),
            untouched=tuple(one for one in _all(flow) if one not in touched),
        )
        for name, flow in sorted(flows.by_name.items())
    ]


def _all(flow: Flow) -> Iterator[Touched]:
    """Each step, followed by the keys that may be pressed at it."""
    offered = {
        name: [key for key, way in step.offers.items() if getattr(step, way)]
        for name, step in flow.steps.items()
        if isinstance(step, Queue)
    }
    for one in untouched(flow, ()):
        yield one
        yield from ((*one, key) for key in offered.get(one[1], ()) if not _is_key(one))


def _is_key(one: Touched) -> bool:
    return len(one) == 3
