"""A simulated telephone: registers, calls and is called over UDP (RFC 3261, one hop, no proxy).

Why our own and not baresip: see the README.
"""

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress

from callcenter.demo.phone_call import PhoneCall, Unanswered
from callcenter.demo.sip import (
    MAX_BYTES,
    Account,
    BadMessage,
    Message,
    authorization,
    decode,
    encode,
    host_and_port,
    tag_of,
    uri_of,
)

RESEND_S = 0.5  # T1
LONGEST_RESEND_S = 4.0  # T2
GIVE_UP_S = 8.0  # on one machine nothing needs the 32 s of timer B
_REMEMBERED = 500  # answers kept for requests that come twice


class _Asked:
    """A request on its way: sent again until something comes back."""

    def __init__(self, data: bytes, send: Callable[[bytes], None]) -> None:
        loop = asyncio.get_running_loop()
        self.final: asyncio.Future[Message] = loop.create_future()
        self.on_ringing: Callable[[Message], None] = lambda _message: None
        self._data = data
        self._send = send
        self._wait_s = RESEND_S
        self._timer = loop.call_later(RESEND_S, self._again)
        self._end = loop.call_later(GIVE_UP_S, self._give_up)
        send(data)

    def _again(self) -> None:
        self._send(self._data)
        self._wait_s = min(self._wait_s * 2, LONGEST_RESEND_S)
        self._timer = asyncio.get_running_loop().call_later(self._wait_s, self._again)

    def _give_up(self) -> None:
        self.close()
        if not self.final.done():
            self.final.set_exception(Unanswered())

    def close(self) -> None:
        """Send no more."""
        self._timer.cancel()
        self._end.cancel()

    def take(self, message: Message) -> None:
        """A response: provisional ones stop the resending, a final one ends it."""
        self.close()
        if message.status < 200:
            self.on_ringing(message)
        elif not self.final.done():
            self.final.set_result(message)


class Phone(asyncio.DatagramProtocol):
    """One UDP port; `accounts` may be many. Incoming calls go to `on_call(user, call)`."""

    def __init__(
        self, server: tuple[str, int], on_call: Callable[[str, PhoneCall], None] | None = None
    ) -> None:
        """`server`: where Asterisk takes SIP."""
        self.server = server
        self.address: tuple[str, int] = ("", 0)
        self.calls: dict[str, PhoneCall] = {}
        self._on_call = on_call
        self._transport: asyncio.DatagramTransport | None = None
        self._asked: dict[tuple[str, str], _Asked] = {}
        self._answered: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._sequence = 0

    async def open(self, host: str) -> None:
        """Take a free port on `host`."""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(host, 0))
        self._transport = transport
        self.address = transport.get_extra_info("sockname")[:2]

    def share(self, transport: asyncio.DatagramTransport) -> None:
        """Send from a port that somebody else has opened and reads."""
        self._transport = transport
        self.address = transport.get_extra_info("sockname")[:2]

    def close(self) -> None:
        """Say goodbye on every call without waiting for an answer, and give the port back."""
        for call in list(self.calls.values()):
            call.leave()
        for asked in self._asked.values():
            asked.close()
            asked.final.cancel()
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def send(self, data: bytes) -> None:
        """One datagram to the server."""
        if self._transport is not None:
            self._transport.sendto(data, self.server)

    @property
    def place(self) -> str:
        """host:port of ours."""
        return f"{self.address[0]}:{self.address[1]}"

    def next_sequence(self) -> int:
        """A CSeq number greater than all before."""
        self._sequence += 1
        return self._sequence

    def via(self, branch: str) -> tuple[str, str]:
        """Our Via header."""
        return ("Via", f"SIP/2.0/UDP {self.place};rport;branch={branch}")

    async def request(
        self,
        method: str,
        uri: str,
        headers: list[tuple[str, str]],
        *,
        body: str = "",
        account: Account | None = None,
        on_ringing: Callable[[Message], None] | None = None,
        on_sent: Callable[[str, int], None] | None = None,
    ) -> Message:
        """Send a request, answer one challenge; the final response. Raises Unanswered.

        `on_sent` learns branch and CSeq number of each try: a CANCEL needs both.
        """
        authorized: list[tuple[str, str]] = []
        while True:
            branch, number = f"z9hG4bK{secrets.token_hex(8)}", self.next_sequence()
            data = encode(
                f"{method} {uri} SIP/2.0",
                [
                    self.via(branch),
                    ("Max-Forwards", "70"),
                    *headers,
                    ("CSeq", f"{number} {method}"),
                    *authorized,
                ],
                body,
            )
            if on_sent is not None:
                on_sent(branch, number)
            asked = self._asked[branch, method] = _Asked(data, self.send)
            asked.on_ringing = on_ringing or asked.on_ringing
            try:
                answer = await asked.final
            finally:
                asked.close()
                self._asked.pop((branch, method), None)
            if method == "INVITE" and answer.status >= 300:
                self._acknowledge_refusal(answer)
            if answer.status not in (401, 407) or account is None or authorized:
                return answer
            name = "www-authenticate" if answer.status == 401 else "proxy-authenticate"
            credentials = authorization(
                answer.one(name), account, method=method, uri=uri, cnonce=secrets.token_hex(8)
            )
            reply = "Authorization" if answer.status == 401 else "Proxy-Authorization"
            authorized = [(reply, credentials)]

    def _acknowledge_refusal(self, answer: Message) -> None:
        """ACK of a 3xx to 6xx: same branch as the INVITE (RFC 3261 §17.1.1.3)."""
        ack = [
            self.via(answer.branch),
            ("Max-Forwards", "70"),
            ("From", answer.one("from")),
            ("To", answer.one("to")),
            ("Call-ID", answer.one("call-id")),
            ("CSeq", f"{answer.cseq[0]} ACK"),
        ]
        self.send(encode(f"ACK {uri_of(answer.one('to'))} SIP/2.0", ack))

    async def register(self, account: Account, *, expires_s: int) -> bool:
        """Register this phone; with 0 take the registration back. True if it was accepted."""
        contact = f"<sip:{account.user}@{self.place}>;expires={expires_s}"
        answer = await self._ask_registrar(account, [("Contact", contact)])
        return answer.status == 200

    async def registered_elsewhere(self, account: Account) -> bool:
        """Does another phone hold this account? A REGISTER without Contact only asks."""
        answer = await self._ask_registrar(account, [])
        contacts = [
            uri_of(part) for value in answer.all("contact") for part in value.split(",") if part
        ]
        return any(host_and_port(contact) != self.address for contact in contacts)

    async def _ask_registrar(self, account: Account, more: list[tuple[str, str]]) -> Message:
        host = f"{self.server[0]}:{self.server[1]}"
        me = f"<sip:{account.user}@{host}>"
        headers = [
            ("From", f"{me};tag={secrets.token_hex(6)}"),
            ("To", me),
            ("Call-ID", secrets.token_hex(12)),
            *more,
        ]
        return await self.request("REGISTER", f"sip:{host}", headers, account=account)

    async def dial(
        self, *, user: str, number: str, account: Account | None = None, name: str = ""
    ) -> PhoneCall:
        """Call `number`, shown as `user`; the call at once, its `answered` comes later."""
        call = PhoneCall(self, user=user, is_outgoing=True)
        self.calls[call.call_id] = call
        await call.invite(number=number, account=account, name=name)
        return call

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Sort what comes in; what is no SIP is dropped."""
        if len(data) > MAX_BYTES or len(data) < 20:
            return
        with suppress(BadMessage):
            message = decode(data)
            if message.status:
                self._take_response(message)
            else:
                self._take_request(message)

    def _take_response(self, message: Message) -> None:
        asked = self._asked.get((message.branch, message.cseq[1]))
        if asked is not None:
            asked.take(message)
            return
        if message.cseq[1] != "INVITE" or message.status < 200:
            return
        call = self.calls.get(message.one("call-id"))
        if message.status >= 300:
            self._acknowledge_refusal(message)  # our ACK was lost, or we gave up before
        elif call is not None:
            call.acknowledge(message)

    def _take_request(self, message: Message) -> None:
        known = self._answered.get((message.branch, message.method))
        if known is not None and message.method != "ACK":
            self.send(known)
            return
        call = self.calls.get(message.one("call-id"))
        if call is not None:
            call.take(message)
        elif message.method == "INVITE" and self._on_call is not None:
            call = PhoneCall(self, user=_user_of(message.uri), is_outgoing=False)
            self.calls[message.one("call-id")] = call
            call.ring(message)
            self._on_call(call.user, call)
        elif message.method in ("OPTIONS", "NOTIFY"):
            self.reply(message, 200, "OK")
        elif message.method != "ACK":
            self.reply(message, 481, "No such call")

    def reply(
        self,
        request: Message,
        status: int,
        reason: str,
        *,
        to_tag: str = "",
        headers: list[tuple[str, str]] | None = None,
        body: str = "",
    ) -> None:
        """Answer a request, and the same again when it comes again."""
        to = request.one("to")
        if not tag_of(to):
            to += f";tag={to_tag or secrets.token_hex(6)}"
        copied = [("Via", value) for value in request.all("via")]
        copied += [("From", request.one("from")), ("To", to)]
        copied += [("Call-ID", request.one("call-id")), ("CSeq", request.one("cseq"))]
        data = encode(f"SIP/2.0 {status} {reason}", [*copied, *(headers or [])], body)
        if status >= 200:
            self._answered[request.branch, request.method] = data
            while len(self._answered) > _REMEMBERED:
                self._answered.popitem(last=False)
        self.send(data)


def _user_of(uri: str) -> str:
    return uri.partition(":")[2].partition("@")[0]
