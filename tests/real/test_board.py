"""The board on a real redis-server: the same contract, and everything that can happen to Redis."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from seats.board import Board
from seats.moves import move
from seats.seat import Change, SeatState, first_status
from tests.real.redis_server import RedisServer, running, until
from tests.seats.board_contract import START, BoardContract, Clock, ready_seat


@pytest.fixture(name="server")
async def _server(tmp_path: Path) -> AsyncIterator[RedisServer]:
    server = RedisServer(tmp_path)
    await server.start()
    yield server
    server.kill()


@pytest.fixture(name="clock")
def _clock() -> Clock:
    return Clock()


class TestBoardOnRedis(BoardContract):
    @pytest.fixture
    async def board(self, clock: Clock, server: RedisServer) -> AsyncIterator[Board]:
        async with running(Board(server.url, clock=clock)) as board:
            assert board.is_up
            yield board
            assert board.is_up
            assert (board.counters.outages, board.counters.decided_alone) == (0, 0)


async def test_the_next_controller_finds_calls_and_seats(server: RedisServer) -> None:
    async with running(Board(server.url)) as first:
        for n in range(1234):  # more than one round trip holds
            first.save_call(f"c-{n}", b'{"n": %d}' % n)
        first.drop_call("c-7")
        first.save_seat(ready_seat("8001"))
    async with running(Board(server.url)) as second:
        assert await second.load_call("c-1233") == b'{"n": 1233}'
        calls = await second.load_calls()
        assert len(calls) == 1233 and "c-7" not in calls
        assert await second.load_seats() == {"8001": ready_seat("8001")}
        assert second.seats["8001"] == ready_seat("8001")


async def test_what_was_saved_before_a_kill_of_the_controller_is_there(
    server: RedisServer,
) -> None:
    async with running(Board(server.url)) as killed:
        killed.save_call("c-1", b"menu")
        await until(lambda: not killed.pending)
        await killed.flush()
        # nothing is closed or flushed on its behalf: the next one reads what is there now
        after = Board(server.url)
        assert await after.load_call("c-1") == b"menu"
        await after.close()


async def test_many_saves_of_one_call_are_few_round_trips(server: RedisServer) -> None:
    async with running(Board(server.url)) as board:
        for n in range(10_000):
            board.save_call("c-1", b"%d" % n)
        await until(lambda: not board.pending)
        await board.flush()
        assert board.counters.round_trips < 20
        async with server.client() as client:
            assert await client.hget("{hotline}:main:calls", "c-1") == b"9999"


async def test_redis_killed_and_restarted_empty_gets_everything_again(
    server: RedisServer,
) -> None:
    async with running(Board(server.url)) as board:
        for n in range(700):
            board.save_call(f"c-{n}", b"before")
        seat, other = ready_seat("8001"), ready_seat("8002")
        board.save_seat(seat)
        board.save_seat(other)
        await until(lambda: not board.pending)
        server.kill()
        board.save_call("c-1", b"during")
        board.drop_call("c-2")
        assert await board.reserve("8001", "c-1", seat.version, 15)
        assert not await board.reserve("8001", "c-3", seat.version, 15)
        assert not await board.reserve("8002", "c-1", other.version, 15)
        assert (board.is_up, board.counters.decided_alone) == (False, 1)
        assert await board.load_call("c-1") == b"during"
        assert len(await board.load_calls()) == 699
        await server.start()
        await until(lambda: board.is_up)
        assert (board.counters.outages, board.counters.resyncs) == (1, 2)
        assert await board.reserve("8002", "c-3", other.version, 15)
        after = Board(server.url)
        calls = await after.load_calls()
        assert len(calls) == 699 and calls["c-1"] == b"during"
        seats = await after.load_seats()
        assert {s.number: (s.state, s.call_id) for s in seats.values()} == {
            "8001": (SeatState.RESERVED, "c-1"),
            "8002": (SeatState.RESERVED, "c-3"),
        }
        await after.close()


async def test_redis_restarted_with_its_old_data_forgets_what_ended_meanwhile(
    tmp_path: Path,
) -> None:
    server = RedisServer(tmp_path, "--appendonly", "yes", "--appendfsync", "always")
    await server.start()
    try:
        async with running(Board(server.url)) as board:
            board.save_call("ended", b"1")
            board.save_call("lives", b"1")
            board.save_seat(ready_seat("8001"))
            await until(lambda: not board.pending)
            await board.flush()
            server.kill()
            board.drop_call("ended")
            board.save_call("lives", b"2")
            paused = move(board.seats["8001"], Change.NOT_READY, START)
            board.save_seat(paused)
            await server.start()
            await until(lambda: board.is_up and not board.pending)
            after = Board(server.url)
            assert await after.load_calls() == {"lives": b"2"}
            assert await after.load_seats() == {"8001": paused}
            await after.close()
    finally:
        server.kill()


async def test_redis_that_comes_after_the_controller_is_taken_into_use(tmp_path: Path) -> None:
    server = RedisServer(tmp_path)
    async with running(Board(server.url)) as board:
        assert not board.is_up
        board.save_call("c-1", b"1")
        board.save_seat(ready_seat("8001"))
        assert await board.reserve("8001", "c-1", board.seats["8001"].version, 15)
        await server.start()
        await until(lambda: board.is_up)
        after = Board(server.url)
        assert await after.load_calls() == {"c-1": b"1"}
        assert (await after.load_seats())["8001"].call_id == "c-1"
        await after.close()
    server.kill()


async def test_a_run_that_started_without_redis_outranks_what_the_last_run_left(
    tmp_path: Path,
) -> None:
    server = RedisServer(tmp_path)
    await server.start()
    last = Board(server.url)
    last.save_seat(move(ready_seat("8001"), Change.SEEN_TALKING, START, call_id="long ago"))
    await last.close()
    server.send(signal.SIGSTOP)
    async with running(Board(server.url)) as board:
        assert not board.is_up
        clock = Clock()
        seat = ready_seat("8001", clock.now)
        board.save_seat(seat)
        server.send(signal.SIGCONT)
        await until(lambda: board.is_up)
        assert await board.reserve("8001", "c-1", seat.version, 15)
    server.kill()


async def test_a_hanging_redis_stops_nobody(server: RedisServer) -> None:
    async with running(Board(server.url)) as board:
        seat = ready_seat("8001")
        board.save_seat(seat)
        await until(lambda: not board.pending)
        server.send(signal.SIGSTOP)
        assert await board.reserve("8001", "c-1", seat.version, 15)
        assert not board.is_up
        assert await board.load_call("c-9") is None
        board.save_call("c-1", b"1")
        server.send(signal.SIGCONT)
        await until(lambda: board.is_up and not board.pending)
        after = Board(server.url)
        assert (await after.load_seats())["8001"].call_id == "c-1"
        assert await after.load_calls() == {"c-1": b"1"}
        await after.close()


async def test_redis_flushed_behind_our_back_is_noticed_by_an_idle_board(
    server: RedisServer,
) -> None:
    async with running(Board(server.url)) as board, server.client() as client:
        board.save_call("c-1", b"1")
        await until(lambda: not board.pending)
        await board.flush()
        await client.flushall()
        await client.script_flush()
        await until(lambda: board.counters.resyncs == 2)
        assert await client.hgetall("{hotline}:main:calls") == {b"c-1": b"1"}
        seat = ready_seat("8001")
        board.save_seat(seat)
        await client.script_flush()
        assert await board.reserve("8001", "c-1", seat.version, 15)


async def test_a_redis_that_refuses_writes_counts_as_away_until_it_takes_them(
    server: RedisServer,
) -> None:
    async with running(Board(server.url)) as board, server.client() as client:
        await client.config_set("maxmemory", "1")
        board.save_call("c-1", b"1")
        await until(lambda: not board.is_up)
        seat = ready_seat("8001")
        board.save_seat(seat)
        assert await board.reserve("8001", "c-1", seat.version, 15)
        await client.config_set("maxmemory", "0")
        await until(lambda: board.is_up)
        assert await client.hget("{hotline}:main:calls", "c-1") == b"1"


async def test_damaged_records_are_passed_over_and_mended(server: RedisServer) -> None:
    async with server.client() as client:
        await client.hset("{hotline}:main:seats", mapping={"8001": "rubbish", "8002": "[1]"})
        await client.hset("{hotline}:main:seats", "8003", json.dumps({"version": "x"}))
        await client.hset("{hotline}:main:calls", b"\xff\xfe", b"odd")
    async with running(Board(server.url)) as board:
        assert await board.load_seats() == {}
        assert list((await board.load_calls()).values()) == [b"odd"]
        for number in ("8001", "8002", "8003"):
            board.save_seat(ready_seat(number))
            version = board.seats[number].version
            assert await board.reserve(number, f"c-{number}", version, 15)
        await board.flush()
        after = Board(server.url)
        assert {s.state for s in (await after.load_seats()).values()} == {SeatState.RESERVED}
        await after.close()


async def test_keys_of_a_foreign_kind_are_an_outage_and_not_a_crash(server: RedisServer) -> None:
    async with server.client() as client:
        await client.set("{hotline}:main:calls", "a string")
        async with running(Board(server.url)) as board:
            board.save_call("c-1", b"1")
            await until(lambda: not board.is_up)
            assert await board.load_calls() == {"c-1": b"1"}
            await client.delete("{hotline}:main:calls")
            await until(lambda: board.is_up)


async def test_two_hotlines_share_one_redis_without_meeting(server: RedisServer) -> None:
    async with (
        running(Board(server.url, namespace="home-a")) as a,
        running(Board(server.url, namespace="home-b")) as b,
    ):
        a.save_call("c-1", b"a")
        seat = ready_seat("8001")
        for board in (a, b):
            board.save_seat(seat)
            await board.flush()
        assert await b.load_call("c-1") is None
        assert await a.reserve("8001", "c-1", seat.version, 15)
        assert await b.reserve("8001", "c-1", seat.version, 15)


async def test_a_reservation_that_overtakes_the_flusher_stands(server: RedisServer) -> None:
    async with running(Board(server.url)) as board:
        for n in range(500):
            ready = board.seats.get("8001") or ready_seat("8001")
            board.save_seat(ready)
            writing = asyncio.ensure_future(board.flush())
            for _ in range(n % 10):
                await asyncio.sleep(0)
            assert await board.reserve("8001", f"c-{n}", ready.version, 15)
            await writing
            assert board.seats["8001"].call_id == f"c-{n}"
            board.save_seat(move(board.seats["8001"], Change.RELEASED, START))
        assert board.counters.refused == 0


async def test_a_write_cancelled_at_whatever_step_is_cancelled(server: RedisServer) -> None:
    cancelled = 0
    for steps in range(300):
        board = Board(server.url)
        await board.start()
        board.save_call("c-1", b"1")
        writing = asyncio.ensure_future(board.flush())
        for _ in range(steps % 50):
            await asyncio.sleep(0)
        if writing.cancel():
            await asyncio.wait([writing], timeout=10)
            assert writing.cancelled()
            cancelled += 1
        await board.close()
    assert cancelled > 20


@pytest.fixture(name="stopped")
def _stopped(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path)
    yield server
    server.kill()


async def test_redis_killed_again_and_again_loses_nothing(stopped: RedisServer) -> None:
    board = Board(stopped.url)
    saved: dict[str, bytes] = {}
    async with running(board):
        for n in range(200):
            if n % 40 == 5:
                stopped.launch()
            if n % 40 == 30:
                stopped.kill()
            call_id = f"c-{n % 50}"
            if n % 7 == 3:
                saved.pop(call_id, None)
                board.drop_call(call_id)
            else:
                saved[call_id] = b"%d" % n
                board.save_call(call_id, saved[call_id])
            seat = board.seats.get("8001") or first_status("8001", START)
            board.save_seat(move(seat, Change.REGISTERED if n % 2 else Change.UNREGISTERED, START))
            await asyncio.sleep(0.002)
        stopped.kill()
        await stopped.start()
        await until(lambda: board.is_up and not board.pending)
        after = Board(stopped.url)
        assert await after.load_calls() == saved
        assert await after.load_seats() == dict(board.seats)
        await after.close()
