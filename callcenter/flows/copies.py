"""Copies of the releases that this controller runs with, for a start without the database."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec
import structlog

log = structlog.get_logger()


class ReleaseCopies:
    """One JSON file {flow: text} a release. A disk that refuses is told and costs only the copy."""

    def __init__(self, folder: Path) -> None:
        """`folder` is made when the first copy is kept."""
        self._folder = folder

    def numbers(self) -> list[int]:
        """Releases that a copy is kept of."""
        return [int(file.stem) for file in self._folder.glob("*.json") if file.stem.isdigit()]

    def keep(self, release: int, texts: Mapping[str, str]) -> None:
        """Keep a copy, whole or not at all."""
        file = self._file(release)
        new = file.with_name(f"{file.name}.{os.getpid()}")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            new.write_bytes(msgspec.json.encode(dict(texts)))
            new.replace(file)
        except OSError as refused:
            log.warning("no copy of the release is kept", release=release, why=str(refused))

    def texts(self, release: int) -> dict[str, str] | None:
        """The texts of a release by flow; None when there is no copy that can be read."""
        try:
            return msgspec.json.decode(self._file(release).read_bytes(), type=dict[str, str])
        except (OSError, msgspec.MsgspecError):
            return None

    def drop(self, release: int) -> None:
        """No call uses this release any more."""
        try:
            self._file(release).unlink(missing_ok=True)
        except OSError as refused:
            log.warning("a copy of a release stays", release=release, why=str(refused))

    def _file(self, release: int) -> Path:
        return self._folder / f"{release}.json"
