"""The board without Redis: by choice, and because Redis is away from the start."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from seats.board import Board
from seats.board_memory import BoardMemory
from seats.moves import move
from seats.seat import Change, SeatStatus, first_status
from seats.status_json import from_json, to_json
from tests.seats.board_contract import START, BoardContract, Clock, ready_seat


@pytest.fixture(name="clock")
def _clock() -> Clock:
    return Clock()


class TestBoardInMemory(BoardContract):
    @pytest.fixture
    async def board(self, clock: Clock) -> AsyncIterator[Board]:
        board = Board(None, clock=clock)
        await board.start()
        yield board
        assert not board.is_up
        assert board.counters.outages == board.counters.decided_alone == 0
        await board.close()

    async def test_running_without_redis_ends_at_once(self, board: Board) -> None:
        await asyncio.wait_for(board.run(), timeout=5)
        assert not await board.flush()


class TestBoardWithRedisAway(BoardContract):
    @pytest.fixture
    async def board(self, clock: Clock, tmp_path: Path) -> AsyncIterator[Board]:
        board = Board(f"unix://{tmp_path}/nobody.sock", clock=clock)
        await board.start()
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(board.run())
            yield board
            assert not board.is_up
            assert board.counters.outages == 1
            assert board.counters.decided_alone == board.counters.reserved
            running.cancel()
        await board.close()

    async def test_calls_ended_meanwhile_are_remembered_up_to_a_bound(self, board: Board) -> None:
        for n in range(10):
            board.save_call(f"c-{n}", b"1")
            board.drop_call(f"c-{n}")
        assert board.pending == 10


async def test_loading_before_the_start_finds_out_that_redis_is_away(tmp_path: Path) -> None:
    for load in (Board.load_calls, Board.load_seats, lambda b: b.load_call("c")):
        board = Board(f"unix://{tmp_path}/nobody.sock")
        assert not await load(board)
        assert (board.is_up, board.counters.outages) == (False, 1)
        await board.close()


def test_memory_bounds_the_calls_it_remembers_as_dropped() -> None:
    memory = BoardMemory(most_dropped=3)
    for n in range(5):
        memory.drop_call(f"c-{n}")
    assert memory.pending == 3
    assert memory.dropped_forgotten == 2
    assert memory.next_batch(100).dropped == ("c-2", "c-3", "c-4")


def test_what_changes_while_a_batch_is_written_stays_unwritten() -> None:
    memory = BoardMemory(most_dropped=10)
    for call_id in ("same", "changed", "ended"):
        memory.save_call(call_id, b"1")
    memory.drop_call("gone")
    memory.drop_call("reborn")
    memory.save_seat(ready_seat("8001"))
    memory.save_seat(ready_seat("8002"))
    batch = memory.next_batch(100)
    assert len(batch) == memory.pending == 7
    memory.save_call("changed", b"2")
    memory.drop_call("ended")
    memory.save_call("reborn", b"1")
    paused = move(ready_seat("8002"), Change.NOT_READY, START)
    memory.save_seat(paused)
    memory.was_written(batch)
    again = memory.next_batch(100)
    assert again.calls == {"changed": b"2", "reborn": b"1"}
    assert again.dropped == ("ended",)
    assert again.seats == (paused,)
    memory.was_written(again)
    assert memory.pending == 0


def test_a_batch_that_was_not_written_comes_again() -> None:
    memory = BoardMemory(most_dropped=10)
    memory.save_call("c-1", b"1")
    assert memory.next_batch(100) == memory.next_batch(100)


def test_a_batch_is_no_larger_than_asked_and_seats_come_first() -> None:
    memory = BoardMemory(most_dropped=10)
    for n in range(5):
        memory.save_call(f"c-{n}", b"1")
    memory.drop_call("gone")
    memory.save_seat(ready_seat("8001"))
    first = memory.next_batch(3)
    assert (len(first.seats), len(first.dropped), len(first.calls)) == (1, 1, 1)
    memory.was_written(first)
    sizes = []
    while batch := memory.next_batch(2):
        sizes.append(len(batch))
        memory.was_written(batch)
    assert sizes == [2, 2]


def test_a_busy_call_does_not_keep_others_back() -> None:
    memory = BoardMemory(most_dropped=10)
    memory.save_call("busy", b"1")
    memory.save_call("quiet", b"1")
    memory.save_call("busy", b"2")
    assert list(memory.next_batch(1).calls) == ["quiet"]


def statuses() -> list[SeatStatus]:
    fresh = first_status("8001", START)
    ready = ready_seat("8001")
    reserved = move(ready, Change.RESERVE, START, call_id="节点-1.2", lease_s=0.25)
    return [
        fresh,
        move(fresh, Change.REGISTERED, START),
        ready,
        move(ready, Change.NOT_READY, START, reason="午休 \"'\n"),
        reserved,
        move(reserved, Change.ANSWERED, START),
    ]


@pytest.mark.parametrize("status", statuses(), ids=lambda s: s.state.value)
def test_a_status_survives_its_json(status: SeatStatus) -> None:
    assert from_json(to_json(status, by="run")) == status
    assert from_json(to_json(status, by="run").encode()) == status


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff",
        b"null",
        b"[]",
        b"{}",
        b"7",
        b'"ready"',
        b"[" * 100_000,
        to_json(ready_seat("8001"), by="r").replace("ready", "asleep").encode(),
        to_json(ready_seat("8001"), by="r").replace("+00:00", "").encode(),
        to_json(ready_seat("8001"), by="r").replace('"version": ', '"version": "x').encode(),
    ],
)
def test_what_is_no_status_is_none(text: bytes) -> None:
    assert from_json(text) is None
