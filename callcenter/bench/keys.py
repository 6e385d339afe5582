"""Keys by RFC 4733 as a pcap file for SIPp's play_pcap_audio.

SIPp 3.6's own play_dtmf is no use here: fixed payload types 96 and 97, 20 timestamp units a packet,
and every press begins at the same timestamp, so that Asterisk takes the second for the first.
"""

from __future__ import annotations

import struct
from pathlib import Path

PAYLOAD_TYPE = 101
_EVENTS = "0123456789*#ABCD"
_PACKET_S = 0.02
_UNITS = 160  # timestamp units of a packet: 20 ms at 8 kHz
_PACKETS = 5  # a key lasts 100 ms
_ENDS = 3  # the last packet is sent three times (RFC 4733 §2.5.1.4)
KEY_S = (_PACKETS + _ENDS + 4) * _PACKET_S  # with the pause before the next
_SSRC = 0x12348


def write_keys(path: Path, keys: str, index: int) -> float:
    """Write a pcap in which `keys` are pressed one by one; seconds that they take.

    index: which press of the call this is, so that timestamps and sequence numbers go up.
    """
    packets: list[tuple[float, bytes]] = []
    for i, key in enumerate(keys):
        stamp = 80_000 * (index + 1) + i * int(KEY_S * 8000)
        for n in range(_PACKETS + _ENDS):
            is_end = n >= _PACKETS
            duration = min(n + 1, _PACKETS) * _UNITS
            number = (1000 * (index + 1) + i * (_PACKETS + _ENDS) + n) & 0xFFFF
            event = struct.pack("!BBH", _EVENTS.index(key), 0x80 * is_end | 10, duration)
            mark = 0x80 if n == 0 else 0
            head = struct.pack("!BBHII", 0x80, PAYLOAD_TYPE | mark, number, stamp, _SSRC)
            packets.append((i * KEY_S + n * _PACKET_S, head + event))
    path.write_bytes(_pcap(packets))
    return len(keys) * KEY_S


def _pcap(packets: list[tuple[float, bytes]]) -> bytes:
    """Little-endian pcap 2.4 of Ethernet frames; SIPp sets addresses and ports itself."""
    out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    for at_s, rtp in packets:
        udp = struct.pack("!HHHH", 4000, 4000, 8 + len(rtp), 0) + rtp
        ip = struct.pack(
            "!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, b"\x7f\0\0\1", b"\x7f\0\0\1"
        )
        frame = b"\0" * 12 + b"\x08\0" + ip + udp
        out += struct.pack("<IIII", 1, int(at_s * 1e6), len(frame), len(frame)) + frame
    return out
