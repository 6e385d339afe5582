"""The desk of flows at a terminal: what `hotline flow` and `hotline routing` ask and print."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import typer

from callcenter.cli import Fault
from callcenter.cli.db import with_store

if TYPE_CHECKING:
    from callcenter.flows.desk import Compared, Done, FlowDesk
    from ivr_flows.book import Book
    from reports.store import Store

T = TypeVar("T")


def read(file: Path) -> bytes:
    """What a file holds, one byte more than may be at most. Raises Fault."""
    from ivr_flows.yaml_source import MAX_BYTES

    try:
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise Fault(f"{file}: {error.strerror}") from None


def at_desk(work: Callable[[FlowDesk], Awaitable[T]], as_json: bool) -> T:
    """Do the work at the desk of the configured hotline; refusals end the command."""
    from callcenter.flows.check import check_here
    from callcenter.flows.desk import FlowDesk
    from callcenter.settings import SettingsFault, load_settings
    from ivr_flows.book import MoveRefused
    from ivr_flows.load import FlowsRefused
    from reports.schema import ready

    async def at_desk(store: Store) -> T:
        await ready(store)
        settings = load_settings()
        check = check_here(settings.home, settings.province, ring_s=settings.ring_s)
        return await work(FlowDesk(store, check))

    try:
        return with_store(at_desk)
    except SettingsFault as fault:
        raise Fault(str(fault)) from None
    except MoveRefused as refused:
        _refuse(as_json, refused.reason, str(refused), [])
    except FlowsRefused as refused:
        count = sum(not fault.is_warning for fault in refused.faults)
        sentence = f"有 {count} 处错误，没有保存。"
        _refuse(as_json, "faulty", sentence, [str(fault) for fault in refused.faults])


def _refuse(as_json: bool, reason: str, sentence: str, faults: list[str]) -> NoReturn:
    if as_json:
        print_json({"error": reason, "message": sentence, "faults": faults})
    else:
        for fault in faults:
            typer.echo(fault, err=True)
        typer.echo(f"hotline: {sentence}", err=True)
    raise typer.Exit(1)


def tell(done: Done, as_json: bool, *sentences: str, compared: Compared | None = None) -> None:
    """What was done, what it changes, and how it goes on."""
    from callcenter.flows import shown

    if as_json:
        print_json(shown.done_json(done))
        return
    for fault in done.faults:
        typer.echo(str(fault), err=True)
    typer.echo(sentences[0])
    for one in compared.words if compared else ():
        typer.echo(f"  • {one.words}")
    for sentence in sentences[1:]:
        typer.echo(sentence)


def print_json(value: Any) -> None:
    """One line of JSON."""
    typer.echo(json.dumps(value, ensure_ascii=False))


def show_book(book: Book, as_json: bool) -> None:
    """Versions, releases and which one is in force."""
    from callcenter.flows import shown

    if as_json:
        print_json(shown.book_json(book))
        return
    out = shown.console()
    out.print(shown.versions_table(book))
    out.print(shown.releases_table(book))
    now = book.releases[-1]
    out.print(f"现行：第 {now.release} 次发布（{shown.who(now.by)}，{shown.clock(now.at)}）")


def show_diff(found: Compared, as_json: bool) -> None:
    """What a version changes: in words, and line by line."""
    from callcenter.flows import shown

    if as_json:
        print_json(shown.compared_json(found))
        return
    out = shown.console()
    for line in shown.compared(found):
        out.print(line)
