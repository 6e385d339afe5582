"""Who answers callers of a county, or of 长白山: their own seats, then those that stand in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from seats.policy import GroupPolicy, Policy, Stage, Who
from seats.reach import takes
from seats.routing import Router
from seats.seat import Level, Seat, SeatState, SeatStatus
from seats.waiting import Waiting

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
STAGES = (Stage(Who.CITY), Stage(Who.NEIGHBOURS, after_s=20))
POLICY = Policy(default=GroupPolicy(stages=STAGES), neighbours={"220100": ("220200",)})
SEATS = {
    "8301": "cbs",
    "8201": "222400",
    "8401": "220600",
    "8001": "220100",
    "8011": "220184",
    "8101": "220200",
}


def seat(number: str) -> Seat:
    languages = frozenset({"zh-CN"})
    return Seat(number, Level.MUNICIPAL, SEATS[number], frozenset({"labour"}), languages, number)


def taker(city: str, ready: tuple[str, ...], waited_s: float = 1) -> str | None:
    """Who is given a caller of this place when these seats are ready, the first longest idle."""
    router = Router([seat(number) for number in SEATS], POLICY)
    for n, number in enumerate(ready):
        idle_since = NOW - timedelta(hours=9 - n)
        router.seat_is(
            SeatStatus(number, SeatState.READY, idle_since, version=n, idle_since=idle_since)
        )
    asked = NOW - timedelta(seconds=waited_s)
    router.join(Waiting(call_id="c", group="labour", city=city, language="zh-CN", asked_at=asked))
    found = router.match(NOW)
    return found[0].seat if found else None  # type: ignore[union-attr]  # no overflow here


@pytest.mark.parametrize(
    ("city", "ready", "seat_number"),
    [
        ("cbs", ("8201", "8401", "8301"), "8301"),  # its own, though others are longer idle
        ("cbs", ("8401", "8201"), "8201"),  # else 延边, else 白山
        ("cbs", ("8401", "8001"), "8401"),
        ("cbs", ("8001", "8101"), None),
        ("220184", ("8001", "8011"), "8011"),
        ("220184", ("8101", "8001"), "8001"),
        ("220100", ("8011", "8001"), "8001"),  # a county does not answer for its prefecture
        ("220100", ("8011",), None),
        ("222400", ("8301",), None),
    ],
)
def test_a_places_own_seats_come_before_those_that_stand_in(
    city: str, ready: tuple[str, ...], seat_number: str | None
) -> None:
    assert taker(city, ready) == seat_number
    opened = [n for n in SEATS if takes(POLICY, STAGES[0], seat(n), "labour", city)]
    assert seat_number is None or seat_number in opened


def test_a_county_has_the_neighbours_of_its_prefecture() -> None:
    assert taker("220184", ("8101",), waited_s=19) is None
    assert taker("220184", ("8101",), waited_s=21) == "8101"
    assert takes(POLICY, STAGES[1], seat("8101"), "labour", "220184")
