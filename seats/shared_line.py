"""The waiting callers of all controllers as one line, and which controllers live.

Each controller writes its own callers and hears of the others'. What is told is numbered; a number
missed, or a link that was lost, and all of it is read again. Without Redis there is no line but
one's own: then `others` is empty, and nobody counts as dead, for nobody can know.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

import msgspec

from seats.redis_link import StoreAway
from seats.routing import Waiting

log = logging.getLogger(__name__)

BEAT_S = 0.5  # between signs of life, and between looks whether something was missed
DEAD_AFTER_S = 3.0  # without a sign of life
_BACK_OFF_S = 0.25  # between tries to reach Redis


class Told(NamedTuple):
    """One thing that a run told all others: the how-manieth of all, who, what about, the text."""

    number: int
    by: str
    kind: str
    text: str


class Change(NamedTuple):
    """A caller of ours in line, moved or new; `text` None: he has left it."""

    call_id: str
    text: str | None


class Beat(NamedTuple):
    """What a sign of life is answered with: how much was told, and which controllers live."""

    told: int
    alive: frozenset[str]


class LineStore(Protocol):
    """Where the line is shared; every method may raise StoreAway."""

    async def write(self, changes: Sequence[Change]) -> None:
        """Keep and tell them; of another controller's callers nothing is removed."""

    async def read(self) -> tuple[int, dict[str, tuple[str, str]]]:
        """How much was told so far, and call_id -> (controller, text)."""

    async def beat(self, controllers: Iterable[str]) -> Beat:
        """Give a sign of life, and see which of these have."""

    async def listen(self, hear: Callable[[Told], None], ready: Callable[[], None]) -> None:
        """Hand on what is told until the link breaks; `ready`: from now on nothing is missed."""

    async def depart(self) -> None:
        """Tell the others at once that this controller ends."""


def _ignore_other(call_id: str, caller: Waiting | None) -> None:
    """Nobody listens yet."""


def _ignore_alive(alive: frozenset[str]) -> None:
    """Nobody listens yet."""


def _ignore_told(kind: str, text: str) -> None:
    """Nobody listens yet."""


async def _nothing() -> None:
    """Nobody wants to know."""


class SharedLine:
    """One per controller; `run` as a task, `close` at the end. Methods never wait or fail.

    `run_id`: what this run signs with, that of its board. `store` None: one controller alone.
    """

    def __init__(
        self, store: LineStore | None, *, controller: str, controllers: Iterable[str], run_id: str
    ) -> None:
        self.on_other: Callable[[str, Waiting | None], None] = _ignore_other
        """Called when a caller of another controller joins or moves, with None when he is gone."""
        self.on_alive: Callable[[frozenset[str]], None] = _ignore_alive
        """Called when a controller came to life or died, with those that live."""
        self.on_told: Callable[[str, str], None] = _ignore_told
        """Called with kind and text of what is told and is not of the line (seats.board)."""
        self.on_missed: Callable[[], Awaitable[None]] = _nothing
        """Awaited when something may have been missed."""
        self.is_up = False
        self.catches_up = 0
        """Times that all was read again."""
        self._store = store
        self._controller = controller
        self._controllers = frozenset(controllers) | {controller}
        self.alive = self._controllers
        """Controllers that gave a sign of life lately; all while Redis is away."""
        self._run = run_id
        self._own: dict[str, Waiting] = {}
        self._theirs: dict[str, tuple[str, Waiting]] = {}
        self._dirty: dict[str, None] = {}
        self._work = asyncio.Event()
        self._heard = 0
        self._missed = True
        self._listens = asyncio.Event()
        self._up_since = 0.0

    @property
    def others(self) -> Mapping[str, Waiting]:
        """Callers of the other controllers that live, by call."""
        if not self.is_up:
            return {}
        return {
            call_id: caller
            for call_id, (controller, caller) in self._theirs.items()
            if controller in self.alive
        }

    def join(self, caller: Waiting) -> None:
        """A caller of ours stands in line, or is moved."""
        self._theirs.pop(caller.call_id, None)
        self._own[caller.call_id] = caller
        self._is_dirty(caller.call_id)

    def leave(self, call_id: str) -> None:
        """A caller of ours has left the line; unknown ones are ignored."""
        if self._own.pop(call_id, None) is not None:
            self._is_dirty(call_id)

    def _is_dirty(self, call_id: str) -> None:
        if self._store is not None:
            self._dirty.pop(call_id, None)
            self._dirty[call_id] = None
            self._work.set()

    async def run(self) -> None:
        """Share the line for ever; cancel to stop."""
        if self._store is None:
            return
        while True:
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._listen(self._store))
                    tasks.create_task(self._beat(self._store))
                    tasks.create_task(self._write(self._store))
            except* StoreAway as group:
                self._went_away(group.exceptions[0])
            await asyncio.sleep(_BACK_OFF_S)

    async def close(self) -> None:
        """Tell the others that this controller ends."""
        if self._store is not None:
            with contextlib.suppress(StoreAway):
                await self._store.depart()

    async def _listen(self, store: LineStore) -> None:
        self._listens.clear()
        await store.listen(self._hear, self._listens.set)

    async def _beat(self, store: LineStore) -> None:
        await self._listens.wait()
        self._missed = True
        while True:
            beat = await store.beat(self._controllers)
            if self._missed or beat.told < self._heard or await self._is_behind(beat.told):
                await self._catch_up(store)
            self._came_up()
            alive = beat.alive | {self._controller}
            if self._now() - self._up_since < DEAD_AFTER_S:
                alive |= self.alive  # Redis may have lost their signs, as it was away
            self._see(alive)
            await asyncio.sleep(BEAT_S)

    async def _is_behind(self, told: int) -> bool:
        """What was told before we asked must have been heard soon after."""
        if self._heard < told:
            await asyncio.sleep(BEAT_S / 5)
        return self._heard < told

    async def _write(self, store: LineStore) -> None:
        while True:
            await self._work.wait()
            self._work.clear()
            changes = [self._change(call_id) for call_id in self._dirty]
            if not changes:
                continue
            await store.write(changes)
            for call_id, text in changes:
                if self._change(call_id).text == text:
                    self._dirty.pop(call_id, None)
                else:
                    self._work.set()

    def _change(self, call_id: str) -> Change:
        caller = self._own.get(call_id)
        return Change(call_id, None if caller is None else encode(caller))

    def _hear(self, told: Told) -> None:
        if told.number != self._heard + 1:
            self._missed = True
        self._heard = max(self._heard, told.number)
        if told.by == self._run:
            return
        if told.kind == "join":
            controller, call_id, text = told.text.split(" ", 2)
            self._take(call_id, controller, decode(text))
        elif told.kind == "leave":
            controller, _, call_id = told.text.partition(" ")
            if call_id in self._theirs and self._theirs[call_id][0] == controller:
                self._gone(call_id)
        elif told.kind == "end":
            self._see(self.alive - {told.text})
        else:
            self.on_told(told.kind, told.text)

    def _take(self, call_id: str, controller: str, caller: Waiting | None) -> None:
        if caller is None or controller == self._controller:
            return
        if call_id in self._own:  # taken over there
            del self._own[call_id]
            self._dirty.pop(call_id, None)
        known = self._theirs.get(call_id)
        self._theirs[call_id] = (controller, caller)
        if self.is_up and controller in self.alive and known != (controller, caller):
            self.on_other(call_id, caller)

    def _gone(self, call_id: str) -> None:
        controller, _ = self._theirs.pop(call_id)
        if self.is_up and controller in self.alive:
            self.on_other(call_id, None)

    async def _catch_up(self, store: LineStore) -> None:
        self._missed = False
        told, entries = await store.read()
        self._heard = told
        self.catches_up += 1
        for call_id, (controller, text) in entries.items():
            self._take(call_id, controller, decode(text))
        for call_id in self._theirs.keys() - entries.keys():
            self._gone(call_id)
        for call_id, (controller, _) in entries.items():
            if controller == self._controller and call_id not in self._own:
                self._is_dirty(call_id)  # left by an earlier run of ours
        for call_id in self._own:
            if entries.get(call_id) != (self._controller, encode(self._own[call_id])):
                self._is_dirty(call_id)
        await self.on_missed()

    def _came_up(self) -> None:
        if not self.is_up:
            self.is_up = True
            self._up_since = self._now()
            for call_id, caller in self.others.items():
                self.on_other(call_id, caller)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _see(self, alive: frozenset[str]) -> None:
        if alive == self.alive:
            return
        changed = alive ^ self.alive
        log.info("controllers that live: %s", ", ".join(sorted(alive)))
        self.alive = alive
        for call_id, (controller, caller) in self._theirs.items():
            if controller in changed:
                self.on_other(call_id, caller if controller in alive else None)
        self.on_alive(alive)

    def _went_away(self, away: BaseException) -> None:
        if self.is_up:
            log.warning("redis is away; the line is our own callers': %s", away)
            for call_id in self.others:
                self.on_other(call_id, None)
            self.is_up = False
        if self.alive != self._controllers:
            self.alive = self._controllers
            self.on_alive(self.alive)


def encode(caller: Waiting) -> str:
    """A caller as the others read him."""
    return msgspec.json.encode(caller).decode()


def decode(text: str) -> Waiting | None:
    """The caller, or None when this is none (written by something else, or newer)."""
    try:
        return msgspec.json.decode(text, type=Waiting)
    except msgspec.MsgspecError:
        return None
