"""A browser's phone as Asterisk sees it: SIP over a WebSocket (RFC 7118), without media."""

import hashlib
import re
import secrets
from types import TracebackType
from typing import Self

import aiohttp

from tests.real.asterisk_node import AsteriskNode


class WsPhone:
    """Registers a seat by /ws and takes INVITEs; `async with WsPhone(node, "8001") as phone`."""

    def __init__(self, node: AsteriskNode, number: str) -> None:
        self._node = node
        self._number = number
        self._call = secrets.token_hex(8)

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession()
        try:
            await self._log_in()
        except BaseException:
            await self._http.close()
            raise
        return self

    async def _log_in(self) -> None:
        ws = self._node.given.ws
        self._socket = await self._http.ws_connect(
            f"http://{ws.host}:{ws.port}/ws", protocols=("sip",)
        )
        refused = await self._register(1, "")
        realm = re.findall(r'realm="([^"]+)"', refused)[0]
        nonce = re.findall(r'nonce="([^"]+)"', refused)[0]
        opaque = re.findall(r'opaque="([^"]+)"', refused)[0]
        uri = f"sip:{ws.host}"
        first = _md5(f"{self._number}:{realm}:secret-{self._number}")
        answer = _md5(f"{first}:{nonce}:00000001:x:auth:{_md5(f'REGISTER:{uri}')}")
        accepted = await self._register(
            2,
            f'Authorization: Digest username="{self._number}",realm="{realm}",nonce="{nonce}",'
            f'uri="{uri}",response="{answer}",algorithm=MD5,qop=auth,nc=00000001,cnonce="x",'
            f'opaque="{opaque}"\r\n',
        )
        assert accepted.startswith("SIP/2.0 200"), accepted

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.close()

    async def invited(self) -> str:
        """Wait for an INVITE, refuse it as busy, and return its text."""
        message = await self._next(timeout_s=20)
        assert message.startswith("INVITE"), message
        await self._socket.send_str(_reply(message, "486 Busy Here"))
        return message

    async def _register(self, number: int, authorization: str) -> str:
        host = self._node.given.ws.host
        await self._socket.send_str(
            f"REGISTER sip:{host} SIP/2.0\r\n"
            f"Via: SIP/2.0/WS browser.invalid;branch=z9hG4bK{self._call}{number}\r\n"
            f"From: <sip:{self._number}@{host}>;tag={self._call}\r\n"
            f"To: <sip:{self._number}@{host}>\r\n"
            f"Call-ID: {self._call}\r\nCSeq: {number} REGISTER\r\n"
            f"Contact: <sip:{self._call}@browser.invalid;transport=ws>;expires=300\r\n"
            f"Max-Forwards: 70\r\n{authorization}Content-Length: 0\r\n\r\n"
        )
        return await self._next(timeout_s=10)

    async def _next(self, timeout_s: float) -> str:
        """The next message but OPTIONS, which are answered: Asterisk asks whether we are there."""
        while True:
            message = str(await self._socket.receive_str(timeout=timeout_s))
            if not message.startswith("OPTIONS"):
                return message
            await self._socket.send_str(_reply(message, "200 OK"))


def _reply(request: str, status: str) -> str:
    kept = "".join(
        line + "\r\n"
        for line in request.split("\r\n\r\n", 1)[0].split("\r\n")[1:]
        if line.split(":", 1)[0].lower() in {"via", "from", "call-id", "cseq"}
    )
    to = re.findall(r"^To: (.*)\r$", request, re.MULTILINE | re.IGNORECASE)[0]
    return f"SIP/2.0 {status}\r\n{kept}To: {to};tag=browser\r\nContent-Length: 0\r\n\r\n"


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()
