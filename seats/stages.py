"""A policy drawn up for a kind of caller: which seats are open to it, and at what time of its wait.

Drawn up once for each group, city and language that comes, so that a caller costs a look-up.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

from seats.places import served_by
from seats.policy import SEATED, GroupPolicy, Policy, Stage, When, Who
from seats.reach import neighbours
from seats.ready_seats import Choice, Place, ReadySeats, Wish
from seats.waiting import Overflow
from seats.waiting_line import Gate, Line, OverflowStage, SeatedStage, Slot, Stages


class _Kind(NamedTuple):
    """What a line waits for; `language` None is any."""

    place: Place
    skill: str
    language: str | None
    gate: Gate | None


class StageBook:
    """The stages of every kind of caller, with the lines and gates that they share."""

    def __init__(self, policy: Policy, ready: ReadySeats) -> None:
        """Empty until callers come."""
        self.gates: dict[tuple[str, When], Gate] = {}
        self._policy = policy
        self._ready = ready
        self._stages: dict[tuple[str, str | None, str], Stages] = {}
        self._lines: dict[_Kind, Line] = {}
        self._own = {number: Line() for number in ready.by_number}
        self._served_by: defaultdict[str, list[Line]] = defaultdict(list)

    def stages(self, group: str, city: str | None, language: str) -> Stages:
        """What is open to callers of this kind, and when."""
        key = (group, city, language)
        found = self._stages.get(key)
        if found is None:
            found = self._stages[key] = self._draw_up(*key)
        return found

    def own_line(self, number: str) -> Line:
        """Those who wait for this very seat."""
        return self._own[number]

    def lines_of(self, number: str) -> list[Line]:
        """Every line that this seat serves, but its own."""
        return self._served_by[number]

    def _draw_up(self, group: str, city: str | None, language: str) -> Stages:
        rules = self._policy.of(group)
        own_only = timedelta(seconds=rules.language_s)
        starts = {timedelta(seconds=stage.after_s) for stage in rules.stages} | {own_only}
        times = sorted(start for start in starts if start > timedelta(0))
        return Stages(
            group=group,
            times=tuple(times),
            slots=tuple(
                self._slot(group, city, language, rules, since, since < own_only)
                for since in (timedelta(0), *times)
            ),
            sticky=timedelta(seconds=rules.sticky_s),
        )

    def _slot(
        self,
        group: str,
        city: str | None,
        language: str,
        rules: GroupPolicy,
        since: timedelta,
        own_only: bool,
    ) -> Slot:
        seated: list[SeatedStage] = []
        lines: dict[Line, None] = {}
        overflows: list[OverflowStage] = []
        for stage in rules.stages:
            if timedelta(seconds=stage.after_s) > since:
                continue
            gate = self._gate(group, stage.when)
            if stage.who not in SEATED:
                overflows.append(OverflowStage(gate, Overflow("", stage.who, stage.line)))
                continue
            skill = self._policy.catch_all if stage.by_catch_all else group
            for places in self._places(stage, city):
                wish = Wish(self._ready, places, skill, rules.order, language, own_only)
                seated.append(SeatedStage(gate, wish))
                for place in places:
                    kind = _Kind(place, skill, language if own_only else None, gate)
                    of_any = self._ready.choice(place, skill, rules.order, None)
                    lines[self._line(kind, of_any)] = None
        return Slot(tuple(seated), tuple(lines), tuple(overflows))

    def _places(self, stage: Stage, city: str | None) -> tuple[tuple[Place, ...], ...]:
        """The places that a stage opens, those of one tuple alike, an earlier one before a later.

        A county's, or 长白山's, own seats come before those that stand in for them.
        """
        if stage.who in (Who.MUNICIPAL, Who.PROVINCIAL):
            return (((stage.who, None),),)
        if city is None:
            return ((),)
        if stage.who is Who.CITY:
            return tuple(((Who.CITY, place),) for place in served_by(city))
        near = dict.fromkeys(neighbours(self._policy, city))
        return (tuple((Who.CITY, neighbour) for neighbour in near),)

    def _gate(self, group: str, when: When | None) -> Gate | None:
        if when is None:
            return None
        gate = self.gates.get((group, when))
        if gate is None:
            gate = self.gates[group, when] = Gate(group, when)
        return gate

    def _line(self, kind: _Kind, choice: Choice) -> Line:
        line = self._lines.get(kind)
        if line is None:
            line = self._lines[kind] = Line(kind.gate, choice)
            for rostered in self._ready.of(kind.place, kind.skill):
                if kind.language is None or kind.language in rostered.seat.languages:
                    self._served_by[rostered.number].append(line)
            if kind.gate is not None:
                kind.gate.lines.append(line)
        return line
