"""`hotline prompts`: list what is said, make its audio, check it, listen to it, replace it by a
recording.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from callcenter.cli import Fault
from callcenter.cli.notice import notice

if TYPE_CHECKING:
    from ivr_flows.prompts.texts import Prompt

prompts = typer.Typer(
    help="What callers and seats hear: list, make, check, listen, replace, notice.",
    no_args_is_help=True,
)
prompts.add_typer(notice, name="notice")

DEMO_SPEECH = Path(__file__).parent.parent / "demo" / "speech"

Spoken = Annotated[
    list[str] | None,
    typer.Option("--language", help="zh-CN, ko-KR or en; may be repeated; all if left out."),
]
OneLanguage = Annotated[str, typer.Option("--language", help="zh-CN, ko-KR or en.")]


def add(app: typer.Typer) -> None:
    """Register `hotline prompts …` on the root app."""
    app.add_typer(prompts, name="prompts")


@prompts.command("list", epilog="Example: hotline prompts list > script-for-the-speaker.txt")
def list_prompts(
    language: Spoken = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON list instead of lines.")
    ] = False,
) -> None:
    """Print every prompt with its text: the list that a human speaker records from."""
    from ivr_flows.prompts.texts import load_prompts

    every = [
        {"id": prompt.id, "language": folder.name, "kind": prompt.kind, "text": prompt.text}
        for folder in _folders(language)
        for prompt in load_prompts(folder).values()
    ]
    if as_json:
        typer.echo(json.dumps(every, ensure_ascii=False))
        return
    for one in every:
        typer.echo(f"{one['language']}\t{one['id']}\t{one['text']}")


@prompts.command("make", epilog="Example: hotline prompts make --language ko-KR --only greeting")
def make_prompts(
    language: Spoken = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Only this prompt; may be repeated.")
    ] = None,
    force: Annotated[bool, typer.Option(help="Make also what has not changed.")] = False,
) -> None:
    """Speak the prompts whose text or voice has changed (needs the extra packages `voice`)."""
    from callcenter.settings import load_settings
    from ivr_flows.prompts.kokoro import Kokoro, VoiceFault, fetch
    from ivr_flows.prompts.make import make, outdated
    from ivr_flows.prompts.texts import PromptFault, load_prompts

    try:
        todo = {}
        known = set[str]()
        for folder in _folders(language):
            every = load_prompts(folder)
            known.update(every)
            wanted = [one for one in every.values() if not only or one.id in only]
            todo[folder] = wanted if force else outdated(wanted, folder)
        if unknown := set(only or ()) - known:
            raise Fault(f"no prompt {', '.join(sorted(unknown))}")
        if not any(todo.values()):
            typer.echo("every prompt is up to date")
            return
        kokoro = Kokoro(fetch(load_settings().cache))
        for folder, prompts in todo.items():
            keep = frozenset(load_prompts(folder))
            make(prompts, folder, kokoro, keep=keep, on_made=_told_of(folder))
    except (VoiceFault, PromptFault) as fault:
        raise Fault(str(fault)) from fault


def _told_of(folder: Path) -> Callable[[Prompt, float], None]:
    return lambda prompt, seconds: typer.echo(f"{folder.name} {prompt.id} {seconds:.1f} s")


@prompts.command("check", epilog="Example: hotline prompts check")
def check_prompts() -> None:
    """Hold texts, files and manifest against each other, and look at the site's own recordings;
    exit 1 for faults.
    """
    from callcenter.settings import load_settings
    from ivr_flows.prompts.check import faults, site_faults
    from ivr_flows.prompts.texts import PromptFault

    try:
        found = [f"{folder.name}/{one}" for folder in _folders(None) for one in faults(folder)]
        found += site_faults(load_settings().home / "prompts")
    except PromptFault as fault:
        raise Fault(str(fault)) from fault
    for line in found:
        typer.echo(line)
    if found:
        raise typer.Exit(1)
    typer.echo("prompts: all well")


def _folders(asked: list[str] | None) -> list[Path]:
    """Where the prompts of these languages lie; of all that have some, if none is named."""
    from ivr_flows.prompts.texts import PromptFault, folder_of, languages

    try:
        return [folder_of(language) for language in asked or languages()]
    except PromptFault as fault:
        raise Fault(str(fault)) from fault


@prompts.command("listen", epilog="Example: hotline prompts listen --language en --only greeting")
def listen_prompts(
    language: Spoken = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Only readings with this prompt; may be repeated.")
    ] = None,
) -> None:
    """Transcribe the prompts as a caller hears them (8 kHz) and show what was misheard; exit 1
    over the limit.

    Two error rates: in characters, and in sounds, where a homophone is right.
    """
    from callcenter.cli.transcribe import model_folder
    from callcenter.hearing import ear, error_rates, heard_by_caller, limit
    from ivr_flows.prompts.readings import readings

    failed = False
    engines = {}
    totals: dict[str, list[tuple[float, float, int]]] = {}
    for folder in _folders(language):
        for reading in readings(folder.name):
            spoken = reading.language
            if only and not set(only) & set(reading.clips):
                continue
            if spoken not in engines:
                engines[spoken] = ear(model_folder(), spoken)
            words = engines[spoken].transcribe(heard_by_caller(reading))
            heard = "".join(word.text for word in words)
            by_sign, by_sound = error_rates(reading.text, heard, spoken)
            too_bad = by_sound > limit(reading)
            failed |= too_bad
            kind = f"{spoken} {'sentences' if len(reading.clips) == 1 else 'joined clips'}"
            totals.setdefault(kind, []).append((by_sign, by_sound, len(reading.text)))
            typer.echo(
                f"{folder.name} {reading.name:<16} CER {by_sign:6.1%}  sounds {by_sound:6.1%}"
                f"{'  OVER THE LIMIT' if too_bad else ''}  {heard}"
            )
    for kind, rates in totals.items():
        signs, sounds, weight = (sum(column) for column in zip(*_weighted(rates), strict=True))
        typer.echo(
            f"{kind}: {len(rates)} readings, CER {signs / weight:.1%}, sounds {sounds / weight:.1%}"
        )
    if failed:
        raise typer.Exit(1)


def _weighted(rates: list[tuple[float, float, int]]) -> list[tuple[float, float, int]]:
    return [(by_sign * length, by_sound * length, length) for by_sign, by_sound, length in rates]


@prompts.command("replace", epilog="Example: hotline prompts replace greeting studio/greeting.flac")
def replace_prompt(
    prompt_id: Annotated[str, typer.Argument(metavar="ID", help="As in hotline prompts list.")],
    recording: Annotated[
        Path, typer.Argument(metavar="FILE", help="WAV, FLAC, OGG or MP3 of that text.")
    ],
    language: OneLanguage = "zh-CN",
) -> None:
    """Play a human recording instead of the synthetic voice for one prompt on this site, from the
    next time it is said.
    """
    from callcenter.settings import load_settings
    from callcenter.sounds import lay_in
    from ivr_flows.prompts.check import replace
    from ivr_flows.prompts.texts import PromptFault

    home = load_settings().home
    try:
        files, done = replace(prompt_id, recording, site=home / "prompts", language=language)
    except PromptFault as fault:
        raise Fault(str(fault)) from fault
    for line in (*done, *map(str, files)):
        typer.echo(line)
    is_heard = lay_in(home, prompt_id, language)
    typer.echo("已生效，下一次播放即用新录音" if is_heard else "下次启动时生效")


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
