"""What a line shared by several controllers must do, wherever it is kept."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest

from seats.routing import Waiting
from seats.shared_line import LineStore, SharedLine

ASKED = datetime(2026, 3, 2, 1, 0, 0, tzinfo=UTC)
NAMES = ("a", "b", "c")


def caller(call_id: str, after_s: float = 0, **more: object) -> Waiting:
    return Waiting(
        call_id=call_id,
        group="labour",
        city="220100",
        language="zh-CN",
        asked_at=ASKED + timedelta(seconds=after_s),
        **more,  # type: ignore[arg-type]
    )


async def until(is_so: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while True:
            if is_so():
                return
            await asyncio.sleep(0.005)


class Heard:
    """A line at work, and everything that it told."""

    def __init__(self, line: SharedLine) -> None:
        self.line = line
        self.others: dict[str, Waiting] = {}
        self.told: list[tuple[str, str]] = []
        self.missed = 0
        line.on_other = self._other
        line.on_told = lambda kind, text: self.told.append((kind, text))
        line.on_missed = self._missed

    def _other(self, call_id: str, who: Waiting | None) -> None:
        if who is None:
            del self.others[call_id]  # what was never told cannot go
        else:
            self.others[call_id] = who

    async def _missed(self) -> None:
        self.missed += 1


@contextlib.asynccontextmanager
async def running(line: SharedLine) -> AsyncIterator[Heard]:
    heard = Heard(line)
    task = asyncio.create_task(line.run())
    try:
        yield heard
    finally:
        task.cancel()
        await asyncio.wait([task])


class LineContract:
    """Inherit, give the fixture `stores`, and each of these is a test."""

    @pytest.fixture
    def store(self, stores: Callable[[str, str], LineStore]) -> Callable[..., SharedLine]:
        def make(controller: str, run: str = "") -> SharedLine:
            run = run or f"run-{controller}"
            kept = stores(controller, run)
            return SharedLine(kept, controller=controller, controllers=NAMES, run_id=run)

        return make

    async def test_callers_are_seen_by_all_others_moved_and_gone(
        self, store: Callable[..., SharedLine]
    ) -> None:
        async with running(store("a")) as a, running(store("b")) as b:
            await until(lambda: a.line.is_up and b.line.is_up)
            first = caller("c-1", tried=frozenset({"8001"}), at_head=True, sticky="8002")
            a.line.join(first)
            b.line.join(caller("c-2"))
            await until(lambda: b.others == {"c-1": first} and a.others == {"c-2": caller("c-2")})
            moved = caller("c-1", 5)
            a.line.join(moved)
            await until(lambda: b.others == {"c-1": moved})
            a.line.leave("c-1")
            a.line.leave("never-in-line")
            await until(lambda: not b.others)
            assert (dict(a.line.others), dict(b.line.others)) == ({"c-2": caller("c-2")}, {})

    async def test_who_comes_later_finds_who_waits(self, store: Callable[..., SharedLine]) -> None:
        async with running(store("a")) as a:
            for n in range(300):
                a.line.join(caller(f"c-{n}", n))
            a.line.leave("c-7")
            async with running(store("b")) as b:
                await until(lambda: len(b.others) == 299)
                assert "c-7" not in b.others and b.missed

    async def test_callers_of_a_dead_controller_are_left_out_until_it_lives(
        self, store: Callable[..., SharedLine]
    ) -> None:
        async with running(store("b")) as b:
            alive: list[frozenset[str]] = []
            b.line.on_alive = alive.append
            async with running(store("a")) as a:
                a.line.join(caller("c-1"))
                await until(lambda: "c-1" in b.others)
                await until(lambda: b.line.alive == {"a", "b"})  # c never was
            await until(lambda: b.line.alive == {"b"})
            assert (b.others, alive[-1]) == ({}, {"b"})
            async with running(store("a", "run-a-2")) as again:
                # What an earlier run left is no caller of this one.
                await until(lambda: b.line.alive == {"a", "b"})
                again.line.join(caller("c-2"))
                await until(lambda: set(b.others) == {"c-2"})

    async def test_a_controller_that_ends_in_order_is_known_at_once(
        self, store: Callable[..., SharedLine]
    ) -> None:
        async with running(store("b")) as b:
            async with running(store("a")) as a:
                a.line.join(caller("c-1"))
                await until(lambda: "c-1" in b.others)
            await a.line.close()
            await until(lambda: "a" not in b.line.alive)
            assert not b.others

    async def test_a_caller_taken_over_is_the_new_controllers(
        self, store: Callable[..., SharedLine]
    ) -> None:
        async with running(store("a")) as a, running(store("b")) as b, running(store("c")) as c:
            a.line.join(caller("c-1"))
            await until(lambda: "c-1" in b.others and "c-1" in c.others)
            b.line.join(caller("c-1", 0, at_head=True))
            await until(lambda: c.others["c-1"].at_head and "c-1" in a.others)
            a.line.leave("c-1")  # late: it is not his any more
            a.line.join(caller("c-2"))
            await until(lambda: "c-2" in c.others)
            assert "c-1" in c.others and "c-1" not in b.line.others
            b.line.leave("c-1")
            await until(lambda: set(c.others) == {"c-2"} and not a.others)

    async def test_a_hundred_changes_at_once_end_the_same_everywhere(
        self, store: Callable[..., SharedLine]
    ) -> None:
        async with running(store("a")) as a, running(store("b")) as b:
            await until(lambda: a.line.is_up and b.line.is_up)
            for n in range(400):
                mine = (a, b)[n % 2].line
                mine.join(caller(f"c-{n % 40}-{n % 2}", n))
                if n % 3 == 0:
                    mine.leave(f"c-{n % 40}-{n % 2}")
                if n % 50 == 0:
                    await asyncio.sleep(0.001)
            left = {f"c-{n % 40}-{n % 2}" for n in range(360, 400) if n % 3}
            await until(lambda: set(a.others) | set(b.others) == left)
            assert all(name.endswith("-1") for name in a.others)
            assert all(name.endswith("-0") for name in b.others)
