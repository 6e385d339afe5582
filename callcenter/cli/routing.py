"""`hotline routing`: the routing policy from its author through a reviewer into force, and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from callcenter.flows.terminal import (
    AsJson,
    By,
    Note,
    Number,
    Reviewer,
    at_desk,
    print_json,
    read,
    show_book,
    show_diff,
    tell,
)

if TYPE_CHECKING:
    from callcenter.flows.desk import Compared, Done, FlowDesk
    from ivr_flows.book import Book

NAME = "routing"
HELP = "The routing policy: submit, review, publish, list, show, diff, rollback, withdraw."

routing = typer.Typer(help=HELP, no_args_is_help=True)


def add(app: typer.Typer) -> None:
    """Register `hotline routing …` on the root app."""
    app.add_typer(routing, name="routing")


@routing.command(
    "submit", epilog="Example: hotline routing submit routing.yaml --author 李梅 --note 提前放宽"
)
def submit(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A routing.yaml with its version.")],
    author: Annotated[str, typer.Option("--author", help="Who wrote it.")],
    note: Note,
    as_json: AsJson = False,
) -> None:
    """Check a policy and keep it as a draft; every fault as `file:line: where: what`, exit 1."""
    raw = read(file)

    async def work(desk: FlowDesk) -> tuple[Done, Compared]:
        done = await desk.submit_policy(raw, shown=str(file), author=author, note=note)
        return done, await desk.compare(NAME, None, _number(done))

    done, found = at_desk(work, as_json)
    number = _number(done)
    tell(
        done,
        as_json,
        f"派线策略第 {number} 版已存为草稿（作者 {author}）。",
        f"下一步由他人审核：hotline routing review {number} --reviewer 姓名",
        compared=found,
    )


@routing.command("review", epilog="Example: hotline routing review 2 --reviewer 王强")
def review(
    version: Number,
    reviewer: Reviewer,
    note: Annotated[str, typer.Option("--note", help="What was found.")] = "",
    as_json: AsJson = False,
) -> None:
    """Take a draft into review: somebody else than its author looks at what it changes."""

    async def work(desk: FlowDesk) -> tuple[Done, Compared]:
        done = await desk.review(NAME, version, by=reviewer, note=note)
        return done, await desk.compare(NAME, None, version)

    done, found = at_desk(work, as_json)
    tell(
        done,
        as_json,
        f"派线策略第 {version} 版进入审核（审核人 {reviewer}）。",
        f"逐行对照：hotline routing diff {version}",
        f"同意上线：hotline routing publish {version} --reviewer {reviewer} --note 说明",
        f"不同意：hotline routing withdraw {version} --by {reviewer} --note 说明",
        compared=found,
    )


@routing.command(
    "publish", epilog="Example: hotline routing publish 2 --reviewer 王强 --note 12月1日启用"
)
def publish(version: Number, reviewer: Reviewer, note: Note, as_json: AsJson = False) -> None:
    """Let every controller route by a reviewed version within a second; places in line stay."""
    done = at_desk(lambda desk: desk.publish(NAME, version, by=reviewer, note=note), as_json)
    tell(done, as_json, f"派线策略第 {version} 版已发布。", *_in_force(done))


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
    note: Annotated[str, typer.Option("--note", help="Why, for the log.")] = "",
    as_json: AsJson = False,
) -> None:
    """Route by an older version again; flows stay as they are."""
    done = at_desk(lambda desk: desk.restore_policy(to, by=by, note=note), as_json)
    number = done.change.entry.version
    back = f"第 {number} 版" if number else "省级配置目录中的 routing.yaml"
    tell(done, as_json, f"派线策略已回退到{back}。", *_in_force(done))


@routing.command("withdraw", epilog="Example: hotline routing withdraw 2 --by 王强 --note 有误")
def withdraw(version: Number, by: By, note: Note, as_json: AsJson = False) -> None:
    """Take a version back for good; if it is in force, the one before it comes back."""
    done = at_desk(lambda desk: desk.withdraw(NAME, version, by=by, note=note), as_json)
    tell(done, as_json, f"派线策略第 {version} 版已撤回。", *_in_force(done))


@routing.command("list", epilog="Example: hotline routing list --json")
def list_versions(as_json: AsJson = False) -> None:
    """List every version of the policy with its state, and the releases it came with."""
    show_book(_own(at_desk(lambda desk: desk.book(), as_json)), as_json)


@routing.command("show", epilog="Example: hotline routing show 2 > routing.yaml")
def show(version: Number, as_json: AsJson = False) -> None:
    """Print the text of a version as it was submitted."""
    text = at_desk(lambda desk: desk.text(NAME, version), as_json)
    if as_json:
        print_json({"version": version, "text": text})
    else:
        typer.echo(text, nl=not text.endswith("\n"))


@routing.command("diff", epilog="Example: hotline routing diff 2")
def diff(
    first: Annotated[int, typer.Argument(metavar="V1", min=1, help="A version.")],
    second: Annotated[
        int | None,
        typer.Argument(metavar="[V2]", min=1, help="Its successor; else V1 against that in force."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tell what a version changes: in words, and line by line."""
    old, new = (None, first) if second is None else (first, second)
    show_diff(at_desk(lambda desk: desk.compare(NAME, old, new), as_json), as_json)


def _number(done: Done) -> int:
    version = done.change.version
    assert version is not None
    return version.version


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


def _in_force(done: Done) -> list[str]:
    release = done.change.release
    if release is None:
        return ["现行策略没有变化。"]
    if done.is_held_back:
        return [
            f"第 {release.release} 次发布已记下，但仍有以上错误，",
            "改正之前各控制程序沿用原来的策略。",
        ]
    return [f"第 {release.release} 次发布生效：一秒之内按新策略派线，排队的位置和时间不变。"]
