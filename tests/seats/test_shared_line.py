"""The shared line on a stand-in for Redis that lives in memory, and one controller alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

import pytest

from seats.redis_link import StoreAway
from seats.shared_line import Beat, Change, LineStore, SharedLine, Told, decode, encode
from tests.seats.line_contract import NAMES, LineContract, caller, running, until


class Hub:
    """What Redis holds for all."""

    def __init__(self) -> None:
        self.told = 0
        self.line: dict[str, tuple[str, str]] = {}
        self.seen: dict[str, float] = {}
        self.ears: list[asyncio.Queue[Told]] = []
        self.is_there = True
        self.swallow = 0

    def tell(self, by: str, kind: str, text: str) -> None:
        self.told += 1
        if self.swallow:
            self.swallow -= 1
            return
        for ear in self.ears:
            ear.put_nowait(Told(self.told, by, kind, text))

    def need(self) -> None:
        if not self.is_there:
            raise StoreAway("taken away by the test")


class MemoryLine:
    """Implements LineStore on a Hub."""

    def __init__(self, hub: Hub, controller: str, by: str) -> None:
        self.hub, self.controller, self.by = hub, controller, by

    async def write(self, changes: Sequence[Change]) -> None:
        self.hub.need()
        for call_id, text in changes:
            if text is not None:
                self.hub.line[call_id] = (self.controller, text)
                self.hub.tell(self.by, "join", f"{self.controller} {call_id} {text}")
            elif self.hub.line.get(call_id, ("", ""))[0] == self.controller:
                del self.hub.line[call_id]
                self.hub.tell(self.by, "leave", f"{self.controller} {call_id}")

    async def read(self) -> tuple[int, dict[str, tuple[str, str]]]:
        self.hub.need()
        return self.hub.told, dict(self.hub.line)

    async def beat(self, controllers: Iterable[str]) -> Beat:
        self.hub.need()
        now = asyncio.get_running_loop().time()
        self.hub.seen[self.controller] = now
        alive = {name for name in controllers if now - self.hub.seen.get(name, -9.0) < 3}
        return Beat(self.hub.told, frozenset(alive))

    async def listen(self, hear: Callable[[Told], None], ready: Callable[[], None]) -> None:
        self.hub.need()
        ear: asyncio.Queue[Told] = asyncio.Queue()
        self.hub.ears.append(ear)
        ready()
        while True:
            hear(await ear.get())
            self.hub.need()

    async def depart(self) -> None:
        self.hub.need()
        self.hub.seen.pop(self.controller, None)
        self.hub.tell(self.by, "end", self.controller)


@pytest.fixture(name="hub")
def _hub() -> Hub:
    return Hub()


class TestSharedLineInMemory(LineContract):
    @pytest.fixture
    def stores(self, hub: Hub) -> Callable[[str, str], LineStore]:
        return lambda controller, run: MemoryLine(hub, controller, run)


def line(hub: Hub, controller: str) -> SharedLine:
    store = MemoryLine(hub, controller, f"run-{controller}")
    return SharedLine(store, controller=controller, controllers=NAMES, run_id=f"run-{controller}")


async def test_what_was_missed_is_read_again(hub: Hub) -> None:
    async with running(line(hub, "a")) as a, running(line(hub, "b")) as b:
        await until(lambda: a.line.is_up and b.line.is_up)
        hub.swallow = 1
        a.line.join(caller("c-1"))
        await until(lambda: "c-1" in b.others)
        caught_up = b.line.catches_up
        hub.swallow = 1
        a.line.leave("c-1")
        await until(lambda: not b.others)
        assert b.line.catches_up > caught_up
        assert b.missed == b.line.catches_up


async def test_without_the_store_the_line_is_ones_own_and_comes_back_whole(hub: Hub) -> None:
    async with running(line(hub, "a")) as a, running(line(hub, "b")) as b:
        a.line.join(caller("c-1"))
        a.line.join(caller("c-2"))
        await until(lambda: set(b.others) == {"c-1", "c-2"})
        hub.is_there = False
        await until(lambda: not (a.line.is_up or b.line.is_up))
        assert (b.others, b.line.alive) == ({}, frozenset(NAMES))
        a.line.leave("c-1")
        a.line.join(caller("c-3"))
        b.line.join(caller("c-4"))
        hub.line.clear()  # it comes back empty
        hub.told = 0
        hub.is_there = True
        await until(lambda: set(b.others) == {"c-2", "c-3"} and set(a.others) == {"c-4"})
        await until(lambda: set(hub.line) == {"c-2", "c-3", "c-4"})


async def test_what_is_told_of_other_things_is_handed_on_but_ones_own(hub: Hub) -> None:
    async with running(line(hub, "a")) as a, running(line(hub, "b")) as b:
        await until(lambda: a.line.is_up and b.line.is_up)
        hub.tell("run-a", "seat", "a status with spaces")
        await until(lambda: b.told)
        assert (a.told, b.told) == ([], [("seat", "a status with spaces")])


async def test_what_is_no_caller_is_passed_over(hub: Hub) -> None:
    hub.line["c-0"] = ("b", "{}")
    async with running(line(hub, "a")) as a, running(line(hub, "b")) as b:
        await until(lambda: a.line.is_up and b.line.is_up)
        hub.tell("run-b", "join", "b c-1 rubbish")
        b.line.join(caller("c-2"))
        await until(lambda: "c-2" in a.others)
        await until(lambda: "c-0" not in hub.line)
        assert set(a.others) == {"c-2"}  # and a still hears: it came after the rubbish


async def test_one_controller_alone_keeps_its_line_to_itself() -> None:
    alone = SharedLine(None, controller="main", controllers=(), run_id="x")
    alone.join(caller("c-1"))
    alone.leave("c-1")
    await alone.run()
    await alone.close()
    assert (alone.others, alone.alive, alone.is_up) == ({}, {"main"}, False)


def test_a_caller_is_read_as_he_was_written() -> None:
    who = caller("c-1", tried=frozenset({"8001", "8002"}), wants="8003", node="b")
    assert decode(encode(who)) == who
