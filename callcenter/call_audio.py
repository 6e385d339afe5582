"""A call's recording for people: which tracks there are, their outline, both sides as one file."""

from __future__ import annotations

import hashlib
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

_TRACK = re.compile(r"-(caller|heard|message|voice-\d+|seat-\d+|leg-\d+)\.(wav|wav16)$")
BOTH = "both"
KEPT_S = 3600  # joined files are made anew after that: they are copies


class AudioGone(Exception):
    """The recording is not on this machine (any more), or holds no sound."""


@dataclass(frozen=True, slots=True)
class Track:
    """One file of a recording. `name`: caller, heard, seat-1 (the first rung), leg-2, voice-4 (what
    the caller left: a message, or a note that a flow asked for)…
    """

    name: str
    file: Path
    duration_s: float


def tracks(stem: Path) -> list[Track]:
    """Every file of one recording, the caller's first; `stem` is Recording.path."""
    found = []
    for file in sorted(stem.parent.glob(f"{stem.name}-*")):
        match = _TRACK.fullmatch(file.name[len(stem.name) :])
        if match is None:
            continue
        try:
            info = soundfile.info(file)
        except soundfile.LibsndfileError:
            continue  # still being written, or nothing in it
        if info.frames:
            found.append(Track(match[1], file, info.frames / info.samplerate))
    order = {"caller": 0, "heard": 1}
    return sorted(found, key=lambda track: (order.get(track.name, 2), track.name))


def peaks(file: Path, *, points: int) -> list[int]:
    """The outline of a sound: for each of `points` equal parts the loudest sample, 0 to 100."""
    try:
        with soundfile.SoundFile(file) as sound:
            per_point = max(1, -(-sound.frames // points))
            loudest = [
                int(np.abs(block.astype(np.int32)).max()) if len(block) else 0
                for block in sound.blocks(per_point, dtype="int16")
            ]
    except (OSError, soundfile.LibsndfileError) as gone:
        raise AudioGone(str(gone)) from gone
    return [round(100 * value / 32768) for value in loudest]


def both_sides(stem: Path, folder: Path) -> Path:
    """Caller on the left, what he heard on the right, as one file in `folder`; AudioGone.

    A browser plays one file in step, two never quite. Copies older than an hour are deleted.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _forget_old(folder)
    sides = [Path(f"{stem}-{side}.wav") for side in ("caller", "heard")]
    try:
        state = [(str(side), side.stat().st_size) for side in sides]
    except OSError as gone:
        raise AudioGone(str(gone)) from gone
    joined = folder / f"{hashlib.sha256(repr(state).encode()).hexdigest()[:24]}.wav"
    if not joined.is_file():
        draft = joined.with_suffix(f".{os.getpid()}.new")
        _join(sides, draft)
        draft.replace(joined)
    return joined


def _join(sides: list[Path], draft: Path) -> None:
    sounds: list[NDArray[np.int16]] = []
    rate = 0
    try:
        for side in sides:
            samples, rate = soundfile.read(side, dtype="int16")
            sounds.append(samples)
    except (OSError, soundfile.LibsndfileError) as gone:
        raise AudioGone(str(gone)) from gone
    stereo = np.zeros((max(map(len, sounds)), len(sounds)), np.int16)
    for n, samples in enumerate(sounds):
        stereo[: len(samples), n] = samples
    soundfile.write(draft, stereo, rate, format="WAV", subtype="PCM_16")


def _forget_old(folder: Path) -> None:
    before = time.time() - KEPT_S
    for file in folder.iterdir():
        if file.stat().st_mtime < before:
            file.unlink(missing_ok=True)
