"""The life of a flow's version: draft → in review → published → withdrawn. Rules only.

Publishing, rolling back and withdrawing what is in force each make the next release. Whoever keeps
the versions hands in the Book of all of them and writes down the Change; a move that may not be
made raises MoveRefused.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec

from ivr_flows.book import (
    FROM_FILES,
    STATE_NAMES,
    Book,
    Change,
    Entry,
    Move,
    MoveRefused,
    Release,
    State,
    Version,
    is_same_person,
    person,
    remark,
)

# Every legal move of a version: (move, state before) → state after; None: it is not there yet.
MOVES: Final[Mapping[tuple[Move, State | None], State]] = {
    ("submit", None): "draft",
    ("review", "draft"): "in_review",
    ("publish", "in_review"): "published",
    ("withdraw", "draft"): "withdrawn",
    ("withdraw", "in_review"): "withdrawn",
    ("withdraw", "published"): "withdrawn",
}
NEEDS_ANOTHER: Final = ("review", "publish")  # not by the author of the text


def opened(files: Mapping[str, int], now: datetime) -> Book:
    """The first book: the files of the repository (flow → version) as release 0."""
    note = "随程序提供"
    versions = {
        (flow, version): Version(
            flow=flow,
            version=version,
            author=FROM_FILES,
            state="published",
            note=note,
            created_at=now,
            decided_at=now,
        )
        for flow, version in sorted(files.items())
    }
    release = Release(release=0, flows=dict(files), by=FROM_FILES, note=note, at=now)
    return Book(versions, (release,))


def submitted(
    book: Book, flow: str, version: int, *, author: str, note: str, now: datetime
) -> Change:
    """A new text, as a draft."""
    if version != book.next_version(flow):
        raise MoveRefused(
            "number_taken", f"{flow} 的下一个版本号是 {book.next_version(flow)}，不是 {version}。"
        )
    made = Version(
        flow=flow,
        version=version,
        author=person(author),
        state=MOVES["submit", None],
        note=remark(note),
        created_at=now,
    )
    entry = Entry(at=now, by=made.author, move="submit", note=made.note, flow=flow, version=version)
    return Change(entry, made)


def reviewed(book: Book, flow: str, version: int, *, by: str, note: str, now: datetime) -> Change:
    """Somebody else takes the draft into review."""
    moved = _moved(book, flow, version, "review", by=by, now=now)
    return _change(moved, "review", by=by, note=note, now=now)


def published(
    book: Book, flow: str, version: int, *, by: str, note: str, now: datetime, seen: int
) -> Change:
    """The version goes live beside the other flows in force.

    `seen`: the release that was in force when it was looked at and checked.
    """
    moved = _moved(book, flow, version, "publish", by=by, now=now)
    before = _still(book, seen)
    flows = {**before.flows, flow: version}
    return _change(moved, "publish", by=by, note=note, now=now, flows=flows, after=before)


def withdrawn(
    book: Book, flow: str, version: int, *, by: str, note: str, now: datetime, seen: int | None
) -> Change:
    """The version shall not be heard (again); if it is in force, the one before it comes back.

    `seen`: as for `published`; None when nobody has looked, and the version is not in force.
    """
    moved = _moved(book, flow, version, "withdraw", by=by, now=now)
    before = book.in_force
    if before is None or before.flows.get(flow) != version:
        return _change(moved, "withdraw", by=by, note=note, now=now)
    flows = flows_without(book, flow, version)
    return _change(
        moved, "withdraw", by=by, note=note, now=now, flows=flows, after=_still(book, seen)
    )


def rolled_back(
    book: Book, to: int | None, *, by: str, note: str, now: datetime, seen: int
) -> Change:
    """An older release again, under a new number; without `to` the one before."""
    by, before = person(by), _still(book, seen)
    older = target_of_rollback(book, to)
    release = Release(
        release=before.release + 1,
        flows=older.flows,
        by=by,
        note=remark(note, needed=False),
        at=now,
        since=older.release,
    )
    entry = Entry(at=now, by=by, move="rollback", note=release.note, release=release.release)
    return Change(entry, None, release)


def restored(
    book: Book, flow: str, to: int | None, *, by: str, note: str, now: datetime, seen: int
) -> Change:
    """An older version of one text in force again, all others as they are, in a new release.

    `to` 0: none of them, where something else then holds; None: the one in force before.
    """
    by, before = person(by), _still(book, seen)
    heard = before.flows.get(flow, 0)
    to = _earlier(book, flow, heard) if to is None else to
    if to == heard:
        raise MoveRefused("nothing_to_do", f"{flow} 第 {to} 版就是现行版本。")
    if to and (flow, to) not in book.versions:
        raise MoveRefused("not_found", f"没有 {flow} 第 {to} 版。")
    if to and not _is_published(book, flow, to):
        state = STATE_NAMES[book.versions[flow, to].state]
        raise MoveRefused("wrong_state", f"{flow} 第 {to} 版{state}，不能回退到它。")
    flows = {name: version for name, version in before.flows.items() if name != flow}
    if to:
        flows[flow] = to
    note = remark(note, needed=False)
    release = Release(release=before.release + 1, flows=flows, by=by, note=note, at=now)
    entry = Entry(
        at=now,
        by=by,
        move="rollback",
        note=note,
        flow=flow,
        version=to,
        release=release.release,
    )
    return Change(entry, None, release)


def _earlier(book: Book, flow: str, heard: int) -> int:
    """The version that came into force before this one first did; 0: there was none.

    Going back twice goes on backwards, as with releases.
    """
    order: list[int] = []
    for release in book.releases:
        version = release.flows.get(flow, 0)
        if version not in order:
            order.append(version)
    if heard not in order or order[0] == heard:
        raise MoveRefused("nothing_before", f"{flow} 没有可以回退的版本。")
    before = order[: order.index(heard)]
    return next((one for one in reversed(before) if not one or _is_published(book, flow, one)), 0)


def target_of_rollback(book: Book, to: int | None) -> Release:
    """Release number `to`, or the newest one before that in force which may be heard again.

    A release that repeats an older one counts as that one: rolling back twice goes on backwards.
    """
    now = book.in_force
    if now is None:
        raise MoveRefused("nothing_before", "还没有发布过新版本，无可回退。")
    if to is None:
        origin = now.release if now.since is None else now.since
        earlier = [one for one in book.releases if one.release < origin]
        sound = [one for one in earlier if one.flows != now.flows and not _gone(book, one)]
        if not sound:
            raise MoveRefused("nothing_before", "现行发布之前没有可以回退的发布。")
        return sound[-1]
    found = next((one for one in book.releases if one.release == to), None)
    if found is None:
        raise MoveRefused("not_found", f"没有第 {to} 次发布。")
    if found.flows == now.flows:
        raise MoveRefused("nothing_to_do", f"第 {to} 次发布的内容就是现行内容。")
    for flow, version in _gone(book, found):
        raise MoveRefused("withdrawn", f"第 {to} 次发布含有已撤回的 {flow} 第 {version} 版。")
    return found


def flows_without(book: Book, flow: str, version: int) -> dict[str, int]:
    """What is in force when this version of a flow is not: the published one before it, if any."""
    rest = dict(book.releases[-1].flows)
    del rest[flow]
    for release in reversed(book.releases):
        earlier = release.flows.get(flow)
        if earlier not in (None, version) and _is_published(book, flow, earlier):
            return {**rest, flow: earlier}
    return rest


def _is_published(book: Book, flow: str, version: int) -> bool:
    return book.versions[flow, version].state == "published"


def _gone(book: Book, release: Release) -> list[tuple[str, int]]:
    return [one for one in release.flows.items() if not _is_published(book, *one)]


def _still(book: Book, seen: int | None) -> Release:
    """The release in force, if it is the one that was looked at."""
    now = book.in_force
    if now is None or now.release != seen:
        by = now.by if now else ""
        number = now.release if now else 0
        raise MoveRefused(
            "conflict", f"{by} 刚刚完成了第 {number} 次发布，请看过新的现行版本再操作。"
        )
    return now


def _moved(book: Book, flow: str, version: int, move: Move, *, by: str, now: datetime) -> Version:
    found, by = book.versions.get((flow, version)), person(by)
    if found is None:
        raise MoveRefused("not_found", f"没有 {flow} 第 {version} 版。")
    after = MOVES.get((move, found.state))
    if after is None:
        who = f"（{found.reviewer}）" if found.reviewer else ""
        state = STATE_NAMES[found.state]
        raise MoveRefused("wrong_state", f"{flow} 第 {version} 版{state}{who}，不能这样操作。")
    if move in NEEDS_ANOTHER and is_same_person(by, found.author):
        raise MoveRefused(
            "own_text", f"{found.author} 是 {flow} 第 {version} 版的作者，须由他人审核。"
        )
    reviewer = by if move in NEEDS_ANOTHER else found.reviewer
    return msgspec.structs.replace(found, state=after, reviewer=reviewer, decided_at=now)


def _change(
    moved: Version,
    move: Move,
    *,
    by: str,
    note: str,
    now: datetime,
    flows: dict[str, int] | None = None,
    after: Release | None = None,
) -> Change:
    by, note = person(by), remark(note, needed=move != "review")
    release = None
    if flows is not None and after is not None:
        release = Release(release=after.release + 1, flows=flows, by=by, note=note, at=now)
    entry = Entry(
        at=now,
        by=by,
        move=move,
        note=note,
        flow=moved.flow,
        version=moved.version,
        release=release.release if release else None,
    )
    return Change(entry, moved, release)
