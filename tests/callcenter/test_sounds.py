"""The folder of prompts that Asterisk plays from."""

from __future__ import annotations

import shutil
import wave
from pathlib import Path

from callcenter.sounds import PACKAGED, SoundFolder, prepare, sound_folder
from ivr_flows.names import LANGUAGES


def frames(path: str) -> int:
    with wave.open(f"{path}.wav", "rb") as audio:
        return audio.getnframes()


def test_packaged_prompts_and_the_tone_can_be_played(tmp_path: Path) -> None:
    prepare(tmp_path)
    sounds = SoundFolder(tmp_path)
    for prompt in ("greeting", "main_menu", "tone"):
        clip = sounds.clip(prompt)
        assert clip and frames(clip) > 1000
    assert sounds.clip("nobody_said_this") is None


def test_a_sites_own_recording_stands_in_for_the_packaged_one(tmp_path: Path) -> None:
    own = tmp_path / "prompts" / "zh-CN"
    own.mkdir(parents=True)
    shutil.copy(PACKAGED / "thanks.wav", own / "greeting.wav")
    prepare(tmp_path)
    folder = sound_folder(tmp_path)
    assert (folder / "greeting.wav").resolve() == (own / "greeting.wav").resolve()
    assert not (folder / "greeting.wav16").exists()
    assert (folder / "thanks.wav16").exists()


def test_clips_are_joined_once_in_both_widths(tmp_path: Path) -> None:
    prepare(tmp_path)
    folder = sound_folder(tmp_path)
    sounds = SoundFolder(tmp_path)
    clips = ("seat_number_before", "digit_8", "seat_number_after")
    joined = sounds.joined(clips)
    assert joined and Path(f"{joined}.wav16").is_file()
    assert frames(joined) == sum(frames(f"{folder}/{clip}") for clip in clips)
    made = Path(f"{joined}.wav").stat().st_mtime_ns
    assert sounds.joined(clips) == joined
    assert Path(f"{joined}.wav").stat().st_mtime_ns == made
    assert sounds.joined(("digit_8", "nobody_said_this")) is None
    assert sounds.joined(()) is None


def test_laying_it_out_again_leaves_no_half_of_it(tmp_path: Path) -> None:
    prepare(tmp_path)
    prepare(tmp_path)
    assert {path.name for path in (tmp_path / "sounds").iterdir()} <= set(LANGUAGES)


def korean(home: Path, *prompts: str) -> None:
    """A site's own Korean recordings; which they are does not matter here."""
    own = home / "prompts" / "ko-KR"
    own.mkdir(parents=True, exist_ok=True)
    for n, prompt in enumerate(prompts):
        shutil.copy(PACKAGED / f"number_{n}.wav", own / f"{prompt}.wav")


def test_what_a_language_lacks_is_heard_in_mandarin(tmp_path: Path) -> None:
    korean(tmp_path, "greeting")
    prepare(tmp_path)
    sounds = SoundFolder(tmp_path)
    assert sounds.clip("greeting", "ko-KR") == str(sound_folder(tmp_path, "ko-KR") / "greeting")
    assert sounds.clip("greeting") == str(sound_folder(tmp_path) / "greeting")
    assert sounds.clip("seat_not_ready", "xx") == sounds.clip("seat_not_ready")
    assert sounds.clip("nobody_said_this", "ko-KR") is None
    both = sounds.joined(("greeting", "seat_not_ready"), "ko-KR")
    assert both == str(sound_folder(tmp_path, "ko-KR") / "greeting-seat_not_ready")
    parts = [f"{sound_folder(tmp_path, 'ko-KR')}/greeting", f"{PACKAGED}/seat_not_ready"]
    if not (PACKAGED.parent / "ko-KR" / "seat_not_ready.wav").exists():
        assert frames(both) == sum(map(frames, parts))
    assert sounds.joined(("greeting", "nobody_said_this"), "ko-KR") is None


def test_what_is_laid_there_later_is_heard_from_then_on(tmp_path: Path) -> None:
    prepare(tmp_path)
    sounds = SoundFolder(tmp_path)
    assert sounds.clip("notice_flood") is None
    shutil.copy(PACKAGED / "thanks.wav", sound_folder(tmp_path) / "notice_flood.wav")
    assert sounds.clip("notice_flood") == str(sound_folder(tmp_path) / "notice_flood")
