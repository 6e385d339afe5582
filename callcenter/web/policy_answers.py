"""What came of a policy's trial, as the page is told it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from callcenter.web.flows_models import (
    PolicyDifference,
    PolicyFigures,
    PolicyGroup,
    PolicyTried,
)


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
