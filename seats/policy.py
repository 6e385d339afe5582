"""The routing policy (派线策略) as data: who may answer whom, from when on, and in which order.

What `routing.yaml` says, already checked; times are seconds since the caller first asked for a
person, kept over every change of stage, group and seat.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum


class Who(StrEnum):
    """Whom a stage lets answer."""

    CITY = "city"
    """Municipal seats of the caller's own city."""
    NEIGHBOURS = "neighbours"
    """Municipal seats of the cities that the policy names as neighbours of the caller's."""
    MUNICIPAL = "municipal"
    """Municipal seats of any city."""
    PROVINCIAL = "provincial"
    LINE = "line"
    """An on-call line outside, a name of lines.yaml."""
    CALLBACK = "callback"
    """The caller is told that he will be called back, and keeps his place."""
    MESSAGE = "message"
    """The caller may leave a message."""


SEATED = frozenset({Who.CITY, Who.NEIGHBOURS, Who.MUNICIPAL, Who.PROVINCIAL})


class Order(StrEnum):
    """Which of several ready seats comes first; ties go to the longest idle."""

    LONGEST_IDLE = "longest_idle"
    FEWEST_CALLS = "fewest_calls"
    SKILL_LEVEL = "skill_level"
    WEIGHTED = "weighted"
    """Fewest calls for its weight: a seat of weight 2 gets twice as many as one of weight 1."""


class First(StrEnum):
    """Whom a callback rings first."""

    SEAT = "seat"
    CALLER = "caller"


@dataclass(frozen=True, slots=True)
class When:
    """A stage opens only while all that is given here holds for the group's line."""

    queue_at_least: int | None = None
    """Callers of the group waiting."""
    longest_wait_s: float | None = None
    """The longest wait of one who waits in the group now is at least this."""
    loss_rate: float | None = None
    """Given up / (given up + answered) of the group in the last 15 minutes is at least this."""


@dataclass(frozen=True, slots=True)
class Stage:
    """From `after_s` of waiting on, and while `when` holds, these may take the call too.

    Stages before it stay open. `by_catch_all`: the seat needs the policy's catch-all skill in
    place of the caller's group. `line`: for Who.LINE only.
    """

    who: Who
    after_s: float = 0.0
    when: When | None = None
    by_catch_all: bool = False
    line: str | None = None


@dataclass(frozen=True, slots=True)
class GroupPolicy:
    """How the callers of one group are served. `stages`: in order of preference."""

    stages: tuple[Stage, ...]
    order: Order = Order.LONGEST_IDLE
    sticky_days: int = 0
    """The lawyer who last talked with this number within so many days is asked first; 0: never."""
    sticky_s: float = 20.0
    """For so long only that lawyer, if he is on duty."""
    language_s: float = 0.0
    """For so long only seats that speak the caller's language; after it that is a wish."""


@dataclass(frozen=True, slots=True)
class CallbackPolicy:
    """How callers who asked to be called back are called."""

    first: First = First.CALLER
    tries: int = 3
    every_s: float = 300.0
    ring_s: int = 30
    begin: time = time(8)
    """Nobody is called back before, nor from `end` on: hours of the clock in Asia/Shanghai."""
    end: time = time(21)


@dataclass(frozen=True, slots=True)
class Assumed:
    """What the longest possible wait is computed for (`seats.longest_wait`); it routes nothing."""

    talk_s: float = 3600.0
    """No seat is busy with one call longer, ringing and wrap-up included."""
    waiting: int = 60
    """Never more callers wait at once: what the trunks carry."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The whole of `routing.yaml`.

    `groups`: those with stages of their own; others follow `default`. `head_start_s`: special
    group (SPECIAL_GROUPS) -> seconds that its callers count as having waited already. It ages:
    whoever has waited so much longer comes first all the same, so nobody starves.
    """

    default: GroupPolicy
    groups: Mapping[str, GroupPolicy] = field(default_factory=dict)
    catch_all: str = "general"
    neighbours: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    head_start_s: Mapping[str, float] = field(default_factory=dict)
    callback: CallbackPolicy = CallbackPolicy()
    version: int = 0
    assume: Assumed = Assumed()

    def of(self, group: str) -> GroupPolicy:
        """The policy of a group."""
        return self.groups.get(group, self.default)

    def head_start(self, special: Iterable[str]) -> float:
        """Seconds that a caller of these special groups counts as having waited already."""
        return max((self.head_start_s.get(group, 0.0) for group in special), default=0.0)


DEFAULT = Policy(
    default=GroupPolicy(
        stages=(
            Stage(Who.CITY),
            Stage(Who.PROVINCIAL),
            Stage(Who.CITY, by_catch_all=True),
            Stage(Who.PROVINCIAL, by_catch_all=True),
        )
    ),
    head_start_s={
        name: 300.0
        for name in (
            "migrant_worker",
            "elderly",
            "disabled",
            "minor",
            "women",
            "military",
            "low_income",
        )
    },
)
