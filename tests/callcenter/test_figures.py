"""The supervisors' figures, from a real database file."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from callcenter.figures import TODAY_S, YEAR_S, Figures
from callcenter.web.view import RateRow
from reports.facts import Conversation
from reports.store import Store
from tests.new_database import upgraded
from tests.reports.made import answered, call

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)  # 14:00 in Shanghai


@dataclass
class Clock:
    """Seconds that pass when the test says so."""

    s: float = 0.0

    def __call__(self) -> float:
        return self.s


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store(f"sqlite:///{tmp_path}/facts.db") as opened:
        await upgraded(opened)
        yield opened


def lost(call_id: str, arrived_at: datetime, city: str | None = "220100") -> Conversation:
    return call(
        call_id,
        arrived_at=arrived_at,
        asked_at=arrived_at,
        ended_at=arrived_at.replace(microsecond=0, second=59),
        end_stage="queue",
        city=city,
    )


def of(rates: tuple[RateRow, ...], metric: str) -> RateRow:
    return next(row for row in rates if row.metric == metric)


async def test_today_tells_how_many_more_must_be_answered(store: Store) -> None:
    calls = [answered(f"a-{n}") for n in range(18)]
    await store.upsert([*calls, lost("b-1", NOW), lost("b-2", NOW)])
    today = await Figures(store, now=lambda: NOW).today()
    assert (today.asked, today.answered, today.abandoned) == (20, 18, 2)
    row = of(today.rates, "answer_rate_agent")
    assert (row.numerator, row.denominator, row.needed, row.spare) == (18, 20, 20, 0)
    row = of(today.rates, "satisfaction")
    assert (row.numerator, row.denominator, row.needed, row.spare) == (18, 18, 0, 2)
    assert of(today.rates, "abandon_rate").needed is None


async def test_a_city_has_its_own_figures(store: Store) -> None:
    await store.upsert([answered("a-1"), lost("b-1", NOW), lost("c-1", NOW, city="220200")])
    figures = Figures(store, now=lambda: NOW)
    assert [(await figures.today(city)).asked for city in (None, "220100", "220200")] == [3, 2, 1]
    assert (await figures.today("222400")).rates[0].value is None


async def test_trends_go_by_shanghai_hours_days_and_months(store: Store) -> None:
    just_before_midnight = datetime(2026, 3, 1, 15, 59, 58, tzinfo=UTC)
    new_year = datetime(2025, 12, 31, 16, 0, 1, tzinfo=UTC)
    last_year = datetime(2025, 12, 31, 15, 59, 1, tzinfo=UTC)
    await store.upsert(
        [
            answered("a-1"),
            lost("b-1", NOW),
            lost("c-1", just_before_midnight),
            lost("d-1", new_year),
            lost("e-1", last_year),
        ]
    )
    trends = await Figures(store, now=lambda: NOW).trends()
    assert [(one.at, one.asked, one.answered) for one in trends.hours] == [
        ("09", 1, 1),
        ("14", 1, 0),
    ]
    assert [(one.at, one.answer_rate) for one in trends.days] == [
        ("2026-03-01", 0.0),
        ("2026-03-02", 0.5),
    ]
    assert [(one.at, one.asked) for one in trends.months] == [("2026-01", 1), ("2026-03", 3)]
    year = of(trends.year, "answer_rate_agent")
    assert (year.numerator, year.denominator) == (1, 4)


async def test_in_january_the_last_days_reach_into_december(store: Store) -> None:
    january = datetime(2026, 1, 2, 4, 0, tzinfo=UTC)
    await store.upsert(
        [lost("a-1", datetime(2025, 12, 20, 4, 0, tzinfo=UTC)), lost("b-1", january)]
    )
    trends = await Figures(store, now=lambda: january).trends()
    assert [one.at for one in trends.days] == ["2025-12-20", "2026-01-02"]
    assert [one.at for one in trends.months] == ["2026-01"]


async def test_days_before_today_are_asked_for_seldom_and_today_often(store: Store) -> None:
    clock = Clock()
    figures = Figures(store, now=lambda: NOW, clock=clock)
    assert (await figures.trends()).months == ()
    await store.upsert([answered("a-1"), lost("b-1", datetime(2026, 2, 1, 4, 0, tzinfo=UTC))])
    assert (await figures.today()).asked == 0
    clock.s = TODAY_S
    assert [one.at for one in (await figures.trends()).months] == ["2026-03"]
    clock.s = YEAR_S
    assert [one.at for one in (await figures.trends()).months] == ["2026-02", "2026-03"]
