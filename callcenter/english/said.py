"""In which language an answer is given: as the request's Accept-Language says, else Chinese."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Annotated, Final, Literal

from pydantic import PlainSerializer

from callcenter.english.sentences import english

Language = Literal["zh", "en"]
LANGUAGE: Final[ContextVar[Language]] = ContextVar("language", default="zh")


def said(sentence: str) -> str:
    """A sentence of the server in the language of this answer."""
    if LANGUAGE.get() == "zh":
        return sentence
    words = english(sentence)
    return begun(words) if words[:1] != sentence[:1] else words


def begun(words: str) -> str:
    """What stands within a sentence begins small; alone it is a sentence itself."""
    return words[:1].upper() + words[1:]


Said = Annotated[str, PlainSerializer(said, return_type=str, when_used="json")]
"""A field of an answer that the server words itself: held in Chinese, sent as it is asked for."""


def language_of(accepted: str) -> Language:
    """The language that an Accept-Language header (RFC 9110 §12.5.4) likes best of the two."""
    liked: list[tuple[float, Language]] = []
    for part in accepted.lower().split(","):
        name, _, rest = part.strip().partition(";")
        for known in ("zh", "en"):
            if name == known or name.startswith(f"{known}-"):
                liked.append((_weight(rest), known))
    best = max(liked, key=lambda one: one[0], default=(0.0, "zh"))
    return best[1] if best[0] > 0 else "zh"


def _weight(rest: str) -> float:
    name, _, value = rest.strip().partition("=")
    try:
        return float(value) if name == "q" else 1.0
    except ValueError:
        return 0.0
