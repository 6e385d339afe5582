"""Talks in hand over two nodes: the citizen's call is at node a, the lawyer's and the supervisor's
telephones are at node b, and so is the page where everything is asked for.
"""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Iterator

import aiohttp
import pytest

from callcenter.bench.load import free_ports
from callcenter.desks import LOST_CODE
from tests.real.asterisk_node import TRUNK_HOST
from tests.real.house import House
from tests.real.page_phone import PagePhone
from tests.real.people import log_in, make_person
from tests.real.rtp_tap import heard_by
from tests.real.scenario_house import write_prompts
from tests.real.sipp import tone
from tests.real.talk_house import (
    CALLER_HZ,
    GENERAL,
    GUEST_HZ,
    GUESTS,
    LABOUR,
    SEAT_HZ,
    write_province,
)
from tests.real.talk_of_two_nodes import (
    SUPERVISOR_HZ,
    call_of,
    dial,
    hear,
    is_recorded,
    lawyer,
    seat_is,
    supervisor,
    talk,
)
from tests.real.two_nodes import TwoNodes


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
    for n, hertz in enumerate((SEAT_HZ, GUEST_HZ, SUPERVISOR_HZ), start=1):
        assert is_recorded(call, f"seat-{n}.wav16", hertz)
        assert is_recorded(call, "heard.wav", hertz)


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
    assert is_recorded(call, "leg-2.wav16", GUEST_HZ)


def test_a_supervisor_joins_and_takes_over(nodes: TwoNodes) -> None:
    it = talk(nodes, GENERAL[2], "+864315550403")
    boss = supervisor(nodes, "7001")
    it.supervise("barge", "7001")
    with heard_by(it.citizen) as at_citizen, heard_by(it.phone) as at_seat:
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
