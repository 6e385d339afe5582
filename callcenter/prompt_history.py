"""Earlier recordings of a site's prompts: kept when others take their place, and put back."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

KEPT: Final = ".kept"
_ENDINGS: Final = (".wav", ".wav16")  # 8 and 16 kHz of the same voice
_STAMP: Final = "%Y%m%dT%H%M%S"


class NoRecording(LookupError):
    """There is no such earlier recording."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A recording that was heard once; `id` names it among those of its prompt."""

    id: str
    recorded_at: datetime
    file: Path


def keep(own: Path, prompt_id: str) -> None:
    """Keep what is heard now, if it is the site's own, before another takes its place.

    It is named by when it was recorded, so that one put back and replaced again stays one.
    """
    current = own / f"{prompt_id}.wav"
    if not current.is_file():
        return
    stamp = datetime.fromtimestamp(current.stat().st_mtime, UTC).strftime(_STAMP)
    folder = own / KEPT
    folder.mkdir(exist_ok=True)
    for ending in _ENDINGS:
        file = own / f"{prompt_id}{ending}"
        if file.is_file():
            shutil.copy2(file, folder / f"{prompt_id}-{stamp}{ending}")


def earlier(own: Path, prompt_id: str) -> list[Earlier]:
    """All that were kept of a prompt and are not heard now, the newest first."""
    current = own / f"{prompt_id}.wav"
    heard = int(current.stat().st_mtime) if current.is_file() else None
    found = []
    for file in (own / KEPT).glob(f"{prompt_id}-*.wav"):
        stamp = file.stem.removeprefix(f"{prompt_id}-")
        try:
            at = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
        except ValueError:
            continue  # of a prompt whose name begins alike
        if int(at.timestamp()) != heard:
            found.append(Earlier(stamp, at, file))
    return sorted(found, key=lambda one: one.recorded_at, reverse=True)


def counts(own: Path) -> Counter[str]:
    """How many were kept of each prompt that is not the packaged voice alone."""
    names = (file.stem.rpartition("-")[0] for file in (own / KEPT).glob("*.wav"))
    return Counter(name for name in names if earlier(own, name))


def put_back(own: Path, prompt_id: str, version: str) -> None:
    """An earlier recording in the place of what is heard now, which is kept. Raises NoRecording."""
    found = next((one for one in earlier(own, prompt_id) if one.id == version), None)
    if found is None:
        raise NoRecording(version)
    keep(own, prompt_id)
    for ending in _ENDINGS:
        new = own / f".{prompt_id}{ending}.{os.getpid()}"
        shutil.copy2(found.file.with_suffix(ending), new)
        new.replace(own / f"{prompt_id}{ending}")
