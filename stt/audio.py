"""Read any recording as what a speech recogniser takes: 16 kHz floats, one row per channel."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

RATE = 16_000
"""Samples a second that every engine here takes."""

Samples = NDArray[np.float32]
"""Mono samples, -1 to 1."""


class AudioFault(Exception):
    """A file that is not there or not sound; the message is one clear line."""


def read_channels(file: Path) -> tuple[Samples, ...]:
    """Each channel of a sound file at `RATE`, in file order (caller, then seat); AudioFault.

    Reads what libsndfile reads: WAV (PCM, A-law, mu-law), FLAC, Ogg, Opus, MP3.
    """
    try:
        samples, rate = soundfile.read(file, dtype="float32", always_2d=True)
    except (OSError, soundfile.LibsndfileError) as fault:
        raise AudioFault(
            f"{file}: {'no such file' if not file.exists() else 'not a sound file'}"
        ) from fault
    if not len(samples):
        raise AudioFault(f"{file}: no sound in it")
    return tuple(np.ascontiguousarray(soxr.resample(row, rate, RATE)) for row in samples.T)


def mixed(parts: Sequence[tuple[float, Samples]]) -> Samples:
    """One channel of several sounds, each from its second on; one that begins later goes over."""
    length = max((round(from_s * RATE) + len(sound) for from_s, sound in parts), default=0)
    whole = np.zeros(length, np.float32)
    for from_s, sound in parts:
        start = round(from_s * RATE)
        whole[start : start + len(sound)] = sound
    return whole
