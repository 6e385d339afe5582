"""Several real dispatchers on one board: what one does while another waits for Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

import msgspec
import pytest

from callcenter.commands import JoinLine
from callcenter.dispatcher import Dispatcher
from callcenter.events import OverflowDue, SeatOffered
from seats.board import Board
from seats.board_memory import BoardMemory
from seats.routing import Waiting
from seats.seat import Change, Level, Seat, SeatState, SeatStatus

NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CITIES = ("220100", None)
SEATS = tuple(
    Seat(
        f"8{n:03}",
        Level.MUNICIPAL if n % 2 else Level.PROVINCIAL,
        "220100" if n % 2 else None,
        frozenset({"labour", "family"} if n % 3 else {"general"}),
        frozenset({"zh-CN"}),
        str(n),
    )
    for n in range(8)
)
RING_S, WRAP_UP_S = 15, 2


class OneRedis:
    """What all controllers share, and how late the others hear of it."""

    def __init__(self, rng: Random) -> None:
        self.now = NINE
        self.rng = rng
        self.truth = BoardMemory(most_dropped=1)
        self.nodes: list[Node] = []
        self.rung: dict[str, str] = {}  # seat -> call, as lawyers live it
        self.over: set[str] = set()
        self.answered: set[str] = set()

    async def delay(self) -> None:
        """Redis takes a while; everything else goes on."""
        for _ in range(self.rng.randrange(4)):
            await asyncio.sleep(0)

    def tell(self, by: Node, news: Callable[[Node], None]) -> None:
        for node in self.nodes:
            if node is not by:
                node.inbox.append(news)


class NodeBoard(Board):
    """The board of one controller, in step with the others' through `OneRedis`."""

    def __init__(self, redis: OneRedis, node: Node) -> None:
        super().__init__(None, clock=lambda: redis.now)
        self._redis, self._node = redis, node

    def save_seat(self, status: SeatStatus) -> None:
        super().save_seat(status)
        if self._redis.truth.save_seat(status):
            self._redis.tell(self._node, lambda node: node.board.adopt(status))

    def adopt(self, status: SeatStatus) -> None:
        known = self.seats.get(status.number)
        if known is None or known.version < status.version:
            super().save_seat(status)
            self.on_seat(status)

    async def reserve(self, seat: str, call_id: str, expected_version: int, lease_s: float) -> bool:
        await self._redis.delay()
        truth = self._redis.truth
        reserved = truth.reserved(seat, call_id, expected_version, lease_s, self._redis.now)
        if reserved is not None:
            self.save_seat(reserved)
        await self._redis.delay()
        if reserved is None:
            self.adopt(truth.seats[seat])
        return reserved is not None


class Node:
    """One controller with its calls."""

    def __init__(self, redis: OneRedis) -> None:
        self.redis = redis
        self.inbox: list[Callable[[Node], None]] = []
        self.calls: dict[str, JoinLine] = {}
        self.board = NodeBoard(redis, self)
        self.dispatcher = Dispatcher(
            SEATS,
            self.board,
            clock=lambda: redis.now,
            offer=self.offered,
            ring_s=RING_S,
            wrap_up_s=WRAP_UP_S,
        )
        self.dispatcher.told = self

    def join(self, caller: Waiting) -> None:
        self.redis.tell(self, lambda node: node.dispatcher.other(caller.call_id, caller))

    def leave(self, call_id: str) -> None:
        self.redis.tell(self, lambda node: node.dispatcher.other(call_id, None))

    def offered(self, call_id: str, event: SeatOffered | OverflowDue) -> None:
        assert isinstance(event, SeatOffered)
        assert call_id in self.calls and call_id not in self.redis.over, "offered when gone"
        assert call_id not in self.redis.rung.values(), "a caller is doubled"
        assert event.seat not in self.redis.rung, "a seat has two calls"
        assert event.seat not in self.calls[call_id].tried, "a seat is offered again"
        self.redis.rung[event.seat] = call_id

    def stand(self, call_id: str) -> None:
        self.dispatcher.join(call_id, self.calls[call_id])

    def end(self, call_id: str) -> None:
        """The caller hangs up, wherever he is."""
        seat = next((s for s, c in self.redis.rung.items() if c == call_id), None)
        self.dispatcher.leave(call_id)
        if seat is not None:
            del self.redis.rung[seat]
            self.dispatcher.change_seat(seat, Change.RELEASED, call_id=call_id)
        del self.calls[call_id]
        self.redis.over.add(call_id)
        self.dispatcher.forget(call_id)


class Play:
    """Random events at random nodes."""

    def __init__(self, seed: int, nodes: int) -> None:
        self.rng = Random(seed)
        self.redis = OneRedis(self.rng)
        self.redis.nodes = [Node(self.redis) for _ in range(nodes)]
        self.arrived = 0

    def node_of(self, call_id: str) -> Node:
        return next(node for node in self.redis.nodes if call_id in node.calls)

    def arrive(self) -> None:
        self.arrived += 1
        pick = self.rng.choice
        wish = JoinLine(
            group=pick(("labour", "family")),
            city=pick(CITIES),
            language="zh-CN",
            asked_at=self.redis.now,
            tried=frozenset(),
            at_head=False,
        )
        node, call_id = pick(self.redis.nodes), f"c{self.arrived}"
        node.calls[call_id] = wish
        node.stand(call_id)

    def happen(self) -> None:
        dice = self.rng.random()
        calls = sum(len(node.calls) for node in self.redis.nodes)
        if dice < 0.15 and calls < 20:
            self.arrive()
        elif dice < 0.5:
            for node in self.redis.nodes:
                for _ in range(min(len(node.inbox), self.rng.randrange(4))):
                    node.inbox.pop(0)(node)
        elif dice < 0.53 and calls:
            call_id = self.rng.choice([c for node in self.redis.nodes for c in node.calls])
            self.node_of(call_id).end(call_id)
        elif dice < 0.56:
            self.redis.now += timedelta(seconds=1)
            self.rng.choice(self.redis.nodes).dispatcher.sweep()
        else:
            self.at_a_seat(self.rng.choice(SEATS).number, self.rng.random())

    def at_a_seat(self, seat: str, dice: float) -> None:
        call_id = self.redis.rung.get(seat)
        node = self.node_of(call_id) if call_id else self.rng.choice(self.redis.nodes)
        if call_id is None:
            status = node.dispatcher.statuses[seat]
            if status.state is SeatState.OFFLINE:
                node.dispatcher.change_seat(seat, Change.REGISTERED)
            if status.state in (SeatState.OFFLINE, SeatState.NOT_READY):
                node.dispatcher.change_seat(seat, Change.READY)
        elif call_id in self.redis.answered:
            node.end(call_id)
        elif dice < 0.8:
            assert node.dispatcher.change_seat(seat, Change.ANSWERED, call_id=call_id)
            self.redis.answered.add(call_id)
        else:
            del self.redis.rung[seat]
            node.dispatcher.change_seat(seat, Change.NO_ANSWER, call_id=call_id)
            wish = node.calls[call_id]
            tried = wish.tried | {seat}
            node.calls[call_id] = msgspec.structs.replace(wish, tried=tried, at_head=True)
            node.stand(call_id)

    async def drain(self) -> None:
        """Everybody is served in the end."""
        for _ in range(300):
            if not any(node.calls for node in self.redis.nodes):
                return
            for node in self.redis.nodes:
                while node.inbox:
                    node.inbox.pop(0)(node)
            for seat in SEATS:
                self.at_a_seat(seat.number, 0)
            for node in self.redis.nodes:
                for call_id, wish in tuple(node.calls.items()):
                    if len(wish.tried) >= 4 and call_id not in self.redis.rung.values():
                        node.end(call_id)  # all seats for him refused
            self.redis.now += timedelta(seconds=1)
            for node in self.redis.nodes:
                node.dispatcher.sweep()
            await settled()
        raise AssertionError("a caller is lost")


async def settled() -> None:
    for _ in range(40):
        await asyncio.sleep(0)


@pytest.mark.parametrize(("seed", "nodes"), [(1, 2), (2, 3), (3, 2)])
async def test_callers_of_several_controllers_are_neither_lost_nor_doubled(
    seed: int, nodes: int
) -> None:
    play = Play(seed, nodes)
    for node in play.redis.nodes:
        await node.dispatcher.restore()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(node.dispatcher.run()) for node in play.redis.nodes]
        for n in range(1, 8001):
            play.happen()
            await play.redis.delay()
            if n % 2000 == 0:
                await play.drain()
        for task in tasks:
            task.cancel()
    assert len(play.redis.answered) > 300
    assert not play.redis.rung
    for status in play.redis.truth.seats.values():
        assert status.call_id is None
