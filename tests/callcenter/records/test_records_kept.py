"""Nothing that was written is lost: full disks, databases away, drains at once, other nodes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from callcenter.records import shelf
from callcenter.records.desk import NotKept
from reports import records as stored
from reports.facts import Attempt, Conversation
from reports.spool import Spool
from reports.store import DatabaseAway
from tests.callcenter.records.test_record_desk import DRAFT, T0, Desk, answered, desk

__all__ = ["desk"]


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Its undo() is an administrator who makes room."""

    def refuse(spool: Spool, record: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Spool, "_write", refuse)
    return monkeypatch


def written(text: str) -> Any:
    return msgspec.structs.replace(DRAFT, question=text)


async def test_what_is_saved_while_two_drains_meet_outlives_a_kill(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, is_open, is_in = stored.put, asyncio.Event(), asyncio.Event()

    async def slow(*what: Any) -> None:
        await put(*what)
        is_in.set()
        await is_open.wait()

    desk.records.answered(answered("8001"), is_first=True)
    monkeypatch.setattr(stored, "put", slow)
    drains = [asyncio.create_task(desk.records.drain()) for _ in range(2)]
    await is_in.wait()
    record = await desk.records.save("a-1", DRAFT, revision=1, by="wang")
    is_open.set()
    await asyncio.gather(*drains)
    desk.kill()
    desk.start()
    await desk.records.drain()
    assert await stored.find(desk.store, "a-1") == record


async def test_a_segment_is_left_to_the_process_that_takes_it_in(desk: Desk) -> None:
    desk.records.answered(answered("8001"), is_first=True)
    desk.kill()
    with shelf._left(desk.folder / "records") as paths:
        assert len(paths) == 1
        with shelf._left(desk.folder / "records") as others:
            assert others == []


async def test_on_a_full_disk_it_goes_to_the_database_at_once(
    desk: Desk, full_disk: pytest.MonkeyPatch
) -> None:
    desk.records.answered(answered("8001"), is_first=True)
    record = await desk.records.file("a-1", DRAFT, revision=1, by="wang")
    assert await stored.find(desk.store, "a-1") == record
    assert len(await stored.filings(desk.store, "a-1")) == 1
    full_disk.undo()
    await desk.records.drain()
    assert await stored.find(desk.store, "a-1") == record


async def test_what_nobody_takes_is_said_not_to_be_kept(
    desk: Desk, full_disk: pytest.MonkeyPatch
) -> None:
    await stored.find(desk.store, "none")
    desk.records.answered(answered("8001"), is_first=True)
    desk.take_database()
    with pytest.raises(NotKept):
        await desk.records.save("a-1", DRAFT, revision=1, by="wang")
    assert (await desk.records.find("a-1")).revision == 1
    full_disk.undo()
    record = await desk.records.save("a-1", DRAFT, revision=1, by="wang")
    await desk.give_database()
    await desk.records.drain()
    assert await stored.find(desk.store, "a-1") == record


async def test_a_new_start_without_the_database_knows_what_was_written(desk: Desk) -> None:
    await stored.find(desk.store, "none")
    desk.take_database()
    desk.records.answered(answered("8001"), is_first=True)
    await desk.records.save("a-1", DRAFT, revision=1, by="wang")
    desk.kill()
    desk.start()
    record = await desk.records.save("a-1", written("再写"), revision=2, by="wang")
    assert (record.revision, record.question) == (3, "再写")


async def test_a_long_absence_of_the_database_forgets_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "REMEMBERED", 3)
    monkeypatch.setattr(shelf, "MOST_SEGMENTS", 2)
    await stored.find(desk.store, "none")
    desk.take_database()
    for n in range(8):
        desk.records.answered(answered("8001", call_id=f"a-{n}"), is_first=True)
        await desk.records.save(f"a-{n}", written(f"{n}"), revision=1, by="wang")
        with pytest.raises(DatabaseAway):
            await desk.records.drain()
    assert len(list((desk.folder / "records").glob("*.jsonl"))) == 1
    assert (await desk.records.find("a-0")).question == "0"
    for _ in range(4):
        desk.kill()
        desk.records.answered(answered("8002", call_id="a-9"), is_first=True)
    await desk.give_database()
    await desk.records.drain()
    for n in range(8):
        found = await stored.find(desk.store, f"a-{n}")
        assert found is not None and found.question == f"{n}"
    assert desk.spooled() == 0


async def test_a_record_that_the_database_refuses_holds_up_no_other(desk: Desk) -> None:
    for n in range(3):
        desk.records.answered(answered("8001", call_id=f"a-{n}"), is_first=True)
    huge = msgspec.structs.replace(await desk.records.find("a-1"), revision=2**70)
    desk.records._shelf._spool.append(shelf._encode(shelf.Line(huge)))
    await desk.records.drain()
    for n in range(3):
        assert await stored.find(desk.store, f"a-{n}") is not None
    assert "a-1" in (desk.folder / "records" / "refused.jsonl").read_text()
    assert desk.spooled() == (desk.folder / "records" / "refused.jsonl").stat().st_size


async def test_a_seat_that_comes_in_later_costs_no_word_written_elsewhere(desk: Desk) -> None:
    desk.records.answered(answered("8001"), is_first=True)
    await desk.records.drain()
    here = await desk.records.find("a-1")
    there = msgspec.structs.replace(here, revision=2, question="他处所写")
    await stored.put(desk.store, [there])  # by another node, whose page wrote on
    desk.records.answered(answered("8001", "8901"), is_first=False)
    await desk.records.drain()
    record = await stored.find(desk.store, "a-1")
    assert record is not None
    assert (record.question, record.seats) == ("他处所写", ("8001", "8901"))


UNSEEN = Conversation(
    call_id="f-1",
    arrived_at=T0,
    answered_at=T0,
    ended_at=T0,
    caller="+864315550123",
    city="220100",
    group="general",
    attempts=(
        Attempt(seat="8002", offered_at=T0, ended_at=T0, outcome="no_answer"),
        Attempt(seat="8001", offered_at=T0, answered_at=T0, ended_at=T0, outcome="answered"),
    ),
)


async def test_a_call_answered_without_a_controller_has_an_open_record(desk: Desk) -> None:
    desk.records.answered_unseen(UNSEEN)
    desk.kill()  # before the database knows: it is on the disk
    desk.start()
    await desk.records.drain()
    record = await stored.find(desk.store, "f-1")
    assert record is not None
    assert (record.seat, record.seats, record.answered_at) == ("8001", ("8001",), T0)
    assert (record.caller, record.city, record.is_filed) == ("+864315550123", "220100", False)
    filed = await desk.records.file("f-1", DRAFT, revision=1, by="wang")
    await desk.records.drain()
    desk.start().answered_unseen(UNSEEN)  # the journal is read again
    await desk.records.drain()
    assert await desk.records.find("f-1") == filed


async def test_a_call_that_nobody_answered_there_has_none(desk: Desk, tmp_path: Path) -> None:
    desk.records.answered_unseen(UNSEEN.model_copy(update={"answered_at": None, "attempts": ()}))
    await desk.records.drain()
    assert await stored.find(desk.store, "f-1") is None
