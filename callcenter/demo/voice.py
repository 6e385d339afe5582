"""Sound of a simulated phone: A-law audio and keys as RTP, one datagram each 20 ms."""

import array
import asyncio
import secrets
import struct
import sys
import wave
from collections.abc import Callable
from pathlib import Path

from callcenter.demo.sip import PCMA, Media

FRAME_S = 0.020
FRAME_SAMPLES = 160  # 20 ms at 8 kHz
SILENCE = bytes([0xD5]) * FRAME_SAMPLES
KEYS = "0123456789*#ABCD"
KEY_FRAMES = 6  # 120 ms: long enough for any detector
KEY_GAP_FRAMES = 5
_LATE_S = 0.2  # after a stall we go on from now instead of catching up in a burst


def _alaw_of(sample: int) -> int:
    """One 16-bit sample as ITU-T G.711 A-law."""
    sign = 0x80 if sample >= 0 else 0
    level = min(sample if sample >= 0 else -sample - 1, 32767) >> 3
    segment = max(level.bit_length() - 5, 0)
    step = level >> (segment if segment > 1 else 1)
    return (sign | segment << 4 | step & 0x0F) ^ 0x55


def _level_of(code: int) -> int:
    """How loud an A-law byte is: its absolute 13-bit level."""
    value = code ^ 0x55
    segment, step = value >> 4 & 0x07, value & 0x0F
    return (step << 1 | 1) if segment == 0 else (step << 1 | 33) << (segment - 1)


_ALAW = bytes(_alaw_of(sample - 32768) for sample in range(65536))
LEVELS = tuple(_level_of(code) for code in range(256))


class BadClip(ValueError):
    """Not a mono 16-bit WAV of 8 kHz."""


def load_clip(path: Path) -> bytes:
    """A WAV of 8 kHz, mono, 16 bit as A-law, padded to whole frames; raises BadClip."""
    with wave.open(str(path), "rb") as file:
        if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (8000, 1, 2):
            raise BadClip(f"{path}: not 8 kHz, mono, 16 bit")
        samples = array.array("h", file.readframes(file.getnframes()))
    if sys.byteorder == "big":
        samples.byteswap()
    sound = bytes(_ALAW[sample + 32768] for sample in samples)
    return sound + SILENCE[: -len(sound) % FRAME_SAMPLES]


def loudness(frame: bytes) -> int:
    """Sum of the absolute levels of one A-law frame."""
    return sum(map(LEVELS.__getitem__, frame))


class Line(asyncio.DatagramProtocol):
    """The media of one call: says what it is given, silence otherwise; hands on what it hears."""

    def __init__(self, on_frame: Callable[[bytes], None] | None = None) -> None:
        """`on_frame`: called with each A-law frame that is heard."""
        self.on_frame = on_frame
        self.port = 0
        self.heard_frames = 0
        self.last_frame = SILENCE
        self._transport: asyncio.DatagramTransport | None = None
        self._media: Media | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._speech = b""
        self._at = 0
        self._keys: list[tuple[int, int]] = []
        self._sequence = secrets.randbelow(1 << 15)
        self._stamp = secrets.randbelow(1 << 30)
        self._ssrc = secrets.randbits(32)
        self._due = 0.0
        self._key_stamp = 0

    async def open(self, host: str) -> int:
        """Take a free port on `host`; its number."""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(host, 0))
        self._transport = transport
        self.port = transport.get_extra_info("sockname")[1]
        return self.port

    def start(self, media: Media) -> None:
        """Send to the other side from now on."""
        self._media = media
        if self._timer is None and self._transport is not None:
            loop = asyncio.get_running_loop()
            self._due = loop.time()
            self._timer = loop.call_at(self._due, self._tick)

    def say(self, speech: bytes) -> float:
        """Speak a clip of whole frames, in place of what is being said; its seconds."""
        self._speech, self._at = speech, 0
        return len(speech) / 8000

    def press(self, keys: str) -> None:
        """Press keys one after the other; unknown characters are refused with ValueError."""
        for key in keys:
            event = KEYS.index(key)
            frames = KEY_FRAMES + 2  # the end is sent three times (RFC 4733 §2.5.1.4)
            self._keys += [(event, frame) for frame in range(frames)]
            self._keys += [(-1, 0)] * KEY_GAP_FRAMES

    def close(self) -> None:
        """Fall silent and give the port back."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Count and hand on audio; anything else is not for us."""
        if len(data) <= 12 or data[0] >> 6 != 2 or data[1] & 0x7F != PCMA:
            return
        frame = data[12:]
        self.heard_frames += 1
        self.last_frame = frame
        if self.on_frame is not None:
            self.on_frame(frame)

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        self._send_frame()
        self._due += FRAME_S
        if loop.time() - self._due > _LATE_S:
            self._due = loop.time()
        self._timer = loop.call_at(self._due, self._tick)

    def _send_frame(self) -> None:
        if self._keys:
            event, frame = self._keys.pop(0)
            if event >= 0:
                self._send_key(event, frame)
                return
        payload = SILENCE
        if self._at < len(self._speech):
            payload = self._speech[self._at : self._at + FRAME_SAMPLES]
            self._at += FRAME_SAMPLES
        self._send(PCMA, self._stamp, payload)
        self._stamp += FRAME_SAMPLES

    def _send_key(self, event: int, frame: int) -> None:
        assert self._media is not None
        if frame == 0:
            self._key_stamp = self._stamp
        is_end = frame >= KEY_FRAMES - 1
        held = min(frame + 1, KEY_FRAMES) * FRAME_SAMPLES
        payload = struct.pack("!BBH", event, (0x80 if is_end else 0) | 10, held)
        marker = 0x80 if frame == 0 else 0
        self._send(self._media.event_type | marker, self._key_stamp, payload)
        self._stamp += FRAME_SAMPLES

    def _send(self, kind: int, stamp: int, payload: bytes) -> None:
        if self._transport is None or self._media is None:
            return
        head = struct.pack(
            "!BBHII", 0x80, kind, self._sequence & 0xFFFF, stamp & 0xFFFFFFFF, self._ssrc
        )
        self._sequence += 1
        self._transport.sendto(head + payload, (self._media.host, self._media.port))
