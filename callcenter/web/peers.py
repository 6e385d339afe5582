"""The pages of the other controllers: asks one of them in the name of a person, and hands its
answer on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import aiohttp
import structlog
from aiohttp import web
from yarl import URL

from callcenter.address import Address
from callcenter.web.errors import ApiFault
from callcenter.web.person import Person, person_of
from callcenter.web.seal import Seal

log = structlog.get_logger(__name__)

CONNECT_S = 1.0
ANSWER_S = 20.0  # who listens may have to wait until both sides have heard who the other is
CHUNK = 64 * 1024
_ASKED = ("Content-Type", "Accept", "Accept-Language", "Range", "If-Range", "If-Modified-Since")
_ANSWERED = (
    *("Content-Type", "Content-Length", "Content-Range", "Content-Disposition", "Accept-Ranges"),
    *("Last-Modified", "ETag", "Retry-After"),
)


class Places(Protocol):
    """Where calls are (callcenter.whereabouts)."""

    def of_call(self, call_id: str) -> Address | None:
        """The controller that has it; None: this one."""

    def of_seat(self, number: str) -> Address | None:
        """The controller that has this seat's call; None: this one."""

    def of_desk(self, number: str) -> Address | None:
        """The controller that serves the page at this seat; None: this one, or there is none."""

    @property
    def own(self) -> str:
        """This node's name."""

    def others(self) -> Mapping[str, Address | None]:
        """Every other node's controller; None where none is known to live."""


class Peers:
    """The other controllers' pages. `close` at the end."""

    def __init__(self, places: Places, seal: Seal) -> None:
        self.places = places
        self.seal = seal
        self._client: aiohttp.ClientSession | None = None

    async def asked_for(self, request: web.Request) -> Person | None:
        """For whom another controller asks; None when the seal is none of ours."""
        body = await request.read()
        return self.seal.read(request.headers, request.method, request.raw_path, body)

    async def ask(self, request: web.Request, address: Address) -> web.StreamResponse:
        """That controller's answer; ApiFault 503 when it gives none."""
        body = await request.read()
        sealed = self.seal.put(person_of(request), request.method, request.raw_path, body)
        given = {name: request.headers[name] for name in _ASKED if name in request.headers}
        url = URL(f"http://{address}{request.raw_path}", encoded=True)
        try:
            async with self._session().request(
                request.method,
                url,
                data=body or None,
                headers={**given, **sealed},
                allow_redirects=False,
            ) as far:
                return await _answer(request, far)
        except (aiohttp.ClientError, TimeoutError, OSError) as away:
            log.warning("another controller did not answer", at=str(address), why=repr(away))
            raise ApiFault(
                503, "node_away", "这通电话所在的节点暂时没有响应，请稍后再试。"
            ) from None

    async def tell(self, person: Person, address: Address, path: str, body: bytes) -> bool:
        """Have another controller do what a POST says, in this person's name; whether it did."""
        sealed = self.seal.put(person, "POST", path, body)
        headers = {**sealed, "Content-Type": "application/json"}
        url = URL(f"http://{address}{path}", encoded=True)
        try:
            async with self._session().post(url, data=body, headers=headers) as far:
                if far.status != 200:
                    log.warning("another controller refused", at=str(address), status=far.status)
                return far.status == 200
        except (aiohttp.ClientError, TimeoutError, OSError) as away:
            log.warning("another controller did not answer", at=str(address), why=repr(away))
            return False

    async def fetch(self, person: Person, address: Address, path: str, *, most: int) -> bytes:
        """What another controller has at this address; ApiFault 503 when it gives nothing, or
        more than `most` bytes.
        """
        sealed = self.seal.put(person, "GET", path, b"")
        url = URL(f"http://{address}{path}", encoded=True)
        try:
            async with self._session().get(url, headers=sealed) as far:
                found = await far.content.read(most + 1) if far.status == 200 else b""
                while found and len(found) <= most and (more := await far.content.read(CHUNK)):
                    found += more
        except (aiohttp.ClientError, TimeoutError, OSError) as away:
            log.warning("another controller did not answer", at=str(address), why=repr(away))
            found = b""
        if not found or len(found) > most:
            raise ApiFault(503, "node_away", "另一节点暂时没有响应，请稍后再试。")
        return found

    def _session(self) -> aiohttp.ClientSession:
        if self._client is None:
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=ANSWER_S)
            self._client = aiohttp.ClientSession(
                timeout=timeout, trust_env=False, auto_decompress=False
            )
        return self._client

    async def close(self) -> None:
        """Let go of the connections."""
        if self._client is not None:
            await self._client.close()


async def _answer(request: web.Request, far: aiohttp.ClientResponse) -> web.StreamResponse:
    headers = {name: far.headers[name] for name in _ANSWERED if name in far.headers}
    if far.content_type == "application/json" or request.method == "HEAD":
        headers.pop("Content-Length", None)
        return web.Response(status=far.status, body=await far.read(), headers=headers)
    response = web.StreamResponse(status=far.status, headers=headers)
    await response.prepare(request)
    async for chunk in far.content.iter_chunked(CHUNK):
        await response.write(chunk)
    await response.write_eof()
    return response
