"""Which page has which telephone, over all controllers: one desk per seat, wherever it is served.

Decided from memory like everything here and written behind; of two pages that claim one telephone
in the same moment Redis keeps the first, and the other is told that it has lost it. Without Redis
each controller knows its own pages.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Protocol

import msgspec
import structlog

from callcenter.desks import Desk, Desks, Former
from seats.redis_link import StoreAway

log = structlog.get_logger()

AGAIN_S = 0.5


class Kept(msgspec.Struct, frozen=True):
    """As it stands in Redis. `is_open`: the page has its telephone's line; `at`: when that was so
    last.
    """

    person: str
    key: str
    since: datetime
    controller: str
    is_open: bool
    at: datetime


class DeskStore(Protocol):
    """What is kept for all of them (seats.desks_redis); every method may raise StoreAway."""

    async def keep(self, number: str, text: str, *, over: str) -> str | None:
        """Keep it; what is in the way instead."""

    async def drop(self, number: str, *, key: str) -> None:
        """Nobody sits there any more."""

    async def all(self) -> Mapping[str, str]:
        """Every desk by number."""


async def _nothing() -> None:
    """There is nothing to wait for."""


class DeskBook:
    """One per controller of several: `callcenter.desks.Desks` asks it for the places of others.

    Run `run()` as a task, hand `hear` what is told, await `catch_up` when something was missed.
    """

    def __init__(
        self, store: DeskStore, desks: Desks, *, controller: str, clock: Callable[[], datetime]
    ) -> None:
        self.lost: Callable[[str], None] = lambda number: None
        """Told of each telephone of a page here that a page elsewhere has now."""
        self.before_writing: Callable[[], Awaitable[object]] = _nothing
        """Awaited first: others are to know of the seat before they hear of the desk."""
        self._store = store
        self._desks = desks
        self._controller = controller
        self._clock = clock
        self._kept: dict[str, Kept] = {}
        self._unwritten: dict[str, str] = {}  # number -> the key that it takes the place of
        self._dropped: dict[str, str] = {}  # number -> key
        self._work = asyncio.Event()

    # --- what Desks asks and says (callcenter.desks.Book) ---

    def of(self, number: str) -> Former | None:
        """Who sits there by the word of another controller, or sat here before this run."""
        kept = self._kept.get(number)
        if kept is None:
            return None
        desk = Desk(number=number, person=kept.person, key=kept.key, since=kept.since)
        return Former(desk, is_open=kept.is_open, seen_at=kept.at)

    def controller_of(self, number: str) -> str:
        """Which controller served the page there last; empty: none."""
        kept = self._kept.get(number)
        return kept.controller if kept else ""

    def keep(self, desk: Desk, *, is_open: bool) -> None:
        """A page here has the telephone."""
        before = self._kept.get(desk.number)
        self._dropped.pop(desk.number, None)
        self._unwritten.setdefault(desk.number, before.key if before else "")
        self._kept[desk.number] = Kept(
            person=desk.person,
            key=desk.key,
            since=desk.since,
            controller=self._controller,
            is_open=is_open,
            at=self._clock(),
        )
        self._work.set()

    def drop(self, desk: Desk) -> None:
        """The person there has gone, or was put out."""
        self._kept.pop(desk.number, None)
        self._unwritten.pop(desk.number, None)
        self._dropped[desk.number] = desk.key
        self._work.set()

    # --- what is heard ---

    def hear(self, text: str) -> None:
        """Take in what another controller told of one desk: its number and what is kept."""
        number, _, told = text.partition(" ")
        if not told:
            self._gone(number)
        elif (kept := _read(told)) is not None:
            self._take(number, kept)

    def _gone(self, number: str) -> None:
        if number not in self._unwritten and self._kept.pop(number, None) is not None:
            if self._desks.lose(number):
                self.lost(number)

    def _take(self, number: str, kept: Kept) -> None:
        over = self._unwritten.get(number)
        if over is not None and kept.key == over:
            return  # news of the page whose place is being taken
        if self._is_here(number, kept):
            self._unwritten[number] = kept.key
            self._work.set()
            return
        self._unwritten.pop(number, None)
        self._kept[number] = kept
        if kept.controller != self._controller and self._desks.lose(number, to=kept.key):
            self.lost(number)

    def _is_here(self, number: str, kept: Kept) -> bool:
        """Whether that page has come here since, so that only its old line is told of."""
        own = self._kept.get(number)
        if own is None or own.controller != self._controller:
            return False
        return own.is_open and not kept.is_open and own.key == kept.key

    def live(self, alive: frozenset[str]) -> None:
        """These controllers live: a page whose controller is gone has no line, and may come."""
        for number, kept in tuple(self._kept.items()):
            if kept.is_open and kept.controller not in alive:
                closed = msgspec.structs.replace(kept, is_open=False, at=self._clock())
                self._kept[number] = closed

    async def catch_up(self) -> None:
        """Read all of it anew."""
        try:
            stored = await self._store.all()
        except StoreAway:
            return  # whoever is back reads it again
        for number in self._kept.keys() - stored.keys():
            if self._kept[number].controller == self._controller:
                self._unwritten.setdefault(number, "")  # Redis has lost it
                self._work.set()
            else:
                self._gone(number)
        for number, text in stored.items():
            kept = _read(text)
            if kept is None or self._is_known(number, kept):
                continue
            if kept.controller == self._controller and kept.is_open:  # of an earlier run
                kept = msgspec.structs.replace(kept, is_open=False, at=self._clock())
            self._take(number, kept)

    def _is_known(self, number: str, kept: Kept) -> bool:
        known = self._kept.get(number)
        is_own = kept.controller == self._controller and known is not None
        return number in self._dropped or (is_own and known is not None and known.key == kept.key)

    # --- what is written ---

    async def run(self) -> None:
        """Write behind, forever."""
        while True:
            await self._work.wait()
            self._work.clear()
            try:
                await self.before_writing()
                await self._write()
            except StoreAway:
                self._work.set()
                await asyncio.sleep(AGAIN_S)

    async def _write(self) -> None:
        for number, key in tuple(self._dropped.items()):
            await self._store.drop(number, key=key)
            self._dropped.pop(number, None)
        for number, over in tuple(self._unwritten.items()):
            if (kept := self._kept.get(number)) is None:
                continue  # dropped meanwhile
            text = msgspec.json.encode(kept).decode()
            in_the_way = await self._store.keep(number, text, over=over)
            other = _read(in_the_way) if in_the_way else None
            if other is not None and other.controller != self._controller:
                self._unwritten.pop(number, None)
                self._take(number, other)
            elif other is not None:  # of an earlier page here
                self._unwritten[number] = other.key
                self._work.set()
            elif self._kept.get(number) is kept:
                self._unwritten.pop(number, None)
            elif number in self._unwritten:  # it has changed again
                self._unwritten[number] = kept.key


def _read(text: str) -> Kept | None:
    try:
        return msgspec.json.decode(text, type=Kept)
    except msgspec.MsgspecError:
        log.warning("a desk of another controller cannot be read")
        return None
