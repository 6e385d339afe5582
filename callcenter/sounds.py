"""One folder of prompts for Asterisk: packaged audio, a site's own recordings in their place."""

from __future__ import annotations

import os
import shutil
import warnings
import wave
from pathlib import Path

from ivr_flows.load import PROMPTS
from sip_config.sounds import FOLDER as OWN_SOUNDS

ENDINGS = (".wav", ".wav16")
RATE = 8000  # Hz of .wav; Asterisk plays no other under this ending
LANGUAGE = "zh-CN"
PACKAGED = PROMPTS.parent  # the text of each prompt lies beside its audio


def sound_folder(home: Path) -> Path:
    """Where the prompts lie as Asterisk plays them."""
    return home / "sounds" / LANGUAGE


def prepare(home: Path) -> None:
    """Lay out HOME/sounds/zh-CN anew, in one move: links to the audio."""
    folder = sound_folder(home)
    new = folder.with_name(f"{LANGUAGE}.{os.getpid()}")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    own = home / "prompts" / LANGUAGE
    replaced = {file.stem for file in own.glob("*.wav")}
    for ending in ENDINGS:
        files = [f for f in PACKAGED.glob(f"*{ending}") if f.stem not in replaced]
        for file in (*files, *own.glob(f"*{ending}")):
            (new / file.name).symlink_to(file)
    (new / "tone.wav").symlink_to(OWN_SOUNDS / "tone.wav")
    old = folder.with_name(f"{LANGUAGE}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def audio_fault(prompt: str, home: Path) -> str | None:
    """Why Asterisk could not play this prompt, in a few words; None when it can."""
    own = home / "prompts" / LANGUAGE / f"{prompt}.wav"
    file = own if own.exists() else PACKAGED / f"{prompt}.wav"
    try:
        with wave.open(str(file), "rb") as audio:
            form = (audio.getframerate(), audio.getnchannels(), audio.getsampwidth())
            frames = audio.getnframes()
    except FileNotFoundError:
        return f"has no audio: make {file}"
    except (OSError, EOFError, wave.Error) as unreadable:
        return f"has audio that cannot be read: {file}: {unreadable or 'cut short'}"
    if form != (RATE, 1, 2):
        return f"has audio that Asterisk cannot play: {file}: not 8 kHz, mono, 16 bit PCM"
    return None if frames else f"has empty audio: {file}"


class SoundFolder:
    """Prompts by id, as AGI commands and the dialplan name them: a path without ending."""

    def __init__(self, folder: Path) -> None:
        """`folder` as `prepare` made it; what lies there now is what can be played."""
        self._folder = folder
        self._known = {file.stem for file in folder.glob("*.wav")}

    def clip(self, prompt: str) -> str | None:
        """Asterisk's name of the prompt, or None when there is no audio."""
        return f"{self._folder}/{prompt}" if prompt in self._known else None

    def joined(self, prompts: tuple[str, ...]) -> str | None:
        """One audio of several prompts, made on first use; None when one of them is missing."""
        name = "-".join(prompts)
        if name not in self._known:
            if not prompts or not self._known.issuperset(prompts):
                return None
            for ending in ENDINGS:
                _join(
                    [self._folder / f"{p}{ending}" for p in prompts], self._folder / (name + ending)
                )
            self._known.add(name)
        return self.clip(name)


def _join(parts: list[Path], whole: Path) -> None:
    if not all(part.is_file() for part in parts):
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a missing ffmpeg, which WAV does not need
        from pydub import AudioSegment
    new = whole.with_name(whole.name + ".new")
    joined = AudioSegment.empty()
    for part in parts:
        with part.open("rb") as file:  # given a path, pydub leaves the file open
            joined += AudioSegment.from_wav(file)
    joined.export(new, format="wav").close()
    new.replace(whole)
