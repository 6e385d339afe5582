"""The prompts by id, as prompts.yaml has them, and where their audio lies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

from ivr_flows.names import HOME_LANGUAGE, LANGUAGES
from ivr_flows.yaml_loader import Loader

LANGUAGE = HOME_LANGUAGE
PACKAGED = Path(__file__).parent
"""The root of the audio that comes with the hotline: `PACKAGED / LANGUAGE / "<id>.wav"`."""

ENDINGS = {"wav": 8_000, "wav16": 16_000}
"""File endings and their samples a second; `wav16` is Asterisk's own name for 16 kHz WAV."""

_WITH_KEPT_PART = r"([^【】]*)【([^【】]+)】([^【】]*)|[^【】]+"
# What a synthesiser would read otherwise than meant, or not at all.
_UNSPEAKABLE = {
    "zh-CN": r"[^\u3400-\u9fff，。！？；、：【】]",
    "ko-KR": r"[^가-힣 .,?!【】]",
    "en": r"[^A-Za-z' .,?!;:()【】-]",
}

Kind = Literal["sentence", "clip"]


class PromptFault(Exception):
    """Something is wrong with a prompt's text or audio; the message is one clear line."""


@dataclass(frozen=True)
class Prompt:
    """One thing that is said: what is meant, how the synthesiser must be told, and whether it is
    joined with others.
    """

    id: str
    text: str
    say: str
    kind: Kind
    language: str = LANGUAGE
    """What it is spoken in: its folder's language, unless the entry names another."""

    @property
    def spoken(self) -> str:
        """What is heard of `say`: all of it, or what stands in 【】."""
        return parts(self.say)[1]


def parts(say: str) -> tuple[str, str, str]:
    """What is said before the kept part, the part itself, and what is said behind it."""
    found = re.fullmatch(_WITH_KEPT_PART, say)
    if found is None or found[2] is None:
        return "", say, ""
    return found[1], found[2], found[3]


def unspeakable(say: str, language: str) -> str:
    """The first sign of a text that the voice of this language cannot say; empty when it can all
    be said.
    """
    found = re.search(_UNSPEAKABLE[language] + "|[【】]", say)
    return found[0] if found else ""


def folder_of(language: str) -> Path:
    """Where a language's texts and audio lie; PromptFault for one that is not spoken here."""
    if language not in LANGUAGES:
        raise PromptFault(f"no language {language}; there are {', '.join(LANGUAGES)}")
    return PACKAGED / language


def languages() -> tuple[str, ...]:
    """The languages that have prompts."""
    return tuple(name for name in LANGUAGES if (PACKAGED / name / "prompts.yaml").is_file())


@cache
def load_prompts(folder: Path = PACKAGED / LANGUAGE) -> dict[str, Prompt]:
    """All prompts by id, in file order; PromptFault with file and id for the first that is not
    well formed. The folder is named by its language; another name means zh-CN.
    """
    file = folder / "prompts.yaml"
    entries = yaml.load(file.read_text(encoding="utf-8"), Loader)
    language = folder.name if folder.name in LANGUAGES else LANGUAGE
    return {name: _prompt(name, entry, file.name, language) for name, entry in entries.items()}


def _prompt(name: str, entry: object, file: str, language: str) -> Prompt:
    if not isinstance(entry, dict) or not set(entry) <= {"text", "say", "kind", "language"}:
        raise PromptFault(f"{file}: {name}: has text, say, kind and language, nothing else")
    language = entry.get("language", language)
    if language not in LANGUAGES:
        raise PromptFault(f"{file}: {name}: no language {language}")
    # Folded YAML lines are joined by a space, which Chinese does not have.
    gap = "" if language == LANGUAGE else " "
    text = gap.join(str(entry.get("text", "")).split())
    say = gap.join(str(entry.get("say", text)).split())
    kind = entry.get("kind", "sentence")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or not text or kind not in ("sentence", "clip"):
        raise PromptFault(f"{file}: {name}: needs a plain id, a text, and kind sentence or clip")
    if re.search(_UNSPEAKABLE[language], say) or not re.fullmatch(_WITH_KEPT_PART, say):
        raise PromptFault(f"{file}: {name}: spell digits and signs out in say, one 【】 at most")
    if re.search(r"【[^】]*[。！？.!?]", say):
        raise PromptFault(f"{file}: {name}: a sentence ends behind the 】, not before it")
    return Prompt(id=name, text=text, say=say, kind=kind, language=language)
