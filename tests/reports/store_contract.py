"""What every database must do; run on SQLite here and on a real PostgreSQL in tests/real."""

import asyncio
import json
import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from functools import reduce

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text, update

from reports import passes, tables
from reports.exchange import export_lines
from reports.facts import (
    Attempt,
    Callbacks,
    CallbackTry,
    OverflowRequest,
    Passed,
    Stint,
    Survey,
)
from reports.metrics import COLUMNS, COUNT_NAMES, Counts, tally
from reports.queries import (
    StaleTallies,
    day_so_far,
    find,
    has_called,
    last_talk,
    mark_done,
    open_requests,
    pages,
    recent,
    sums,
    unfinished,
)
from reports.rebuild import count_calls, rebuild
from reports.schema import differences, status, upgrade
from reports.store import Store, Written, is_refusal
from tests.reports.made import T0, answered, at, call, calls, likely, queued
from tests.thoroughness import tries

FIRST, LAST = date(2020, 1, 1), date(2030, 12, 31)


async def stored_by_another(address, conversation):
    """Written over a connection, and by an event loop, of its own."""
    async with Store(address) as store:
        await store.upsert([conversation])


class StoreContract:
    """Subclasses give a fixture `address`: DATABASE_URL of an empty database for each test."""

    @pytest.fixture
    async def store(self, address):
        async with Store(address) as store:
            await upgrade(store)
            yield store

    async def test_migrations_give_exactly_the_tables_and_may_be_repeated(self, store):
        assert (await upgrade(store)).is_current
        assert await differences(store) == []

    async def test_two_nodes_starting_together_migrate_once(self, address):
        async with Store(address) as one, Store(address) as other:
            found = await asyncio.gather(upgrade(one), upgrade(other))
            assert [each.is_current for each in found] == [True, True]
            assert (await status(one)).is_current

    async def test_a_call_counts_once_on_its_ways_whoever_tells_of_it(self, address, store):
        ways = [Passed(at=T0, flow="main", version=3, step="menu", way=f"keys.{n}") for n in (1, 2)]
        told = [answered(f"a-{n}").model_copy(update={"path": ways * 2}) for n in range(20)]
        async with Store(address) as other:
            await asyncio.gather(*(each.upsert(told) for each in (store, other) * 3))
        later = [each.model_copy(update={"revision": each.revision + 1}) for each in told]
        await store.upsert([*later, answered("without")])
        async with store.reading() as connection:
            counts = await passes.of_day(connection, passes.day_of(T0))
            assert await passes.counted(connection, ["a-0", "without", "x"]) == {"a-0"}
        assert {(one.way, calls) for one, calls in counts.items()} == {
            ("keys.1", 20),
            ("keys.2", 20),
        }

    async def test_what_came_of_a_callback_comes_back_as_it_went_in(self, store):
        tries = (CallbackTry(call_id="cb-1-a-1", seat="8001", at=at(99), outcome="no_answer"),)
        asked = call("a-1", callbacks=Callbacks(state="waiting", number="0431", tries=tries))
        ours = answered("cb-2-a-1", callback_of="a-1")
        await store.upsert([asked, ours])
        assert await find(store, "a-1") == asked
        assert await find(store, "cb-2-a-1") == ours
        assert (await sums(store, first=FIRST, last=LAST))[0].counts.n_in == 1

    async def test_rates_by_city_hold_places_without_a_code_and_may_leave_out_mere_hints(
        self, store
    ):
        await store.upsert(
            [
                answered("a-1", city="cbs", city_source="menu"),
                answered("a-2", city="220100", city_source="mobile_hint"),
                answered("a-3", city="220100", city_source="landline"),
            ]
        )

        async def by_city(**how):
            found = await sums(store, first=FIRST, last=LAST, by=("city",), **how)
            return {group.key["city"]: group.counts.n_ans for group in found}

        assert await by_city() == {"220100": 2, "cbs": 1}
        assert await by_city(city_sources=("menu", "landline")) == {"220100": 1, "cbs": 1}
        assert await by_city(city_sources=("seat",)) == {}
        for city, answers in (("cbs", 1), ("220100", 2), ("220200", 0)):
            (group,) = await sums(store, first=FIRST, last=LAST, city=city)
            assert group.counts.n_ans == answers

    async def test_a_number_has_called_within_a_span_or_not(self, store):
        await store.upsert([call("a-1", caller="+864315550123"), call("b-1")])

        async def called(number, first, last):
            return await has_called(store, number, since=at(first), before=at(last))

        assert await called("+864315550123", 0, 1)
        assert await called("+864315550123", -600, 600)
        assert not await called("+864315550123", -600, 0)
        assert not await called("+864315550123", 1, 600)
        assert not await called("+864315550124", -600, 600)

    async def test_the_seat_that_talked_with_a_number_last_is_found(self, store):
        caller = "+864315550123"
        refused = (
            Attempt(seat="8001", offered_at=at(10), rang_at=at(11), ended_at=at(20)),
            Attempt(seat="8002", offered_at=at(21), rang_at=at(22), answered_at=at(23)),
        )
        await store.upsert(
            [
                answered("a-1", caller=caller, attempts=refused),
                call("a-2", caller=caller, arrived_at=at(600)),
                answered("b-1", caller="+864315550124"),
            ]
        )

        async def talked(first, last):
            return await last_talk(store, caller, since=at(first), before=at(last))

        assert await talked(0, 3600) == ("8002", at(23))
        assert await talked(1, 3600) is None
        assert await talked(-600, 0) is None

    async def test_a_call_comes_back_whole(self, store):
        whole = answered(
            special=("migrant_worker", "老年人"),
            stints=(Stint(group="labour", asked_at=at(5), left_at=at(15), outcome="answered"),),
            overflow_request=OverflowRequest(number="04315550123", requested_at=at(9)),
            recording={"path": "2026/03/02/a-1", "started_at": T0, "duration_s": 12.5, "zz": [1]},
            source="controller",
            reconciled=True,
            flow="main",
            flow_version="3",
            talk_ended_at=at(100),
            revision=1_772_413_323_400,  # milliseconds, as the controller numbers them
            编号={"k": [None, 1.5]},
        )
        await store.upsert([whole])
        assert await find(store, "a-1") == whole
        assert await find(store, "a-2") is None

    async def test_storing_a_call_again_changes_nothing(self, store):
        assert await store.upsert([answered()]) == Written(1, 0)
        assert await store.upsert([answered()]) == Written(1, 0)
        assert await export(store) == answered().to_json() + b"\n"
        assert await count_calls(store) == 1

    async def test_the_newest_revision_wins_in_any_order_and_takes_its_children_along(self, store):
        revisions = [
            call(revision=1, ended_at=None, ended_by=None),
            queued(revision=2, attempts=(Attempt(seat="8101", offered_at=at(6)),) * 3),
            answered(revision=3),
        ]
        for seed in range(6):
            shuffled = random.Random(seed).sample(revisions, 3)
            for each in shuffled:
                await store.upsert([each])
            assert await find(store, "a-1") == revisions[2]
            await store.upsert(shuffled)
            assert await find(store, "a-1") == revisions[2]
        assert await store.upsert(revisions[:2]) == Written(0, 1)
        [group] = await sums(store, first=FIRST, last=LAST)
        assert (group.counts.n_in, group.counts.n_ans) == (1, 1)

    async def test_a_batch_is_written_whole_or_not_at_all(self, store):
        good, bad = answered("good"), answered("bad", category="x")
        # what no check of ours lets through: the database itself must refuse it
        bad = bad.model_copy(update={"survey": Survey.model_construct(invited_at=None, answer=1)})
        with pytest.raises(Exception, match="invited_at"):
            await store.upsert([good, bad])
        assert await count_calls(store) == 0

    async def test_two_writers_of_the_same_calls_do_not_lock_each_other_out(self, address, store):
        made = likely(1, 60)
        async with Store(address) as other:
            for seed in range(5):
                mixed = random.Random(seed).sample(made, len(made))
                await asyncio.gather(store.upsert(made), other.upsert(mixed))
        assert await count_calls(store) == 60

    async def test_calls_without_an_end_are_found_and_do_not_count(self, store):
        going_on = call("b-1", ended_at=None, ended_by=None, end_stage="queue")
        await store.upsert([answered(), going_on])
        assert await unfinished(store) == [going_on]
        assert [each.call_id for each in await recent(store)] == ["a-1", "b-1"]
        assert (await sums(store, first=FIRST, last=LAST))[0].counts.n_in == 1
        assert b"b-1" not in await export(store)

    @given(st.lists(calls, max_size=25))
    @settings(
        max_examples=tries(25),
        deadline=None,
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.function_scoped_fixture,
            HealthCheck.differing_executors,
        ],
    )
    def test_sql_adds_up_what_the_rules_count_by_any_columns(self, store_runner, conversations):
        newest = {}
        for each in conversations:
            if each.call_id not in newest or each.revision >= newest[each.call_id].revision:
                newest[each.call_id] = each
        by = random.Random(len(conversations)).sample(COLUMNS, len(conversations) % 4)

        async def check(store):
            async with store.writing() as connection:
                await connection.execute(tables.conversation.delete())
            await store.upsert(conversations)
            found = await sums(store, first=FIRST, last=LAST, by=by)
            exported = await export(store)
            assert await rebuild(store) == sum(each.is_over for each in newest.values())
            assert await sums(store, first=FIRST, last=LAST, by=by) == found
            return found, exported

        found, exported = store_runner(check)
        expected = {}
        for each in newest.values():
            if one := tally(each):
                day = f"{one.day // 10000}-{one.day // 100 % 100:02}-{one.day % 100:02}"
                key = tuple(day if name == "day" else getattr(one, name) for name in by)
                expected[key] = expected.get(key, Counts()) + one.counts
        if not by:
            expected = {(): reduce(Counts.__add__, expected.values(), Counts())}
        assert {tuple(group.key.values()): group.counts for group in found} == expected
        ended = [each for each in newest.values() if each.is_over]
        ended.sort(key=lambda each: (each.arrived_at, each.call_id))
        assert exported.splitlines(keepends=True) == [each.to_json() + b"\n" for each in ended]

    async def test_days_and_hours_are_those_of_shanghai(self, store):
        midnight = datetime(2026, 2, 28, 16, tzinfo=UTC)
        await store.upsert(
            [
                call("before", arrived_at=midnight - timedelta(milliseconds=1)),
                call("after", arrived_at=midnight),
            ]
        )
        found = await sums(store, first=FIRST, last=LAST, by=["day", "hour"])
        assert [group.key for group in found] == [
            {"day": "2026-02-28", "hour": 23},
            {"day": "2026-03-01", "hour": 0},
        ]
        for day, call_id in ((date(2026, 2, 28), "before"), (date(2026, 3, 1), "after")):
            [page] = [page async for page in pages(store, first=day, last=day)]
            assert [each.call_id for each in page] == [call_id]
            [group] = await sums(store, first=day, last=day)
            assert group.counts.n_in == 1

    async def test_a_day_so_far_and_whose_calls_are_in_it_are_of_one_view(self, store, address):
        yesterday = queued("y-1", arrived_at=T0 - timedelta(hours=10))
        on = call("on-1", ended_at=None, ended_by=None, end_stage=None)
        await store.upsert([answered("a-1"), queued("q-1", city="220200"), yesterday, on])

        def meanwhile():
            with ThreadPoolExecutor() as another:
                another.submit(asyncio.run, stored_by_another(address, queued("late"))).result()
            return ["q-1", "on-1", "late", "nobody", "a-1"]

        day = date(2026, 3, 2)
        groups, counted = await day_so_far(store, day, ask_of=meanwhile)
        assert counted == {"a-1", "q-1"}
        assert [(group.key, group.counts.n_req) for group in groups] == [
            ({"city": "220100", "hour": 9}, 1),
            ({"city": "220200", "hour": 9}, 1),
        ]
        _, counted = await day_so_far(store, day, ask_of=lambda: ["late"])
        assert counted == {"late"}

    async def test_an_unknown_column_is_refused_by_name(self, store):
        with pytest.raises(ValueError, match="unknown column colour; known: city, group"):
            await sums(store, first=FIRST, last=LAST, by=["city", "colour"])

    async def test_tallies_of_other_rules_are_refused_until_rebuilt(self, store):
        await store.upsert(likely(2, 5))
        before = await sums(store, first=FIRST, last=LAST)
        async with store.writing() as connection:
            wrong = {name: 7 for name in COUNT_NAMES} | {"rules": 0}
            await connection.execute(update(tables.tally).values(wrong))
        with pytest.raises(StaleTallies):
            await sums(store, first=FIRST, last=LAST)
        assert await rebuild(store) == 5
        assert await sums(store, first=FIRST, last=LAST) == before

    async def test_a_request_stays_done_whatever_comes_later(self, store):
        request = OverflowRequest(
            number="04315550123", audio="a-1-callback.wav", duration_s=7.5, requested_at=at(70)
        )
        left = queued(overflow="callback", overflow_request=request, caller="+864315550123")
        message = queued("b-1", overflow="message", overflow_request={"requested_at": at(60)})
        await store.upsert([left, message])
        waiting = await open_requests(store)
        assert [(each.call_id, each.kind) for each in waiting] == [
            ("b-1", "message"),
            ("a-1", "callback"),
        ]
        shown = {each.name: getattr(waiting[1], each.name) for each in fields(waiting[1])}
        assert (shown["number"], shown["audio"], shown["duration_s"]) == (
            "04315550123",
            "a-1-callback.wav",
            7.5,
        )
        assert await mark_done(store, "a-1", now=at(900))
        assert not await mark_done(store, "a-1", now=at(950))
        await store.upsert([left.model_copy(update={"revision": 9})])
        assert [each.call_id for each in await open_requests(store)] == ["b-1"]
        done = json.loads((await export(store)).splitlines()[0])["overflow_request"]["done_at"]
        assert done == "2026-03-02T01:17:03.400Z"

    async def test_export_reads_many_pages_in_order(self, store):
        made = likely(3, 2300)
        same_moment = [call(f"s-{n}") for n in range(1200)]
        await store.upsert(made + same_moment)
        exported = (await export(store)).splitlines()
        ordered = sorted(made + same_moment, key=lambda each: (each.arrived_at, each.call_id))
        assert exported == [each.to_json() for each in ordered]

    async def test_deleting_a_call_deletes_all_of_it(self, store):
        await store.upsert([answered()])
        async with store.writing() as connection:
            await connection.execute(tables.conversation.delete())
            for table in tables.metadata.sorted_tables:
                count = await connection.execute(text(f"SELECT count(*) FROM {table.name}"))
                assert count.scalar_one() == 0

    async def test_the_database_itself_keeps_the_history_of_flows(self, store):
        version = {"flow": "main", "version": 2, "text": "a", "author": "李", "note": ""}
        release = {"release": 1, "flows": {"main": 2}, "by": "王", "note": "", "at": T0}
        line = {"n": 1, "at": T0, "by": "王", "move": "publish", "note": ""}
        rows = (
            (tables.flow_versions, version | {"state": "draft", "created_at": T0}, "text"),
            (tables.releases, release, "by"),
            (tables.flow_log, line, "note"),
        )
        for table, row, fixed in rows:
            async with store.writing() as connection:
                await connection.execute(table.insert(), row)
            for change in (table.delete(), table.update().values({fixed: "other"})):
                with pytest.raises(Exception, match="never deleted or changed") as caught:
                    async with store.writing() as connection:
                        await connection.execute(change)
                assert is_refusal(caught.value)
            async with store.reading() as connection:
                (kept,) = (await connection.execute(table.select())).mappings()
            assert {name: kept[name] for name in row} == row
        async with store.writing() as connection:
            await connection.execute(tables.flow_versions.update().values(state="in_review"))


async def export(store):
    return b"".join([lines async for lines in export_lines(store)])
