"""The sound work on a prompt: trimmed, one loudness, soft edges, and the two WAV files that
Asterisk plays.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from ivr_flows.prompts.texts import ENDINGS, Kind, PromptFault

Samples = NDArray[np.float32]
"""Mono samples, -1 to 1."""

LEVEL_DB = -20.0
"""Loudness of every prompt: RMS of its speech (pauses left out, the idea of ITU-T P.56), dB of
full scale.
"""

PEAK_DB = -3.0
"""No sample louder than this leaves the maker, so that A-law never clips."""

# Silence before and behind, seconds. Clips are joined without a gap: even 50 ms of it between
# digits turned 零 into 行 for the recogniser.
_SILENCE_S: Mapping[Kind, tuple[float, float]] = {"sentence": (0.02, 0.25), "clip": (0.0, 0.0)}
_FADE_S = 0.008
_HEADER_BYTES = 44  # what a plain WAV has before its samples
_FRAME_S = 0.01


@dataclass(frozen=True)
class Measured:
    """What a sound file holds; levels in dB of full scale."""

    rate: int
    channels: int
    subtype: str
    duration_s: float
    level_db: float
    peak_db: float
    edge_db: float
    """The louder of the first and last sample: a click when it is not near silence."""


def read_mono(file: Path) -> tuple[Samples, int]:
    """Samples (channels mixed) and samples a second of any sound file; PromptFault."""
    try:
        samples, rate = soundfile.read(file, dtype="float32", always_2d=True)
    except (OSError, soundfile.LibsndfileError) as fault:
        reason = "not a sound file" if file.exists() else "no such file"
        raise PromptFault(f"{file}: {reason}") from fault
    return np.asarray(samples.mean(axis=1), np.float32), int(rate)


def measure(file: Path) -> Measured:
    """Format, length and levels of a sound file; PromptFault."""
    samples, rate = read_mono(file)
    about = soundfile.info(file)
    if not len(samples):
        raise PromptFault(f"{file}: no sound in it")
    return Measured(
        rate=rate,
        channels=int(about.channels),
        subtype=str(about.subtype),
        duration_s=len(samples) / rate,
        level_db=speech_level(samples, rate),
        peak_db=_db(float(np.abs(samples).max())),
        edge_db=_db(float(max(abs(samples[0]), abs(samples[-1])))),
    )


def speech_level(samples: Samples, rate: int) -> float:
    """RMS in dB of full scale of the frames that carry speech: those less than 25 dB below the
    loudest one.
    """
    frames = _frame_rms(samples, rate)
    loud = frames[frames > frames.max(initial=0.0) * 10 ** (-25 / 20)]
    return _db(float(np.sqrt(np.mean(loud**2)))) if loud.size else -120.0


def frame_levels(samples: Samples, rate: int) -> NDArray[np.float64]:
    """Loudness of each hundredth of a second, dB of full scale."""
    return np.asarray(20 * np.log10(np.maximum(_frame_rms(samples, rate), 1e-6)), np.float64)


def finish(speech: Samples, rate: int, kind: Kind) -> dict[str, Samples]:
    """Ready samples for each file ending, from raw speech: trimmed, at `LEVEL_DB`, peaks held,
    edges faded.
    """
    trimmed = _trim(speech, rate)
    if not len(trimmed):
        raise PromptFault("no speech in the sound")
    done: dict[str, Samples] = {}
    for ending, wanted_rate in ENDINGS.items():
        narrowed = np.asarray(soxr.resample(trimmed, rate, wanted_rate, quality="VHQ"), np.float32)
        for _ in range(3):  # holding the peaks takes a little loudness away
            gain = 10 ** ((LEVEL_DB - speech_level(narrowed, wanted_rate)) / 20)
            narrowed = _held(narrowed * np.float32(gain))
        done[ending] = _with_edges(narrowed, wanted_rate, kind)
    return done


def write_wav(file: Path, samples: Samples, rate: int, mark: Mapping[str, str] | None) -> None:
    """Write 16-bit mono WAV; `mark` becomes the AI mark of GB 45438-2025, None for a human
    speaker.

    The mark is one JSON object in a chunk named AIGC (TC260-PG-202510A for WAV), placed behind the
    samples: Asterisk 22 takes the length of the samples for the position in the file where they
    end, so it plays nothing behind them and loses as much of their end as stands before them
    (measured). Hence also the short silence at the end.
    """
    silence = np.zeros(_HEADER_BYTES // 2, np.float32)
    sound = np.round(np.concatenate((samples, silence)) * 32767).astype("<i2").tobytes()
    chunks = _chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, rate, rate * 2, 2, 16))
    chunks += _chunk(b"data", sound)
    if mark is not None:
        chunks += _chunk(b"AIGC", json.dumps({"AIGC": dict(mark)}, ensure_ascii=False).encode())
    scratch = file.with_name(file.name + ".part")
    scratch.write_bytes(b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WAVE" + chunks)
    scratch.replace(file)


def read_mark(file: Path) -> dict[str, str] | None:
    """The AI mark inside a WAV file, None when it has none."""
    content = file.read_bytes()
    at = 12
    while at + 8 <= len(content):
        name, size = content[at : at + 4], int.from_bytes(content[at + 4 : at + 8], "little")
        if name == b"AIGC":
            mark: dict[str, str] = json.loads(content[at + 8 : at + 8 + size])["AIGC"]
            return mark
        at += 8 + size + size % 2
    return None


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def _trim(speech: Samples, rate: int) -> Samples:
    frames = _frame_rms(speech, rate)
    loud = np.flatnonzero(frames > frames.max(initial=0.0) * 10 ** (-38 / 20))
    if not loud.size:
        return speech[:0]
    frame = int(rate * _FRAME_S)
    # Soft first consonants (h, f, sh) and the end of a vowel lie below the threshold.
    return speech[max(0, (loud[0] - 3) * frame) : (loud[-1] + 6) * frame]


def _held(samples: Samples) -> Samples:
    """Peaks bent below `PEAK_DB`, all below half of it untouched."""
    most = 10 ** (PEAK_DB / 20)
    knee = most / 2
    size = np.abs(samples)
    bent = knee + (most - knee) * np.tanh((size - knee) / (most - knee))
    return np.asarray(np.where(size > knee, np.sign(samples) * bent, samples), np.float32)


def _with_edges(samples: Samples, rate: int, kind: Kind) -> Samples:
    ramp = np.linspace(0, 1, int(rate * _FADE_S), dtype=np.float32)
    samples = samples.copy()
    samples[: len(ramp)] *= ramp
    samples[-len(ramp) :] *= ramp[::-1]
    lead_in, lead_out = (np.zeros(int(rate * long_s), np.float32) for long_s in _SILENCE_S[kind])
    return np.concatenate((lead_in, samples, lead_out))


def _frame_rms(samples: Samples, rate: int) -> NDArray[np.float64]:
    frame = int(rate * _FRAME_S)
    whole = samples[: len(samples) // frame * frame].astype(np.float64).reshape(-1, frame)
    return np.asarray(np.sqrt(np.mean(whole**2, axis=1)), np.float64)


def _db(size: float) -> float:
    return float(20 * np.log10(max(size, 1e-6)))
