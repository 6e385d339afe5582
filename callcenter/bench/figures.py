"""Figures of a benchmark: percentiles, targets, and the shape of a result. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of all values do not exceed.

    By nearest rank: a value that was measured, never one in between. ValueError without values.
    """
    if not values:
        raise ValueError("no values, no percentile")
    rank = max(1, math.ceil(share * len(values)))
    return sorted(values)[rank - 1]


def spread(values: Sequence[float]) -> dict[str, float | int]:
    """count, p50, p99 and max of milliseconds, to the microsecond."""
    return {
        "count": len(values),
        "p50_ms": round(percentile(values, 0.5), 3),
        "p99_ms": round(percentile(values, 0.99), 3),
        "max_ms": round(max(values), 3),
    }


@dataclass(frozen=True, slots=True)
class Target:
    """What was aimed for and what was reached."""

    name: str
    value: float
    limit: float
    better: Literal["lower", "higher"] = "lower"

    @property
    def is_met(self) -> bool:
        """Whether the value is on the right side of the limit, or on it."""
        if self.better == "lower":
            return self.value <= self.limit
        return self.value >= self.limit

    def to_json(self) -> dict[str, Any]:
        """As it stands in a result: name, value, at_most or at_least, met."""
        bound = "at_most" if self.better == "lower" else "at_least"
        return {"name": self.name, "value": self.value, bound: self.limit, "met": self.is_met}


def result(
    bench: str, rows: Sequence[dict[str, Any]], targets: Sequence[Target], **more: Any
) -> dict[str, Any]:
    """One benchmark's result: bench, targets, rows (dictionaries), and what else is said of it."""
    return {
        "bench": bench,
        "targets": [target.to_json() for target in targets],
        "rows": list(rows),
        **more,
    }
