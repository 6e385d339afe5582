"""The audio files of a call on disk: their length, and the header that a crash left unwritten."""

from __future__ import annotations

import struct
from pathlib import Path

HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")  # the 44 bytes that Asterisk writes (format_wav.c)
DATA_SIZE = 40  # where the length of the samples stands; it is written when the file is closed
RIFF_SIZE = 4
LENGTH = struct.Struct("<I")


def duration_s(file: Path) -> float | None:
    """Seconds of audio in a WAV file of Asterisk's; None when there is no readable one.

    A file that Asterisk could not close is mended: its length is taken from its size on disk.
    """
    try:
        with file.open("r+b") as audio:
            head = audio.read(HEADER.size)
            if len(head) < HEADER.size or head[:4] != b"RIFF" or head[36:40] != b"data":
                return None
            *_, bytes_a_second, _align, _bits, _data, length = HEADER.unpack(head)
            on_disk = audio.seek(0, 2) - HEADER.size
            if length == 0 and on_disk:
                length = on_disk
                audio.seek(RIFF_SIZE)
                audio.write(LENGTH.pack(length + HEADER.size - 8))
                audio.seek(DATA_SIZE)
                audio.write(LENGTH.pack(length))
            return round(length / bytes_a_second, 3) if bytes_a_second else None
    except OSError:
        return None
