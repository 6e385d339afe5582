"""What is put together from clips, in each language: numbers, places in the line, times, money,
digits, seat numbers, who is calling. Pure; prompt ids only.

A language that is not known here is spoken as the home language (zh-CN), as its prompts are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from math import ceil
from typing import Final

from ivr_flows.names import CITIES, HOME_LANGUAGE

MOST: Final = 99_999_999
"""The largest number that the clips can say."""

MOST_AHEAD: Final = 9999
"""More callers than that before one are said as that many."""

POSITION_SENTENCES: Final[Mapping[str, int]] = {"zh-CN": 30, "ko-KR": 20, "en": 10}
"""Up to so many callers ahead the place is one whole sentence: it sounds better than clips."""

GROUPS: Final = frozenset(("family", "labour", "contract", "general", "service"))
"""Groups that have a clip with their name."""

CALLED_BACK: Final = "who_callback"
"""What a seat hears first when the caller asked to be called back."""

CALLBACK_GREETING: Final = "callback_greeting"
"""What a caller hears whom we call back."""

TO_LINE: Final = "transfer"
"""What a caller in line hears before a line outside is rung for him."""

LONGEST_SAID: Final = 30
"""Minutes: a longer wait that is expected is said as more than that."""

Clips = tuple[str, ...]

_TENS: Final = 20  # up to here a number is one clip
_WAN: Final = 10_000


def number_clips(number: int, language: str = HOME_LANGUAGE) -> Clips:
    """A number from 0 to `MOST` as it is read out (110: 一百一十, 백십, one hundred and ten);
    ValueError outside.
    """
    if not 0 <= number <= MOST:
        raise ValueError(f"no clips for the number {number}: 0 to {MOST} can be said")
    return _NUMBERS.get(language, _chinese)(number)


def _below_hundred(number: int) -> Clips:
    if number <= _TENS:
        return (f"number_{number}",)
    tens, ones = number // 10 * 10, number % 10
    return (f"number_{tens}", f"number_{ones}") if ones else (f"number_{tens}",)


def _chinese(number: int) -> Clips:
    if number < 100:
        return _below_hundred(number)
    size = _size_of(number, (100, 1000, _WAN))
    most, rest = divmod(number, size)
    # Two is 两 before 千 and 万, and 二 before 百 in this house; 两百 would be as good.
    many = ("number_liang",) if most == 2 and size > 100 else _chinese(most)
    head = (*many, f"number_{size}")
    if not rest:
        return head
    if rest < size // 10:
        head = (*head, "number_0")
    # After a hundred ten is 一十, and so is 13 一十三: 一百一十三, 一千零一十三.
    if 10 <= rest < 20:
        head = (*head, "number_1")
    return (*head, *_chinese(rest))


def _korean(number: int) -> Clips:
    """Sino-Korean: 백십, 천이백, 만 오천; one is not said before a size."""
    if number < 100:
        return _below_hundred(number)
    size = _size_of(number, (100, 1000, _WAN))
    most, rest = divmod(number, size)
    head = (*(_korean(most) if most > 1 else ()), f"number_{size}")
    return (*head, *_korean(rest)) if rest else head


def _english(number: int) -> Clips:
    if number < 100:
        return _below_hundred(number)
    size = _size_of(number, (100, 1000, 1_000_000))
    most, rest = divmod(number, size)
    head = (*_english(most), f"number_{size}")
    if not rest:
        return head
    return (*head, *(("number_and",) if rest < 100 else ()), *_english(rest))


def _size_of(number: int, sizes: tuple[int, ...]) -> int:
    return max(size for size in sizes if size <= number)


_NUMBERS: Final[Mapping[str, Callable[[int], Clips]]] = {
    "zh-CN": _chinese,
    "ko-KR": _korean,
    "en": _english,
}


def position_clips(ahead: int, language: str = HOME_LANGUAGE) -> Clips:
    """What a waiting caller hears of his place, from the number of callers before him; ValueError
    when negative.
    """
    if ahead == 0:
        return ("position_next",)
    if 0 < ahead <= POSITION_SENTENCES.get(language, POSITION_SENTENCES[HOME_LANGUAGE]):
        return (f"position_{ahead}",)
    number = number_clips(min(ahead, MOST_AHEAD), language)
    return ("position_before", *number, "position_after")


def wait_clips(wait_s: float, language: str = HOME_LANGUAGE) -> Clips:
    """What a waiting caller hears of the wait that is expected, in whole minutes and never less:
    about 1 to 10, 15, 20, 25 or 30 minutes, or more than half an hour.
    """
    minutes = max(1, ceil(wait_s / 60))
    if minutes > 10:
        minutes = ceil(minutes / 5) * 5
    if minutes == 1:
        return ("wait_short",)
    if minutes > LONGEST_SAID:
        return ("wait_long",)
    # A number before a unit: 两分钟
    two = language == HOME_LANGUAGE and minutes == 2
    number = ("number_liang",) if two else number_clips(minutes, language)
    return ("wait_before", *number, "wait_after")


def time_clips(moment: datetime, language: str = HOME_LANGUAGE) -> Clips:
    """The time of day as it stands in `moment` (convert it to the place's own time before):
    上午九点半, 오전 아홉 시 반, nine thirty a.m.
    """
    return _TIMES.get(language, _chinese_time)(moment.hour, moment.minute)


def _chinese_time(hour: int, minute: int) -> Clips:
    said = (f"hour_{hour}",)  # with the part of the day: 凌晨两点
    if not minute:
        return said
    if minute < 10:
        return (*said, f"minute_{minute}")
    return (*said, "time_half") if minute == 30 else (*said, *_chinese(minute), "time_minutes")


def _korean_time(hour: int, minute: int) -> Clips:
    """Hours are counted in Korean numbers, minutes in Sino-Korean ones."""
    said = (f"hour_{hour}",)
    if not minute:
        return said
    return (*said, "time_half") if minute == 30 else (*said, *_korean(minute), "time_minutes")


def _english_time(hour: int, minute: int) -> Clips:
    part = "morning" if hour < 12 else "afternoon"
    if not minute:
        part = {0: "midnight", 12: "noon"}.get(hour, part)
    said = _english(hour % 12 or 12)
    if minute:
        said = (*said, *(("time_oh",) if minute < 10 else ()), *_english(minute))
    return (*said, f"time_{part}")


_TIMES: Final[Mapping[str, Callable[[int, int], Clips]]] = {
    "zh-CN": _chinese_time,
    "ko-KR": _korean_time,
    "en": _english_time,
}


def money_clips(fen: int, language: str = HOME_LANGUAGE) -> Clips:
    """An amount of renminbi, given in fen: 一百零二元五角, 백이 원 오십 전, two yuan and five fen;
    ValueError below nothing and beyond `MOST` yuan.
    """
    if fen < 0:
        raise ValueError(f"no clips for {fen} fen: an amount is not negative")
    yuan, rest = divmod(fen, 100)
    if language in ("ko-KR", "en"):
        return _counted(yuan, rest, language)
    said: Clips = ()
    if 1 <= yuan <= 10:
        said = (f"money_yuan_{yuan}",)
    elif yuan or not rest:
        said = (*number_clips(yuan), "money_yuan")
    jiao, fens = divmod(rest, 10)
    if jiao:
        said = (*said, f"money_jiao_{jiao}")
    if fens:
        said = (*said, *(("number_0",) if yuan and not jiao else ()), f"money_fen_{fens}")
    return said


def _counted(yuan: int, fen: int, language: str) -> Clips:
    said: Clips = ()
    if yuan or not fen:
        said = (*number_clips(yuan, language), "money_yuan")
    if fen:
        joint = ("number_and",) if said and language == "en" else ()
        said = (*said, *joint, *number_clips(fen, language), "money_fen")
    return said


def digits_clips(text: str, language: str = HOME_LANGUAGE) -> Clips:
    """Digits read one by one, as a number that was typed (12348: 幺二三四八); ValueError unless
    there is one at least and all are ASCII digits.
    """
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"only digits can be read one by one, not {text!r}")
    return tuple(f"digit_{digit}" for digit in text)


def seat_number_clips(seat: str, language: str = HOME_LANGUAGE) -> Clips:
    """What a caller hears of the seat that serves him, digit by digit; ValueError unless it is
    all ASCII digits.
    """
    return ("seat_number_before", *digits_clips(seat, language), "seat_number_after")


def who_clips(city: str | None, group: str) -> Clips:
    """What a seat hears before the talk, in Mandarin: where the call is from and what it is about.

    A city without a clip is an unknown place, a group without one a general consultation: a new
    group must not hold up a call.
    """
    place = f"city_{city}" if city in CITIES else "city_unknown"
    return (place, f"group_{group}" if group in GROUPS else "group_general")


def every_clip(language: str = HOME_LANGUAGE) -> frozenset[str]:
    """Every prompt that some function here may ask for in this language."""
    numbers = {1, *range(_TENS + 1), *range(30, 91, 10), 100, 1000, 1_000_100, 2000, _WAN, 103}
    said = {clip for number in numbers for clip in number_clips(number, language)}
    for ahead in range(POSITION_SENTENCES[language] + 2):
        said.update(position_clips(ahead, language))
    day = datetime(2026, 1, 1)
    for minute in (*range(10), 11, 30):
        for hour in range(24):
            said.update(time_clips(day.replace(hour=hour, minute=minute), language))
    for fen in (1_101, *range(1001)):
        said.update(money_clips(fen, language))
    said |= {CALLBACK_GREETING, TO_LINE}
    said.update(seat_number_clips("0123456789", language))
    for minutes in (1, 2, *range(3, LONGEST_SAID + 2)):
        said.update(wait_clips(minutes * 60, language))
    if language == HOME_LANGUAGE:
        for city in (*CITIES, None):
            said.update(clip for group in GROUPS for clip in who_clips(city, group))
        said.add(CALLED_BACK)
    return frozenset(said)
