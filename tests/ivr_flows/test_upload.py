"""A recording that a site hands in is made fit to be played, or refused with one clear line."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from ivr_flows.prompts.sound import LEVEL_DB, PEAK_DB, measure, speech_level
from ivr_flows.prompts.texts import LANGUAGE, PACKAGED, PromptFault, load_prompts
from ivr_flows.prompts.upload import take_in

FOLDER = PACKAGED / LANGUAGE
LONG = ("survey", "queue_offer", "fallback_message", "booking_saved")


def voice(seconds: float, rate: int, loudness: float = 0.1) -> np.ndarray:
    """Something like speech: a buzz in syllables with closures between them."""
    time = np.arange(int(rate * seconds)) / rate
    buzz = np.sign(np.sin(2 * np.pi * 140 * time)) * np.maximum(0, np.sin(2 * np.pi * 4 * time))
    return (loudness * buzz).astype(np.float32)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "studio.wav"


def refused(file: Path, sound: np.ndarray, rate: int, **more: object) -> str:
    soundfile.write(file, sound, rate)
    with pytest.raises(PromptFault) as told:
        take_in(file, **more)  # type: ignore[arg-type]
    line = str(told.value)
    assert line.startswith(f"{file}: ") and "\n" not in line
    return line


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "mp3"])
@pytest.mark.parametrize("rate", [8000, 16_000, 44_100, 48_000])
def test_every_usual_format_and_rate_is_taken(tmp_path: Path, ending: str, rate: int) -> None:
    studio = tmp_path / f"studio.{ending}"
    soundfile.write(studio, voice(3, rate, 0.3), rate)
    ready = take_in(studio)
    assert ready.duration_s == pytest.approx(3.1, abs=0.3)
    for name, wanted in (("wav", 8000), ("wav16", 16_000)):
        assert speech_level(ready.samples[name], wanted) == pytest.approx(LEVEL_DB, abs=1)
        assert np.abs(ready.samples[name]).max() <= 10 ** (PEAK_DB / 20)


def test_it_says_what_it_did_and_writes_both_widths(tmp_path: Path, file: Path) -> None:
    pause = np.zeros(22_050, np.float32)
    soundfile.write(file, np.concatenate((pause, voice(2, 44_100, 0.02), pause)), 44_100)
    ready = take_in(file)
    assert ready.done[0] == "读入 44100 赫兹、1 声道、3.0 秒"
    assert ready.done[1].startswith("去掉首尾静音 0.")
    assert "dB 调到 -20 dB，峰值不超过 -3 dB" in ready.done[2]
    assert ready.done[3].startswith("存为 8 千赫、16 千赫 两个文件")
    written = ready.write(tmp_path / "deep" / "notice")
    assert [measure(one).rate for one in written] == [8000, 16_000]


@pytest.mark.parametrize("name", LONG)
def test_a_clean_recording_of_a_sentence_is_taken(name: str) -> None:
    text = load_prompts()[name].text
    assert take_in(FOLDER / f"{name}.wav16", text=text, length_s=(2, 20)).duration_s > 2


def test_of_two_channels_the_one_with_a_voice_is_taken(file: Path) -> None:
    sound = voice(2, 16_000)
    soundfile.write(file, np.stack((np.zeros_like(sound), sound), axis=1), 16_000)
    assert "双声道中只有一个有声音，取这一个" in take_in(file).done
    soundfile.write(file, np.stack((sound, -sound), axis=1), 16_000)
    assert "两个声道相位相反，取其中一个" in take_in(file).done


def test_a_loud_recording_is_no_clipped_one(file: Path) -> None:
    time = np.arange(32_000) / 16_000
    sound = np.sin(2 * np.pi * 200 * time) * np.maximum(0, np.sin(2 * np.pi * 4 * time))
    soundfile.write(file, sound, 16_000)
    assert take_in(file).duration_s > 1.5
    assert "削波失真" in refused(file, np.clip(sound * 2, -1, 1), 16_000)
    assert "削波失真" in refused(file, 0.95 * np.clip(sound * 2, -1, 1), 16_000)


def test_what_cannot_be_played_to_a_caller_is_refused(file: Path) -> None:
    speech = voice(1.5, 16_000)
    assert "有 3 个声道" in refused(file, np.stack([speech] * 3, axis=1), 16_000)
    assert "采样率 4000 赫兹" in refused(file, voice(2, 4000), 4000)
    assert "几乎没有声音" in refused(file, voice(2, 16_000, 0.001), 16_000)
    assert "几乎没有声音" in refused(file, np.zeros(16_000), 16_000)
    assert "里面没有声音" in refused(file, np.zeros(0), 16_000)
    gap = np.concatenate((speech, np.zeros(5 * 16_000, np.float32), speech))
    assert "秒没有声音" in refused(file, gap, 16_000)
    noise = np.random.default_rng(1).normal(0, 0.02, 4 * 16_000)
    assert "背景噪声太大" in refused(file, voice(4, 16_000, 0.05) + noise, 16_000)
    assert "与文字不符" in refused(file, speech, 16_000, text="感谢您的评价。", length_s=(3, 6))
    assert "语音长" in refused(file, voice(70, 8000), 8000)
    assert "最长 300 秒" in refused(file, voice(301, 8000), 8000)


@pytest.mark.parametrize("content", [b"", b"x", b"RIFF\xff\xff\xff\xffWAVEfmt ", b"\0" * 5000])
def test_a_file_that_is_no_sound_is_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(PromptFault, match=r"不是能读的声音文件，请用 WAV、FLAC、OGG、MP3"):
        take_in(file)
    with pytest.raises(PromptFault, match="没有这个文件"):
        take_in(file.parent / "gone.wav")


def test_a_huge_file_is_not_even_read(file: Path) -> None:
    with file.open("wb") as sparse:
        sparse.truncate(51 * 1024 * 1024)
    with pytest.raises(PromptFault, match="超过 50 MB"):
        take_in(file)


def test_samples_that_are_no_numbers_are_refused(file: Path) -> None:
    sound = voice(2, 16_000)
    sound[100] = np.nan
    soundfile.write(file, sound, 16_000, subtype="FLOAT")
    with pytest.raises(PromptFault, match="里面没有声音"):
        take_in(file)
