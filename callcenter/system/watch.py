"""Trunks, nodes and what they need, each with its state and since when."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal, Protocol

from callcenter.asterisk.ami import AmiFault
from callcenter.call.callback import node_of
from callcenter.nodes import Nodes
from callcenter.system.standing import Standing
from callcenter.system.trunks import Load, TrunkNow, Trunks, came_in, trunk_of

LOOK_S: Final = 1.0
ASKED_S: Final = 1.5
"""An Asterisk that takes longer tells nothing of its channels this time."""
COUNTED_S: Final = 2.0

_GB: Final = 1_000_000_000
_LITTLE: Final = (10 * _GB, 0.10)  # either: bytes, share of the whole
_FEW: Final = (1 * _GB, 0.02)

State = Literal["good", "warning", "bad", "absent"]


@dataclass(frozen=True, slots=True)
class Part:
    """Something that the hotline needs. `figure`, `of`: what its words count, in the part's unit.

    redis: none · database: bytes of facts that wait · disk: bytes free, of all · recognition,
    voice: none.
    """

    name: str
    state: State
    since: datetime
    kind: str = ""
    figure: int | None = None
    of: int | None = None


@dataclass(frozen=True, slots=True)
class NodeNow:
    """An Asterisk and the controller beside it. `version`: of Asterisk, empty while not known."""

    name: str
    is_own: bool
    asterisk: bool
    asterisk_since: datetime
    controller: bool
    controller_since: datetime
    version: str
    calls: int
    phones: int


@dataclass(frozen=True, slots=True)
class SystemNow:
    """All of it at one moment, as this node sees it."""

    at: datetime
    node: str
    asked_every_s: float
    trunks: tuple[TrunkNow, ...]
    nodes: tuple[NodeNow, ...]
    parts: tuple[Part, ...]
    counted: bool
    """Whether every Asterisk that is reached told of its channels."""


class Drained(Protocol):
    """Facts on their way to the database (reports.drain)."""

    is_up: bool

    def behind_bytes(self) -> int:
        """Bytes that wait."""


class Kept(Protocol):
    """Live state in Redis (seats.board)."""

    @property
    def is_up(self) -> bool:
        """Whether it is reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the watch looks at. `phones`: node of each telephone that is registered."""

    nodes: Nodes
    trunks: Trunks
    board: Kept
    drainer: Drained
    calls: Callable[[], Iterable[str]]
    phones: Callable[[], Iterable[str]]
    home: Path
    database: str
    has_recogniser: Callable[[], bool]
    has_voice: Callable[[], bool]


class SystemWatch:
    """One per controller: run it, and ask it."""

    def __init__(self, seen: Seen, *, clock: Callable[[], datetime]) -> None:
        """`clock`: aware UTC."""
        self._seen = seen
        self._clock = clock
        self._standing = Standing(clock)
        self._versions: dict[str, str] = {}
        self._load: dict[str, Load] = {}
        self._is_counted = True
        self._counted_at: datetime | None = None
        self._counting = asyncio.Lock()

    async def run(self) -> None:
        """Know since when everything is as it is, though nobody looks."""
        while True:
            self._nodes()
            await self._parts()
            await asyncio.sleep(LOOK_S)

    async def now(self) -> SystemNow:
        """Everything; channels are at most COUNTED_S old."""
        async with self._counting:
            old = self._counted_at
            if old is None or (self._clock() - old).total_seconds() >= COUNTED_S:
                await self._count()
                self._counted_at = self._clock()
        return SystemNow(
            at=self._clock(),
            node=self._seen.nodes.own_name,
            asked_every_s=self._seen.trunks.every_s,
            trunks=tuple(self._seen.trunks.now(self._load)),
            nodes=self._nodes(),
            parts=await self._parts(),
            counted=self._is_counted,
        )

    async def _count(self) -> None:
        links = {name: one for name, one in self._seen.nodes.links.items() if one.is_logged_in}
        asked = (self._channels(name) for name in links)
        found = await asyncio.gather(*asked)
        self._is_counted = None not in found
        came, made = Counter[str](), Counter[str]()
        for name, unique_id, linked in (one for channels in found for one in channels or ()):
            (came if came_in(unique_id, linked) else made)[name] += 1
        self._load = {name: Load(came[name], made[name]) for name in came | made}

    async def _channels(self, node: str) -> list[tuple[str, str, str]] | None:
        """Trunk, id and call of each channel at a node that is a trunk's."""
        link = self._seen.nodes.links[node]
        try:
            async with asyncio.timeout(ASKED_S):
                if node not in self._versions:
                    said = await link.action("CoreSettings")
                    self._versions[node] = said.get("AsteriskVersion")
                shown = await link.collect("CoreShowChannels")
        except (AmiFault, TimeoutError):
            return None
        named = ((trunk_of(one.get("Channel")), one) for one in shown)
        return [
            (name, one.get("Uniqueid"), one.get("Linkedid"))
            for name, one in named
            if name is not None
        ]

    def _nodes(self) -> tuple[NodeNow, ...]:
        nodes = self._seen.nodes
        calls = Counter(map(node_of, self._seen.calls()))
        phones = Counter(name or nodes.own_name for name in self._seen.phones())
        found = []
        for name in nodes.names:
            asterisk, controller = nodes.links[name].is_up, name in nodes.alive
            if not asterisk:
                self._versions.pop(name, None)  # it may come back as another one
            found.append(
                NodeNow(
                    name=name,
                    is_own=name == nodes.own_name,
                    asterisk=asterisk,
                    asterisk_since=self._standing.note(f"asterisk {name}", str(asterisk)),
                    controller=controller,
                    controller_since=self._standing.note(f"controller {name}", str(controller)),
                    version=self._versions.get(name, ""),
                    calls=calls[name],
                    phones=phones[name],
                )
            )
        return tuple(found)

    async def _parts(self) -> tuple[Part, ...]:
        seen = self._seen
        free, total = await asyncio.to_thread(disk_space, seen.home)
        behind = seen.drainer.behind_bytes()
        database: State = "good" if seen.drainer.is_up else "bad"
        recogniser: State = "good" if seen.has_recogniser() else "absent"
        voice: State = "good" if seen.has_voice() else "absent"
        return (
            self._part("redis", "good" if seen.board.is_up else "bad"),
            self._part("database", database, kind=seen.database, figure=behind),
            self._part("disk", disk_state(free, total), figure=free, of=total),
            self._part("recognition", recogniser),
            self._part("voice", voice),
        )

    def _part(
        self,
        name: str,
        state: State,
        *,
        kind: str = "",
        figure: int | None = None,
        of: int | None = None,
    ) -> Part:
        return Part(name, state, self._standing.note(name, state), kind, figure, of)


def disk_space(folder: Path) -> tuple[int, int]:
    """Bytes free and in all; none at all when the disk cannot be asked (unmounted, broken)."""
    try:
        disk = shutil.disk_usage(folder)
    except OSError:
        return 0, 0
    return disk.free, disk.total


def disk_state(free: int, total: int) -> State:
    """How a disk with so many bytes free is: recordings and facts need it."""

    def is_below(least: int, share: float) -> bool:
        return free < least or free < share * total

    return "bad" if is_below(*_FEW) else "warning" if is_below(*_LITTLE) else "good"


def has_recogniser(model: Path | None) -> bool:
    """Whether recordings can be turned into text: the engine and its model are here."""
    return find_spec("faster_whisper") is not None and model is not None


def database_kind(url: str) -> str:
    """`sqlite` or `postgresql`."""
    return url.partition(":")[0].partition("+")[0]
