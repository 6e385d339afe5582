"""The audio files of a call on disk."""

from __future__ import annotations

import wave
from pathlib import Path


def duration_s(file: Path) -> float | None:
    """Seconds of audio in a WAV file; None when there is no readable one."""
    try:
        with wave.open(str(file), "rb") as audio:
            return round(audio.getnframes() / audio.getframerate(), 3)
    except (OSError, EOFError, wave.Error):
        return None
