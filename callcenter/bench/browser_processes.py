"""The processes of a running Chromium, as /proc shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path


def memory_mb(browser: int) -> float:
    """What the heaviest page's process holds for itself alone, in MB; `browser`: its pid."""
    held = [
        sum(int(size) for size in re.findall(r"Private_\w+: +(\d+)", text)) / 1024
        for folder in _folders()
        if _is_page_of(browser, folder) and (text := _read(folder / "smaps_rollup"))
    ]
    return max(held)


def network_process(browser: int) -> int:
    """The pid of the one process that has all of its sockets."""
    return next(int(folder.name) for folder in _folders() if _is_network_of(browser, folder))


def _folders() -> Iterator[Path]:
    return (folder for folder in Path("/proc").iterdir() if folder.name.isdigit())


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8", "replace")
    except OSError:  # the process ended meanwhile
        return ""


def _parent(folder: Path) -> int:
    stat = _read(folder / "stat")
    return int(stat.rsplit(")", 1)[1].split()[1]) if stat else 0


def _is_network_of(browser: int, folder: Path) -> bool:
    is_network = "network.mojom.NetworkService" in _read(folder / "cmdline")
    return is_network and _parent(folder) == browser


def _is_page_of(browser: int, folder: Path) -> bool:
    if "--type=renderer" not in _read(folder / "cmdline"):
        return False
    ancestors = [folder]
    while (parent := _parent(ancestors[-1])) > 1:
        ancestors.append(Path(f"/proc/{parent}"))
    return Path(f"/proc/{browser}") in ancestors
