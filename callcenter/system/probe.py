"""Whether the other end of a trunk answers: one SIP OPTIONS over UDP (RFC 3261 §11), any answer
counts.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from typing import Literal

SENT_AT_S = (0.0, 0.5, 1.0)  # UDP loses: asked again until it answers
ANSWER_S = 2.5
USUAL_PORT = 5060
_STATUS = re.compile(rb"SIP/2\.0 ([1-6]\d\d) ")

Outcome = Literal["answers", "silent", "refused", "unknown_host"]


class _Ear(asyncio.DatagramProtocol):
    def __init__(self, call_id: bytes) -> None:
        self._call_id = call_id
        self.heard: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        if _STATUS.match(data) and self._call_id in data:
            self._tell("answers")

    def error_received(self, exc: Exception) -> None:
        self._tell("refused")

    def _tell(self, outcome: Outcome) -> None:
        if not self.heard.done():
            self.heard.set_result(outcome)


async def probe(outbound: str, *, from_host: str) -> Outcome:
    """Ask `sip:host:port` from this address (0.0.0.0: whichever leads there). Never raises."""
    host, port = _place(outbound)
    call_id = secrets.token_hex(12)
    local = None if from_host == "0.0.0.0" else (from_host, 0)
    try:
        transport, ear = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Ear(call_id.encode()), local_addr=local, remote_addr=(host, port)
        )
    except OSError:
        return "unknown_host"
    try:
        own = transport.get_extra_info("sockname")[:2]
        request = _options(host, port, own, call_id)
        last = 0.0
        for at in SENT_AT_S:
            await asyncio.wait((ear.heard,), timeout=at - last)
            if ear.heard.done():
                break
            transport.sendto(request)
            last = at
        return await asyncio.wait_for(ear.heard, ANSWER_S - last)
    except TimeoutError:
        return "silent"
    finally:
        transport.close()


def _place(outbound: str) -> tuple[str, int]:
    host, _, port = outbound.removeprefix("sip:").partition(":")
    return host, int(port) if port else USUAL_PORT


def _options(host: str, port: int, own: tuple[str, int], call_id: str) -> bytes:
    here = f"{own[0]}:{own[1]}"
    lines = (
        f"OPTIONS sip:{host}:{port} SIP/2.0",
        f"Via: SIP/2.0/UDP {here};branch=z9hG4bK{call_id};rport",
        "Max-Forwards: 70",
        f"From: <sip:hotline@{own[0]}>;tag={call_id[:8]}",
        f"To: <sip:{host}:{port}>",
        f"Call-ID: {call_id}",
        "CSeq: 1 OPTIONS",
        f"Contact: <sip:hotline@{here}>",
        "Accept: application/sdp",
        "Content-Length: 0",
        *("", ""),
    )
    return "\r\n".join(lines).encode()
