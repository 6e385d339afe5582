"""What `hotline flow` and `hotline routing` do alike to something that is kept in versions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from callcenter.flows.terminal import at_desk, print_json, read, show_diff, tell

if TYPE_CHECKING:
    from callcenter.flows.desk import Compared, Done, FlowDesk

Author = Annotated[str, typer.Option("--author", help="Who wrote it.")]
Number = Annotated[int, typer.Argument(metavar="VERSION", min=1, help="As in hotline flow list.")]
By = Annotated[str, typer.Option("--by", help="Who does it.")]
Reviewer = Annotated[str, typer.Option("--reviewer", help="Who reviews it; not the author.")]
Note = Annotated[str, typer.Option("--note", help="Why, for the log.")]
Found = Annotated[str, typer.Option("--note", help="What was found.")]
First = Annotated[int, typer.Argument(metavar="V1", min=1, help="A version.")]
Second = Annotated[
    int | None,
    typer.Argument(metavar="[V2]", min=1, help="Its successor; else V1 against that in force."),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object, of refusals too.")]


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What becomes of calls, by what was decided."""

    none: str
    held_back: tuple[str, str]
    holds: str

    def said(self, done: Done) -> list[str]:
        """For the person who decided it."""
        release = done.change.release
        if release is None:
            return [self.none]
        noted = f"第 {release.release} 次发布"
        if done.is_held_back:
            first, rest = self.held_back
            return [f"{noted}已记下，但{first}", rest]
        return [f"{noted}生效：{self.holds}"]


@dataclass(frozen=True, kw_only=True)
class Document:
    """`title` is its name in sentences, `command` and `given` how it is typed: `hotline flow` …
    `main`. Each method is one command to its end.
    """

    name: str
    title: str
    command: str
    given: str
    effect: Effect

    def review(self, version: int, *, reviewer: str, note: str, as_json: bool) -> None:
        """Take a draft into review."""

        async def work(desk: FlowDesk) -> tuple[Done, Compared]:
            done = await desk.review(self.name, version, by=reviewer, note=note)
            return done, await desk.compare(self.name, None, version)

        done, found = at_desk(work, as_json)
        signed = f"{reviewer} --note 说明"
        tell(
            done,
            as_json,
            f"{self.title}第 {version} 版进入审核（审核人 {reviewer}）。",
            f"逐行对照：{self._typed('diff', version)}",
            f"同意上线：{self._typed('publish', version)} --reviewer {signed}",
            f"不同意：{self._typed('withdraw', version)} --by {signed}",
            compared=found,
        )

    def publish(self, version: int, *, reviewer: str, note: str, as_json: bool) -> None:
        """Bring a reviewed version into force."""
        done = at_desk(
            lambda desk: desk.publish(self.name, version, by=reviewer, note=note), as_json
        )
        self._tell(done, as_json, f"第 {version} 版已发布。")

    def withdraw(self, version: int, *, by: str, note: str, as_json: bool) -> None:
        """Take a version back for good."""
        done = at_desk(lambda desk: desk.withdraw(self.name, version, by=by, note=note), as_json)
        self._tell(done, as_json, f"第 {version} 版已撤回。")

    def show(self, version: int, *, as_json: bool) -> None:
        """Print the text of a version as it was submitted."""
        from callcenter.flows import shown

        async def ask(desk: FlowDesk) -> tuple[str, Any]:
            text = await desk.text(self.name, version)
            return text, (await desk.book()).versions[self.name, version]

        text, one = at_desk(ask, as_json)
        if as_json:
            print_json({**shown.version_json(one), "text": text})
        else:
            typer.echo(text, nl=not text.endswith("\n"))

    def diff(self, first: int, second: int | None, *, as_json: bool) -> None:
        """Tell what a version changes: against that in force, or between two."""
        old, new = (None, first) if second is None else (first, second)
        show_diff(at_desk(lambda desk: desk.compare(self.name, old, new), as_json), as_json)

    def submitted(self, done: Done, found: Compared, as_json: bool) -> None:
        """Tell of a new draft, and how it goes on."""
        version = done.change.version
        assert version is not None
        tell(
            done,
            as_json,
            f"{self.title}第 {version.version} 版已存为草稿（作者 {version.author}）。",
            f"下一步由他人审核：{self._typed('review', version.version)} --reviewer 姓名",
            compared=found,
        )

    def _tell(self, done: Done, as_json: bool, sentence: str) -> None:
        tell(done, as_json, self.title + sentence, *self.effect.said(done))

    def _typed(self, what: str, version: int) -> str:
        return f"{self.command} {what} {self.given}{version}"


def submit(
    file: Path, keep: Callable[[FlowDesk, bytes], Awaitable[Done]], *, as_json: bool
) -> tuple[Done, Compared]:
    """Keep what the file holds as a draft, and compare it with what is in force."""
    raw = read(file)

    async def work(desk: FlowDesk) -> tuple[Done, Compared]:
        done = await keep(desk, raw)
        version = done.change.version
        assert version is not None
        return done, await desk.compare(version.flow, None, version.version)

    return at_desk(work, as_json)
