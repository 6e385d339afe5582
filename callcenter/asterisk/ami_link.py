"""One TCP connection to AMI, and an action's wait for its reply."""

import asyncio
import re
from collections import deque
from collections.abc import Callable
from typing import cast

from callcenter.asterisk.protocol import AmiDecoder, AmiMessage, ProtocolFault

READ_BYTES = 64 * 1024  # one read, and so the longest hold on the loop: some 1 to 2 ms
MAX_LIST = 100_000  # events of one list

_EMPTY_LIST = re.compile(r"No \w+ found\s*\Z")


class AmiFault(Exception):
    """Anything that keeps an action from its good reply."""

    retryable = False


class AmiDown(AmiFault):
    """No link: the action was not sent."""

    retryable = True


class OutcomeUnknown(AmiFault):
    """The action was sent, its reply never came: Asterisk may have done it or not.

    Look (snapshot) before doing again what must not be done twice, such as Originate.
    """

    retryable = True


class AmiRefused(AmiFault):
    """Asterisk answered `Response: Error`; `reply` is its whole answer."""

    def __init__(self, action: str, reply: AmiMessage) -> None:
        reason = reply.get("message").strip() or "refused without a reason"
        super().__init__(f"{action}: {reason}")
        self.reply = reply


class LinkLost(Exception):
    """Why this connection ended."""


class Waiting:
    """An action on its way: its reply, and its list where one was asked for."""

    def __init__(self, action: str, *, is_list: bool) -> None:
        self.action = action
        self.done: asyncio.Future[AmiMessage] = asyncio.get_running_loop().create_future()
        self.events: list[AmiMessage] | None = [] if is_list else None
        self.reply: AmiMessage | None = None

    def fail(self) -> None:
        """The link is gone before the reply."""
        if not self.done.done():
            self.done.set_exception(
                OutcomeUnknown(f"{self.action}: the AMI link was lost, outcome unknown")
            )

    def take_reply(self, reply: AmiMessage) -> None:
        """The reply; of a list it is only the beginning."""
        if self.done.done():
            return
        if reply.get("response").lower() == "error" and not self._is_empty_list(reply):
            self.done.set_exception(AmiRefused(self.action, reply))
        elif self.events is None or reply.get("eventlist").lower() != "start":
            self.done.set_result(reply)  # a list without the start mark has no events
        else:
            self.reply = reply

    def _is_empty_list(self, reply: AmiMessage) -> bool:
        """PJSIPShow… answers "No Contacts found" as an error when there is none (22.10.1)."""
        return self.events is not None and _EMPTY_LIST.match(reply.get("message")) is not None

    def take_event(self, event: AmiMessage) -> None:
        """One event of the list; the last one says `EventList: Complete`."""
        if self.events is None or self.done.done():
            return
        state = event.get("eventlist").lower()
        if state == "complete":
            self.done.set_result(self.reply or event)
        elif state == "cancelled":
            self.done.set_exception(AmiRefused(self.action, event))
        elif len(self.events) >= MAX_LIST:
            self.done.set_exception(AmiFault(f"{self.action}: a list over {MAX_LIST} events"))
        else:
            self.events.append(event)


class AmiLink(asyncio.BufferedProtocol):
    """One TCP connection: bytes in, messages to `take`, its end to `on_lost`."""

    def __init__(
        self,
        decoder: AmiDecoder,
        take: Callable[["AmiLink", AmiMessage], None],
        on_lost: Callable[[], None],
    ) -> None:
        self.decoder = decoder
        self.kept_back: deque[AmiMessage] | None = deque()
        """Events that wait for the end of the snapshot; None when they are handed on at once."""
        self.reads = 0
        """Times that bytes came: a sign of life."""
        self._take = take
        self._space = memoryview(bytearray(READ_BYTES))
        self._lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._lost.add_done_callback(lambda _: on_lost())

    @property
    def lost_because(self) -> str:
        """Why it ended; empty while it stands."""
        return self._lost.result() if self._lost.done() else ""

    async def until_lost(self) -> None:
        """Wait for its end and raise LinkLost with the reason."""
        raise LinkLost(await asyncio.shield(self._lost))

    def lose(self, reason: str) -> None:
        """End it now; the first reason counts."""
        if not self._lost.done():
            self._lost.set_result(reason)
        self._transport.abort()

    def write(self, whole: bytes) -> None:
        """Send; asyncio keeps what the socket does not take at once, in order and whole."""
        self._transport.write(whole)

    def pause(self) -> None:
        """Read nothing more: what comes waits in TCP."""
        if not self._transport.is_closing():
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read again."""
        if not self._transport.is_closing():
            self._transport.resume_reading()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        self._transport = cast(asyncio.Transport, transport)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Called by asyncio: one space for all reads, since feed copies what it keeps."""
        return self._space

    def buffer_updated(self, nbytes: int) -> None:
        """Called by asyncio: so many bytes came."""
        self.reads += 1
        try:
            messages = self.decoder.feed(self._space[:nbytes])
        except ProtocolFault as fault:
            self.lose(str(fault))
            return
        for message in messages:
            if self._lost.done():
                return
            self._take(self, message)

    def eof_received(self) -> None:
        """Called by asyncio: the peer has ended."""
        self.lose("Asterisk closed the connection")

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio: the connection is gone, for whatever reason."""
        self.lose(f"the connection broke: {exc!r}")
