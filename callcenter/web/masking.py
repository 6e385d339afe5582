"""Phone numbers as they may be shown: enough to recognise, not enough to call (PIPL §51)."""

import re

_NOT_DIGIT = re.compile(r"[^0-9*]")
_MASK = "****"
UNKNOWN = "未知号码"


def mask_number(number: str | None) -> str:
    """`13812340000`, `+86 138…` -> `138****0000`; masking twice changes nothing.

    A landline keeps its area code (it names a city, not a person) and its last four digits.
    """
    digits = _NOT_DIGIT.sub("", number or "")
    if _MASK in digits:
        # already masked: rebuilt, so that nothing more than head and tail gets through
        head, _, tail = digits.partition(_MASK)
        return f"{head[:4]}{_MASK}{tail[-4:]}"
    if (number or "").lstrip().startswith("+86"):
        digits = digits[2:]
        digits = digits if digits.startswith("1") and len(digits) == 11 else f"0{digits}"
    digits = digits.replace("*", "")
    if not digits:
        return UNKNOWN
    if len(digits) < 8:
        return _MASK
    return f"{digits[: _head(digits)]}{_MASK}{digits[-4:]}"


def _head(digits: str) -> int:
    """Leading digits that may be shown: area code of a landline, else three."""
    if digits.startswith(("01", "02")) or not digits.startswith("0"):
        return 3
    return 4 if len(digits) > 10 else 3
