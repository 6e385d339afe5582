"""What each seat did on a day, from a real database file."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Literal

import pytest

from reports.facts import Attempt
from reports.seat_day import SeatDay, seat_days
from reports.store import Store
from tests.new_database import upgraded
from tests.reports.made import answered, at, call

DAY = date(2026, 3, 2)
Outcome = Literal["answered", "no_answer", "caller_gone"]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store(f"sqlite:///{tmp_path}/facts.db") as opened:
        await upgraded(opened)
        yield opened


def attempt(seat: str, from_s: float, to_s: float, outcome: Outcome) -> Attempt:
    is_talk = outcome == "answered"
    return Attempt(
        seat=seat,
        level="municipal",
        offered_at=at(from_s),
        rang_at=at(from_s),
        answered_at=at(from_s) if is_talk else None,
        ended_at=at(to_s),
        outcome=outcome,
    )


async def test_talks_refusals_and_ratings_are_counted(store: Store) -> None:
    refused = call("b-1", attempts=(attempt("8001", 5, 20, "no_answer"),))
    gone = call("c-1", attempts=(attempt("8001", 5, 7, "caller_gone"),))
    await store.upsert([answered("a-1"), refused, gone])
    day = (await seat_days(store, DAY))["8001"]
    assert day == SeatDay(answered=1, offered=2, talk_s=100, rated=1, satisfied=1)
    assert (day.answer_rate, day.satisfaction) == (0.5, 1.0)


async def test_a_talk_that_went_on_after_its_phone_was_lost_is_one(store: Store) -> None:
    parts = (attempt("8001", 10, 30, "answered"), attempt("8001", 35, 95, "answered"))
    await store.upsert([answered("a-1", attempts=parts)])
    day = (await seat_days(store, DAY))["8001"]
    assert (day.answered, day.offered, day.talk_s) == (1, 1, 80)


async def test_a_talk_handed_on_counts_for_both_seats(store: Store) -> None:
    parts = (attempt("8001", 10, 30, "answered"), attempt("8002", 31, 91, "answered"))
    await store.upsert([answered("a-1", attempts=parts)])
    days = await seat_days(store, DAY)
    assert {seat: (one.answered, one.talk_s) for seat, one in days.items()} == {
        "8001": (1, 20),
        "8002": (1, 60),
    }


async def test_another_day_has_nothing(store: Store) -> None:
    await store.upsert([answered("a-1")])
    assert await seat_days(store, date(2026, 3, 3)) == {}
