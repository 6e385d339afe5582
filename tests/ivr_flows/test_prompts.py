"""The committed prompts are whole, and a site can put its own recordings in their place."""

import shutil
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ivr_flows.prompts.check import faults, replace, site_faults
from ivr_flows.prompts.make import load_manifest, outdated
from ivr_flows.prompts.readings import readings
from ivr_flows.prompts.sound import (
    LEVEL_DB,
    PEAK_DB,
    finish,
    measure,
    read_mark,
    speech_level,
    write_wav,
)
from ivr_flows.prompts.texts import LANGUAGE, PACKAGED, PromptFault, load_prompts, parts

FOLDER = PACKAGED / LANGUAGE
PROMPTS = load_prompts()


def voice(seconds: float, rate: int, loudness: float = 0.1) -> np.ndarray:
    """Something like speech: a buzz in syllables."""
    time = np.arange(int(rate * seconds)) / rate
    buzz = np.sign(np.sin(2 * np.pi * 140 * time)) * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * time))
    return (loudness * buzz).astype(np.float32)


def test_every_committed_prompt_is_well() -> None:
    assert faults(FOLDER) == []


def test_the_menu_is_over_before_a_caller_forgets_its_beginning() -> None:
    assert measure(FOLDER / "main_menu.wav").duration_s <= 20


def test_the_greeting_tells_of_the_recording_and_of_the_key_for_a_person() -> None:
    assert "录音" in PROMPTS["greeting"].text
    assert "按0转人工" in PROMPTS["greeting"].text


def test_the_audible_mark_names_ai_and_synthesis() -> None:
    assert "人工智能" in PROMPTS["ai_mark"].text
    assert "合成" in PROMPTS["ai_mark"].text


@pytest.mark.parametrize("key", "123450")
def test_the_menu_names_each_key_once(key: str) -> None:
    assert PROMPTS["main_menu"].text.count(f"请按{key}") == 1


def test_the_manifest_says_of_each_prompt_that_it_is_synthetic() -> None:
    made = load_manifest(FOLDER)["prompts"]
    assert set(made) == set(PROMPTS)
    assert all(entry["synthetic"] is True for entry in made.values())


def test_each_prompt_is_listened_to_in_some_reading() -> None:
    assert {clip for reading in readings() for clip in reading.clips} == set(PROMPTS)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    for name in ("prompts.yaml", "manifest.yaml"):
        shutil.copy(FOLDER / name, tmp_path / name)
    for file in FOLDER.glob("*.wav*"):
        (tmp_path / file.name).symlink_to(file)
    return tmp_path


def test_a_changed_text_is_told(copied: Path) -> None:
    texts = (copied / "prompts.yaml").read_text(encoding="utf-8")
    (copied / "prompts.yaml").write_text(texts.replace("感谢您的评价", "多谢您的评价"))
    assert faults(copied) == ["thanks: to be made: missing, or text or voice changed"]
    assert [prompt.id for prompt in outdated(load_prompts(copied).values(), copied)] == ["thanks"]


def test_a_missing_file_is_told(copied: Path) -> None:
    (copied / "goodbye.wav16").unlink()
    assert faults(copied) == ["goodbye: to be made: missing, or text or voice changed"]


def test_a_file_of_no_prompt_is_told(copied: Path) -> None:
    (copied / "old_menu.wav").symlink_to(FOLDER / "thanks.wav")
    assert faults(copied) == ["old_menu.wav: belongs to no prompt"]


def test_a_file_put_there_by_hand_is_told(copied: Path) -> None:
    (copied / "thanks.wav").unlink()
    soundfile.write(copied / "thanks.wav", voice(1.5, 8000, 0.9), 8000)
    told = [fault for fault in faults(copied) if fault.startswith("thanks.wav:")]
    assert "thanks.wav: not the file that the manifest names" in told
    assert "thanks.wav: has no AI mark, or a wrong one" in told
    assert any("dB" in fault for fault in told)
    assert "thanks.wav: starts or ends with a click" in told


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ("greeting: {text: 请按1}", "spell digits"),
        ("greeting: {text: 好, say: 【好}", "one 【】"),
        ("greeting: {text: 好, say: 您【好。】}", "ends behind the 】"),
        ("greeting: {text: 好, kind: song}", "sentence or clip"),
        ("greeting: {text: 好, voice: x}", "nothing else"),
        ("Greeting!: {text: 好}", "plain id"),
        ("greeting: 好", "text, say, kind"),
        ("greeting: {text: 好, language: fr}", "no language fr"),
    ],
)
def test_a_text_that_cannot_be_spoken_is_refused(tmp_path: Path, entry: str, what: str) -> None:
    (tmp_path / "prompts.yaml").write_text(entry, encoding="utf-8")
    with pytest.raises(PromptFault, match=rf"prompts\.yaml: .*{what}"):
        load_prompts(tmp_path)


def test_of_a_carrier_sentence_only_the_kept_part_is_heard() -> None:
    assert parts("工号三，【八】，九。") == ("工号三，", "八", "，九。")
    assert parts("您好。") == ("", "您好。", "")


@pytest.mark.parametrize("loudness", [0.01, 0.1, 0.9])
def test_every_voice_comes_out_at_one_loudness_with_soft_edges(loudness: float) -> None:
    silence = np.zeros(12_000, np.float32)
    raw = np.concatenate((silence, voice(2, 24_000, loudness), silence))
    for ending, rate in (("wav", 8000), ("wav16", 16_000)):
        samples = finish(raw, 24_000, "sentence")[ending]
        assert speech_level(samples, rate) == pytest.approx(LEVEL_DB, abs=0.5)
        assert np.abs(samples).max() <= 10 ** (PEAK_DB / 20)
        assert samples[0] == samples[-1] == 0
        assert 2.2 <= len(samples) / rate <= 2.5  # the silence is gone, the lead-out is there


def test_silence_is_no_prompt() -> None:
    with pytest.raises(PromptFault, match="no speech"):
        finish(np.zeros(8000, np.float32), 8000, "clip")


def test_the_ai_mark_stands_behind_the_samples_and_changes_none(tmp_path: Path) -> None:
    samples = voice(1, 8000)
    mark = {"Label": "1", "ContentProducer": "某热线"}
    write_wav(tmp_path / "marked.wav", samples, 8000, mark)
    write_wav(tmp_path / "plain.wav", samples, 8000, None)
    assert read_mark(tmp_path / "marked.wav") == mark
    assert read_mark(tmp_path / "plain.wav") is None
    content = (tmp_path / "marked.wav").read_bytes()
    assert content.index(b"data") < content.index(b"AIGC")
    assert struct.unpack("<I", content[4:8])[0] == len(content) - 8
    marked, rate = soundfile.read(tmp_path / "marked.wav")
    assert rate == 8000
    assert np.array_equal(marked, soundfile.read(tmp_path / "plain.wav")[0])


def test_a_recording_of_any_kind_replaces_a_prompt(tmp_path: Path) -> None:
    studio = tmp_path / "studio.flac"
    speech = np.concatenate((np.zeros(20_000, np.float32), voice(1.3, 44_100, 0.03)))
    soundfile.write(studio, np.stack((speech, speech), axis=1), 44_100)
    written, done = replace("thanks", studio, site=tmp_path / "prompts")
    assert "44100 赫兹、2 声道" in done[0]
    assert "双声道合并为单声道" in done
    assert any("去掉首尾静音" in line for line in done)
    assert written == (
        tmp_path / "prompts/zh-CN/thanks.wav",
        tmp_path / "prompts/zh-CN/thanks.wav16",
    )
    for file, rate in zip(written, (8000, 16_000), strict=True):
        heard = measure(file)
        assert (heard.rate, heard.channels, heard.subtype) == (rate, 1, "PCM_16")
        assert heard.level_db == pytest.approx(LEVEL_DB, abs=1)
        assert read_mark(file) is None
    assert site_faults(tmp_path / "prompts") == []


def test_a_recording_that_cannot_be_the_prompt_is_refused(tmp_path: Path) -> None:
    studio = tmp_path / "studio.wav"
    for sound, what in (
        (voice(12, 8000), r"语音长 12\..* 秒，与文字不符（应在 .* 秒）：「感谢您的评价。」"),
        (voice(1.3, 8000, 1.0), "削波失真"),
        (voice(1.3, 8000, 0.0005), "几乎没有声音"),
    ):
        soundfile.write(studio, sound, 8000)
        with pytest.raises(PromptFault, match=what):
            replace("thanks", studio, site=tmp_path / "prompts")
    with pytest.raises(PromptFault, match="没有这个文件"):
        replace("thanks", tmp_path / "gone.wav", site=tmp_path / "prompts")
    with pytest.raises(PromptFault, match="没有编号为 welcome 的 zh-CN 提示音"):
        replace("welcome", studio, site=tmp_path / "prompts")
    with pytest.raises(PromptFault, match="no language fr"):
        replace("thanks", studio, site=tmp_path / "prompts", language="fr")
    assert not (tmp_path / "prompts").exists()


def test_a_prompt_is_replaced_in_its_language_only(tmp_path: Path) -> None:
    studio = tmp_path / "studio.ogg"
    soundfile.write(studio, voice(1.6, 16_000), 16_000)
    replace("thanks", studio, site=tmp_path, language="ko-KR")
    assert sorted(path.name for path in tmp_path.glob("*/*")) == ["thanks.wav", "thanks.wav16"]
    assert (tmp_path / "ko-KR").is_dir()
    assert site_faults(tmp_path) == []


def test_a_sites_recording_that_asterisk_cannot_play_is_told(tmp_path: Path) -> None:
    folder = tmp_path / LANGUAGE
    folder.mkdir()
    soundfile.write(folder / "thanks.wav", voice(1.3, 44_100), 44_100)
    soundfile.write(folder / "welcom.wav", voice(1.3, 8000), 8000)
    (folder / "goodbye.wav").write_text("x")
    told = site_faults(tmp_path)
    assert len(told) == 3
    assert "goodbye.wav: not a sound file" in told[0]
    assert "thanks.wav: wanted 16-bit mono at 8000 Hz" in told[1]
    assert "welcom.wav: no prompt has this name" in told[2]
