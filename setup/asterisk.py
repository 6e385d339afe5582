"""Asterisk 22: the machine's own, or a tree of Debian's packages in the cache folder."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from setup.apt import PrivateApt, Source, debian_mirror
from setup.debian import find_program
from setup.step import Fault, Place, last_error, need_space, run_command

GOOD = (22, 10)
USABLE = (20, 0)
PACKAGES = ("asterisk", "asterisk-modules", "asterisk-config", "asterisk-core-sounds-en")
SPACE_MB = 500  # measured: 82 MB fetched and 268 MB unpacked lie there together
MANIFEST = "hotline-tree.json"
ELSEWHERE = "set HOTLINE_CACHE to another folder"
OLD = "older than 22.10, so expect rough edges; HOTLINE_DEBIAN_MIRROR=<Debian mirror> gives 22"


def provide(place: Place) -> str:
    """Make sure there is an Asterisk to run; returns which."""
    own = version_of(["asterisk"])
    if own and own >= GOOD:
        return f"this machine's own {_dotted(own)}"
    trees = place.cache / "asterisk"
    need_space(trees, megabytes=0, for_what="Asterisk", setting=ELSEWHERE)
    with _only_one(trees):
        kept = usable_tree(trees / "current")
        if kept and kept >= GOOD:
            return f"{_dotted(kept)} in {trees}"
        source = debian_mirror()
        if source is None and own and own >= USABLE:
            return f"WARNING: this machine's own {_dotted(own)}, {OLD}"
        if source is None and kept:
            return f"WARNING: {_dotted(kept)} in {trees}, {OLD}"
        need_space(trees, megabytes=SPACE_MB, for_what="Asterisk", setting=ELSEWHERE)
        made = _fetch(place, trees, source)
    warning = "" if made >= GOOD else f"WARNING, {OLD}: "
    return f"{warning}{_dotted(made)} fetched into {trees}"


def version_of(argv: Sequence[str | Path]) -> tuple[int, ...] | None:
    """Ask an Asterisk its version; None when it does not run."""
    words = [str(word) for word in argv]
    program = find_program(words[0])
    if program is None:
        return None
    try:
        said = subprocess.run(
            [program, *words[1:], "-V"], capture_output=True, text=True, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.match(r"Asterisk (?:certified/)?(\d+)\.(\d+)(?:\.(\d+))?", said.stdout)
    return tuple(int(part or 0) for part in found.groups()) if found else None


def command_in(tree: Path) -> list[Path | str]:
    """The command that runs Asterisk where it lies, by the tree's own loader and libraries."""
    libraries = sorted(tree.glob("usr/lib/*-linux-gnu*"))
    loaders = sorted([*tree.glob("usr/lib*/ld-linux*.so.*"), *tree.glob("lib*/ld-linux*.so.*")])
    if not (libraries and loaders):
        raise Fault(f"{tree} holds no loader: remove it and run make again")
    paths = ":".join(str(path) for path in (*libraries, *sorted(tree.glob("lib/*-linux-gnu*"))))
    return [loaders[0], "--library-path", paths, tree / "usr/sbin/asterisk"]


def usable_tree(tree: Path) -> tuple[int, ...] | None:
    """The version of a tree that is whole and runs; None sends the set-up to make it anew."""
    try:
        manifest = json.loads((tree / MANIFEST).read_text())
    except (OSError, ValueError):
        return None
    if manifest != _count(tree):
        return None
    return version_of(command_in(tree))


def unpack(debs: Sequence[Path], *, trees: Path, log: Path) -> Path:
    """Unpack packages into a folder named by their content; whole or not there at all."""
    content = hashlib.sha256()
    for deb in sorted(debs, key=lambda path: path.name):
        content.update(hashlib.sha256(deb.read_bytes()).digest())
    tree = trees / content.hexdigest()[:16]
    if usable_tree(tree):
        return tree
    half = Path(tempfile.mkdtemp(prefix=".half-", dir=trees))
    half.chmod(0o755)
    try:
        for deb in debs:
            if not run_command(["dpkg", "-x", deb, half], log=log):
                raise Fault(f"{deb.name} cannot be unpacked ({last_error(log)}): check the disk")
        (half / MANIFEST).write_text(json.dumps(_count(half)))
        if tree.exists():
            tree.rename(trees / f".broken-{os.getpid()}-{tree.name}")
        half.rename(tree)
    finally:
        shutil.rmtree(half, ignore_errors=True)
        for broken in trees.glob(".broken-*"):
            shutil.rmtree(broken, ignore_errors=True)
    return tree


def _fetch(place: Place, trees: Path, source: Source | None) -> tuple[int, ...]:
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=trees) as folder:
        apt = PrivateApt(folder=Path(folder), log=place.log, source=source)
        apt.update()
        tree = unpack(apt.download(*PACKAGES), trees=trees, log=place.log)
    version = version_of(command_in(tree))
    if version is None:
        raise Fault(f"Asterisk in {tree} does not run: remove that folder and run make again")
    if version < USABLE:
        raise Fault(
            f"this distribution's Asterisk {_dotted(version)} is too old: "
            "set HOTLINE_DEBIAN_MIRROR to a Debian mirror and run make again"
        )
    fresh = trees / f".current-{os.getpid()}"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(tree.name)
    fresh.replace(trees / "current")
    return version


def _count(tree: Path) -> dict[str, int]:
    files = size = 0
    for folder, _, names in os.walk(tree):
        for name in names:
            if name != MANIFEST:
                files += 1
                size += os.lstat(os.path.join(folder, name)).st_size
    return {"files": files, "bytes": size}


@contextmanager
def _only_one(trees: Path) -> Iterator[None]:
    """Two set-ups at once share one cache: the second waits, then finds the tree there."""
    with (trees / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)
