"""Records of calls on every database: kept whole, never set back, their category in the facts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import msgspec
import pytest
from sqlalchemy import delete, update

from reports import records, tables
from reports.queries import find as find_call
from reports.queries import sums
from reports.records import CallRecord, Filing, closed_like, filings, find, of_calls, put, swap
from reports.store import Store
from tests.new_database import upgraded
from tests.reports.made import answered, at

DAY = {"first": date(2026, 1, 1), "last": date(2026, 12, 31)}


def record(call_id: str = "a-1", **given: Any) -> CallRecord:
    whole: dict[str, Any] = {
        "call_id": call_id,
        "revision": 1,
        "seat": "8001",
        "seats": ("8001",),
        "caller": "+864315550123",
        "answered_at": at(15),
        "changed_at": at(20),
        "changed_by": "8001",
        **given,
    }
    return CallRecord(**whole)


FULL = record(
    revision=7,
    seats=("8001", "8901"),
    filed_at=at(300),
    filed_by="seat1",
    name="来电人",
    sex="female",
    caller_group="migrant_worker",
    main="0702",
    secondary=("0601", "3007"),
    question="工地欠薪三个月",
    reply="先到劳动监察投诉",
    outcome="answered",
    litigation=True,
    petition=True,
    follow_up=date(2026, 3, 9),
    identity_confirmed=True,
    urgent=True,
)


class RecordsContract:
    """Subclasses give a fixture `address`: DATABASE_URL of an empty database for each test."""

    @pytest.fixture
    async def store(self, address: str) -> AsyncIterator[Store]:
        async with Store(address) as store:
            await upgraded(store)
            yield store

    async def test_of_two_who_write_over_the_same_one_is_first(self, store: Store) -> None:
        begun = record(revision=1)
        await put(store, [begun])
        both = [record(revision=2, reply=reply, changed_at=at(30)) for reply in ("甲", "乙")]
        filed = [Filing(record=one, at=at(31), by=one.reply) for one in both]
        taken = await asyncio.gather(
            *(swap(store, one, over=begun, filing=f) for one, f in zip(both, filed, strict=True))
        )
        assert sorted(taken) == [False, True]
        first = both[taken.index(True)]
        assert await find(store, "a-1") == first
        assert [one.by for one in await filings(store, "a-1")] == [first.reply]

    async def test_nothing_is_written_over_another_of_the_same_revision(self, store: Store) -> None:
        await put(store, [record(revision=2, changed_at=at(30))])
        another = record(revision=2, changed_at=at(31))
        assert not await swap(store, record(revision=3), over=another)
        assert not await swap(store, record("a-2", revision=3), over=record("a-2", revision=2))

    async def test_a_record_comes_back_whole(self, store: Store) -> None:
        await put(store, [FULL, record("a-2")])
        assert await find(store, "a-1") == FULL
        assert await find(store, "a-2") == record("a-2")
        assert await find(store, "a-3") is None
        assert set(await of_calls(store, ["a-1", "a-2", "a-3"])) == {"a-1", "a-2"}
        assert await of_calls(store, []) == {}
        assert records.from_json(records.to_json(FULL)) == FULL

    async def test_an_older_revision_changes_nothing(self, store: Store) -> None:
        await put(store, [record(revision=3, question="新")])
        await put(store, [record(revision=2, question="旧")])
        await put(store, [record(revision=3, question="同")])
        found = await find(store, "a-1")
        assert found is not None and found.question == "新"

    @pytest.mark.parametrize("first", ["facts", "record"])
    async def test_the_main_category_is_that_of_the_facts_whichever_comes_first(
        self, store: Store, first: str
    ) -> None:
        facts = answered("a-1", revision=1)
        if first == "facts":
            await store.upsert([facts])
            await put(store, [FULL])
        else:
            await put(store, [FULL])
            await store.upsert([facts])
        # the controller tells of the call once more, and knows nothing of categories
        await store.upsert([facts.model_copy(update={"revision": 2})])
        found = await find_call(store, "a-1")
        assert found is not None and found.category == "0702"
        groups = await sums(store, **DAY, by=("category",))
        assert [group.key["category"] for group in groups] == ["0702"]

    async def test_a_changed_category_is_counted_anew(self, store: Store) -> None:
        await store.upsert([answered("a-1"), answered("a-2", category="0101")])
        await put(store, [FULL])
        await put(store, [msgspec.structs.replace(FULL, revision=8, main="0601")])
        groups = await sums(store, **DAY, by=("category",))
        assert {g.key["category"]: g.counts.n_ans for g in groups} == {"0601": 1, "0101": 1}

    async def test_filings_are_kept_for_ever_and_written_once(self, store: Store) -> None:
        first = Filing(record=FULL, at=at(300), by="seat1")
        later = msgspec.structs.replace(FULL, revision=8, reply="改正")
        second = Filing(record=later, at=at(900), by="lead1", reason="答复有误")
        await put(store, [FULL], [first])
        await put(store, [later], [first, second])
        assert await filings(store, "a-1") == [first, second]
        for change in (
            delete(tables.record_filing),
            update(tables.record_filing).values(reason="z"),
        ):
            with pytest.raises(Exception, match="never deleted or changed"):
                async with store.writing() as connection:
                    await connection.execute(change)
        assert await filings(store, "a-1") == [first, second]

    async def test_closed_matters_are_found_by_item_and_by_whole_category(
        self, store: Store
    ) -> None:
        def filed(call_id: str, main: str, second: int) -> CallRecord:
            return record(call_id, main=main, filed_at=at(second), filed_by="x", revision=2)

        await put(
            store,
            [
                filed("a-1", "0702", 1),
                filed("a-2", "0701", 2),
                filed("a-3", "0601", 3),
                filed("a-4", "0702", 4),
                record("a-5", main="0702"),
            ],
        )

        async def found(*codes: str, **how: Any) -> list[str]:
            return [one.call_id for one in await closed_like(store, codes, **how)]

        assert await found("0702") == ["a-4", "a-1"]
        assert await found("0702", but="a-4") == ["a-1"]
        assert await found("07") == ["a-4", "a-2", "a-1"]
        assert await found("0701", "06") == ["a-3", "a-2"]
        assert await found("07", limit=1) == ["a-4"]
        assert await found() == []
