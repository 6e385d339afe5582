"""`hotline try`: a flow talked through in the terminal, kept as a scenario; what no scenario tries.

With --json each turn is one line; its keys are told in `callcenter.trying.record`. --coverage with
--json is one list, an object a flow: `flow`, `title`, `version`, `scenarios`, `steps`,
`steps_touched`, `keys`, `keys_touched`, `percent`, `untouched` (`step` or `step:key`).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from callcenter.cli import Fault

if TYPE_CHECKING:
    from callcenter.settings import Settings
    from callcenter.trying.chosen import Chosen
    from callcenter.trying.situation import Situation
    from ivr_flows.catalogue import Catalogue
    from ivr_flows.talk import Talk


def add(app: typer.Typer) -> None:
    """Register `hotline try` on the root app."""
    app.command(
        "try", epilog="Example: hotline try main --keys 2,接通,1 --now 2026-02-17T21:10+08:00"
    )(try_flow)


def try_flow(
    flow: Annotated[
        str | None, typer.Argument(metavar="[FLOW]", help="Name of a flow or its file; else main.")
    ] = None,
    keys: Annotated[
        str | None,
        typer.Option(help="What happens, by commas: keys (2, 8555#), - for none, 接通, 说完 …"),
    ] = None,
    now: Annotated[str | None, typer.Option(help="Pretended time, ISO 8601 with its zone.")] = None,
    caller: Annotated[str, typer.Option(help="Number shown, or anonymous.")] = "04315550123",
    city: Annotated[
        str | None, typer.Option(help="GB/T 2260 code, in place of the number's.")
    ] = None,
    load: Annotated[
        list[str] | None, typer.Option(help="waiting=3: callers in line; may be repeated.")
    ] = None,
    fact: Annotated[
        list[str] | None, typer.Option(help="name=value (hotline check --facts); may be repeated.")
    ] = None,
    save: Annotated[Path | None, typer.Option(help="Keep the talk as this scenario file.")] = None,
    title: Annotated[str | None, typer.Option(help="Title of the scenario.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a turn.")] = False,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Steps and keys that no scenario touches.")
    ] = False,
) -> None:
    """Talk a flow through: what is said and why, and where the call goes.

    Without --keys you are asked; Enter is no key, `?` helps, `b` goes back one turn.
    """
    from callcenter.trying.chosen import choose, choose_all
    from callcenter.trying.situation import Misuse
    from ivr_flows.load import FlowsRefused

    try:
        settings, catalogue = _hotline()
        here = _situation(settings, now, caller, city, load or (), fact or ())
        _check_save(save, title)
        if coverage:
            chosen = choose_all(flow, catalogue)
            _show_coverage(chosen, catalogue, only=flow is not None, as_json=as_json)
            return
        chosen = choose(flow, catalogue)
        talk = _talk(chosen, here, catalogue, keys=keys, as_json=as_json)
        if save is not None:
            _save(talk, chosen, catalogue, save, title)
    except Misuse as misuse:
        typer.echo(f"hotline try: {misuse}", err=True)
        raise typer.Exit(2) from None
    except FlowsRefused as refused:
        raise Fault("\n".join(map(str, refused.faults))) from None


def _hotline() -> tuple[Settings, Catalogue]:
    from callcenter.catalogue import catalogue_here
    from callcenter.province import SEATS
    from callcenter.settings import SettingsFault, load_settings
    from seats.roster import load_seats
    from seats.source import FileFaults

    try:
        settings = load_settings()
        load_seats(settings.province / SEATS)  # catalogue_here would fall back to known groups
    except (SettingsFault, FileFaults) as fault:
        raise Fault(str(fault)) from None
    catalogue, faults = catalogue_here(settings.province)
    if faults:
        raise Fault("\n".join(map(str, faults)))
    return settings, catalogue


def _situation(
    settings: Settings,
    now: str | None,
    caller: str,
    city: str | None,
    load: tuple[str, ...] | list[str],
    fact: tuple[str, ...] | list[str],
) -> Situation:
    from callcenter.notices import load_notices
    from callcenter.trying.situation import read_load, read_now, situation, with_facts
    from seats.calendar_file import load_calendar
    from seats.source import FileFaults

    at, notes = read_now(now)
    heard = (one for one in load_notices(settings.home) if one.is_in_force(at))
    notes += tuple(f"问候语之后还播放公告（{one.language}）：{one.text}" for one in heard)
    try:
        calendar = load_calendar(settings.province / "calendar.yaml")
    except FileFaults as fault:
        raise Fault(str(fault)) from None
    waiting = read_load(load)
    here = situation(calendar, now=at, caller=caller, city=city, waiting=waiting, notes=notes)
    return with_facts(here, fact)


def _talk(
    chosen: Chosen, here: Situation, catalogue: Catalogue, *, keys: str | None, as_json: bool
) -> Talk:
    from callcenter.trying.desk import AsLines, OnScreen, Show, converse, play_out
    from callcenter.trying.screen import Screen
    from callcenter.trying.texts import Texts
    from ivr_flows.talk import Talk

    talk = Talk(chosen.flows, here.facts)
    services = catalogue.services or {}
    show: Show = OnScreen(talk, here, Screen(catalogue))
    if as_json:
        show = AsLines(talk, here, Texts(catalogue.prompts))
    if keys is None:
        converse(talk, show, services)
    else:
        play_out(talk, show, services, keys.split(",") if keys else ())
    return talk


def _check_save(file: Path | None, title: str | None) -> None:
    from callcenter.trying.situation import Misuse

    if file is None:
        if title is not None:
            raise Misuse("--title 只和 --save 一起用")
        return
    if title is not None and not 0 < len(title) <= 200:
        raise Misuse("--title：应有 1 到 200 个字")
    if file.suffix != ".yaml":
        raise Misuse(f"--save：文件名应以 .yaml 结尾，不能是 {file.name!r}")
    if file.exists():
        raise Misuse(f"--save：{file} 已经存在，不会覆盖")
    if not file.parent.is_dir():
        raise Misuse(f"--save：没有文件夹 {file.parent}")


def _save(talk: Talk, chosen: Chosen, catalogue: Catalogue, file: Path, title: str | None) -> None:
    from callcenter.trying.chosen import flows_of_scenario
    from ivr_flows.rehearsal import check_scenario_file
    from ivr_flows.talk import written

    flow = chosen.flows.by_name[chosen.flows.first]
    text = written(talk.scenario(title or f"{flow.title}：{talk.in_short}"[:200]))
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as fault:
        raise Fault(f"{file}: {fault.strerror}") from None
    faults = check_scenario_file(file, chosen.flows, catalogue)
    if faults:  # longer than a scenario may be
        file.unlink()
        raise Fault("\n".join(map(str, faults)))
    typer.echo(f"已存为场景 {file}（{len(talk.told)} 轮）", err=True)
    if flows_of_scenario(file).resolve() != chosen.folder.resolve():
        hint = f"hotline check 只在 {chosen.folder.parent / 'scenarios'} 里用这个流程检查它"
        typer.echo(hint, err=True)


def _show_coverage(chosen: Chosen, catalogue: Catalogue, *, only: bool, as_json: bool) -> None:
    from callcenter.trying.chosen import scenarios_beside
    from callcenter.trying.screen import Screen
    from ivr_flows.coverage import coverage

    read = list(scenarios_beside(chosen.folder))
    found = coverage(chosen.flows, [scenario for _, scenario in read if scenario])
    if only:
        found = [one for one in found if one.flow.flow == chosen.flows.first]
    if as_json:
        typer.echo(json.dumps([one.to_json() for one in found], ensure_ascii=False))
    else:
        Screen(catalogue).coverage(found)
    if broken := [str(file) for file, scenario in read if scenario is None]:
        raise Fault(f"scenarios with faults (see hotline check): {', '.join(broken)}")
