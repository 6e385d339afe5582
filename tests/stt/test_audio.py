"""Any recording is read as 16 kHz channels; what is none is told in one line."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from stt.audio import RATE, AudioFault, mixed, read_channels


def tone(frequency: float, rate: int, seconds: float = 1.0) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * frequency * np.arange(int(rate * seconds)) / rate)


def pitch(samples: np.ndarray) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(samples))) * RATE / len(samples))


@pytest.mark.parametrize(
    ("ending", "rate", "subtype"),
    [
        ("wav", 8000, "PCM_16"),
        ("wav", 8000, "ALAW"),
        ("wav", 8000, "ULAW"),
        ("wav", 44100, "PCM_24"),
        ("flac", 16000, "PCM_16"),
        ("ogg", 48000, "OPUS"),
        ("mp3", 16000, "MPEG_LAYER_III"),
    ],
)
def test_two_channels_stay_apart_at_16_khz(
    tmp_path: Path, ending: str, rate: int, subtype: str
) -> None:
    file = tmp_path / f"call.{ending}"
    both = np.stack((tone(440, rate), tone(1200, rate)), axis=1)
    soundfile.write(file, both, rate, subtype=subtype)
    caller, seat = read_channels(file)
    assert caller.dtype == np.float32
    assert len(caller) == pytest.approx(RATE, rel=0.2 if ending == "mp3" else 0.01)
    assert pitch(caller) == pytest.approx(440, abs=5)
    assert pitch(seat) == pytest.approx(1200, abs=5)


def test_one_channel_is_one_row(tmp_path: Path) -> None:
    file = tmp_path / "leg.wav"
    soundfile.write(file, tone(440, 8000), 8000)
    assert len(read_channels(file)) == 1


def test_a_missing_file_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(AudioFault, match=r"gone\.wav: no such file"):
        read_channels(tmp_path / "gone.wav")


def test_a_file_that_is_no_sound_is_told_by_name(tmp_path: Path) -> None:
    file = tmp_path / "letter.wav"
    file.write_text("dear sirs")
    with pytest.raises(AudioFault, match=r"letter\.wav: not a sound file"):
        read_channels(file)


def test_a_recording_without_a_sample_is_told_by_name(tmp_path: Path) -> None:
    file = tmp_path / "empty.wav"
    soundfile.write(file, np.zeros((0, 1)), 8000)
    with pytest.raises(AudioFault, match=r"empty\.wav: no sound in it"):
        read_channels(file)


def test_sounds_are_put_where_they_began() -> None:
    one, other = np.full(RATE, 0.25, np.float32), np.full(RATE, 0.5, np.float32)
    whole = mixed([(0.0, one), (1.5, other)])
    assert len(whole) == 2.5 * RATE
    assert [float(whole[int(at * RATE)]) for at in (0.5, 1.2, 2.0)] == [0.25, 0.0, 0.5]
    assert len(mixed([])) == 0
