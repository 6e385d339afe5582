"""Notes that callers leave, the language they are spoken to in, what they choose by key."""

from __future__ import annotations

import pytest

from callcenter import commands as cmd
from callcenter import events as ev
from callcenter.call import Stage
from ivr_flows.speech import position_clips
from tests.callcenter.outside_talk import Talk, only


def test_a_note_is_kept_by_its_name_and_is_no_overflow() -> None:
    talk = Talk().keys("3")
    (record,) = talk.said
    assert isinstance(record, cmd.Record) and record.limit_s == 120
    assert talk.call.stage is Stage.RECORDING
    audio = f"/r/t-1.1-voice-{talk.call.serial}"
    talk.do(ev.VoiceRecorded(talk.call.serial, 12.3456, caller_gone=False))
    assert talk.call.stage is Stage.IVR
    talk.do(ev.HungUp())
    facts = talk.facts()
    assert facts["notes"] == [{"name": "complaint", "audio": audio, "duration_s": 12.346}]
    assert (facts["overflow"], facts["overflow_request"]) == (None, None)


def test_a_silent_note_goes_on_all_the_same() -> None:
    talk = Talk().keys("3")
    (play,) = talk.do(ev.VoiceRecorded(talk.call.serial, 0.2, caller_gone=False))
    assert isinstance(play, cmd.Play) and play.clips == ("main_menu",)
    assert talk.facts()["notes"] == []


def test_a_note_outlives_the_controller_it_was_spoken_to() -> None:
    talk = Talk().keys("3")
    (play,) = talk.do(ev.Resumed("", None, voice_s=9.0))
    assert isinstance(play, cmd.Play) and play.clips == ("main_menu",)
    assert [note.duration_s for note in talk.call.notes] == [9.0]


@pytest.mark.parametrize("is_told", [True, False])
def test_a_note_ended_by_hanging_up_is_kept_once(is_told: bool) -> None:
    talk = Talk().keys("3")
    if is_told:
        talk.do(ev.VoiceRecorded(talk.call.serial, 5.0, caller_gone=True))
    talk.do(ev.HungUp())
    talk.do(ev.RecordingClosed(30.0, voice_s=5.0))
    assert [note.duration_s for note in talk.call.notes] == [5.0]
    assert talk.facts()["overflow"] is None


def test_a_message_after_a_note_is_still_a_message() -> None:
    talk = Talk().keys("3")
    talk.do(ev.VoiceRecorded(talk.call.serial, 5.0, caller_gone=False))
    talk.keys("0")
    talk.do(ev.TimerFired(talk.call.timer), after_s=60)
    talk.keys("#")
    talk.do(ev.VoiceRecorded(talk.call.serial, 6.0, caller_gone=False))
    facts = talk.facts()
    assert facts["overflow"] == "message"
    assert [note["duration_s"] for note in facts["notes"]] == [5.0]  # type: ignore[attr-defined]


def test_from_the_language_step_on_everything_is_said_in_it() -> None:
    talk = Talk().keys("4")
    (play,) = talk.said
    assert isinstance(play, cmd.Play) and play.language == "ko-KR"
    assert talk.facts()["language"] == "ko-KR"
    talk.keys("0")
    join, words, _ = talk.said
    assert isinstance(join, cmd.JoinLine) and join.language == "ko-KR"
    assert isinstance(words, cmd.Play) and words.language == "ko-KR"
    play, _ = talk.do(ev.TimerFired(talk.call.timer), after_s=30)
    assert isinstance(play, cmd.Play) and play.language == "ko-KR"
    assert play.clips == position_clips(2, "ko-KR")
    (ring,) = talk.do(ev.SeatOffered("8201", "municipal"))
    assert isinstance(ring, cmd.Ring) and ring.language == "ko-KR"
    talk.do(ev.SeatAnswered("8201", talk.now))
    said = talk.dialled("ANSWER")
    finish = only(said, cmd.Finish)
    assert isinstance(finish, cmd.Finish) and finish.language == "ko-KR"
    other = Talk().keys("42")
    ring = other.said[-1]
    assert isinstance(ring, cmd.RingLine) and ring.language == "ko-KR"
    other = Talk().keys("43")
    (record,) = other.said
    assert isinstance(record, cmd.Record) and record.language == "ko-KR"
    other = Talk().keys("412026#")
    assert isinstance(other.said[0], cmd.Play) and other.said[0].language == "ko-KR"


def test_what_the_caller_chose_by_key_is_the_calls() -> None:
    talk = Talk().keys("5")
    facts = talk.facts()
    assert (facts["city"], facts["city_source"], facts["special"]) == (
        "222400",
        "menu",
        ["elderly"],
    )
    talk.keys("50")
    join = only(talk.said, cmd.JoinLine)
    assert isinstance(join, cmd.JoinLine) and join.city == "222400"
    assert talk.facts()["special"] == ["elderly"]
