"""One hotline of several controllers: one line of callers, and the calls of a controller that dies.

Each controller has its own Asterisk beside it and answers for that node; for a node whose
controller is gone the next one does. A call belongs to the controller that holds its AGI line.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from callcenter.beside import Telephones
from callcenter.desk_book import DeskBook
from callcenter.dispatcher import Dispatcher
from callcenter.neighbours import Neighbours
from callcenter.nodes import Nodes, stand_in
from callcenter.switchboard import Switchboard
from callcenter.told import Told
from seats.board import Board
from seats.desks_redis import RedisDesks
from seats.seat import IN_TALK, SeatStatus
from seats.shared_line import SharedLine
from seats.shared_line_redis import RedisLine

log = structlog.get_logger()


class Cluster:
    """One per controller, where there are several; `run` as a task, `close` at the end."""

    def __init__(
        self,
        nodes: Nodes,
        *,
        redis_url: str,
        namespace: str,
        board: Board,
        switchboard: Switchboard,
        dispatcher: Dispatcher,
        compare: Callable[[], Awaitable[None]],
        neighbours: Neighbours,
        telephones: Telephones,
    ) -> None:
        """`compare` holds our state against every Asterisk's; `neighbours` hears of calls that
        other controllers have, `telephones` of those that listen to them.
        """
        self.taken_over = 0
        """Calls of dead controllers that this one has gone on with."""
        self._nodes = nodes
        self._board = board
        self._switchboard = switchboard
        self._dispatcher = dispatcher
        self._compare = compare
        self._changed = asyncio.Event()
        own = nodes.own_name
        self._store = RedisLine(redis_url, namespace=namespace, controller=own, run_id=board.run_id)
        self.line = SharedLine(
            self._store, controller=own, controllers=nodes.names, run_id=board.run_id
        )
        self.line.on_other = dispatcher.other
        self.line.on_alive = self._see
        neighbours.is_up = lambda: self.line.is_up
        neighbours.is_alive = lambda controller: controller in nodes.alive
        switchboard.watchers.append(lambda before, call: neighbours.ours(call.call_id))
        nodes.hear_of_others = telephones.hear
        store = RedisDesks(redis_url, namespace=namespace, run_id=board.run_id)
        self._told = self._share(store, neighbours, telephones)
        board.on_lost = switchboard.claims.lose
        board.on_seat = self._hear_of_seat
        dispatcher.told = self.line
        dispatcher.out_of_reach = self._is_out_of_reach

    def _share(self, store: RedisDesks, neighbours: Neighbours, telephones: Telephones) -> Told:
        """Tell the others of our desks, and hear of theirs and of their calls."""
        desks, board = self._switchboard.desks, self._board
        self._book = DeskBook(
            store, desks, controller=self._nodes.own_name, clock=self._switchboard.clock
        )
        self._book.before_writing = board.flush
        self._book.lost = self._switchboard.talks.page_gone
        desks.book = self._book
        told = Told(
            store, board=board, neighbours=neighbours, book=self._book, telephones=telephones
        )
        self.line.on_told, self.line.on_missed = told.hear, told.catch_up
        return told

    def _is_out_of_reach(self, status: SeatStatus) -> bool:
        """Without Redis two controllers must not offer one seat: each keeps to its own node's."""
        return not self.line.is_up and status.node not in ("", self._nodes.own_name)

    def _hear_of_seat(self, status: SeatStatus) -> None:
        """Another controller has moved a seat, which may be in a talk of ours."""
        self._dispatcher.seat_is(status)
        if status.is_registered:
            self._switchboard.talks.phone_back(status.number)
        elif status.state in IN_TALK:
            self._switchboard.talks.phone_lost(status.number)

    def _see(self, alive: frozenset[str]) -> None:
        self._nodes.alive = alive
        self._book.live(alive)
        self._changed.set()

    async def run(self) -> None:
        """Share the line, and go on with the calls of controllers that die, forever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.line.run())
            tasks.create_task(self._told.run())
            tasks.create_task(self._stand_in())

    async def close(self) -> None:
        """Tell the others that this controller ends."""
        await self.line.close()
        await self._store.close()
        await self._told.close()

    async def _stand_in(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self._take_over()
            except Exception:
                # What could not be taken over now comes with its own AGI line, or at the next try.
                log.exception("taking over calls failed")

    async def _take_over(self) -> None:
        nodes = self._nodes
        gone = [name for name in nodes.names if name not in nodes.alive]
        ours = [name for name in gone if stand_in(nodes.names, name, nodes.alive) == nodes.own_name]
        for name in ours:
            taken = await self._board.claim_all(name)
            self._switchboard.claims.restore(taken)
            self.taken_over += len(taken)
            log.warning("a controller is gone; its calls are ours", node=name, calls=len(taken))
        if ours:
            await self._compare()
