"""What a browser's telephone may send: checked before Asterisk sees it. Rules only, no I/O.

Asterisk asks each phone for its secret; here a page is held to the one number of its desk, and to
one whole message in each frame (RFC 7118), so that nothing rides behind what was looked at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

MAX_BYTES = 64 * 1024
PING, PONG = "\r\n\r\n", "\r\n"
"""Keep-alive of RFC 5626: answered here."""

_METHODS = frozenset(
    {"REGISTER", "INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "UPDATE", "PRACK", "INFO", "NOTIFY"}
)
_REQUEST = re.compile(r"([A-Z]+) (\S+) SIP/2\.0")
_RESPONSE = re.compile(r"SIP/2\.0 [1-6]\d\d( .*)?")
_HEADER = re.compile(r"([\w.!%*+`'~-]+)[ \t]*:[ \t]*(.*)")
_USER = re.compile(r"sips?:([^@;>\s]+)@", re.IGNORECASE)
_TAG = re.compile(r";\s*tag\s*=", re.IGNORECASE)
_LONG = {"f": "from", "t": "to", "l": "content-length", "i": "call-id"}
_ONCE = ("from", "to", "content-length")


def refused(message: str, number: str) -> str | None:
    """Why a message of the phone `number` is not let through, in a few words; None when it is."""
    head, mark, body = message.partition("\r\n\r\n")
    if not mark:
        return "no end of the headers"
    first, *lines = head.split("\r\n")
    headers = _headers(lines)
    if headers is None:
        return "a header that cannot be read"
    if headers.get("content-length") != str(len(body.encode("utf-8", "surrogatepass"))):
        return "not one whole message"
    if _RESPONSE.fullmatch(first):
        return None
    request = _REQUEST.fullmatch(first)
    if request is None or request[1] not in _METHODS:
        return "no request of a phone"
    return _of_another(request[1], headers, number)


def _headers(lines: list[str]) -> Mapping[str, str] | None:
    found: dict[str, str] = {}
    for line in lines:
        header = _HEADER.fullmatch(line)  # a folded line begins with a space: no phone sends one
        if header is None or "\n" in line or "\r" in line or "\0" in line:
            return None
        name = header[1].lower()
        name = _LONG.get(name, name)
        if name in _ONCE and name in found:
            return None
        found[name] = header[2].strip()
    return found


def _of_another(method: str, headers: Mapping[str, str], number: str) -> str | None:
    """Within a dialog the phone goes by the name it was called under, which is no number."""
    to = headers.get("to", "")
    if method != "REGISTER" and _TAG.search(to):
        return None
    named = [headers.get("from", "")] + ([to] if method == "REGISTER" else [])
    for value in named:
        user = _USER.search(value)
        if user is None or user[1] != number:
            return "the number of another phone"
    return None
