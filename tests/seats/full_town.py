"""Seats, and callers as unkind as can be, for tests of the longest wait."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush

from seats.longest_wait import LEASE_SPARE_S, LINE_S, Duty, longest_wait
from seats.policy import (
    Assumed,
    CallbackPolicy,
    GroupPolicy,
    Order,
    Policy,
    Stage,
    When,
    Who,
)
from seats.routing import Assignment, Overflow, Router, Waiting
from seats.seat import Level, Seat, SeatState, SeatStatus
from seats.shift import Shift, on_shift

NOW = datetime(2026, 11, 16, 0, 0, tzinfo=UTC)
CITIES = ("220100", "220200", None)
GROUPS = ("labour", "family")
RING_S = 15
ONCE = CallbackPolicy(tries=1)


def seat(number: int, city: str | None, *skills: str, shifts: tuple[Shift, ...] = ()) -> Seat:
    level = Level.PROVINCIAL if city is None else Level.MUNICIPAL
    spoken = frozenset({"zh-CN"})
    return Seat(str(number), level, city, frozenset(skills), spoken, "x", shifts=shifts)


def duty(*seats: Seat) -> Duty:
    return Duty(seats, RING_S, NOW)


def policy(*stages: Stage, head_s: float = 0.0, talk_s: float = 100.0, waiting: int = 1) -> Policy:
    return Policy(
        default=GroupPolicy(stages=stages),
        head_start_s={"elderly": head_s},
        callback=ONCE,
        assume=Assumed(talk_s, waiting),
    )


@dataclass
class Town:
    """Seats that answer, and callers who never give up and come as soon as there is room."""

    rng: random.Random
    policy: Policy
    seats: tuple[Seat, ...]
    answers: float = 1.0
    """How likely a ringing seat picks up."""
    worst: dict[tuple[str, str | None], float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.router = Router(self.seats, self.policy)
        self.waiting: dict[str, Waiting] = {}
        self.away: set[str] = set()
        self.events: list[tuple[float, int, str, str]] = []
        self.serial = 0
        self.versions: dict[str, int] = {}
        self.begun: dict[str, float] = {}
        self.ready: set[str] = set()
        for one in self.seats:
            self.to(one.number, SeatState.READY, 0.0)

    def to(self, number: str, state: SeatState, at: float) -> None:
        self.versions[number] = version = self.versions.get(number, 0) + 1
        now = NOW + timedelta(seconds=at)
        self.router.seat_is(SeatStatus(number, state, now, version, is_registered=True))

    def after(self, at: float, what: str, which: str = "") -> None:
        self.serial += 1
        heappush(self.events, (at, self.serial, what, which))

    def run(self, until: float) -> None:
        self.after(0.0, "come")
        for hour in range(int(until / 3600)):
            self.after(hour * 3600.0, "look")  # a shift may begin
        shift_of = {s.number: s for s in self.seats if s.shifts}
        while self.events:
            at = self.events[0][0]
            if at > until:
                break
            while self.events and self.events[0][0] == at:
                _, _, what, which = heappop(self.events)
                self.happen(at, what, which)
            now = NOW + timedelta(seconds=at)
            self.router.off_shift(n for n, s in shift_of.items() if not on_shift(s, now))
            for found in self.router.match(now):
                self.matched(at, found)
            due = self.router.next_change()
            if due is not None:
                self.after(max(at, (due - NOW).total_seconds()), "look")
        for caller in self.waiting.values():
            self.waited(caller, until)

    def happen(self, at: float, what: str, which: str) -> None:
        if what == "come":
            self.come(at)
        elif what == "free":
            self.to(which, SeatState.READY, at)
        elif what == "refused":
            number, _, call_id = which.partition(" ")
            self.to(number, SeatState.NOT_READY, at)
            self.after(at + self.rng.choice([1.0, 500.0]), "free", number)
            caller = self.waiting[call_id]
            self.back(replace(caller, tried=caller.tried | {number}, at_head=True))
        elif what == "vain":
            self.away.discard(which)
            self.back(self.waiting[which])

    def come(self, at: float) -> None:
        for _ in range(self.policy.assume.waiting - len(self.waiting)):
            self.serial += 1
            head = self.rng.choice([0.0, *self.policy.head_start_s.values()])
            caller = Waiting(
                call_id=str(self.serial),
                group=self.rng.choice(GROUPS),
                city=self.rng.choice(CITIES),
                language=self.rng.choice(["zh-CN", "ko-KR"]),
                asked_at=NOW + timedelta(seconds=at),
                priority=head,
                sticky=self.rng.choice([None, *(s.number for s in self.seats)]),
            )
            self.waiting[caller.call_id] = caller
            self.router.join(caller)
            if self.rng.random() < 0.5:
                break
        pause_s = min(600.0, self.policy.assume.talk_s / 2)
        self.after(at + self.rng.choice([0.5, 3.0, 20.0, pause_s]), "come")

    def back(self, caller: Waiting) -> None:
        self.waiting[caller.call_id] = caller
        self.router.join(caller)

    def matched(self, at: float, found: Assignment | Overflow) -> None:
        if found.call_id in self.away:
            return  # its call rings a line outside: what else is due is told when it is back
        caller = self.waiting[found.call_id]
        if isinstance(found, Overflow):
            caller = replace(caller, overflowed=caller.overflowed | {found.key})
            self.waiting[found.call_id] = caller
            if found.who is Who.LINE:
                self.router.leave(found.call_id)
                self.away.add(found.call_id)
                self.after(at + self.rng.uniform(1, LINE_S), "vain", found.call_id)
                return
            self.router.leave(found.call_id)
        elif self.rng.random() >= self.answers:
            ends = at + self.rng.choice([0.1, RING_S + LEASE_SPARE_S])
            self.after(ends, "refused", f"{found.seat} {found.call_id}")
            return
        else:
            talk_s = self.policy.assume.talk_s
            busy_s = self.rng.choice([talk_s, talk_s, self.rng.uniform(1, talk_s)])
            self.after(at + busy_s, "free", found.seat)
        self.waited(caller, at)
        del self.waiting[found.call_id]

    def waited(self, caller: Waiting, at: float) -> None:
        waited_s = at - (caller.asked_at - NOW).total_seconds()
        whose = caller.group, caller.city
        self.worst[whose] = max(self.worst.get(whose, 0.0), waited_s)


def some_seats(rng: random.Random, *, shifts: bool) -> tuple[Seat, ...]:
    def hours() -> tuple[Shift, ...]:
        if not shifts or rng.random() < 0.3:
            return ()
        start = rng.randrange(24) * 60
        return (Shift(start, start + rng.randint(4, 14) * 60, frozenset(range(7))),)

    skills = [GROUPS, GROUPS[:1], GROUPS[1:], ("general", *GROUPS), ("general",)]
    some = [
        seat(8000 + n, rng.choice(CITIES), *rng.choice(skills), shifts=hours())
        for n in range(rng.randint(1, 4))
    ]
    return (*some, seat(9000, None, "general", *GROUPS, shifts=hours()))


def some_stages(rng: random.Random) -> tuple[Stage, ...]:
    seated = [Who.CITY, Who.NEIGHBOURS, Who.MUNICIPAL, Who.PROVINCIAL]
    stages = [
        Stage(
            rng.choice(seated),
            after_s=rng.choice([0.0, 0.0, 20.0, 60.0]),
            when=rng.choice([None, None, When(queue_at_least=2), When(longest_wait_s=50.0)]),
            by_catch_all=rng.random() < 0.3,
        )
        for _ in range(rng.randint(0, 4))
    ]
    stages.insert(rng.randint(0, len(stages)), Stage(Who.PROVINCIAL, rng.choice([0.0, 30.0])))
    return tuple(stages)


def some_policy(rng: random.Random, *more: Stage, talk_s: float) -> Policy:
    def group() -> GroupPolicy:
        return GroupPolicy(
            stages=(*some_stages(rng), *more),
            order=rng.choice(list(Order)),
            sticky_days=rng.choice([0, 30]),
            sticky_s=rng.choice([0.0, 25.0]),
            language_s=rng.choice([0.0, 15.0]),
        )

    return Policy(
        default=group(),
        groups={"labour": group()},
        neighbours={"220100": ("220200",)},
        head_start_s={"elderly": rng.choice([0.0, 40.0, 300.0])},
        callback=ONCE,
        assume=Assumed(talk_s, rng.randint(1, 8)),
    )


def bounds(town: Town) -> Mapping[tuple[str, str | None], float]:
    found = {}
    for group in GROUPS:
        for city in CITIES:
            wait = longest_wait(town.policy, duty(*town.seats), group, city)
            found[group, city] = wait.wait_s
    return found
