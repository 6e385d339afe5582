"""One desk per seat over several controllers, each with its own pages, over one store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from callcenter.desk_book import DeskBook, Kept
from callcenter.desks import LOST_CODE, Desk, Desks, DeskTaken
from seats.redis_link import StoreAway

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)


class Shelf:
    """What Redis does of it: the first of two that claim is kept, each change is told."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.books: list[tuple[Shelf.Door, DeskBook]] = []
        self.is_away = False

    class Door:
        """One controller's link to it."""

        def __init__(self, shelf: Shelf) -> None:
            self._shelf = shelf

        async def keep(self, number: str, text: str, *, over: str) -> str | None:
            """Keep it, unless another is there."""
            await self._reach()
            old = self._shelf.kept.get(number)
            held = _key(old) if old else ""
            if held not in ("", over, _key(text)):
                return old
            self._shelf.kept[number] = text
            self._tell(f"{number} {text}")
            return None

        async def drop(self, number: str, *, key: str) -> None:
            """Forget it."""
            await self._reach()
            if _key(self._shelf.kept.get(number, "")) == key:
                del self._shelf.kept[number]
                self._tell(f"{number} ")

        async def all(self) -> dict[str, str]:
            """Every desk."""
            await self._reach()
            return dict(self._shelf.kept)

        async def _reach(self) -> None:
            await asyncio.sleep(0)
            if self._shelf.is_away:
                raise StoreAway("gone")

        def _tell(self, text: str) -> None:
            for door, book in self._shelf.books:
                if door is not self:
                    book.hear(text)


def _key(text: str) -> str:
    return msgspec.json.decode(text, type=Kept).key if text else ""


class Node:
    """A controller with its desks."""

    def __init__(self, name: str, shelf: Shelf) -> None:
        self.now = NOON
        self.lost: list[str] = []
        self.left: list[str] = []
        self.abandoned: list[str] = []
        self.closed: list[int] = []
        self.desks = Desks(
            clock=lambda: self.now,
            change=lambda *_, **__: True,
            abandoned=self.abandoned.append,
            is_awaited=lambda number: False,
            on_taken=lambda desk: self.lost.append(desk.key),
        )
        door = Shelf.Door(shelf)
        self.book = DeskBook(door, self.desks, controller=name, clock=lambda: self.now)
        self.book.lost = self.left.append
        self.desks.book = self.book
        shelf.books.append((door, self.book))

    def sit(self, person: str, *, take_over: bool = False) -> Desk:
        """A page claims 8001 and opens its line."""
        desk = self.desks.claim("8001", person, take_over=take_over)
        assert self.desks.connect(desk.key, person, self.closed.append) == desk
        return desk


@asynccontextmanager
async def two() -> AsyncIterator[tuple[Node, Node, Shelf]]:
    shelf = Shelf()
    nodes = Node("a", shelf), Node("b", shelf)
    writing = [asyncio.create_task(node.book.run()) for node in nodes]
    try:
        yield *nodes, shelf
    finally:
        for task in writing:
            task.cancel()


async def settle() -> None:
    """Let all be written and told."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_desk_at_one_node_is_taken_at_the_other_too() -> None:
    async with two() as (a, b, _):
        desk = a.sit("wang")
        await settle()
        assert b.desks.at("8001") == desk
        for person in ("li", "wang"):  # his own second tab as well
            with pytest.raises(DeskTaken, match="wang"):
                b.desks.claim("8001", person)


async def test_who_takes_over_at_the_other_node_is_known_at_the_first() -> None:
    async with two() as (a, b, _):
        first = a.sit("wang")
        await settle()
        second = b.sit("li", take_over=True)
        assert b.abandoned == ["8001"]
        await settle()
        assert (a.closed, a.lost, a.left) == ([LOST_CODE], [first.key], ["8001"])
        assert a.desks.at("8001") == b.desks.at("8001") == second
        assert a.desks.connect(first.key, "wang", a.closed.append, own="8001") is None


async def test_of_two_that_claim_in_one_moment_one_has_it_and_the_other_hears_so() -> None:
    async with two() as (a, b, _):
        pages = {a: a.sit("wang"), b: b.sit("li")}
        await settle()
        assert a.desks.at("8001") == b.desks.at("8001")
        (loser,) = [node for node in (a, b) if node.lost]
        assert loser.lost == [pages[loser].key]
        assert loser.closed == [LOST_CODE]


async def test_a_page_that_comes_by_the_other_node_keeps_its_desk() -> None:
    async with two() as (a, b, _):
        desk = a.sit("wang")
        await settle()
        moved = b.desks.connect(desk.key, "wang", b.closed.append, own="8001")
        assert moved is not None and moved.key == desk.key
        await settle()
        assert (a.lost, a.left, b.closed) == ([], [], [])
        assert b.desks.connect(desk.key, "li", b.closed.append, own="8001") is None
        a.desks.disconnect(desk, a.closed.append)  # its old line is noticed to be gone
        await settle()
        with pytest.raises(DeskTaken):
            a.desks.claim("8001", "li")


async def test_a_page_that_moves_is_not_cut_off_by_word_of_its_old_line() -> None:
    async with two() as (a, b, shelf):
        desk = a.sit("wang")
        await settle()
        a.desks.disconnect(desk, a.closed.append)  # both in one moment
        assert b.desks.connect(desk.key, "wang", b.closed.append, own="8001") is not None
        await settle()
        assert (b.closed, b.lost, a.lost) == ([], [], [])
        kept = msgspec.json.decode(shelf.kept["8001"], type=Kept)
        assert (kept.controller, kept.is_open) == ("b", True)
        assert a.desks.at("8001") == b.desks.at("8001")


async def test_who_is_put_out_at_the_other_node_loses_his_desk_here() -> None:
    async with two() as (a, b, shelf):
        desk = a.sit("wang")
        await settle()
        b.desks.leave(desk)
        await settle()
        assert (a.lost, a.closed, shelf.kept) == ([desk.key], [LOST_CODE], {})
        assert a.desks.at("8001") is None and b.desks.at("8001") is None


async def test_a_desk_outlives_its_controller_and_is_free_when_nobody_comes() -> None:
    async with two() as (a, b, _):
        desk = a.sit("wang")
        await settle()
        b.now += timedelta(minutes=10)
        b.book.live(frozenset({"b"}))
        assert b.desks.at("8001") == desk
        with pytest.raises(DeskTaken):
            b.desks.claim("8001", "li")
        b.now += timedelta(seconds=16)
        assert b.desks.at("8001") is None
        assert b.sit("li").person == "li"


async def test_a_controller_that_is_started_anew_knows_who_sat_there() -> None:
    async with two() as (a, _, shelf):
        desk = a.sit("wang")
        await settle()
        again = Node("a", shelf)
        await again.book.catch_up()
        with pytest.raises(DeskTaken):
            again.desks.claim("8001", "li")
        assert again.desks.connect(desk.key, "wang", again.closed.append, own="8001") is not None


async def test_what_redis_did_not_take_or_has_lost_is_written_when_it_is_back() -> None:
    async with two() as (a, b, shelf):
        shelf.is_away = True
        desk = a.sit("wang")
        await settle()
        assert shelf.kept == {} and b.desks.at("8001") is None
        shelf.is_away = False
        await asyncio.sleep(0.6)
        assert b.desks.at("8001") == desk
        shelf.kept.clear()
        await b.book.catch_up()
        await a.book.catch_up()
        await settle()
        assert _key(shelf.kept["8001"]) == desk.key and a.lost == []
        assert b.desks.at("8001") == desk
