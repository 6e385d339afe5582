"""Makes the waiting music and the tones: `python -m sip_config.sounds`, the same bytes each time.

All are our own, so no one else's rights hang on them; a site puts its own files in their place.
"""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FOLDER = Path(__file__).parent / "sounds"
_RATE = 8000  # Hz: what a telephone carries
_BEAT_S = 0.75

# Degrees of the pentatonic scale 宫商角徵羽 on C4; None is a rest. Four phrases of eight beats.
_SCALE_HZ = (261.63, 293.66, 329.63, 392.00, 440.00, 523.25, 587.33, 659.26)
_MELODY: tuple[int | None, ...] = (
    *(2, 3, 4, 3, 2, 1, 0, None),
    *(1, 2, 3, 2, 1, 0, 1, None),
    *(4, 5, 6, 5, 4, 3, 2, None),
    *(3, 2, 1, 2, 1, 0, 0, None),
)
_BASS = (0, 3, 0, 3)


def tone() -> NDArray[np.float64]:
    """Half a second of 440 Hz, faded at both ends: "speak now"."""
    t = np.arange(int(0.5 * _RATE)) / _RATE
    fade = np.minimum(1.0, np.minimum(t, t[-1] - t) / 0.02)
    sound: NDArray[np.float64] = 0.3 * fade * np.sin(2 * np.pi * 440 * t)
    return sound


def ringing() -> NDArray[np.float64]:
    """The ringing tone of the Chinese network (GB/T 3380): 450 Hz for 1 s, then 4 s of silence."""
    sound = np.zeros(5 * _RATE)
    t = np.arange(_RATE) / _RATE
    fade = np.minimum(1.0, np.minimum(t, t[-1] - t) / 0.01)
    sound[:_RATE] = 0.2 * fade * np.sin(2 * np.pi * 450 * t)
    return sound


def music() -> NDArray[np.float64]:
    """The melody twice, the second time an answering voice with it; about 48 s, without a click."""
    beats = len(_MELODY) * 2
    sound = np.zeros(int((beats * _BEAT_S + 3) * _RATE))
    for beat in range(beats):
        degree = _MELODY[beat % len(_MELODY)]
        if degree is not None:
            _add(sound, beat, _SCALE_HZ[degree], 0.22)
            if beat >= len(_MELODY) and beat % 2 == 0:
                _add(sound, beat + 1, _SCALE_HZ[degree] * 1.5, 0.07)
        if beat % 4 == 0:
            _add(sound, beat, _SCALE_HZ[_BASS[beat // 8 % 4]] / 2, 0.18)
    return sound


def _add(sound: NDArray[np.float64], beat: int, hz: float, loudness: float) -> None:
    start = int(beat * _BEAT_S * _RATE)
    t = np.arange(min(int(3 * _RATE), len(sound) - start)) / _RATE
    note = sum(np.exp(-t * (1.4 + k)) * np.sin(2 * np.pi * hz * k * t) / k**2 for k in (1, 2, 3))
    fade_in = np.minimum(1.0, t / 0.008)
    fade_out = np.minimum(1.0, (t[-1] - t) / 0.3)
    sound[start : start + len(t)] += loudness * fade_in * fade_out * note


def save(path: Path, sound: NDArray[np.float64]) -> None:
    """Write mono 16-bit PCM at 8 kHz."""
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = np.round(np.clip(sound, -1, 1) * 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(samples.tobytes())


if __name__ == "__main__":
    save(FOLDER / "tone.wav", tone())
    save(FOLDER / "ringing" / "450.wav", ringing())
    save(FOLDER / "hold" / "pentatonic.wav", music())
