"""How Chinese text sounds.

A right sound with the wrong character (报酬, 报仇) can so be told from a wrong word.
"""

from __future__ import annotations

from typing import cast

from pypinyin import Style, lazy_pinyin

from stt.transcript import comparable, error_rate


def syllables(text: str) -> tuple[str, ...]:
    """Toneless syllables of a text; numbers digit by digit as they are compared (幺 and 一 are
    both `1`).
    """
    # comparable() turns numbers into digits: 1 must stay one sound whether it was read yi or yao.
    found = lazy_pinyin(comparable(text), style=Style.NORMAL, errors=_apart)
    return tuple(found)


def syllable_error_rate(expected: str, heard: str) -> float:
    """Error rate in toneless syllables: homophones count as right."""
    return error_rate(syllables(expected), syllables(heard))


def _apart(text: str) -> str:
    return cast("str", list(text))  # pypinyin takes a list, its types only say str
