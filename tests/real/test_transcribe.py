"""A recording becomes a transcript: who said what when, by the real model."""

import asyncio
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import typer
import yaml
from typer.testing import CliRunner

from callcenter.cli import Fault, transcribe
from callcenter.cli.prompts import DEMO_SPEECH
from reports.facts import Recording
from reports.schema import upgrade
from reports.search import Turn, Wish, search, transcript
from reports.store import Store
from stt.transcript import cer
from tests.reports.made import T0, answered

TEXTS = {
    name: said["text"].replace(" ", "")
    for name, said in yaml.safe_load((DEMO_SPEECH / "texts.yaml").read_text("utf-8")).items()
}


@pytest.fixture(scope="module")
def app() -> typer.Typer:
    app = typer.Typer()
    app.callback()(lambda: None)
    transcribe.add(app)
    return app


def call(caller: str, seat: str) -> tuple[np.ndarray, float]:
    """Two channels at 8 kHz: the caller speaks, then the seat; and when the seat begins."""
    asks, rate = soundfile.read(DEMO_SPEECH / f"{caller}.wav")
    says, _ = soundfile.read(DEMO_SPEECH / f"{seat}.wav")
    noise = np.random.default_rng(7).normal(0, 0.001, (len(asks) + len(says) + rate, 2))
    noise[: len(asks), 0] += asks
    noise[len(asks) + rate :, 1] += says
    return noise, (len(asks) + rate) / rate


@pytest.mark.parametrize("name", ["wages", "divorce", "loan"])
def test_a_recording_of_two_channels_becomes_turns(
    app: typer.Typer, tmp_path: Path, name: str
) -> None:
    sound, seat_from_s = call(f"citizen_{name}", f"lawyer_{name}")
    soundfile.write(tmp_path / "call.wav", sound, 8000, subtype="ALAW")
    result = CliRunner().invoke(app, ["transcribe", str(tmp_path / "call.wav"), "--json"])
    assert result.exit_code == 0, result.output
    heard = json.loads(result.stdout)
    assert heard["duration_s"] == pytest.approx(len(sound) / 8000, abs=0.01)
    for speaker, prefix in (("caller", "citizen"), ("seat", "lawyer")):
        own = [turn for turn in heard["turns"] if turn["speaker"] == speaker]
        text = "".join(turn["text"] for turn in own)
        assert cer(TEXTS[f"{prefix}_{name}"], text) < 0.25, text
        for turn in own:
            assert (turn["start_s"] >= seat_from_s - 0.5) == (speaker == "seat")


def test_two_files_of_one_side_each_are_a_call(app: typer.Typer) -> None:
    caller, seat = DEMO_SPEECH / "citizen_injury.wav", DEMO_SPEECH / "lawyer_aid.wav"
    result = CliRunner().invoke(app, ["transcribe", "--caller", str(caller), "--seat", str(seat)])
    assert result.exit_code == 0, result.output
    assert "来电人：" in result.stdout
    assert "坐席：" in result.stdout
    assert "法律援助" in result.stdout


def test_silence_and_music_like_tones_have_no_turns(app: typer.Typer, tmp_path: Path) -> None:
    time = np.arange(20 * 8000) / 8000
    ringback = 0.2 * np.sin(2 * np.pi * 450 * time) * (time % 5 < 1)
    noise = np.random.default_rng(7).normal(0, 0.003, len(time))
    soundfile.write(tmp_path / "call.wav", np.stack((ringback, noise), axis=1), 8000)
    result = CliRunner().invoke(app, ["transcribe", str(tmp_path / "call.wav"), "--json"])
    assert json.loads(result.stdout)["turns"] == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(["gone.wav"], "gone.wav: no such file"), (["letter.wav"], "letter.wav: not a sound file")],
)
def test_what_cannot_be_read_is_one_clear_line(
    app: typer.Typer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    told: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "letter.wav").write_text("dear sirs")
    result = CliRunner().invoke(app, ["transcribe", *arguments])
    assert isinstance(result.exception, Fault)
    assert str(result.exception) == told


def test_nothing_to_transcribe_is_wrong_use(app: typer.Typer) -> None:
    assert CliRunner().invoke(app, ["transcribe"]).exit_code == 2


def test_a_call_of_the_database_is_written_down_beside_its_facts(
    app: typer.Typer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path))
    stem = tmp_path / "recordings" / "main-1.1"
    stem.parent.mkdir()
    asks, rate = soundfile.read(DEMO_SPEECH / "citizen_wages.wav")
    says, _ = soundfile.read(DEMO_SPEECH / "lawyer_wages.wav")
    picked_up_s = len(asks) / rate + 1
    silence = np.zeros(len(says) + rate)
    soundfile.write(f"{stem}-caller.wav", np.concatenate((asks, silence)), rate)
    soundfile.write(f"{stem}-seat-1.wav16", says, rate, format="WAV")
    talked = answered("talked", waited_s=picked_up_s - 5).model_copy(
        update={"recording": Recording(path=str(stem), started_at=T0)}
    )

    async def keep() -> None:
        async with Store(f"sqlite:///{tmp_path}/hotline.db") as store:
            await upgrade(store)
            await store.upsert([talked])

    async def said() -> list[Turn]:
        async with Store(f"sqlite:///{tmp_path}/hotline.db") as store:
            assert (await search(store, Wish(words="工资"), limit=5)).total == 1
            return await transcript(store, "talked")

    asyncio.run(keep())
    result = CliRunner().invoke(app, ["transcribe", "--call", "talked"])
    assert result.exit_code == 0, result.output
    turns = asyncio.run(said())
    assert {turn.speaker for turn in turns} == {"caller", "seat"}
    for turn in turns:
        assert (turn.start_s >= picked_up_s - 0.5) == (turn.speaker == "seat")
    with pytest.raises(Fault, match="no call unknown"):
        CliRunner().invoke(app, ["transcribe", "--call", "unknown"], catch_exceptions=False)
