"""Facts on their way to the database: numbered files of one JSON line per record.

What is promised: a record whose `append` returned survives a kill -9 of this process, for
the kernel has it. It is not synced to the disk by itself: losing the machine may lose the
last second that the database has not taken yet (it takes them once a second, and syncs each
time). Syncing every record would cost a call more than all its other work.
"""

import contextlib
import fcntl
import os
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Self

SEGMENT_BYTES = 4 << 20
SEGMENT_AGE_S = 60.0
HELD_RECORDS = 100_000  # kept in memory while the disk refuses them: about 200 MB at most
SUFFIX = ".jsonl"


class Spool:
    """The writing end. One per process; several processes may share the folder.

    Every instance starts a segment of its own and holds its lock (flock) for as long as it
    writes there: a segment whose lock is free has no writer left, even after a kill -9.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.appended = 0
        self.refused_writes = 0  # times the disk refused a record (it is held and tried again)
        self.lost = 0  # records given up because HELD_RECORDS were held already
        self._held: deque[bytes] = deque(maxlen=HELD_RECORDS)
        self._file: int | None = None
        self._size = 0
        self._opened_at = 0.0
        self._number = (
            0  # of the last segment: never used again, somebody may still delete that one
        )
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def held(self) -> int:
        """Records that the disk has refused so far; 0 when all is well."""
        return len(self._held)

    def append(self, record: bytes) -> None:
        """Add one line of JSON (without line end; ValueError otherwise) by a single write.

        Never raises for the disk's sake: a call must not end because a disk is full. What
        cannot be written is held in memory and tried again with the next record.
        """
        _check(record)
        self.lost += len(self._held) == HELD_RECORDS
        self._held.append(record + b"\n")
        self.flush()

    def add(self, record: bytes) -> bool:
        """As `append`, but False when the disk does not take it now: then it is not kept at all,
        and whoever waits for it must hear so."""
        _check(record)
        self.flush()
        if self._held:
            return False
        try:
            self._write(record + b"\n")
        except OSError:
            self.refused_writes += 1
            return False
        self.appended += 1
        return True

    def flush(self) -> None:
        """Write what is held; whoever drains the folder calls this too, so that it is tried
        again without a next record."""
        while self._held:
            try:
                self._write(self._held[0])
            except OSError:
                self.refused_writes += 1
                return
            self._held.popleft()
            self.appended += 1

    def rotate(self) -> None:
        """End the current segment; the next record starts a new one."""
        if self._file is not None:
            os.close(self._file)  # lets go of the lock
            self._file = None

    def rotate_if_due(self) -> None:
        """End the segment when it is large or old: only an ended one can be deleted."""
        age_s = time.monotonic() - self._opened_at
        if self._size >= SEGMENT_BYTES or (self._size and age_s >= SEGMENT_AGE_S):
            self.rotate()

    def close(self) -> None:
        """Let go of the segment; what is in it stays until it is drained."""
        self.flush()
        self.rotate()

    def _write(self, record: bytes) -> None:
        self.rotate_if_due()
        if self._file is None:
            self._open()
        assert self._file is not None
        written = os.write(self._file, record)
        self._size += written
        if written < len(record):
            # A full disk takes part of a line. Leave it as a torn last line, start afresh.
            self.rotate()
            raise OSError("short write")

    def _open(self) -> None:
        there = [0, *(int(path.stem) for path in segments(self.folder))]
        self._number = max(self._number, *there)
        while self._file is None:
            self._number += 1
            self._file = _claim(self.folder / f"{self._number:012}{SUFFIX}")
        self._size = 0
        self._opened_at = time.monotonic()


def _check(record: bytes) -> None:
    if b"\n" in record or not record:
        raise ValueError("a spool record is exactly one line")


def _claim(path: Path) -> int | None:
    """Make the segment and lock it; None when another process has the number or took the
    file for an abandoned one before it was locked."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
    try:
        file = os.open(path, flags, 0o600)
    except FileExistsError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file).st_nlink:
            return file
    except OSError:
        os.close(file)
        raise
    os.close(file)
    return None


def segments(folder: Path) -> list[Path]:
    """Segments in the order they were begun."""
    named = (path for path in folder.glob(f"*{SUFFIX}") if path.stem.isascii())
    return sorted((path for path in named if path.stem.isdigit()), key=lambda path: int(path.stem))


@contextlib.contextmanager
def abandoned(path: Path) -> Iterator[bool]:
    """Hold the segment's lock if nobody writes to it any more; False: it has a writer."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(file)
