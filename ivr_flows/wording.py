"""The keys that a prompt's text tells the caller to press, in each language. Pure.

All languages are looked for in every text: a Mandarin menu may tell Koreans of their key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_SIGNS: Final = {
    **{word: str(key) for key, word in enumerate("零一二三四五六七八九")},
    **{word: str(key) for key, word in enumerate("영일이삼사오육칠팔구")},
    **{
        word: str(key)
        for key, word in enumerate(
            ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
        )
    },
    **{"〇": "0", "공": "0"},
    **dict.fromkeys(("星", "米字", "＊", "별", "별표", "star", "asterisk"), "*"),
    **dict.fromkeys(("井", "＃", "우물", "샵", "pound", "hash"), "#"),
}

# 请按1, 按数字键1, 按下“1”, 按星号键, 按1到5, 按1或2; not 按一下, 按12348, 按照.
_KEY_ZH: Final = r"[“\"「]?([0-9零〇二三四五六七八九*#＊＃]|一(?!下)|星|井|米字)(?![0-9])[”\"」]?"
_ZH: Final = re.compile(
    rf"按(?:下|数字)?键?\s*{_KEY_ZH}"
    rf"(?:号?键?\s*([到至—～~-]|或)\s*{_KEY_ZH})?"
)
# 1번, 1번을, 일 번을 눌러, 0을 누르, 별표를, 우물 정자를, 1번부터 5번까지; not 12번, 1번째, 이번.
_KEY_KO: Final = r"(?<![0-9])([0-9]|(?<![가-힣])[영공일이삼사오육칠팔구](?=\s))"
_KO: Final = re.compile(
    rf"{_KEY_KO}\s*번(?!째|지|호|역)(?:\s*(부터|에서|이나|또는)\s*{_KEY_KO}\s*번?)?"
    r"|(?<![0-9])([0-9])\s*(?:키|버튼)?\s*(?:을|를)\s*(?:누르|눌)"
    r"|(?<![가-힣])(별표|우물(?=\s*정)|샵)"
)
# press 1, press the star key, press number 1, press 1 to 5, press 1 or 2, press 1 for a, 2 for b.
_KEY_EN: Final = (
    r"(?:the\s+)?(?:number\s+|key\s+)?"
    r"([0-9*#](?![0-9])|(?:zero|one|two|three|four|five|six|seven|eight|nine"
    r"|star|asterisk|pound|hash)\b)"
)
_EN: Final = re.compile(
    rf"\b(?:press|dial|hit|push)\s+{_KEY_EN}"
    rf"(?:\s*(?:key|sign)?\s*(to|through|-|–|or|and)\s*{_KEY_EN}(?!\s*\w*\s*(?:for|to)\b))?",
    re.IGNORECASE,
)
_MORE_EN: Final = re.compile(
    rf"(?:,|\bor\b|\band\b)\s*(?:or\s+|and\s+)?{_KEY_EN}\s+(?:for|to)\b", re.IGNORECASE
)
_UP_TO: Final = re.compile("[到至—～~–-]|부터|에서|to|through", re.IGNORECASE)


def keys_named(text: str) -> frozenset[str]:
    """The keys that a prompt's text tells the caller to press: 请按1, 1번, press 1, 按1到5."""
    return frozenset(key for some in (_zh(text), _ko(text), _en(text)) for key in some)


def _zh(text: str) -> Iterator[str]:
    for one in _ZH.finditer(text):
        yield from _range(*one.groups())


def _ko(text: str) -> Iterator[str]:
    for one in _KO.finditer(text):
        first, joined, last, pressed, sign = one.groups()
        yield from _range(first or pressed or sign, joined, last)


def _en(text: str) -> Iterator[str]:
    for one in _EN.finditer(text):
        yield from _range(*one.groups())
        sentence = re.split(r"[.;!?。]", text[one.end() :], maxsplit=1)[0]
        for more in _MORE_EN.finditer(sentence):
            yield _key(more[1])


def _range(first: str, joined: str | None, last: str | None) -> Iterator[str]:
    """The keys from one to another, or the one or two that are named."""
    yield _key(first)
    if joined and last:
        yield _key(last)
        if _UP_TO.fullmatch(joined) and _key(first).isdigit() and _key(last).isdigit():
            yield from map(str, range(int(_key(first)), int(_key(last)) + 1))


def _key(sign: str) -> str:
    return _SIGNS.get(sign.lower(), sign)
