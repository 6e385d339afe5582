"""Stands between Asterisk and the controller and hears every call, word for word.

Bytes pass unchanged. A reply is told before the controller gets it, so that the call's saved state
is still the one in which it waited.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable

from callcenter.asterisk.protocol.agi import AgiDecoder, AgiEnv, AgiHangup, AgiReply
from callcenter.call import Call
from tests.callcenter.call_heard import CallHeard

LOOK_S = 0.2

State = Callable[[str], Call | None]


class HeardCall(CallHeard):
    """One call on the line, with the id that its facts bear."""

    def __init__(self, call_id: str, state: State) -> None:
        super().__init__(lambda: state(call_id))
        self.call_id = call_id


class AgiTap:
    """`calls` gets each new call as it comes; `state` hands out a call as it was saved last."""

    def __init__(self, *, host: str, port: int, controller_port: int, state: State) -> None:
        self.calls: queue.Queue[HeardCall] = queue.Queue()
        self._heard: dict[str, HeardCall] = {}
        self._host, self._port, self._controller_port = host, port, controller_port
        self._state = state
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),))
        self._stop = asyncio.Event()
        self._ready = threading.Event()

    def __enter__(self) -> AgiTap:
        self._thread.start()
        assert self._ready.wait(5), "the tap does not listen"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        self._loop.close()

    async def _run(self) -> None:
        server = await asyncio.start_server(self._serve, self._host, self._port)
        self._ready.set()
        async with server:
            while not self._stop.is_set():
                for heard in self._heard.values():
                    heard.look()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), LOOK_S)
        passing = asyncio.all_tasks() - {asyncio.current_task()}
        for task in passing:
            task.cancel()
        await asyncio.gather(*passing, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self._host, self._controller_port)
        try:
            async with asyncio.TaskGroup() as passing:
                line = _Line(self)
                passing.create_task(_pass(reader, back, line.from_asterisk))
                passing.create_task(_pass(there, writer, line.from_controller))
        finally:
            writer.close()
            back.close()

    def heard_of(self, call_id: str) -> HeardCall:
        """The call of this id, new or come back."""
        if call_id not in self._heard:
            self._heard[call_id] = HeardCall(call_id, self._state)
            self.calls.put(self._heard[call_id])
        return self._heard[call_id]


class _Line:
    """One connection: bytes of either side to what is heard."""

    def __init__(self, tap: AgiTap) -> None:
        self._tap = tap
        self._decoder = AgiDecoder()
        self._heard: HeardCall | None = None
        self._rest = b""

    def from_asterisk(self, data: bytes) -> None:
        for message in self._decoder.feed(data):
            if isinstance(message, AgiEnv):
                self._heard = self._tap.heard_of(message.values["agi_uniqueid"])
            elif self._heard and isinstance(message, AgiReply):
                self._heard.replied(message)
            elif self._heard and isinstance(message, AgiHangup):
                self._heard.over()

    def from_controller(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if self._heard:
                self._heard.sent(line.decode())


async def _pass(
    source: asyncio.StreamReader, sink: asyncio.StreamWriter, told: Callable[[bytes], None]
) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await source.read(65_536):
            told(data)
            sink.write(data)
            await sink.drain()
    with contextlib.suppress(ConnectionError, OSError):
        sink.write_eof()
