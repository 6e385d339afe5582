"""STUN and TURN servers for browsers that do not reach Asterisk directly (RFC 8445, 8489, 8656).

Names and passwords of TURN are fixed, or made for some hours from a secret that the TURN server
knows too (draft-uberti-behave-turn-rest-00; coturn's `use-auth-secret`).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import unquote

_SERVER = re.compile(
    r"(?P<scheme>stun|turn|turns):(?:(?P<user>[^:@]+):(?P<password>[^@]+)@)?"
    r"(?P<host>[0-9A-Za-z.-]+|\[[0-9A-Fa-f:]+\])(?P<rest>(?::[0-9]{1,5})?(?:\?transport=(?:udp|tcp))?)"
)


@dataclass(frozen=True, slots=True)
class IceServer:
    """One server as a browser takes it: `stun:…`, `turn:…` or `turns:…`."""

    url: str
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def is_turn(self) -> bool:
        """Whether it relays sound, which it does for those who have a password."""
        return not self.url.startswith("stun:")


@dataclass(frozen=True, slots=True)
class IcePlan:
    """How browsers find their way. Without servers they have their own addresses, and are fast.

    `secret`: shared with the TURN servers; `lasts_s`: how long a password made from it holds.
    `is_relayed`: sound goes by a TURN server, whatever else would be possible.
    """

    servers: tuple[IceServer, ...] = ()
    secret: str = field(default="", repr=False)
    is_relayed: bool = False
    lasts_s: int = 43_200

    def for_phone(self, number: str, now: datetime) -> tuple[IceServer, ...]:
        """The servers, with what this telephone shows them."""
        return tuple(self._opened(one, number, now) for one in self.servers)

    def _opened(self, one: IceServer, number: str, now: datetime) -> IceServer:
        if not one.is_turn or one.user:
            return one
        user = f"{int(now.timestamp()) + self.lasts_s}:{number}"
        made = hmac.new(self.secret.encode(), user.encode(), hashlib.sha1).digest()
        return IceServer(one.url, user, base64.b64encode(made).decode())

    def fault(self) -> str | None:
        """What does not fit together; None when all does."""
        turns = [one for one in self.servers if one.is_turn]
        if self.is_relayed and not turns:
            return "HOTLINE_ICE_RELAY needs a turn: server in HOTLINE_ICE"
        if any(not one.user for one in turns) and not self.secret:
            return "a turn: server needs turn:name:password@host, or HOTLINE_ICE_SECRET"
        return None


def parse_servers(value: object) -> object:
    """Read `stun:host:port,turn:name:password@host:port?transport=udp`; other types pass through.

    Name and password may be percent-encoded. Raises ValueError.
    """
    if not isinstance(value, str):
        return value
    return tuple(_server(one.strip()) for one in value.split(",") if one.strip())


def _server(text: str) -> IceServer:
    found = _SERVER.fullmatch(text)
    if found is None or (found["scheme"] == "stun" and (found["user"] or "?" in text)):
        raise ValueError("none of stun:host:port, turn:[name:password@]host:port[?transport=udp]")
    user, password = (unquote(found[part] or "") for part in ("user", "password"))
    return IceServer(f"{found['scheme']}:{found['host']}{found['rest']}", user, password)
