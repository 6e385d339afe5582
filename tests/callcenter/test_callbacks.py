"""Callbacks through the real switchboard, dispatcher and session, on a fake Asterisk in virtual
time: the place is kept, whoever is rung first and whatever dies between.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from callcenter.alarms import Alarms
from callcenter.asterisk import heard, telephony
from callcenter.asterisk.ami import AmiDown, AmiRefused
from callcenter.asterisk.protocol import AmiMessage
from callcenter.call import Stage
from callcenter.call.callback import Callback, State
from callcenter.callbacks import Callbacks
from callcenter.dispatcher import Dispatcher
from ivr_flows.load import load_flows
from seats.board import Board
from seats.policy import CallbackPolicy, First
from seats.seat import Change, Level, Seat, SeatState
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

    def __init__(self, policy: CallbackPolicy, board: Board | None = None) -> None:
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

    async def again(self) -> Scene:
        """The controller dies, another takes up what is on the board."""
        await self.die()
        return await Scene(self.policy, self.board).start()

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
            patch.setattr(telephony, "monotonic", asyncio.get_running_loop().time)
            scene = await Scene(policy).start()
            try:
                await story(scene)
            finally:
                for task in asyncio.all_tasks() - {asyncio.current_task()}:
                    task.cancel()

    virtual_time.run(run())


def test_the_caller_is_rung_when_a_seat_is_free_and_talks_with_it() -> None:
    async def story(scene: Scene) -> None:
        asked_at = await scene.wish()
        assert scene.out.rung == [] and scene.only.asked_at == asked_at
        scene.ready()
        await scene.until(lambda: scene.out.rung)
        ((whom, try_id),) = scene.out.rung
        assert (whom, try_id, scene.state()) == ("caller", f"cb-1-{CALL}", SeatState.RESERVED)
        await asyncio.sleep(28)  # longer than a seat's own lease
        assert scene.state() is SeatState.RESERVED
        line = scene.line(try_id)
        await scene.until(lambda: scene.stage(try_id) is Stage.TALKING)
        call = scene.house.sessions[try_id].call
        assert (call.callback_of, call.asked_at, call.seat) == (CALL, asked_at, "8901")
        assert list(scene.callbacks) == []
        await scene.until(lambda: scene.stage(try_id) is Stage.SURVEY)
        line.press("1")
        assert scene.told[-1].state is State.REACHED

    play(story)


def test_the_seat_is_rung_first_if_the_policy_says_so() -> None:
    async def story(scene: Scene) -> None:
        await scene.wish()
        scene.ready()
        await scene.until(lambda: scene.out.rung)
        try_id = f"cb-1-{CALL}"
        line = scene.line(try_id)
        await scene.until(lambda: ("dial", try_id) in scene.out.rung)
        assert scene.out.rung[0] == ("seat", try_id)
        scene.house.news.hear(heard.LinePickedUp(try_id, virtual_time.now()))
        assert scene.told[-1].state is State.REACHED
        await scene.until(lambda: scene.stage(try_id) is Stage.SURVEY)
        line.hang_up()
        await scene.until(lambda: not scene.house.sessions)

    play(story, CallbackPolicy(first=First.SEAT))


def test_three_times_not_reached_is_given_up_and_frees_the_seat_each_time() -> None:
    async def story(scene: Scene) -> None:
        await scene.wish()
        scene.ready()
        for number in (1, 2, 3):
            try_id = f"cb-{number}-{CALL}"
            await scene.until(lambda t=try_id: ("caller", t) in scene.out.rung, 400)  # type: ignore[misc]
            begun = virtual_time.now()
            await asyncio.sleep(3)
            scene.gone(try_id, BUSY)
            assert scene.state() is SeatState.READY
            if number < 3:
                assert scene.only.next_at == virtual_time.now() + timedelta(seconds=300)
                assert virtual_time.now() - begun < timedelta(seconds=4)
        assert list(scene.callbacks) == []
        last = scene.told[-1]
        assert last.state is State.GIVEN_UP and len(last.tries) == 3
        await asyncio.sleep(1000)
        assert len(scene.out.rung) == 3

    play(story)


def test_a_try_of_which_nothing_is_heard_ends_by_itself() -> None:
    async def story(scene: Scene) -> None:
        await scene.wish()
        scene.ready()
        await scene.until(lambda: scene.out.rung)
        await scene.until(lambda: scene.only.state is State.WAITING)
        assert scene.only.tries[0].outcome == "failed" and scene.state() is SeatState.READY

    play(story)


@pytest.mark.parametrize("fault", [AmiDown("away"), AmiRefused("Originate", REFUSED)])
def test_an_asterisk_that_cannot_ring_keeps_the_place(fault: Exception) -> None:
    async def story(scene: Scene) -> None:
        asked_at = await scene.wish()
        scene.out.fault = fault
        scene.ready()
        await scene.until(lambda: scene.out.rung)
        await asyncio.sleep(0.1)
        assert scene.state() is SeatState.READY and scene.only.asked_at == asked_at
        # refused, the try has taken place; away, it has not
        assert len(scene.only.tries) == (0 if isinstance(fault, AmiDown) else 1)
        scene.out.fault = None
        await scene.until(lambda: len(scene.out.rung) > 1, 400)

    play(story)


def test_the_order_of_the_line_is_that_of_asking() -> None:
    async def story(scene: Scene) -> None:
        await scene.wish()
        later = scene.line("c-2.1", "04315550124")
        await asyncio.sleep(1)
        later.press("2")
        await scene.until(lambda: scene.stage("c-2.1") is Stage.QUEUE)
        assert scene.dispatcher.ahead("c-2.1") == 1
        scene.ready()
        await scene.until(lambda: scene.out.rung)
        assert scene.stage("c-2.1") is Stage.QUEUE
        scene.gone(f"cb-1-{CALL}")  # not there: the seat takes the next
        await scene.until(lambda: scene.stage("c-2.1") is Stage.TALKING)

    play(story)


def test_the_place_outlives_the_controller() -> None:
    async def story(scene: Scene) -> None:
        asked_at = await scene.wish()
        scene = await scene.again()
        assert scene.only.asked_at == asked_at
        scene.ready()
        await scene.until(lambda: scene.out.rung)
        line = scene.line(scene.out.rung[0][1])
        await scene.until(lambda: scene.stage(f"cb-1-{CALL}") is Stage.TALKING)
        line.hang_up()

    play(story)


def test_a_controller_that_dies_while_the_caller_is_rung_loses_nobody() -> None:
    async def story(scene: Scene) -> None:
        asked_at = await scene.wish()
        scene.ready()
        await scene.until(lambda: scene.out.rung)
        scene = await scene.again()
        assert scene.only.state is State.CALLING
        line = scene.line(f"cb-1-{CALL}")  # he picked up while nobody was there, and is still
        await scene.until(lambda: scene.stage(f"cb-1-{CALL}") is Stage.TALKING)
        assert scene.house.sessions[f"cb-1-{CALL}"].call.asked_at == asked_at
        line.hang_up()

    play(story)


def test_what_rang_in_vain_while_nobody_looked_is_rung_again() -> None:
    async def story(scene: Scene) -> None:
        await scene.wish()
        scene.ready()
        await scene.until(lambda: scene.out.rung)
        scene = await scene.again()
        await asyncio.sleep(6)
        assert f"cb-1-{CALL}" in scene.house.known_calls()
        scene.house.news.channel_gone(f"cb-1-{CALL}", at=None, reconciled=True)
        assert scene.only.state is State.WAITING
        await scene.until(lambda: scene.out.rung == [("caller", f"cb-2-{CALL}")], 400)

    play(story)


def test_a_try_that_comes_to_another_controller_is_claimed_by_it() -> None:
    async def story(scene: Scene) -> None:
        asked_at = await scene.wish()
        scene.ready()
        await scene.until(lambda: scene.out.rung)
        await scene.die()
        other = await Scene(scene.policy, scene.board).start(takes_up=False)
        line = other.line(f"cb-1-{CALL}")
        await other.until(lambda: other.stage(f"cb-1-{CALL}") is Stage.TALKING)
        call = other.house.sessions[f"cb-1-{CALL}"].call
        assert (call.callback_of, call.asked_at) == (CALL, asked_at)
        assert other.told[-1].state is State.REACHED
        line.hang_up()

    play(story)


def test_a_caller_whose_place_another_controller_has_is_not_rung_here() -> None:
    async def story(scene: Scene) -> None:
        await scene.wish()
        scene.house.claims.lose(f"wish-{CALL}")
        scene.ready()
        await asyncio.sleep(30)
        assert scene.out.rung == [] and scene.state() is SeatState.READY

    play(story)


def test_nobody_is_rung_when_the_evening_has_come() -> None:
    async def story(scene: Scene) -> None:
        await scene.wish()
        assert len(scene.dispatcher.line) == 1
        await asyncio.sleep(4 * 60)
        assert scene.dispatcher.line == {}
        scene.ready()
        await asyncio.sleep(600)
        assert scene.out.rung == [] and scene.only.state is State.WAITING

    play(story, CallbackPolicy(end=time(9, 5)))


def test_who_asked_at_night_is_rung_when_the_day_begins() -> None:
    async def story(scene: Scene) -> None:
        asked_at = await scene.wish()
        scene.ready()
        await scene.until(lambda: scene.out.rung, 3600)
        local = virtual_time.now() + timedelta(hours=8)
        assert local.time().replace(second=0, microsecond=0) == time(9, 30)
        assert scene.only.asked_at == asked_at

    play(story, CallbackPolicy(begin=time(9, 30)))


def test_who_calls_again_and_is_served_is_not_rung_any_more() -> None:
    async def story(scene: Scene) -> None:
        await scene.wish()
        again = scene.line("c-2.1")
        await asyncio.sleep(1)
        again.press("1")  # of another matter, which no seat takes: he is behind himself
        await scene.until(lambda: scene.stage("c-2.1") is Stage.QUEUE)
        scene.dispatcher.leave(scene.only.line_id)
        scene.ready()
        await scene.until(lambda: scene.stage("c-2.1") is Stage.TALKING)
        again.hang_up()
        scene.gone("c-2.1")
        await scene.until(lambda: not scene.house.sessions)
        assert scene.told[-1].state is State.SERVED and list(scene.callbacks) == []

    play(story)


def test_one_number_has_one_place() -> None:
    async def story(scene: Scene) -> None:
        asked_at = await scene.wish()
        await scene.wish("c-2.1")
        assert scene.only.asked_at == asked_at

    play(story)


def test_without_a_trunk_that_leads_out_people_work_through_the_requests() -> None:
    async def story(scene: Scene) -> None:
        scene.rules.way_out = None
        await scene.wish()
        assert list(scene.callbacks) == [] and scene.told == []

    play(story)


def test_what_is_over_is_kept_until_its_facts_are_written() -> None:
    async def story(scene: Scene) -> None:
        await scene.wish()
        scene.ready()
        for number in (1, 2, 3):
            await scene.until(lambda n=number: len(scene.out.rung) == n, 400)  # type: ignore[misc]
            scene.gone(f"cb-{number}-{CALL}")
        scene = await scene.again()
        (over,) = scene.told
        assert over.state is State.GIVEN_UP
        scene.callbacks.told(over)
        assert await scene.board.load_calls() == {}

    play(story)


def test_a_seat_that_does_not_pick_up_is_followed_by_another_without_ringing_the_caller() -> None:
    async def story(scene: Scene) -> None:
        await scene.wish()
        scene.ready("8901")
        await scene.until(lambda: scene.out.rung)
        line = scene.line(f"cb-1-{CALL}")
        line.dial_status = "NOANSWER"
        await scene.until(lambda: not line.is_up)
        assert scene.state() is SeatState.NOT_READY
        assert ("dial", f"cb-1-{CALL}") not in scene.out.rung
        scene.ready("8902")
        await scene.until(lambda: ("seat", f"cb-2-{CALL}") in scene.out.rung)
        assert scene.only.tries[0].seat == "8902"

    play(story, CallbackPolicy(first=First.SEAT))


def test_a_seat_lost_while_the_caller_is_rung_costs_him_nothing() -> None:
    async def story(scene: Scene) -> None:
        asked_at = await scene.wish()
        scene.ready()
        await scene.until(lambda: scene.out.rung)
        try_id = f"cb-1-{CALL}"
        scene.dispatcher.change_seat("8901", Change.UNREACHABLE, call_id=try_id)
        line = scene.line(try_id)
        await scene.until(lambda: scene.stage(try_id) is Stage.QUEUE)
        await scene.until(lambda: try_id in scene.dispatcher.line)
        waiting = scene.dispatcher.line[try_id]
        assert (waiting.at_head, waiting.asked_at) == (True, asked_at)
        scene.ready("8902")
        await scene.until(lambda: scene.stage(try_id) is Stage.TALKING)
        line.hang_up()

    play(story)


def restored(scene: Scene, saved: Mapping[str, bytes]) -> dict[str, bytes]:
    return scene.callbacks.restore(saved)


def test_what_cannot_be_read_is_said_and_passed_over() -> None:
    async def story(scene: Scene) -> None:
        assert restored(scene, {"wish-x": b"{", "c-9.9": b"{}"}) == {"c-9.9": b"{}"}
        assert list(scene.callbacks) == []

    play(story)
