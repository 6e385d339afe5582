"""The second factor: six digits that change each half minute (TOTP, RFC 6238).

The database holds a random seed only; the secret comes of it by HMAC with HOME/second-factor.key,
so who has the database alone can make no code. Nodes of one hotline share that file.
"""

from __future__ import annotations

import base64
import hmac
import os
import secrets
from datetime import datetime
from pathlib import Path

import pyotp

ISSUER = "12348热线"
FILE = "second-factor.key"
STEP_S = 30
_ALLOWED = (0, -1, 1)  # half minutes that a telephone's clock may be off


class SecondFactor:
    """Makes secrets out of seeds and checks codes."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    @staticmethod
    def new_seed() -> str:
        """What is kept in the database."""
        return secrets.token_hex(16)

    def secret(self, seed: str) -> str:
        """What the person's telephone keeps, in base32 (160 bits)."""
        made = hmac.new(self._key, b"totp v1 " + seed.encode(), "sha256").digest()
        return base64.b32encode(made[:20]).decode()

    def address(self, seed: str, name: str) -> str:
        """The otpauth:// address that the QR code says."""
        totp = pyotp.TOTP(self.secret(seed), name=name, issuer=ISSUER)
        return totp.provisioning_uri()

    def step_of(self, seed: str, code: str, *, after: int, now: datetime) -> int | None:
        """The half minute whose code this is, later than `after`; None: wrong or used."""
        asked = "".join(code.split())
        totp = pyotp.TOTP(self.secret(seed))
        present = int(now.timestamp()) // STEP_S
        for off in _ALLOWED:
            step = present + off
            right = totp.generate_otp(step)
            if step > after and hmac.compare_digest(right.encode(), asked.encode()):
                return step
        return None


def load_second_factor(home: Path) -> SecondFactor:
    """With the key in HOME, made on first use with mode 0600. Raises OSError."""
    path = home / FILE
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        draft = home / f"{FILE}.{os.getpid()}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32) + "\n")
        try:
            os.link(draft, path)  # of two processes that start together the first key stays
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return SecondFactor(path.read_text("ascii").strip().encode())
