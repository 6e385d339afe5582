"""A STUN and TURN server for tests (RFC 8489, 8656) over UDP, with time-limited passwords.

It checks each password and each message's integrity, and counts what it relays.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import os
import struct
import threading
import time
import zlib
from collections.abc import Iterator
from typing import Any

Address = tuple[str, int]

MAGIC = 0x2112A442
BINDING, ALLOCATE, REFRESH, SEND, PERMIT, BIND = 0x001, 0x003, 0x004, 0x006, 0x008, 0x009
DATA_INDICATION, SUCCESS, ERROR = 0x0017, 0x0100, 0x0110
USERNAME, INTEGRITY, FAULT, CHANNEL, LIFETIME = 0x0006, 0x0008, 0x0009, 0x000C, 0x000D
PEER, DATA, REALM, NONCE, RELAYED, MAPPED = 0x0012, 0x0013, 0x0014, 0x0015, 0x0016, 0x0020


def attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def attributes(body: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Kind, value, and where it begins."""
    at = 0
    while at + 4 <= len(body):
        kind, size = struct.unpack_from("!HH", body, at)
        yield kind, body[at + 4 : at + 4 + size], at
        at += 4 + size + -size % 4


def pack_address(address: Address) -> bytes:
    number = int.from_bytes(bytes(map(int, address[0].split("."))), "big")
    return struct.pack("!xBHI", 1, address[1] ^ MAGIC >> 16, number ^ MAGIC)


def read_address(value: bytes) -> Address:
    port, number = struct.unpack("!2xHI", value)
    return ".".join(map(str, (number ^ MAGIC).to_bytes(4, "big"))), port ^ MAGIC >> 16


class Relay(asyncio.DatagramProtocol):
    """What one browser was allocated: a port of its own."""

    def __init__(self, server: TurnServer, browser: Address) -> None:
        self.server, self.browser = server, browser
        self.channels: dict[int, Address] = {}
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, sender: Address) -> None:
        self.server.relayed += 1
        for number, peer in self.channels.items():
            if peer == sender:
                self.server.send(struct.pack("!HH", number, len(data)) + data, self.browser)
                return
        body = attribute(PEER, pack_address(sender)) + attribute(DATA, data)
        head = struct.pack("!HHI", DATA_INDICATION, len(body), MAGIC) + os.urandom(12)
        self.server.send(head + body, self.browser)


class TurnServer(asyncio.DatagramProtocol):
    """Runs in a thread of its own from `start` to `stop`; `url` is for HOTLINE_ICE."""

    def __init__(self, secret: str, host: str = "127.0.0.1") -> None:
        self.secret, self.host, self.port = secret, host, 0
        self.users: set[str] = set()
        self.refused = self.relayed = self.asked = 0
        self._relays: dict[Address, Relay] = {}
        self._transport: Any = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"turn:{self.host}:{self.port}?transport=udp"

    def start(self) -> TurnServer:
        self._thread.start()
        opening = self._loop.create_datagram_endpoint(lambda: self, local_addr=(self.host, 0))
        self._transport, _ = asyncio.run_coroutine_threadsafe(opening, self._loop).result(5)
        self.port = self._transport.get_extra_info("sockname")[1]
        return self

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        for one in (self._transport, *(relay.transport for relay in self._relays.values())):
            one.close()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def send(self, data: bytes, to: Address) -> None:
        self._transport.sendto(data, to)

    def datagram_received(self, data: bytes, sender: Address) -> None:
        relay = self._relays.get(sender)
        first, size = struct.unpack_from("!HH", data)
        if first >= 0x4000:
            if relay is not None and first in relay.channels:
                self.relayed += 1
                relay.transport.sendto(data[4 : 4 + size], relay.channels[first])
            return
        given = {kind: value for kind, value, _ in attributes(data[20:])}
        method = first & ~0x0110
        if method == SEND and relay is not None:
            self.relayed += 1
            relay.transport.sendto(given[DATA], read_address(given[PEER]))
        elif method == BINDING:
            self.asked += 1
            self._answer(SUCCESS, data, attribute(MAPPED, pack_address(sender)), sender, b"")
        else:
            self._loop.create_task(self._request(method, data, given, sender))

    async def _request(
        self, method: int, data: bytes, given: dict[int, bytes], sender: Address
    ) -> None:
        key = self._key(data, given)
        if key is None:
            self.refused += INTEGRITY in given
            body = attribute(FAULT, b"\0\0\4\1Unauthorized")
            body += attribute(REALM, b"test") + attribute(NONCE, b"once")
            return self._answer(ERROR, data, body, sender, b"")
        relay = self._relays.get(sender)
        body = b""
        if method == ALLOCATE and relay is None:
            opening = self._loop.create_datagram_endpoint(
                lambda: Relay(self, sender), local_addr=(self.host, 0)
            )
            _, relay = await opening
            self._relays[sender] = relay
        if method == ALLOCATE and relay is not None:
            body = attribute(RELAYED, pack_address(relay.transport.get_extra_info("sockname")))
            body += attribute(MAPPED, pack_address(sender))
        if method == BIND and relay is not None:
            relay.channels[struct.unpack("!H", given[CHANNEL][:2])[0]] = read_address(given[PEER])
        if method in (ALLOCATE, REFRESH):
            body += attribute(LIFETIME, struct.pack("!I", 600))
        self._answer(SUCCESS, data, body, sender, key)

    def _key(self, data: bytes, given: dict[int, bytes]) -> bytes | None:
        """Of who may: his password is the secret's, it has not ended, the message is whole."""
        user = given.get(USERNAME, b"").decode()
        until = user.partition(":")[0]
        if INTEGRITY not in given or not until.isdigit() or int(until) < time.time():
            return None
        made = hmac.new(self.secret.encode(), user.encode(), hashlib.sha1).digest()
        password = base64.b64encode(made).decode()
        key = hashlib.md5(f"{user}:test:{password}".encode()).digest()
        at = next(at for kind, _, at in attributes(data[20:]) if kind == INTEGRITY)
        signed = data[:2] + struct.pack("!H", at + 24) + data[4 : 20 + at]
        if not hmac.compare_digest(hmac.new(key, signed, hashlib.sha1).digest(), given[INTEGRITY]):
            return None
        self.users.add(user)
        return key

    def _answer(self, kind: int, asked: bytes, body: bytes, to: Address, key: bytes) -> None:
        method = struct.unpack_from("!H", asked)[0]
        if key:
            head = struct.pack("!HH", method | kind, len(body) + 24) + asked[4:20]
            body += attribute(INTEGRITY, hmac.new(key, head + body, hashlib.sha1).digest())
        head = struct.pack("!HH", method | kind, len(body) + 8) + asked[4:20]
        mark = zlib.crc32(head + body) ^ 0x5354554E
        self.send(head + body + attribute(0x8028, struct.pack("!I", mark)), to)
