"""One call of a simulated telephone, from INVITE to BYE, with its line for audio."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from callcenter.demo.sip import Account, Message, encode, offer, read_media, uri_of
from callcenter.demo.voice import Line

SESSION_REFUSED = 488
GONE = 487


class Unanswered(Exception):
    """The other side said nothing in time."""


class Refused(Exception):
    """The call was not answered; `status` is the SIP response."""

    def __init__(self, status: int) -> None:
        """`status`: 3xx to 6xx, or 408 when nothing came."""
        super().__init__(str(status))
        self.status = status


class Wire(Protocol):
    """What a call needs of its phone (callcenter.demo.phone.Phone)."""

    server: tuple[str, int]
    address: tuple[str, int]
    calls: dict[str, PhoneCall]

    @property
    def place(self) -> str: ...  # noqa: D102  # as in Phone, and so the others

    def send(self, data: bytes) -> None: ...  # noqa: D102

    def via(self, branch: str) -> tuple[str, str]: ...  # noqa: D102

    def next_sequence(self) -> int: ...  # noqa: D102

    def reply(  # noqa: D102
        self,
        request: Message,
        status: int,
        reason: str,
        *,
        to_tag: str = "",
        headers: list[tuple[str, str]] | None = None,
        body: str = "",
    ) -> None: ...

    async def request(  # noqa: D102
        self,
        method: str,
        uri: str,
        headers: list[tuple[str, str]],
        *,
        body: str = "",
        account: Account | None = None,
        on_ringing: Callable[[Message], None] | None = None,
        on_sent: Callable[[str, int], None] | None = None,
    ) -> Message: ...


class PhoneCall:
    """Both directions; `ended` is set when either side is gone, `was_answered` tells how."""

    def __init__(self, phone: Wire, *, user: str, is_outgoing: bool) -> None:
        """Made by Phone only."""
        self.user = user
        self.call_id = secrets.token_hex(12)
        self.line = Line()
        self.ended = asyncio.Event()
        self.was_answered = False
        self._phone = phone
        self._is_outgoing = is_outgoing
        self._tag = secrets.token_hex(6)
        self._local = self._remote = ""
        self._target = ""
        self._request: Message | None = None
        self._sent: tuple[str, int] | None = None
        self._resend: asyncio.TimerHandle | None = None

    async def invite(self, *, number: str, account: Account | None, name: str) -> None:
        """Call and wait for the answer; raises Refused or Unanswered."""
        phone = self._phone
        server = f"{phone.server[0]}:{phone.server[1]}"
        port = await self.line.open(phone.address[0])
        # a phone shows itself by its own place, so an account by its registrar's
        place = server if account else phone.place
        shown = f'"{name}" ' if name else ""
        self._local = f"{shown}<sip:{self.user}@{place}>;tag={self._tag}"
        self._target = f"sip:{number}@{server}"
        self._remote = f"<{self._target}>"
        headers = [
            ("From", self._local),
            ("To", self._remote),
            ("Call-ID", self.call_id),
            ("Contact", f"<sip:{self.user}@{phone.place}>"),
            ("Allow", "INVITE, ACK, BYE, CANCEL, OPTIONS"),
        ]
        body = offer(phone.address[0], port, session=secrets.randbits(31))
        answer = None
        try:
            answer = await phone.request(
                "INVITE",
                self._target,
                headers,
                body=body,
                account=account,
                on_ringing=self._hear_early,
                on_sent=self._note_sent,
            )
        finally:
            if answer is None:
                # also when the caller gives up: Asterisk must not go on ringing
                self._cancel()
                self.close()
        if answer.status >= 300:
            self.close()
            raise Refused(answer.status)
        self.acknowledge(answer)
        self._begin(answer)

    def _note_sent(self, branch: str, number: int) -> None:
        self._sent = (branch, number)

    def _hear_early(self, message: Message) -> None:
        media = read_media(message.body)
        if media is not None:
            self.line.start(media)

    def acknowledge(self, answer: Message) -> None:
        """ACK a 2xx, each time it comes."""
        self._remote = answer.one("to")
        self._target = uri_of(answer.one("contact")) or self._target
        self._send("ACK", number=answer.cseq[0])

    def _begin(self, message: Message) -> None:
        media = read_media(message.body)
        self.was_answered = True
        if media is not None:
            self.line.start(media)

    def ring(self, request: Message) -> None:
        """An INVITE came: ring."""
        self.call_id = request.one("call-id")
        self._request = request
        self._local = f"{request.one('to')};tag={self._tag}"
        self._remote = request.one("from")
        self._target = uri_of(request.one("contact"))
        self._phone.reply(request, 180, "Ringing", to_tag=self._tag, headers=self._contact())

    def _contact(self) -> list[tuple[str, str]]:
        return [("Contact", f"<sip:{self.user}@{self._phone.place}>")]

    async def answer(self) -> None:
        """Take the ringing call; raises Refused when there is no audio both can hear."""
        assert self._request is not None
        media = read_media(self._request.body)
        if media is None:
            self.decline(SESSION_REFUSED)
            raise Refused(SESSION_REFUSED)
        port = await self.line.open(self._phone.address[0])
        if self.ended.is_set():
            self.line.close()
            raise Refused(GONE)
        body = offer(self._phone.address[0], port, session=secrets.randbits(31))
        self._say_ok(body, wait_s=0.5)
        self.was_answered = True
        self.line.start(media)

    def _say_ok(self, body: str, *, wait_s: float) -> None:
        """200 again until the ACK comes (RFC 3261 §13.3.1.4)."""
        assert self._request is not None
        headers = self._contact()
        self._phone.reply(self._request, 200, "OK", to_tag=self._tag, headers=headers, body=body)
        if wait_s < 8:
            loop = asyncio.get_running_loop()
            again = wait_s * 2
            self._resend = loop.call_later(wait_s, lambda: self._say_ok(body, wait_s=again))

    def decline(self, status: int = 486) -> None:
        """Refuse the ringing call."""
        if self._request is not None and not self.was_answered and not self.ended.is_set():
            self._phone.reply(self._request, status, "Declined", to_tag=self._tag)
        self.close()

    async def hang_up(self) -> None:
        """BYE; done when the other side has taken it or says nothing."""
        if self.ended.is_set() or not self.was_answered:
            self.close()
            return
        self.close()
        headers = [("From", self._local), ("To", self._remote), ("Call-ID", self.call_id)]
        with suppress(Unanswered):  # an ended call all the same
            await self._phone.request("BYE", self._target, headers)

    def leave(self) -> None:
        """End at once, whatever the stage, waiting for nobody: the program ends."""
        if self.was_answered and not self.ended.is_set():
            self._send("BYE", number=self._phone.next_sequence())
        elif self._is_outgoing and not self.was_answered:
            self._cancel()
        else:
            self.decline()
        self.close()

    def take(self, message: Message) -> None:
        """A request within this call."""
        if message.method == "ACK":
            if self._resend is not None:
                self._resend.cancel()
        elif message.method == "BYE":
            self._phone.reply(message, 200, "OK")
            self.close()
        elif message.method == "CANCEL":
            self._phone.reply(message, 200, "OK", to_tag=self._tag)
            self.decline(GONE)
        elif message.method == "INVITE" and self.was_answered:
            self._take_new_media(message)
        else:
            self._phone.reply(message, 200, "OK", to_tag=self._tag)

    def _take_new_media(self, message: Message) -> None:
        """A re-INVITE moves the audio; ours stays where it is."""
        media = read_media(message.body)
        if media is None:
            self._phone.reply(message, SESSION_REFUSED, "Not acceptable")
            return
        self.line.start(media)
        body = offer(self._phone.address[0], self.line.port, session=secrets.randbits(31))
        self._phone.reply(message, 200, "OK", headers=self._contact(), body=body)

    def _cancel(self) -> None:
        if self._sent is None:
            return
        branch, number = self._sent
        headers = [self._phone.via(branch), ("Max-Forwards", "70"), ("From", self._local)]
        headers += [("To", self._remote), ("Call-ID", self.call_id), ("CSeq", f"{number} CANCEL")]
        self._phone.send(encode(f"CANCEL {self._target} SIP/2.0", headers))

    def _send(self, method: str, *, number: int) -> None:
        branch = f"z9hG4bK{secrets.token_hex(8)}"
        headers = [self._phone.via(branch), ("Max-Forwards", "70"), ("From", self._local)]
        headers += [("To", self._remote), ("Call-ID", self.call_id)]
        headers += [("CSeq", f"{number} {method}")]
        self._phone.send(encode(f"{method} {self._target} SIP/2.0", headers))

    def close(self) -> None:
        """The call is over for us: no more sound, no more timers."""
        if self._resend is not None:
            self._resend.cancel()
        self.line.close()
        self.ended.set()
        if self._phone.calls.get(self.call_id) is self:
            del self._phone.calls[self.call_id]
