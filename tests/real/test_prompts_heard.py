"""Every prompt is understood over the telephone: whisper hears it back.

Two rates are told: in characters, and in syllables without tones. The limit is on syllables,
since the base model writes the right sound with the wrong character (按键 as 案件).
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from callcenter.cli.prompts import CLIP_LIMIT, SENTENCE_LIMIT, heard_by_caller
from ivr_flows.prompts.readings import Reading, readings
from stt.model import fetch
from stt.pinyin import syllable_error_rate
from stt.transcript import cer
from stt.whisper import Whisper

READINGS = tuple(readings())
Hear = Callable[[Reading], tuple[float, float, str]]


@pytest.fixture(scope="module")
def hear() -> Hear:
    cache = Path(os.environ.get("HOTLINE_CACHE") or "~/.cache/hotline").expanduser()
    engine = Whisper(fetch(cache))

    def rates(reading: Reading) -> tuple[float, float, str]:
        heard = "".join(word.text for word in engine.transcribe(heard_by_caller(reading)))
        return cer(reading.text, heard), syllable_error_rate(reading.text, heard), heard

    return rates


@pytest.mark.parametrize("reading", READINGS, ids=lambda reading: reading.name)
def test_a_caller_understands(hear: Hear, reading: Reading) -> None:
    by_sign, by_sound, heard = hear(reading)
    told = f"{reading.name}: CER {by_sign:.1%}, syllables {by_sound:.1%}: {heard}"
    limit = SENTENCE_LIMIT if len(reading.clips) == 1 else CLIP_LIMIT
    assert by_sound <= limit, told
