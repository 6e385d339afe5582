"""What is kept of flows as people wrote them: versions, releases, the log. Data only.

A version is one text of one flow. A release is what calls hear: a published version of each flow,
all together, under a number that counts up.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

import msgspec

State = Literal["draft", "in_review", "published", "withdrawn"]
Move = Literal["submit", "review", "publish", "withdraw", "rollback"]

STATE_NAMES: Final[Mapping[State, str]] = {
    "draft": "草稿",
    "in_review": "审核中",
    "published": "已发布",
    "withdrawn": "已撤回",
}
FROM_FILES: Final = "repository"  # author of what came with the program
MAX_NAME: Final = 40
MAX_NOTE: Final = 500


class MoveRefused(Exception):
    """A move that may not be made: a stable `reason`, and one Chinese sentence."""

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One text of one flow, without the text. Times are aware UTC."""

    flow: str
    version: int
    author: str
    state: State
    note: str
    created_at: datetime
    reviewer: str | None = None
    decided_at: datetime | None = None


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """What calls hear: `flows` is flow → version. `since`: the release that it repeats."""

    release: int
    flows: dict[str, int]
    by: str
    note: str
    at: datetime
    since: int | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the log: who did what when."""

    at: datetime
    by: str
    move: Move
    note: str
    flow: str | None = None
    version: int | None = None
    release: int | None = None


class Change(msgspec.Struct, frozen=True):
    """What a move writes down: a version new or moved, a release, and the line of the log."""

    entry: Entry
    version: Version | None = None
    release: Release | None = None


class Book(msgspec.Struct, frozen=True):
    """All versions, and all releases in order."""

    versions: Mapping[tuple[str, int], Version]
    releases: tuple[Release, ...]

    @property
    def in_force(self) -> Release | None:
        """The newest release; None: the files of the repository, not yet taken over."""
        return self.releases[-1] if self.releases else None

    def next_version(self, flow: str) -> int:
        """The number that the next text of this flow must carry."""
        return max((n for of, n in self.versions if of == flow), default=0) + 1

    def after(self, change: Change) -> Book:
        """The book with the change written down."""
        versions, releases = dict(self.versions), self.releases
        if one := change.version:
            versions[one.flow, one.version] = one
        if change.release:
            releases = (*releases, change.release)
        return Book(versions, releases)


def person(name: str) -> str:
    """A name as it is kept. Raises MoveRefused."""
    name = " ".join(unicodedata.normalize("NFKC", name).split())
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise MoveRefused("bad_name", f"姓名应为 1 至 {MAX_NAME} 个字。")
    return name


def remark(text: str, *, needed: bool = True) -> str:
    """A note as it is kept: one line. Raises MoveRefused."""
    text = " ".join(text.split())
    if (needed and not text) or len(text) > MAX_NOTE or not text.isprintable():
        least = 1 if needed else 0
        raise MoveRefused("bad_note", f"说明应为 {least} 至 {MAX_NOTE} 个字。")
    return text


def is_same_person(one: str, other: str) -> bool:
    """Whether two names are one person's, however they are typed."""
    return person(one).casefold() == person(other).casefold()
