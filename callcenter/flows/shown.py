"""Versions and releases as people read them in the terminal, and as programs read them (JSON)."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from callcenter.flows.desk import Compared, Done
from ivr_flows.book import FROM_FILES, STATE_NAMES, Book, Entry, Move, Release, Version

ZONE: Final = ZoneInfo("Asia/Shanghai")
MOVE_NAMES: Final[Mapping[Move, str]] = {
    "submit": "提交",
    "review": "审核",
    "publish": "发布",
    "withdraw": "撤回",
    "rollback": "回退",
}
RELEASES_SHOWN: Final = 10
_STYLES: Final = {"+": "green", "-": "red", "@": "cyan"}
_STATE_STYLES: Final = {"draft": "dim", "in_review": "yellow", "withdrawn": "red"}


def console() -> Console:
    """Standard output; a pipe has no width, so nothing is cut for it."""
    return Console(width=None if sys.stdout.isatty() else 200, highlight=False, soft_wrap=True)


def clock(at: datetime | None) -> str:
    """Shanghai time to the second."""
    return "" if at is None else at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S")


def who(name: str | None) -> str:
    """A person, or where the text came from."""
    return "随程序" if name == FROM_FILES else name or ""


def versions_table(book: Book) -> Table:
    """Every version, flow by flow, the newest first; those that calls hear are marked."""
    table = _table("流程", "版本", "状态", "作者", "审核人", "提交时间", "说明")
    heard = book.releases[-1].flows
    for one in _in_order(book):
        is_heard = heard.get(one.flow) == one.version
        style = "bold green" if is_heard else _STATE_STYLES.get(one.state, "")
        state = STATE_NAMES[one.state] + ("（现行）" if is_heard else "")
        cells = (one.flow, str(one.version), state, who(one.author), who(one.reviewer))
        table.add_row(*cells, clock(one.created_at), one.note, style=style)
    return table


def releases_table(book: Book) -> Table:
    """The last releases, the newest first."""
    table = _table("发布", "时间", "操作人", "内容", "说明")
    for one in book.releases[: -RELEASES_SHOWN - 1 : -1]:
        flows = "，".join(f"{flow} {version}" for flow, version in sorted(one.flows.items()))
        if one.since is not None:
            flows += f"（同第 {one.since} 次）"
        table.add_row(str(one.release), clock(one.at), who(one.by), flows, one.note)
    return table


def log_table(entries: Iterable[Entry]) -> Table:
    """Who did what when."""
    table = _table("时间", "操作人", "操作", "对象", "说明")
    for one in entries:
        what = f"{one.flow} {one.version}" if one.flow else ""
        if one.release is not None:
            what += f" → 第 {one.release} 次发布"
        table.add_row(clock(one.at), one.by, MOVE_NAMES[one.move], what.strip(), one.note)
    return table


def compared(found: Compared) -> Iterable[Text]:
    """The summary in words, then the unified diff in colours."""
    if not found.lines:
        yield Text("两个版本的文字相同。")
        return
    for one in found.words:
        yield Text(f"• {one.words}", style="bold")
    if not found.words:
        yield Text("• 只改了注释或排版，步骤没有变化", style="bold")
    yield Text()
    for line in found.lines:
        head = line.startswith(("---", "+++"))
        yield Text(line, style="bold" if head else _STYLES.get(line[:1], ""))


def version_json(one: Version) -> dict[str, Any]:
    """A version with its times in ISO 8601."""
    return {
        "flow": one.flow,
        "version": one.version,
        "state": one.state,
        "author": one.author,
        "reviewer": one.reviewer,
        "note": one.note,
        "created_at": one.created_at.isoformat(),
        "decided_at": one.decided_at.isoformat() if one.decided_at else None,
    }


def release_json(one: Release) -> dict[str, Any]:
    """A release with its time in ISO 8601."""
    return {
        "release": one.release,
        "flows": one.flows,
        "by": one.by,
        "note": one.note,
        "at": one.at.isoformat(),
        "since": one.since,
    }


def entry_json(one: Entry) -> dict[str, Any]:
    """A line of the log."""
    return {
        "at": one.at.isoformat(),
        "by": one.by,
        "move": one.move,
        "flow": one.flow,
        "version": one.version,
        "release": one.release,
        "note": one.note,
    }


def compared_json(found: Compared) -> dict[str, Any]:
    """What differs: `differences` in words, `diff` line by line."""
    words = [{"kind": one.kind, "step": one.step, "words": one.words} for one in found.words]
    return {
        "flow": found.flow,
        "old": found.old,
        "new": found.new,
        "differences": words,
        "diff": list(found.lines),
    }


def done_json(done: Done) -> dict[str, Any]:
    """A move that was made: the version it moved, the release it made."""
    version, release = done.change.version, done.change.release
    return {
        "version": version_json(version) if version else None,
        "release": release_json(release) if release else None,
        "faults": [str(fault) for fault in done.faults],
        "held_back": done.is_held_back,
    }


def book_json(book: Book) -> dict[str, Any]:
    """All versions, all releases, and which one is in force."""
    return {
        "in_force": book.releases[-1].release,
        "versions": [version_json(one) for one in _in_order(book)],
        "releases": [release_json(one) for one in reversed(book.releases)],
    }


def _in_order(book: Book) -> list[Version]:
    return sorted(book.versions.values(), key=lambda one: (one.flow, -one.version))


def _table(*columns: str) -> Table:
    table = Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False)
    for column in table.columns[:-1]:
        column.no_wrap = True
    return table
