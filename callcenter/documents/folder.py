"""The province folder as a place where documents are changed: one at a time, each whole."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from callcenter.settings import DEMO_PROVINCE, Settings

MARK: Final = ".published"
"""Written last: every controller of this province looks at it and takes the folder up anew."""

KEPT: Final = ".kept"
"""What the documents said before: `seats-20261122T060000-<revision>.yaml`, by when it ended."""


class DocumentChanged(Exception):
    """Somebody else has changed the document meanwhile; nothing was written."""


@dataclass(frozen=True, slots=True)
class Document:
    """One file of the province; `revision` is another for every other text."""

    name: str
    text: str
    revision: str


class ProvinceFolder:
    """Reads and changes the documents. The methods do file work: call them in a thread."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @property
    def path(self) -> Path:
        """Where the documents lie now."""
        return self._settings.province

    def read(self, name: str) -> Document:
        """A document; an empty text where there is no such file. Raises OSError."""
        try:
            text = (self.path / name).read_bytes().decode("utf-8")
        except FileNotFoundError:
            text = ""
        return Document(name, text, revision_of(text))

    def write(self, name: str, text: str, *, revision: str, by: str, at: datetime) -> Document:
        """Put the text in the place of this revision, and have all controllers take it up.

        The text before is kept beside it. Raises DocumentChanged, OSError.
        """
        self._make_own()
        with self._alone():
            before = self.read(name)
            if before.revision != revision:
                raise DocumentChanged(name)
            if before.text:
                kept = self.path / KEPT
                kept.mkdir(exist_ok=True)
                stem, ending = name.rsplit(".", 1)
                stamp = f"{at:%Y%m%dT%H%M%S}"
                _put(kept / f"{stem}-{stamp}-{before.revision}.{ending}", before.text)
            _put(self.path / name, text)
            _put(self.path / MARK, json.dumps({"at": at.isoformat(), "by": by, "file": name}))
        return self.read(name)

    def mark(self) -> tuple[int, int] | None:
        """Another value after each change that was written; None before the first."""
        try:
            found = (self.path / MARK).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino

    def _make_own(self) -> None:
        """The demo province is the program's: the first change is made in a copy."""
        if self.path != DEMO_PROVINCE:
            return
        own = self._settings.home / "province"
        new = own.with_name(f"province.{os.getpid()}")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        for file in DEMO_PROVINCE.glob("*.yaml"):
            (new / file.name).write_bytes(file.read_bytes())
        own.mkdir(exist_ok=True)
        # seats.yaml last: from then on the copy is the province.
        for file in sorted(new.iterdir(), key=lambda file: file.name == "seats.yaml"):
            os.replace(file, own / file.name)
        new.rmdir()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other process writes meanwhile."""
        handle = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def revision_of(text: str) -> str:
    """What a text is called while it is the newest."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _put(file: Path, text: str) -> None:
    new = file.with_name(f"{file.name}.{os.getpid()}")
    with new.open("wb") as out:
        out.write(text.encode())
        out.flush()
        os.fsync(out.fileno())
    if file.exists():
        shutil.copymode(file, new)
    os.replace(new, file)
