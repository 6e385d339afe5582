"""`routing.yaml` -> Policy, every fault told with its line.

What is left out is as in `policy.DEFAULT` (no head starts at all: `head_start_s: {}`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Final

import yaml

from seats.calendar import DAY_MIN
from seats.places import seat_places
from seats.policy import DEFAULT, Assumed, CallbackPolicy, First, GroupPolicy, Policy
from seats.policy_stages import Stages, one_of, seconds
from seats.reach import unreached
from seats.seat import Seat
from seats.shift_file import clock
from seats.source import Source, named, shortened

MOST_GROUPS: Final = 100
_TOP: Final = ("version", "catch_all", "neighbours", "head_start_s", "callback", "assume", "groups")


@dataclass(frozen=True, slots=True)
class Known:
    """What a policy may name. None: not known here, then any name goes.

    `specials`: groups whom the law has served first.
    """

    seats: Collection[Seat] | None = None
    lines: Collection[str] | None = None
    specials: Collection[str] | None = None

    @property
    def groups(self) -> frozenset[str] | None:
        """Groups that some seat serves."""
        if self.seats is None:
            return None
        return frozenset(skill for seat in self.seats for skill in seat.skills)


def load_policy(path: Path, known: Known, raw: bytes | None = None) -> Policy:
    """The policy in the file, or in `raw`, which faults call `path`. Raises FileFaults."""
    return read_policy(Source(path, raw), known)


def read_policy(source: Source, known: Known) -> Policy:
    """The policy in the source. Raises FileFaults with all that is wrong."""
    top = source.table(source.root, "file", required=("default",), optional=_TOP)
    reader = _Reader(source, known)
    groups = reader.groups(top.get("groups"))
    policy = Policy(
        default=reader.stages.group(top.get("default"), "default"),
        groups=groups,
        catch_all=reader.catch_all(top.get("catch_all")),
        neighbours=reader.neighbours(top.get("neighbours")),
        head_start_s=reader.head_starts(top.get("head_start_s")),
        callback=reader.callback(top.get("callback")),
        version=source.whole(top.get("version"), "version", 1, 10**9 - 1, 0),
        assume=reader.assumed(top.get("assume")),
    )
    reader.stages.check(policy)
    if not source.has_faults and known.seats is not None:
        _check_reach(source, top, policy, known)
    source.finish()
    return policy


def _check_reach(source: Source, top: dict[str, yaml.Node], policy: Policy, known: Known) -> None:
    """Every caller must come to an end of the wait some day: a seat or an overflow."""
    own = source.table(top.get("groups"), "groups", optional=None)
    for group, city in unreached(policy, known.seats or ()):
        whose = "a caller of no known city" if city is None else f"a caller of {city}"
        where = f"groups.{group}" if group in own else f"default ({group})"
        what = f"{whose} reaches no seat and no line, callback or message by any stage"
        source.fault(own.get(group, top["default"]), where, what)


class _Reader:
    """Reads the parts of one file."""

    def __init__(self, source: Source, known: Known) -> None:
        self._source = source
        self._known = known
        self.stages = Stages(source, known.lines)

    def groups(self, node: yaml.Node | None) -> dict[str, GroupPolicy]:
        found = self._source.table(node, "groups", optional=None)
        if len(found) > MOST_GROUPS:
            self._source.fault(node, "groups", f"are more than {MOST_GROUPS}")
            return {}
        for name, item in found.items():
            self._is_group(item, f"groups.{named(name)}", name)
        return {
            name: self.stages.group(item, f"groups.{named(name)}") for name, item in found.items()
        }

    def catch_all(self, node: yaml.Node | None) -> str:
        name = self._source.text(node, "catch_all") or DEFAULT.catch_all
        self._is_group(node, "catch_all", name)
        return name

    def neighbours(self, node: yaml.Node | None) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for city, item in self._source.table(node, "neighbours", optional=None).items():
            where = f"neighbours.{named(city)}"
            if not self._is_city(item, where, city):
                continue
            near: list[str] = []
            for other in self._source.items(item, where):
                code = self._source.text(other, where)
                if code == city or code in near:
                    what = "is this city itself" if code == city else "stands here twice"
                    self._source.fault(other, where, f"{code} {what}")
                elif self._is_city(other, where, code):
                    near.append(code)
            found[city] = tuple(near)
        return found

    def head_starts(self, node: yaml.Node | None) -> dict[str, float]:
        if node is None:
            return dict(DEFAULT.head_start_s)
        fields = self._source.table(node, "head_start_s", optional=None)
        known = self._known.specials
        for name, item in fields.items():
            if known is not None and name not in known:
                what = f"{shortened(name)!r} is none of {', '.join(known)}"
                self._source.fault(item, "head_start_s", what)
        return {name: seconds(self._source, fields, name, "head_start_s", 0.0) for name in fields}

    def callback(self, node: yaml.Node | None) -> CallbackPolicy:
        names = ("first", "tries", "every_s", "ring_s", "from", "to")
        fields = self._source.table(node, "callback", optional=names)
        usual, whole = CallbackPolicy(), self._source.whole
        begin, end = self._clock(fields, "from", usual.begin), self._clock(fields, "to", usual.end)
        if begin >= end:
            what = f"nobody is called back from {begin:%H:%M} to {end:%H:%M}: to must be later"
            self._source.fault(fields.get("to", node), "callback.to", what)
        return CallbackPolicy(
            first=one_of(self._source, First, fields.get("first"), "callback.first", usual.first),
            tries=whole(fields.get("tries"), "callback.tries", 1, 10, usual.tries),
            every_s=seconds(self._source, fields, "every_s", "callback", usual.every_s, least=30),
            ring_s=whole(fields.get("ring_s"), "callback.ring_s", 10, 120, usual.ring_s),
            begin=begin,
            end=end,
        )

    def _clock(self, fields: dict[str, yaml.Node], key: str, otherwise: time) -> time:
        minute = clock(self._source, fields.get(key), f"callback.{key}")
        if minute == DAY_MIN:
            what = "is the next day: the latest is 23:59"
            self._source.fault(fields[key], f"callback.{key}", what)
        if minute is None or minute == DAY_MIN:
            return otherwise
        return time(*divmod(minute, 60))

    def assumed(self, node: yaml.Node | None) -> Assumed:
        fields = self._source.table(node, "assume", optional=("talk_s", "waiting"))
        usual = Assumed()
        waiting = fields.get("waiting")
        return Assumed(
            talk_s=seconds(self._source, fields, "talk_s", "assume", usual.talk_s, least=60),
            waiting=self._source.whole(waiting, "assume.waiting", 1, 100_000, usual.waiting),
        )

    def _is_group(self, node: yaml.Node | None, where: str, name: str) -> None:
        groups = self._known.groups
        if groups is not None and name not in groups:
            what = f"{shortened(name)!r} is a group that no seat serves"
            self._source.fault(node or self._source.root, where, what)

    def _is_city(self, node: yaml.Node, where: str, code: str) -> bool:
        if code in seat_places():
            return True
        what = f"{shortened(code)!r} is no place of `hotline places show`"
        self._source.fault(node, where, what)
        return False
