"""A stretch of network that can be cut without a word: what is sent into it stays unanswered."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from types import TracebackType
from typing import Self


class Proxy:
    """Passes TCP from `host:port` on to `target`; `cut` and `mend` at will."""

    def __init__(self, host: str, port: int, target: tuple[str, int]) -> None:
        self._address, self._target = (host, port), target
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._flows = threading.Event()
        self._flows.set()

    def __enter__(self) -> Self:
        self._thread.start()
        opening = asyncio.start_server(self._pass_on, *self._address)
        self._server = asyncio.run_coroutine_threadsafe(opening, self._loop).result(5)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def cut(self) -> None:
        """Nothing gets through any more; nobody is told."""
        self._flows.clear()

    def mend(self) -> None:
        """What was sent meanwhile is lost with its connections; new ones get through."""
        self._flows.set()

    async def _pass_on(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        far, forth = await asyncio.open_connection(*self._target)
        try:
            await asyncio.gather(self._pump(near, forth), self._pump(far, back))
        except OSError:
            pass
        finally:
            for end in (back, forth):
                with contextlib.suppress(OSError):
                    end.close()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        is_whole = True
        while data := await source.read(65536):
            if not self._flows.is_set():
                is_whole = False
            elif is_whole:
                sink.write(data)
            else:
                raise ConnectionResetError("a part of it was lost")
        raise ConnectionResetError("the other side has closed")
