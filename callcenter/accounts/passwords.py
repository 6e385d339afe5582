"""Passwords: hashed with argon2id, compared in a thread, made for people who get a first one.

Parameters: OWASP's password storage cheat sheet, second choice (46 MiB, one pass, one lane).
"""

from __future__ import annotations

import asyncio
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1)
_AT_ONCE = 2  # each takes 46 MiB: a flood of log-ins must not eat the machine
_LETTERS = "abcdefghjkmnpqrstuvwxyz"  # none that people mistake for another
_CAPITALS = _LETTERS.upper()
_DIGITS = "23456789"


def new_password() -> str:
    """A password to hand over, in groups that can be read out: 84 bits."""
    groups = (_CAPITALS, _LETTERS, _DIGITS, _LETTERS)
    return "-".join("".join(secrets.choice(kind) for _ in range(5)) for kind in groups)


def hashed(password: str) -> str:
    """Argon2id with a new salt; 40 ms of computing."""
    return _HASHER.hash(password)


def fits(kept: str, password: str) -> bool:
    """Is this the password? 40 ms of computing, whether it is or not."""
    try:
        return _HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _of_nobody() -> str:
    return hashed(new_password())


class PasswordCheck:
    """Compares passwords beside the event loop, few at a time."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def fits(self, kept: str | None, password: str) -> bool:
        """Is this the password? `kept` None: of nobody, which takes as long and is never so."""
        async with self._room:
            if kept is None:
                await asyncio.to_thread(lambda: fits(_of_nobody(), password))
                return False
            return await asyncio.to_thread(fits, kept, password)

    async def hashed(self, password: str) -> str:
        """The password as it is kept."""
        async with self._room:
            return await asyncio.to_thread(hashed, password)
