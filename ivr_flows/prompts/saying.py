"""Text as somebody writes it in a hurry, to text as the synthesiser must be told it."""

from __future__ import annotations

import re
from datetime import datetime

from ivr_flows.names import HOME_LANGUAGE
from ivr_flows.prompts.texts import PromptFault, folder_of, load_prompts, unspeakable
from ivr_flows.speech import MOST, Clips, digits_clips, number_clips, time_clips

MOST_CHARACTERS = 200

_TIME = re.compile("(?<![0-9])([01]?[0-9]|2[0-3])[:：]([0-5][0-9])(?![0-9])")
_DIGITS = re.compile("[0-9]+")
_CALLED = ("110", "119", "120", "122")  # numbers that are dialled, never counted
_SIGNS = dict(zip(",.!?、；：:;", "，。！？，，，，，", strict=True)) | dict.fromkeys(
    "“”‘’《》（）()", ""
)


def spelled_out(text: str, language: str) -> str:
    """A text with times, numbers and telephone numbers in words (18:30: 晚上六点半, 12348:
    幺二三四八); PromptFault, in Chinese, when something in it cannot be spoken.
    """
    prompts = load_prompts(folder_of(language))
    gap = "" if language == HOME_LANGUAGE else " "

    def said(clips: Clips) -> str:
        return gap + gap.join(prompts[clip].spoken.strip(" .。") for clip in clips) + gap

    def time(found: re.Match[str]) -> str:
        return said(time_clips(datetime(2026, 1, 1, int(found[1]), int(found[2])), language))

    def digits(found: re.Match[str]) -> str:
        run = found[0]
        is_number = len(run) < 5 and not (run[0] == "0" and len(run) > 1) and int(run) <= MOST
        if is_number and run not in _CALLED:
            return said(number_clips(int(run), language))
        return said(digits_clips(run, language))

    if not text.strip():
        raise PromptFault("没有文字")
    if len(text) > MOST_CHARACTERS:
        raise PromptFault(f"文字有 {len(text)} 个字，最多 {MOST_CHARACTERS} 个")
    spelled = _DIGITS.sub(digits, _TIME.sub(time, text))
    if language == HOME_LANGUAGE:
        spelled = "".join(_SIGNS.get(sign, sign) for sign in re.sub(r"\s+", "", spelled))
    spelled = re.sub(r"\s+([,.?!])", r"\1", re.sub(r"\s+", " ", spelled)).strip()
    if strange := unspeakable(spelled, language):
        raise PromptFault(f"读不出「{strange}」，请写成{_WRITING[language]}")
    if not any(map(str.isalnum, spelled)):  # signs alone
        raise PromptFault("没有文字")
    return spelled


_WRITING = {"zh-CN": "汉字", "ko-KR": "韩文", "en": "英文单词"}
