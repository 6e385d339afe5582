"""The keys that a prompt's text tells the caller to press, in each language. Pure."""

from __future__ import annotations

import re
from typing import Final

_KEY: Final = r"[“\"「]?([0-9零〇二三四五六七八九*#＊＃]|一(?!下)|星|井|米字)(?![0-9])[”\"」]?"
_NAMED: Final = re.compile(rf"按(?:下|数字)?键?\s*{_KEY}(?:号?键?\s*[到至—～~-]\s*{_KEY})?")
_SIGNS: Final = {c: str(i) for i, c in enumerate("零一二三四五六七八九")} | {
    "〇": "0", "星": "*", "米字": "*", "井": "#", "＊": "*", "＃": "#",
}  # fmt: skip


def keys_named(text: str) -> frozenset[str]:
    """The keys that a prompt's text tells the caller to press: 请按1, 按星号键, 按1到5."""
    found: set[str] = set()
    for one in _NAMED.finditer(text):
        first, last = (_SIGNS.get(key or "", key or "") for key in one.groups())
        found.add(first)
        if first.isdigit() and last.isdigit():
            found.update(str(key) for key in range(int(first), int(last) + 1))
    return frozenset(found)
