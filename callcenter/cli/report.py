"""`hotline report`: the rates, and their tallies made anew."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from callcenter.cli.db import with_store
from callcenter.cli.facts import DAY, check_days
from seats.places import name_of

if TYPE_CHECKING:
    from reports.queries import Group
    from reports.rates import Measure, Result
    from reports.store import Store

report = typer.Typer(help="The rates of the hotline.", no_args_is_help=True)


def add(app: typer.Typer) -> None:
    """Register `hotline report …` on the root app."""
    app.add_typer(report, name="report")


@report.command(
    "kpi", epilog="Example: hotline report kpi --from 2026-03-01 --to 2026-03-31 --by city,hour"
)
def show_rates(
    first: Annotated[
        datetime, typer.Option("--from", formats=DAY, help="First day (Asia/Shanghai).")
    ],
    last: Annotated[datetime, typer.Option("--to", formats=DAY, help="Last day, included.")],
    by: Annotated[
        str, typer.Option(metavar="COLUMNS", help="Of city,group,hour,day,seat,category.")
    ] = "",
    city_source: Annotated[
        str,
        typer.Option(
            metavar="SOURCES",
            help="Only calls whose city was found so: of dialled,landline,confirmed,mobile_hint,"
            "menu,seat,unknown.",
        ),
    ] = "",
    counts: Annotated[bool, typer.Option("--counts", help="The counts and means too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON list.")] = False,
) -> None:
    """Work out every rate over the finished calls that arrived on these days."""
    from reports.queries import sums
    from reports.rates import COUNTS, RATES

    check_days(first, last)
    columns = _columns(by)
    measures = [*RATES.values(), *(COUNTS.values() if counts else ())]
    sources = _sources(city_source)
    groups = with_store(
        lambda store: sums(
            store, first=first.date(), last=last.date(), by=columns, city_sources=sources
        )
    )
    if as_json:
        typer.echo(json.dumps(list(_rows(groups, measures)), ensure_ascii=False))
    else:
        _print_table(groups, measures, columns)


@report.command("rebuild", epilog="Example: hotline report rebuild")
def rebuild_tallies() -> None:
    """Tally every stored call anew (the rates are sums of these tallies)."""
    typer.echo(f"tallied {with_store(_rebuild)} finished calls")


async def _rebuild(store: Store) -> int:
    from rich.console import Console
    from rich.progress import Progress

    from reports.rebuild import count_calls, rebuild

    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("tallies", total=await count_calls(store))
        return await rebuild(store, on_progress=lambda done: progress.update(task, completed=done))


def _sources(given: str) -> list[str]:
    from seats.locate import CITY_SOURCES

    names = [name.strip() for name in given.split(",")] if given.strip() else []
    if unknown := [name for name in names if name not in CITY_SOURCES]:
        raise typer.BadParameter(
            f"--city-source knows {', '.join(CITY_SOURCES)}; not {', '.join(map(repr, unknown))}"
        )
    return names


def _columns(by: str) -> list[str]:
    from reports.metrics import COLUMNS

    names = [name.strip() for name in by.split(",")] if by.strip() else []
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        raise typer.BadParameter(
            f"--by knows {', '.join(COLUMNS)}; not {', '.join(map(repr, unknown))}"
        )
    return list(dict.fromkeys(names))


def _rows(groups: Iterable[Group], measures: list[Measure]) -> Iterable[dict[str, Any]]:
    from reports.rates import results

    for group in groups:
        for result in results(group.counts, measures):
            yield {
                "metric": result.metric,
                "numerator": result.numerator,
                "denominator": result.denominator,
                "value": result.value,
                "target": result.target,
                "met": result.met,
                **group.key,
            }


def _print_table(groups: list[Group], measures: list[Measure], columns: list[str]) -> None:
    import sys

    from rich import box
    from rich.console import Console
    from rich.table import Table

    from reports.rates import results

    table = Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("metric", "指标", "of", "value", "target", "met"):
        right = name in ("of", "value", "target")
        table.add_column(name, justify="right" if right else "left", no_wrap=True)
    for group in groups:
        key = [_shown(name, value) for name, value in group.key.items()]
        for result in results(group.counts, measures):
            table.add_row(*key, result.metric, result.label, *_cells(result))
    # A pipe has no width: let no name be cut for it.
    Console(width=None if sys.stdout.isatty() else 160).print(table)


def _shown(column: str, value: str | int | None) -> str:
    if value is None:
        return "—"
    return f"{value} {name_of(str(value))}" if column == "city" else str(value)


def _cells(result: Result) -> list[str]:
    met = {None: "", True: "yes", False: "NO"}[result.met]
    target = "" if result.target is None else f"≥ {result.target:.0%}"
    of = f"{result.numerator:.0f}/{result.denominator}" if result.kind == "rate" else ""
    if result.value is None:
        return [of, "—", target, met]
    shown = {"rate": f"{result.value:.2%}", "mean": f"{result.value:.1f}"}
    return [of, shown.get(result.kind, f"{result.value:.0f}"), target, met]
