"""Records at work: begun at the answer, saved, filed, kept without a database and over a crash."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from callcenter.call import Call, CallId, Stage
from callcenter.call.state import Attempt
from callcenter.records.desk import NoRecord, RecordRefused, Records
from callcenter.records.form import Draft
from callcenter.records.taxonomy import built_in
from reports import records as stored
from reports.store import DatabaseAway, Store
from tests.new_database import upgraded

T0 = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
DRAFT = Draft(main="0702", question="欠薪", reply="仲裁", outcome="answered")


class Desk:
    """Records over a database that can be taken away, by processes that can be killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "r.db"
        self.store = Store(f"sqlite+aiosqlite:///{self.file}")
        self.now = T0
        self.records = self.start()

    def start(self) -> Records:
        """A new process."""
        self.records = Records(
            self.store, self.folder / "records", clock=lambda: self.now, taxonomy=built_in
        )
        return self.records

    def kill(self) -> None:
        """As kill -9: its locks are free, nothing else happens."""
        self.records._shelf._spool.rotate()

    def take_database(self) -> None:
        self.file.rename(self.folder / "away.db")

    async def give_database(self) -> None:
        (self.folder / "away.db").rename(self.file)
        for _ in range(2):  # the first look notices that the file is another one
            try:
                await stored.find(self.store, "none")
            except DatabaseAway:
                continue

    def spooled(self) -> int:
        return sum(path.stat().st_size for path in (self.folder / "records").glob("*.jsonl"))


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    desk = Desk(tmp_path)
    await upgraded(desk.store)
    yield desk
    desk.records._shelf._spool.close()
    await desk.store.close()


def answered(*seats: str, call_id: str = "a-1") -> Call:
    attempts = tuple(
        Attempt(seat=seat, level="municipal", offered_at=T0, answered_at=T0, outcome="answered")
        for seat in seats
    )
    return Call(
        call_id=CallId(call_id),
        arrived_at=T0 - timedelta(seconds=30),
        stage=Stage.TALKING,
        caller="+864315550123",
        city="220100",
        group="labour",
        attempts=attempts,
    )


async def test_record_begins_at_the_answer_and_reaches_the_database(desk: Desk) -> None:
    desk.records.answered(answered("8001"), is_first=True)
    record = await desk.records.find("a-1")
    assert (record.seat, record.seats, record.revision) == ("8001", ("8001",), 1)
    assert (record.caller, record.city, record.group) == ("+864315550123", "220100", "labour")
    assert record.answered_at == T0
    await desk.records.drain()
    assert await stored.find(desk.store, "a-1") == record
    assert desk.spooled() == 0


async def test_call_that_nobody_answered_has_no_record(desk: Desk) -> None:
    desk.records.answered(answered(), is_first=True)
    with pytest.raises(NoRecord):
        await desk.records.find("a-1")


async def test_second_seat_of_a_call_writes_the_same_record(desk: Desk) -> None:
    desk.records.answered(answered("8001"), is_first=True)
    desk.records.answered(answered("8001"), is_first=True)
    desk.records.answered(answered("8001", "8901"), is_first=False)
    record = await desk.records.find("a-1")
    assert (record.seat, record.seats, record.revision) == ("8001", ("8001", "8901"), 2)


async def test_saving_needs_the_revision_that_was_read(desk: Desk) -> None:
    desk.records.answered(answered("8001"), is_first=True)
    record = await desk.records.save("a-1", DRAFT, revision=1, by="wang")
    assert (record.revision, record.question) == (2, "欠薪")
    other = msgspec.structs.replace(DRAFT, question="另写")
    with pytest.raises(RecordRefused) as refused:
        await desk.records.save("a-1", other, revision=1, by="zhao")
    assert refused.value.error == "record_changed"
    assert await desk.records.find("a-1") == record
    assert await desk.records.save("a-1", DRAFT, revision=2, by="wang") is record


async def test_change_made_by_another_node_is_seen_and_not_written_over(desk: Desk) -> None:
    desk.records.answered(answered("8001"), is_first=True)
    await desk.records.drain()
    here = await desk.records.find("a-1")
    there = msgspec.structs.replace(here, revision=5, question="他处")
    await stored.put(desk.store, [there])
    with pytest.raises(RecordRefused, match="已在别处修改"):
        await desk.records.save("a-1", DRAFT, revision=1, by="wang")
    assert await desk.records.find("a-1") == there


async def test_filing_is_kept_with_its_corrections(desk: Desk) -> None:
    desk.records.answered(answered("8001"), is_first=True)
    record = await desk.records.file("a-1", DRAFT, revision=1, by="wang")
    assert record.filed_by == "wang"
    better = msgspec.structs.replace(DRAFT, reply="更正")
    await desk.records.file("a-1", better, revision=2, by="zhao", reason="有误")
    await desk.records.drain()
    kept = await stored.filings(desk.store, "a-1")
    assert [(one.by, one.reason, one.record.reply) for one in kept] == [
        ("wang", "", "仲裁"),
        ("zhao", "有误", "更正"),
    ]


async def test_without_the_database_lawyers_write_on_and_nothing_is_lost(desk: Desk) -> None:
    await stored.find(desk.store, "none")
    desk.take_database()
    desk.records.answered(answered("8001"), is_first=True)
    await desk.records.save("a-1", DRAFT, revision=1, by="wang")
    record = await desk.records.file("a-1", DRAFT, revision=2, by="wang")
    with pytest.raises(DatabaseAway):
        await desk.records.drain()
    with pytest.raises(DatabaseAway):
        await desk.records.find("of-last-week")
    assert await desk.records.find("a-1") == record
    await desk.give_database()
    await desk.records.drain()
    assert await stored.find(desk.store, "a-1") == record
    assert len(await stored.filings(desk.store, "a-1")) == 1
    assert desk.spooled() == 0


async def test_what_was_answered_to_be_saved_survives_a_kill(desk: Desk) -> None:
    desk.records.answered(answered("8001"), is_first=True)
    record = await desk.records.save("a-1", DRAFT, revision=1, by="wang")
    desk.kill()
    assert await stored.find(desk.store, "a-1") is None
    desk.start()
    await desk.records.drain()
    assert await desk.records.find("a-1") == record
    assert await stored.find(desk.store, "a-1") == record


async def test_call_taken_up_by_the_next_controller_goes_on_with_its_record(desk: Desk) -> None:
    desk.records.answered(answered("8001"), is_first=True)
    await desk.records.save("a-1", DRAFT, revision=1, by="wang")
    await desk.records.drain()
    desk.kill()
    desk.start()
    desk.records.answered(answered("8001", "8901"), is_first=False)
    await desk.records.drain()
    record = await desk.records.find("a-1")
    assert (record.question, record.seats, record.revision) == ("欠薪", ("8001", "8901"), 3)


async def test_taken_up_call_whose_record_was_never_begun_gets_one(desk: Desk) -> None:
    desk.records.answered(answered("8001"), is_first=False)
    await desk.records.drain()
    await desk.records.drain()
    assert await stored.find(desk.store, "a-1") == await desk.records.find("a-1")


async def test_identity_is_noted_once_and_urgency_never_raises(desk: Desk) -> None:
    desk.records.answered(answered("8001"), is_first=True)
    once = await desk.records.confirm_identity("a-1", by="wang")
    assert once.identity_confirmed
    assert await desk.records.confirm_identity("a-1", by="wang") == once
    await desk.records.mark_urgent("a-1", by="wang")
    await desk.records.mark_urgent("unknown", by="wang")
    record = await desk.records.find("a-1")
    assert (record.urgent, record.revision) == (True, 3)


async def test_unreadable_line_costs_only_itself(desk: Desk) -> None:
    desk.records.answered(answered("8001"), is_first=True)
    desk.records._shelf._spool.append(b'{"record": {"call_id": ')
    desk.records.answered(answered("8002", call_id="a-2"), is_first=True)
    await desk.records.drain()
    assert await stored.find(desk.store, "a-1") is not None
    assert await stored.find(desk.store, "a-2") is not None
