"""The emergency button: told and held whatever else fails; help rung into the talk, once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from callcenter import events as ev
from callcenter.call import Call, CallId, Stage, conversation, step
from callcenter.call.emergency import ALARM
from callcenter.call.state import Attempt
from callcenter.call.table import Leg, Table
from callcenter.call.world import World
from callcenter.commands import RaiseAlarm
from callcenter.emergency import Emergency, NotYourCall
from callcenter.outside import OutsideLine
from callcenter.records.desk import Records
from callcenter.records.taxonomy import built_in
from callcenter.web.view import SeatFault, TalkTarget
from ivr_flows.load import FLOWS, load_flows
from reports import audit
from reports.store import Store
from tests.new_database import upgraded

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TALKING = Call(
    call_id=CallId("a-1"),
    arrived_at=NOW,
    stage=Stage.TALKING,
    caller="+864315550123",
    attempts=(Attempt(seat="8001", level="municipal", offered_at=NOW, answered_at=NOW),),
)
OVER = msgspec.structs.replace(TALKING, stage=Stage.OVER, ended_at=NOW)


def pressed(call: Call) -> tuple[Call, tuple[Any, ...]]:
    world = World(flows=load_flows(FLOWS), facts={})
    return step(call, ev.EmergencyRaised("8001"), world, NOW)


@pytest.mark.parametrize("call", [TALKING, OVER], ids=["in the talk", "right after it"])
def test_pressing_tells_supervisors_and_holds_the_recording(call: Call) -> None:
    after, commands = pressed(call)
    assert commands == (RaiseAlarm(ALARM),)
    assert after.stage is call.stage
    facts = conversation(after)
    assert facts["hold"] == ALARM
    assert [alarm["name"] for alarm in facts["alarms"]] == [ALARM]
    assert "hold" not in conversation(call)


class FakeSession:
    def __init__(self, call: Call) -> None:
        self.call = call

    def put(self, event: ev.Event) -> None:
        assert isinstance(event, ev.EmergencyRaised)
        self.call = msgspec.structs.replace(self.call, hold=ALARM)


class FakeTalks:
    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.refusals: list[str] = []

    def ask(self, seat: str, what: str, target: TalkTarget | None = None) -> None:
        self.asked.append((what, f"{target.kind} {target.name}" if target else ""))
        if self.refusals and (why := self.refusals.pop(0)):
            raise SeatFault(why, "不能。")


class FakeHouse:
    """One call, its talks, and the lines outside."""

    def __init__(self, call: Call) -> None:
        self.session = FakeSession(call)
        self.sessions = {} if call.is_over else {call.call_id: self.session}
        self.talks = FakeTalks()
        self.lines = {"police": OutsideLine("110", "demo", is_open=True)}

    @property
    def ended(self) -> FakeHouse:
        return self

    @property
    def outside(self) -> FakeHouse:
        return self

    def find(self, call_id: str) -> FakeSession | None:
        return self.session if call_id == self.session.call.call_id else None

    def line(self, name: str, now: datetime, city: str | None) -> OutsideLine | None:
        return self.lines.get(name)


class Room:
    def __init__(self, folder: Path, call: Call = TALKING) -> None:
        self.house = FakeHouse(call)
        self.file = folder / "e.db"
        self.store = Store(f"sqlite+aiosqlite:///{self.file}")
        self.records = Records(self.store, folder / "records", clock=lambda: NOW, taxonomy=built_in)
        self.records.answered(call, is_first=True)
        self.emergency = Emergency(
            self.house,  # type: ignore[arg-type]  # stands for a Switchboard
            self.records,
            self.store,
            clock=lambda: NOW,
        )

    async def press(self, to: Any = "police", seat: str = "8001") -> tuple[str, str]:
        helped = await self.emergency.call_help("a-1", seat=seat, to=to, by="wang")
        return helped.why, helped.message


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    room = Room(tmp_path)
    await upgraded(room.store)
    yield room
    await room.records.close()
    await room.store.close()


async def test_police_are_rung_into_the_talk_and_it_is_written_down(room: Room) -> None:
    assert await room.press() == ("", "")
    assert room.house.talks.asked == [("conference", "line police")]
    assert room.house.session.call.hold == ALARM
    assert (await room.records.find("a-1")).urgent
    entry = (await audit.entries(room.store))[0]
    assert (entry.by, entry.action, entry.subject, entry.reason) == (
        *("wang", "emergency", "a-1", "police"),
    )


async def test_number_is_rung_where_the_province_has_no_such_line(room: Room) -> None:
    await room.press("ambulance")
    room.house.lines["police"] = OutsideLine("110", "demo", is_open=False)
    await room.press("police")
    asked = [what for _, what in room.house.talks.asked]
    assert asked == ["number 120", "number 110"]


async def test_whoever_is_consulted_makes_room_for_help(room: Room) -> None:
    room.house.talks.refusals = ["has_guest"]
    assert await room.press() == ("", "")
    assert [what for what, _ in room.house.talks.asked] == ["conference", "cancel", "conference"]


async def test_help_that_is_there_is_not_rung_again(room: Room) -> None:
    leg = Leg(kind="conference", at=NOW, by="8001", to=ev.Target(kind="line", name="police"))
    table = Table(caller="room", seat="room", guest=1)
    call = msgspec.structs.replace(TALKING, legs=(leg,), table=table)
    room.house.session.call = call
    assert (await room.press("ambulance"))[0] == "help_there"
    assert room.house.talks.asked == []


async def test_alarm_stands_when_nobody_can_be_rung(room: Room) -> None:
    room.house.talks.refusals = ["not_talking"]
    assert (await room.press())[0] == "not_talking"
    assert room.house.session.call.hold == ALARM


async def test_help_is_rung_without_the_database(room: Room) -> None:
    await audit.entries(room.store)
    room.file.unlink()
    assert await room.press() == ("", "")
    assert room.house.talks.asked == [("conference", "line police")]


async def test_after_the_talk_the_lawyer_is_told_to_call_himself(tmp_path: Path) -> None:
    room = Room(tmp_path, OVER)
    await upgraded(room.store)
    why, message = await room.press()
    assert why == "not_talking" and "自行拨打" in message
    assert room.house.session.call.hold == ALARM
    assert room.house.talks.asked == []
    await room.records.close()
    await room.store.close()


async def test_seat_that_has_nothing_to_do_with_the_call_is_refused(room: Room) -> None:
    with pytest.raises(NotYourCall):
        await room.press(seat="8002")
    with pytest.raises(NotYourCall):
        await room.emergency.call_help("b-1", seat="8001", to="police", by="wang")
    assert room.house.session.call.hold == ""
