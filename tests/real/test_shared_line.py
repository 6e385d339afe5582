"""The shared line on a real redis-server: the same contract, and what can happen to Redis."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from seats.board import Board
from seats.moves import move
from seats.redis_link import StoreAway
from seats.seat import Change
from seats.shared_line import LineStore, SharedLine
from seats.shared_line_redis import RedisLine
from tests.real.redis_server import RedisServer
from tests.real.redis_server import running as board_running
from tests.seats.board_contract import START, ready_seat
from tests.seats.line_contract import NAMES, LineContract, caller, running, until


@pytest.fixture(name="server")
async def _server(tmp_path: Path) -> AsyncIterator[RedisServer]:
    server = RedisServer(tmp_path)
    await server.start()
    yield server
    server.kill()


@pytest.fixture(name="stores")
async def _stores(server: RedisServer) -> AsyncIterator[Callable[[str, str], LineStore]]:
    made: list[RedisLine] = []

    def make(controller: str, run: str) -> LineStore:
        made.append(RedisLine(server.url, namespace="x", controller=controller, run_id=run))
        return made[-1]

    yield make
    for store in made:
        with contextlib.suppress(StoreAway):
            await store.close()


class TestSharedLineOnRedis(LineContract):
    """The contract with the fixture above."""


def line(
    stores: Callable[[str, str], LineStore], controller: str, run: str | None = None
) -> SharedLine:
    run = run or f"run-{controller}"
    kept = stores(controller, run)
    return SharedLine(kept, controller=controller, controllers=NAMES, run_id=run)


async def test_redis_killed_and_restarted_empty_gets_the_line_again(
    server: RedisServer, stores: Callable[[str, str], LineStore]
) -> None:
    async with running(line(stores, "a")) as a, running(line(stores, "b")) as b:
        for n in range(50):
            a.line.join(caller(f"c-{n}"))
        await until(lambda: len(b.others) == 50)
        server.kill()
        await until(lambda: not (a.line.is_up or b.line.is_up))
        assert not b.others
        a.line.leave("c-0")
        await server.start()
        await until(lambda: len(b.others) == 49)


async def test_redis_that_hangs_is_away_and_comes_back(
    server: RedisServer, stores: Callable[[str, str], LineStore]
) -> None:
    import signal

    async with running(line(stores, "a")) as a, running(line(stores, "b")) as b:
        a.line.join(caller("c-1"))
        await until(lambda: "c-1" in b.others)
        server.send(signal.SIGSTOP)
        await until(lambda: not (a.line.is_up or b.line.is_up))
        a.line.join(caller("c-2"))
        server.send(signal.SIGCONT)
        await until(lambda: a.line.is_up and b.line.is_up)
        await until(lambda: len(b.others) == 2)
        assert set(b.others) == {"c-1", "c-2"}


async def test_seats_and_claims_of_one_board_reach_the_other(
    server: RedisServer, stores: Callable[[str, str], LineStore]
) -> None:
    a = Board(server.url, namespace="x", controller="a", tells=True)
    b = Board(server.url, namespace="x", controller="b", tells=True)
    async with board_running(a), board_running(b):
        seen: list[str] = []
        lost: list[str] = []
        b.on_seat = lambda status: seen.append(f"{status.number} {status.state}")
        a.on_lost = lost.append
        heard_a, heard_b = (line(stores, "a", a.run_id), line(stores, "b", b.run_id))
        heard_a.on_told, heard_b.on_told = a.hear, b.hear
        tasks = [asyncio.create_task(one.run()) for one in (heard_a, heard_b)]
        try:
            await until(lambda: heard_a.is_up and heard_b.is_up)
            seat = ready_seat("8001")
            a.save_seat(seat)
            a.save_call("c-1", b"1")
            await until(lambda: seen == ["8001 ready"])
            assert await b.reserve("8001", "c-1", seat.version, 20)
            await until(lambda: a.seats["8001"].call_id == "c-1")
            a.save_seat(move(a.seats["8001"], Change.RANG, START, call_id="c-1", lease_s=9))
            await until(lambda: seen[-1] == "8001 ringing")
            await a.flush()
            assert await b.claim("c-1") == b"1"
            await until(lambda: lost == ["c-1"])
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
