"""A site's prompts as people manage them: heard, replaced by a recording, reworded, put back."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

import msgspec

from callcenter import prompt_history
from callcenter.prompt_history import Earlier as EarlierRecording
from callcenter.sounds import audio_file, lay_back, lay_in, packaged
from ivr_flows.prompts.check import LONGEST_S, length_of
from ivr_flows.prompts.sound import measure
from ivr_flows.prompts.texts import Kind, Prompt, PromptFault, folder_of, load_prompts
from ivr_flows.prompts.upload import Ready, take_in

WORDINGS: Final = "wordings.json"
LONGEST_TEXT: Final = 300


class Wording(msgspec.Struct, frozen=True):
    """A site's own text of a prompt, and since when."""

    text: str
    at: datetime


class NoPrompt(LookupError):
    """There is no such prompt in this language."""


@dataclass(frozen=True, slots=True)
class Shelved:
    """A prompt here. `own_text`: this site's wording; `source`: whose voice is heard.

    `is_due`: its own wording is younger than what is heard, so a recording is wanted. `earlier`:
    recordings that were heard before.
    """

    id: str
    kind: Kind
    text: str
    own_text: str | None
    source: Literal["own", "packaged", "missing"]
    duration_s: float
    recorded_at: datetime | None
    is_due: bool
    earlier: int = 0


class PromptShelf:
    """The prompts of one home. The methods do file work: call them in a thread."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def every(self, language: str) -> list[Shelved]:
        """All prompts of a language in the order of its script. Raises PromptFault."""
        own = self._wordings(language)
        prompts = load_prompts(folder_of(language)).values()
        kept = prompt_history.counts(self._own(language))
        shelved = [self._shelved(prompt, language, own) for prompt in prompts]
        return [replace(one, earlier=kept[one.id]) for one in shelved]

    def audio(self, prompt_id: str, language: str) -> Path:
        """The file that callers hear, 8 kHz. Raises NoPrompt, also where there is no audio."""
        self._prompt(prompt_id, language)
        file = audio_file(prompt_id, self._home, language)
        if not file.is_file():
            raise NoPrompt(prompt_id)
        return file

    def level_db(self, prompt_id: str, language: str) -> float:
        """How loud it is heard, in dB of full scale. Raises NoPrompt, PromptFault."""
        return measure(self.audio(prompt_id, language)).level_db

    def fitted(self, prompt_id: str, language: str, recording: Path) -> Ready:
        """A recording as callers would hear it. Raises NoPrompt, PromptFault when it is not fit."""
        prompt = self._prompt(prompt_id, language)
        if own := self._wordings(language).get(prompt_id):
            prompt = replace(prompt, text=own.text, say=own.text)
        shortest, longest = length_of(prompt)
        try:
            return take_in(
                recording,
                kind=prompt.kind,
                text=prompt.text,
                length_s=(shortest, min(longest + 2, LONGEST_S)),
            )
        except PromptFault as fault:
            # Where the upload lay for a moment is nobody's business.
            raise PromptFault(str(fault).removeprefix(f"{recording}: ")) from None

    def put(self, prompt_id: str, language: str, ready: Ready) -> bool:
        """Let the recording be heard from its next time on; False: from the next start."""
        self._prompt(prompt_id, language)
        prompt_history.keep(self._own(language), prompt_id)
        ready.write(self._own(language) / prompt_id)
        return lay_in(self._home, prompt_id, language)

    def put_back(self, prompt_id: str, language: str) -> bool:
        """The packaged voice again; False when it was heard already. Raises NoPrompt."""
        self._prompt(prompt_id, language)
        files = [self._own(language) / f"{prompt_id}{ending}" for ending in (".wav", ".wav16")]
        was_own = any(file.exists() for file in files)
        prompt_history.keep(self._own(language), prompt_id)
        for file in files:
            file.unlink(missing_ok=True)
        if was_own:
            lay_back(self._home, prompt_id, language)
        return was_own

    def earlier(self, prompt_id: str, language: str) -> list[EarlierRecording]:
        """This site's recordings that were heard once, the newest first. Raises NoPrompt."""
        self._prompt(prompt_id, language)
        return prompt_history.earlier(self._own(language), prompt_id)

    def restore(self, prompt_id: str, language: str, version: str) -> bool:
        """An earlier recording again; False: from the next start. Raises NoPrompt, NoRecording."""
        self._prompt(prompt_id, language)
        prompt_history.put_back(self._own(language), prompt_id, version)
        return lay_in(self._home, prompt_id, language)

    def word(self, texts: Mapping[str, str], language: str, *, now: datetime) -> None:
        """This site's own wordings of these prompts; an empty one, or the packaged one, is none.

        What is heard stays until it is recorded anew. Raises NoPrompt, PromptFault.
        """
        own = self._wordings(language)
        for prompt_id, text in texts.items():
            prompt = self._prompt(prompt_id, language)
            if fault := wording_fault(text):
                raise PromptFault(f"{prompt_id}：{fault}")
            held = own.pop(prompt_id, None)
            if text and text != prompt.text:
                own[prompt_id] = held if held and held.text == text else Wording(text, now)
        file = self._own(language) / WORDINGS
        file.parent.mkdir(parents=True, exist_ok=True)
        new = file.with_name(f"{file.name}.{os.getpid()}")
        new.write_bytes(msgspec.json.format(msgspec.json.encode(own), indent=1))
        new.replace(file)

    def _own(self, language: str) -> Path:
        return self._home / "prompts" / language

    def _prompt(self, prompt_id: str, language: str) -> Prompt:
        try:
            return load_prompts(folder_of(language))[prompt_id]
        except (KeyError, PromptFault):
            raise NoPrompt(prompt_id) from None

    def _wordings(self, language: str) -> dict[str, Wording]:
        try:
            raw = (self._own(language) / WORDINGS).read_bytes()
            return msgspec.json.decode(raw, type=dict[str, Wording])
        except (OSError, msgspec.MsgspecError):
            return {}

    def _shelved(self, prompt: Prompt, language: str, own: Mapping[str, Wording]) -> Shelved:
        recording = self._own(language) / f"{prompt.id}.wav"
        file = recording if recording.is_file() else packaged(language) / f"{prompt.id}.wav"
        recorded_at, wording = _changed(recording), own.get(prompt.id)
        is_due = wording is not None and (recorded_at is None or recorded_at < wording.at)
        return Shelved(
            id=prompt.id,
            kind=prompt.kind,
            text=prompt.text,
            own_text=wording.text if wording else None,
            source="own" if recorded_at else "packaged" if file.is_file() else "missing",
            duration_s=_seconds(file),
            recorded_at=recorded_at,
            is_due=is_due,
        )


def wording_fault(text: str) -> str | None:
    """What is wrong with a site's own wording, in a few words; None when nothing is."""
    if len(text) > LONGEST_TEXT:
        return f"文字最多 {LONGEST_TEXT} 个字"
    return None if text.isprintable() else "文字里有不能显示的字符"


def _changed(file: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except OSError:
        return None


def _seconds(file: Path) -> float:
    """From the size alone: 8 kHz, 16 bit, one channel behind a short header."""
    try:
        return round(max(0, file.stat().st_size - 44) / 16_000, 1)
    except OSError:
        return 0.0
