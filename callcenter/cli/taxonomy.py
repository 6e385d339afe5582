"""`hotline taxonomy`: what callers ask about, and the province's own list taken in."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from callcenter.cli import Fault
from callcenter.cli.db import with_store

taxonomy = typer.Typer(
    help="Categories of calls and their items: show, import.", no_args_is_help=True
)


def add(app: typer.Typer) -> None:
    """Register `hotline taxonomy`."""
    app.add_typer(taxonomy, name="taxonomy")


@taxonomy.command(epilog="Example: hotline taxonomy show")
def show(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON list of the items.")] = False,
    retired: Annotated[bool, typer.Option(help="Items that are chosen no more, too.")] = False,
) -> None:
    """The list in force: every category with its items and their codes."""
    from callcenter.records.taxonomy_store import load

    found = with_store(load)
    items = found.items if retired else found.chosen_from
    if as_json:
        rows = [
            {
                "cat": item.category,
                "cat_name": item.category_name,
                "item": item.code,
                "item_name": item.name,
                "queue": item.queue,
                "retired_at": item.retired_at and item.retired_at.isoformat(),
            }
            for item in items
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    seen = ""
    for item in items:
        if item.category != seen:
            seen = item.category
            typer.echo(f"{item.category} {item.category_name}（{item.queue}）")
        typer.echo(f"  {item.code} {item.name}{'（已停用）' if item.retired_at else ''}")
    categories = len({item.category for item in items})
    typer.echo(f"共 {categories} 类 {len(items)} 项")


@taxonomy.command("import", epilog="Example: hotline taxonomy import 本省类别.csv --by 李梅")
def take_in(
    file: Annotated[
        Path, typer.Argument(help="CSV: cat, cat_name, item, item_name, queue.", metavar="FILE")
    ],
    by: Annotated[str, typer.Option("--by", help="Who does it.")],
    rename: Annotated[
        bool, typer.Option(help="A code with another name is the same matter, better named.")
    ] = False,
) -> None:
    """Put the province's own list in force. What it lacks is retired and keeps its name."""
    from callcenter.records.taxonomy import TaxonomyFaults, read
    from callcenter.records.taxonomy_store import take

    try:
        new = read(file)
        now = datetime.now(UTC)
        whole = with_store(lambda store: take(store, new, by=by, now=now, rename=rename))
    except TaxonomyFaults as refused:
        raise Fault("\n".join(f"{file}:{fault}" for fault in refused.faults)) from None
    except OSError as unreadable:
        raise Fault(f"{file}: {unreadable.strerror}") from None
    gone = len(whole.items) - len(whole.chosen_from)
    typer.echo(f"已启用 {len(whole.chosen_from)} 项，停用 {gone} 项")
