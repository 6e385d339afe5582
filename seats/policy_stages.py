"""The stages of `routing.yaml`, group by group -> GroupPolicy, every fault told with its line."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from typing import Final, TypeVar

import yaml

from seats.policy import DEFAULT, SEATED, First, GroupPolicy, Order, Policy, Stage, When, Who
from seats.source import Source, named, shortened

DAY_S: Final = 86_400
MOST_STAGES: Final = 20  # of one group
_SHARE: Final = re.compile(r"0\.[0-9]{1,4}|1(\.0{1,4})?")
_Choice = TypeVar("_Choice", Who, Order, First)


class Stages:
    """Reads the groups of one file; `check` at the end, with the whole policy."""

    def __init__(self, source: Source, lines: Collection[str] | None) -> None:
        """`lines`: names of lines.yaml, None when they are not known."""
        self._source = source
        self._lines = lines
        self._noted: list[tuple[str, yaml.Node, Stage]] = []

    def group(self, node: yaml.Node | None, where: str) -> GroupPolicy:
        """One group's part, or `default`."""
        source = self._source
        fields = source.table(
            node, where, required=("stages",), optional=("order", "sticky", "language_for_s")
        )
        sticky = source.table(fields.get("sticky"), f"{where}.sticky", required=("days", "for_s"))
        items = source.items(fields.get("stages"), f"{where}.stages")
        if "stages" in fields and not 1 <= len(items) <= MOST_STAGES:
            what = f"has {len(items):,} entries, not 1 to {MOST_STAGES}"
            source.fault(fields["stages"], f"{where}.stages", what)
        stages = tuple(
            self._stage(item, f"{where}.stages[{n}]")
            for n, item in enumerate(items[:MOST_STAGES], start=1)
        )
        usual = DEFAULT.default
        return GroupPolicy(
            stages=stages,
            order=one_of(source, Order, fields.get("order"), f"{where}.order", usual.order),
            sticky_days=source.whole(sticky.get("days"), f"{where}.sticky.days", 0, 3650, 0),
            sticky_s=seconds(source, sticky, "for_s", f"{where}.sticky", 0.0),
            language_s=seconds(source, fields, "language_for_s", where, usual.language_s),
        )

    def _stage(self, node: yaml.Node, where: str) -> Stage:
        source = self._source
        fields = source.table(
            node, where, required=("who",), optional=("after_s", "when", "by_catch_all", "line")
        )
        who = one_of(source, Who, fields.get("who"), f"{where}.who", Who.PROVINCIAL)
        line = source.text(fields.get("line"), f"{where}.line") or None
        lines = self._lines
        if who is Who.LINE and line is None:
            source.fault(node, where, "line is missing: a name of lines.yaml")
        elif who is not Who.LINE and "line" in fields:
            source.fault(fields["line"], f"{where}.line", f"does not go with who: {who}")
        elif line is not None and lines is not None and line not in lines:
            known = f"is not in lines.yaml ({', '.join(sorted(lines)) or 'empty'})"
            source.fault(fields["line"], f"{where}.line", f"{shortened(line)!r} {known}")
        by_catch_all = _yes(source, fields.get("by_catch_all"), f"{where}.by_catch_all")
        if by_catch_all and who not in SEATED:
            what = f"does not go with who: {who}, which asks for no skill"
            source.fault(fields["by_catch_all"], f"{where}.by_catch_all", what)
        stage = Stage(
            who=who,
            after_s=seconds(source, fields, "after_s", where, 0.0),
            when=self._when(fields.get("when"), f"{where}.when"),
            by_catch_all=by_catch_all,
            line=line,
        )
        self._noted.append((where, node, stage))
        return stage

    def _when(self, node: yaml.Node | None, where: str) -> When | None:
        if node is None:
            return None
        source = self._source
        fields = source.table(
            node, where, optional=("queue_at_least", "longest_wait_s", "loss_rate")
        )
        if isinstance(node, yaml.MappingNode) and not fields:
            source.fault(node, where, "says nothing: leave it out for a stage that opens always")
        queue = fields.get("queue_at_least")
        loss, loss_at = fields.get("loss_rate"), f"{where}.loss_rate"
        share = source.text(loss, loss_at)
        if loss is not None and not _SHARE.fullmatch(share):
            source.fault(loss, loss_at, f"{shortened(share)!r} is no share from 0.0 to 1.0")
        return When(
            queue_at_least=source.whole(queue, f"{where}.queue_at_least", 1, 100_000, 1)
            if queue is not None
            else None,
            longest_wait_s=seconds(source, fields, "longest_wait_s", where, 0.0)
            if "longest_wait_s" in fields
            else None,
            loss_rate=float(share) if _SHARE.fullmatch(share) else None,
        )

    def check(self, policy: Policy) -> None:
        """What can be judged of the stages read so far only with the whole policy."""
        seen: set[tuple[str, Stage]] = set()
        for where, node, stage in self._noted:
            if stage.who is Who.NEIGHBOURS and not any(policy.neighbours.values()):
                self._source.fault(node, where, "neighbours names no neighbour of any city")
            whose = where.rpartition("[")[0], replace(stage, when=None)
            if stage.when is None and whose in seen:
                self._source.fault(node, where, "stands here twice")
            if stage.when is None:
                seen.add(whose)


def seconds(
    source: Source,
    fields: dict[str, yaml.Node],
    key: str,
    where: str,
    otherwise: float,
    *,
    least: int = 0,
) -> float:
    """Whole seconds, at most a day."""
    where = f"{where}.{named(key)}"
    return float(source.whole(fields.get(key), where, least, DAY_S, int(otherwise)))


def one_of(
    source: Source,
    names: type[_Choice],
    node: yaml.Node | None,
    where: str,
    otherwise: _Choice,
) -> _Choice:
    """A word of a set."""
    if node is None:
        return otherwise
    text = source.text(node, where)
    for name in names:
        if text == name:
            return name
    source.fault(node, where, f"{shortened(text)!r} is none of {', '.join(names)}")
    return otherwise


def _yes(source: Source, node: yaml.Node | None, where: str) -> bool:
    text = source.text(node, where)
    if node is not None and text not in ("true", "false"):
        source.fault(node, where, f"{shortened(text)!r} is neither true nor false")
    return text == "true"
