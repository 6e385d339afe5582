"""How one controller proves to another whom it asks for: a seal over the request, by a secret that
all nodes have. It holds for seconds, and once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Mapping

import msgspec

from callcenter.web.person import Person

PERSON = "X-Hotline-For"
SEAL = "X-Hotline-Seal"
HOLDS_S = 30.0  # clocks of nodes may differ by less than this


class _Claim(msgspec.Struct, frozen=True):
    person: Person
    at: float
    once: str


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Claim).decode


class Seal:
    """One per process. `secret`: as it is now; `clock`: seconds since 1970."""

    def __init__(
        self, secret: Callable[[], str], *, clock: Callable[[], float] = time.time
    ) -> None:
        self._secret = secret
        self._clock = clock
        self._seen: dict[str, float] = {}

    def put(self, person: Person, method: str, path: str, body: bytes) -> dict[str, str]:
        """The headers with which another controller takes this request for the person's own."""
        claim = _Claim(person, self._clock(), secrets.token_urlsafe(12))
        text = base64.urlsafe_b64encode(_encode(claim)).decode()
        return {PERSON: text, SEAL: self._over(text, method, path, body)}

    def read(
        self, headers: Mapping[str, str], method: str, path: str, body: bytes
    ) -> Person | None:
        """For whom another controller asks; None unless it is whole, of now, and the first time."""
        text, seal = headers.get(PERSON, ""), headers.get(SEAL, "")
        if not hmac.compare_digest(seal.encode(), self._over(text, method, path, body).encode()):
            return None
        try:
            claim = _decode(base64.urlsafe_b64decode(text))
        except (msgspec.MsgspecError, ValueError):
            return None
        now = self._clock()
        self._seen = {once: at for once, at in self._seen.items() if now - at <= 2 * HOLDS_S}
        if abs(now - claim.at) > HOLDS_S or claim.once in self._seen:
            return None
        self._seen[claim.once] = now
        return claim.person

    def _over(self, text: str, method: str, path: str, body: bytes) -> str:
        key = hmac.new(self._secret().encode(), b"hotline pages between nodes v1", "sha256")
        whole = "\n".join((method, path, hashlib.sha256(body).hexdigest(), text))
        return hmac.new(key.digest(), whole.encode(), "sha256").hexdigest()
