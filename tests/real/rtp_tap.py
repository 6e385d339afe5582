"""What a telephone hears: A-law sound and keys that Asterisk sends it, taken from the loopback.

SIPp plays but does not listen, and takes sound elsewhere than it says: it is known by the port of
Asterisk's that it comes from. Needs root, as SIPp's keys do.
"""

from __future__ import annotations

import re
import socket
import struct
import threading
import time
from types import TracebackType

import numpy as np

from tests.real.sipp import Party

ETH_P_IP = 0x0800
PACKET_HOST = 0  # linux/if_packet.h: on loopback each packet is seen going out and coming in
ALAW, KEYS, UDP = 8, 101, 17
KEY_NAMES = "0123456789*#"
RATE = 8000


class RtpTap:
    """Listens while it is open; `port`: Asterisk's for this telephone."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._sound = bytearray()
        self._keys: dict[int, str] = {}
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_IP))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
        self._socket.bind(("lo", ETH_P_IP))
        self._socket.settimeout(0.1)
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> RtpTap:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._is_over.set()
        self._thread.join()
        self._socket.close()

    def _listen(self) -> None:
        while not self._is_over.is_set():
            try:
                packet, of = self._socket.recvfrom(4096)
            except TimeoutError:
                continue
            if of[2] == PACKET_HOST:
                self._take(packet)

    def _take(self, packet: bytes) -> None:
        head = (packet[0] & 15) * 4
        if packet[9] != UDP or struct.unpack_from("!H", packet, head)[0] != self._port:
            return
        rtp = packet[head + 8 :]
        if len(rtp) > 12 and rtp[0] >> 6 == 2 and rtp[1] & 127 == ALAW:
            self._sound += rtp[12:]
        elif len(rtp) >= 16 and rtp[1] & 127 == KEYS:  # RFC 4733: all packets of a key say when
            self._keys[struct.unpack_from("!I", rtp, 4)[0]] = KEY_NAMES[rtp[12]]

    @property
    def keys(self) -> str:
        """Keys pressed on the other side since it listens, in the order in which they came."""
        return "".join(self._keys.values())

    def next(self, seconds: float) -> np.ndarray:
        """Samples of the next `seconds`."""
        self._sound.clear()
        time.sleep(seconds)
        return _from_alaw(bytes(self._sound))

    def hears(self, *hertz: int, seconds: float = 1.2) -> list[bool]:
        """Whether each of these tones sounds in what comes now."""
        samples = self.next(seconds)
        assert len(samples) > RATE // 2, "no sound comes to this telephone"
        return [sounds(samples, one) for one in hertz]

    def speaks(self, *, beside: int, seconds: float = 1.5) -> bool:
        """Whether more than this one tone sounds in what comes now: somebody speaks."""
        samples = self.next(seconds)
        assert len(samples) > RATE // 2, "no sound comes to this telephone"
        loud = np.abs(np.fft.rfft(samples)) ** 2
        hertz = np.fft.rfftfreq(len(samples), 1 / RATE)
        others = loud[(np.abs(hertz - beside) > 60) & (hertz > 120)].sum() / loud.sum()
        return bool(others > 0.02)


def heard_by(party: Party) -> RtpTap:
    """What this telephone hears in its newest call."""
    ports = re.findall(r"^s=Asterisk$.*?^m=audio (\d+)", party.messages(), re.MULTILINE | re.DOTALL)
    return RtpTap(int(ports[-1]))


def sounds(samples: np.ndarray, hertz: int) -> bool:
    """Whether this tone is in these samples; never in none."""
    if len(samples) < RATE // 4:
        return False
    turning = np.exp(-2j * np.pi * hertz * np.arange(len(samples)) / RATE)
    return bool(abs(samples @ turning) / len(samples) > 150)


def _from_alaw(sound: bytes) -> np.ndarray:
    """G.711 A-law as 16-bit samples."""
    code = np.frombuffer(sound, np.uint8).astype(np.int32) ^ 0x55
    low, exponent = (code & 15) << 4, (code >> 4) & 7
    loud = np.where(exponent == 0, low + 8, (low + 0x108) << np.maximum(exponent - 1, 0))
    return np.where(code & 128, loud, -loud).astype(float)
