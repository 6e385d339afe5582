"""`hotline routing`: the routing policy from its author through a reviewer into force, and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from callcenter.flows.terminal import at_desk, show_book, tell
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

if TYPE_CHECKING:
    from ivr_flows.book import Book

NAME = "routing"
HELP = "The routing policy: submit, review, publish, list, show, diff, rollback, withdraw."

POLICY = Document(
    name=NAME,
    title="派线策略",
    command="hotline routing",
    given="",
    effect=Effect(
        none="现行策略没有变化。",
        held_back=("仍有以上错误，", "改正之前各控制程序沿用原来的策略。"),
        holds="一秒之内按新策略派线，排队的位置和时间不变。",
    ),
)

routing = typer.Typer(help=HELP, no_args_is_help=True)


def add(app: typer.Typer) -> None:
    """Register `hotline routing …` on the root app."""
    app.add_typer(routing, name="routing")


@routing.command(
    "submit", epilog="Example: hotline routing submit routing.yaml --author 李梅 --note 提前放宽"
)
def submit_policy(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A routing.yaml with its version.")],
    author: Author,
    note: Note,
    as_json: AsJson = False,
) -> None:
    """Check a policy and keep it as a draft; every fault as `file:line: where: what`, exit 1."""
    done, found = submit(
        file,
        lambda desk, raw: desk.submit_policy(raw, shown=str(file), author=author, note=note),
        as_json=as_json,
    )
    POLICY.submitted(done, found, as_json)


@routing.command("review", epilog="Example: hotline routing review 2 --reviewer 王强")
def review(version: Number, reviewer: Reviewer, note: Found = "", as_json: AsJson = False) -> None:
    """Take a draft into review: somebody else than its author looks at what it changes."""
    POLICY.review(version, reviewer=reviewer, note=note, as_json=as_json)


@routing.command(
    "publish", epilog="Example: hotline routing publish 2 --reviewer 王强 --note 12月1日启用"
)
def publish(version: Number, reviewer: Reviewer, note: Note, as_json: AsJson = False) -> None:
    """Let every controller route by a reviewed version within a second; places in line stay."""
    POLICY.publish(version, reviewer=reviewer, note=note, as_json=as_json)


@routing.command("rollback", epilog="Example: hotline routing rollback --by 王强 --note 等候过长")
def rollback(
    by: By,
    to: Annotated[
        int | None,
        typer.Option(
            metavar="VERSION",
            min=0,
            help="As in hotline routing list; 0: the province's routing.yaml; else the one before.",
        ),
    ] = None,
    note: Note = "",
    as_json: AsJson = False,
) -> None:
    """Route by an older version again; flows stay as they are."""
    done = at_desk(lambda desk: desk.restore_policy(to, by=by, note=note), as_json)
    number = done.change.entry.version
    back = f"第 {number} 版" if number else "省级配置目录中的 routing.yaml"
    tell(done, as_json, f"派线策略已回退到{back}。", *POLICY.effect.said(done))


@routing.command("withdraw", epilog="Example: hotline routing withdraw 2 --by 王强 --note 有误")
def withdraw(version: Number, by: By, note: Note, as_json: AsJson = False) -> None:
    """Take a version back for good; if it is in force, the one before it comes back."""
    POLICY.withdraw(version, by=by, note=note, as_json=as_json)


@routing.command("list", epilog="Example: hotline routing list --json")
def list_versions(as_json: AsJson = False) -> None:
    """List every version of the policy with its state, and the releases it came with."""
    show_book(_own(at_desk(lambda desk: desk.book(), as_json)), as_json)


@routing.command("show", epilog="Example: hotline routing show 2 > routing.yaml")
def show(version: Number, as_json: AsJson = False) -> None:
    """Print the text of a version as it was submitted; --json: with its author and state."""
    POLICY.show(version, as_json=as_json)


@routing.command("diff", epilog="Example: hotline routing diff 2")
def diff(first: First, second: Second = None, as_json: AsJson = False) -> None:
    """Tell what a version changes: in words, and line by line."""
    POLICY.diff(first, second, as_json=as_json)


def _own(book: Book) -> Book:
    """What of the book is about the policy: its versions, and releases where it changed."""
    from msgspec import structs

    from ivr_flows.book import Book

    versions = {key: one for key, one in book.versions.items() if key[0] == NAME}
    numbers = [one.flows.get(NAME, 0) for one in book.releases]
    kept = [
        structs.replace(one, flows={NAME: numbers[n]} if numbers[n] else {})
        for n, one in enumerate(book.releases)
        if n == 0 or one is book.releases[-1] or numbers[n] != numbers[n - 1]
    ]
    return Book(versions, tuple(kept))
