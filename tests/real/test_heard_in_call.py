"""What a citizen and a lawyer really hear in a call: the recordings, transcribed."""

from __future__ import annotations

import os
from pathlib import Path

from stt.audio import read_channels
from stt.model import fetch
from stt.pinyin import syllables
from stt.whisper import Whisper
from tests.real.house import House

CHANGCHUN = "+864315550123"


def said(file: Path) -> str:
    """The syllables of a recording: a wrong character for the right sound does not count."""
    cache = Path(os.environ.get("HOTLINE_CACHE") or "~/.cache/hotline").expanduser()
    (samples,) = read_channels(file)
    text = "".join(word.text for word in Whisper(fetch(cache)).transcribe(samples))
    return " ".join(syllables(text))


def sound(text: str) -> str:
    return " ".join(syllables(text))


def test_greeting_menu_place_in_line_and_ways_out_are_heard(house: House) -> None:
    first = house.sipp.citizen(keys=((28.0, "2"),), hangup_after_s=75, caller=CHANGCHUN)
    house.wait_for(lambda: house.live()["waiting"] == 1, what="one waits", timeout_s=40)
    second = house.sipp.citizen(keys=((1.0, "2"),), hangup_after_s=35, caller="+864315550124")
    first.wait(140)
    second.wait(60)
    calls = {call.caller: call for call in house.ended(2)}
    heard = said(Path(f"{calls[CHANGCHUN].recording.path}-heard.wav"))  # type: ignore[union-attr]
    for words in (
        "公共法律服务热线",
        "将被录音",
        "人工智能",
        "婚姻家庭",
        "您是下一位",
        "回电",
        "井号键",
    ):
        assert sound(words) in heard, words
    behind = said(Path(f"{calls['+864315550124'].recording.path}-heard.wav"))  # type: ignore[union-attr]
    assert sound("前面还有一位") in behind


def test_the_caller_hears_the_seat_and_the_lawyer_where_the_call_is_from(house: House) -> None:
    house.seat("8001", talk_s=9)
    house.sipp.citizen(keys=((1.0, "2"),), hangup_after_s=13, caller=CHANGCHUN).wait(40)
    (call,) = house.ended()
    heard = said(Path(f"{call.recording.path}-heard.wav"))  # type: ignore[union-attr]
    assert sound("您服务") in heard
    (who,) = (house.settings.home / "sounds" / "zh-CN").glob("city_220100-*.wav")
    assert sound("市来电劳动") in said(who)
