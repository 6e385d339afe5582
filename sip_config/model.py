"""What Asterisk's files are rendered from: frozen values, each with the characters it may have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path

# Asterisk's control socket lies in the run folder; sun_path holds 108 bytes (unix(7)).
_SOCKET_PATH_MAX = 107

_HOST = r"[0-9A-Za-z.:-]{1,253}"
_NAME = r"[A-Za-z][0-9A-Za-z_-]{0,30}"
_NUMBER = r"[0-9]{2,8}"
_SECRET = r"[0-9A-Za-z._~+=-]{8,128}"
_PATH = r"/[^\x00-\x1f\x7f;\[\]{}$\"|&,()]{0,3000}"
_MATCH = r"[0-9A-Fa-f.:]{2,45}(/[0-9]{1,3})?"
_DIALLED = r"[0-9+*#]{1,32}"
_PLACE = r"[0-9a-z_]{2,20}"
_PEER = r"sip:[0-9A-Za-z.-]{1,253}(:[0-9]{1,5})?"
# Stands inside quotes in pjsip.conf; & ^ | , are separators elsewhere in Asterisk.
_DISPLAY = r"[^\x00-\x1f\x7f;\[\]\"\\<>&^|,${}()]{0,60}"


class BadValue(ValueError):
    """A value that could break out of its place in a file; the message begins with its name."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")
        self.name = name


def _allowed(pattern: str) -> dict[str, str]:
    return {"pattern": pattern}


@dataclass(frozen=True, kw_only=True)
class Address:
    """An address to listen on or to connect to."""

    host: str = field(metadata=_allowed(_HOST))
    port: int


@dataclass(frozen=True)
class DialledCity:
    """A number that citizens of one place dial."""

    dialled: str = field(metadata=_allowed(_DIALLED))
    city: str = field(metadata=_allowed(_PLACE))


@dataclass(frozen=True, kw_only=True)
class Trunk:
    """A line to the public network: `match` holds the addresses (or nets) its INVITEs come from.

    `dialled` is the number citizens dial through it; it stands in where an INVITE names none.
    `outbound` is where calls out go, as `sip:HOST:PORT`; without it there are none. They show
    `dialled` as their caller, never a citizen's number. `city`: the place that whoever comes by it
    calls from; `cities`: the same for single numbers that are dialled through it.
    """

    name: str = field(metadata=_allowed(_NAME))
    match: tuple[str, ...] = field(metadata=_allowed(_MATCH))
    dialled: str = field(metadata=_allowed(_DIALLED))
    outbound: str | None = field(default=None, metadata=_allowed(_PEER))
    city: str | None = field(default=None, metadata=_allowed(_PLACE))
    cities: tuple[DialledCity, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SeatEndpoint:
    """A seat's phone; of the levels "municipal" and "provincial" the second serves the fallback."""

    number: str = field(metadata=_allowed(_NUMBER))
    secret: str = field(repr=False, metadata=_allowed(_SECRET))
    display_name: str = field(metadata=_allowed(_DISPLAY))
    level: str = field(metadata=_allowed("municipal|provincial"))


@dataclass(frozen=True, kw_only=True)
class SupervisorEndpoint:
    """A supervisor's phone: it listens to talks and joins them, and may dial nobody."""

    number: str = field(metadata=_allowed(_NUMBER))
    secret: str = field(repr=False, metadata=_allowed(_SECRET))
    display_name: str = field(metadata=_allowed(_DISPLAY))


@dataclass(frozen=True, kw_only=True)
class Peer:
    """Another node: where its Asterisk takes SIP, and its controller FastAGI (and AMI comes from).

    Addresses are numbers: AMI permits by them.
    """

    name: str = field(metadata=_allowed(_NAME))
    sip: Address
    agi: Address


@dataclass(frozen=True, kw_only=True)
class AsteriskTree:
    """Where Asterisk's own files lie: its modules and its data (`documentation/` and so on)."""

    modules: Path = field(metadata=_allowed(_PATH))
    data: Path = field(metadata=_allowed(_PATH))
    # Debian's tree has codec_opus_open_source.so; None: no Opus, which is then not offered either.
    opus_module: str | None = field(default=None, metadata=_allowed(r"codec_opus[a-z_]*\.so"))


@dataclass(frozen=True, kw_only=True)
class Folders:
    """Our own folders. `prompts` holds the language's clips, `sounds` music and tone."""

    config: Path = field(metadata=_allowed(_PATH))
    run: Path = field(metadata=_allowed(_PATH))
    log: Path = field(metadata=_allowed(_PATH))
    recordings: Path = field(metadata=_allowed(_PATH))
    prompts: Path = field(metadata=_allowed(_PATH))
    sounds: Path = field(metadata=_allowed(_PATH))


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long the dialplan waits for a controller before a person is rung, and for that person."""

    tries: int = 20
    between_s: int = 1
    lease_s: int = 90
    fallback_s: int = 120
    ring_s: int = 15


@dataclass(frozen=True, kw_only=True)
class RenderInput:
    """Everything that `render` needs; checked by it before a line is written."""

    node: str = field(metadata=_allowed(_NAME))
    sip: Address
    agi: Address
    ami: Address
    ws: Address
    rtp_first: int
    rtp_last: int
    tree: AsteriskTree
    folders: Folders
    trunks: tuple[Trunk, ...]
    seats: tuple[SeatEndpoint, ...]
    ami_secret: str = field(repr=False, metadata=_allowed(_SECRET))
    # With other nodes, the secret by which they know each other; the same on all of them.
    peers: tuple[Peer, ...] = ()
    peer_secret: str = field(default="", repr=False, metadata=_allowed(f"|{_SECRET}"))
    patience: Patience = Patience()
    dialplan_version: int = 1
    supervisors: tuple[SupervisorEndpoint, ...] = ()

    @property
    def phones(self) -> tuple[SeatEndpoint | SupervisorEndpoint, ...]:
        """Every phone that registers here."""
        return (*self.seats, *self.supervisors)

    def check(self) -> None:
        """Raise BadValue for the first value that does not fit its place, by its name."""
        for name, value, pattern in _strings("", self):
            if pattern is None or not re.fullmatch(pattern, value):
                raise BadValue(name, "holds a character or a length that Asterisk's files cannot")
        for name, port in self._ports():
            if not 1 <= port <= 65535:
                raise BadValue(name, f"{port} is not a port (1 to 65535)")
        if self.rtp_last - self.rtp_first < 3:
            raise BadValue("rtp_last", "leaves fewer than four ports for RTP")
        if len(str(self.folders.run / "asterisk.ctl").encode()) > _SOCKET_PATH_MAX:
            raise BadValue("folders.run", f"too long for a socket ({_SOCKET_PATH_MAX} bytes)")
        self._check_names()

    def _ports(self) -> Iterator[tuple[str, int]]:
        for name in ("sip", "agi", "ami", "ws"):
            yield f"{name}.port", getattr(self, name).port
        for i, peer in enumerate(self.peers):
            yield f"peers[{i}].sip.port", peer.sip.port
            yield f"peers[{i}].agi.port", peer.agi.port
        yield "rtp_first", self.rtp_first
        yield "rtp_last", self.rtp_last

    def _check_names(self) -> None:
        seen: set[str] = set()
        for i, seat in enumerate(self.seats):
            if seat.number in seen:
                raise BadValue(f"seats[{i}].number", f"{seat.number} stands twice")
            seen.add(seat.number)
        for i, supervisor in enumerate(self.supervisors):
            if supervisor.number in seen:
                raise BadValue(f"supervisors[{i}].number", f"{supervisor.number} stands twice")
            seen.add(supervisor.number)
        for i, trunk in enumerate(self.trunks):
            if trunk.name in seen:
                raise BadValue(f"trunks[{i}].name", f"{trunk.name} stands twice")
            if not trunk.match:
                raise BadValue(f"trunks[{i}].match", "names no address")
            seen.add(trunk.name)
        if self.peers and not self.peer_secret:
            raise BadValue("peer_secret", "is missing")
        nodes = {self.node, "phone"}  # "phone" is a seat's own door
        for i, peer in enumerate(self.peers):
            if peer.name in nodes or f"node-{peer.name}" in seen:
                raise BadValue(f"peers[{i}].name", f"{peer.name} stands twice, or means a phone")
            nodes.add(peer.name)


def _strings(
    path: str, value: object, pattern: str | None = None
) -> Iterator[tuple[str, str, str | None]]:
    """Each text in a value with its dotted name and the pattern that its field declares."""
    if isinstance(value, (str, Path)):
        yield path, str(value), pattern
    elif isinstance(value, tuple):
        for i, item in enumerate(value):
            yield from _strings(f"{path}[{i}]", item, pattern)
    elif is_dataclass(value):
        for f in fields(value):
            name = f"{path}.{f.name}" if path else f.name
            yield from _strings(name, getattr(value, f.name), f.metadata.get("pattern"))
