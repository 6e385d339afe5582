"""Callbacks through the real switchboard, dispatcher and session, on a fake Asterisk in virtual
time: what the tests of them share.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from callcenter.alarms import Alarms
from callcenter.asterisk import heard, lease
from callcenter.asterisk.protocol import AmiMessage
from callcenter.call import Stage
from callcenter.call.callback import Callback
from callcenter.callbacks import Callbacks
from callcenter.dispatcher import Dispatcher
from ivr_flows.load import load_flows
from seats.board import Board
from seats.policy import CallbackPolicy
from seats.seat import Level, Seat, SeatState
from tests.callcenter import virtual_time
from tests.callcenter.call_heard import CallHeard
from tests.callcenter.fake_asterisk import FakeLine
from tests.callcenter.fake_hotline import Assumed, House, InForce, Ledger, Outside, Sounds

SEATS = tuple(
    Seat(number, Level.PROVINCIAL, None, frozenset({"labour", "general"}), frozenset({"zh-CN"}), "")
    for number in ("8901", "8902")
)
CALLER = "04315550123"
CALL = "c-1.1"
NO_ANSWER, BUSY = 19, 17
REFUSED = AmiMessage(b"Response: Error\r\nMessage: no such trunk")
AS_USUAL = CallbackPolicy()


@dataclass
class Telephones:
    """Stands for the way out: what was rung, and how the citizen takes it."""

    rung: list[tuple[str, str]] = field(default_factory=list)
    fault: Exception | None = None

    async def ring_caller(
        self, call_id: str, *, number: str, trunk: str, dialled: str, ring_s: int
    ) -> None:
        self._note("caller", call_id)

    async def ring_seat_first(
        self, call_id: str, *, number: str, trunk: str, dialled: str, ring_s: int
    ) -> None:
        self._note("seat", call_id)

    async def dial_caller(self, call_id: str) -> None:
        self._note("dial", call_id)

    def _note(self, whom: str, call_id: str) -> None:
        self.rung.append((whom, call_id))
        if self.fault is not None:
            raise self.fault


@dataclass
class Rules:
    """What people have laid down."""

    laid_down: CallbackPolicy
    way_out: str | None = "demo"

    def policy(self) -> CallbackPolicy:
        return self.laid_down

    def trunk(self, name: str) -> str | None:
        return self.way_out


class Scene:
    """One controller on a board; `again` is the next on the same board."""

    def __init__(self, policy: CallbackPolicy, board: Board | None = None, node: str = "c") -> None:
        self.policy = policy
        self.board = board or Board(None, clock=virtual_time.now)
        self.out = Telephones()
        self.rules = Rules(policy)
        self.told: list[Callback] = []
        self._heard = CallHeard(lambda: None)
        ledger, outside = Ledger(), Outside(self._heard)
        self.house = House(
            board=self.board,
            spool=ledger,
            flows=InForce(load_flows()),
            sounds=Sounds(self._heard),
            known=Assumed({"hours": "open", "caller_known": "yes"}),
            outside=outside,  # type: ignore[arg-type]  # stands for it
            alarms=Alarms(ledger),
            counters=ledger,
            dialplan="v1",
            ring_s=15,
        )
        self.dispatcher = self.house.dispatcher = Dispatcher(
            SEATS,
            self.board,
            clock=virtual_time.now,
            offer=self.house.offer,
            ring_s=15,
            wrap_up_s=0,
        )
        self.callbacks = self.house.callbacks = Callbacks(
            board=self.board,
            outbound=self.out,
            rules=self.rules,
            house=self.house,
            tell=self.told.append,
            node=node,
        )
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, *, takes_up: bool = True) -> Scene:
        await self.dispatcher.restore()
        if takes_up:
            self.house.claims.restore(await self.board.load_calls())
        for work in (self.dispatcher.run(), self.callbacks.run(), self._sweep()):
            self._tasks.append(asyncio.create_task(work))
        return self

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(1)
            self.dispatcher.sweep()

    async def die(self) -> None:
        """As kill -9 does: nothing is said any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for session in self.house.sessions.values():
            session.let_go()

    async def again(self, node: str = "c") -> Scene:
        """The controller dies, another takes up what is on the board."""
        await self.die()
        return await Scene(self.policy, self.board, node).start()

    def line(self, call_id: str, caller: str = CALLER) -> FakeLine:
        """The channel comes to the controller."""
        env = {"agi_uniqueid": call_id, "agi_callerid": caller}
        now_ms = f"{virtual_time.now().timestamp() * 1000:.0f}"
        introduction = f";;{now_ms};;;0;/r/{call_id};demo;12348"
        line = FakeLine(env, introduction, self._heard)
        line.on_seat = lambda seat, what: self._seat(call_id, seat, what)
        self.house.arrivals.answer(line)  # type: ignore[arg-type]  # stands for an AgiLine
        return line

    def _seat(self, call_id: str, seat: str, what: str) -> None:
        kinds = {"rings": heard.SeatRings, "answered": heard.SeatPickedUp}
        self.house.news.hear(kinds[what](call_id, seat, virtual_time.now()))

    async def wish(self, call_id: str = CALL, caller: str = CALLER) -> datetime:
        """A caller waits, presses `*` and hangs up; when he first asked for a person."""
        line = self.line(call_id, caller)
        await asyncio.sleep(1)
        line.press("2")
        await self.until(lambda: self.stage(call_id) is Stage.QUEUE)
        asked_at = self.house.sessions[call_id].call.asked_at
        assert asked_at
        await asyncio.sleep(75)
        await self.until(lambda: line.is_waiting_for_key)
        line.press("*")
        await self.until(lambda: line.is_recording)
        line.hang_up()
        await self.until(lambda: call_id not in self.house.sessions)
        return asked_at

    def stage(self, call_id: str) -> Stage | None:
        session = self.house.sessions.get(call_id)
        return session.call.stage if session else None

    def ready(self, seat: str = "8901") -> None:
        self.house.news.phone_seen(seat, is_registered=True)

    def state(self, seat: str = "8901") -> SeatState:
        return self.dispatcher.statuses[seat].state

    def gone(self, call_id: str, cause: int = NO_ANSWER) -> None:
        """The citizen's telephone rang in vain."""
        self.house.news.hear(heard.ChannelGone(call_id, "PJSIP/demo-1", virtual_time.now(), cause))

    @property
    def only(self) -> Callback:
        (one,) = self.callbacks
        return one

    async def until(self, is_so: Callable[[], object], longest_s: float = 90) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + longest_s
        while not is_so():
            assert loop.time() < until, f"waited in vain; kept {list(self.callbacks)}"
            await asyncio.sleep(0.1)


def play(
    story: Callable[[Scene], Coroutine[Any, Any, None]], policy: CallbackPolicy = AS_USUAL
) -> None:
    """Run a story in virtual time, from 9:00 in the morning."""

    async def run() -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(lease, "monotonic", asyncio.get_running_loop().time)
            scene = await Scene(policy).start()
            try:
                await story(scene)
            finally:
                for task in asyncio.all_tasks() - {asyncio.current_task()}:
                    task.cancel()

    virtual_time.run(run())
