"""Where people set emergency notices: tried by ear first, set, switched off and on, taken back."""

from __future__ import annotations

import secrets
import tempfile
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal, Protocol
from zoneinfo import ZoneInfo

import msgspec

from callcenter.notice_sound import record
from callcenter.notices import (
    Notice,
    Notices,
    clear_notice,
    load_notices,
    notice_folder,
    sound_fault,
    write_notice,
)
from callcenter.sounds import ENDINGS, lay_in, prepare
from ivr_flows.prompts.texts import PromptFault

ZONE: Final = ZoneInfo("Asia/Shanghai")  # all of China
MOST_TRIED: Final = 10
LONGEST_TEXT: Final = 300

State = Literal["active", "waiting", "over", "off", "faulty"]


class NoNotice(LookupError):
    """There is no such notice, or what was tried is forgotten."""


class Unplayable(Exception):
    """Callers would hear nothing of it; why."""


class Speaks(Protocol):
    """Speaks a text into `<stem>.wav` and `.wav16` (callcenter.speaking.speak_apart)."""

    def __call__(self, stem: Path, *, text: str, language: str, cache: Path) -> tuple[str, ...]:
        """What was done, a line each."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A notice that can be heard and is not set yet. `done`: how its audio came about."""

    id: str
    text: str
    language: str
    audio: dict[str, bytes]
    done: tuple[str, ...]
    spoken: bool

    @property
    def seconds(self) -> float:
        """How long it plays: 8 kHz, 16 bit behind a short header."""
        return round(max(0, len(self.audio[".wav"]) - 44) / 16_000, 1)


@dataclass(frozen=True, slots=True)
class Listed:
    """A notice as it stands. `heard`: callers hear it now; of many only the newest."""

    notice: Notice
    state: State
    heard: bool
    seconds: float


class NoticeDesk:
    """One per process. The methods do file work: call them in a thread."""

    def __init__(self, home: Path, *, cache: Path, speaks: Speaks | None) -> None:
        """`speaks`: None where no voice is installed."""
        self._home = home
        self._cache = cache
        self._speaks = speaks
        self._tried: OrderedDict[str, Tried] = OrderedDict()

    @property
    def can_speak(self) -> bool:
        """Whether a text alone is enough."""
        return self._speaks is not None

    def every(self, now: datetime) -> list[Listed]:
        """All notices, the newest first."""
        played = Notices(self._home).in_force(now)
        found = []
        for notice in load_notices(self._home):
            fault = sound_fault(notice, self._home) if now < notice.until else None
            file = self._own(notice).with_name(f"{notice.prompt}.wav")
            size = file.stat().st_size if file.is_file() else 0
            seconds = round(max(0, size - 44) / 16_000, 1)
            heard = notice.prompt in played.get(notice.language, ())
            found.append(Listed(notice, state_of(notice, now, fault), heard, seconds))
        return found[::-1]

    def one(self, notice_id: str) -> Notice:
        """A notice by its id. Raises NoNotice."""
        for notice in load_notices(self._home):
            if notice.id == notice_id:
                return notice
        raise NoNotice(notice_id)

    def audio(self, notice_id: str) -> Path:
        """The file that callers hear, 8 kHz. Raises NoNotice."""
        notice = self.one(notice_id)
        file = self._own(notice).with_name(f"{notice.prompt}.wav")
        if not file.is_file():
            raise NoNotice(notice_id)
        return file

    def speak(self, text: str, language: str) -> Tried:
        """The text spoken. Raises PromptFault, notice_sound.NoVoice."""
        speaks = self._speaks
        assert speaks is not None
        return self._try(
            text,
            language,
            lambda stem: speaks(stem, text=text, language=language, cache=self._cache),
            spoken=True,
        )

    def record(self, recording: Path, text: str, language: str) -> Tried:
        """A recording made ready. Raises PromptFault."""
        try:
            return self._try(
                text,
                language,
                lambda stem: record(stem, recording, text=text, language=language),
                spoken=False,
            )
        except PromptFault as fault:
            # Where the upload lay for a moment is nobody's business.
            raise PromptFault(str(fault).removeprefix(f"{recording}: ")) from None

    def _try(
        self, text: str, language: str, make: Callable[[Path], tuple[str, ...]], *, spoken: bool
    ) -> Tried:
        with tempfile.TemporaryDirectory(prefix="hotline-notice-") as folder:
            done = make(Path(folder) / "notice")
            audio = {ending: (Path(folder) / f"notice{ending}").read_bytes() for ending in ENDINGS}
        tried = Tried(secrets.token_urlsafe(12), text, language, audio, done, spoken)
        self._tried[tried.id] = tried
        while len(self._tried) > MOST_TRIED:
            self._tried.popitem(last=False)
        return tried

    def tried(self, tried_id: str) -> Tried:
        """What was tried a while ago. Raises NoNotice."""
        try:
            return self._tried[tried_id]
        except KeyError:
            raise NoNotice(tried_id) from None

    def put(
        self, tried: Tried, *, since: datetime, until: datetime, by: str, now: datetime
    ) -> Notice:
        """Put it in force from its time on. Raises Unplayable, OSError."""
        notice_id = free_id(self._home, now, tried.language)
        made = Notice(notice_id, tried.language, tried.text, since, until, now, by=by)
        stem = self._own(made)
        stem.parent.mkdir(parents=True, exist_ok=True)
        for ending, content in tried.audio.items():
            stem.with_name(f"{made.prompt}{ending}").write_bytes(content)
        in_force(self._home, made)
        self._tried.pop(tried.id, None)
        return made

    def change(self, notice: Notice) -> None:
        """Write down a notice with other times, or switched off or on."""
        write_notice(self._home, notice)

    def copy(self, notice: Notice, audio: bytes) -> None:
        """Another node's notice, with its audio of 8 kHz. Raises Unplayable, OSError."""
        stem = self._own(notice)
        stem.parent.mkdir(parents=True, exist_ok=True)
        stem.with_name(f"{notice.prompt}.wav").write_bytes(audio)
        in_force(self._home, notice)

    def clear(self, notice: Notice) -> None:
        """Take it back with its audio."""
        clear_notice(self._home, notice)

    def _own(self, notice: Notice) -> Path:
        return self._home / "prompts" / notice.language / notice.prompt


def in_force(home: Path, notice: Notice) -> None:
    """Lay a notice's audio out and write it down. Raises Unplayable: then nothing is left of it."""
    if not lay_in(home, notice.prompt, notice.language):
        prepare(home)  # nothing runs here, or not in this language yet
    if fault := sound_fault(notice, home):
        clear_notice(home, notice)
        raise Unplayable(fault)
    write_notice(home, notice)


def state_of(notice: Notice, now: datetime, fault: str | None) -> State:
    """What becomes of a notice now."""
    if fault is not None:
        return "faulty"
    if now >= notice.until:
        return "over"
    if not notice.is_on:
        return "off"
    return "active" if notice.since <= now else "waiting"


def free_id(home: Path, now: datetime, language: str) -> str:
    """The id of a new notice: its second, and the language it is in."""
    base = f"{now.astimezone(ZONE):%Y%m%d_%H%M%S}_{language[:2]}"
    taken = {file.stem for file in notice_folder(home).glob("*.json")}
    ids = (base if not number else f"{base}_{number}" for number in range(len(taken) + 1))
    return next(name for name in ids if name not in taken)


def changed(notice: Notice, *, since: datetime, until: datetime, is_on: bool, by: str) -> Notice:
    """The notice with other times, or switched; `by` is who did so."""
    return msgspec.structs.replace(notice, since=since, until=until, is_on=is_on, by=by)
