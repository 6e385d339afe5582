"""Follows the queue log on disk, from where the last run stopped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from callcenter.asterisk.journal import Story, parse

MOST_AT_ONCE = 8 * 1024 * 1024  # bytes read in one go, so that a long absence does not fill memory


class JournalReader:
    """Hands out the story of each call once it has ended.

    The place kept on disk is the first line of the oldest call that has not ended: a new run tells
    its story whole.
    """

    def __init__(self, log: Path, mark: Path) -> None:
        """`log` is Asterisk's queue log, `mark` our bookmark in it."""
        self._log = log
        self._mark = mark
        self._inode = 0
        self._offset = 0
        self._open: dict[str, tuple[int, Story]] = {}
        self._restore()

    def _restore(self) -> None:
        try:
            mark = json.loads(self._mark.read_text())
            self._inode, self._offset = int(mark["inode"]), int(mark["offset"])
        except (OSError, ValueError, KeyError, TypeError):
            return

    def ended(self) -> Iterator[Story]:
        """Stories that ended since the last look. Call `keep` once they are dealt with."""
        try:
            status = self._log.stat()
        except OSError:
            return
        if status.st_ino != self._inode or status.st_size < self._offset:
            self._inode, self._offset = status.st_ino, 0  # rotated or new
            self._open.clear()
        with self._log.open("rb") as log:
            log.seek(self._offset)
            data = log.read(MOST_AT_ONCE)
        whole, _, _ = data.rpartition(b"\n")
        at = self._offset
        for line in whole.split(b"\n") if whole else ():
            story = self._take(line.decode("utf-8", "replace"), at)
            at += len(line) + 1
            if story is not None:
                yield story
        self._offset = at

    def _take(self, line: str, at: int) -> Story | None:
        entry = parse(line)
        if entry is None:
            return None
        _, story = self._open.setdefault(entry.call_id, (at, Story(entry.call_id)))
        story.entries.append(entry)
        if entry.event != "ENDED":
            return None
        del self._open[entry.call_id]
        return story

    def picked_up_at(self, call_id: str) -> datetime | None:
        """When a seat of the fallback queue took a call that goes on, as far as was read."""
        _, story = self._open.get(call_id, (0, Story(call_id)))
        connected = story.first("CONNECT")
        return connected.at if connected else None

    def keep(self, *, live: set[str]) -> None:
        """Write the bookmark. Calls not `live` that have no end of their own are let go:
        Asterisk itself died under them."""
        for call_id in [c for c in self._open if c not in live]:
            del self._open[call_id]
        offset = min((at for at, _ in self._open.values()), default=self._offset)
        new = self._mark.with_suffix(".new")
        new.write_text(json.dumps({"inode": self._inode, "offset": offset}))
        new.replace(self._mark)
