"""`hotline transcribe`: one recording to text, no server needed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from callcenter.cli import Fault

if TYPE_CHECKING:
    from stt.audio import Samples
    from stt.transcript import Turn
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
    call: Annotated[
        str | None,
        typer.Option(
            help="A call by its id: its recordings are read, and the text is kept with it."
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object instead of lines.")
    ] = False,
) -> None:
    """Write down who said what when in one recording."""
    from stt.audio import RATE
    from stt.transcript import turns

    if call is not None:
        if file or caller or seat:
            raise typer.BadParameter("--call finds the files of the call by itself")
        channels = asyncio.run(_recorded(call))
    else:
        channels = _channels(file, caller, seat)
    engine = load_engine()
    said = turns({speaker: engine.transcribe(sound) for speaker, sound in channels.items()})
    if call is not None:
        asyncio.run(_keep(call, said))
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


async def _recorded(call_id: str) -> dict[str, Samples]:
    """Both sides of a call on one clock: the lawyers' own recordings begin when they pick up."""
    from callcenter.call_audio import tracks
    from callcenter.settings import load_settings
    from reports.queries import find
    from reports.store import DatabaseAway, Store
    from stt.audio import AudioFault, mixed, read_channels

    try:
        async with Store(load_settings().database_url) as store:
            found = await find(store, call_id)
    except DatabaseAway as away:
        raise Fault(str(away)) from away
    if found is None:
        raise Fault(f"no call {call_id}")
    if found.recording is None:
        raise Fault(f"{call_id}: has no recording")
    began = found.recording.started_at or found.arrived_at
    picked_up = {
        f"seat-{n}": (one.answered_at - began).total_seconds()
        for n, one in enumerate(found.attempts, start=1)
        if one.answered_at is not None
    }
    files = {one.name: one.file for one in tracks(Path(found.recording.path))}
    try:
        seats = [
            (max(0.0, from_s), read_channels(files[name])[0])
            for name, from_s in picked_up.items()
            if name in files
        ]
        if "caller" not in files:
            raise Fault(f"{call_id}: the recording is not on this machine")
        caller = read_channels(files["caller"])[0]
    except AudioFault as fault:
        raise Fault(str(fault)) from fault
    return {"caller": caller, "seat": mixed(seats)} if seats else {"caller": caller}


async def _keep(call_id: str, said: Sequence[Turn]) -> None:
    from callcenter.settings import load_settings
    from reports import search
    from reports.store import DatabaseAway, Store

    turns = [search.Turn(one.speaker, one.start_s, one.end_s, one.text) for one in said]
    try:
        async with Store(load_settings().database_url) as store:
            await search.keep_transcript(store, call_id, turns)
    except DatabaseAway as away:
        raise Fault(str(away)) from away


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
