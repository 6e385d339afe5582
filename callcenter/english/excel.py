"""Words of Excel files: written in the language of the answer, read in either."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from callcenter.english.said import LANGUAGE, begun
from callcenter.english.sentences import english
from callcenter.english.sheets import CELLS, HEADINGS, NAMES


def sheet_name(chinese: str) -> str:
    """What a sheet is called in the file that is asked for."""
    return NAMES.get(chinese, chinese) if _is_english() else chinese


def heading(chinese: str) -> str:
    """A column's heading in the file that is asked for."""
    return _heading(chinese) if _is_english() else chinese


def cell(chinese: str) -> str:
    """A word of the program in a cell, never what people wrote."""
    return _cell(chinese) if _is_english() else chinese


def listed(chinese: Iterable[str]) -> str:
    """Such words one after the other."""
    return (", " if _is_english() else "、").join(map(cell, chinese))


def is_same(written: str, chinese: str) -> bool:
    """Does what somebody wrote in a cell mean this word, in Chinese or English?"""
    return written == chinese or written.casefold() == _cell(chinese).casefold()


def headings_as_written(chinese: Iterable[str]) -> Mapping[str, str]:
    """The headings of one sheet by how they may be written, in small letters."""
    every = list(chinese)
    return {_heading(one).casefold(): one for one in every} | {one.casefold(): one for one in every}


def names_of(chinese: str) -> tuple[str, ...]:
    """What a sheet may be called."""
    return chinese, NAMES.get(chinese, chinese)


def _is_english() -> bool:
    return LANGUAGE.get() == "en"


def _heading(chinese: str) -> str:
    return HEADINGS.get(chinese) or begun(english(chinese))


def _cell(chinese: str) -> str:
    return CELLS.get(chinese) or begun(english(chinese))
