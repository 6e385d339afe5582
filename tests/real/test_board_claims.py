"""Whose call it is: two controllers on one real Redis, each with its own name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from seats.board import Board
from seats.moves import move
from seats.seat import Change
from tests.real.redis_server import RedisServer, running, until
from tests.seats.board_contract import START, ready_seat


@pytest.fixture(name="server")
async def _server(tmp_path: Path) -> AsyncIterator[RedisServer]:
    server = RedisServer(tmp_path)
    await server.start()
    yield server
    server.kill()


def board(server: RedisServer, controller: str) -> Board:
    return Board(server.url, controller=controller, tells=True)


async def test_a_controller_that_starts_again_finds_its_own_calls_alone(
    server: RedisServer,
) -> None:
    async with running(board(server, "a")) as a, running(board(server, "b")) as b:
        a.save_call("c-a", b"a")
        b.save_call("c-b", b"b")
        await a.flush()
        await b.flush()
        again = board(server, "a")
        assert await again.load_calls() == {"c-a": b"a"}
        assert await again.call_ids() == {"c-a", "c-b"}
        await again.close()


async def test_a_claimed_call_is_the_claimers_and_its_old_controller_lets_go(
    server: RedisServer,
) -> None:
    async with running(board(server, "a")) as a, running(board(server, "b")) as b:
        lost: list[str] = []
        a.on_lost = lost.append
        a.save_call("c-1", b"menu")
        await a.flush()
        assert await b.claim("c-1") == b"menu"
        a.save_call("c-1", b"stale")
        await a.flush()
        assert lost == ["c-1"]
        b.save_call("c-1", b"line")
        await b.flush()
        a.drop_call("c-1")
        await a.flush()
        after = board(server, "b")
        assert await after.load_calls() == {"c-1": b"line"}
        await after.close()
        assert await b.claim("c-1") == b"line"  # of his own nothing changes
        assert await b.claim("nobody knows it") is None


async def test_a_claim_that_is_told_ends_it_here_and_ones_own_does_not(
    server: RedisServer,
) -> None:
    async with running(board(server, "a")) as a:
        lost: list[str] = []
        a.on_lost = lost.append
        for n in range(3):
            a.save_call(f"c-{n}", b"x")
        a.hear("claim", "a c-0")
        a.hear("claim", "b c-1")
        a.hear("claim", "b c-1")
        a.hear("claim", "b never-seen")
        assert lost == ["c-1"]
        assert set(await a.load_calls()) == {"c-0", "c-2"}


async def test_all_calls_of_a_dead_controller_are_taken_over_once(server: RedisServer) -> None:
    async with (
        running(board(server, "a")) as a,
        running(board(server, "b")) as b,
        running(board(server, "c")) as c,
    ):
        for n in range(20):
            a.save_call(f"c-{n}", b"%d" % n)
        c.save_call("other", b"c")
        for one in (a, c):
            await one.flush()
        taken = [await b.claim_all("a"), await c.claim_all("a")]
        assert taken == [{f"c-{n}": b"%d" % n for n in range(20)}, {}]
        await b.flush()
        again = board(server, "a")
        assert await again.load_calls() == {}
        await again.close()


async def test_who_missed_what_was_told_catches_up(server: RedisServer) -> None:
    async with running(board(server, "a")) as a, running(board(server, "b")) as b:
        lost: list[str] = []
        told: list[str] = []
        a.on_lost, a.on_seat = lost.append, lambda status: told.append(status.number)
        seat = ready_seat("8001")
        a.save_seat(seat)
        a.save_call("c-1", b"1")
        a.save_call("c-2", b"2")
        await a.flush()
        await b.load_seats()
        b.save_seat(move(seat, Change.NOT_READY, START))
        assert await b.claim("c-2")
        await b.flush()
        await a.catch_up()
        assert (lost, told) == (["c-2"], ["8001"])
        assert a.seats == b.seats
        await a.catch_up()
        assert (lost, told) == (["c-2"], ["8001"])


async def test_a_call_is_ours_without_redis_and_again_when_it_comes_back_empty(
    server: RedisServer,
) -> None:
    async with running(board(server, "a")) as a, running(board(server, "b")) as b:
        a.save_call("c-1", b"1")
        await a.flush()
        server.kill()
        await until(lambda: not (a.is_up or b.is_up))
        assert await a.claim("c-1") == b"1"
        assert await b.claim("c-1") is None
        assert await b.claim_all("a") == {}
        assert await b.call_ids() == set()
        await server.start()
        await until(lambda: a.is_up and b.is_up)
        assert await b.claim_all("a") == {"c-1": b"1"}


async def test_two_controllers_never_reserve_one_seat_or_one_call_twice(
    server: RedisServer,
) -> None:
    async with running(Board(server.url)) as a, running(Board(server.url)) as b:
        numbers = [f"8{n:03}" for n in range(40)]
        for number in numbers:
            a.save_seat(ready_seat(number))
        await a.flush()
        await b.load_seats()
        version = ready_seat("8000").version
        wishes = [
            (number, f"c-{(n + shift) % 50}")
            for n, number in enumerate(numbers)
            for shift in (0, 1)
        ]
        # from both ends, so that they meet in the middle
        asked = [(a, *wish) for wish in wishes] + [(b, *wish) for wish in reversed(wishes)]
        granted = await asyncio.gather(
            *(board.reserve(number, call, version, 15) for board, number, call in asked)
        )
        won = [(number, call) for (_, number, call), yes in zip(asked, granted, strict=True) if yes]
        assert len(won) == len({number for number, _ in won}) == len({call for _, call in won})
        assert len(won) >= 30
        assert a.counters.reserved and b.counters.reserved
        # the loser has learnt who holds what: its next look finds no seat wrongly ready
        await a.load_seats()
        await b.load_seats()
        assert a.seats == b.seats


async def test_of_two_controllers_moves_of_one_seat_the_first_stands(server: RedisServer) -> None:
    async with running(Board(server.url)) as a, running(Board(server.url)) as b:
        seat = ready_seat("8001")
        a.save_seat(seat)
        await a.flush()
        await b.load_seats()
        assert await b.reserve("8001", "c-1", seat.version, 15)
        a.save_seat(move(seat, Change.NOT_READY, START))
        await a.flush()
        assert a.seats["8001"].call_id == "c-1"
        assert a.counters.adopted == 1


async def test_a_refused_controller_learns_who_holds_the_call(server: RedisServer) -> None:
    async with running(Board(server.url)) as a, running(Board(server.url)) as b:
        first, second = ready_seat("8001"), ready_seat("8002")
        a.save_seat(first)
        a.save_seat(second)
        await a.flush()
        await b.load_seats()
        assert await a.reserve("8001", "c-1", first.version, 60)
        assert not await b.reserve("8002", "c-1", second.version, 60)
        assert b.seats["8001"] == a.seats["8001"]
