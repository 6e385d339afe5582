"""Prompts for Asterisk, a folder a language: packaged audio, a site's own recordings in place."""

from __future__ import annotations

import os
import shutil
import warnings
import wave
from pathlib import Path

from ivr_flows.load import PROMPTS
from ivr_flows.names import HOME_LANGUAGE, LANGUAGES
from sip_config.sounds import FOLDER as OWN_SOUNDS

ENDINGS = (".wav", ".wav16")
RATE = 8000  # Hz of .wav; Asterisk plays no other under this ending
LANGUAGE = HOME_LANGUAGE
PACKAGED = PROMPTS.parent  # the text of each prompt lies beside its audio


def packaged(language: str) -> Path:
    """Where a language's packaged audio lies."""
    return PACKAGED if language == LANGUAGE else PACKAGED.parent / language


def sound_folder(home: Path, language: str = LANGUAGE) -> Path:
    """Where a language's prompts lie as Asterisk plays them."""
    return home / "sounds" / language


def prepare(home: Path) -> None:
    """Lay out HOME/sounds/<language> anew, each in one move: links to the audio."""
    for language in LANGUAGES:
        sources = packaged(language), home / "prompts" / language
        if any(source.is_dir() for source in sources):
            _lay_out(sound_folder(home, language), *sources)


def _lay_out(folder: Path, source: Path, own: Path) -> None:
    new = folder.with_name(f"{folder.name}.{os.getpid()}")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    replaced = {file.stem for file in own.glob("*.wav")}
    for ending in ENDINGS:
        files = [f for f in source.glob(f"*{ending}") if f.stem not in replaced]
        for file in (*files, *own.glob(f"*{ending}")):
            (new / file.name).symlink_to(file)
    (new / "tone.wav").symlink_to(OWN_SOUNDS / "tone.wav")
    old = folder.with_name(f"{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def lay_in(home: Path, prompt: str, language: str = LANGUAGE) -> bool:
    """Let a site's own recording be heard from now on, without a restart; False when nothing is
    laid out yet, so that the next start will do it.

    What was joined of this prompt before is joined anew.
    """
    return _lay(home, prompt, language, home / "prompts" / language)


def lay_back(home: Path, prompt: str, language: str = LANGUAGE) -> bool:
    """The same with the packaged audio, when a site's own recording has gone."""
    return _lay(home, prompt, language, packaged(language))


def _lay(home: Path, prompt: str, language: str, source: Path) -> bool:
    folder = sound_folder(home, language)
    if not folder.is_dir() or not (source / f"{prompt}.wav").is_file():
        return False
    for ending in ENDINGS:
        file, laid = source / f"{prompt}{ending}", folder / f"{prompt}{ending}"
        if file.is_file():
            new = folder / f"{prompt}{ending}.{os.getpid()}"
            new.symlink_to(file)
            new.replace(laid)
        else:
            laid.unlink(missing_ok=True)
    for whole in folder.glob(f"*{prompt}*.wav*"):
        parts = whole.stem.split("-")
        if len(parts) > 1 and prompt in parts:
            homes = (folder if _lies_in(folder, part) else sound_folder(home) for part in parts)
            of = [where / f"{part}{whole.suffix}" for where, part in zip(homes, parts, strict=True)]
            _join(of, whole)
    return True


def _lies_in(folder: Path, prompt: str) -> bool:
    return (folder / f"{prompt}.wav").is_file()


def audio_file(prompt: str, home: Path, language: str = LANGUAGE) -> Path:
    """The site's own recording where there is one, else the packaged audio, if there is any."""
    own = home / "prompts" / language / f"{prompt}.wav"
    return own if own.exists() else packaged(language) / f"{prompt}.wav"


def audio_fault(prompt: str, home: Path, language: str = LANGUAGE) -> str | None:
    """Why Asterisk could not play this prompt, in a few words; None when it can."""
    file = audio_file(prompt, home, language)
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
    """Prompts by id, as AGI commands and the dialplan name them: a path without ending.

    What a language lacks is heard in zh-CN. Audio that was laid there later is found too.
    """

    def __init__(self, home: Path) -> None:
        """HOME/sounds as `prepare` made it; what lies there now is what can be played."""
        self._folders = {language: sound_folder(home, language) for language in LANGUAGES}
        self._known = {
            language: {file.stem for file in folder.glob("*.wav")}
            for language, folder in self._folders.items()
        }

    def clip(self, prompt: str, language: str = LANGUAGE) -> str | None:
        """Asterisk's name of the prompt, or None when there is no audio."""
        folder = self._folder_of(prompt, language)
        return None if folder is None else f"{folder}/{prompt}"

    def joined(self, prompts: tuple[str, ...], language: str = LANGUAGE) -> str | None:
        """One audio of several prompts, made on first use; None when one of them is missing."""
        name = "-".join(prompts)
        language = language if language in self._folders else LANGUAGE
        folder = self._folders[language]
        if prompts and not self._has(name, language):
            found = [self._folder_of(prompt, language) for prompt in prompts]
            parts = [(f, prompt) for f, prompt in zip(found, prompts, strict=True) if f]
            if len(parts) < len(prompts):
                return None
            folder.mkdir(exist_ok=True)
            for ending in ENDINGS:
                _join([f / f"{prompt}{ending}" for f, prompt in parts], folder / (name + ending))
            self._known[language].add(name)
        return f"{folder}/{name}" if prompts else None

    def _folder_of(self, prompt: str, language: str) -> Path | None:
        for spoken in (language, LANGUAGE):
            if self._has(prompt, spoken):
                return self._folders[spoken]
        return None

    def _has(self, prompt: str, language: str) -> bool:
        known = self._known.get(language)
        if known is None:
            return False
        if prompt not in known and (self._folders[language] / f"{prompt}.wav").is_file():
            known.add(prompt)
        return prompt in known


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
