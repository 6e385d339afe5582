"""A session's way outside: lines by their hours, services as events, alarms everywhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from callcenter import commands as cmd
from callcenter import events as ev
from callcenter.alarms import MOST, SHOWN_FOR, Alarms
from callcenter.call import Call, CallId, Stage, World, change
from callcenter.call.state import Alarm
from callcenter.outside import Outside
from callcenter.province import load_province
from callcenter.services import Services
from callcenter.session import Session
from callcenter.settings import DEMO_PROVINCE
from ivr_flows.catalogue import Line, Service
from ivr_flows.model import Flow, Flows

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
FLOW = {
    "flow": "main",
    "version": 1,
    "title": "x",
    "start": "police",
    "steps": {
        "police": {
            "do": "transfer",
            "to": "police",
            "alarm": "emergency",
            "done": "bye",
            "failed": "look",
        },
        "look": {"do": "call_api", "service": "orders", "next": "bye", "failed": "sorry"},
        "sorry": {"do": "hangup", "say": "sorry"},
        "bye": {"do": "hangup", "say": "goodbye"},
    },
}
FLOWS = Flows("main", {"main": Flow.model_validate(FLOW)})


class Wires:
    """Everything a Session hands its commands to, and what was counted."""

    def __init__(self) -> None:
        self.done: list[object] = []
        self.counted: list[tuple[str, ...]] = []
        self.facts: list[dict[str, Any]] = []
        self.ended = False

    # the line
    def do(self, command: cmd.Command) -> None:
        self.done.append(command)

    def ring_line(self, command: cmd.RingLine, number: str, trunk: str) -> None:
        self.done.append((command.line, number, trunk))

    # the counters
    def alarm_raised(self, name: str) -> None:
        self.counted.append(("alarm", name))

    def service_asked(self, service: str, outcome: str) -> None:
        self.counted.append((service, outcome))


POLICE = Line(title="报警", number="110", trunk="demo")
ORDERS = Service(title="工单", url="http://127.0.0.1:9/x", facts={"order_state": ("done",)})


class Queue:
    """A waiting line that is only stood in."""

    def join(self, call_id: str, wish: cmd.JoinLine) -> None:
        pass


class Desk:
    """A Session with the real Outside and Alarms, everything else made up."""

    def __init__(
        self, hours: str = "open", line: Line | None = POLICE, service: Service | None = ORDERS
    ) -> None:
        self.wires = Wires()
        self.dispatcher: Any = None
        self.alarms = Alarms(self.wires)
        self.flow_faults: list[tuple[str, int, str]] = []
        province = replace(
            load_province(DEMO_PROVINCE),
            lines={"police": line} if line else {},
            services={"orders": service} if service else {},
        )
        self.services = Services(lambda: province.services, dict, self.wires)
        self.outside = Outside(lambda: province, self.services, hours=lambda at, city: hours)
        self.session = Session(
            Call(call_id=CallId("c1"), arrived_at=NOW, caller="13900001111", city="222400"), self
        )
        self.session.line = self.wires  # type: ignore[assignment]

    @property
    def call(self) -> Call:
        return self.session.call

    def failed_line(self) -> None:
        """Up to the service: nobody answers at the line."""
        self.session.put(ev.Arrived())
        self.session.put(ev.DialEnded(self.call.serial, ev.DialResult("BUSY"), False))

    def clock(self) -> datetime:
        return NOW

    def world(self, call: Call, event: ev.Event) -> World:
        return World(flows=FLOWS, facts={})

    def save_call(self, call: Call) -> None:
        pass

    def save_facts(self, facts: dict[str, Any]) -> None:
        self.wires.facts.append(facts)

    def step_failed(self, session: Session) -> None:
        raise AssertionError("a rule broke")

    def flow_failed(self, flow: str, version: int, step: str) -> None:
        self.flow_faults.append((flow, version, step))

    def over(self, session: Session) -> None:
        self.wires.ended = True
        self.outside.forget(session.call.call_id)

    def stepped(self, before: Call, after: Call) -> None:
        pass


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    made = Desk()
    yield made
    await made.services.close()


async def test_a_line_is_rung_by_its_number_and_its_trunk(desk: Desk) -> None:
    desk.session.put(ev.Arrived())
    assert desk.wires.done == [("police", "110", "demo")]
    assert desk.call.stage is Stage.TRANSFER


async def test_a_line_whose_hours_are_over_is_not_rung_and_leads_on() -> None:
    desk = Desk("closed", Line(title="报警", number="110", trunk="demo", hours="open"))
    desk.session.put(ev.Arrived())
    await desk.services.close()
    assert [transfer.outcome for transfer in desk.call.transfers] == ["closed"]
    assert desk.call.session and desk.call.session.step == "look"
    assert desk.flow_faults == []


async def test_a_line_that_is_always_there_is_rung_at_night() -> None:
    desk = Desk("closed")
    desk.session.put(ev.Arrived())
    assert desk.wires.done == [("police", "110", "demo")]


async def test_a_line_that_was_taken_away_is_an_apology_and_a_fault() -> None:
    desk = Desk(line=None)
    desk.dispatcher = Queue()
    desk.session.put(ev.Arrived())
    play = desk.wires.done[-1]
    assert isinstance(play, cmd.Play) and play.clips == ("sorry_person",)
    assert desk.flow_faults == [("main", 1, "police")]
    assert desk.call.stage is Stage.QUEUE


async def test_a_service_that_was_taken_away_is_an_apology_and_a_fault() -> None:
    desk = Desk(service=None)
    desk.dispatcher = Queue()
    desk.failed_line()
    assert desk.flow_faults == [("main", 1, "look")]
    assert desk.call.stage is Stage.QUEUE


async def test_a_service_that_does_not_answer_goes_where_the_flow_says(desk: Desk) -> None:
    desk.failed_line()
    assert isinstance(desk.wires.done[-1], cmd.Hold)
    while desk.services.asking:  # noqa: ASYNC110 - what is waited for is a socket of another
        await asyncio.sleep(0.01)
    finish = desk.wires.done[-1]
    assert isinstance(finish, cmd.Finish) and finish.clips == ("sorry",)
    assert desk.wires.counted[-1] == ("orders", "unreachable")
    assert desk.flow_faults == []


async def test_a_hang_up_while_a_service_is_asked_is_clean(desk: Desk) -> None:
    desk.failed_line()
    assert desk.services.asking == 1
    desk.session.put(ev.HungUp())
    assert desk.services.asking == 0 and desk.wires.ended
    assert desk.wires.facts[-1]["ended_by"] == "caller"


async def test_an_alarm_is_logged_counted_shown_and_holds_nothing_up(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.session.put(ev.Arrived())
    assert desk.wires.done  # the line is rung all the same
    assert desk.wires.counted == [("alarm", "emergency")]
    (raised,) = desk.alarms.newest(NOW)
    assert (raised.name, raised.at, raised.call_id) == ("emergency", NOW, "c1")
    assert (raised.caller, raised.city) == ("13900001111", "222400")
    said = capsys.readouterr().out
    assert "error" in said and "alarm" in said and "emergency" in said and "c1" in said
    assert "13900001111" not in said
    assert [a["name"] for a in desk.wires.facts[-1]["alarms"]] == ["emergency"]


def test_alarms_of_a_shift_are_kept_the_newest_first_and_outlive_a_controller() -> None:
    alarms, call = Alarms(Wires()), Call(call_id=CallId("c1"), arrived_at=NOW)
    for second in range(MOST + 5):
        alarms.raise_("emergency", call, NOW + timedelta(seconds=second))
    newest = alarms.newest(NOW + timedelta(seconds=MOST + 5))
    assert len(newest) == MOST and newest[0].at > newest[-1].at
    assert alarms.newest(NOW + SHOWN_FOR + timedelta(minutes=5)) == ()
    other = Alarms(Wires())
    kept = change(call, alarms=(Alarm(name="emergency", at=NOW), Alarm(name="fire", at=NOW)))
    other.restore([call, kept])
    assert [raised.name for raised in other.newest(NOW)] == ["fire", "emergency"]
