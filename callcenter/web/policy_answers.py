"""What came of a policy's trial, as the page is told it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict, Field

from callcenter.web.models import ApiModel


class PolicyFigures(ApiModel):
    """How callers who asked for a person fared; rates 0 to 1, waits in seconds."""

    model_config = ConfigDict(extra="ignore")

    calls: int
    answered: int
    abandoned: int
    callback: int
    answer_rate: float | None
    service_level: float | None = Field(description="answered within 20 s")
    abandon_rate: float | None
    wait_mean: float | None
    wait_p95: float | None
    met: bool | None = Field(description="the answer rate reaches its target")


class PolicyGroup(ApiModel):
    """One group under both policies."""

    group: str
    old: PolicyFigures
    new: PolicyFigures


class PolicyDifference(ApiModel):
    """New less old on the same callers, with the 95 % interval."""

    value: float
    low: float
    high: float


class PolicyTried(ApiModel):
    """The same callers under the policy in force and under the new one."""

    first_day: str = Field(examples=["2026-03-02"])
    calls: int
    old: PolicyFigures
    new: PolicyFigures
    groups: list[PolicyGroup]
    differences: dict[str, PolicyDifference]


def policy_tried(found: Mapping[str, Any]) -> PolicyTried:
    """Of all that `hotline simulate --json` says: totals, groups, differences."""
    old, new = found["runs"]
    after = {row["group"]: row for row in new["groups"]}
    return PolicyTried(
        first_day=found["from"],
        calls=found["calls"],
        old=PolicyFigures.model_validate(old["total"]),
        new=PolicyFigures.model_validate(new["total"]),
        groups=[
            PolicyGroup(
                group=row["group"],
                old=PolicyFigures.model_validate(row),
                new=PolicyFigures.model_validate(after[row["group"]]),
            )
            for row in old["groups"]
            if row["group"] in after
        ],
        differences={
            name: PolicyDifference.model_validate(one) for name, one in found["difference"].items()
        },
    )
