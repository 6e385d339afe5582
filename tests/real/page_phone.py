"""A page's telephone as the server sees it: claims a desk, registers through the session's line.

SIP over a WebSocket (RFC 7118) with answers that a browser would give; without sound.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
from types import TracebackType
from typing import Any, Self

import aiohttp

FINGERPRINT = ":".join(f"{n:02X}" for n in range(32))


class PagePhone:
    """`async with PagePhone(address, headers) as page`: claims, connects and registers.

    `invites`: the text of each INVITE that rang here; answered at once when `takes_calls`, else
    left ringing.
    """

    def __init__(
        self,
        address: str,
        headers: dict[str, str],
        *,
        claim: dict[str, Any] | None = None,
        takes_calls: bool = True,
    ) -> None:
        self._address = f"http://{address}"
        self._headers = headers
        self._claim = claim or {}
        self._takes_calls = takes_calls
        self._call = secrets.token_hex(8)
        self._answers: asyncio.Queue[str] = asyncio.Queue()
        self.invites: list[str] = []
        self._rang = asyncio.Condition()
        self.desk: dict[str, Any] = {}
        self.close_code: int | None = None
        self.closed = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(headers=self._headers)
        try:
            self.desk = await self.post("desk/claim", self._claim)
            await self.connect()
        except BaseException:
            await self._http.close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.vanish()
        await self._http.close()

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """What the API answers; KeyError-free: a fault is handed back as it came."""
        url = f"{self._address}/api/v1/{path}"
        async with self._http.post(url, json=body) as answer:
            return dict(await answer.json())

    async def get(self, path: str) -> dict[str, Any]:
        """What the API answers."""
        async with self._http.get(f"{self._address}/api/v1/{path}") as answer:
            return dict(await answer.json())

    async def connect(self) -> None:
        """Open the line and register; also again, after `vanish`."""
        self.closed.clear()
        self._socket = await self._http.ws_connect(
            f"{self._address}{self.desk['phone']['socket']}", protocols=("sip",)
        )
        self._listening = asyncio.create_task(self._listen())
        refused = await self._register(1, "")
        found = dict(re.findall(r'(realm|nonce|opaque)="([^"]+)"', refused))
        phone = self.desk["phone"]
        assert found["realm"] == phone["realm"], refused
        uri = "sip:hotline"
        first = _md5(f"{phone['user']}:{found['realm']}:{phone['secret']}")
        second = _md5(f"REGISTER:{uri}")
        answer = _md5(f"{first}:{found['nonce']}:00000001:x:auth:{second}")
        accepted = await self._register(
            2,
            f'Authorization: Digest username="{phone["user"]}",realm="{found["realm"]}",'
            f'nonce="{found["nonce"]}",uri="{uri}",response="{answer}",algorithm=MD5,qop=auth,'
            f'nc=00000001,cnonce="x",opaque="{found["opaque"]}"\r\n',
        )
        assert accepted.startswith("SIP/2.0 200"), accepted

    async def vanish(self) -> None:
        """As a page that is closed or reloaded: the line is gone, nothing is said."""
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)
        await self._socket.close()

    async def hang_up(self) -> None:
        """End the talk that rang last, as the button does."""
        invite = self.invites[-1]
        head = dict(re.findall(r"^([\w-]+): (.*)\r$", invite.split("\r\n\r\n")[0] + "\r\n", re.M))
        target = re.findall(r"<([^>]+)>", head["Contact"])[0]
        await self.send(
            f"BYE {target} SIP/2.0\r\n"
            f"Via: SIP/2.0/WS browser.invalid;branch=z9hG4bK{secrets.token_hex(6)}\r\n"
            f"From: {head['To']};tag=page\r\nTo: {head['From']}\r\n"
            f"Call-ID: {head['Call-ID']}\r\nCSeq: 2 BYE\r\n"
            "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
        )

    async def send(self, text: str) -> None:
        """Any text, as the page would send it."""
        await self._socket.send_str(text)

    async def rung(self, count: int, timeout_s: float) -> str:
        """Wait until it has been rung so often; the newest INVITE."""
        async with asyncio.timeout(timeout_s), self._rang:
            await self._rang.wait_for(lambda: len(self.invites) >= count)
        return self.invites[-1]

    async def _register(self, number: int, authorization: str) -> str:
        user = self.desk["phone"]["user"]
        await self.send(
            "REGISTER sip:hotline SIP/2.0\r\n"
            f"Via: SIP/2.0/WS browser.invalid;branch=z9hG4bK{secrets.token_hex(6)}\r\n"
            f"From: <sip:{user}@hotline>;tag={self._call}\r\n"
            f"To: <sip:{user}@hotline>\r\n"
            f"Call-ID: {self._call}\r\nCSeq: {number} REGISTER\r\n"
            f"Contact: <sip:{self._call}@browser.invalid;transport=ws>;expires=300\r\n"
            f"Max-Forwards: 70\r\n{authorization}Content-Length: 0\r\n\r\n"
        )
        async with asyncio.timeout(10):
            return await self._answers.get()

    async def _listen(self) -> None:
        async for message in self._socket:
            text = str(message.data)
            if text.startswith("SIP/2.0"):
                self._answers.put_nowait(text)
            elif text.startswith("INVITE"):
                await self._rings(text)
            elif not text.startswith(("ACK", "\r\n")):
                await self.send(_reply(text, "200 OK"))
        self.close_code = self._socket.close_code
        self.closed.set()

    async def _rings(self, invite: str) -> None:
        contact = f"Contact: <sip:{self._call}@browser.invalid;transport=ws>\r\n"
        await self.send(_reply(invite, "180 Ringing", contact))
        if self._takes_calls:
            await self.send(_reply(invite, "200 OK", contact, _sdp(invite)))
        async with self._rang:
            self.invites.append(invite)
            self._rang.notify_all()


def _sdp(offer: str) -> str:
    """A browser's answer: ICE, DTLS; nobody is behind it."""
    mid = re.findall(r"^a=mid:(\S+)\r?$", offer, re.MULTILINE)
    lines = [
        *("v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0"),
        *([f"a=group:BUNDLE {mid[0]}"] if mid else []),
        *("m=audio 9 UDP/TLS/RTP/SAVPF 8", "a=rtpmap:8 PCMA/8000", "a=sendrecv", "a=rtcp-mux"),
        *([f"a=mid:{mid[0]}"] if mid else []),
        *("a=ice-ufrag:abcd", "a=ice-pwd:abcdefghijklmnopqrstuvwx", "a=setup:active"),
        f"a=fingerprint:sha-256 {FINGERPRINT}",
        "a=candidate:1 1 UDP 2130706431 127.0.0.1 9 typ host",
    ]
    return "".join(f"{line}\r\n" for line in lines)


def _reply(request: str, status: str, more: str = "", body: str = "") -> str:
    kept = "".join(
        line + "\r\n"
        for line in request.split("\r\n\r\n", 1)[0].split("\r\n")[1:]
        if line.split(":", 1)[0].lower() in {"via", "from", "call-id", "cseq", "record-route"}
    )
    to = re.findall(r"^To: (.*)\r$", request, re.MULTILINE | re.IGNORECASE)[0]
    tag = "" if ";tag=" in to else ";tag=page"
    kind = "Content-Type: application/sdp\r\n" if body else ""
    return (
        f"SIP/2.0 {status}\r\n{kept}To: {to}{tag}\r\n{more}{kind}"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()
