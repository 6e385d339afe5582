"""One caller's line on a scripted Asterisk: what is sent, what comes of the replies."""

from __future__ import annotations

import pytest

from callcenter import commands as cmd
from callcenter import events as ev
from callcenter.asterisk import lease
from callcenter.asterisk.introduction import Introduction
from callcenter.asterisk.protocol import AgiHangup, AgiReply
from callcenter.asterisk.telephony import Line


class Wire:
    """Stands for an AgiLine: keeps what was sent, and answers as told."""

    def __init__(self) -> None:
        self.env: dict[str, str] = {}
        self.sent: list[str] = []
        self.interrupts: list[int] = []
        self.is_closed = False
        self.on_message = lambda message: None
        self.on_closed = lambda reason: None

    def send(self, command: bytes) -> None:
        self.sent.append(command.decode().strip())

    def interrupt(self, number: int) -> None:
        self.interrupts.append(number)

    def close(self) -> None:
        self.is_closed = True

    def reply(self, result: int | None = 0, text: str = "", endpos: int | None = None) -> None:
        self.on_message(AgiReply(200, result, text, endpos, "200"))

    def hang_up(self) -> None:
        self.on_message(AgiHangup())


class Sounds:
    def clip(self, prompt: str, language: str) -> str | None:
        return None if prompt == "missing" else f"{folder(language)}/{prompt}"

    def joined(self, prompts: tuple[str, ...], language: str) -> str | None:
        return f"{folder(language)}/{'-'.join(prompts)}"


def folder(language: str) -> str:
    return "/s" if language == "zh-CN" else f"/{language}"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Monotonic seconds, to be turned by hand."""
    now = [1000.0]
    monkeypatch.setattr(lease, "monotonic", lambda: now[0])
    return now


class Desk:
    def __init__(self, sounds: Sounds | None = None) -> None:
        self.wire = Wire()
        self.events: list[ev.Event] = []
        self.losses = 0
        self.line = Line(
            self.wire,  # type: ignore[arg-type]
            sounds or Sounds(),
            dialplan="v1",
            emit=self.events.append,
            lost=self.lost,
        )
        self.line.records_to("/r/c1")

    def lost(self) -> None:
        self.losses += 1


def test_clips_are_played_one_after_another_then_a_key_is_awaited() -> None:
    desk = Desk()
    desk.line.do(cmd.Play(1, ("a", "b"), "12", wait_s=5))
    desk.wire.reply()
    desk.wire.reply()
    desk.wire.reply(ord("2"))
    assert desk.wire.sent == [
        'STREAM FILE "/s/a" "12"',
        'STREAM FILE "/s/b" "12"',
        'WAIT FOR DIGIT "5000"',
    ]
    assert desk.events == [ev.KeyPressed(1, "2")]


def test_a_key_in_a_clip_ends_it_and_silence_is_told() -> None:
    desk = Desk()
    desk.line.do(cmd.Play(1, ("a", "b"), "12", wait_s=5))
    desk.wire.reply(ord("1"))
    assert desk.events == [ev.KeyPressed(1, "1")]
    desk.line.do(cmd.Play(2, ("a",), ""))
    desk.wire.reply()
    assert desk.events[1:] == [ev.Spoken(2)]


def test_a_prompt_without_audio_is_told_at_once() -> None:
    desk = Desk()
    desk.line.do(cmd.Play(1, ("missing",), ""))
    assert desk.events == [ev.PromptFailed(1, "no audio for prompt missing")]
    assert desk.wire.sent == []


def test_a_new_command_ends_the_one_that_runs_and_late_replies_are_not_taken_for_its_own() -> None:
    desk = Desk()
    desk.line.do(cmd.Hold(1))
    desk.wire.reply()  # music is on
    desk.line.do(cmd.Play(2, ("a",), "1"))
    assert desk.wire.interrupts == [1]
    desk.wire.reply(1)  # of the WAIT FOR DIGIT that was interrupted
    assert desk.wire.sent[-1] == 'WAIT FOR DIGIT "30000"'
    desk.wire.reply(1, "sync-1")
    desk.wire.reply()  # music is off
    desk.wire.reply(ord("1"))
    assert desk.events == [ev.KeyPressed(2, "1")]


def test_music_is_not_started_twice() -> None:
    desk = Desk()
    desk.line.do(cmd.Hold(1))
    desk.wire.reply()
    desk.wire.reply(ord("5"))
    desk.line.do(cmd.Hold(2))
    assert [line for line in desk.wire.sent if "MUSIC" in line] == ['SET MUSIC ON "hold"']
    assert desk.events == [ev.KeyPressed(1, "5")]


def test_a_seat_is_rung_by_the_dialplan_and_its_words_are_read_back() -> None:
    desk = Desk()
    desk.line.do(cmd.Ring(3, "8001", 2, 15, ("city", "who"), ("nr",)))
    assert desk.wire.sent == ['EXEC "MSet" "HOTLINE_SEAT=8001.2,DIALSTATUS="']
    desk.wire.reply()
    assert desk.wire.sent[-1] == 'GOSUB "seat-ring-v1" "8001" "1" "/s/city-who,2,15,/s/nr"'
    desk.wire.reply(0)
    desk.wire.reply(1, "ANSWER;1000000;1005000;42000;16")
    (ended,) = desk.events
    assert isinstance(ended, ev.DialEnded) and not ended.caller_gone
    assert ended.result.talk_at and ended.result.talk_at.timestamp() == 1005
    assert ended.result.ended_at and ended.result.ended_at.timestamp() == 1042
    assert (ended.result.status, ended.result.cause) == ("ANSWER", 16)


def test_everything_is_said_in_the_callers_language_but_not_what_the_seat_hears() -> None:
    desk = Desk()
    desk.line.do(cmd.Play(1, ("a",), "", language="ko-KR"))
    desk.wire.reply()
    desk.line.do(cmd.Record(2, ("b",), 60, language="ko-KR"))
    for _ in range(3):  # lease, prompt, tone
        desk.wire.reply()
    desk.wire.reply(0, endpos=8000)
    desk.line.do(cmd.Ring(3, "8201", 1, 15, ("city", "who"), ("nr",), language="ko-KR"))
    desk.wire.reply()
    desk.wire.reply(0)
    desk.wire.reply(1, "NOANSWER;;;;")
    desk.line.do(cmd.Finish(4, ("bye",), language="ko-KR"))
    played = [line for line in desk.wire.sent if line.startswith(("STREAM", "GOSUB"))]
    assert played == [
        'STREAM FILE "/ko-KR/a" ""',
        'STREAM FILE "/ko-KR/b" "0123456789*#"',
        'STREAM FILE "/ko-KR/tone" "0123456789*#"',
        'GOSUB "seat-ring-v1" "8201" "1" "/s/city-who,1,15,/ko-KR/nr"',
        'STREAM FILE "/ko-KR/bye" ""',
    ]


POLICE = cmd.RingLine(5, "police", 1, 25, ("to_police",))


def test_a_line_outside_is_rung_after_the_words_and_named_for_the_next_controller() -> None:
    desk = Desk()
    desk.line.ring_line(POLICE, "110", "demo")
    assert desk.wire.sent == ['STREAM FILE "/s/to_police" ""']
    desk.wire.reply()
    assert desk.wire.sent[-1] == 'EXEC "MSet" "HOTLINE_SEAT=line-police.1,DIALSTATUS="'
    assert desk.line.rung == 0
    desk.wire.reply()
    assert desk.wire.sent[-1] == 'GOSUB "line-ring-v1" "s" "1" "110,demo,25"'
    assert desk.line.rung == 5
    desk.wire.reply(0)
    desk.wire.reply(1, "BUSY;1000000;;9000;17")
    (ended,) = desk.events
    assert isinstance(ended, ev.DialEnded) and not ended.caller_gone
    assert (ended.serial, ended.result.status, ended.result.cause) == (5, "BUSY", 17)


def test_a_line_outside_whose_words_have_no_audio_is_not_rung() -> None:
    desk = Desk()
    desk.line.ring_line(cmd.RingLine(5, "police", 1, 25, ("missing",)), "110", "demo")
    assert desk.events == [ev.PromptFailed(5, "no audio for prompt missing")]
    assert desk.wire.sent == []


def test_the_caller_hanging_up_in_the_talk_is_told_after_how_the_dial_ended() -> None:
    desk = Desk()
    desk.line.do(cmd.Ring(3, "8001", 1, 15, ("who",), ("nr",)))
    desk.wire.reply()
    desk.wire.reply(0, "abnormal exit")
    desk.wire.hang_up()
    desk.wire.reply(1, "ANSWER;1000000;1005000;42000;16")
    assert [type(event) for event in desk.events] == [ev.DialEnded, ev.HungUp]
    assert desk.wire.is_closed


def test_a_note_ended_by_hanging_up_is_kept() -> None:
    desk = Desk()
    desk.line.do(cmd.Record(4, ("say",), 120))
    for _ in range(3):  # lease, prompt, tone
        desk.wire.reply()
    assert desk.wire.sent[-1].startswith('RECORD FILE "/r/c1-voice-4" "wav" "#" "120000"')
    desk.wire.hang_up()
    desk.wire.reply(-1, "hangup", endpos=16000)
    assert desk.events == [ev.VoiceRecorded(4, 2.0, True), ev.HungUp()]


def test_a_line_that_drops_without_hanging_up_is_lost_not_ended() -> None:
    desk = Desk()
    desk.line.do(cmd.Hold(1))
    desk.wire.on_closed("end of file")
    assert (desk.losses, desk.events) == (1, [])
    desk.line.do(cmd.Hold(2))
    assert len(desk.wire.sent) == 1


def test_the_end_is_said_marked_and_hung_up() -> None:
    desk = Desk()
    desk.line.do(cmd.Finish(1, ("bye", "missing")))
    for _ in range(3):
        desk.wire.reply()
    assert desk.wire.sent[1:] == ['SET VARIABLE "HOTLINE_DONE" "1"', "HANGUP"]
    desk.wire.hang_up()
    assert desk.events == [ev.HungUp()]


def test_a_call_nobody_can_serve_is_left_to_the_fallback_queue() -> None:
    desk = Desk()
    desk.line.do(cmd.HandOver(1))
    desk.wire.reply()
    assert desk.wire.is_closed and desk.losses == 0


def test_what_the_dialplan_knows_is_read_in_one_line() -> None:
    desk = Desk()
    said: list[Introduction] = []
    desk.line.introduce(said.append)
    desk.wire.reply(1, "8001.1;ANSWER;1000000;;;0;/r/2026/c1;demo;12348")
    (introduction,) = said
    assert introduction.arrived_at and introduction.arrived_at.timestamp() == 1000
    assert (introduction.trunk, introduction.dialled) == ("demo", "12348")
    assert introduction.dialled_seat == "8001.1" and introduction.dial
    assert introduction.dial.talk_at is None


def test_what_is_begun_while_introducing_goes_on() -> None:
    desk = Desk()
    desk.line.introduce(lambda said: desk.line.do(cmd.Play(1, ("a",), "1")))
    desk.wire.reply(1, ";;;;;;/r/c;demo;12348")
    desk.wire.reply(ord("1"))
    assert desk.events == [ev.KeyPressed(1, "1")]


def test_a_hang_up_after_the_lease_is_a_lost_line_not_an_ended_call(clock: list[float]) -> None:
    desk = Desk()
    desk.line.do(cmd.Hold(1))
    desk.wire.reply()  # music
    clock[0] += 95  # hung: the reply to the wait lay there all the time
    desk.wire.reply(0)
    assert desk.wire.sent[-1] == 'SET VARIABLE "TIMEOUT(absolute)" "90"'
    desk.wire.hang_up()
    desk.wire.on_closed("end of file")
    assert (desk.losses, desk.events, desk.line.rung) == (1, [], 0)
    assert desk.line.lease_is_over


def test_a_lease_that_was_renewed_lets_a_hang_up_be_one(clock: list[float]) -> None:
    desk = Desk()
    desk.line.do(cmd.Hold(1))
    desk.wire.reply()
    for _ in range(4):
        clock[0] += 30
        desk.wire.reply(0)  # nobody pressed a key
        desk.wire.reply(1)  # the lease is renewed
    desk.wire.hang_up()
    desk.wire.reply(-1)
    assert desk.events == [ev.HungUp()]
    assert desk.losses == 0


def test_no_lease_runs_while_a_seat_is_rung_or_talks(clock: list[float]) -> None:
    desk = Desk()
    desk.line.do(cmd.Ring(7, "8001", 1, 15, who=("city",), greeting=("hello",)))
    desk.wire.reply()
    clock[0] += 600
    assert not desk.line.lease_is_over
    assert desk.line.rung == 7
    desk.wire.reply()  # Dial is over
    desk.wire.hang_up()
    desk.wire.reply(1, "ANSWER;;;;16")
    assert [type(event) for event in desk.events] == [ev.DialEnded, ev.HungUp]


def test_a_talk_that_ended_while_we_hung_leaves_the_call_to_the_fallback(
    clock: list[float],
) -> None:
    desk = Desk()
    desk.line.do(cmd.Ring(7, "8001", 1, 15, who=("city",), greeting=("hello",)))
    desk.wire.reply()
    clock[0] += 200
    desk.wire.reply()  # Dial was over long ago, and then the lease
    desk.wire.hang_up()
    desk.wire.on_closed("end of file")
    assert (desk.losses, desk.events) == (1, [])


def test_a_notice_that_was_taken_back_meanwhile_is_passed_over() -> None:
    class Gone(Sounds):
        def clip(self, prompt: str, language: str) -> str | None:
            return None if prompt.startswith("notice_") else super().clip(prompt, language)

    desk = Desk(Gone())
    desk.line.do(cmd.Play(1, ("greeting", "notice_n1", "menu"), "1"))
    desk.wire.reply()
    desk.wire.reply()
    assert [line.split('"')[1] for line in desk.wire.sent] == ["/s/greeting", "/s/menu"]
    assert desk.events == [ev.Spoken(1)]
