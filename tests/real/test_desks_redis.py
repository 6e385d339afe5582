"""Desks and calls of one controller as the others hear of them, over a real Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from seats.board import Board
from seats.desks_redis import RedisDesks
from seats.shared_line import SharedLine
from seats.shared_line_redis import RedisLine
from tests.real.redis_server import RedisServer, running, until


@pytest.fixture(name="server")
async def _server(tmp_path: Path) -> AsyncIterator[RedisServer]:
    server = RedisServer(tmp_path)
    await server.start()
    yield server
    server.kill()


def desk(key: str) -> str:
    return f'{{"key":"{key}"}}'


class Listener:
    """Another controller, and what it heard."""

    def __init__(self, server: RedisServer) -> None:
        self.heard: list[tuple[str, str]] = []
        self._store = RedisLine(server.url, namespace="x", controller="b", run_id="run-b")
        self.line = SharedLine(self._store, controller="b", controllers="ab", run_id="run-b")
        self.line.on_told = lambda kind, text: self.heard.append((kind, text))
        self._task = asyncio.create_task(self.line.run())

    async def aclose(self) -> None:
        """Hear no more."""
        self._task.cancel()
        await asyncio.wait([self._task])
        await self._store.close()


async def test_of_two_desks_at_one_seat_the_first_is_kept_and_told(server: RedisServer) -> None:
    a, b = (RedisDesks(server.url, namespace="x", run_id=run) for run in ("run-a", "run-b"))
    async with aclosing(Listener(server)) as listener:
        await until(lambda: listener.line.is_up)
        assert await a.keep("8001", desk("k1"), over="") is None
        assert await b.keep("8001", desk("k2"), over="") == desk("k1")
        assert await b.all() == {"8001": desk("k1")}
        assert await a.keep("8001", desk("k3"), over="k1") is None
        await a.drop("8001", key="k1")  # of a page that has lost it
        assert await b.all() == {"8001": desk("k3")}
        await a.drop("8001", key="k3")
        await a.say("beside", "7001 ")
        await until(lambda: len(listener.heard) == 4)
        kinds = [("desk", f"8001 {desk(key)}") for key in ("k1", "k3")]
        assert listener.heard == [*kinds, ("desk", "8001 "), ("beside", "7001 ")]
        assert await b.all() == {}
    await a.close()
    await b.close()


async def test_calls_are_told_as_they_are_saved_and_as_they_end(server: RedisServer) -> None:
    a = Board(server.url, namespace="x", controller="a", tells=True)
    b = Board(server.url, namespace="x", controller="b", tells=True)
    async with running(a), running(b), aclosing(Listener(server)) as listener:
        await until(lambda: listener.line.is_up)
        a.save_call("c-1", b'{"stage": "a b"}')
        await until(lambda: listener.heard == [("call", 'a c-1 {"stage": "a b"}')])
        assert await b.calls_of_others() == {"c-1": ("a", b'{"stage": "a b"}')}
        assert await a.calls_of_others() == {}
        a.drop_call("c-1")
        await until(lambda: listener.heard[1:] == [("gone", "c-1")])
        assert await b.calls_of_others() == {}
        server.kill()
        await until(lambda: not b.is_up)
        assert await b.calls_of_others() is None
