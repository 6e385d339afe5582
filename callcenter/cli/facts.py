"""`hotline facts`: call facts in and out, one JSON object per line."""

from __future__ import annotations

import os
import sys
from contextlib import aclosing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from callcenter.cli import Fault
from callcenter.cli.db import with_store

if TYPE_CHECKING:
    from reports.exchange import ImportCounts
    from reports.store import Store

facts = typer.Typer(help="Call facts in and out as JSON lines.", no_args_is_help=True)

DAY = ["%Y-%m-%d"]


def add(app: typer.Typer) -> None:
    """Register `hotline facts …` on the root app."""
    app.add_typer(facts, name="facts")


@facts.command("import", epilog="Example: hotline facts import calls-2026-03.jsonl")
def import_facts(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="JSON lines, one finished call each.")
    ],
) -> None:
    """Take calls from a file: every fault as `file:line: what`, every good line imported.

    Safe to repeat. A stored call is replaced unless its revision is newer. Exit 1 if any fault.
    """
    try:
        opened = file.open("rb")
    except OSError as error:
        raise Fault(f"{file}: {error.strerror}") from None
    with opened:
        counts = with_store(lambda store: _import(store, file, opened))
    told = f"imported {counts.written} calls"
    for count, what in (
        (counts.older, "kept as they are (a newer revision is stored)"),
        (counts.repeated, "lines that only repeat another"),
        (counts.refused, "lines refused"),
    ):
        told += f", {count} {what}" if count else ""
    typer.echo(told)
    if counts.refused:
        raise typer.Exit(1)


async def _import(store: Store, path: Path, file: BinaryIO) -> ImportCounts:
    from rich.console import Console
    from rich.progress import Progress

    from reports.exchange import Importer
    from reports.schema import ready

    await ready(store)
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("facts", total=os.fstat(file.fileno()).st_size)
        importer = Importer(
            store,
            on_fault=lambda line, what: typer.echo(f"{path}:{line}: {what}", err=True),
            on_bytes=lambda count: progress.update(task, completed=count),
        )
        return await importer.run(file)


@facts.command("export", epilog="Example: hotline facts export --from 2026-03-01 --out march.jsonl")
def export_facts(
    first: Annotated[
        datetime | None, typer.Option("--from", formats=DAY, help="First day (Asia/Shanghai).")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=DAY, help="Last day, included.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="File to write; standard output otherwise.")
    ] = None,
) -> None:
    """Write finished calls in the order of their arrival; the same facts, the same bytes."""
    check_days(first, last)
    if out is None:
        try:
            with_store(lambda store: _export(store, sys.stdout.buffer, first, last))
        except BrokenPipeError:  # `… export | head`: the reader has had enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    from reports.exchange import write_privately

    # A half-written export must not look like a whole one.
    part = out.with_name(out.name + ".part")
    try:
        with write_privately(part) as file:
            count = with_store(lambda store: _export(store, file, first, last))
        part.replace(out)
    except OSError as error:
        raise Fault(f"{out}: {error.strerror}") from None
    finally:
        part.unlink(missing_ok=True)
    typer.echo(f"exported {count} calls to {out}")


async def _export(
    store: Store, file: BinaryIO, first: datetime | None, last: datetime | None
) -> int:
    from reports.exchange import export_lines

    count = 0
    days = {"first": first and first.date(), "last": last and last.date()}
    async with aclosing(export_lines(store, **days)) as exported:
        async for lines in exported:
            file.write(lines)
            count += lines.count(b"\n")
    file.flush()
    return count


def check_days(first: datetime | None, last: datetime | None) -> None:
    """Refuse days in reverse as wrong use."""
    if first and last and last < first:
        raise typer.BadParameter("--to is before --from")
