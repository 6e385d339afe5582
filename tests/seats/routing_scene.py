"""Seats, callers and a router with both, for tests."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from seats.policy import DEFAULT, GroupPolicy, Policy, Stage
from seats.routing import Assignment, Router, Waiting
from seats.seat import Level, Seat, SeatState, SeatStatus

NOW = datetime(2026, 3, 2, 1, 0, 0, tzinfo=UTC)
CHANGCHUN, JILIN, YANBIAN = "220100", "220200", "222400"


def seat(number: str, city: str | None, skills: str, languages: str = "zh-CN") -> Seat:
    return Seat(
        number=number,
        level=Level.MUNICIPAL if city else Level.PROVINCIAL,
        city=city,
        skills=frozenset(skills.split()),
        languages=frozenset(languages.split()),
        name=number,
    )


def status(number: str, idle_s: float = 0, state: SeatState = SeatState.READY) -> SeatStatus:
    return SeatStatus(
        number, state, since=NOW, version=1, idle_since=NOW - timedelta(seconds=idle_s)
    )


def caller(
    call_id: str, waited_s: float = 0, group: str = "labour", city: str | None = CHANGCHUN, **more
) -> Waiting:
    more.setdefault("language", "zh-CN")
    asked_at = NOW - timedelta(seconds=waited_s)
    return Waiting(call_id, group, city, asked_at=asked_at, **more)


def routed(
    waiting: Iterable[Waiting],
    seats: Iterable[Seat],
    statuses: Iterable[SeatStatus] = (),
    policy: Policy = DEFAULT,
) -> Router:
    router = Router(seats, policy)
    for one in statuses:
        router.seat_is(one)
    for one in waiting:
        router.join(one)
    return router


def paired(waiting, seats, statuses, policy=DEFAULT) -> dict[str, str]:
    made = routed(waiting, seats, statuses, policy).match(NOW)
    return {a.call_id: a.seat for a in made if isinstance(a, Assignment)}


def staged(*stages: Stage, **rules) -> Policy:
    return Policy(GroupPolicy(stages, **rules))
