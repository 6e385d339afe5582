"""Asterisk Manager Interface: bytes to messages and actions to bytes, with no input or output.

Source: Asterisk 22 `main/manager.c`; https://docs.asterisk.org/ (AMI Libraries and Frameworks).
"""

import re
from collections.abc import Iterator, Mapping, Sequence

MAX_MESSAGE = 256 * 1024  # bytes; the longest honest message is some 10 KB
MAX_BANNER = 256  # bytes of "Asterisk Call Manager/12.0.0"
MAX_LINE = 1000  # bytes; Asterisk loses an action with a line over 1022 (manager.c:7176)
MAX_HEADERS = 100  # Asterisk's own limit is 128 (AST_MAX_MANHEADERS)

_BANNER = b"Asterisk Call Manager/"
_END = b"\r\n\r\n"
_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

Value = str | int | Sequence[str]


class ProtocolFault(Exception):
    """The peer broke the protocol; nothing more can be read from this connection."""


class BadValue(ValueError):
    """A value that must not go over the wire; the message names the header, never the value."""


class AmiMessage:
    """One event or reply; its headers are decoded when first looked at.

    Header names compare without case, a repeated header keeps all its values in order. Bytes that
    are not UTF-8 become U+FFFD, because what is stored later (JSON, SQL) takes no lone surrogate.
    Only CRLF ends a line: a bare LF stays inside its value and forges no header.

    >>> message = AmiMessage(b"Event: Hangup\\r\\nChannel: PJSIP/8001-1\\r\\nCause: 16")
    >>> message.name, message["channel"], message.get("Nothing")
    ('Hangup', 'PJSIP/8001-1', '')
    """

    __slots__ = ("_first", "_raw", "name")

    def __init__(self, raw: bytes, name: str | None = None) -> None:
        self._raw = raw
        self._first: dict[str, str] | None = None
        self.name: str = self.get("event") if name is None else name
        """The event's name; empty for the reply to an action."""

    @property
    def headers(self) -> dict[str, list[str]]:
        """Lower-case header name → its values in the order of arrival."""
        headers: dict[str, list[str]] = {}
        for name, value in _pairs(self._raw):
            headers.setdefault(name, []).append(value)
        return headers

    def _values(self) -> dict[str, str]:
        """The first value of each header; made once."""
        if self._first is None:
            self._first = _first_values(self._raw)
        return self._first

    def get(self, header: str, default: str = "") -> str:
        """The first value of a header, or `default`."""
        return self._values().get(header.lower(), default)

    def all(self, header: str) -> list[str]:
        """Every value of a header, in order; an empty list for none."""
        return self.headers.get(header.lower(), [])

    def __getitem__(self, header: str) -> str:
        """The first value of a header; KeyError when it is absent."""
        return self._values()[header.lower()]

    def __contains__(self, header: str) -> bool:
        """Whether the header is there."""
        return header.lower() in self._values()

    @property
    def action_id(self) -> str:
        """The id of the action this answers; empty for none."""
        return self.get("actionid")

    def __repr__(self) -> str:
        """Name and header names only: values may be somebody's telephone number."""
        kind = self.name or f"Response {self.get('response')}"
        return f"<AmiMessage {kind} {' '.join(self.headers)}>"


def _first_values(raw: bytes) -> dict[str, str]:
    parts = [line.partition(": ") for line in raw.decode("utf-8", "replace").split("\r\n")]
    first = {name.lower(): value for name, colon, value in parts if colon}
    if len(first) == len(parts):
        return first
    # A header repeated, or a line of another form: rare, and so read again with care.
    first.clear()
    for name, value in _pairs(raw):
        first.setdefault(name, value)
    return first


def _pairs(raw: bytes) -> Iterator[tuple[str, str]]:
    """Header lines to lower-case names and values; a line without a colon says nothing."""
    for line in raw.decode("utf-8", "replace").split("\r\n"):
        name, colon, value = line.partition(": ")
        if not colon:
            name, colon, value = line.partition(":")
        if colon:
            yield name.lower(), value


class AmiDecoder:
    """Bytes of one AMI connection in, messages out; feed raises ProtocolFault for good reasons.

    `keep` names the events wanted (None: all); others are dropped by their first line, before
    anything is decoded, and counted in `dropped`. While `collecting` is true an event that carries
    an ActionID passes whatever its name: it belongs to the list somebody asked for.
    Memory is bounded by MAX_MESSAGE plus one feed.
    """

    def __init__(self, keep: frozenset[str] | None = None) -> None:
        self.banner: str | None = None
        """The greeting line of the peer, None until it came."""
        self.collecting = False
        self.dropped = 0
        self._keep_all = keep is None
        self._names = {name.encode(): name for name in keep or ()}
        self._buffer = bytearray()

    def feed(self, data: bytes | memoryview) -> list[AmiMessage]:
        """Whole messages that `data` completes; an empty list when none."""
        buffer = self._buffer
        seen = len(buffer)
        buffer += data
        if self.banner is None:
            if not self._read_banner():
                return []
            seen = 0
        end = buffer.rfind(_END, max(0, seen - len(_END) + 1))
        if end < 0:
            if len(buffer) > MAX_MESSAGE:
                raise ProtocolFault(f"{len(buffer)} bytes without the end of a message")
            return []
        block = bytes(buffer[:end])
        del buffer[: end + len(_END)]
        return list(self._wanted(block.split(_END)))

    def _read_banner(self) -> bool:
        line, newline, _ = self._buffer.partition(b"\n")
        if line[: len(_BANNER)] != _BANNER[: len(line)] or len(line) > MAX_BANNER:
            raise ProtocolFault("the peer is no Asterisk manager: its first line is another")
        if newline:
            self.banner = line.decode("ascii", "replace").strip()
            del self._buffer[: len(line) + 1]
        return self.banner is not None

    def _wanted(self, frames: list[bytes]) -> Iterator[AmiMessage]:
        keep_all, names = self._keep_all, self._names
        for frame in frames:
            if frame[:7] != b"Event: ":
                yield from self._unusual(frame)
                continue
            end = frame.find(b"\r\n", 7)
            name = frame[7:end] if end >= 0 else frame[7:]
            known = names.get(name)
            if known is not None:
                yield AmiMessage(frame, known)
            elif name and (keep_all or (self.collecting and b"\r\nActionID: " in frame)):
                yield AmiMessage(frame, name.decode("utf-8", "replace"))
            else:
                self.dropped += 1

    def _unusual(self, frame: bytes) -> Iterator[AmiMessage]:
        """A reply; blank lines; or an event that does not begin as Asterisk writes them."""
        if not frame:
            return
        if frame[:2] == b"\r\n":
            yield from self._wanted([frame[2:]])
            return
        message = AmiMessage(frame)
        if "event" not in message or message.name in self._names.values():
            yield message
        elif message.name and (self._keep_all or (self.collecting and "actionid" in message)):
            yield message
        else:
            self.dropped += 1


def encode_action(name: str, headers: Mapping[str, Value]) -> bytes:
    """One whole action, ready to send; BadValue for what Asterisk would misread.

    A sequence repeats its header (`Variable`). Refused: control characters (Asterisk takes a bare
    LF as a line's end, manager.c:7193), lines over MAX_LINE bytes, over MAX_HEADERS headers.
    """
    lines = [_line("Action", name)]
    for header, value in headers.items():
        if isinstance(value, str | int):
            lines.append(_line(header, str(value)))
        else:
            lines.extend(_line(header, item) for item in value)
    if len(lines) > MAX_HEADERS:
        raise BadValue(f"an action of {len(lines)} headers; {MAX_HEADERS} are the most")
    return b"".join(lines) + b"\r\n"


def _line(header: str, value: str) -> bytes:
    if not _HEADER_NAME.fullmatch(header):
        raise BadValue("a header's name is letters, digits, '-' and '_'")
    if _CONTROL.search(value):
        raise BadValue(f"{header}: a control character")
    try:
        line = f"{header}: {value}".encode()
    except UnicodeEncodeError as fault:
        raise BadValue(f"{header}: not encodable as UTF-8") from fault
    if len(line) > MAX_LINE:
        raise BadValue(f"{header}: a line of {len(line)} bytes; {MAX_LINE} are the most")
    return line + b"\r\n"
