"""`hotline transcribe`: one recording to text, no server needed."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from callcenter.cli import Fault

if TYPE_CHECKING:
    from stt.audio import Samples
    from stt.whisper import SpeechToText


def add(app: typer.Typer) -> None:
    """Register `hotline transcribe` on the root app."""
    app.command("transcribe", epilog="Example: hotline transcribe call.wav --json")(transcribe)


def transcribe(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]", help="A recording; of two channels the first is the caller."
        ),
    ] = None,
    caller: Annotated[Path | None, typer.Option(help="The caller's side as its own file.")] = None,
    seat: Annotated[Path | None, typer.Option(help="The seat's side as its own file.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object instead of lines.")
    ] = False,
) -> None:
    """Write down who said what when in one recording."""
    from stt.audio import RATE
    from stt.transcript import turns

    channels = _channels(file, caller, seat)
    engine = load_engine()
    said = turns({speaker: engine.transcribe(sound) for speaker, sound in channels.items()})
    if as_json:
        duration_s = max(len(sound) for sound in channels.values()) / RATE
        rows = [
            {**asdict(turn), "start_s": round(turn.start_s, 2), "end_s": round(turn.end_s, 2)}
            for turn in said
        ]
        typer.echo(
            json.dumps({"duration_s": round(duration_s, 3), "turns": rows}, ensure_ascii=False)
        )
        return
    names = {"caller": "来电人", "seat": "坐席", "both": "通话"}
    for turn in said:
        minutes, seconds = divmod(int(turn.start_s), 60)
        typer.echo(f"{minutes:02d}:{seconds:02d} {names[turn.speaker]}：{turn.text}")


def load_engine() -> SpeechToText:
    """The speech engine of this installation, its model fetched on first use; Fault when it
    cannot be had.
    """
    from stt.model import ModelFault
    from stt.whisper import Whisper

    try:
        return Whisper(model_folder())
    except ModelFault as fault:
        raise Fault(str(fault)) from fault


def model_folder() -> Path:
    """Where this installation's speech model lies, fetched on first use; Fault when it cannot be
    had.
    """
    from callcenter.settings import SettingsFault, load_settings
    from stt.model import ModelFault, chosen_folder, fetch, fetched_folder

    try:
        settings = load_settings()
        if settings.whisper_model:
            return chosen_folder(settings.whisper_model)
        if fetched_folder(settings.cache) is None:
            typer.echo("fetching the speech model, 134 MB, once", err=True)
        return fetch(settings.cache)
    except (ModelFault, SettingsFault) as fault:
        raise Fault(str(fault)) from fault


def _channels(file: Path | None, caller: Path | None, seat: Path | None) -> dict[str, Samples]:
    from stt.audio import AudioFault, read_channels

    legs = {"caller": caller, "seat": seat}
    try:
        # Sides recorded apart are better than their mix: with them FILE only names the call.
        if caller or seat:
            return {name: read_channels(leg)[0] for name, leg in legs.items() if leg is not None}
        if file is None:
            raise typer.BadParameter("give FILE, or --caller and --seat")
        channels = read_channels(file)
    except AudioFault as fault:
        raise Fault(str(fault)) from fault
    if len(channels) > 2:
        raise Fault(f"{file}: {len(channels)} channels; one or two are a telephone call")
    return dict(zip(("caller", "seat") if len(channels) == 2 else ("both",), channels, strict=True))
