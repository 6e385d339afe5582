"""A sentence of the server in English, by the tables of this folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from callcenter.english.changes import CHANGES
from callcenter.english.checks import CHECKS
from callcenter.english.flows import FLOWS
from callcenter.english.outside import OUTSIDE
from callcenter.english.places import PLACES
from callcenter.english.refusals import REFUSALS
from callcenter.english.sheets import CELLS, HEADINGS, NAMES, NOTES
from callcenter.english.sound import SOUND
from callcenter.english.words import WORDS

TABLES: Final[tuple[Mapping[str, str], ...]] = (
    *(REFUSALS, CHECKS, CHANGES, FLOWS, SOUND, WORDS),
    *(OUTSIDE, PLACES, NOTES),
)

_HAN: Final = re.compile("[\u4e00-\u9fff]")
_LISTS: Final = (("；", "; "), ("，", ", "), ("、", ", "), (" ", " "), ("·", " · "))


class _Part(str):
    """What stood in a gap: `{0}` leaves it as it is, `{0:said}` says it in English too.

    `{0:heading}` and `{0:cell}` say it as Excel files do, `{0:sheets}` a list of their sheets.
    """

    def __format__(self, spec: str) -> str:
        match spec:
            case "said":
                return english(self)
            case "heading":
                return HEADINGS.get(self, self)
            case "cell":
                return CELLS.get(self, self)
            case "sheets":
                return ", ".join(NAMES.get(one, one) for one in self.split("、"))
        return str(self)


def english(sentence: str) -> str:
    """The sentence in English; names, and what no table knows, stay as they are.

    The tables hold each sentence as the program words it, with `{}` for what it fills in and
    `{n}` for a whole number. A sentence that is a list of others is said part by part.
    """
    if not _HAN.search(sentence):
        return sentence.replace("、", ", ")
    if (whole := _WHOLE.get(sentence)) is not None:
        return whole
    for pattern, words in _PATTERNS:
        if found := pattern.fullmatch(sentence):
            return words.format(*map(_Part, found.groups()))
    if sentence.endswith("。"):
        return f"{english(sentence[:-1])}."
    for sign, other in _LISTS:
        if sign in sentence:
            return other.join(map(english, sentence.split(sign)))
    return sentence


def says_chinese(text: str) -> bool:
    """Is there a Chinese character in it?"""
    return _HAN.search(text) is not None


def _pattern(template: str) -> re.Pattern[str]:
    parts = (_GAPS.get(part, re.escape(part)) for part in _GAP.split(template))
    return re.compile("".join(parts), re.DOTALL)


def _rank(template: str) -> tuple[bool, int]:
    """A template that begins with words of its own comes first, then that which says most:
    没有坐席服务于{} before 没有坐席 {}."""
    return template.startswith("{}"), -len(_GAP.sub("", template))


_GAP: Final = re.compile(r"(\{n?\})")
_GAPS: Final = {"{}": "(.*?)", "{n}": r"(\d+)"}
_WHOLE: Final = {zh: en for table in TABLES for zh, en in table.items() if "{" not in zh}
_PATTERNS: Final = tuple(
    (_pattern(zh), en)
    for zh, en in sorted(
        ((zh, en) for table in TABLES for zh, en in table.items() if "{" in zh),
        key=lambda pair: _rank(pair[0]),
    )
)
