"""A flow as steps and the ways between them, for whoever draws it: of faulty texts too.

Nothing is checked here: what somebody is still writing shall be seen as far as it goes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from ivr_flows.model import ways_in
from ivr_flows.yaml_source import Source


class DrawnWay(msgspec.Struct, frozen=True):
    """A way out of a step: `way` is the field that names it (`keys.2`, `next`).

    `to` is a step of the same flow, or with the way `flow` the name of another flow.
    """

    way: str
    to: str


class DrawnStep(msgspec.Struct, frozen=True):
    """A step with all its fields as they stand in the text, and the line where it begins."""

    name: str
    do: str
    line: int
    fields: dict[str, Any]
    ways: tuple[DrawnWay, ...]


class Outline(msgspec.Struct, frozen=True):
    """A flow as far as it can be read."""

    flow: str
    title: str
    start: str
    steps: tuple[DrawnStep, ...]


def outline(source: Source) -> Outline:
    """What the text draws; what makes no sense in it is left out."""
    data = source.data if isinstance(source.data, Mapping) else {}
    steps = data.get("steps")
    found = steps.items() if isinstance(steps, Mapping) else ()
    return Outline(
        flow=_word(data.get("flow")),
        title=_word(data.get("title")),
        start=_word(data.get("start")),
        steps=tuple(_step(name, step, source) for name, step in found if isinstance(step, Mapping)),
    )


def _step(name: str, step: Mapping[str, Any], source: Source) -> DrawnStep:
    do = _word(step.get("do"))
    line = source.line_of(("steps", name))
    return DrawnStep(name, do, line, dict(step), tuple(_ways(do, step)))


def _ways(do: str, step: Mapping[str, Any]) -> Iterator[DrawnWay]:
    for field, to in ways_in(step):
        yield DrawnWay(".".join(field), to)
    if do == "goto_flow" and _word(step.get("flow")):
        yield DrawnWay("flow", step["flow"])


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""
