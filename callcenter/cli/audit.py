"""`hotline audit`: whether the audit trail is whole."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from callcenter.cli import Fault
from callcenter.cli.db import with_store

if TYPE_CHECKING:
    from reports.audit_chain import Head, Verified

audit = typer.Typer(help="The audit trail: verify.", no_args_is_help=True)

_HEAD = re.compile("([1-9][0-9]{0,17}):([0-9a-f]{64})")


@audit.callback()
def _group() -> None:
    """Keeps `verify` a command of its own."""


def add(app: typer.Typer) -> None:
    """Register `hotline audit`."""
    app.add_typer(audit, name="audit")


@audit.command(epilog="Example: hotline audit verify --head 1204:9f2c…")
def verify(
    head: Annotated[
        str, typer.Option(metavar="N:HASH", help="What an earlier run printed: rows cut off since.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Hash every row anew; exit 1 at the first that was changed, taken out, moved or put in."""
    from reports import audit_chain

    noted = _noted(head)
    found = with_store(lambda store: audit_chain.verify(store, noted=noted))
    if as_json:
        typer.echo(json.dumps(asdict(found)))
    else:
        typer.echo(_told(found))
    if found.why is not None:
        raise typer.Exit(1)


def _noted(head: str) -> Head | None:
    from reports.audit_chain import Head

    if not head:
        return None
    parts = _HEAD.fullmatch(head)
    if parts is None:
        raise Fault("--head is N:HASH as `hotline audit verify` prints it")
    return Head(int(parts[1]), parts[2])


def _told(found: Verified) -> str:
    whys = {
        "changed": "is not what was written",
        "not_next": "does not follow the one before: rows were taken out, moved or put in",
        "cut_off": "is gone or is another: the trail was cut off or written anew",
    }
    head = f"{found.rows} rows in order, head {found.head.n}:{found.head.hash}"
    return head if found.why is None else f"{head}\nrow {found.wrong_n} {whys[found.why]}"
