"""FastAGI server: one connection per call, replies handed on by callback, no task per command."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable
from typing import cast

from callcenter.asterisk.protocol import (
    AgiDecoder,
    AgiEnv,
    AgiGarbage,
    AgiHangup,
    AgiMessage,
    AgiReply,
)
from callcenter.asterisk.protocol.agi_commands import is_sync, sync

ENV_S = 10.0  # longest wait for the whole environment of a new connection
MAX_LINES = 10_000  # calls at a time
MAX_UNSENT = 64 * 1024  # bytes; a peer that does not read its commands is no Asterisk
NUDGE_S = (0.005, 0.25)  # first and longest pause before a barrier is written again
BACKLOG = 1024  # calls that may arrive at once
_KEEP_ALIVE = (  # a host that vanishes without closing is noticed after 15 + 3 × 5 s
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 15),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 5),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
)

logger = logging.getLogger(__name__)


def _ignore_message(message: AgiReply | AgiHangup) -> None:
    """Nobody listens yet."""


def _ignore_closed(reason: str) -> None:
    """Nobody listens yet."""


class AgiLine:
    """One call's AGI session.

    Whoever gets it from `AgiServer` sets `on_message` and `on_closed` at once, in `on_call`.
    Stop and wait is his duty: `send` the next command only when the last one was answered.
    What he wants to end early he ends by `interrupt`.
    """

    def __init__(self, env: dict[str, str], transport: asyncio.Transport) -> None:
        self.env = env
        """`agi_…` name → value, as Asterisk sent it."""
        self.on_message: Callable[[AgiReply | AgiHangup], None] = _ignore_message
        self.on_closed: Callable[[str], None] = _ignore_closed
        """Called once, with the reason; nothing comes after it."""
        self.is_closed = False
        self._transport = transport
        self._barrier = 0
        self._copies = 0  # of the barrier's command, written and not yet answered
        self._nudge: asyncio.TimerHandle | None = None

    def send(self, command: bytes) -> None:
        """Write one command of `agi_commands`; on a closed line nothing happens."""
        if self.is_closed:
            return
        self._transport.write(command)
        if self._transport.get_write_buffer_size() > MAX_UNSENT:
            logger.warning("AGI connection aborted: it does not read its commands")
            self._transport.abort()

    def interrupt(self, number: int) -> None:
        """End the running command and prove it: `on_message` gets the reply to `sync(number)`.

        Before it may come the own reply of the command that ran. Send nothing until the barrier's
        reply is there; it comes once. Asterisk reads through a stdio buffer: when it finds two
        commands in one read, the second lies unseen until more bytes come. So the barrier is
        written again, after 5 ms first, until it is answered; the copies' replies stay here.
        WAIT FOR DIGIT and STREAM FILE end at once; RECORD FILE and EXEC run to their own end.
        """
        self._barrier = number
        self._write_barrier(NUDGE_S[0])

    def _write_barrier(self, pause_s: float) -> None:
        self._copies += 1
        self.send(sync(self._barrier))
        loop = asyncio.get_running_loop()
        self._nudge = loop.call_later(pause_s, self._write_barrier, min(NUDGE_S[1], pause_s * 2))

    def close(self) -> None:
        """End the session; Asterisk goes on with the next line of its dialplan."""
        self.is_closed = True
        self._transport.close()

    def take(self, message: AgiReply | AgiHangup) -> None:
        """From the server: hand on what came, the copies of a barrier but once."""
        if self._copies and isinstance(message, AgiReply) and is_sync(message, self._barrier):
            self._copies -= 1
            if self._copies:
                return
            self._stop_nudging()
        self.on_message(message)

    def lost(self, reason: str) -> None:
        """From the server: the connection is gone."""
        self.is_closed = True
        self._stop_nudging()
        self.on_closed(reason)

    def _stop_nudging(self) -> None:
        if self._nudge is not None:
            self._nudge.cancel()
            self._nudge = None


class AgiServer:
    """Takes calls from Asterisk on `host:port` (0: any free one, see `port` after start).

    `on_call` gets each new line when its environment is complete. What a callback raises is
    logged and closes that line alone. Garbage, an environment that is not complete within ENV_S,
    or over MAX_LINES connections close that connection only.
    """

    def __init__(self, host: str, port: int, on_call: Callable[[AgiLine], None]) -> None:
        self.port = port
        self.refused = 0
        """Connections closed because there were too many."""
        self._host = host
        self._on_call = on_call
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()

    @property
    def lines(self) -> int:
        """Connections open now."""
        return len(self._connections)

    async def start(self) -> None:
        """Listen; OSError when the port is taken."""
        self._server = await asyncio.get_running_loop().create_server(
            self._accept, self._host, self.port, backlog=BACKLOG
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Listen no more and close every line; its `on_closed` says so."""
        if self._server is None:
            return
        self._server.close()
        for connection in list(self._connections):
            connection.end("the server stops")
        await asyncio.sleep(0)
        self._server = None

    def _accept(self) -> "_Connection":
        return _Connection(self._connections, self._on_call, self._refuse)

    def _refuse(self) -> None:
        if not self.refused:
            logger.error("over %d AGI connections: more are refused", MAX_LINES)
        self.refused += 1


class _Connection(asyncio.Protocol):
    """One socket: bytes to messages, deadline of the environment, one reason for the end."""

    def __init__(
        self,
        connections: "set[_Connection]",
        on_call: Callable[[AgiLine], None],
        refuse: Callable[[], None],
    ) -> None:
        self._connections = connections
        self._on_call, self._refuse = on_call, refuse
        self._decoder = AgiDecoder()
        self._line: AgiLine | None = None
        self._reason = ""
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._socket = transport.get_extra_info("socket")
        if len(self._connections) >= MAX_LINES:
            self._refuse()
            self._transport.abort()
            return
        self._connections.add(self)
        with contextlib.suppress(OSError):
            for level, option, value in _KEEP_ALIVE:
                self._socket.setsockopt(level, option, value)
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(ENV_S, self._spoil, f"no AGI within {ENV_S:.0f} s")

    def data_received(self, data: bytes) -> None:
        for message in self._decoder.feed(data):
            if self._reason:
                break
            try:
                self._take(message)
            except Exception:
                logger.exception("AGI message could not be handled, its line is closed")
                self.end("a fault of ours")
        # Asterisk writes two short replies in a row (an interrupted command's and the next one's)
        # with Nagle's rule on: without this acknowledgement the second waits 40 ms. Done last:
        # where a command went out meanwhile, it carried the acknowledgement already.
        with contextlib.suppress(OSError):
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

    def _take(self, message: AgiMessage) -> None:
        if isinstance(message, AgiGarbage):
            self._spoil(message.reason)
        elif isinstance(message, AgiEnv):
            assert self._deadline is not None
            self._deadline.cancel()
            self._line = AgiLine(message.values, self._transport)
            self._on_call(self._line)
        else:
            assert self._line is not None
            self._line.take(message)

    def _spoil(self, reason: str) -> None:
        logger.warning("AGI connection closed: %s", reason)
        self.end(reason)

    def end(self, reason: str) -> None:
        """Close it; the first reason counts."""
        self._reason = self._reason or reason
        self._transport.abort()

    def eof_received(self) -> None:
        self._reason = self._reason or "Asterisk closed the connection"

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self)
        if self._deadline is not None:
            self._deadline.cancel()
        if self._line is None:
            return
        reason = self._reason or (f"the connection broke: {exc!r}" if exc else "closed by us")
        try:
            self._line.lost(reason)
        except Exception:
            logger.exception("the end of an AGI line could not be handled")
