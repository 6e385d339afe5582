"""`hotline flow`: a flow's text from its author through a reviewer to the callers, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from callcenter.flows.terminal import at_desk, print_json, show_book, tell
from callcenter.flows.versioned import (
    AsJson,
    Author,
    By,
    Document,
    Effect,
    First,
    Found,
    Note,
    Number,
    Reviewer,
    Second,
    submit,
)

EFFECT = Effect(
    none="现行内容没有变化。",
    held_back=("其他流程仍有以上错误，", "改正之前各控制程序沿用原来的流程。"),
    holds="新来电一秒之内听到新内容，进行中的通话照旧。",
)

flow = typer.Typer(
    help="Flows as versions: submit, review, publish, list, show, diff, rollback, withdraw, log.",
    no_args_is_help=True,
)

FlowName = Annotated[str, typer.Argument(metavar="FLOW", help="Name of the flow, as main.")]


def add(app: typer.Typer) -> None:
    """Register `hotline flow …` on the root app."""
    app.add_typer(flow, name="flow")


def document(name: str) -> Document:
    """A flow as the commands have it."""
    return Document(
        name=name, title=f"{name} ", command="hotline flow", given=f"{name} ", effect=EFFECT
    )


@flow.command(
    "submit", epilog="Example: hotline flow submit main.yaml --author 李梅 --note 新增法律援助"
)
def submit_flow(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A flow file, its version raised.")],
    author: Author,
    note: Note,
    as_json: AsJson = False,
) -> None:
    """Check a text and keep it as a draft; every fault as `file:line: where: what`, exit 1."""
    done, found = submit(
        file,
        lambda desk, raw: desk.submit(raw, shown=str(file), author=author, note=note),
        as_json=as_json,
    )
    document(found.flow).submitted(done, found, as_json)


@flow.command("review", epilog="Example: hotline flow review main 2 --reviewer 王强")
def review(
    name: FlowName, version: Number, reviewer: Reviewer, note: Found = "", as_json: AsJson = False
) -> None:
    """Take a draft into review: somebody else than its author looks at what it changes."""
    document(name).review(version, reviewer=reviewer, note=note, as_json=as_json)


@flow.command(
    "publish", epilog="Example: hotline flow publish main 2 --reviewer 王强 --note 12月1日启用"
)
def publish(
    name: FlowName, version: Number, reviewer: Reviewer, note: Note, as_json: AsJson = False
) -> None:
    """Bring a reviewed version to the next call of every controller, within a second."""
    document(name).publish(version, reviewer=reviewer, note=note, as_json=as_json)


@flow.command("rollback", epilog="Example: hotline flow rollback --by 王强 --note 提示语有误")
def rollback(
    by: By,
    to: Annotated[
        int | None,
        typer.Option(
            metavar="RELEASE", min=0, help="As in hotline flow list; else the one before."
        ),
    ] = None,
    note: Note = "",
    as_json: AsJson = False,
) -> None:
    """Make an older release heard again on the next call of every controller."""
    done = at_desk(lambda desk: desk.rollback(to, by=by, note=note), as_json)
    release = done.change.release
    assert release is not None
    tell(done, as_json, f"已回退到第 {release.since} 次发布的内容。", *EFFECT.said(done))


@flow.command("withdraw", epilog="Example: hotline flow withdraw main 2 --by 王强 --note 有误")
def withdraw(name: FlowName, version: Number, by: By, note: Note, as_json: AsJson = False) -> None:
    """Take a version back for good; if calls hear it, the one before it comes back."""
    document(name).withdraw(version, by=by, note=note, as_json=as_json)


@flow.command("list", epilog="Example: hotline flow list --json")
def list_versions(as_json: AsJson = False) -> None:
    """List every version with its state, and the last releases."""
    show_book(at_desk(lambda desk: desk.book(), as_json), as_json)


@flow.command("show", epilog="Example: hotline flow show main 2 > main.yaml")
def show(name: FlowName, version: Number, as_json: AsJson = False) -> None:
    """Print the text of a version as it was submitted; --json: with its author and state."""
    document(name).show(version, as_json=as_json)


@flow.command("diff", epilog="Example: hotline flow diff main 2")
def diff(name: FlowName, first: First, second: Second = None, as_json: AsJson = False) -> None:
    """Tell what a version changes: in words, and line by line."""
    document(name).diff(first, second, as_json=as_json)


@flow.command("log", epilog="Example: hotline flow log --json")
def log(
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest first.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON list.")] = False,
) -> None:
    """Say who did what when; nothing of it is ever deleted."""
    from callcenter.flows import shown

    entries = at_desk(lambda desk: desk.store.log(limit), as_json)
    if as_json:
        print_json([shown.entry_json(one) for one in entries])
    else:
        shown.console().print(shown.log_table(entries))
