"""An emergency notice on a running hotline: heard by the next caller, gone after its end, and never
a reason for silence.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ivr_flows.prompts.texts import LANGUAGE, PACKAGED
from tests.real.house import House
from tests.real.test_heard_in_call import said, sound

NOTICE = "booking_failed"  # an audible sentence that no caller hears otherwise
WORDS = "预约暂时无法登记"
LONG_ENOUGH_S = 26  # greeting, notice, mark and the menu's beginning


def set_notice(house: House, *, for_s: float) -> str:
    """Put the notice in force on the running hotline; its prompt id."""
    until = datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(seconds=for_s)
    recording = PACKAGED / LANGUAGE / f"{NOTICE}.wav16"
    told = house.hotline(
        *("prompts", "notice", "set", "--file", str(recording)),
        *("--until", f"{until:%Y-%m-%d %H:%M:%S}"),
    )
    assert "已设置" in told
    return f"notice_{told.split('紧急通知 ')[1].split()[0]}"


def heard_by(house: House, caller: str, calls: int) -> str:
    house.sipp.citizen(hangup_after_s=LONG_ENOUGH_S, caller=caller).wait(60)
    (call,) = (one for one in house.ended(calls) if one.caller == caller)
    assert call.recording
    return said(Path(f"{call.recording.path}-heard.wav"))


def test_a_notice_is_heard_while_it_lasts_and_faulty_audio_holds_nobody_up(house: House) -> None:
    set_notice(house, for_s=20)
    first = heard_by(house, "+864315550123", 1)
    assert sound("将被录音") in first
    assert sound(WORDS) in first
    assert (
        first.index(sound("将被录音")) < first.index(sound(WORDS)) < first.index(sound("婚姻家庭"))
    )
    second = heard_by(house, "+864315550124", 2)  # it began after the notice's end
    assert sound(WORDS) not in second
    assert sound("婚姻家庭") in second
    prompt = set_notice(house, for_s=600)
    for file in (house.settings.home / "prompts" / LANGUAGE).glob(f"{prompt}.*"):
        file.unlink()
    third = heard_by(house, "+864315550125", 3)
    assert sound("婚姻家庭") in third
    assert sound("系统出现了故障") not in third
