"""What prompts say, in the language they are spoken in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ivr_flows.names import HOME_LANGUAGE

_FOLD = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef]) (?=[\u3000-\u9fff\uff00-\uffef])")


@dataclass(frozen=True, slots=True)
class Texts:
    """Prompt texts by language and id."""

    by_language: Mapping[str, Mapping[str, str]]

    def text(self, prompt: str, language: str) -> str:
        """The text as it is heard: Mandarin where the language lacks it, empty when unknown."""
        own = self.by_language.get(language, {}).get(prompt)
        home = self.by_language.get(HOME_LANGUAGE, {}).get(prompt, "")
        # Folded YAML lines are joined by a space, which Chinese does not have.
        return _FOLD.sub("", own or home).strip()

    def is_missing(self, prompt: str, language: str) -> bool:
        """Whether the language has no text of its own for this prompt."""
        return not self.by_language.get(language, {}).get(prompt)
