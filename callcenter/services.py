"""Services outside that a flow may ask: one request each, strictly bounded, its answer only facts.

The event loop never waits: a request is a task, its answer comes by callback. What the caller
typed goes to the service and nowhere else; reasons and logs are made of our own words only.
"""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import Callable, Mapping
from typing import Protocol
from urllib.parse import urlsplit

import aiohttp
import msgspec
import structlog

from ivr_flows.catalogue import Service

log = structlog.get_logger()

WHOLE_S = 3.0  # from the name's look-up to the last byte
LARGEST = 64 * 1024  # bytes of an answer
MOST_AT_ONCE = 200  # connections; who comes later has failed after WHOLE_S like any other

Told = Callable[[Mapping[str, str] | str], None]
"""Takes the facts, or the reason why there are none."""


class ServiceRefused(Exception):
    """No answer that counts: `kind` for the counter, the text for the log."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind


class Counted(Protocol):
    """Counts requests."""

    def service_asked(self, service: str, outcome: str) -> None:
        """One request has come to its end: `answered`, or the kind of its failure."""


class Services:
    """Asks the services of services.yaml. `known` and `keys` are read anew for each request."""

    def __init__(
        self,
        known: Callable[[], Mapping[str, Service]],
        keys: Callable[[], Mapping[str, str]],
        counters: Counted,
        *,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`keys`: secrets by name, sent as Bearer; `tls` in place of the system's trust."""
        self._known = known
        self._keys = keys
        self._counters = counters
        self._tls = tls
        self._http: aiohttp.ClientSession | None = None
        self._asking: dict[str, asyncio.Task[None]] = {}

    def ask(self, call_id: str, service: str, sent: Mapping[str, str], told: Told) -> None:
        """Begin a request for this call; a request it made before is given up."""
        self.forget(call_id)
        task = asyncio.get_running_loop().create_task(
            self._ask(call_id, service, sent, told), name=f"service {service}"
        )
        self._asking[call_id] = task

    def forget(self, call_id: str) -> None:
        """The call is over or asks anew: an answer that still comes is for nobody."""
        task = self._asking.pop(call_id, None)
        if task is not None:
            task.cancel()

    @property
    def asking(self) -> int:
        """Requests on their way."""
        return len(self._asking)

    async def close(self) -> None:
        """Give up all requests and close every connection."""
        tasks = tuple(self._asking.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._asking.clear()
        if self._http is not None:
            await self._http.close()
            self._http = None

    async def _ask(self, call_id: str, name: str, sent: Mapping[str, str], told: Told) -> None:
        outcome: Mapping[str, str] | str
        try:
            outcome = await self._answer(name, sent)
            kind = "answered"
        except ServiceRefused as refused:
            outcome, kind = str(refused), refused.kind
            log.warning("service failed", service=name, reason=outcome, call_id=call_id)
        except Exception:
            # Nobody else would tell the call, and its caller would hear music for ever.
            log.exception("asking a service failed", service=name, call_id=call_id)
            outcome, kind = "a fault of ours", "fault"
        self._counters.service_asked(name, kind)
        if self._asking.get(call_id) is asyncio.current_task():
            del self._asking[call_id]
            told(outcome)

    async def _answer(self, name: str, sent: Mapping[str, str]) -> dict[str, str]:
        """The declared facts of the answer. Raises ServiceRefused, and nothing else."""
        service = self._known().get(name)
        if service is None:
            raise ServiceRefused("unknown", "there is no such service")
        try:
            async with asyncio.timeout(WHOLE_S):
                return facts_of(service, await self._fetch(service, sent))
        except TimeoutError:
            raise ServiceRefused("slow", f"no whole answer within {WHOLE_S:.0f} s") from None
        except (aiohttp.ClientSSLError, ssl.SSLError):
            raise ServiceRefused("certificate", "its certificate is not to be trusted") from None
        except (aiohttp.ClientError, OSError, ValueError):
            # Not the exception's own words: they may quote what was sent.
            raise ServiceRefused("unreachable", "cannot be reached, or speaks no HTTP") from None

    async def _fetch(self, service: Service, sent: Mapping[str, str]) -> bytes:
        if not is_safe(service.url):
            raise ServiceRefused("unsafe", "its address is neither https nor on this machine")
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        if service.key is not None:
            key = self._keys().get(service.key)
            if key is None:
                raise ServiceRefused("no_key", f"the secret {service.key} is not there")
            headers["Authorization"] = f"Bearer {key}"
        body = {name: sent[name] for name in service.send if name in sent}
        async with self._session().post(
            service.url, json=body, headers=headers, allow_redirects=False
        ) as reply:
            if 300 <= reply.status < 400:
                raise ServiceRefused("redirect", "it sends us elsewhere")
            if reply.status != 200:
                raise ServiceRefused("status", f"its status is {reply.status}")
            return await _bounded(reply)

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            self._http = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=MOST_AT_ONCE, ssl=True if self._tls is None else self._tls
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,  # few bytes may unpack into gigabytes
                trust_env=False,
                timeout=aiohttp.ClientTimeout(total=WHOLE_S),
            )
        return self._http


async def _bounded(reply: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for piece in reply.content.iter_any():
        body += piece
        if len(body) > LARGEST:
            raise ServiceRefused("too_large", f"its answer is over {LARGEST} bytes")
    return bytes(body)


def facts_of(service: Service, body: bytes) -> dict[str, str]:
    """The declared facts in an answer, every one of them; other keys are left where they are.

    Raises ServiceRefused.
    """
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise ServiceRefused("not_json", "its answer is not JSON") from None
    if not isinstance(answer, dict):
        raise ServiceRefused("not_json", "its answer is not a JSON object")
    facts: dict[str, str] = {}
    for name, values in service.facts.items():
        value = answer.get(name)
        if not isinstance(value, str) or value not in values:
            raise ServiceRefused("bad_fact", f"its answer has no declared value of {name}")
        facts[name] = value
    return facts


def is_safe(url: str) -> bool:
    """Whether what a caller typed may go there: over TLS, or without leaving this machine."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return True
    host = parts.hostname or ""
    try:
        return parts.scheme == "http" and (
            host == "localhost" or ipaddress.ip_address(host).is_loopback
        )
    except ValueError:
        return False
