"""An emergency notice is heard right after the greeting while it lasts, and never holds a call
up.
"""

from __future__ import annotations

import json
import shutil
import wave
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import typer
from click.testing import Result
from structlog.testing import capture_logs
from typer.testing import CliRunner

from callcenter import commands as cmd
from callcenter import events as ev
from callcenter.call import Call, CallId, World, step
from callcenter.call.notice import with_notices, with_notices_of_language
from callcenter.cli import prompts
from callcenter.notices import (
    LOOK_EVERY_S,
    Notice,
    Notices,
    clear_notice,
    load_notices,
    notice_folder,
    sound_fault,
    write_notice,
)
from callcenter.sounds import PACKAGED, SoundFolder, lay_in, prepare, sound_folder
from ivr_flows.load import load_flows
from ivr_flows.prompts.kokoro import VoiceFault
from ivr_flows.prompts.make import VOICES
from ivr_flows.turn import Collect, End, Session, Turn

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    prepare(tmp_path)
    return tmp_path


def notice(number: int = 1, language: str = "zh-CN", *, at: datetime = NOW) -> Notice:
    return Notice(f"n{number}", language, "停办", at, at + HOUR, at + number * timedelta(seconds=1))


def lay(home: Path, one: Notice, sound: Path = PACKAGED / "transfer.wav") -> Notice:
    """A notice as `set` leaves it."""
    folder = home / "prompts" / one.language
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(sound, folder / f"{one.prompt}.wav")
    assert lay_in(home, one.prompt, one.language)
    write_notice(home, one)
    return one


class Watch:
    """A clock of seconds, turned by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def look(home: Path) -> Callable[[datetime], Any]:
    watch = Watch()
    notices = Notices(home, clock=watch)

    def at(moment: datetime) -> Any:
        watch.now += LOOK_EVERY_S
        return notices.in_force(moment)

    return at


def test_a_notice_is_in_force_from_its_start_until_right_before_its_end(
    home: Path, look: Callable[[datetime], Any]
) -> None:
    assert look(NOW) == {}
    lay(home, notice())
    assert look(NOW - timedelta(microseconds=1)) == {}
    everyone = {language: ("notice_n1",) for language in ("zh-CN", "ko-KR", "en")}
    assert look(NOW) == everyone
    assert look(NOW + HOUR - timedelta(microseconds=1)) == everyone
    assert look(NOW + HOUR) == {}


def test_a_change_is_seen_at_the_next_look_and_not_before(home: Path) -> None:
    watch = Watch()
    notices = Notices(home, clock=watch)
    assert notices.in_force(NOW) == {}
    lay(home, notice())
    watch.now += LOOK_EVERY_S / 2
    assert notices.in_force(NOW) == {}
    watch.now += LOOK_EVERY_S / 2
    assert notices.in_force(NOW)["zh-CN"] == ("notice_n1",)
    clear_notice(home, notice())
    watch.now += LOOK_EVERY_S
    assert notices.in_force(NOW) == {}
    assert not list(home.glob("**/notice_*"))


def test_a_language_with_a_notice_of_its_own_hears_that_one(
    home: Path, look: Callable[[datetime], Any]
) -> None:
    lay(home, notice(1))
    lay(home, notice(2, "ko-KR"))
    assert look(NOW) == {"zh-CN": ("notice_n1",), "ko-KR": ("notice_n2",), "en": ("notice_n1",)}


def test_of_many_notices_the_newest_are_heard_in_order(
    home: Path, look: Callable[[datetime], Any]
) -> None:
    for number in (3, 1, 5, 4, 2):
        lay(home, notice(number))
    assert look(NOW)["zh-CN"] == ("notice_n3", "notice_n4", "notice_n5")


def silent(file: Path, rate: int = 8000, seconds: float = 2) -> None:
    soundfile.write(file, np.zeros(int(rate * seconds)), rate, subtype="PCM_16", format="WAV")


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (lambda file: file.unlink(), "has no audio"),
        (lambda file: file.write_bytes(b""), "cannot be read"),
        (lambda file: file.write_bytes(b"RIFF" + b"\0" * 60), "cannot be read"),
        (lambda file: file.write_bytes(file.read_bytes()[:3000]), "only a part"),
        (silent, "nothing is to be heard"),
        (lambda file: silent(file, 16_000), "Asterisk cannot play"),
        (lambda file: silent(file, seconds=0), "nothing is to be heard"),
    ],
)
def test_faulty_audio_is_told_and_left_out(
    home: Path,
    look: Callable[[datetime], Any],
    spoil: Callable[[Path], None],
    what: str,
) -> None:
    far = datetime.now(UTC)
    one = lay(home, notice(at=far))
    lay(home, notice(2, at=far))
    spoil(home / "prompts" / "zh-CN" / "notice_n1.wav")
    with capture_logs() as told:
        assert look(far + 10 * timedelta(seconds=1))["zh-CN"] == ("notice_n2",)
    assert what in str(sound_fault(one, home))
    assert [line["fault"] for line in told if line["notice"] == "n1"] == [sound_fault(one, home)]


@pytest.mark.parametrize("content", [b"", b"{}", b"[1, 2]", b"\xff\xfe", b'{"id": "n9"}'])
def test_a_notice_that_cannot_be_read_harms_no_other(home: Path, content: bytes) -> None:
    lay(home, notice())
    (notice_folder(home) / "n9.json").write_bytes(content)
    with capture_logs() as told:
        assert [one.id for one in load_notices(home)] == ["n1"]
    assert told[0]["file"] == "n9.json"


def test_a_notice_under_a_foreign_name_or_language_is_left_out(home: Path) -> None:
    write_notice(home, notice()).rename(notice_folder(home) / "other.json")
    write_notice(home, notice(2, "fr-FR"))
    assert list(load_notices(home)) == []


def turn(*say: str, language: str = "zh-CN", act: Any = None) -> Turn:
    act = act or Collect("menu", "12", 5)
    return Turn(say, act, Session("main", 1, "menu"), language=language)


def test_it_comes_right_after_the_greeting() -> None:
    notices = {"zh-CN": ("notice_a", "notice_b")}
    heard = with_notices(turn("greeting", "ai_mark", "main_menu"), notices)
    assert heard.say == ("greeting", "notice_a", "notice_b", "ai_mark", "main_menu")
    assert with_notices(turn("after_hours"), notices).say == ("notice_a", "notice_b", "after_hours")
    assert with_notices(turn("main_menu"), {}).say == ("main_menu",)
    rescue = turn(act=End(is_rescue=True))
    assert with_notices(rescue, notices) is rescue


def test_a_change_of_language_brings_the_notice_that_only_that_language_has() -> None:
    own = {"zh-CN": ("notice_a",), "ko-KR": ("notice_k",), "en": ("notice_a",)}
    korean, english = turn("main_menu", language="ko-KR"), turn("main_menu", language="en")
    said = with_notices_of_language(korean, "zh-CN", own).say
    assert said == ("notice_k", "main_menu")
    assert with_notices_of_language(korean, "ko-KR", own) is korean
    assert with_notices_of_language(english, "zh-CN", own) is english  # heard already


def test_a_call_hears_it_in_its_first_turn_only() -> None:
    call = Call(call_id=CallId("t-1.1"), arrived_at=NOW, recording="/r/t-1.1")
    world = World(
        flows=load_flows(),
        facts={"hours": "open", "caller_known": "no"},
        notices={"zh-CN": ("notice_a",)},
    )
    call, commands = step(call, ev.Arrived(), world, NOW)
    (play,) = commands
    assert isinstance(play, cmd.Play)
    assert play.clips[:2] == ("greeting", "notice_a")
    call, commands = step(call, ev.Spoken(call.serial), world, NOW)
    assert "notice_a" not in getattr(commands[-1], "clips", ())


# --- the commands
# -----------------------------------------------------------------------------------


def hotline(*words: object) -> Result:
    app = typer.Typer()
    prompts.add(app)
    return CliRunner().invoke(app, ["prompts", *map(str, words)])


def voice(file: Path, seconds: float = 4, rate: int = 16_000, loudness: float = 0.2) -> Path:
    time = np.arange(int(rate * seconds)) / rate
    buzz = np.sign(np.sin(2 * np.pi * 140 * time)) * np.maximum(0, np.sin(2 * np.pi * 4 * time))
    soundfile.write(file, loudness * buzz, rate)
    return file


def test_a_notice_is_set_from_a_recording_listed_and_cleared(home: Path) -> None:
    studio = voice(home / "studio.flac")
    words = (
        "--text",
        "因暴雨，长春大厅今日停止接待。",
        "--file",
        studio,
        "--until",
        "2099-01-01 18:00",
    )
    went = hotline("notice", "set", *words)
    assert went.exit_code == 0, went.output
    assert "读入 16000 赫兹、1 声道、4.0 秒" in went.output
    assert "已设置：" in went.output and "2099-01-01 18:00 止" in went.output
    [listed] = json.loads(hotline("notice", "list", "--json").output)
    assert listed["state"] == "active" and listed["text"].startswith("因暴雨")
    said = Notices(home).in_force()["zh-CN"]
    assert said == (f"notice_{listed['id']}",)
    clip = SoundFolder(home).clip(said[0], "en")
    assert clip and wave.open(f"{clip}.wav").getframerate() == 8000
    assert hotline("notice", "clear", listed["id"]).exit_code == 0
    assert "没有紧急通知" in hotline("notice", "list").output
    assert not list(home.glob("**/notice_*"))


def test_a_notice_that_a_restart_lays_out_anew_is_still_heard(home: Path) -> None:
    voice(home / "studio.wav")
    hotline("notice", "set", "--file", home / "studio.wav", "--until", "2099-01-01 18:00")
    shutil.rmtree(home / "sounds")
    prepare(home)
    assert len(Notices(home).in_force()["ko-KR"]) == 1


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("--text", "停办"), "until"),
        (("--until", "2099-01-01 18:00"), "请用 --text 给出文字，或用 --file 给出录音"),
        (("--text", "停办", "--until", "2020-01-01 18:00"), "结束时间要在"),
        (("--text", "停办", "--until", "明天"), "看不懂时间 明天"),
        (("--text", "停", "--from", "2099-01-02 00:00", "--until", "2099-01-01 00:00"), "结束时间"),
        (("--file", "gone.wav", "--until", "2099-01-01 18:00"), "没有这个文件"),
        (("--file", "quiet.wav", "--until", "2099-01-01 18:00"), "几乎没有声音"),
        (("--file", "good.wav", "--until", "2099-01-01 18:00", "--language", "fr"), "no language"),
        (("--file", "good.wav", "--text", "停", "--until", "2099-01-01 18:00"), "与文字不符"),
    ],
)
def test_a_notice_that_cannot_be_is_refused_in_one_line(
    home: Path, words: tuple[str, ...], what: str
) -> None:
    voice(home / "good.wav")
    voice(home / "quiet.wav", loudness=0.0005)
    went = hotline("notice", "set", *words)
    assert went.exit_code != 0
    assert what in went.output + str(went.exception)
    assert list(load_notices(home)) == []
    assert not list(home.glob("**/notice_*"))


def test_without_the_voice_a_recording_is_asked_for(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(_cache: Path) -> Path:
        raise VoiceFault("pip install '.[voice]'")

    monkeypatch.setattr("ivr_flows.prompts.kokoro.fetch", nobody)
    went = hotline("notice", "set", "--text", "今日停办。", "--until", "2099-01-01 18:00")
    assert went.exit_code != 0
    assert "请录好后用 --file 给出（WAV、FLAC、OGG、MP3）" in went.output + str(went.exception)


def test_a_text_is_spoken_where_the_voice_is_installed(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken = []

    class Speaker:
        def __init__(self, folder: Path) -> None:
            assert folder == home / "voice"

        def speak(self, text: str, given: object, language: str) -> np.ndarray:
            spoken.append((text, language))
            assert given == VOICES[language]
            return soundfile.read(PACKAGED / "transfer.wav", dtype="float32")[0]

    monkeypatch.setattr("ivr_flows.prompts.kokoro.fetch", lambda _cache: home / "voice")
    monkeypatch.setattr("ivr_flows.prompts.kokoro.Kokoro", Speaker)
    text = "今天18:30停办，请拨打12348或110。"
    went = hotline("notice", "set", "--text", text, "--until", "2099-01-01 18:00")
    assert went.exit_code == 0, went.output
    assert spoken == [("今天晚上六点半停办，请拨打幺二三四八或幺幺零。", "zh-CN")]
    assert len(Notices(home).in_force()["zh-CN"]) == 1


def test_a_list_with_faulty_audio_fails(home: Path) -> None:
    far = datetime.now(UTC)
    one = lay(home, notice(at=far))
    (home / "prompts" / "zh-CN" / f"{one.prompt}.wav").unlink()
    went = hotline("notice", "list")
    assert went.exit_code == 1 and "声音有问题" in went.output


def test_clearing_what_is_not_there_is_told(home: Path) -> None:
    went = hotline("notice", "clear", "n7")
    assert went.exit_code != 0 and "没有编号为 n7 的紧急通知" in went.output + str(went.exception)
    assert hotline("notice", "clear", "--all").exit_code == 0


def test_a_replaced_prompt_is_heard_without_a_restart(home: Path) -> None:
    sounds = SoundFolder(home)
    before = sounds.joined(("seat_number_before", "digit_8", "seat_number_after"))
    assert before
    old = Path(f"{before}.wav").read_bytes()
    voice(home / "eight.mp3", seconds=0.6)
    went = hotline("replace", "digit_8", home / "eight.mp3")
    assert went.exit_code == 0, went.output
    assert "已生效" in went.output and "响度由" in went.output
    clip = sounds.clip("digit_8")
    assert clip
    assert Path(f"{clip}.wav").resolve() == home / "prompts/zh-CN/digit_8.wav"
    assert Path(f"{clip}.wav16").resolve() == home / "prompts/zh-CN/digit_8.wav16"
    assert sounds.joined(("seat_number_before", "digit_8", "seat_number_after")) == before
    assert Path(f"{before}.wav").read_bytes() != old


def test_where_nothing_is_laid_out_a_replaced_prompt_waits_for_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path))
    voice(tmp_path / "eight.wav", seconds=0.6)
    went = hotline("replace", "digit_8", tmp_path / "eight.wav")
    assert "下次启动时生效" in went.output
    assert not sound_folder(tmp_path).exists()
