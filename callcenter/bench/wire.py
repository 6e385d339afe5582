"""AGI between Asterisk and controller as it passes over loopback, with the kernel's own times.

Needs CAP_NET_RAW. A classic BPF program in the kernel lets only the AGI port through.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import socket
import struct
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_ETH_P_IP = 0x0800
_SO_ATTACH_FILTER = 26
_SO_TIMESTAMPNS = 35  # the same number names the control message
_SO_RCVBUFFORCE = 33
_BUFFER_BYTES = 32 << 20
_FETCH_EVERY_S = 0.25
KEY = re.compile(rb"200 result=(35|42|4[89]|5[0-7])\b")  # ASCII of # * 0 to 9
NOTHING = re.compile(rb"200 result=0\n")


@dataclass(frozen=True, slots=True)
class Segment:
    """One TCP segment with data in it. `line`: Asterisk's port of this connection, one a call."""

    at_ns: int
    line: int
    is_from_asterisk: bool
    data: bytes


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the wire, milliseconds.

    think_ms: the reply leaves Asterisk → the next command leaves the controller.
    round_ms: the reply leaves Asterisk → that command has been carried out and answered.
    """

    think_ms: float
    round_ms: float


def steps(
    segments: Iterable[Segment], *, reply: re.Pattern[bytes], command: bytes = b"NOOP\n"
) -> list[Step]:
    """A reply like `reply`, then this one command, then its answer, on one line."""
    lines: dict[int, list[Segment]] = defaultdict(list)
    for segment in segments:
        lines[segment.line].append(segment)
    return [step for line in lines.values() for step in _steps(line, reply, command)]


def _steps(line: list[Segment], reply: re.Pattern[bytes], command: bytes) -> Iterator[Step]:
    for first, told, last in zip(line, line[1:], line[2:], strict=False):
        if (
            first.is_from_asterisk
            and reply.match(first.data)
            and not told.is_from_asterisk
            and told.data == command
            and last.is_from_asterisk
            and last.data.startswith(b"200 ")
        ):
            yield Step(
                think_ms=(told.at_ns - first.at_ns) / 1e6,
                round_ms=(last.at_ns - first.at_ns) / 1e6,
            )


class Tap:
    """Listens in on one server port of loopback inside `with`; `segments` fills up meanwhile."""

    def __init__(self, port: int) -> None:
        """PermissionError without CAP_NET_RAW."""
        self.segments: list[Segment] = []
        self._port = port
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ETH_P_IP))
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER_BYTES)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        _attach(self._socket, port)
        self._socket.bind(("lo", _ETH_P_IP))
        self._socket.setblocking(False)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Tap:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._socket.close()

    def _listen(self) -> None:
        # Waking up for each packet would delay the very threads that are measured: the kernel has
        # noted the times, so they are fetched now and then, and only by a core that has no work.
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        while not self._stop.wait(_FETCH_EVERY_S):
            self._fetch()
        self._fetch()

    def _fetch(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                packet, control, _, address = self._socket.recvmsg(65_535, 256)
                # Loopback shows each packet twice: as it goes out and as it comes in.
                if address[2] != socket.PACKET_OUTGOING:
                    self._take(packet, control)

    def _take(self, packet: bytes, control: list[tuple[int, int, bytes]]) -> None:
        ip_bytes = (packet[0] & 0x0F) * 4
        length = int.from_bytes(packet[2:4], "big")
        source, target = struct.unpack_from("!HH", packet, ip_bytes)
        tcp_bytes = (packet[ip_bytes + 12] >> 4) * 4
        data = packet[ip_bytes + tcp_bytes : length]
        stamps = [value for level, kind, value in control if kind == _SO_TIMESTAMPNS]
        if data and stamps:
            seconds, nanoseconds = struct.unpack_from("qq", stamps[0])
            is_from_asterisk = target == self._port
            line = source if is_from_asterisk else target
            at_ns = seconds * 1_000_000_000 + nanoseconds
            self.segments.append(Segment(at_ns, line, is_from_asterisk, data))


def _attach(tap: socket.socket, port: int) -> None:
    """Let through IPv4 TCP from or to the port; the packet begins with its IP header."""
    program = [
        (0x30, 0, 0, 9),  # A = protocol
        (0x15, 0, 6, socket.IPPROTO_TCP),
        (0xB1, 0, 0, 0),  # X = bytes of the IP header
        (0x48, 0, 0, 0),  # A = source port
        (0x15, 2, 0, port),
        (0x48, 0, 0, 2),  # A = target port
        (0x15, 0, 1, port),
        (0x06, 0, 0, 0x40000),  # take the packet
        (0x06, 0, 0, 0),  # leave it
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in program))
    wanted = struct.pack("HL", len(program), ctypes.addressof(code))
    tap.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, wanted)
