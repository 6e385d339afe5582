"""What the router must answer, worked out anew from everything each time, without any index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from seats.policy import SEATED, Order, Policy, Stage, When, Who
from seats.routing import WANTS_S, Assignment, Overflow, Waiting
from seats.seat import Level, Seat, SeatState, SeatStatus, shanghai_day


def asked_first(caller: Waiting) -> tuple[bool, datetime, str]:
    """The order of callers."""
    return (
        not caller.at_head,
        caller.asked_at - timedelta(seconds=caller.priority),
        caller.call_id,
    )


@dataclass
class Oracle:
    """Callers and seats as they are told, nothing else kept."""

    seats: Sequence[Seat]
    policy: Policy
    callers: dict[str, Waiting] = field(default_factory=dict)
    statuses: dict[str, SeatStatus] = field(default_factory=dict)
    off_shift: frozenset[str] = frozenset()
    given: set[str] = field(default_factory=set)

    def match(
        self, now: datetime, loss: Mapping[str, float]
    ) -> tuple[list[Assignment], list[Overflow]]:
        """The pairs and overflows of this moment; they are gone from here as from the router."""
        holding = {
            (group, stage.when): self._holds(group, stage.when, now, loss)
            for group in {c.group for c in self.callers.values()}
            for stage in self.policy.of(group).stages
            if stage.when
        }
        made: list[Assignment] = []
        for caller in sorted(self.callers.values(), key=asked_first):
            seat = self._seat_for(caller, now, holding)
            if seat is not None:
                made.append(Assignment(caller.call_id, seat))
                self.given.add(seat)
                del self.callers[caller.call_id]
        overflows: list[Overflow] = []
        for caller in sorted(self.callers.values(), key=asked_first):
            if not self._is_held(caller, now):
                overflows += self._overflows(caller, now, holding)
        return made, overflows

    def position(self, call_id: str) -> int:
        own = self.callers[call_id]
        return sum(
            c.group == own.group and asked_first(c) < asked_first(own)
            for c in self.callers.values()
        )

    def _overflows(
        self, caller: Waiting, now: datetime, holding: Mapping[tuple[str, When], bool]
    ) -> list[Overflow]:
        found = []
        for stage in self.policy.of(caller.group).stages:
            told = Overflow(caller.call_id, stage.who, stage.line)
            caller = self.callers[caller.call_id]
            if (
                stage.who not in SEATED
                and self._is_open(stage, caller, now, holding)
                and told.key not in caller.overflowed
            ):
                found.append(told)
                overflowed = caller.overflowed | {told.key}
                self.callers[caller.call_id] = replace(caller, overflowed=overflowed)
        return found

    def _holds(self, group: str, when: When, now: datetime, loss: Mapping[str, float]) -> bool:
        line = [c for c in self.callers.values() if c.group == group]
        oldest = min(c.asked_at for c in line)
        return (
            (when.queue_at_least is None or len(line) >= when.queue_at_least)
            and (
                when.longest_wait_s is None
                or oldest + timedelta(seconds=when.longest_wait_s) <= now
            )
            and (when.loss_rate is None or loss.get(group, 0.0) >= when.loss_rate)
        )

    def _is_open(
        self,
        stage: Stage,
        caller: Waiting,
        now: datetime,
        holding: Mapping[tuple[str, When], bool],
    ) -> bool:
        if stage.when is not None and not holding[caller.group, stage.when]:
            return False
        return caller.asked_at + timedelta(seconds=stage.after_s) <= now

    def _is_held(self, caller: Waiting, now: datetime) -> bool:
        return any(
            s.call_id == caller.call_id and not s.lease_is_over(now) for s in self.statuses.values()
        )

    def _is_ready(self, seat: Seat) -> bool:
        status = self.statuses.get(seat.number)
        return (
            status is not None
            and status.state is SeatState.READY
            and seat.number not in self.off_shift
            and seat.number not in self.given
        )

    def _is_on_duty(self, seat: Seat) -> bool:
        status = self.statuses.get(seat.number)
        return (
            status is not None
            and seat.number not in self.off_shift
            and status.state not in (SeatState.OFFLINE, SeatState.NOT_READY)
        )

    def _only(self, caller: Waiting, now: datetime) -> Seat | None:
        rules = self.policy.of(caller.group)
        wanted_since = caller.wants_since or caller.asked_at
        for number, since, for_s, skill in (
            (caller.wants, wanted_since, WANTS_S, None),
            (caller.sticky, caller.asked_at, rules.sticky_s, caller.group),
        ):
            for seat in self.seats:
                if (
                    seat.number == number
                    and number not in caller.tried
                    and now < since + timedelta(seconds=for_s)
                    and (skill is None or skill in seat.skills)
                    and self._is_on_duty(seat)
                ):
                    return seat
        return None

    def _seat_for(
        self, caller: Waiting, now: datetime, holding: Mapping[tuple[str, When], bool]
    ) -> str | None:
        if self._is_held(caller, now):
            return None
        only = self._only(caller, now)
        if only is not None:
            return only.number if self._is_ready(only) else None
        rules = self.policy.of(caller.group)
        for stage in rules.stages:
            if stage.who not in SEATED or not self._is_open(stage, caller, now, holding):
                continue
            skill = self.policy.catch_all if stage.by_catch_all else caller.group
            able = [
                seat
                for seat in self.seats
                if skill in seat.skills
                and self._is_of(stage, seat, caller)
                and self._is_ready(seat)
                and seat.number not in caller.tried
            ]
            speaking = [seat for seat in able if caller.language in seat.languages]
            is_must = now < caller.asked_at + timedelta(seconds=rules.language_s)
            able = speaking if speaking or is_must else able
            if able:
                return min(able, key=lambda s: self._before(s, skill, rules.order, now)).number
        return None

    def _is_of(self, stage: Stage, seat: Seat, caller: Waiting) -> bool:
        if stage.who is Who.PROVINCIAL:
            return seat.level is Level.PROVINCIAL
        if seat.level is not Level.MUNICIPAL:
            return False
        if stage.who is Who.MUNICIPAL:
            return True
        if caller.city is None:
            return False
        if stage.who is Who.CITY:
            return seat.city == caller.city
        return seat.city in self.policy.neighbours.get(caller.city, ())

    def _before(
        self, seat: Seat, skill: str, order: Order, now: datetime
    ) -> tuple[float, datetime, str]:
        status = self.statuses[seat.number]
        calls = status.calls if status.calls_day == shanghai_day(now) else 0
        first = {
            Order.LONGEST_IDLE: 0.0,
            Order.FEWEST_CALLS: calls,
            Order.SKILL_LEVEL: -seat.levels.get(skill, 3),
            Order.WEIGHTED: calls / seat.weight,
        }[order]
        return first, status.idle_since or status.since, seat.number
