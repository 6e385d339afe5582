"""One record written at two controllers: the second is told, and nothing typed is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from callcenter.records.desk import RecordRefused, Records
from callcenter.records.taxonomy import built_in
from reports import records as stored
from reports.store import DatabaseAway, Store
from tests.callcenter.records.test_record_desk import DRAFT, Desk, answered
from tests.new_database import upgraded


class Node(Desk):
    """A controller of several on one database."""

    def start(self) -> Records:
        self.records = Records(
            self.store,
            self.folder / "records",
            clock=lambda: self.now,
            taxonomy=built_in,
            is_shared=True,
        )
        return self.records

    def __init__(self, folder: Path, file: Path) -> None:
        folder.mkdir()
        super().__init__(folder)
        self.file = file
        self.store = Store(f"sqlite+aiosqlite:///{file}")
        self.start()


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[tuple[Node, Node]]:
    both = Node(tmp_path / "a", tmp_path / "r.db"), Node(tmp_path / "b", tmp_path / "r.db")
    await upgraded(both[0].store)
    both[0].records.answered(answered("8001"), is_first=True)
    await both[0].records.drain()
    yield both
    for node in both:
        node.records._shelf._spool.close()
        await node.store.close()


def written(**given: Any) -> Any:
    return msgspec.structs.replace(DRAFT, **given)


async def test_of_two_pages_that_save_in_the_same_moment_one_is_told(
    nodes: tuple[Node, Node],
) -> None:
    outcomes = await asyncio.gather(
        *(
            node.records.save("a-1", written(reply=by), revision=1, by=by)
            for node, by in zip(nodes, ("wang", "li"), strict=True)
        ),
        return_exceptions=True,
    )
    (told,) = (one for one in outcomes if isinstance(one, Exception))
    assert isinstance(told, RecordRefused) and told.error == "record_changed"
    (kept,) = (one for one in outcomes if not isinstance(one, BaseException))
    for node in nodes:  # whoever reads it again reads what was kept, and writes on
        assert await node.records.find("a-1") == kept
    again = await nodes[0].records.save("a-1", written(reply="合并"), revision=2, by="wang")
    assert await nodes[1].records.find("a-1") == again


async def test_what_was_begun_a_moment_ago_is_in_the_database_when_it_is_saved(
    nodes: tuple[Node, Node],
) -> None:
    a, b = nodes
    a.records.answered(answered("8001", call_id="a-2"), is_first=True)
    saved = await a.records.save("a-2", DRAFT, revision=1, by="wang")
    assert await stored.find(b.store, "a-2") == saved


async def test_of_two_that_file_one_is_told_and_one_filing_is_kept(
    nodes: tuple[Node, Node],
) -> None:
    a, b = nodes
    filed = await a.records.file("a-1", DRAFT, revision=1, by="wang")
    with pytest.raises(RecordRefused) as told:
        await b.records.file("a-1", written(reply="另一份"), revision=1, by="li")
    assert told.value.error == "record_changed"
    assert [one.record for one in await b.records.filings("a-1")] == [filed]


async def test_who_asked_who_calls_is_heard_beside_whoever_writes(
    nodes: tuple[Node, Node],
) -> None:
    a, b = nodes
    await a.records.find("a-1")
    await b.records.save("a-1", DRAFT, revision=1, by="li")
    confirmed = await a.records.confirm_identity("a-1", by="wang")
    assert (confirmed.identity_confirmed, confirmed.reply) == (True, DRAFT.reply)


async def test_a_seat_that_comes_in_meanwhile_is_added_to_what_was_written(
    nodes: tuple[Node, Node],
) -> None:
    a, b = nodes
    a.records.answered(answered("8001", "8002"), is_first=False)  # in memory, not stored yet
    a.records._shelf.keep(
        msgspec.structs.replace(await a.records.find("a-1"), revision=2, seats=("8001", "8002"))
    )
    await b.records.save("a-1", DRAFT, revision=1, by="li")
    for _ in range(2):
        await a.records.drain()
    record = await b.records.find("a-1")
    assert (record.seats, record.reply) == (("8001", "8002"), DRAFT.reply)


async def test_what_was_typed_at_both_without_the_database_stands_one_after_the_other(
    nodes: tuple[Node, Node],
) -> None:
    a, b = nodes
    for node in nodes:
        await node.records.find("a-1")
    a.take_database()
    await a.records.save("a-1", written(reply="去仲裁", name="张某"), revision=1, by="wang")
    b.now = a.now.replace(microsecond=1)
    await b.records.save("a-1", written(reply="先调解", name=""), revision=1, by="li")
    await a.give_database()
    for node in (a, b, b):
        await _drain(node)
    record = await b.records.find("a-1")
    assert (record.reply, record.name) == ("去仲裁\n先调解", "张某")
    for node in (a, b):
        await _drain(node)
    assert await a.records.find("a-1") == record  # once


async def _drain(node: Node) -> None:
    for _ in range(3):
        try:
            return await node.records.drain()
        except DatabaseAway:
            continue
