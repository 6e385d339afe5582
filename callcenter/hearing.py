"""Whether a prompt is understood over the telephone: whisper hears it back, and what it wrote is
held against what was said.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from pypinyin import Style, lazy_pinyin

from ivr_flows.names import HOME_LANGUAGE
from ivr_flows.prompts.hangul import pronounced
from ivr_flows.prompts.readings import Reading, in_words
from ivr_flows.prompts.texts import folder_of
from stt.audio import RATE, Samples, read_channels
from stt.pinyin import syllable_error_rate
from stt.transcript import cer, error_rate
from stt.whisper import LEGAL_PROMPT, Whisper

# A reading that is misheard this badly is mumbled; the base model's homophones stay far below it
# in syllables. Korean comes from a voice that was never taught it (prompts/README.md).
SENTENCE_LIMIT = {"zh-CN": 0.15, "ko-KR": 0.3, "en": 0.15}
CLIP_LIMIT = {"zh-CN": 0.35, "ko-KR": 0.5, "en": 0.35}
WHISPER_LANGUAGES = {"zh-CN": "zh", "ko-KR": "ko", "en": "en"}


def ear(model: Path, language: str) -> Whisper:
    """A recogniser for one language; Chinese is told the terms that it may expect."""
    prompt = LEGAL_PROMPT if language == HOME_LANGUAGE else ""
    return Whisper(model, prompt=prompt, language=WHISPER_LANGUAGES[language])


def limit(reading: Reading) -> float:
    """Most sounds of a reading that may be misheard, as a share."""
    limits = SENTENCE_LIMIT if reading.clips == (reading.name,) else CLIP_LIMIT
    return limits[reading.language]


def heard_by_caller(reading: Reading) -> Samples:
    """A reading as it comes out of the telephone: its 8 kHz clips joined, for the recogniser at
    16 kHz.
    """
    silence = np.zeros(RATE // 2, np.float32)
    folder = folder_of(reading.home)
    clips = [read_channels(folder / f"{clip}.wav")[0] for clip in reading.clips]
    return np.concatenate((silence, *clips, silence))


def error_rates(said: str, heard: str, language: str) -> tuple[float, float]:
    """Errors of what was heard, in written characters and in sounds (a homophone is right).

    Sounds: syllables without tones in Chinese, Hangul as it is pronounced in Korean; English has
    characters only. A number is right as digits and as words.
    """
    tries = [
        (wanted, got) for wanted in in_words(said, language) for got in in_words(heard, language)
    ]
    if language == HOME_LANGUAGE:
        tries.append((said, heard))
        sounds = [syllable_error_rate(wanted, got) for wanted, got in tries]
        # 妖妖灵 for 幺幺零: the right sounds, though no number.
        sounds += [error_rate(_pinyin(wanted), _pinyin(got)) for wanted, got in tries]
        return min(cer(wanted, got) for wanted, got in tries), min(sounds)
    bare = [(_bare(wanted), _bare(got)) for wanted, got in tries]
    by_sign = min(error_rate(wanted, got) for wanted, got in bare)
    if language != "ko-KR":
        return by_sign, by_sign
    return by_sign, min(error_rate(_sounds(wanted), _sounds(got)) for wanted, got in bare)


def _bare(text: str) -> str:
    return re.sub(r"[^\w]|_", "", text).lower()


def _pinyin(text: str) -> list[str]:
    return lazy_pinyin(_bare(text), style=Style.NORMAL)


def _sounds(text: str) -> str:
    return pronounced("".join(re.findall("[가-힣]", text)))
