"""Commands about a room as AMI actions, and what becomes of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from callcenter import commands as cmd
from callcenter import events as ev
from callcenter.asterisk import rooms
from callcenter.asterisk.ami import AmiDown, AmiRefused
from callcenter.asterisk.protocol import AmiMessage, Value
from callcenter.asterisk.recover import Channel, Snapshot
from callcenter.asterisk.rooms import Rooms
from callcenter.call import Call, CallId, Stage
from callcenter.call.state import Attempt
from callcenter.call.table import Leg, Table
from callcenter.events import TargetKind
from callcenter.talks import missed

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CALL = Call(call_id=CallId("main-1.1"), arrived_at=AT, recording="/r/main-1.1")


@dataclass
class FakeAmi:
    """Answers Getvar from `values`; `faults` are raised first, one for each action."""

    values: dict[str, str] = field(default_factory=dict)
    faults: list[Exception] = field(default_factory=list)
    sent: list[tuple[str, dict[str, Value]]] = field(default_factory=list)

    async def action(self, name: str, **headers: Value) -> AmiMessage:
        if name != "Getvar":
            self.sent.append((name, headers))
            if self.faults:
                raise self.faults.pop(0)
            return AmiMessage(b"Response: Success", "")
        value = self.values.get(str(headers["Variable"]), "")
        return AmiMessage(f"Response: Success\r\nValue: {value}".encode(), "")


@pytest.fixture(autouse=True)
def in_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "LOOK_S", 1.0)
    monkeypatch.setattr(rooms, "ANNOUNCED_S", 2.0)
    monkeypatch.setattr(rooms, "LISTEN_S", 0.0)
    sleep = asyncio.sleep
    monkeypatch.setattr(asyncio, "sleep", lambda _s: sleep(0))


async def done(ami: FakeAmi, command: rooms.RoomCommand) -> list[ev.Event]:
    told: list[ev.Event] = []
    hands = Rooms(lambda _: ami, dialplan="v1")
    hands.do(CALL, command, told.append)
    for _ in range(40):
        await asyncio.sleep(0)
    await hands.close()
    return told


async def test_a_seat_is_moved_by_the_id_that_the_dialplan_kept() -> None:
    ami = FakeAmi({"HOTLINE_SEAT_CHANNEL": "main-1.2"})
    assert await done(ami, cmd.MoveSeat()) == []
    where = {"Context": "seat-room-v1", "Exten": "s", "Priority": "1"}
    assert ami.sent == [("Redirect", {"Channel": "main-1.2", **where})]


async def test_a_seat_that_does_not_talk_yet_cannot_be_moved() -> None:
    assert await done(FakeAmi(), cmd.MoveSeat()) == [ev.MoveFailed()]


async def test_a_seat_hears_ringing_at_once_and_music_when_it_is_alone_again() -> None:
    ami = FakeAmi()
    assert await done(ami, cmd.SeatHears("main-1.2", is_ringing=True)) == []
    where = {"Context": "seat-room-v1", "Exten": "rings", "Priority": "1"}
    assert ami.sent == [("Redirect", {"Channel": "main-1.2", **where})]
    assert await done(ami, cmd.SeatHears("main-1.2", is_ringing=False)) == []
    music = {"Variable": "CHANNEL(musicclass)", "Value": "hold"}
    assert ami.sent[1] == ("Setvar", {"Channel": "main-1.2", **music})


async def test_a_redirect_that_is_refused_is_told() -> None:
    refused = AmiRefused("Redirect", AmiMessage(b"Response: Error", ""))
    ami = FakeAmi({"HOTLINE_SEAT_CHANNEL": "main-1.2"}, [refused])
    assert await done(ami, cmd.MoveSeat()) == [ev.MoveFailed()]


async def test_what_may_be_done_twice_is_tried_until_asterisk_hears_it() -> None:
    ami = FakeAmi({"CHANNEL(name)": "PJSIP/demo-1"}, [AmiDown("down"), AmiDown("down")])
    assert await done(ami, cmd.LeaveRoom()) == []
    kick = ("ConfbridgeKick", {"Conference": "main-1.1", "Channel": "PJSIP/demo-1"})
    assert ami.sent == [kick] * 3


async def test_a_guest_who_cannot_be_called_is_gone_at_once() -> None:
    told = await done(
        FakeAmi(faults=[AmiDown("down")]), cmd.CallLeg(1, 30, number="110", trunk="t")
    )
    assert [type(event) for event in told] == [ev.LegGone]
    (gone,) = await done(FakeAmi(), cmd.CallLeg(2, 15, seat="8002"))  # no phone is registered
    assert isinstance(gone, ev.LegGone) and gone.leg == 2


async def test_a_seat_is_called_by_the_door_it_came_in() -> None:
    ami = FakeAmi(
        {"PJSIP_AOR(8002,contact)": "8002;@ab", "PJSIP_CONTACT(8002;@ab,endpoint)": "8002"}
    )
    await done(ami, cmd.CallLeg(1, 15, seat="8002"))
    ((name, sent),) = ami.sent
    assert (name, sent["Channel"], sent["ChannelId"]) == (
        *("Originate", "PJSIP/8002"),
        "main-1.1-leg-1",
    )
    assert (sent["Timeout"], sent["Async"]) == ("15000", "true")


async def test_a_line_outside_is_dialled_by_a_channel_of_its_own_half() -> None:
    ami = FakeAmi()
    assert await done(ami, cmd.CallLeg(2, 30, number="12368", trunk="demo")) == []
    ((name, sent),) = ami.sent
    assert (name, sent["Channel"], sent["Context"], sent["Exten"]) == (
        *("Originate", "Local/out@leg-v1/n"),
        *("leg-v1", "line"),
    )
    assert (sent["ChannelId"], sent["OtherChannelId"]) == (
        "main-1.1-leg-2",
        "main-1.1-leg-2-out",
    )
    assert sent["EarlyMedia"] == "true"
    assert {"__HOTLINE_LINE=12368@demo", "__HOTLINE_RING_S=30"} <= set(sent["Variable"])


async def test_a_dead_phone_is_told_from_one_that_only_lost_its_registration() -> None:
    lost: list[str] = []
    ami = FakeAmi({"CHANNEL(rtcp,rxcount)": "250"})
    hands = Rooms(lambda _: ami, dialplan="v1")
    hands.listen("main-1.1", "main-1.2", lambda: lost.append("dead"))
    for _ in range(10):
        await asyncio.sleep(0)
    assert lost == ["dead"]
    counts = iter(("250", "330"))

    class Alive(FakeAmi):
        async def action(self, name: str, **headers: Value) -> AmiMessage:
            return AmiMessage(f"Response: Success\r\nValue: {next(counts)}".encode(), "")

    hands = Rooms(lambda _: Alive(), dialplan="v1")
    hands.listen("main-1.1", "main-1.2", lambda: lost.append("wrongly"))
    for _ in range(10):
        await asyncio.sleep(0)
    assert lost == ["dead"]


# --- what a touched talk missed while nobody listened


def touched(to: TargetKind = "line", **table: object) -> Call:
    target = ev.Target(kind=to, name="court" if to == "line" else "8002")
    legs = (Leg(kind="consult", at=AT, by="8001", to=target),)
    return Call(
        call_id=CallId("main-1.1"),
        arrived_at=AT,
        stage=Stage.TALKING,
        attempts=(Attempt(seat="8001", level="municipal", offered_at=AT, answered_at=AT),),
        legs=legs,
        table=Table(**{"caller": "music", "is_in": False, **table}),  # type: ignore[arg-type]
    )


def seen(*channels: tuple[str, str, bool]) -> Snapshot:
    return Snapshot(
        channels={
            unique_id: Channel(unique_id, name, "main-1.1", talks)
            for unique_id, name, talks in (("main-1.1", "PJSIP/demo-1", False), *channels)
        },
        phones=frozenset(),
    )


LATER = AT + timedelta(seconds=30)
SEAT = ("main-1.2", "PJSIP/8001@phone-2", True)
GUEST = ("main-1.1-leg-1", "PJSIP/demo-3", True)


@pytest.mark.parametrize(
    ("call", "snapshot", "events"),
    [
        (touched(seat="room", channel="main-1.2"), seen(SEAT), []),
        (touched(seat="room", channel="main-1.2"), seen(), [ev.SeatGone("8001", LATER)]),
        (touched(), seen(), [ev.SeatGone("8001", LATER)]),
        (touched(), seen(SEAT), [ev.MemberJoined("main-1.2", LATER)]),
        (touched(caller="dial"), seen(SEAT), [ev.MoveFailed()]),
        (
            touched(seat="room", channel="main-1.2", guest=1),
            seen(SEAT, GUEST, ("main-1.1-leg-1-out", "Local/out@leg-v1-1;2", True)),
            [ev.LegAnswered(1, LATER)],
        ),
        (
            touched(seat="room", channel="main-1.2", guest=1),
            seen(SEAT, GUEST, ("main-1.1-leg-1-out", "Local/out@leg-v1-1;2", False)),
            [],  # the network says something
        ),
        (
            touched(seat="room", channel="main-1.2", guest=1, to="seat"),
            seen(SEAT, GUEST),
            [ev.MemberJoined("main-1.1-leg-1", LATER)],
        ),
        (touched(seat="gone", guest=1), seen(), [ev.LegGone(1, LATER)]),
        (
            touched(seat="room", channel="main-1.1-leg-1"),
            seen(),
            [ev.LegGone(1, LATER)],
        ),
        (Call(call_id=CallId("main-1.1"), arrived_at=AT), seen(), []),
    ],
)
def test_what_a_talk_missed(call: Call, snapshot: Snapshot, events: list[ev.Event]) -> None:
    assert list(missed(call, snapshot, LATER)) == events
    assert missed(call, snapshot, AT + timedelta(seconds=1)) == ()
