"""A recording that a site hands in: looked at, made ready for Asterisk, and what was done told in
Chinese, for those who work here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from ivr_flows.prompts.sound import (
    LEVEL_DB,
    PEAK_DB,
    Samples,
    finish,
    frame_levels,
    speech_level,
    write_wav,
)
from ivr_flows.prompts.texts import ENDINGS, Kind, PromptFault

MOST_BYTES = 50 * 1024 * 1024
LONGEST_FILE_S = 300.0
LONGEST_S = 60.0
"""No caller listens longer to one recording."""

LEAST_RATE = 8_000
MOST_RATE = 192_000
_MOST_CHANNELS = 2
_QUIETEST_DB = -50.0
_LONGEST_GAP_S = 3.0
_LEAST_SNR_DB = 15.0  # measured: a voice in a loud street has 12, in an office 30
_CLIPPED_RUN = 4  # samples at full scale one after another: a peak alone touches it once
_FULL = 0.99
_FORMATS = "WAV、FLAC、OGG、MP3"


@dataclass(frozen=True)
class Ready:
    """Samples for each file ending, and what was done to get them, one Chinese line each."""

    samples: dict[str, Samples]
    done: tuple[str, ...]

    @property
    def duration_s(self) -> float:
        """How long it plays."""
        return len(self.samples["wav"]) / ENDINGS["wav"]

    def write(self, stem: Path) -> tuple[Path, ...]:
        """Write `<stem>.wav` and `<stem>.wav16`, each in one move; the files written."""
        stem.parent.mkdir(parents=True, exist_ok=True)
        for ending, rate in ENDINGS.items():
            write_wav(stem.with_name(f"{stem.name}.{ending}"), self.samples[ending], rate, None)
        return tuple(stem.with_name(f"{stem.name}.{ending}") for ending in ENDINGS)


def take_in(
    recording: Path,
    *,
    kind: Kind = "sentence",
    text: str = "",
    length_s: tuple[float, float] = (0.3, LONGEST_S),
) -> Ready:
    """Make a human recording ready to be played; PromptFault says in one Chinese line why not.

    Any rate from 8 kHz on, one or two channels, whatever libsndfile reads. `length_s`: the least
    and the most seconds of speech that `text` can take.
    """
    raw, rate = _read(recording)
    samples, notes = _one_channel(raw)
    samples = np.asarray(samples - samples.mean(), np.float32)  # a shifted zero line clicks
    level = _checked(samples, rate, recording)
    ready = finish(samples, rate, kind)
    seconds = len(ready["wav"]) / ENDINGS["wav"]
    if what := _length_fault(seconds, length_s, text):
        raise PromptFault(f"{recording}: {what}")
    noise = level - float(np.percentile(frame_levels(samples, rate), 5))
    if noise < _LEAST_SNR_DB and seconds > 2:
        raise PromptFault(f"{recording}: 背景噪声太大（信噪比 {noise:.0f} dB），请重录")
    read = f"读入 {rate} 赫兹、{raw.shape[1]} 声道、{len(raw) / rate:.1f} 秒"
    cut_s = len(raw) / rate - seconds
    if cut_s > 0.1:
        notes.append(f"去掉首尾静音 {cut_s:.1f} 秒")
    notes.append(f"响度由 {level:.1f} dB 调到 {LEVEL_DB:.0f} dB，峰值不超过 {PEAK_DB:.0f} dB")
    kept = "、".join(f"{kept_rate // 1000} 千赫" for kept_rate in ENDINGS.values())
    return Ready(ready, (read, *notes, f"存为 {kept} 两个文件，各 {seconds:.1f} 秒"))


def _length_fault(seconds: float, length_s: tuple[float, float], text: str) -> str | None:
    shortest, longest = length_s
    if shortest <= seconds <= longest:
        return None
    wanted = f"应在 {shortest:.1f}～{longest:.1f} 秒"
    if not text:
        return f"语音长 {seconds:.1f} 秒，{wanted}"
    return f"语音长 {seconds:.1f} 秒，与文字不符（{wanted}）：「{text}」"


def _read(recording: Path) -> tuple[NDArray[np.float32], int]:
    if not recording.is_file():
        raise PromptFault(f"{recording}: 没有这个文件")
    if recording.stat().st_size > MOST_BYTES:
        raise PromptFault(f"{recording}: 文件超过 {MOST_BYTES // 1024 // 1024} MB")
    try:
        # By file object: given a name, libsndfile takes one that ends in .raw for bare samples.
        with recording.open("rb") as file, soundfile.SoundFile(file) as sound:
            rate, seconds = int(sound.samplerate), sound.frames / sound.samplerate
            if not LEAST_RATE <= rate <= MOST_RATE:
                raise PromptFault(f"{recording}: 采样率 {rate} 赫兹，应在 8000～192000 之间")
            if sound.channels > _MOST_CHANNELS:
                raise PromptFault(f"{recording}: 有 {sound.channels} 个声道，只接受单声道或双声道")
            if seconds > LONGEST_FILE_S:
                raise PromptFault(f"{recording}: 长 {seconds:.0f} 秒，最长 {LONGEST_FILE_S:.0f} 秒")
            samples = sound.read(dtype="float32", always_2d=True)
    except (OSError, soundfile.LibsndfileError) as fault:
        raise PromptFault(f"{recording}: 不是能读的声音文件，请用 {_FORMATS}") from fault
    if not len(samples) or not np.isfinite(samples).all():
        raise PromptFault(f"{recording}: 里面没有声音")
    return np.asarray(samples, np.float32), rate


def _one_channel(raw: NDArray[np.float32]) -> tuple[Samples, list[str]]:
    """The voice out of one or two channels: of two the only one with a voice, else both mixed."""
    if raw.shape[1] == 1:
        return raw[:, 0], []
    sizes = np.sqrt(np.mean(raw.astype(np.float64) ** 2, axis=0))
    loud, quiet = int(np.argmax(sizes)), int(np.argmin(sizes))
    if sizes[quiet] < sizes[loud] / 30:
        return raw[:, loud], ["双声道中只有一个有声音，取这一个"]
    mixed = raw.mean(axis=1)
    if np.sqrt(np.mean(mixed.astype(np.float64) ** 2)) < sizes[loud] / 4:
        return raw[:, loud], ["两个声道相位相反，取其中一个"]
    return np.asarray(mixed, np.float32), ["双声道合并为单声道"]


def _checked(samples: Samples, rate: int, recording: Path) -> float:
    """Loudness of a recording in dB of full scale; PromptFault when it is not fit to be played."""
    level = speech_level(samples, rate)
    if level < _QUIETEST_DB:
        raise PromptFault(f"{recording}: 几乎没有声音（{level:.0f} dB）")
    if _is_clipped(samples):
        raise PromptFault(f"{recording}: 削波失真，请调低录音音量后重录")
    frames = frame_levels(samples, rate)
    loud = np.flatnonzero(frames > level - 25)
    gap_s = float(np.diff(loud).max(initial=0)) / 100
    if gap_s > _LONGEST_GAP_S:
        raise PromptFault(
            f"{recording}: 中间有 {gap_s:.1f} 秒没有声音，最长 {_LONGEST_GAP_S:.0f} 秒"
        )
    return level


def _is_clipped(samples: Samples) -> bool:
    full = np.abs(samples) >= _FULL * max(float(np.abs(samples).max()), 0.9)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], full.astype(np.int8), [0]))))
    runs = edges[1::2] - edges[::2]
    return int(runs[runs >= _CLIPPED_RUN].sum()) > 0.0005 * len(samples)
