"""The supervisors' figures, from a real database file."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from callcenter.call import Call, CallId, Stage
from callcenter.call.state import Attempt, Survey
from callcenter.figures import READ_S, YEAR_S, Figures
from callcenter.fresh_calls import STORED_WITHIN_S, FreshCalls
from callcenter.web.view import RateRow, Today
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


class House:
    """Calls in progress as a test puts them, and the figures over them."""

    def __init__(self, store: Store, now: datetime = NOW) -> None:
        self.clock = Clock()
        self.calls: dict[str, Call] = {}
        self.fresh = FreshCalls(lambda: self.calls.values(), clock=self.clock)
        self.figures = Figures(store, self.fresh, now=lambda: now, clock=self.clock)

    async def today(self, city: str | None = None) -> Today:
        self.clock.s += READ_S
        await self.figures.read()
        return self.figures.today(city)

    def put(self, call_id: str = "on-1", **facts: Any) -> None:
        began = {"arrived_at": NOW, "city": "220100", "city_source": "landline", **facts}
        call = Call(call_id=CallId(call_id), **began)
        before = self.calls.pop(call_id, None)
        if not call.is_over:
            self.calls[call_id] = call
        elif before is not None:
            self.fresh.stepped(before, call)


TAKEN: dict[str, Any] = {
    "stage": Stage.TALKING,
    "asked_at": NOW,
    "attempts": (Attempt(seat="8001", level="municipal", offered_at=NOW, answered_at=NOW),),
}


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
    today = await House(store).today()
    assert (today.asked, today.answered, today.abandoned) == (20, 18, 2)
    row = of(today.rates, "answer_rate_agent")
    assert (row.numerator, row.denominator, row.needed, row.spare) == (18, 20, 20, 0)
    row = of(today.rates, "satisfaction")
    assert (row.numerator, row.denominator, row.needed, row.spare) == (18, 18, 0, 2)
    assert of(today.rates, "abandon_rate").needed is None


async def test_a_city_has_its_own_figures(store: Store) -> None:
    await store.upsert([answered("a-1"), lost("b-1", NOW), lost("c-1", NOW, city="220200")])
    house = House(store)
    assert [(await house.today(city)).asked for city in (None, "220100", "220200")] == [3, 2, 1]
    assert (await house.today("222400")).rates[0].value is None


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
    trends = await House(store).figures.trends()
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
    trends = await House(store, january).figures.trends()
    assert [one.at for one in trends.days] == ["2025-12-20", "2026-01-02"]
    assert [one.at for one in trends.months] == ["2026-01"]


async def test_days_before_today_are_read_seldom_and_today_often(store: Store) -> None:
    house = House(store)
    assert (await house.figures.trends()).months == ()
    await store.upsert([answered("a-1"), lost("b-1", datetime(2026, 2, 1, 4, 0, tzinfo=UTC))])
    assert (await house.figures.trends()).months == ()
    house.clock.s += READ_S
    assert [one.at for one in (await house.figures.trends()).months] == ["2026-03"]
    house.clock.s += YEAR_S
    assert [one.at for one in (await house.figures.trends()).months] == ["2026-02", "2026-03"]


async def test_a_call_counts_when_its_fate_is_known(store: Store) -> None:
    house = House(store)
    house.put(asked_at=NOW, stage=Stage.QUEUE)
    today = await house.today()
    assert (today.arrived, today.asked, today.answered) == (1, 1, 0)
    assert of(today.rates, "answer_rate_agent").denominator == 0  # nobody knows yet
    house.put(**TAKEN)
    today = house.figures.today()
    assert of(today.rates, "answer_rate_agent").value == 1.0
    assert of(today.rates, "timely_15").value == 1.0
    assert of(today.rates, "rated_rate").denominator == 0
    house.put(**TAKEN | {"stage": Stage.SURVEY}, survey=Survey(invited_at=NOW, answer=4))
    today = house.figures.today()
    row = of(today.rates, "satisfaction")
    assert (today.rated, row.numerator, row.denominator, row.needed) == (1, 0, 1, 9)
    assert of(today.rates, "rated_rate").value == 1.0


async def test_who_hangs_up_in_line_counts_at_once_and_once(store: Store) -> None:
    house = House(store)
    await house.today()
    house.put(asked_at=NOW, stage=Stage.QUEUE)
    gone = {"stage": Stage.OVER, "ended_by": "caller", "end_stage": "queue"}
    house.put(asked_at=NOW, ended_at=NOW, **gone)
    assert house.figures.today().abandoned == 1
    assert (await house.today()).abandoned == 1  # the database has not got it yet
    await store.upsert([lost("on-1", NOW)])
    assert [(await house.today()).abandoned for _ in range(2)] == [1, 1]
    assert list(house.fresh.ids()) == []


async def test_the_year_goes_with_the_day(store: Store) -> None:
    await store.upsert([lost("b-1", datetime(2026, 2, 1, 4, 0, tzinfo=UTC))])
    house = House(store)
    assert (await house.today()).year == ()
    await house.figures.trends()
    house.put(**TAKEN)
    row = of(house.figures.today().year, "answer_rate_agent")
    assert (row.numerator, row.denominator) == (1, 2)


async def test_what_the_database_refuses_is_not_counted_for_ever(store: Store) -> None:
    house = House(store)
    house.put(**TAKEN)
    house.put(**TAKEN | {"stage": Stage.OVER, "ended_at": NOW, "ended_by": "seat"})
    assert (await house.today()).answered == 1
    house.clock.s += STORED_WITHIN_S
    assert (await house.today()).answered == 0


async def test_our_own_calls_and_those_of_yesterday_are_not_todays(store: Store) -> None:
    house = House(store)
    house.put("out-1", **TAKEN, callback_of=CallId("a-1"))
    house.put("late-1", **TAKEN | {"arrived_at": datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC)})
    assert (await house.today()).arrived == 0


async def test_the_same_answer_is_told_while_nothing_has_changed(store: Store) -> None:
    house = House(store)
    house.put(**TAKEN)
    first = await house.today()
    assert house.figures.today() is first
    house.put(**TAKEN, language="ko")
    assert house.figures.today() is not first
