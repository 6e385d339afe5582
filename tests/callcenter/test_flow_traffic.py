"""How many calls took which way: each counted once, however it ended and whatever failed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callcenter.call import Call, CallId, Stage, change
from callcenter.call.state import Passed
from callcenter.flows.traffic import FlowTraffic, Standing
from ivr_flows.turn import Session
from reports.schema import upgrade
from reports.store import DatabaseAway, Store

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
YESTERDAY = NOON - timedelta(days=1)


def call(name: str, *ways: str, at: datetime = NOON, step: str = "menu") -> Call:
    path = tuple(Passed(at, "main", 3, *way.split(":")) for way in ways)
    session = Session("main", 3, step, awaits="key")
    return Call(call_id=CallId(name), arrived_at=at, path=path, session=session)


class House:
    """Calls in progress at a controller, and what it counts."""

    def __init__(self, store: Store) -> None:
        self.calls: list[Call] = []
        self.traffic = FlowTraffic(store, lambda: self.calls, clock=lambda: NOON)

    def end(self, one: Call) -> None:
        over = change(one, stage=Stage.OVER)
        self.calls = [other for other in self.calls if other is not one]
        self.traffic.watch(one, over)
        self.traffic.watch(over, over)

    async def today(self) -> dict[str, int]:
        found = await self.traffic.today()
        return {f"{one.step}:{one.way}": calls for one, calls in sorted(found.items())}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store(f"sqlite:///{tmp_path}/facts.db") as store:
        await upgrade(store)
        yield store


async def test_a_call_counts_from_its_first_step_and_once_after_its_end(store: Store) -> None:
    house = House(store)
    one = call("a-1", "hello:next", "menu:keys.1")
    house.calls = [one, call("a-2", "hello:next")]
    assert await house.today() == {"hello:next": 2, "menu:keys.1": 1}
    house.end(one)
    assert await house.today() == {"hello:next": 2, "menu:keys.1": 1}
    await house.traffic.flush()
    assert await house.today() == {"hello:next": 2, "menu:keys.1": 1}
    assert await House(store).today() == {"hello:next": 1, "menu:keys.1": 1}


async def test_a_caller_who_goes_round_is_one_caller(store: Store) -> None:
    house = House(store)
    house.end(call("a-1", "menu:keys.*", "menu:keys.*", "menu:keys.1"))
    assert await house.today() == {"menu:keys.*": 1, "menu:keys.1": 1}


async def test_two_controllers_add_up(store: Store) -> None:
    one, other = House(store), House(store)
    for n, house in enumerate((one, other, one)):
        house.end(call(f"a-{n}", "menu:keys.1"))
        await house.traffic.flush()
    assert await one.today() == {"menu:keys.1": 3}


async def test_yesterday_is_not_today(store: Store) -> None:
    house = House(store)
    house.end(call("a-1", "menu:keys.1", at=YESTERDAY))
    house.calls = [call("a-2", "menu:keys.1", at=YESTERDAY)]
    await house.traffic.flush()
    assert await house.today() == {}


async def test_without_the_database_the_counts_wait(tmp_path: Path) -> None:
    file = tmp_path / "facts.db"
    async with Store(f"sqlite:///{file}") as store:
        house = House(store)
        house.end(call("a-1", "menu:keys.1"))
        await house.traffic.flush()
        with pytest.raises(DatabaseAway):
            await house.today()
        await upgrade(store)
        await house.traffic.flush()
        assert await House(store).today() == {"menu:keys.1": 1}


async def test_calls_are_told_where_they_stand(store: Store) -> None:
    house = House(store)
    ended = change(call("a-4"), stage=Stage.OVER)
    new = Call(call_id=CallId("a-5"), arrived_at=NOON)
    queue = change(call("a-3", step="labour"), stage=Stage.QUEUE)
    house.calls = [call("a-1"), call("a-2"), queue, ended, new]
    assert house.traffic.now() == {
        Standing("main", 3, "menu", "ivr"): 2,
        Standing("main", 3, "labour", "queue"): 1,
    }
