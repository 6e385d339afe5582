"""A redis-server of the tests' own, and boards that run on it."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError

from seats.board import Board


class RedisServer:
    """A private redis-server on a Unix socket, killed and started as the test likes."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.socket = folder / "redis.sock"
        self.url = f"unix://{self.socket}"
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    def launch(self) -> None:
        program = shutil.which("redis-server")
        assert program, "redis-server is missing: apt-get install redis-server"
        self.socket.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            [program, "--port", "0", "--unixsocket", self.socket, "--dir", self.folder]
            + ["--save", "", "--loglevel", "warning", *self._options],
            stdout=subprocess.DEVNULL,
        )

    async def start(self) -> None:
        self.launch()
        async with self.client() as client:
            await until(lambda: self._answers(client))

    def send(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @contextlib.asynccontextmanager
    async def client(self) -> AsyncIterator[Redis]:
        async with Redis.from_url(self.url) as client:
            yield client

    async def _answers(self, client: Redis) -> bool:
        try:
            return bool(await client.ping())
        except RedisError:
            return False


async def until(condition: Callable[[], object]) -> None:
    """Waits until the condition, plain or awaitable, holds."""
    async with asyncio.timeout(20):
        while True:
            held = condition()
            if asyncio.iscoroutine(held):
                held = await held
            if held:
                return
            await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def running(board: Board) -> AsyncIterator[Board]:
    await board.start()
    try:
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(board.run())
            try:
                yield board
            finally:
                task.cancel()
    finally:
        await board.close()
