"""One call through the real Switchboard, Dispatcher, Session and Line, against a fake Asterisk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from callcenter import events as ev
from callcenter.alarms import Alarms
from callcenter.asterisk import heard
from callcenter.call import Call, Stage
from callcenter.commands import AskService
from callcenter.dispatcher import Dispatcher
from callcenter.outside import OutsideLine
from callcenter.switchboard import Switchboard
from ivr_flows.model import GROUPS, Flows
from ivr_flows.names import LANGUAGES
from ivr_flows.scenario import Scenario, ScenarioTurn
from seats.board import Board
from seats.seat import Level, Seat
from tests.callcenter import virtual_time
from tests.callcenter.call_heard import CallHeard
from tests.callcenter.fake_asterisk import FakeLine

SEAT = "8901"
CALL_ID = "c-1.1"
LONGEST_S = 600.0  # virtual
WRAP_UP_S = 3600  # one talk for each time that a seat answers


class Sounds:
    """Every prompt has audio, but one that is said to be `broken`, once."""

    def __init__(self, heard_of: CallHeard) -> None:
        self.broken = ""
        self._heard = heard_of

    def clip(self, prompt: str, language: str = "zh-CN") -> str | None:
        if prompt == self.broken:
            self.broken = ""
            self._heard.failed(prompt)
            return None
        return f"/s/{language}/{prompt}"

    def joined(self, prompts: tuple[str, ...], language: str = "zh-CN") -> str | None:
        return f"/s/{language}/{'-'.join(prompts)}"


class Outside:
    """Lines that are open, and services that answer when the scenario says so."""

    def __init__(self, heard_of: CallHeard) -> None:
        self._heard = heard_of
        self.asked: AskService | None = None
        self._tell: Callable[[ev.Event], None] = lambda event: None

    def line(self, name: str, now: datetime, city: str | None) -> OutsideLine:
        return OutsideLine(number="110", trunk="demo", is_open=True)

    def ask(self, call_id: str, wish: AskService, tell: Callable[[ev.Event], None]) -> None:
        self.asked, self._tell = wish, tell
        self._heard.service_asked(wish.service)

    def answer(self, facts: Mapping[str, str] | str) -> None:
        """`failed`, or facts."""
        assert self.asked is not None
        serial, self.asked = self.asked.serial, None
        if isinstance(facts, str):
            self._tell(ev.ServiceFailed(serial, facts))
        else:
            self._tell(ev.ServiceAnswered(serial, facts))

    def forget(self, call_id: str) -> None:
        self.asked = None


@dataclass
class InForce:
    """The one release of flows there is."""

    current: Flows

    def of(self, release: int) -> Flows:
        return self.current


class Ledger:
    """Takes what is written and counted."""

    def append(self, record: bytes) -> None:
        pass

    def call_began(self) -> None:
        pass

    def call_resumed(self) -> None:
        pass

    def call_over(self, call: Call) -> None:
        pass

    def alarm_raised(self, name: str) -> None:
        pass

    def step_failed(self) -> None:
        raise AssertionError("a rule broke")

    def flow_failed(self, flow: str, version: int, step: str) -> None:
        pass


@dataclass
class Assumed:
    """The facts that a scenario assumes, whatever the call."""

    facts: Mapping[str, str]

    def facts_of(self, call: Call) -> Mapping[str, str]:
        return self.facts

    def look_up(self, call: Call) -> None:
        pass

    def forget(self, call_id: str) -> None:
        pass


class House(Switchboard):
    """The real switchboard in virtual time."""

    def clock(self) -> datetime:
        return virtual_time.now()


class Hotline:
    """All that one call needs; `play` plays a scenario on it."""

    def __init__(self, scenario: Scenario, flows: Flows) -> None:
        self.scenario = scenario
        self.call: Call | None = None
        self.heard = CallHeard(self._state)
        self.sounds = Sounds(self.heard)
        self.outside = Outside(self.heard)
        board, ledger = Board(None, clock=virtual_time.now), Ledger()
        self.house = House(
            board=board,
            spool=ledger,
            flows=InForce(Flows(scenario.flow, flows.by_name)),
            sounds=self.sounds,
            known=Assumed(scenario.facts),
            outside=self.outside,  # type: ignore[arg-type]  # stands for it
            alarms=Alarms(ledger),
            counters=ledger,
            dialplan="v1",
            ring_s=15,
        )
        seat = Seat(SEAT, Level.PROVINCIAL, None, frozenset(GROUPS), frozenset(LANGUAGES), "一席")
        self.house.dispatcher = Dispatcher(
            [seat],
            board,
            clock=virtual_time.now,
            offer=self.house.offer,
            ring_s=15,
            wrap_up_s=WRAP_UP_S,
        )
        caller = "04315550123" if scenario.facts.get("caller_known") == "yes" else "anonymous"
        env = {"agi_uniqueid": CALL_ID, "agi_callerid": caller}
        introduction = f";;{virtual_time.now().timestamp() * 1000:.0f};;;0;/r/{CALL_ID};demo;12348"
        self.line = FakeLine(env, introduction, self.heard)
        self.line.on_seat = self._seat

    async def play(self) -> None:
        """All of the scenario; then the caller hangs up, if the hotline has not."""
        await self.house.dispatcher.restore()
        matching = asyncio.create_task(self.house.dispatcher.run())
        turns = self.scenario.turns
        try:
            self._break_before(1)
            self.house.arrivals.answer(self.line)  # type: ignore[arg-type]  # stands for an AgiLine
            for at, planned in enumerate(turns[1:], 1):
                await self._ready(planned)
                self._break_before(at + 1)
                await self._do(planned)
            await self._until(lambda: self.heard.is_over or self._is_at_rest(), "rest")
            self.line.hang_up()
            await self._until(lambda: self.heard.is_over, "the end")
        finally:
            matching.cancel()

    def _break_before(self, at: int) -> None:
        """The last prompt of the turn before one that is `broken` cannot be played."""
        turns = self.scenario.turns
        if at < len(turns) and turns[at].broken and not turns[at - 1].broken:
            said = [word for word in turns[at - 1].expect if word.startswith("play ")]
            self.sounds.broken = said[-1].removeprefix("play ") if said else ""

    async def _ready(self, planned: ScenarioTurn) -> None:
        await self._until(lambda: self._is_ready(planned), f"the moment for {planned!r}")

    def _is_ready(self, planned: ScenarioTurn) -> bool:
        call = self._state()
        if self.heard.is_over or call is None:
            return self.heard.is_over
        match planned.happening:
            case "press" if call.stage is Stage.QUEUE:
                assert call.wait_rule
                waited_s = call.waited_s(virtual_time.now())
                return self.line.is_waiting_for_key and waited_s > call.wait_rule.offer_after_s
            case "press" | "no_key":
                return self.line.is_waiting_for_key and call.asking is not None
            case "answered":
                return self.line.is_waiting_for_key and call.stage is Stage.QUEUE
            case "spoken":
                return self.line.is_recording
            case "broken":
                return not self.sounds.broken
            case "transferred":
                return self.line.is_dialling
            case "service":
                return self.outside.asked is not None and self.line.is_waiting_for_key
            case _:
                return True

    def _is_at_rest(self) -> bool:
        return self.line.is_waiting_for_key or self.line.is_recording or self.line.is_dialling

    async def _do(self, planned: ScenarioTurn) -> None:
        before = len(self.heard.turns)
        match planned.happening:
            case "press":
                for key in planned.press or "":
                    await self._ready(planned)
                    self.line.press(key)
                return
            case "answered":
                self.line.dial_status = "ANSWER"
                self.house.news.phone_seen(SEAT, is_registered=True)
            case "transferred":
                self.line.dial_status = "ANSWER" if planned.transferred == "answered" else "BUSY"
            case "service":
                self.heard.service_told()
                self.outside.answer(planned.service or "failed")
                return
            case "broken":
                return
            case _:
                pass
        what = f"{planned.happening} is over"
        await self._until(lambda: len(self.heard.turns) > before or self.heard.is_over, what)
        if planned.happening == "answered":
            self.house.news.phone_seen(SEAT, is_registered=False)

    async def _until(self, is_so: Callable[[], bool], what: str) -> None:
        """Let virtual time pass until it is so."""
        loop = asyncio.get_running_loop()
        until = loop.time() + LONGEST_S
        while not is_so():
            assert loop.time() < until, f"waited in vain for: {what}; heard {self.heard.turns}"
            await asyncio.sleep(0.05)

    def _state(self) -> Call | None:
        session = self.house.sessions.get(CALL_ID)
        if session is not None:
            self.call = session.call
        return self.call

    def _seat(self, seat: str, what: str) -> None:
        kinds = {"rings": heard.SeatRings, "answered": heard.SeatPickedUp}
        self.house.news.hear(kinds[what](CALL_ID, seat, virtual_time.now()))
