"""Talks in hand over two nodes: the citizen's call is at node a, the lawyer's and the supervisor's
telephones are at node b, and so is the page where everything is asked for.
"""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from callcenter.bench.load import free_ports
from callcenter.desks import LOST_CODE
from reports.facts import Conversation
from tests.real.asterisk_node import TRUNK_HOST
from tests.real.house import House
from tests.real.page_phone import PagePhone
from tests.real.people import log_in, make_person
from tests.real.rtp_tap import RtpTap, heard_by, sounds
from tests.real.scenario_house import write_prompts
from tests.real.sipp import Party, tone
from tests.real.talk_house import (
    CALLER_HZ,
    GENERAL,
    GUEST_HZ,
    GUESTS,
    LABOUR,
    SEAT_HZ,
    write_province,
)
from tests.real.two_nodes import TwoNodes

SUPERVISOR_HZ = 1550
TRIES = 12
EVERYBODY = (CALLER_HZ, SEAT_HZ, GUEST_HZ, SUPERVISOR_HZ)  # as the lists below


@dataclass
class Talk:
    """A citizen of node a, and the seat at node b that has him."""

    nodes: TwoNodes
    call_id: str
    seat: str
    phone: Party
    citizen: Party

    def do(self, what: str, /, **to: str) -> str:
        """What the lawyer asks for at node b; the fault's id when it is refused."""
        return self.nodes.b.post(f"seats/{self.seat}/talk/{what}", {"to": to} if to else {})

    def supervise(self, what: str, phone: str) -> None:
        """What a supervisor asks for at node b, until his telephone there is where he wants it."""
        wish = {"reason": "带教", "phone": phone}
        assert self.nodes.b.post(f"calls/{self.call_id}/{what}", wish) == ""

        def is_there() -> bool:
            place = self.nodes.b.api(f"supervise?phone={phone}")["beside"]
            return bool(place and place["is_there"] and place["mode"] == what)

        self.nodes.b.wait_for(is_there, 15, f"{phone}: {what}", 0.1)

    def seat_is_now(self, number: str) -> None:
        """Both nodes' boards say that this seat has the caller."""
        for house in self.nodes:
            house.wait_for(lambda h=house: self._seat_at(h) == number, 20, f"at {number}", 0.2)  # type: ignore[misc]

    def _seat_at(self, house: House) -> str | None:
        calls = house.live()["calls"]
        return next((one["seat"] for one in calls if one["call_id"] == self.call_id), None)

    def guest(self) -> dict[str, object] | None:
        """Who is consulted, as the desk at node b is told."""
        found = self.nodes.b.api(f"desk?seat={self.seat}")["guest"]
        return dict(found) if found else None

    def ended(self) -> Conversation:
        """Its facts, once the citizen has gone."""
        self.citizen.stop()
        self.nodes.a.node.cli(f"channel request hangup {self._channel()}")

        def found() -> list[Conversation]:
            calls = [one for one in self.nodes.a.calls() if one.call_id == self.call_id]
            return [one for one in calls if one.recording and one.recording.duration_s is not None]

        self.nodes.a.wait_for(found, 40, "its facts", 0.3)
        return found()[0]

    def _channel(self) -> str:
        for line in self.nodes.a.node.cli("core show channels concise").splitlines():
            if line.endswith(f"!{self.call_id}"):
                return line.partition("!")[0]
        return "none"


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoNodes]:
    folder = tmp_path_factory.mktemp("talks")
    for name in ("a", "b"):
        write_prompts(folder / "both" / name / "h" / "prompts")
    ports = dict(zip(("answers", "silent", "busy"), free_ports(3, TRUNK_HOST), strict=True))
    write_province(folder / "province", ports)
    both = TwoNodes(folder / "both", province=folder / "province", ring_s=4, wrap_up_s=0)
    try:
        both.start()
        sound = tone(both.a.sipp.folder, GUEST_HZ)
        both.a.sipp.outside(TRUNK_HOST, ports["answers"], answer_after_s=0.3, audio=sound)
        yield both
    finally:
        both.close()


@pytest.fixture(autouse=True)
def at_rest(nodes: TwoNodes) -> Iterator[None]:
    """After each test nobody talks, and no seat is ready."""
    line_outside = nodes.a.sipp.parties[0]
    yield
    for house in nodes:
        for party in house.sipp.parties:
            if party is not line_outside:
                party.stop()
        house.node.cli("channel request hangup all")
    nodes.b.wait_for(lambda: not nodes.b.live()["calls"], 30, "no call is left", 0.3)
    for seat in nodes.b.live()["seats"]:
        if seat["state"] == "ready":
            wish = {"state": "not_ready", "reason": "准备测试"}
            nodes.b.post(f"seats/{seat['number']}/force", wish)


def lawyer(
    nodes: TwoNodes, number: str, hertz: int = SEAT_HZ, node: str = "b", *, ready: bool = True
) -> Party:
    """A lawyer's telephone; `ready`: wait until both nodes know that it can be rung."""
    house = nodes.houses[node]
    phone = house.seat(number, answer_after_s=0.2, audio=tone(house.sipp.folder, hertz))
    nodes.b.post(f"seats/{number}/force", {"state": "ready", "reason": "准备测试"})
    if ready:
        seat_is(nodes, number, "ready")
    return phone


def seat_is(nodes: TwoNodes, number: str, state: str) -> None:
    for one in nodes:
        one.wait_for(lambda o=one: o.seat_state(number) == state, 15, f"{number} is {state}")  # type: ignore[misc]


def supervisor(nodes: TwoNodes, number: str) -> Party:
    phone = nodes.b.seat(number, answer_after_s=0.1, audio=tone(nodes.b.sipp.folder, SUPERVISOR_HZ))
    for one in nodes:
        one.wait_for(
            lambda o=one: o.api(f"supervise?phone={number}")["is_registered"],  # type: ignore[misc]
            what="the phone is known",
        )
    return phone


def talk(nodes: TwoNodes, seat: str, caller: str) -> Talk:
    """A citizen who has been put through to this seat, and heard who it is."""
    phone = lawyer(nodes, seat)
    citizen = dial(nodes, caller)
    found = call_of(nodes, caller, "talking")
    assert found["seat"] == seat
    one = Talk(nodes, str(found["call_id"]), seat, phone, citizen)
    with heard_by(phone) as at_seat, heard_by(citizen) as at_citizen:
        hear(at_seat, CALLER_HZ)
        hear(at_citizen, SEAT_HZ)
    return one


def dial(nodes: TwoNodes, caller: str, key: str = "4") -> Party:
    return nodes.a.sipp.citizen(
        keys=((0.6, key),), caller=caller, audio=tone(nodes.a.sipp.folder, CALLER_HZ), longest_s=120
    )


def call_of(nodes: TwoNodes, caller: str, stage: str) -> dict[str, object]:
    found: list[dict[str, object]] = []

    def is_there() -> bool:
        calls = nodes.b.live()["calls"]
        found[:] = [c for c in calls if c["caller"].endswith(caller[-4:]) and c["stage"] == stage]
        return bool(found)

    nodes.b.wait_for(is_there, 20, f"{caller} is {stage}", 0.2)
    return found[0]


def hear(tap: RtpTap, *hertz: int) -> None:
    """These are heard and nobody else, now or within seconds: rooms are entered one by one."""
    wanted = [one in hertz for one in EVERYBODY]
    heard: list[list[bool]] = []
    while wanted not in heard and len(heard) < TRIES:
        samples = tap.next(0.8)
        heard.append([sounds(samples, one) for one in EVERYBODY])
    assert heard[-1] == wanted, heard


def test_a_caller_is_handed_to_seats_of_either_node(nodes: TwoNodes) -> None:
    it = talk(nodes, GENERAL[0], "+864315550401")
    at_b = lawyer(nodes, GUESTS[0], GUEST_HZ)
    at_a = lawyer(nodes, GUESTS[1], SUPERVISOR_HZ, node="a")
    calls, seats = 'hotline_calls{stage="talking"}', 'hotline_seats{state="talking"}'
    nodes.b.wait_for(lambda: nodes.b.metric(seats) == 1, what="b counts its seat")
    assert (nodes.a.metric(seats), nodes.a.metric(calls), nodes.b.metric(calls)) == (0, 1, 0)
    assert it.do("transfer", seat=GUESTS[0]) == ""
    it.seat_is_now(GUESTS[0])
    with heard_by(it.citizen) as at_citizen, heard_by(at_b) as at_seat:
        hear(at_citizen, GUEST_HZ)
        hear(at_seat, CALLER_HZ)
    it.seat = GUESTS[0]
    assert it.do("transfer", seat=GUESTS[1]) == ""
    it.seat_is_now(GUESTS[1])
    with heard_by(it.citizen) as at_citizen, heard_by(at_a) as at_seat:
        hear(at_citizen, SUPERVISOR_HZ)
        hear(at_seat, CALLER_HZ)
    call = it.ended()
    assert [(one.seat, one.outcome) for one in call.attempts] == [
        (number, "answered") for number in (GENERAL[0], *GUESTS)
    ]
    assert [leg.outcome for leg in call.legs] == ["completed", "completed"]


def test_a_lawyer_consults_a_colleague_and_they_confer(nodes: TwoNodes) -> None:
    it = talk(nodes, GENERAL[1], "+864315550402")
    guest = lawyer(nodes, GUESTS[0], GUEST_HZ)
    assert it.do("hold") == ""
    assert it.do("retrieve") == ""
    assert it.do("consult", seat=GUESTS[0]) == ""
    nodes.b.wait_for(lambda: (it.guest() or {}).get("answered_at"), 15, "the colleague is there")
    with (
        heard_by(it.citizen) as at_citizen,
        heard_by(it.phone) as at_seat,
        heard_by(guest) as at_guest,
    ):
        hear(at_seat, GUEST_HZ)
        hear(at_guest, SEAT_HZ)
        assert not any(at_citizen.hears(SEAT_HZ, GUEST_HZ))
        assert it.do("conference") == ""
        hear(at_citizen, SEAT_HZ, GUEST_HZ)
        hear(at_seat, CALLER_HZ, GUEST_HZ)
        hear(at_guest, CALLER_HZ, SEAT_HZ)
        assert it.do("complete") == ""
        hear(at_citizen, GUEST_HZ)
        hear(at_guest, CALLER_HZ)
    it.seat_is_now(GUESTS[0])
    call = it.ended()
    assert [(leg.kind, leg.outcome) for leg in call.legs] == [
        ("hold", "retrieved"),
        ("conference", "completed"),
    ]
    assert call.recording
    assert Path(f"{call.recording.path}-leg-2.wav16").exists()


def test_a_supervisor_listens_whispers_joins_and_takes_over(nodes: TwoNodes) -> None:
    it = talk(nodes, GENERAL[2], "+864315550403")
    boss = supervisor(nodes, "7001")
    it.supervise("listen", "7001")
    with heard_by(it.citizen) as at_citizen, heard_by(it.phone) as at_seat:
        with heard_by(boss) as at_boss:
            hear(at_boss, CALLER_HZ, SEAT_HZ)
            hear(at_seat, CALLER_HZ)
            it.supervise("whisper", "7001")
            hear(at_seat, CALLER_HZ, SUPERVISOR_HZ)
            hear(at_citizen, SEAT_HZ)
        it.supervise("barge", "7001")
        with heard_by(boss) as at_boss:
            hear(at_boss, CALLER_HZ, SEAT_HZ)
        hear(at_citizen, SEAT_HZ, SUPERVISOR_HZ)
        hear(at_seat, CALLER_HZ, SUPERVISOR_HZ)
        it.supervise("take_over", "7001")
        hear(at_citizen, SUPERVISOR_HZ)
    seat_is(nodes, it.seat, "ready")
    call = it.ended()
    assert [(leg.kind, leg.by, leg.outcome) for leg in call.legs] == [
        ("take_over", "7001", "completed")
    ]


def test_help_is_called_from_the_other_nodes_page(nodes: TwoNodes) -> None:
    it = talk(nodes, GENERAL[3], "+864315550404")
    password = make_person(nodes.b.settings, "wang", "seat", seat=GENERAL[3])
    headers = log_in(nodes.b, "wang", password)
    asked = urllib.request.Request(
        f"http://{nodes.b.settings.web}/api/v1/desk/emergency",
        json.dumps({"call_id": it.call_id, "to": "police"}).encode(),
        {"Content-Type": "application/json", **headers},
    )
    with urllib.request.urlopen(asked, timeout=10) as answer:
        assert json.load(answer)["joining"]
    with heard_by(it.citizen) as at_citizen, heard_by(it.phone) as at_seat:
        hear(at_citizen, SEAT_HZ, GUEST_HZ)
        hear(at_seat, CALLER_HZ, GUEST_HZ)
    for house in nodes:
        house.wait_for(lambda h=house: it.call_id in alarmed(h), what="supervisors are told")  # type: ignore[misc]
    call = it.ended()
    assert call.hold
    assert [(leg.kind, leg.target) for leg in call.legs] == [("conference", "line police")]


def alarmed(house: House) -> set[str]:
    """Calls for which the emergency button was pressed."""
    alarms = house.live()["alarms"]
    return {one["call_id"] for one in alarms if one["name"] == "emergency_seat"}


def test_waiting_callers_are_moved_from_the_other_node(nodes: TwoNodes) -> None:
    callers = [f"+86431555041{n}" for n in range(3)]
    for caller in callers:
        dial(nodes, caller, "2")
    first, second, third = (str(call_of(nodes, caller, "queue")["call_id"]) for caller in callers)
    why = {"reason": "等候过久"}
    assert nodes.b.post(f"calls/{third}/move", {"to": {"head": True}, **why}) == ""
    lawyer(nodes, LABOUR[0], ready=False)
    assert call_of(nodes, callers[2], "talking")["seat"] == LABOUR[0]
    assert nodes.b.post(f"calls/{third}/move", {"to": {"head": True}, **why}) == "not_waiting"
    lawyer(nodes, GUESTS[0])
    assert nodes.b.post(f"calls/{second}/move", {"to": {"seat": GUESTS[0]}, **why}) == ""
    assert call_of(nodes, callers[1], "talking")["seat"] == GUESTS[0]
    lawyer(nodes, GENERAL[4])
    assert nodes.b.post(f"calls/{first}/move", {"to": {"group": "general"}, **why}) == ""
    assert call_of(nodes, callers[0], "talking")["seat"] == GENERAL[4]


def sits_at(nodes: TwoNodes, person: str, seat: str) -> None:
    for house in nodes:
        house.wait_for(
            lambda h=house: h.api(f"desk?seat={seat}")["person"] == person,  # type: ignore[misc]
            what=f"{person} is known to sit at {seat}",
        )


async def test_whoever_is_logged_out_from_the_other_node_is_told_why(nodes: TwoNodes) -> None:
    seat, why = GENERAL[5], "下班未签出"
    password = make_person(nodes.b.settings, "li", "seat", seat=seat)
    headers = await asyncio.to_thread(log_in, nodes.b, "li", password)
    address = str(nodes.b.settings.web)
    async with PagePhone(address, headers) as page, aiohttp.ClientSession(headers=headers) as http:
        await asyncio.to_thread(sits_at, nodes, "li", seat)
        async with http.get(f"http://{address}/api/v1/events") as stream:
            asked = (f"seats/{seat}/log_out", {"reason": why})
            assert await asyncio.to_thread(nodes.a.post, *asked) == ""
            async with asyncio.timeout(15):
                async for line in stream.content:
                    if line.startswith(b"data:") and why in line.decode():
                        break
            assert json.loads(line[5:])["data"] == {"seat": seat, "reason": why}
        async with asyncio.timeout(15):
            await page.closed.wait()
        assert page.close_code == LOST_CODE
    async with aiohttp.ClientSession(headers=headers) as http:
        async with http.get(f"http://{address}/api/v1/me") as answer:
            assert answer.status == 401
