"""Which Asterisk to run and how: the machine's own, or the set-up's tree in the cache."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from callcenter.launch.child import LaunchFault

GOOD = (22, 10)
USABLE = (20, 0)
SEARCH_PATH = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin"))
MODULES = "usr/lib/*-linux-gnu*/asterisk/modules"
OWN_MODULES = (MODULES, "usr/lib/asterisk/modules", "usr/lib64/asterisk/modules")
OWN_DATA = (Path("/usr/share/asterisk"), Path("/var/lib/asterisk"))


@dataclass(frozen=True)
class AsteriskProgram:
    """An Asterisk that runs here; `command` goes before `-C asterisk.conf …`."""

    command: tuple[str, ...]
    version: tuple[int, int]
    modules: Path
    data: Path

    @property
    def opus_module(self) -> str | None:
        """The Opus codec's file name, None where the build has none."""
        found = sorted(path.name for path in self.modules.glob("codec_opus*.so"))
        return found[0] if found else None


def find_asterisk(cache: Path) -> AsteriskProgram:
    """The machine's own from 22.10 on, else the set-up's tree, else an own one from 20 on.

    Raises LaunchFault with the way out when there is none.
    """
    own = _own()
    if own and own.version >= GOOD:
        return own
    found = _in_tree((cache / "asterisk" / "current").resolve()) or own
    if found is None or found.version < USABLE:
        raise LaunchFault(f"no Asterisk from 20 on here or in {cache}: `make run` fetches one")
    return found


def _own() -> AsteriskProgram | None:
    path = shutil.which("asterisk", path=SEARCH_PATH)
    modules = [m for pattern in OWN_MODULES for m in sorted(Path("/").glob(pattern))]
    data = next((d for d in OWN_DATA if (d / "documentation").is_dir()), None)
    if path is None or not modules or data is None:
        return None
    return _asked(AsteriskProgram((path,), (0, 0), modules[0], data))


def _in_tree(tree: Path) -> AsteriskProgram | None:
    loaders = sorted([*tree.glob("usr/lib*/ld-linux*.so.*"), *tree.glob("lib*/ld-linux*.so.*")])
    libraries = [*sorted(tree.glob("usr/lib/*-linux-gnu*")), *sorted(tree.glob("lib/*-linux-gnu*"))]
    modules = sorted(tree.glob(MODULES))
    if not (loaders and modules):
        return None
    command = (
        str(loaders[0]),
        "--library-path",
        ":".join(str(path) for path in libraries),
        str(tree / "usr/sbin/asterisk"),
    )
    return _asked(AsteriskProgram(command, (0, 0), modules[0], tree / "usr/share/asterisk"))


def _asked(program: AsteriskProgram) -> AsteriskProgram | None:
    try:
        said = subprocess.run(
            [*program.command, "-V"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.match(r"Asterisk (?:certified/)?(\d+)\.(\d+)", said.stdout)
    if not found:
        return None
    version = (int(found[1]), int(found[2]))
    return AsteriskProgram(program.command, version, program.modules, program.data)
