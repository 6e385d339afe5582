"""The virtual environment: a good Python, the locked packages, this checkout itself."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from setup.step import Fault, Place, last_error, need_space, run_command

OLDEST = (3, 11)
NAMES = (sys.executable, "python3", "python3.13", "python3.12", "python3.11", "python3.14")
LOCKS = {"run": ("run.lock",), "test": ("run.lock", "test.lock")}
"""Locks of a group, in order: run.lock brings setuptools, which builds the peers in test.lock."""
SPACE_MB = 900  # measured: .venv with both groups takes 650 MB, wheels in flight the rest
PROBE = (
    "import sys, importlib.util as u;"
    "print(*sys.version_info[:2], bool(u.find_spec('ensurepip') and u.find_spec('venv')))"
)


@dataclass(frozen=True)
class Python:
    """An interpreter of this machine."""

    path: str
    version: tuple[int, int]
    makes_venv: bool
    """Debian leaves `ensurepip` out of python3.X and puts it into python3.X-venv."""


def probe(command: str) -> Python | None:
    """Ask an interpreter who it is; None when it is none."""
    path = shutil.which(command)
    if path is None:
        return None
    try:
        said = subprocess.run([path, "-c", PROBE], capture_output=True, text=True, check=True)
        major, minor, makes_venv = said.stdout.split()
        return Python(path, (int(major), int(minor)), makes_venv == "True")
    except (OSError, subprocess.CalledProcessError, ValueError):
        return None


def find_python() -> Python | None:
    """The first interpreter that is new enough; one that can make a venv is preferred."""
    chosen = os.environ.get("HOTLINE_PYTHON")
    second_best = None
    for name in (chosen,) if chosen else NAMES:
        python = probe(name)
        if python is None or python.version < OLDEST:
            continue
        if python.makes_venv:
            return python
        second_best = second_best or python
    return second_best


def packages_needed() -> list[str]:
    """Debian packages without which no virtual environment can be made here."""
    python = find_python()
    if python is None:
        if os.environ.get("HOTLINE_PYTHON"):
            raise Fault("HOTLINE_PYTHON names no Python 3.11 or newer: correct or unset it")
        return ["python3.11", "python3.11-venv"]
    if python.makes_venv:
        return []
    return [f"python{python.version[0]}.{python.version[1]}-venv"]


def make_venv(place: Place, *, group: str) -> str:
    """Bring `.venv` to the state of the lock files; does nothing when it is there already."""
    python = find_python()
    if python is None or not python.makes_venv:
        raise Fault("no Python 3.11 or newer that can make virtual environments: install one")
    version = f"Python {python.version[0]}.{python.version[1]}"
    stamp_file = place.venv / f"hotline-{group}.stamp"
    stamp = _stamp(place, group=group, python=python)
    if stamp_file.is_file() and stamp_file.read_text() == stamp:
        return f"up to date, {version}"
    need_space(
        place.venv, megabytes=SPACE_MB, for_what=".venv", setting="move the checkout elsewhere"
    )
    _make_empty_venv(place, python)
    pip: list[str | Path] = [
        place.venv / "bin" / "python",
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--no-input",
    ]
    for lock in LOCKS[group]:
        _pip(place, [*pip, "install", "--require-hashes", *_BUILD, "-r", place.checkout / lock])
    _pip(place, [*pip, "install", "--no-deps", *_BUILD, "-e", place.checkout])
    stamp_file.write_text(stamp)
    return f"made with {version}"


_BUILD = ("--no-build-isolation", "--use-pep517")
"""Build with the locked setuptools: nothing unlocked is fetched for a build."""


def _stamp(place: Place, *, group: str, python: Python) -> str:
    content = hashlib.sha256(f"{place.venv}\n{python.version}\n".encode())
    for name in ("pyproject.toml", *LOCKS[group]):
        content.update((place.checkout / name).read_bytes())
    for package in sorted(place.checkout.glob("*/__init__.py")):
        content.update(str(package).encode())  # the installed checkout maps each by its name
    return content.hexdigest()


def _make_empty_venv(place: Place, python: Python) -> None:
    present = probe(str(place.venv / "bin" / "python"))
    if present and present.version == python.version:
        return  # pip brings it to the locked state
    shutil.rmtree(place.venv, ignore_errors=True)
    if not run_command([python.path, "-m", "venv", place.venv], log=place.log):
        raise Fault(f"{python.path} -m venv failed: {last_error(place.log)} (log: {place.log})")


def _pip(place: Place, argv: list[str | Path]) -> None:
    if not run_command(argv, log=place.log):
        raise Fault(
            f"pip failed ({last_error(place.log)}): check network, disk and pip's own mirror "
            f"setting (pip config list), then run make again (log: {place.log})"
        )
