"""SIP text in and out for the simulated phones, no I/O (RFC 3261, RFC 8866, digest RFC 2617)."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

MAX_BYTES = 65_535
TELEPHONE_EVENT = 101  # payload type we offer for keys (RFC 4733)
PCMA = 8  # payload type of G.711 A-law (RFC 3551)

_COMPACT = {
    "v": "via",
    "f": "from",
    "t": "to",
    "i": "call-id",
    "m": "contact",
    "l": "content-length",
    "c": "content-type",
}
_URI = re.compile(r"<([^>]*)>")
_TAG = re.compile(r";\s*tag=([^;,\s]+)", re.IGNORECASE)
_BRANCH = re.compile(r";\s*branch=([^;,\s]+)", re.IGNORECASE)
_CHALLENGE = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^,\s]+))')


class BadMessage(ValueError):
    """Not a SIP message."""


@dataclass(frozen=True)
class Message:
    """A request (method and uri set) or a response (status set); header names lower case."""

    headers: tuple[tuple[str, str], ...]
    body: str = ""
    method: str = ""
    uri: str = ""
    status: int = 0

    def all(self, name: str) -> list[str]:
        """Every value of a header, in order."""
        return [value for key, value in self.headers if key == name]

    def one(self, name: str) -> str:
        """The first value of a header, empty when missing."""
        return next((value for key, value in self.headers if key == name), "")

    @property
    def branch(self) -> str:
        """The transaction this belongs to."""
        found = _BRANCH.search(self.one("via"))
        return found[1] if found else ""

    @property
    def cseq(self) -> tuple[int, str]:
        """Number and method of the request."""
        number, _, method = self.one("cseq").partition(" ")
        return (int(number) if number.isdigit() else 0, method.strip())


def decode(data: bytes) -> Message:
    """Read one datagram; raises BadMessage."""
    text = data.decode("utf-8", "replace")
    head, _, body = text.partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    headers = []
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise BadMessage("a header without a colon")
        name = name.strip().lower()
        headers.append((_COMPACT.get(name, name), value.strip()))
    words = first.split(" ", 2)
    if len(words) == 3 and words[0] == "SIP/2.0" and words[1].isdigit():
        return Message(tuple(headers), body, status=int(words[1]))
    if len(words) == 3 and words[2] == "SIP/2.0":
        return Message(tuple(headers), body, method=words[0], uri=words[1])
    raise BadMessage("neither request nor response")


def encode(start: str, headers: Iterable[tuple[str, str]], body: str = "") -> bytes:
    """One datagram; raises BadMessage when a value would break out of its line."""
    lines = [start]
    for name, value in headers:
        if "\r" in value or "\n" in value:
            raise BadMessage(f"line end in {name}")
        lines.append(f"{name}: {value}")
    if body:
        lines.append("Content-Type: application/sdp")
    payload = body.encode()
    lines.append(f"Content-Length: {len(payload)}")
    return "\r\n".join([*lines, "", ""]).encode() + payload


def tag_of(value: str) -> str:
    """The tag in a From or To value."""
    found = _TAG.search(value)
    return found[1] if found else ""


def uri_of(value: str) -> str:
    """The address in a From, To or Contact value."""
    found = _URI.search(value)
    return found[1] if found else value.split(";", 1)[0].strip()


def host_and_port(uri: str) -> tuple[str, int]:
    """Where an address points: `sip:8001@127.0.0.1:5070;x` -> (127.0.0.1, 5070)."""
    place = re.split(r"[;?>]", uri.partition(":")[2], maxsplit=1)[0].rpartition("@")[2]
    host, _, port = place.partition(":")
    return host, int(port) if port.isdigit() else 5060


@dataclass(frozen=True)
class Account:
    """Who registers, and the secret."""

    user: str
    secret: str = field(repr=False)


def authorization(challenge: str, account: Account, *, method: str, uri: str, cnonce: str) -> str:
    """The answer to a digest challenge; MD5 is what SIP phones and Asterisk speak."""
    said = {name.lower(): quoted or bare for name, quoted, bare in _CHALLENGE.findall(challenge)}
    realm, nonce = said.get("realm", ""), said.get("nonce", "")
    ha1 = _md5(f"{account.user}:{realm}:{account.secret}")
    ha2 = _md5(f"{method}:{uri}")
    parts = [
        f'Digest username="{account.user}"',
        f'realm="{realm}"',
        f'nonce="{nonce}"',
        f'uri="{uri}"',
        "algorithm=MD5",
    ]
    if "qop" in said:
        response = _md5(f"{ha1}:{nonce}:00000001:{cnonce}:auth:{ha2}")
        parts += [f'cnonce="{cnonce}"', "nc=00000001", "qop=auth"]
    else:
        response = _md5(f"{ha1}:{nonce}:{ha2}")
    if "opaque" in said:
        parts.append(f'opaque="{said["opaque"]}"')
    return ", ".join([*parts, f'response="{response}"'])


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def offer(host: str, port: int, *, session: int) -> str:
    """What we can hear and say: A-law and keys, 20 ms."""
    return (
        f"v=0\r\no=- {session} {session} IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP {PCMA} {TELEPHONE_EVENT}\r\n"
        f"a=rtpmap:{PCMA} PCMA/8000\r\n"
        f"a=rtpmap:{TELEPHONE_EVENT} telephone-event/8000\r\na=fmtp:{TELEPHONE_EVENT} 0-16\r\n"
        "a=ptime:20\r\na=sendrecv\r\n"
    )


@dataclass(frozen=True)
class Media:
    """The other side's address for audio, and its payload type for keys."""

    host: str
    port: int
    event_type: int = TELEPHONE_EVENT


def read_media(body: str) -> Media | None:
    """The audio of a session description; None when it has none or not our codec."""
    host, port, event_type, codecs = "", 0, TELEPHONE_EVENT, []
    for line in body.splitlines():
        if line.startswith("c=IN IP4 "):
            host = line.split()[-1]
        elif line.startswith("m=audio "):
            words = line.split()
            port, codecs = int(words[1]) if words[1].isdigit() else 0, words[3:]
        elif "telephone-event/8000" in line and line.startswith("a=rtpmap:"):
            number = line.removeprefix("a=rtpmap:").split()[0]
            event_type = int(number) if number.isdigit() else event_type
    if not host or not port or str(PCMA) not in codecs:
        return None
    return Media(host, port, event_type)
