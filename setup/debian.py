"""Debian packages this hotline leans on: which are missing, and how they come."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from setup.step import Fault, Place, last_error, run_command

APT_INSTALL = ("apt-get", "install", "-y", "--no-install-recommends")


def find_program(command: str) -> str | None:
    """As `which`, but also where Debian keeps servers, which users have not in their PATH."""
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))
    return shutil.which(command, path=path)


@dataclass(frozen=True)
class Program:
    """A program from a Debian package: found by its command, or by a file of that pattern."""

    command: str
    package: str
    pattern: str = ""

    def is_there(self) -> bool:
        """Someone's own build in the search path is as good as the package."""
        if find_program(self.command):
            return True
        return bool(self.pattern) and any(Path("/").glob(self.pattern))


RUN = (Program("redis-server", "redis-server"),)
TEST = (
    *RUN,
    Program("chromium", "chromium"),
    Program("openssl", "openssl"),
    Program("initdb", "postgresql", "usr/lib/postgresql/*/bin/initdb"),
    Program("sipp", "sip-tester"),
    Program("sox", "sox"),
)


def wanted(*, for_tests: bool) -> tuple[Program, ...]:
    """What `make run` or `make test` needs, by the settings in the environment."""
    if for_tests:
        return TEST
    return () if os.environ.get("REDIS_URL") else RUN


def install_missing(place: Place, programs: Sequence[Program], packages: Sequence[str] = ()) -> str:
    """Install the packages of missing programs, and `packages`; says which."""
    missing = sorted({p.package for p in programs if not p.is_there()} | set(packages))
    if not missing:
        return "all there"
    install(place, missing)
    return f"installed {', '.join(missing)}"


def install(place: Place, packages: Sequence[str]) -> None:
    """Install packages as root or by sudo; a Fault holds the command for a person to type."""
    by_hand = " ".join(("sudo", *APT_INSTALL, *packages))
    if not shutil.which("apt-get"):
        raise Fault(f"no apt-get here: install what Debian calls {', '.join(packages)} yourself")
    prefix = _as_root(by_hand)
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    lock = ("-o", "DPkg::Lock::Timeout=120")
    # A third-party source that is down must not stop us: the install itself will tell.
    run_command([*apt, *lock, "update"], log=place.log)
    if not run_command([*apt, *lock, *APT_INSTALL[1:], *packages], log=place.log):
        raise Fault(
            f"apt-get failed ({last_error(place.log)}): check network and disk, "
            f"or type: {by_hand} (log: {place.log})"
        )


def _as_root(by_hand: str) -> list[str]:
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        if sys.stdin.isatty():
            return ["sudo"]  # asks on the terminal when it must
        if os.system("sudo -n true >/dev/null 2>&1") == 0:
            return ["sudo", "-n"]
    raise Fault(f"packages are missing and this user is not root; type once: {by_hand}")
