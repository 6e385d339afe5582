"""Which part of a running Asterisk takes a changed file up without dropping a call."""

from __future__ import annotations

from collections.abc import Iterable

# Calls in progress outlive each of these. The other files are read at a start only: a reload of
# theirs would move ports under calls (rtp, http) or do nothing (asterisk, modules).
MODULES = {
    "pjsip.conf": "res_pjsip.so",
    "extensions.conf": "pbx_config.so",
    "queues.conf": "app_queue.so",
    "musiconhold.conf": "res_musiconhold.so",
    "manager.conf": "manager",
    "logger.conf": "logger",
}
SEAT_FILES = ("extensions.conf", "pjsip.conf", "queues.conf")
"""The files that a change of seats or trunks changes."""


def reload_modules(changed: Iterable[str]) -> tuple[str, ...]:
    """The modules to reload for changed files, in the files' order."""
    return tuple(MODULES[name] for name in changed if name in MODULES)


def restart_files(changed: Iterable[str]) -> tuple[str, ...]:
    """Those of the changed files that only a restart of Asterisk takes up."""
    return tuple(name for name in changed if name not in MODULES)
