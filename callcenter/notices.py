"""Emergency notices: what every caller hears right after the greeting, from one time until another.

A notice is one file HOME/notices/<id>.json and its audio among the site's prompts, so that it works
without a database and needs no restart: each controller looks at the folder again and again.
"""

from __future__ import annotations

import json
import os
import wave
from array import array
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import msgspec
import structlog

from callcenter.sounds import sound_folder
from ivr_flows.names import HOME_LANGUAGE, LANGUAGES

log = structlog.get_logger()

LOOK_EVERY_S = 0.25
MOST_AT_ONCE = 3
"""So many notices are played one after another, the newest; a caller wants to be heard himself."""

_LEAST_PEAK = 300  # of 32767: below this (-41 dB) there is nothing to hear
_LEAST_S = 0.3

InForce = Mapping[str, tuple[str, ...]]
"""Prompt ids of the notices to be played now, by language."""


class Notice(msgspec.Struct, frozen=True):
    """One notice. Times are aware UTC; in force from `since` until right before `until`, unless it
    is switched off. `by`: who set or changed it last; empty: somebody at a shell.
    """

    id: str
    language: str
    text: str
    since: datetime
    until: datetime
    set_at: datetime
    by: str = ""
    is_on: bool = True

    @property
    def prompt(self) -> str:
        """The id of its audio among the prompts."""
        return f"notice_{self.id}"

    def is_in_force(self, now: datetime) -> bool:
        """Whether it is to be played now."""
        return self.is_on and self.since <= now < self.until


def notice_folder(home: Path) -> Path:
    """Where the notices are written down."""
    return home / "notices"


def load_notices(home: Path) -> Iterator[Notice]:
    """Every notice that is written down, oldest first; one that cannot be read is left out."""
    found = []
    for file in notice_folder(home).glob("*.json"):
        try:
            notice = msgspec.json.decode(file.read_bytes(), type=Notice)
        except (OSError, msgspec.MsgspecError) as fault:
            log.error("notice cannot be read", file=file.name, fault=str(fault))
            continue
        if notice.language in LANGUAGES and file.stem == notice.id:
            found.append(notice)
        else:
            log.error("notice is not of this house", file=file.name)
    yield from sorted(found, key=lambda notice: (notice.set_at, notice.id))


def write_notice(home: Path, notice: Notice) -> Path:
    """Write a notice down in one move, after its audio; the file written."""
    folder = notice_folder(home)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{notice.id}.json"
    scratch = file.with_suffix(".part")
    content: dict[str, Any] = msgspec.to_builtins(notice)
    scratch.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    scratch.replace(file)
    return file


def clear_notice(home: Path, notice: Notice) -> None:
    """Take a notice back; its audio goes a little later than it does."""
    (notice_folder(home) / f"{notice.id}.json").unlink(missing_ok=True)
    for folder in (sound_folder(home, notice.language), home / "prompts" / notice.language):
        for ending in (".wav", ".wav16"):
            (folder / f"{notice.prompt}{ending}").unlink(missing_ok=True)


def sound_fault(notice: Notice, home: Path) -> str | None:
    """Why a caller would hear nothing of this notice; None when he would hear it."""
    stem = sound_folder(home, notice.language) / notice.prompt
    for ending, rate in ((".wav", 8000), (".wav16", 16_000)):
        file = Path(f"{stem}{ending}")
        if ending == ".wav16" and not file.exists():
            continue  # then Asterisk plays the other one
        try:
            with wave.open(str(file), "rb") as audio:
                form = (audio.getframerate(), audio.getnchannels(), audio.getsampwidth())
                frames = audio.readframes(audio.getnframes())
                whole = len(frames) == 2 * audio.getnframes()
        except FileNotFoundError:
            return "has no audio"
        except (OSError, EOFError, wave.Error) as fault:
            return f"has audio that cannot be read: {fault or 'cut short'}"
        if form != (rate, 1, 2) or not whole:
            return "has audio that Asterisk cannot play, or only a part of it"
        samples = array("h", frames)
        if len(samples) < _LEAST_S * rate or max(max(samples), -min(samples)) < _LEAST_PEAK:
            return "has audio in which nothing is to be heard"
    return None


class Notices:
    """What is to be played now: looked up in memory, the folder is read when it has changed."""

    def __init__(self, home: Path, *, clock: Callable[[], float] = monotonic) -> None:
        """Nothing is read yet."""
        self._home = home
        self._clock = clock
        self._looked = -1.0
        self._seen: tuple[int, ...] | None = None
        self._playable: tuple[Notice, ...] = ()

    def in_force(self, now: datetime | None = None) -> InForce:
        """Notices to be played to callers of each language; one without its own hears the
        others' (zh-CN). Never raises: a caller must not suffer for a notice.
        """
        if self._clock() - self._looked >= LOOK_EVERY_S:
            self._looked = self._clock()
            self._look()
        if not self._playable:
            return {}
        now = now or datetime.now(UTC)
        spoken: dict[str, list[str]] = {}
        for notice in self._playable:
            if notice.is_in_force(now):
                spoken.setdefault(notice.language, []).append(notice.prompt)
        common = spoken.get(HOME_LANGUAGE, [])
        every = ((language, spoken.get(language, common)) for language in LANGUAGES)
        return {language: tuple(said[-MOST_AT_ONCE:]) for language, said in every if said}

    def _look(self) -> None:
        state = tuple(map(_changed_at, self._folders()))
        if state == self._seen:
            return
        self._seen = state
        playable = []
        for notice in load_notices(self._home):
            fault = sound_fault(notice, self._home)
            if fault is None:
                playable.append(notice)
            elif notice.until > datetime.now(UTC):
                log.error("notice is not played", notice=notice.id, fault=fault)
        self._playable = tuple(playable)

    def _folders(self) -> Iterator[Path]:
        yield notice_folder(self._home)
        for language in LANGUAGES:
            yield sound_folder(self._home, language)


def _changed_at(folder: Path) -> int:
    try:
        return os.stat(folder).st_mtime_ns
    except OSError:
        return 0
