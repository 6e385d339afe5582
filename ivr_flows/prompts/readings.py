"""What is read back to test the prompts by ear: whole sentences, and every clip inside a sentence
that uses it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ivr_flows.names import CITIES, HOME_LANGUAGE, PLACE_CLIPS
from ivr_flows.prompts.texts import folder_of, load_prompts
from ivr_flows.speech import (
    CALLED_BACK,
    GROUPS,
    Clips,
    digits_clips,
    money_clips,
    number_clips,
    position_clips,
    seat_number_clips,
    time_clips,
    wait_clips,
    who_clips,
)

# Together they say every number clip; 2003 says 两 and the zero joiner.
_POSITIONS = (31, 42, 56, 67, 78, 89, 94, 103, 110, 111, 120, *range(112, 120), 1005, 2003)
_SEATS = ("8001", "8203", "8904", "5671")
_MINUTES = (0, 30, 20, 4, 45, 1, 15, 2, 50, 3, 17, 5, 0, 6, 40, 7, 39, 8, 30, 9, 0, 12, 58, 0)
_AMOUNTS = (0, 250, 8_05, 102_50, 36_000_68, 1_200_000_00, *(n * 111 for n in range(1, 10)), 10_55)


@dataclass(frozen=True)
class Reading:
    """Clips played one after the other, the text that must be understood, and its language.

    `home` is the folder that the clips lie in: a prompt may be spoken in another language than it.
    """

    name: str
    clips: Clips
    text: str
    language: str = HOME_LANGUAGE
    home: str = HOME_LANGUAGE


def readings(home: str = HOME_LANGUAGE) -> Iterator[Reading]:
    """Everything to listen to in one language's folder; each prompt is in at least one reading."""
    prompts = load_prompts(folder_of(home))
    for prompt in prompts.values():
        if prompt.kind == "sentence":
            said = prompt.spoken.strip()
            yield Reading(prompt.id, (prompt.id,), said, prompt.language, home)
    gap = "" if home == HOME_LANGUAGE else " "
    for name, clips in _joined(home).items():
        yield Reading(name, clips, gap.join(prompts[clip].text for clip in clips), home, home)


def _joined(home: str) -> dict[str, Clips]:
    joined = {f"position {ahead}": position_clips(ahead, home) for ahead in _POSITIONS}
    joined |= {f"seat {seat}": seat_number_clips(seat, home) for seat in _SEATS}
    for hour, minute in enumerate(_MINUTES):
        moment = datetime(2026, 11, 22, hour, minute)
        joined[f"time {moment:%H:%M}"] = time_clips(moment, home)
    joined |= {f"money {fen / 100:.2f}": money_clips(fen, home) for fen in _AMOUNTS}
    joined |= {clip: ("place_before", clip) for clip in PLACE_CLIPS}
    joined |= {f"wait {minutes} min": wait_clips(minutes * 60, home) for minutes in (2, 7, 25)}
    joined["typed 20260305"] = digits_clips("20260305", home)
    if home == HOME_LANGUAGE:
        groups = sorted(GROUPS)
        for number, city in enumerate([*sorted(CITIES), None]):
            joined[f"who {city}"] = who_clips(city, groups[number % len(groups)])
        joined["called back"] = (CALLED_BACK, *who_clips("220100", "labour"))
    return joined


def in_words(text: str, language: str) -> tuple[str, ...]:
    """A text with its digits as words (for what was heard of it): as numbers, one by one, and in
    Korean as one counts people and hours.
    """
    prompts = load_prompts(folder_of(language))
    gap = "" if language == HOME_LANGUAGE else " "

    def said(clips: Clips) -> str:
        return gap + gap.join(prompts[clip].text for clip in clips) + gap

    def number(found: re.Match[str]) -> str:
        return said(number_clips(int(found[0][:8]), language))

    def one_by_one(found: re.Match[str]) -> str:
        return said(digits_clips(found[0], language))

    def counted(found: re.Match[str]) -> str:
        sentence = prompts.get(f"position_{int(found[0][:8])}")
        return sentence.text.split()[1] if sentence else number(found)

    def clock(found: re.Match[str]) -> str:
        hour = int(found[1]) % 12 + (12 if found[3].lower() == "p" else 0)
        return said(time_clips(datetime(2026, 1, 1, hour, int(found[2])), language))

    if language == "en":
        text = re.sub(r"\b([01]?\d)[:.]?([0-5]\d) ?([AaPp])\.?[Mm]\b\.?", clock, text)
    text = re.sub(r"(?<=\d)[,.](?=\d)", "", text)
    ways = (number, one_by_one, counted) if language == "ko-KR" else (number, one_by_one)
    return tuple(re.sub("[0-9]+", way, text) for way in ways)
