import asyncio
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reports import drain as drain_module
from reports import spool as spool_module
from reports.drain import Drainer
from reports.queries import find
from reports.rebuild import count_calls
from reports.spool import Spool, segments
from reports.store import DatabaseAway, Store
from tests.new_database import upgraded
from tests.reports.made import answered, call, likely, queued, until


@pytest.fixture
async def store(tmp_path):
    async with Store(f"sqlite:///{tmp_path}/facts.db") as store:
        await upgraded(store)
        yield store


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "spool"


@pytest.fixture
def spool(folder):
    with Spool(folder) as spool:
        yield spool


def refused(folder):
    return [json.loads(line) for line in (folder / "refused.jsonl").read_text().splitlines()]


async def test_the_last_revision_of_each_call_arrives_and_segments_go(
    spool, folder, store, monkeypatch
):
    monkeypatch.setattr(spool_module, "SEGMENT_BYTES", 4000)
    drainer = Drainer(folder, store, spool=spool)
    made = [each.model_copy(update={"revision": n}) for n in range(6) for each in likely(5, 20)]
    random.Random(1).shuffle(made)
    for each in made:
        spool.append(each.to_json())
    assert drainer.behind_bytes() > 4000
    assert await drainer.drain() == len(made)
    assert drainer.behind_bytes() == 0
    assert len(segments(folder)) == 1  # the one still written to
    assert await drainer.drain() == 0
    for each in made:
        assert (await find(store, each.call_id)).revision == 5
    spool.close()
    await drainer.drain()
    assert segments(folder) == []


async def test_what_was_drained_before_a_restart_may_come_again(spool, folder, store):
    spool.append(answered().to_json())
    await Drainer(folder, store).drain()
    spool.append(queued("b-1").to_json())
    assert await Drainer(folder, store).drain() == 2
    assert await count_calls(store) == 2


async def test_poison_is_put_aside_with_its_reason_and_holds_up_nothing(spool, folder, store):
    for record in (
        answered("good-1").to_json(),
        b"\xff\x00 not json",
        b'{"call_id": "x", "arrived_at": 5}',
        b'{"call_id": "y", "arrived_at": "2026-03-02T01:02:03Z", "x": "\\u0000"}',
        answered("good-2").to_json(),
    ):
        spool.append(record)
    drainer = Drainer(folder, store, spool=spool)
    await drainer.drain()
    assert (drainer.counts.drained, drainer.counts.refused) == (2, 3)
    found = refused(folder)
    assert [each["reason"] for each in found] == [
        "is not UTF-8",
        "arrived_at: is not a time like 2026-03-02T01:02:03.400Z",
        "holds a NUL character",
    ]
    assert found[0]["record"].encode("utf-8", "surrogateescape") == b"\xff\x00 not json"
    assert (folder / "refused.jsonl").stat().st_mode & 0o777 == 0o600
    await drainer.drain()
    assert len(refused(folder)) == 3


async def test_a_torn_last_line_is_put_aside_once_its_writer_is_gone(spool, folder, store):
    spool.append(answered("good").to_json())
    whole = queued("torn").to_json() + b"\n"
    with segments(folder)[0].open("ab") as file:
        file.write(whole[:40])
    drainer = Drainer(folder, store, spool=spool)
    await drainer.drain()
    assert drainer.counts.refused == 0  # it may yet become whole
    spool.close()
    await drainer.drain()
    assert [each["reason"] for each in refused(folder)] == ["torn last line"]
    assert segments(folder) == []


async def test_a_record_larger_than_a_batch_comes_through(spool, folder, store, monkeypatch):
    monkeypatch.setattr(drain_module, "_CHUNK_BYTES", 100)
    long = answered("long", note="长" * 50_000)
    for each in (answered("short"), long, answered("short-2")):
        spool.append(each.to_json())
    await Drainer(folder, store).drain()
    assert await find(store, "long") == long
    assert await count_calls(store) == 3


async def test_a_record_that_only_our_code_cannot_store_does_not_stop_the_rest(
    spool, folder, store, monkeypatch
):
    upsert = store.upsert

    async def broken(conversations):
        conversations = list(conversations)
        if any(each.call_id == "bad" for each in conversations):
            raise TypeError("a fault of ours")
        return await upsert(conversations)

    monkeypatch.setattr(store, "upsert", broken)
    for each in (answered("good-1"), answered("bad"), answered("good-2")):
        spool.append(each.to_json())
    drainer = Drainer(folder, store, spool=spool)
    await drainer.drain()
    assert await count_calls(store) == 2
    assert [each["reason"] for each in refused(folder)] == ["cannot be stored: TypeError"]


@pytest.mark.long
async def test_facts_wait_out_a_database_locked_for_ten_seconds(spool, folder, store):
    drainer = Drainer(folder, store, spool=spool, every_s=0.02)
    task = asyncio.create_task(drainer.run())
    made = likely(6, 50)
    lock = sqlite3.connect(store.file)
    lock.execute("BEGIN EXCLUSIVE")
    locked_at = time.monotonic()
    for each in made:
        spool.append(each.to_json())  # no call waits for the database
    assert time.monotonic() - locked_at < 5
    await asyncio.sleep(10)
    assert (drainer.counts.drained, drainer.is_up) == (0, False)
    lock.rollback()
    lock.close()
    await until(lambda: not drainer.behind_bytes())
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await count_calls(store) == 50
    assert drainer.counts.failures >= 1
    assert drainer.counts.refused == 0


async def test_facts_wait_for_a_database_file_that_is_missing(spool, folder, tmp_path):
    async with Store(f"sqlite:///{tmp_path}/later/facts.db") as store:
        drainer = Drainer(folder, store, spool=spool, every_s=0.01)
        task = asyncio.create_task(drainer.run())
        spool.append(answered().to_json())
        await until(lambda: drainer.counts.failures >= 2)
        await upgraded(store)
        await until(lambda: not drainer.behind_bytes())
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert await find(store, "a-1") == answered()


async def test_closing_drains_what_is_left_or_says_that_it_stays(spool, folder, store, tmp_path):
    spool.append(answered().to_json())
    assert await Drainer(folder, store, spool=spool).close()
    assert await count_calls(store) == 1
    spool.append(queued("b-1").to_json())
    async with Store(f"sqlite:///{tmp_path}/none.db") as away:
        drainer = Drainer(folder, away, spool=spool)
        assert not await drainer.close()
        with pytest.raises(DatabaseAway):
            await drainer.drain()


async def test_nothing_else_ends_the_draining(spool, folder, store, monkeypatch):
    drainer = Drainer(folder, store, spool=spool, every_s=0.01)
    faults = [OSError("disk"), RuntimeError("ours")]
    drain = drainer.drain

    async def sometimes():
        if faults:
            raise faults.pop()
        return await drain()

    monkeypatch.setattr(drainer, "drain", sometimes)
    task = asyncio.create_task(drainer.run())
    spool.append(answered().to_json())
    await until(lambda: drainer.counts.drained)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await count_calls(store) == 1


async def test_a_controller_killed_in_mid_drain_loses_and_doubles_nothing(folder, store):
    program = f"""
import asyncio, sys
from pathlib import Path
from reports.drain import Drainer
from reports.spool import Spool
from reports.store import Store
from tests.reports.made import likely
async def main():
    async with Store({str(store.url.render_as_string())!r}) as store:
        spool = Spool(Path({str(folder)!r}))
        drainer = Drainer(spool.folder, store, spool=spool, every_s=0.001)
        task = asyncio.create_task(drainer.run())
        for each in likely(7, 3_000):
            spool.append(each.to_json())
            print(each.call_id, flush=True)
            await asyncio.sleep(0)
asyncio.run(main())
"""
    told = await asyncio.to_thread(killed_after, 1500, program)
    drainer = Drainer(folder, store)
    await drainer.drain()
    assert segments(folder) == []
    assert drainer.counts.refused == 0
    assert all([await find(store, call_id) is not None for call_id in told[-50:] + told[:50]])
    assert await count_calls(store) in (len(told), len(told) + 1)


def killed_after(count, program):
    """Lines that a Python program printed until it was killed at the `count`th."""
    root = Path(drain_module.__file__).parents[1]
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=root, stdout=subprocess.PIPE, text=True
    ) as process:
        told = [process.stdout.readline().strip() for _ in range(count)]
        os.kill(process.pid, signal.SIGKILL)
        return told + [line.strip() for line in process.stdout if line.endswith("\n")]


async def test_two_drainers_of_one_folder_do_no_harm(spool, folder, store):
    for each in likely(8, 200):
        spool.append(each.to_json())
    spool.close()
    one, other = Drainer(folder, store), Drainer(folder, store)
    await asyncio.gather(one.drain(), other.drain())
    assert segments(folder) == []
    assert await count_calls(store) == 200
    assert one.counts.refused == other.counts.refused == 0


async def test_a_call_still_going_on_is_stored_and_finished_later(spool, folder, store):
    drainer = Drainer(folder, store, spool=spool)
    spool.append(call(ended_at=None, ended_by=None, revision=1).to_json())
    await drainer.drain()
    assert not (await find(store, "a-1")).is_over
    spool.append(answered(revision=2).to_json())
    await drainer.drain()
    assert (await find(store, "a-1")).is_over
