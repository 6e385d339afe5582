"""`hotline check`: every fault of flows, prompts, province and settings with its line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from callcenter.settings import Settings
    from ivr_flows.catalogue import Catalogue
    from ivr_flows.model import Flows

    Spoken = Mapping[str, frozenset[str]]


def add(app: typer.Typer) -> None:
    """Register `hotline check` on the root app."""
    app.command("check", epilog="Example: hotline check my_flows/main.yaml")(check)


def check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH]...",
            help="Files and folders; without any, all that this hotline runs with.",
        ),
    ] = None,
    facts: Annotated[
        bool, typer.Option("--facts", help="List the facts that a flow may branch on.")
    ] = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of a flow file.")
    ] = False,
) -> None:
    """Name each fault as `file:line: where: what`; exit 1 if there is any (warnings are none).

    Without paths it also says, as `note:`, how long callers of each group may have to wait at most.
    """
    from callcenter.catalogue import catalogue_here
    from ivr_flows.model import json_schema

    if facts:
        settings, _ = _settings()
        catalogue, _ = catalogue_here(settings.province if settings else None)
        for line in catalogue.facts_in_words():
            typer.echo(line)
        return
    if schema:
        typer.echo(json.dumps(json_schema(), ensure_ascii=False, indent=2))
        return
    missing = [path for path in paths or () if not path.exists()]
    for path in missing:
        typer.echo(f"hotline check: there is no file or folder {path}", err=True)
    if missing:
        raise typer.Exit(2)
    found = list(_faults(paths or []))
    for text, _ in found:
        typer.echo(text)
    if any(not is_warning for _, is_warning in found):
        raise typer.Exit(1)


PROVINCE_FILES = (
    *("seats.yaml", "trunks.yaml", "calendar.yaml", "lines.yaml", "services.yaml", "routing.yaml"),
    "nodes.yaml",
)
Line = tuple[str, bool]  # what is printed; whether it is only a warning


def _faults(paths: list[Path]) -> Iterator[Line]:
    from ivr_flows.load import FLOWS
    from ivr_flows.scenario import SCENARIOS

    settings, faults = _settings()
    if paths:
        yield from _check_files(_yaml_files(paths), settings)
        return
    from callcenter.province_check import asterisk_faults, asterisk_input, node_faults
    from callcenter.routing_check import no_ways_out, wait_notes
    from callcenter.spoken import spoken_prompts

    yield from ((fault, False) for fault in faults)
    paths = [FLOWS, SCENARIOS]
    spoken: Spoken | None = None
    if settings and (given := asterisk_input(settings)) is not None:
        unfit = list(asterisk_faults(given))
        yield from ((fault, False) for fault in unfit)
        spoken = None if unfit else spoken_prompts(given)
    if settings:
        yield from ((fault, False) for fault in node_faults(settings))
        paths += _province_files(settings.province)
    yield from _check_files(_yaml_files(paths), settings, spoken=spoken)
    if settings:
        kept_in = no_ways_out(settings, _yaml_files([FLOWS]))
        yield from ((str(fault), fault.is_warning) for fault in kept_in)
        yield from ((note, True) for note in wait_notes(settings, _now()))


def _settings() -> tuple[Settings | None, list[str]]:
    from callcenter.settings import SettingsFault, load_settings

    try:
        return load_settings(), []
    except SettingsFault as refused:
        return None, [f"settings:1: {fault}" for fault in refused.faults]


def _province_files(folder: Path) -> list[Path]:
    """All of the folder, and the files that must be there whether or not they are."""
    from callcenter.province import CALENDAR, SEATS, TRUNKS

    needed = [folder / name for name in (SEATS, TRUNKS, CALENDAR)]
    return [folder, *needed] if folder.is_dir() else needed


def _yaml_files(paths: Iterable[Path]) -> list[Path]:
    files: dict[Path, None] = {}
    for path in paths:
        inside = sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
        files.update(dict.fromkeys(inside))
    return list(files)


def _check_files(
    files: list[Path], settings: Settings | None, spoken: Spoken | None = None
) -> Iterator[Line]:
    """With `spoken`, all that the hotline runs with is checked, prompts that nobody says too."""
    from callcenter.catalogue import catalogue_here
    from ivr_flows.catalogue_files import read_prompts
    from ivr_flows.load import check_flow_files
    from ivr_flows.yaml_source import SourceFault, read_file

    catalogue, unreadable = catalogue_here(settings.province if settings else None, spoken=spoken)
    asked = {str(file) for file in files}
    yield from ((str(one), False) for one in unreadable if one.file not in asked)
    flows, scenarios = list[Path](), list[Path]()
    for file in files:
        if file.name in PROVINCE_FILES:
            yield from _province_file(file)
            continue
        try:
            source = read_file(file)
        except SourceFault as refused:
            yield str(refused.fault), False
            continue
        keys = source.data if isinstance(source.data, dict) else {}
        if "scenario" in keys or "turns" in keys:
            scenarios.append(file)
        elif file.name == "prompts.yaml":
            yield from ((str(fault), False) for fault in read_prompts(file)[1])
        elif keys.keys() & {"flow", "steps", "start"}:
            flows.append(file)
        else:
            what = "is no flow (flow, steps …) and no scenario (scenario, turns …)"
            yield str(source.fault((), what)), False
    for fault in check_flow_files(flows, catalogue=catalogue):
        yield str(fault), fault.is_warning
    if flows:
        yield from _prompts(catalogue, settings, flows if spoken else [])
    yield from _scenarios(scenarios, catalogue)


def _prompts(catalogue: Catalogue, settings: Settings | None, flows: list[Path]) -> Iterator[Line]:
    """Prompts that cannot be played, and those that none of all these flows says."""
    from callcenter.settings import Settings
    from callcenter.sounds import audio_fault
    from ivr_flows.catalogue_files import prompt_file
    from ivr_flows.load import read_flows
    from ivr_flows.model import HOME_LANGUAGE
    from ivr_flows.texts import unused_prompts
    from ivr_flows.yaml_source import SourceFault, read_file

    home = (settings or Settings()).home
    unused = unused_prompts(read_flows(flows), catalogue) if flows else []
    for language, texts in catalogue.prompts.items():
        try:
            source = read_file(prompt_file(language))
        except SourceFault:
            continue  # told already
        for prompt in texts:
            if what := audio_fault(prompt, home, language):
                # A language that lacks it is heard in Mandarin.
                is_heard = language != HOME_LANGUAGE and what.startswith("has no audio")
                yield str(source.fault((prompt,), what, is_warning=is_heard)), is_heard
            if prompt in unused:
                unused.remove(prompt)  # once is enough, whatever other languages have it
                what = "is said by no flow and nowhere else"
                yield str(source.fault((prompt,), what, is_warning=True)), True


def _now() -> datetime:
    from datetime import UTC, datetime

    return datetime.now(UTC)


def _province_file(file: Path) -> Iterator[Line]:
    from callcenter.nodes_file import load_nodes
    from callcenter.province import load_trunks
    from callcenter.province_check import line_faults, year_faults
    from callcenter.routing_check import routing_faults
    from ivr_flows.catalogue_files import read_services
    from seats.calendar_file import load_calendar
    from seats.roster import load_seats
    from seats.source import FileFaults

    if file.name in ("lines.yaml", "services.yaml"):
        found = line_faults(file) if file.name == "lines.yaml" else read_services(file)[1]
        yield from ((str(fault), False) for fault in found)
        return
    if file.name == "routing.yaml":
        yield from ((fault, False) for fault in routing_faults(file))
        return
    load: dict[str, Callable[[Path], object]] = {
        "seats.yaml": load_seats,
        "trunks.yaml": load_trunks,
        "calendar.yaml": load_calendar,
        "nodes.yaml": load_nodes,
    }
    try:
        load[file.name](file)
    except FileFaults as refused:
        yield from ((str(fault), False) for fault in refused.faults)
    if file.name == "calendar.yaml":
        yield from ((str(fault), fault.is_warning) for fault in year_faults(file, _now()))


def _scenarios(files: list[Path], catalogue: Catalogue) -> Iterator[Line]:
    """Scenarios run on the flows of the folder `flows` beside theirs, or else on our own."""
    from ivr_flows.load import FIRST, FLOWS, FlowsRefused, load_flows
    from ivr_flows.rehearsal import check_scenario_file
    from ivr_flows.scenario import read_scenario

    loaded: dict[Path, Flows | None] = {}
    for file in files:
        beside = file.parent.parent / "flows"
        folder = beside if beside.is_dir() else FLOWS
        if folder not in loaded:
            names = sorted(flow.stem for flow in folder.glob("*.yaml"))
            first = FIRST if FIRST in names or not names else names[0]
            try:
                loaded[folder] = load_flows(folder, catalogue=catalogue, first=first)
            except FlowsRefused:
                loaded[folder] = None
        flows = loaded[folder]
        if flows is None:
            yield from ((str(fault), False) for fault in read_scenario(file)[2])
            yield f"{file}:1: flow: the flows in {folder} have faults, so it cannot be run", False
        else:
            found = check_scenario_file(file, flows, catalogue)
            yield from ((str(fault), False) for fault in found)
