"""How the synthesiser is told to say a text: from each language's writing to the model's signs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from ivr_flows.prompts import hangul

Speller = Callable[[str], str]
"""Text to the signs of sounds that the model knows; what it does not know is left out later."""

# eSpeak NG's signs as the model learnt them (misaki 0.9.4, espeak.py, Apache-2.0); longest first.
_ENGLISH: Mapping[str, str] = {
    "ʔˌn\u0329": "ʔn",
    "ʔn\u0329": "ʔn",
    "a^ɪ": "I",
    "a^ʊ": "W",
    "d^ʒ": "ʤ",
    "e^ɪ": "A",
    "t^ʃ": "ʧ",
    "ɔ^ɪ": "Y",
    "o^ʊ": "O",
    "ə^l": "ᵊl",
    "ɜːɹ": "ɜɹ",
    "ʲo": "jo",
    "ʲə": "jə",
    "ɜː": "ɜɹ",
    "ɪə": "iə",
    "ʲ": "",
    "e": "A",
    "ɚ": "əɹ",
    "r": "ɹ",
    "x": "k",
    "ç": "k",
    "ɐ": "ə",
    "ɬ": "l",
    "ː": "",
    "\u0303": "",
    "o": "ɔ",
    "ɾ": "T",
    "ʔ": "t",
}


def spellers() -> dict[str, Speller]:
    """One for each language; ImportError when the extra `voice` is not installed."""
    chinese: Any = import_module("misaki.zh").ZHG2P()
    return {
        "zh-CN": lambda text: str(chinese(text)[0]),
        "ko-KR": hangul.phonemes,
        "en": _english(),
    }


def _english() -> Speller:
    # misaki's own English needs a spaCy model that no registry carries; eSpeak NG's rules do.
    espeak: Any = import_module("phonemizer.backend.espeak.wrapper").EspeakWrapper
    loader: Any = import_module("espeakng_loader")
    espeak.set_library(loader.get_library_path())
    espeak.set_data_path(loader.get_data_path())
    backend: Any = import_module("phonemizer.backend").EspeakBackend(
        language="en-us", preserve_punctuation=True, with_stress=True, tie="^"
    )

    def spell(text: str) -> str:
        signs = str(backend.phonemize([text])[0]).strip()
        for theirs, ours in _ENGLISH.items():
            signs = signs.replace(theirs, ours)
        signs = re.sub("(\\S)\u0329", r"ᵊ\1", signs)
        return signs.replace("\u0329", "").replace("^", "")

    return spell
