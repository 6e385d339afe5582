"""What only this hotline knows: HOME/seats.json, readable by its owner alone.

Made once and only ever extended: a seat that is new gets a secret, nobody's changes.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FILE = "seats.json"
BYTES = 18  # 24 characters of base64, 144 bits


class SecretsUnreadable(Exception):
    """The file cannot be used; its text says which and what to do."""


@dataclass(frozen=True)
class Secrets:
    """The AMI password, each phone's by number, and services' keys by name."""

    ami: str = field(repr=False)
    seats: dict[str, str] = field(repr=False)
    supervisors: dict[str, str] = field(default_factory=dict, repr=False)
    services: dict[str, str] = field(default_factory=dict, repr=False)


def load_secrets(home: Path, seats: Iterable[str], supervisors: Iterable[str] = ()) -> Secrets:
    """Read the secrets, making those that are missing; the numbers of either kind of phone.

    Raises SecretsUnreadable.
    """
    file = home / FILE
    kept = _read(file)
    found: dict[str, Any] = {**kept, "seats": dict(kept.get("seats", {}))}
    found.setdefault("ami", secrets.token_urlsafe(BYTES))
    for number in seats:
        found["seats"].setdefault(number, secrets.token_urlsafe(BYTES))
    for number in supervisors:  # apart: whoever plays all seats of the file plays no supervisor
        found.setdefault("supervisors", {}).setdefault(number, secrets.token_urlsafe(BYTES))
    if found != kept:
        _write(file, found)
    return Secrets(
        ami=found["ami"],
        seats=found["seats"],
        supervisors=found.get("supervisors", {}),
        services=found.get("services", {}),
    )


def keep_users(home: Path, passwords: Mapping[str, str]) -> None:
    """Keep the demo's generated passwords, by log-in name. Raises SecretsUnreadable."""
    file = home / FILE
    kept = _read(file)
    _write(file, {**kept, "users": {**kept.get("users", {}), **passwords}})


def _read(file: Path) -> dict[str, Any]:
    try:
        kept = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SecretsUnreadable(f"{file}: {error}; mend it, or remove it for new secrets") from None
    phones = ("seats", "supervisors")
    if not isinstance(kept, dict) or not all(isinstance(kept.get(n, {}), dict) for n in phones):
        raise SecretsUnreadable(f"{file}: not an object with seats; remove it for new secrets")
    keys = kept.get("services", {})
    if not isinstance(keys, dict) or not all(map(_is_key, keys.values())):
        raise SecretsUnreadable(f"{file}: services: not an object of printable keys")
    return kept


def _is_key(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and value.isprintable()


def _write(file: Path, found: dict[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump(found, out, indent=2, ensure_ascii=False)
    new.replace(file)
