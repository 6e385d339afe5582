"""The length of a recording, also of one that nobody could close."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest

from callcenter.recording import duration_s


def write(path: Path, seconds: float) -> Path:
    with wave.open(str(path), "wb") as audio:
        audio.setparams((1, 2, 8000, 0, "NONE", ""))
        audio.writeframes(b"\0\0" * int(seconds * 8000))
    return path


def test_the_length_is_in_the_header(tmp_path: Path) -> None:
    assert duration_s(write(tmp_path / "a.wav", 2.5)) == 2.5


def test_a_header_that_a_crash_left_empty_is_mended(tmp_path: Path) -> None:
    file = write(tmp_path / "a.wav", 2.5)
    broken = bytearray(file.read_bytes())
    broken[4:8] = broken[40:44] = b"\0\0\0\0"
    file.write_bytes(broken)
    assert duration_s(file) == 2.5
    with wave.open(str(file), "rb") as audio:
        assert audio.getnframes() == 20_000


@pytest.mark.parametrize("content", [b"", b"RIFF", b"x" * 100])
def test_what_is_no_recording_has_no_length(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "a.wav"
    file.write_bytes(content)
    assert duration_s(file) is None
    assert duration_s(tmp_path / "missing.wav") is None
