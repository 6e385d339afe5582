"""What is put together from clips: numbers, places in the line, seat numbers, who is calling.
Pure; prompt ids only.
"""

from __future__ import annotations

MOST = 9999
"""The largest number that the clips can say."""

POSITION_SENTENCES = 30
"""Up to so many callers ahead the place is one whole sentence: it sounds better than clips."""

CITIES = frozenset(
    ("220100", "220200", "220300", "220400", "220500", "220600", "220700", "220800", "222400")
)
"""GB/T 2260 codes of the prefectures that have a clip with their name."""

GROUPS = frozenset(("family", "labour", "contract", "general", "service"))
"""Groups that have a clip with their name."""


def number_clips(number: int) -> tuple[str, ...]:
    """A number from 0 to `MOST` as it is read out (110: 一百一十, 2003: 两千零三); ValueError
    outside.
    """
    if not 0 <= number <= MOST:
        raise ValueError(f"no clips for the number {number}: 0 to {MOST} can be said")
    if number <= 20:
        return (f"number_{number}",)
    if number < 100:
        return _joined((f"number_{number // 10 * 10}",), number % 10, gap=False)
    if number < 1000:
        hundreds, rest = divmod(number, 100)
        return _joined((f"number_{hundreds}", "number_100"), rest, gap=rest < 10)
    thousands, rest = divmod(number, 1000)
    first = "number_liang" if thousands == 2 else f"number_{thousands}"
    return _joined((first, "number_1000"), rest, gap=rest < 100)


def _joined(head: tuple[str, ...], rest: int, *, gap: bool) -> tuple[str, ...]:
    if not rest:
        return head
    if gap:
        head = (*head, "number_0")
    # After a hundred ten is 一十, and so is 13 一十三, but not after a zero: 一百一十三,
    # 一千零一十三.
    if 10 <= rest < 20:
        head = (*head, "number_1")
    return (*head, *number_clips(rest))


def position_clips(ahead: int) -> tuple[str, ...]:
    """What a waiting caller hears of his place, from the number of callers before him; ValueError
    when negative.
    """
    if ahead == 0:
        return ("position_next",)
    if 0 < ahead <= POSITION_SENTENCES:
        return (f"position_{ahead}",)
    # More than can be said is said as the most there is.
    return ("position_before", *number_clips(min(ahead, MOST)), "position_after")


def seat_number_clips(seat: str) -> tuple[str, ...]:
    """What a caller hears of the seat that serves him, digit by digit; ValueError unless it is
    all ASCII digits.
    """
    if not (seat.isascii() and seat.isdigit()):
        raise ValueError(f"a seat number is made of digits, not {seat!r}")
    return ("seat_number_before", *(f"digit_{digit}" for digit in seat), "seat_number_after")


def who_clips(city: str | None, group: str) -> tuple[str, ...]:
    """What a seat hears before the talk: where the call is from and what it is about.

    A city without a clip is an unknown place, a group without one a general consultation: a new
    group must not hold up a call.
    """
    place = f"city_{city}" if city in CITIES else "city_unknown"
    return (place, f"group_{group}" if group in GROUPS else "group_general")
