"""The longest possible wait under a policy, computed: what can be promised, and from what.

A caller's wait ends when a lawyer picks up, or when the call is handed over to callback or
message. Two bounds hold; the smaller counts. Rules only.

**Handed over.** The first stage `callback` or `message` without `when`, after A seconds, ends the
wait however many call and whoever works, if the flow has that way out. A call that rings somewhere
at that second is handed over when the ringing has failed: never twice at one seat, once at each
line. So with N seats that may ever be asked and L lines: A + N × (ring + lease) + L × line.

**Answered.** Given `policy.assume`: seats on shift take calls and pick up, none is busy with one
call for more than T, never more than C wait. Let H be the greatest head start. Whoever asks more
than H after this caller comes after him. From S on, the greatest of H, the wishes for one lawyer
or one language, and the opening of some seats, no later caller gets one of these seats before
him; so until he is served these seats are never idle: up to T each with what they had begun, then
with those before him, at most C - 1, who cost T each, and a callback one vain ringing for each
further try. Hence the wait is at most S + T + the time in which these seats, as their shifts have
it, work off (C - 1) × (T + (tries - 1) × ring). For each time of opening there is one such bound,
and the least holds. Each line outside may take him away: ring + T more. Not in it, as each of
them costs a talk at one seat: callers put at the head because a seat or a transfer failed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil, inf, isfinite
from typing import Final

from seats.on_duty import OnDuty
from seats.policy import Policy, Who
from seats.reach import cities, groups, opens_after_s, takes
from seats.seat import Seat
from seats.shift import ZONE, KindOf

LEASE_SPARE_S: Final = 10  # how much longer than it rings a reservation may live
LINE_S: Final = 60  # from ringing a line outside to being back, at most


class Ends(StrEnum):
    """How the longest wait ends."""

    HANDED_OVER = "handed_over"
    ANSWERED = "answered"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class LongestWait:
    """`wait_s`: whole seconds from asking for a person on; infinite with Ends.NEVER.

    `city`: whose callers wait longest, None an unknown one or every city alike. `asked`: when it
    is worst to ask (Shanghai), None whenever. `fewest`: seats on duty for them at the worst hour.
    """

    group: str
    city: str | None
    wait_s: float
    ends: Ends
    fewest: int
    asked: datetime | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """Whom the calls find: seats, how long they ring (s), a date to begin with, what days are."""

    seats: Collection[Seat]
    ring_s: float
    now: datetime
    kind_of: KindOf | None = None
    _drawn_up: dict[frozenset[str], OnDuty] = field(default_factory=dict, compare=False)

    def on(self, numbers: Iterable[str]) -> OnDuty:
        """How many of these seats are on duty when; drawn up once for the same seats."""
        wanted = frozenset(numbers)
        found = self._drawn_up.get(wanted)
        if found is None:
            found = self._drawn_up[wanted] = self._draw_up(wanted)
        return found

    def _draw_up(self, wanted: frozenset[str]) -> OnDuty:
        today = self.now.astimezone(ZONE).date()
        monday = today - timedelta(days=today.weekday())
        return OnDuty((s for s in self.seats if s.number in wanted), monday, self.kind_of)


def longest_waits(policy: Policy, duty: Duty) -> tuple[LongestWait, ...]:
    """Of every group the callers who may wait longest."""
    every = cities(policy, duty.seats)
    found = []
    for group in groups(policy, duty.seats):
        # None last: it stands for all cities that are alike
        waits = [longest_wait(policy, duty, group, city) for city in every]
        found.append(max(reversed(waits), key=lambda wait: wait.wait_s))
    return tuple(found)


def longest_wait(policy: Policy, duty: Duty, group: str, city: str | None) -> LongestWait:
    """The longest possible wait of callers of a group and city, without a head start."""
    handed_over = _handed_over_s(policy, duty, group, city)
    answered, asked, fewest = _answered_s(policy, duty, group, city)
    if not isfinite(min(handed_over, answered)):
        return LongestWait(group, city, inf, Ends.NEVER, fewest)
    if handed_over <= answered:
        return LongestWait(group, city, ceil(handed_over), Ends.HANDED_OVER, fewest)
    return LongestWait(group, city, ceil(answered), Ends.ANSWERED, fewest, asked)


def _handed_over_s(policy: Policy, duty: Duty, group: str, city: str | None) -> float:
    stages = policy.of(group).stages
    over = [
        stage.after_s
        for stage in stages
        if stage.when is None and stage.who in (Who.CALLBACK, Who.MESSAGE)
    ]
    if not over:
        return inf
    asked = sum(
        any(takes(policy, stage, seat, group, city) for stage in stages) for seat in duty.seats
    )
    ringing_s = asked * (duty.ring_s + LEASE_SPARE_S)
    return min(over) + ringing_s + _lines(policy, group) * LINE_S


def _answered_s(
    policy: Policy, duty: Duty, group: str, city: str | None
) -> tuple[float, datetime | None, int]:
    """Seconds, when it is worst to ask, and how few are on duty at the worst hour."""
    opens = opens_after_s(policy, duty.seats, group, city)
    own, talk_s = policy.of(group), policy.assume.talk_s
    wish_s = max(own.sticky_s if own.sticky_days else 0.0, own.language_s)
    head_s = max(policy.head_start_s.values(), default=0.0)
    vain_s = (policy.callback.tries - 1) * (policy.callback.ring_s + duty.ring_s)
    work_s = ceil((policy.assume.waiting - 1) * (talk_s + vain_s))
    best: tuple[float, datetime | None] = (inf, None)
    fewest = duty.on(opens).fewest
    for opened_s in sorted(set(opens.values())):
        since_s = max(opened_s, wish_s, head_s)
        on_duty = duty.on(number for number, after_s in opens.items() if after_s <= opened_s)
        takes_s, begin = on_duty.slowest(work_s)
        wait_s = since_s + talk_s + takes_s + _lines(policy, group) * (LINE_S + talk_s)
        if wait_s < best[0]:
            asked = begin and begin - timedelta(seconds=since_s + talk_s)
            best = (wait_s, asked)
    return *best, fewest


def _lines(policy: Policy, group: str) -> int:
    return len({stage.line for stage in policy.of(group).stages if stage.who is Who.LINE})
