"""Dates as people write them in tables, in the form that documents keep."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_WRITTEN: Final = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?[\sT]*(?:(\d{1,2}):(\d{2})(?::00)?)?"
)


def plain(said: str) -> str:
    """Full-width digits and signs as keyboards outside China have them."""
    return unicodedata.normalize("NFKC", said).strip()


def as_kept(said: str) -> str:
    """`2026/5/1 8:30` or `2026年5月1日` as 2026-05-01T08:30, 2026-05-01; else as it is."""
    found = _WRITTEN.fullmatch(plain(said))
    if found is None:
        return said
    year, month, day, hour, minute = found.groups()
    at = f"T{hour:0>2}:{minute}" if hour else ""
    return f"{year}-{month:0>2}-{day:0>2}{at}"
