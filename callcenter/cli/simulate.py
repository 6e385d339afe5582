"""`hotline simulate`: arrivals played against the routing that the hotline really uses."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from callcenter.cli import Fault
from callcenter.cli.facts import DAY, check_days

if TYPE_CHECKING:
    from callcenter.province import Province
    from callcenter.simulating.past import Past, Period
    from callcenter.simulating.plan import Change
    from callcenter.simulating.run import Wanted
    from callcenter.simulating.table_file import Rates
    from callcenter.simulating.told import Run

COLUMNS = ("group", "city", "hour", "seat")
SPREADS = "exponential:180, lognormal:434:400, fixed:10 or never"

First = Annotated[
    datetime | None, typer.Option("--from", formats=DAY, help="First day (Asia/Shanghai).")
]
Last = Annotated[datetime | None, typer.Option("--to", formats=DAY, help="Last day, included.")]
Share = Annotated[float | None, typer.Option(min=0, max=1)]


def add(app: typer.Typer) -> None:
    """Register `hotline simulate`."""
    example = "hotline simulate facts --from 2026-03-01 --against new.yaml --plot compared.svg"
    app.command("simulate", epilog=f"Example: {example}")(simulate)


def simulate(
    arrivals: Annotated[
        str,
        typer.Argument(
            help="facts (of the database), a .jsonl file of facts, a .csv table of calls or "
            "rates, or jilin: a built-in year of 438,000 calls and 28 seats."
        ),
    ] = "jilin",
    first: First = None,
    last: Last = None,
    load: Annotated[
        float, typer.Option(min=0.01, max=100, help="Times as many calls (jilin, rates).")
    ] = 1.0,
    policy: Annotated[
        str | None,
        typer.Option(help="A routing.yaml, or default: the built-in one. Without: the province's."),
    ] = None,
    against: Annotated[
        str | None, typer.Option(help="A second policy, played on the very same calls.")
    ] = None,
    seats: Annotated[
        str | None, typer.Option(help="A seats.yaml, or how many. Without: the province's.")
    ] = None,
    against_seats: Annotated[
        str | None, typer.Option(help="Seats of the second run, if others.")
    ] = None,
    talk: Annotated[
        list[str] | None,
        typer.Option(help=f"{SPREADS}; labour=fixed:300 for a group. Without: as in the facts."),
    ] = None,
    patience: Annotated[str | None, typer.Option(help="As --talk.")] = None,
    ring: Annotated[str | None, typer.Option(help="Until a seat picks up; as --talk.")] = None,
    wrap_up: Annotated[str | None, typer.Option(help="After a talk; as --talk.")] = None,
    no_answer: Annotated[
        float | None, typer.Option(min=0, max=1, help="Share of rings that nobody takes.")
    ] = None,
    callback: Annotated[
        float | None, typer.Option(min=0, max=1, help="Share who press * after 60 s.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed, the same bytes.")] = 1,
    by: Annotated[
        str, typer.Option(metavar="COLUMNS", help="Tables shown: of group,city,hour,seat.")
    ] = "group,city,seat",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, all of it.")] = False,
    plot: Annotated[Path | None, typer.Option(help="Draw it into this .svg file.")] = None,
) -> None:
    """Play arrivals against the routing that the live calls use; say waits, losses, load, fairness.

    Two policies (or rosters) meet the same callers: what differs is theirs.
    """
    from callcenter.simulating.plan import WrongUse
    from callcenter.simulating.run import Wanted
    from seats.source import FileFaults

    check_days(first, last)
    columns = _columns(by)
    if plot is not None and plot.suffix != ".svg":
        raise typer.BadParameter(f"--plot {plot}: the name must end in .svg")
    runs = [(policy, seats)]
    if against is not None or against_seats is not None:
        runs.append((against or policy, against_seats or seats))
    change = _change(talk or [], patience, ring, wrap_up, no_answer, callback)
    try:
        past = _read(arrivals, _period(first, last))
        result, played = _run(Wanted(past, _period(first, last), load, seed, change, runs))
    except WrongUse as wrong:
        raise typer.BadParameter(str(wrong)) from None
    except FileFaults as refused:
        raise Fault(str(refused)) from None
    if plot is not None:
        _draw(plot, result, played)
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False, allow_nan=False))
    else:
        _print(result, columns)


def _columns(by: str) -> list[str]:
    names = [name.strip() for name in by.split(",") if name.strip()]
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        raise typer.BadParameter(f"--by knows {', '.join(COLUMNS)}; not {', '.join(unknown)}")
    return names


def _period(first: datetime | None, last: datetime | None) -> Period:
    from callcenter.simulating.past import Period

    return Period(first and first.date(), last and last.date())


def _change(
    talk: list[str],
    patience: str | None,
    ring: str | None,
    wrap_up: str | None,
    no_answer: float | None,
    callback: float | None,
) -> Change:
    from callcenter.simulating.plan import Change, read_talks
    from seats.simulation.spread import SpreadFault, read_spread

    try:
        return Change(
            talk=read_talks(talk) or None,
            patience=read_spread(patience) if patience else None,
            ring=read_spread(ring) if ring else None,
            wrap_up=read_spread(wrap_up) if wrap_up else None,
            no_answer=no_answer,
            callback=callback,
        )
    except SpreadFault as fault:
        raise typer.BadParameter(str(fault)) from None


def _read(arrivals: str, period: Period) -> Past | Rates | None:
    """What the argument names; None for the built-in year."""
    from callcenter.cli.db import with_store
    from callcenter.simulating.past import from_store
    from callcenter.simulating.plan import FACTS, JILIN, read_arrivals

    if arrivals == JILIN:
        return None
    if arrivals == FACTS:
        return with_store(lambda store: from_store(store, period.first, period.last))
    faults = []
    try:
        found = read_arrivals(
            Path(arrivals), period, lambda line, what: faults.append(f"{arrivals}:{line}: {what}")
        )
    except OSError as error:
        raise Fault(f"{arrivals}: {error.strerror}") from None
    if faults:
        raise Fault("\n".join(faults))
    return found


def _run(wanted: Wanted) -> tuple[dict[str, Any], list[Run]]:
    from rich.console import Console
    from rich.progress import Progress

    from callcenter.settings import SettingsFault, load_settings
    from callcenter.simulating.past import NothingAsked
    from callcenter.simulating.run import get_ready, simulated

    try:
        folder = load_settings().province
    except SettingsFault as fault:
        raise Fault(str(fault)) from None
    province = _province(folder)
    try:
        ready = get_ready(wanted, province, folder)
    except NothingAsked as nothing:
        raise Fault(str(nothing)) from None
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("模拟", total=len(ready.runs) * len(ready.calls))
        return simulated(
            wanted, ready, province, lambda done: progress.update(task, completed=done)
        )


def _province(folder: Path) -> Province:
    from callcenter.province import ProvinceFaults, load_province

    try:
        return load_province(folder)
    except ProvinceFaults as faults:
        raise Fault(str(faults)) from None


def _draw(file: Path, result: dict[str, Any], played: list[Run]) -> None:
    from callcenter.simulating.picture import picture

    try:
        file.write_text(picture(result, played), encoding="utf-8")
    except OSError as error:
        raise Fault(f"{file}: {error.strerror}") from None


def _print(result: dict[str, Any], columns: list[str]) -> None:
    import sys

    from rich.console import Console

    from callcenter.simulating.screen import screen

    # A pipe has no width: let no name be cut for it.
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    console.print(screen(result, columns))
