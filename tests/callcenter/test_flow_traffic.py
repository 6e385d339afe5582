"""How many calls took which way: each counted once, however it ended and whatever failed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from callcenter.call import Call, CallId, Stage, change
from callcenter.call.record import conversation
from callcenter.call.state import Passed
from callcenter.flows.traffic import FlowTraffic, Standing
from ivr_flows.turn import Session
from reports.drain import Drainer
from reports.queries import find
from reports.schema import upgrade
from reports.spool import Spool
from reports.store import DatabaseAway, Store
from tests.new_database import upgraded

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
YESTERDAY = NOON - timedelta(days=1)


def call(name: str, *ways: str, at: datetime = NOON, step: str = "menu") -> Call:
    path = tuple(Passed(at, "main", 3, *way.split(":")) for way in ways)
    session = Session("main", 3, step, awaits="key")
    return Call(call_id=CallId(name), arrived_at=at, path=path, session=session)


class House:
    """Calls in progress at a controller, its spool, and what it counts."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.calls: list[Call] = []
        self.traffic = FlowTraffic(store, lambda: self.calls, clock=lambda: NOON)
        self._spool = Spool(folder)
        self._drainer = Drainer(folder, store, spool=self._spool)

    def end(self, one: Call) -> None:
        """It is over: its facts go to the spool, again when its recording is closed."""
        over = change(one, stage=Stage.OVER)
        self.calls = [other for other in self.calls if other is not one]
        self.traffic.watch(one, over)
        self.traffic.watch(over, over)
        for revision in (1, 2):
            told = conversation(change(over, ended_at=NOON))
            self._spool.append(msgspec.json.encode({**told, "revision": revision}))

    async def drain(self) -> None:
        """The database takes what is in the spool."""
        await self._drainer.drain()

    def kill(self) -> None:
        """As kill -9: the lock on the spool is free, nothing else happens."""
        self._spool.rotate()

    async def today(self) -> dict[str, int]:
        found = await self.traffic.today()
        return {f"{one.step}:{one.way}": calls for one, calls in sorted(found.items())}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store(f"sqlite:///{tmp_path}/facts.db") as store:
        await upgraded(store)
        yield store


@pytest.fixture
def house(store: Store, tmp_path: Path) -> House:
    return House(store, tmp_path / "spool")


async def test_a_call_counts_from_its_first_step_and_once_after_its_end(house: House) -> None:
    one = call("a-1", "hello:next", "menu:keys.1")
    house.calls = [one, call("a-2", "hello:next")]
    both = {"hello:next": 2, "menu:keys.1": 1}
    assert await house.today() == both
    house.end(one)
    assert await house.today() == both
    await house.drain()
    assert await house.today() == both
    house.calls = []
    assert await house.today() == {"hello:next": 1, "menu:keys.1": 1}


async def test_a_call_that_ended_just_before_a_kill_counts(
    house: House, store: Store, tmp_path: Path
) -> None:
    for n in range(3):
        house.end(call(f"a-{n}", "menu:keys.1"))
    await house.drain()
    house.end(call("a-3", "menu:keys.1"))
    house.kill()
    after = House(store, tmp_path / "spool")
    await after.drain()
    assert await after.today() == {"menu:keys.1": 4}
    await after.drain()
    assert await after.today() == {"menu:keys.1": 4}


async def test_a_call_whose_end_was_lost_counts_when_it_is_found(house: House) -> None:
    one = call("a-1", "menu:keys.1")
    lost = {**conversation(change(one, stage=Stage.OVER, ended_at=NOON)), "path": []}
    house._spool.append(msgspec.json.encode({**lost, "revision": 0}))
    await house.drain()
    assert await house.today() == {}
    house.end(one)
    await house.drain()
    assert await house.today() == {"menu:keys.1": 1}


async def test_a_caller_who_goes_round_is_one_caller(house: House) -> None:
    house.end(call("a-1", "menu:keys.*", "menu:keys.*", "menu:keys.1"))
    await house.drain()
    assert await house.today() == {"menu:keys.*": 1, "menu:keys.1": 1}


async def test_two_controllers_add_up(store: Store, tmp_path: Path) -> None:
    one, other = House(store, tmp_path / "one"), House(store, tmp_path / "other")
    for n, house in enumerate((one, other, one)):
        house.end(call(f"a-{n}", "menu:keys.1"))
        await house.drain()
    for house in (one, other):  # both tell of the call that one of them took over
        house.end(call("a-9", "menu:keys.1"))
    await asyncio.gather(one.drain(), other.drain())
    assert await one.today() == {"menu:keys.1": 4}
    assert await other.today() == {"menu:keys.1": 4}


async def test_yesterday_is_not_today(house: House) -> None:
    house.end(call("a-1", "menu:keys.1", at=YESTERDAY))
    house.calls = [call("a-2", "menu:keys.1", at=YESTERDAY)]
    assert await house.today() == {}
    await house.drain()
    assert await house.today() == {}


async def test_without_the_database_the_counts_wait(tmp_path: Path) -> None:
    async with Store(f"sqlite:///{tmp_path}/facts.db") as store:
        house = House(store, tmp_path / "spool")
        house.end(call("a-1", "menu:keys.1"))
        with pytest.raises(DatabaseAway):
            await house.drain()
        with pytest.raises(DatabaseAway):
            await house.today()
        await upgrade(store)
        assert await house.today() == {"menu:keys.1": 1}
        await house.drain()
        assert await house.today() == {"menu:keys.1": 1}


async def test_what_no_flow_can_have_done_keeps_no_facts_out(house: House, store: Store) -> None:
    house.end(call("a-1", f"menu:{'x' * 500}", "menu:keys.1"))
    await house.drain()
    assert await house.today() == {"menu:keys.1": 1}
    assert await find(store, "a-1") is not None


async def test_calls_are_told_where_they_stand(house: House) -> None:
    ended = change(call("a-4"), stage=Stage.OVER)
    new = Call(call_id=CallId("a-5"), arrived_at=NOON)
    queue = change(call("a-3", step="labour"), stage=Stage.QUEUE)
    house.calls = [call("a-1"), call("a-2"), queue, ended, new]
    assert house.traffic.now() == {
        Standing("main", 3, "menu", "ivr"): 2,
        Standing("main", 3, "labour", "queue"): 1,
    }
