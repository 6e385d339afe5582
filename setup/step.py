"""One step of the set-up: its progress line, its commands, its one-line fault."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

LOG_TAIL_BYTES = 4000


class Fault(Exception):
    """A step cannot be done; the text is one line with the way out."""


@dataclass(frozen=True)
class Place:
    """Where this set-up works: the checkout, the cache folder, the runtime folder."""

    checkout: Path
    cache: Path
    home: Path

    @property
    def venv(self) -> Path:
        """The virtual environment of this checkout."""
        return self.checkout / ".venv"

    @property
    def log(self) -> Path:
        """What the commands of the set-up said."""
        return self.home / "log" / "setup.log"


def place_from_environment() -> Place:
    """Take the folders from HOTLINE_CACHE and HOTLINE_HOME, as the settings do."""
    checkout = Path(__file__).resolve().parent.parent

    def folder(name: str, default: str) -> Path:
        return checkout / Path(os.environ.get(name) or default).expanduser()

    return Place(
        checkout=checkout,
        cache=folder("HOTLINE_CACHE", "~/.cache/hotline"),
        home=folder("HOTLINE_HOME", ".runtime"),
    )


def run_step(*, number: int, of: int, title: str, work: Callable[[], str]) -> None:
    """Do `work` under one progress line; its result and the time taken end the line."""
    print(f"[{number}/{of}] {title} … ", end="", flush=True)
    began = time.monotonic()
    try:
        result = work()
    except BaseException:
        print("not done")
        raise
    print(f"{result} ({time.monotonic() - began:.1f} s)", flush=True)


def run_command(
    argv: Sequence[str | Path], *, log: Path, env: dict[str, str] | None = None
) -> bool:
    """Run a command to its end, everything it says appended to `log`; True when it succeeded."""
    log.parent.mkdir(parents=True, exist_ok=True)
    words = [str(word) for word in argv]
    with log.open("ab") as out:
        out.write(f"\n$ {' '.join(words)}\n".encode())
        out.flush()
        try:
            done = subprocess.run(
                words,
                stdin=None if sys.stdin.isatty() else subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env=env,
                check=False,
            )
        except OSError as unable:
            out.write(f"{unable}\n".encode())
            return False
    return done.returncode == 0


def last_error(log: Path) -> str:
    """The line of the log that most likely says why; at most 200 characters."""
    text = log.read_bytes()[-LOG_TAIL_BYTES:].decode("utf-8", "replace")
    lines = [line.strip() for line in text.split("\n$ ")[-1].splitlines()[1:] if line.strip()]
    marked = [line for line in lines if line.startswith(("E:", "ERROR", "Error", "OSError"))]
    return ((marked or lines or ["no output"])[-1])[:200]


def need_space(folder: Path, *, megabytes: int, for_what: str, setting: str) -> None:
    """Stop before a disk runs full; `setting` names how to go elsewhere."""
    existing = folder
    while not existing.exists():
        existing = existing.parent
    free = shutil.disk_usage(existing).free // 1_000_000
    if free < megabytes:
        raise Fault(
            f"{for_what} needs {megabytes} MB in {folder}, where {free} MB are free: "
            f"free some, or {setting}"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as unable:
        raise Fault(f"{folder} cannot be made ({unable.strerror}): {setting}") from None
    if not os.access(folder, os.W_OK):
        raise Fault(f"{folder} cannot be written by this user: {setting}")
