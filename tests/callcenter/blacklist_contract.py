"""What every database must do for the blacklist; on SQLite here, on PostgreSQL in tests/real."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from callcenter.admission.desk import BlacklistDesk, SomeRefused, Wish
from callcenter.admission.entries import Refused
from callcenter.admission.gate import Gate
from callcenter.admission.watch import ANEW_S, BlacklistWatch
from reports import audit
from reports.queries import city_told
from reports.store import Store
from seats.locate import TOLD_BY_PEOPLE
from tests.new_database import upgraded
from tests.reports.made import answered, at, call

NUMBER = "+864315550123"
NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
UNTIL = NOW + timedelta(days=30)


class BlacklistContract:
    """Subclasses give a fixture `address`: DATABASE_URL of an empty database for each test."""

    @pytest.fixture
    async def store(self, address: str) -> AsyncIterator[Store]:
        async with Store(address) as store:
            await upgraded(store)
            calls = [call(name, caller=NUMBER) for name in ("a", "b", "c")]
            await store.upsert([*calls, call("other", caller="+864315550199")])
            yield store

    @pytest.fixture
    def desk(self, store: Store) -> BlacklistDesk:
        return BlacklistDesk(store)

    async def propose(self, desk: BlacklistDesk, *evidence: str) -> int:
        made = await desk.propose(
            "0431 5550123",
            reason="反复骚扰",
            evidence=evidence or ("a", "b", "c"),
            by="李梅",
            until=UNTIL,
            now=NOW,
        )
        return made.n

    async def test_two_persons_put_a_number_on_it_and_each_step_is_written_down(
        self, desk: BlacklistDesk
    ) -> None:
        n = await self.propose(desk)
        assert await desk.in_force(NOW) == {}
        with pytest.raises(Refused, match="不能批准自己"):
            await desk.approve(n, by="李梅", now=NOW)
        await desk.approve(n, by="王强", now=NOW)
        assert await desk.in_force(NOW) == {NUMBER: n}
        assert await desk.in_force(UNTIL) == {}
        await desk.appeal(n, by="李梅", note="号码已换人", now=NOW)
        await desk.lift(n, by="赵云", note="申诉成立", now=NOW)
        assert await desk.in_force(NOW) == {}
        told = [(line.move, line.by, line.entry, line.note) for line in await desk.log()]
        assert told[::-1] == [
            ("propose", "李梅", n, "反复骚扰"),
            ("approve", "王强", n, ""),
            ("appeal", "李梅", n, "号码已换人"),
            ("lift", "赵云", n, "申诉成立"),
        ]
        (entry,) = await desk.every()
        assert (entry.appeal, entry.evidence) == ("号码已换人", ("a", "b", "c"))

    async def test_several_are_proposed_together_or_none_at_all(
        self, desk: BlacklistDesk, store: Store
    ) -> None:
        good = Wish("04315550123", "反复骚扰", ("a", "b", "c"), UNTIL)
        bad = Wish("04315550199", "反复骚扰", ("a", "b", "other"), UNTIL)
        with pytest.raises(SomeRefused) as refused:
            await desk.propose_all([good, bad, good], by="李梅", now=NOW)
        assert list(refused.value.whys) == [1, 2] and "尚未到期" in refused.value.whys[2]
        assert await desk.propose_all([good], by="李梅", now=NOW, is_trial=True) == []
        assert (await desk.every(), await desk.log(), await audit.entries(store)) == ([], [], [])
        (made,) = await desk.propose_all([good], by="李梅", now=NOW)
        assert [one.n for one in await desk.every()] == [made.n]
        (entry,) = await audit.entries(store)
        assert (entry.action, entry.by, entry.subject) == ("blacklist_proposed", "李梅", "1")

    async def test_a_callers_calls_are_found_newest_first(
        self, desk: BlacklistDesk, store: Store
    ) -> None:
        await store.upsert([answered("d", caller=NUMBER, arrived_at=at(600))])
        first, *others = await desk.of_caller(NUMBER)
        assert (first.call_id, first.seats, first.group) == ("d", ("8001",), "labour")
        assert {(one.call_id, one.seats) for one in others} == {("a", ()), ("b", ()), ("c", ())}
        assert await desk.caller_of("other") == "+864315550199"
        assert await desk.caller_of("nowhere") is None

    async def test_evidence_must_be_calls_of_that_number(self, desk: BlacklistDesk) -> None:
        with pytest.raises(Refused, match="没有编号为 x 的来电"):
            await self.propose(desk, "a", "b", "x")
        with pytest.raises(Refused, match="other 不是这个号码"):
            await self.propose(desk, "a", "b", "other")
        assert await desk.every() == [] and await desk.log() == []

    async def test_a_number_stands_on_it_once(self, desk: BlacklistDesk) -> None:
        n = await self.propose(desk)
        with pytest.raises(Refused, match=f"已有第 {n} 条"):
            await self.propose(desk)
        await desk.lift(n, by="王强", note="", now=NOW)
        assert await self.propose(desk) == n + 1
        with pytest.raises(Refused, match="没有第 9 条"):
            await desk.approve(9, by="王强", now=NOW)

    async def test_two_desks_at_once_make_one_entry(self, desk: BlacklistDesk) -> None:
        found = await asyncio.gather(
            *(self.propose(desk) for _ in range(3)), return_exceptions=True
        )
        assert found.count(1) == 1
        assert sum(isinstance(one, Refused) for one in found) == 2

    async def test_nothing_of_it_can_be_deleted_or_changed(
        self, desk: BlacklistDesk, store: Store
    ) -> None:
        await self.propose(desk)
        for change in (
            "DELETE FROM blacklist",
            "DELETE FROM blacklist_log",
            "UPDATE blacklist SET number = 'x'",
            "UPDATE blacklist_log SET move = 'x'",
        ):
            with pytest.raises(Exception, match="never deleted or changed"):
                async with store.writing() as connection:
                    await connection.execute(text(change))

    async def test_a_running_gate_takes_it_up_and_lets_go_at_its_end(
        self, desk: BlacklistDesk
    ) -> None:
        gate, now = Gate(), [NOW]
        counted: list[int] = []
        watch = BlacklistWatch(desk, gate, clock=lambda: now[0], count=counted.append)
        await watch.look()
        n = await self.propose(desk)
        await watch.look()
        assert gate.blacklist == {}
        await desk.approve(n, by="王强", now=NOW)
        await watch.look()
        assert gate.blacklist == {NUMBER: n}
        now[0] = UNTIL + timedelta(seconds=ANEW_S)
        await watch.look()
        assert gate.blacklist == {}
        assert counted == [0, 0, 1, 0]

    async def test_the_city_that_people_told_last_is_remembered(self, store: Store) -> None:
        caller = "+8613904310000"
        await store.upsert(
            [
                call("1", caller=caller, arrived_at=at(0), city="220100", city_source="menu"),
                call("2", caller=caller, arrived_at=at(60), city="cbs", city_source="seat"),
                call("3", caller=caller, arrived_at=at(90), city="220200", city_source="landline"),
                call(
                    "4", caller=caller, arrived_at=at(95), city="220200", city_source="mobile_hint"
                ),
                call("5", caller="+86139", arrived_at=at(96), city="220300", city_source="menu"),
            ]
        )

        async def told(since: float, before: float) -> str | None:
            span = {"since": at(since), "before": at(before)}
            return await city_told(store, caller, **span, sources=TOLD_BY_PEOPLE)

        assert await told(0, 100) == "cbs"
        assert await told(0, 60) == "220100"
        assert await told(61, 100) is None
