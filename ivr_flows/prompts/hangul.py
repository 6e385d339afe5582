"""How Korean writing sounds: the standard pronunciation (표준 발음법) in the signs of the voice.

Pure. What no rule can know (열 시 as 열씨, 할 것 as 할껏) is respelt in a prompt's `say`.
"""

from __future__ import annotations

import re

_FIRST = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_LAST = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")
_DOUBLE = {
    "ㄳ": "ㄱㅅ",
    "ㄵ": "ㄴㅈ",
    "ㄶ": "ㄴㅎ",
    "ㄺ": "ㄹㄱ",
    "ㄻ": "ㄹㅁ",
    "ㄼ": "ㄹㅂ",
    "ㄽ": "ㄹㅅ",
    "ㄾ": "ㄹㅌ",
    "ㄿ": "ㄹㅍ",
    "ㅀ": "ㄹㅎ",
    "ㅄ": "ㅂㅅ",
}
# What is left of a final consonant when no vowel follows.
_CLOSED = dict(
    zip(
        "ㄲㅋㄳㄺㅅㅆㅈㅊㅌㅎㅍㅄㄿㄵㄶㄻㄼㄽㄾㅀ",
        "ㄱㄱㄱㄱㄷㄷㄷㄷㄷ ㅂㅂㅂㄴㄴㅁㄹㄹㄹㄹ",
        strict=True,
    )
)
_TENSE = dict(zip("ㄱㄷㅂㅅㅈ", "ㄲㄸㅃㅆㅉ", strict=True))
_BREATHED = dict(zip("ㄱㄷㅂㅈ", "ㅋㅌㅍㅊ", strict=True))
_NASAL = dict(zip("ㄱㄷㅂ", "ㅇㄴㅁ", strict=True))
# ㅓ as ɔ, not ʌ: said by a Japanese voice, whisper took ʌ for 아 (눌러 for 놀라) and ɔ for 어.
_VOWEL_SIGNS = dict(
    zip(_VOWELS, "a ɛ ja jɛ ɔ e jɔ je o wa wɛ we jo u wɔ we wi ju ɯ ɰi i".split(), strict=True)
)
_FIRST_SIGNS = dict(
    zip(_FIRST, "k k n t t ɾ m p p s s ㅇ ʨ ʨ ʨʰ kʰ tʰ pʰ h".split(), strict=True)
) | {"ㅇ": ""}
_VOICED = dict(zip("ㄱㄷㅂㅈ", "ɡdbʥ", strict=True))  # between sounds that ring
_LAST_SIGNS = {"": ""} | dict(zip("ㄱㄴㄷㄹㅁㅂㅇ", "kntlmpŋ", strict=True))
_SOFTENED = "ㅑㅒㅕㅖㅛㅠㅟㅣ"  # before these ㅅ is ɕ

Syllable = tuple[str, str, str]
"""First consonant (ㅇ: none), vowel, last consonant (empty: none)."""


def pronounced(word: str) -> str:
    """A word of Hangul syllables written as it sounds: 법률 → 범뉼."""
    return "".join(_written(syllable) for syllable in _sounds(word))


def phonemes(text: str) -> str:
    """Signs that the voice speaks, for Hangul words, spaces and `. , ? !`; the rest is left out."""
    said = ""
    for piece in re.findall(r"[가-힣]+|[.,?!]", text):
        said += piece if piece in ".,?!" else f" {_word(piece)}"
    return said.strip()


def _word(word: str) -> str:
    said, before = "", None
    for syllable in _sounds(word):
        first, vowel, last = syllable
        sign = _FIRST_SIGNS[first]
        if before is not None and before in " ㄴㄹㅁㅇ":
            sign = _VOICED.get(first, sign)
        if first in "ㅅㅆ" and vowel in _SOFTENED:
            sign = "ɕ"
        if first == before == "ㄹ":
            sign = "l"
        # Behind a consonant 의 is 이: 희 is 히.
        said += sign + _VOWEL_SIGNS["ㅣ" if vowel == "ㅢ" and sign else vowel] + _LAST_SIGNS[last]
        before = last or " "
    return said


def _sounds(word: str) -> list[Syllable]:
    syllables = [_taken_apart(sign) for sign in word]
    for at in range(len(syllables) - 1):
        first, vowel, last = syllables[at]
        beside, next_vowel, next_last = syllables[at + 1]
        last, beside = _met(last, beside, next_vowel)
        syllables[at] = (first, vowel, last)
        syllables[at + 1] = (beside, next_vowel, next_last)
    if syllables:
        first, vowel, last = syllables[-1]
        syllables[-1] = (first, vowel, _closed(last))
    return syllables


def _met(last: str, first: str, vowel: str) -> tuple[str, str]:
    """A last consonant and the first one of the next syllable, as they sound together."""
    if not last or (last == "ㅇ" and first == "ㅇ"):
        return last, first
    if first == "ㅇ":
        return _carried_over(last, vowel)
    if last in "ㅎㄶㅀ":
        rest = _DOUBLE.get(last, " ")[0].strip()
        if first in _BREATHED or first == "ㅅ":
            return rest, _BREATHED.get(first, "ㅆ")
        last = rest or ("ㄴ" if first == "ㄴ" else "")
    elif first == "ㅎ":
        kept, moved = _split(last)
        hard = moved if moved == "ㅈ" else _closed(moved)
        if hard in _BREATHED:
            return kept, _BREATHED[hard]
    return _beside(_closed(last), first)


def _carried_over(last: str, vowel: str) -> tuple[str, str]:
    """A last consonant moves over to a syllable that begins with its vowel."""
    kept, moved = _split(last)
    if moved == "ㅎ":
        return "", kept or "ㅇ"
    if vowel == "ㅣ" and moved in "ㄷㅌ":
        moved = "ㅈ" if moved == "ㄷ" else "ㅊ"
    if moved == "ㅅ" and kept:
        moved = "ㅆ"
    return kept, moved


def _beside(last: str, first: str) -> tuple[str, str]:
    if last in _NASAL:
        if first in "ㄴㅁ":
            return _NASAL[last], first
        if first == "ㄹ":
            return _NASAL[last], "ㄴ"
        return last, _TENSE.get(first, first)
    if first == "ㄹ" and last in ("ㅁ", "ㅇ"):
        return last, "ㄴ"
    if (last, first) in (("ㄴ", "ㄹ"), ("ㄹ", "ㄴ")):
        return "ㄹ", "ㄹ"
    return last, first


def _split(last: str) -> tuple[str, str]:
    """What of a last consonant stays in its syllable, and what moves to the next."""
    both = _DOUBLE.get(last, "")
    return both[:1], both[1:] or last


def _closed(last: str) -> str:
    return _CLOSED.get(last, last).strip()


def _taken_apart(sign: str) -> Syllable:
    number = ord(sign) - ord("가")
    return _FIRST[number // 588], _VOWELS[number % 588 // 28], _LAST[number % 28]


def _written(syllable: Syllable) -> str:
    first, vowel, last = syllable
    number = _FIRST.index(first) * 588 + _VOWELS.index(vowel) * 28 + _LAST.index(last)
    return chr(ord("가") + number)
