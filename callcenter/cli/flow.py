"""`hotline flow`: a flow's text from its author through a reviewer to the callers, and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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

flow = typer.Typer(
    help="Flows as versions: submit, review, publish, list, show, diff, rollback, withdraw, log.",
    no_args_is_help=True,
)

FlowName = Annotated[str, typer.Argument(metavar="FLOW", help="Name of the flow, as main.")]


def add(app: typer.Typer) -> None:
    """Register `hotline flow …` on the root app."""
    app.add_typer(flow, name="flow")


@flow.command(
    "submit", epilog="Example: hotline flow submit main.yaml --author 李梅 --note 新增法律援助"
)
def submit(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A flow file, its version raised.")],
    author: Annotated[str, typer.Option("--author", help="Who wrote it.")],
    note: Note,
    as_json: AsJson = False,
) -> None:
    """Check a text and keep it as a draft; every fault as `file:line: where: what`, exit 1."""
    raw = read(file)

    async def work(desk: FlowDesk) -> tuple[Done, Compared]:
        done = await desk.submit(raw, shown=str(file), author=author, note=note)
        version = done.change.version
        assert version is not None
        return done, await desk.compare(version.flow, None, version.version)

    done, found = at_desk(work, as_json)
    version = done.change.version
    assert version is not None
    name = f"{version.flow} {version.version}"
    tell(
        done,
        as_json,
        f"{version.flow} 第 {version.version} 版已存为草稿（作者 {version.author}）。",
        f"下一步由他人审核：hotline flow review {name} --reviewer 姓名",
        compared=found,
    )


@flow.command("review", epilog="Example: hotline flow review main 2 --reviewer 王强")
def review(
    name: FlowName,
    version: Number,
    reviewer: Reviewer,
    note: Annotated[str, typer.Option("--note", help="What was found.")] = "",
    as_json: AsJson = False,
) -> None:
    """Take a draft into review: somebody else than its author looks at what it changes."""

    async def work(desk: FlowDesk) -> tuple[Done, Compared]:
        done = await desk.review(name, version, by=reviewer, note=note)
        return done, await desk.compare(name, None, version)

    done, found = at_desk(work, as_json)
    tell(
        done,
        as_json,
        f"{name} 第 {version} 版进入审核（审核人 {reviewer}）。",
        f"逐行对照：hotline flow diff {name} {version}",
        f"同意上线：hotline flow publish {name} {version} --reviewer {reviewer} --note 说明",
        f"不同意：hotline flow withdraw {name} {version} --by {reviewer} --note 说明",
        compared=found,
    )


@flow.command(
    "publish", epilog="Example: hotline flow publish main 2 --reviewer 王强 --note 12月1日启用"
)
def publish(
    name: FlowName, version: Number, reviewer: Reviewer, note: Note, as_json: AsJson = False
) -> None:
    """Bring a reviewed version to the next call of every controller, within a second."""
    done = at_desk(lambda desk: desk.publish(name, version, by=reviewer, note=note), as_json)
    tell(done, as_json, f"{name} 第 {version} 版已发布。", *_in_force(done))


@flow.command("rollback", epilog="Example: hotline flow rollback --by 王强 --note 提示语有误")
def rollback(
    by: By,
    to: Annotated[
        int | None,
        typer.Option(
            metavar="RELEASE", min=0, help="As in hotline flow list; else the one before."
        ),
    ] = None,
    note: Annotated[str, typer.Option("--note", help="Why, for the log.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make an older release heard again on the next call of every controller."""
    done = at_desk(lambda desk: desk.rollback(to, by=by, note=note), as_json)
    release = done.change.release
    assert release is not None
    tell(done, as_json, f"已回退到第 {release.since} 次发布的内容。", *_in_force(done))


@flow.command("withdraw", epilog="Example: hotline flow withdraw main 2 --by 王强 --note 有误")
def withdraw(name: FlowName, version: Number, by: By, note: Note, as_json: AsJson = False) -> None:
    """Take a version back for good; if calls hear it, the one before it comes back."""
    done = at_desk(lambda desk: desk.withdraw(name, version, by=by, note=note), as_json)
    tell(done, as_json, f"{name} 第 {version} 版已撤回。", *_in_force(done))


@flow.command("list", epilog="Example: hotline flow list --json")
def list_versions(as_json: AsJson = False) -> None:
    """List every version with its state, and the last releases."""
    show_book(at_desk(lambda desk: desk.book(), as_json), as_json)


@flow.command("show", epilog="Example: hotline flow show main 2 > main.yaml")
def show(name: FlowName, version: Number, as_json: AsJson = False) -> None:
    """Print the text of a version as it was submitted; --json: with its author and state."""
    from callcenter.flows import shown

    async def ask(desk: FlowDesk) -> tuple[str, Any]:
        text = await desk.text(name, version)
        return text, (await desk.book()).versions[name, version]

    text, one = at_desk(ask, as_json)
    if as_json:
        print_json({**shown.version_json(one), "text": text})
    else:
        typer.echo(text, nl=not text.endswith("\n"))


@flow.command("diff", epilog="Example: hotline flow diff main 2")
def diff(
    name: FlowName,
    first: Annotated[int, typer.Argument(metavar="V1", min=1, help="A version.")],
    second: Annotated[
        int | None,
        typer.Argument(metavar="[V2]", min=1, help="Its successor; else V1 against that in force."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tell what a version changes: in words, and line by line."""
    old, new = (None, first) if second is None else (first, second)
    show_diff(at_desk(lambda desk: desk.compare(name, old, new), as_json), as_json)


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


def _in_force(done: Done) -> list[str]:
    release = done.change.release
    if release is None:
        return ["现行内容没有变化。"]
    if done.is_held_back:
        return [
            f"第 {release.release} 次发布已记下，但其他流程仍有以上错误，",
            "改正之前各控制程序沿用原来的流程。",
        ]
    return [f"第 {release.release} 次发布生效：新来电一秒之内听到新内容，进行中的通话照旧。"]
