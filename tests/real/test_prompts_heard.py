"""Every prompt is understood over the telephone: whisper hears it back.

Two rates are told: in characters, and in sounds (syllables without tones, Hangul as pronounced).
The limit is on sounds, since the base model writes the right sound with the wrong character.
Of Mandarin every prompt is heard, of Korean and English some of each kind: `hotline prompts
listen` hears all.
"""

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from callcenter.hearing import ear, error_rates, heard_by_caller, limit
from ivr_flows.prompts.readings import Reading, readings
from stt.model import fetch
from stt.whisper import Whisper

SOME = (
    *("greeting", "main_menu", "after_hours", "emergency_menu", "order_number", "position_3"),
    *("position 31", "position 120", "seat 8203", "time 04:45", "time 14:40"),
)
READINGS = (
    *readings(),
    *(one for one in readings("ko-KR") if one.name in SOME),
    *(one for one in readings("en") if one.name in SOME),
)
Hear = Callable[[Reading], tuple[float, float, str]]


@pytest.fixture(scope="module")
def hear() -> Hear:
    cache_folder = Path(os.environ.get("HOTLINE_CACHE") or "~/.cache/hotline").expanduser()
    model = fetch(cache_folder)

    @cache
    def engine(language: str) -> Whisper:
        return ear(model, language)

    def rates(reading: Reading) -> tuple[float, float, str]:
        words = engine(reading.language).transcribe(heard_by_caller(reading))
        heard = "".join(word.text for word in words)
        return *error_rates(reading.text, heard, reading.language), heard

    return rates


@pytest.mark.parametrize("reading", READINGS, ids=lambda one: f"{one.home} {one.name}")
def test_a_caller_understands(hear: Hear, reading: Reading) -> None:
    by_sign, by_sound, heard = hear(reading)
    told = f"{reading.name}: CER {by_sign:.1%}, sounds {by_sound:.1%}: {heard}"
    assert by_sound <= limit(reading), told
