"""The gate before the flows: let in, answered with a short announcement, or hung up on at once.

Pure: time comes in. Nobody is kept from the police: whoever is refused hears the announcement and
may press 1 for 110, unless an announcement to his very number is being played already.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import msgspec

MOST_BUCKETS: Final = 50_000  # numbers remembered; the fullest go first
Why = Literal["", "blacklist", "number_flood", "trunk_flood"]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one number and one trunk may bring; 0: no limit.

    `announced_at_once`: announcements to refused callers that may be played at a time, in all.
    """

    number_a_minute: int = 0
    number_at_once: int = 0
    trunk_a_minute: int = 0
    trunk_at_once: int = 0
    announced_at_once: int = 20


class Verdict(msgspec.Struct, frozen=True):
    """What becomes of a new call. `entry`: of the blacklist, 0 where none is meant."""

    does: Literal["admit", "announce", "refuse"]
    why: Why = ""
    entry: int = 0


ADMIT: Final = Verdict("admit")


@dataclass(slots=True)
class Bucket:
    """Calls that may still come now: refilled at a steady rate up to a minute's worth."""

    level: float
    at: float

    def refill(self, a_minute: int, now: float) -> None:
        """Let time pass; a clock set back counts as none."""
        self.level = min(a_minute, self.level + max(0.0, now - self.at) * a_minute / 60)
        self.at = now


@dataclass(slots=True)
class _Present:
    """A call in the house: what it counts for."""

    number: str | None
    trunk: str
    is_announced: bool


@dataclass(slots=True)
class Gate:
    """One per controller; each guards the calls of its own Asterisk."""

    limits: Limits = Limits()
    blacklist: Mapping[str, int] = field(default_factory=dict)
    """Number as stored -> entry, those in force only."""
    _numbers: dict[str, Bucket] = field(default_factory=dict)
    _trunks: dict[str, Bucket] = field(default_factory=dict)
    _present: dict[str, _Present] = field(default_factory=dict)
    _at_once: Counter[tuple[str, str]] = field(default_factory=Counter)

    def knock(self, call_id: str, number: str | None, trunk: str, now: float) -> Verdict:
        """A new call: `number` as stored, None when withheld; `now` in seconds, ever rising.

        Unless it is refused at once, `gone` must be told of its end.
        """
        why, entry = self._why(number, trunk, now)
        if not why:
            self.enter(call_id, number, trunk, is_announced=False)
            return ADMIT
        is_free = self._at_once["announced", ""] < self.limits.announced_at_once
        if not is_free or (number and self._at_once["announced", number]):
            return Verdict("refuse", why, entry)
        self.enter(call_id, number, trunk, is_announced=True)
        return Verdict("announce", why, entry)

    def _why(self, number: str | None, trunk: str, now: float) -> tuple[Why, int]:
        if number is not None:
            if entry := self.blacklist.get(number):
                return "blacklist", entry
            if self._is_flood(number, now):
                return "number_flood", 0
        limits = self.limits
        if limits.trunk_at_once and self._at_once["trunk", trunk] >= limits.trunk_at_once:
            return "trunk_flood", 0
        if limits.trunk_a_minute and not self._takes_trunk(trunk, now):
            return "trunk_flood", 0
        return "", 0

    def _is_flood(self, number: str, now: float) -> bool:
        """Whoever goes on calling stays out: refused calls count too, for a minute at most."""
        limits = self.limits
        is_flood = bool(
            limits.number_at_once and self._at_once["number", number] >= limits.number_at_once
        )
        most = limits.number_a_minute
        if most:
            bucket = self._numbers.get(number)
            if bucket is None:
                bucket = self._numbers[number] = Bucket(most, now)
                if len(self._numbers) > MOST_BUCKETS:
                    self._forget_quiet(now)
            bucket.refill(most, now)
            is_flood |= bucket.level < 1
            bucket.level = max(-float(most), bucket.level - 1)
        return is_flood

    def _takes_trunk(self, trunk: str, now: float) -> bool:
        """A trunk brings many callers: what is above its rate is refused, the rest goes on."""
        most = self.limits.trunk_a_minute
        bucket = self._trunks.setdefault(trunk, Bucket(most, now))
        bucket.refill(most, now)
        if bucket.level < 1:
            return False
        bucket.level -= 1
        return True

    def _forget_quiet(self, now: float) -> None:
        most = self.limits.number_a_minute
        for bucket in self._numbers.values():
            bucket.refill(most, now)
        fullest = sorted(self._numbers.items(), key=lambda one: -one[1].level)
        for number, _ in fullest[: MOST_BUCKETS // 2]:
            del self._numbers[number]

    def enter(
        self, call_id: str, number: str | None, trunk: str, *, is_announced: bool = False
    ) -> None:
        """A call is in the house: newly let in, or taken up from an earlier run."""
        if call_id not in self._present:
            self._present[call_id] = _Present(number, trunk, is_announced)
            self._count(self._present[call_id], 1)

    def gone(self, call_id: str) -> None:
        """A call has ended; one that is not known changes nothing."""
        present = self._present.pop(call_id, None)
        if present is not None:
            self._count(present, -1)

    def _count(self, present: _Present, by: int) -> None:
        counted = [("trunk", present.trunk)]
        if present.number is not None:
            counted.append(("number", present.number))
        if present.is_announced:
            counted = [("announced", ""), ("announced", present.number or "withheld")]
        for key in counted:
            self._at_once[key] += by
            if self._at_once[key] <= 0:
                del self._at_once[key]
