"""What the controllers of one hotline tell each other besides the line and the seats: their calls,
who sits at which desk, beside which talk a supervisor's telephone listens.
"""

from __future__ import annotations

import asyncio

import msgspec
import structlog

from callcenter.beside import Place, Telephones
from callcenter.desk_book import DeskBook
from callcenter.neighbours import Neighbours
from seats.board import Board
from seats.desks_redis import RedisDesks
from seats.redis_link import StoreAway

log = structlog.get_logger()

BESIDE = "beside"  # number and place; no place: it is beside no talk of that controller


class Told:
    """One per controller of several. Run `run()` as a task; `close` at the end."""

    def __init__(
        self,
        store: RedisDesks,
        *,
        board: Board,
        neighbours: Neighbours,
        book: DeskBook,
        telephones: Telephones,
    ) -> None:
        self._store = store
        self._board = board
        self._neighbours = neighbours
        self._book = book
        self._telephones = telephones
        self._unsaid: dict[str, Place | None] = {}
        self._work = asyncio.Event()
        telephones.say = self._say
        neighbours.watchers.append(lambda before, call: telephones.moved_elsewhere())

    def hear(self, kind: str, text: str) -> None:
        """Take in news of another controller; a fault in that must not end the line."""
        self._board.hear(kind, text)
        try:
            self._hear(kind, text)
        except Exception:
            log.exception("what another controller told was not taken in", kind=kind)

    def _hear(self, kind: str, text: str) -> None:
        if kind == "desk":
            self._book.hear(text)
        elif kind == BESIDE:
            number, _, place = text.partition(" ")
            self._telephones.is_elsewhere(number, _place(place))
        else:
            self._neighbours.hear(kind, text)

    async def catch_up(self) -> None:
        """Something was not heard: read all that is kept."""
        await self._board.catch_up()
        stored = await self._board.calls_of_others()
        try:
            if stored is not None:
                self._neighbours.catch_up(stored)
            await self._book.catch_up()
        except Exception:
            log.exception("what other controllers keep was not taken in")

    def _say(self, number: str, place: Place | None) -> None:
        self._unsaid[number] = place
        self._work.set()

    async def run(self) -> None:
        """Tell the others, forever. What Redis does not take is told at the next change."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._book.run())
            tasks.create_task(self._run())

    async def _run(self) -> None:
        while True:
            await self._work.wait()
            self._work.clear()
            unsaid, self._unsaid = self._unsaid, {}
            for number, place in unsaid.items():
                text = msgspec.json.encode(place).decode() if place else ""
                try:
                    await self._store.say(BESIDE, f"{number} {text}")
                except StoreAway as away:
                    log.warning("the others were not told", number=number, why=str(away))

    async def close(self) -> None:
        """Let go of the link."""
        await self._store.close()


def _place(text: str) -> Place | None:
    try:
        return msgspec.json.decode(text, type=Place) if text else None
    except msgspec.MsgspecError:
        return None
