"""Two nodes, each an Asterisk with its controller: one hotline for callers and seats."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from callcenter.settings import DEMO_PROVINCE
from ivr_flows.model import GROUPS
from reports.facts import Conversation
from tests.real.asterisk_node import wav_seconds
from tests.real.house import House
from tests.real.sipp import Party
from tests.real.two_nodes import TwoNodes
from tests.real.ws_phone import WsPhone

LABOUR = ((1.0, "2"),)
CHANGCHUN, JILIN, YANBIAN = "+864315550", "+864325550", "+864335550"
SIPING, TONGHUA, BAICHENG, LIAOYUAN = "+864345550", "+864355550", "+864365550", "+864375550"
SONGYUAN, BAISHAN = "+864385550", "+864395550"
SEATS = {
    220100: (8001,),
    220200: (8011,),
    222400: (8021, 8022),
    220300: (8031, 8032),
    220500: (8041, 8042),
    220800: (8051,),
    220400: (8061, 8062),
    220700: (8071,),
    220600: (8081,),
}


@pytest.fixture(name="nodes", scope="module")
def _nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoNodes]:
    folder = tmp_path_factory.mktemp("nodes")
    both = TwoNodes(folder / "both", province=write_province(folder / "province"), ring_s=5)
    try:
        yield both.start()
    finally:
        both.close()


def write_province(folder: Path) -> Path:
    """Each test has cities of its own, so that none meets the seats of another."""
    folder.mkdir()
    roster = [
        {"number": n, "name": f"坐席{n}", "level": "municipal", "city": city, "skills": [*GROUPS]}
        for city, numbers in SEATS.items()
        for n in numbers
    ]
    # Nobody registers here: a province without one is refused.
    roster.append({"number": 8999, "name": "省级", "level": "provincial", "skills": [*GROUPS]})
    seats = {"groups": [*GROUPS], "seats": roster}
    (folder / "seats.yaml").write_text(yaml.safe_dump(seats, allow_unicode=True))
    for name in ("trunks.yaml", "calendar.yaml", "lines.yaml"):
        shutil.copy(DEMO_PROVINCE / name, folder)
    return folder


def ended(nodes: TwoNodes, *numbers: str) -> list[Conversation]:
    """The calls of these callers, once each has ended with its recording closed."""

    def found() -> list[Conversation]:
        calls = nodes.calls()
        over = [calls[number] for number in numbers if number in calls]
        return [c for c in over if c.ended_at and c.recording and c.recording.duration_s]

    nodes.a.wait_for(lambda: len(found()) == len(numbers), 40, "the calls have ended", 0.3)
    return found()


def seat_is(nodes: TwoNodes, number: str, state: str, timeout_s: float = 15) -> None:
    """Both controllers say so."""
    for house in nodes:
        house.wait_for(
            lambda h=house: h.seat_state(number) == state,  # type: ignore[misc]
            timeout_s,
            f"{number} is {state} at {house.settings.node}",
        )


def test_a_seat_of_one_node_answers_a_caller_of_the_other(nodes: TwoNodes) -> None:
    nodes.b.seat("8001", talk_s=5)
    seat_is(nodes, "8001", "ready")
    party = nodes.a.sipp.citizen(caller=f"{CHANGCHUN}101", keys=LABOUR, hangup_after_s=8)
    seat_is(nodes, "8001", "talking")
    for house in nodes:  # wherever one looks
        assert [c["seat"] for c in house.live()["calls"]] == ["8001"]
    party.wait(30)
    (call,) = ended(nodes, f"{CHANGCHUN}101")
    assert [(a.seat, a.outcome) for a in call.attempts] == [("8001", "answered")]
    assert (call.talk_ended_by, call.source) == ("seat", "controller")
    assert call.call_id.startswith("a-") and call.survey and call.recording
    # What the lawyer said is recorded where the caller is, in wide band.
    assert wav_seconds(Path(f"{call.recording.path}-seat-1.wav16")) > 1
    seat_is(nodes, "8001", "ready")
    assert len(nodes.calls()) == 1  # the other node's part of it is no call of its own


def test_callers_of_both_nodes_stand_in_one_line(nodes: TwoNodes) -> None:
    numbers = [f"{JILIN}11{n}" for n in range(4)]
    parties: list[Party] = []
    for n, house in enumerate((nodes.a, nodes.b, nodes.a, nodes.b)):
        parties.append(house.sipp.citizen(caller=numbers[n], keys=LABOUR, hangup_after_s=11))
        for one in nodes:
            one.wait_for(lambda o=one, n=n: o.live()["waiting"] == n + 1, what="all see him")  # type: ignore[misc]
    nodes.b.seat("8011", answer_after_s=0.2, talk_s=0.5)
    calls = ended(nodes, *numbers)
    answered = [call.answered_at for call in calls]
    assert None not in answered and answered == sorted(answered)  # type: ignore[type-var]
    assert {a.seat for call in calls for a in call.attempts} == {"8011"}
    assert [call.call_id[0] for call in calls] == ["a", "b", "a", "b"]
    for party in parties:
        party.wait(30)


def test_a_seat_that_does_not_take_it_is_known_at_both_nodes_and_costs_no_place(
    nodes: TwoNodes,
) -> None:
    """Refused, not answered, phone gone while it rang: each at the other node than the caller."""
    nodes.b.seat("8021", decline=486, answer_after_s=0.3)
    nodes.b.seat("8031", never_answer=True)
    gone = nodes.a.seat("8041", never_answer=True)
    refused, unheard, lost = f"{YANBIAN}121", f"{SIPING}122", f"{TONGHUA}123"
    parties = [
        house.sipp.citizen(caller=number, keys=LABOUR, hangup_after_s=13)
        for house, number in ((nodes.a, refused), (nodes.a, unheard), (nodes.b, lost))
    ]
    seat_is(nodes, "8041", "ringing")
    gone.stop()  # as a browser that is closed: nothing is said any more
    seat_is(nodes, "8021", "not_ready (declined)")
    for number in ("8031", "8041"):
        seat_is(nodes, number, "not_ready (no_answer)")
    nodes.b.seat("8022", answer_after_s=0.1, talk_s=1)
    nodes.a.seat("8032", answer_after_s=0.1, talk_s=1)
    nodes.b.seat("8042", answer_after_s=0.1, talk_s=1)
    calls = ended(nodes, refused, unheard, lost)
    assert [[(a.seat, a.outcome) for a in call.attempts] for call in calls] == [
        [("8021", "declined"), ("8022", "answered")],
        [("8031", "no_answer"), ("8032", "answered")],
        [("8041", "no_answer"), ("8042", "answered")],
    ]
    for call in calls:  # one stay in the line, from when he first asked
        assert [s.outcome for s in call.stints] == ["answered"]
        assert call.stints[0].asked_at == call.asked_at
    for party in parties:
        party.wait(40)


def test_a_seat_whose_phone_moves_to_the_other_node_is_rung_there(nodes: TwoNodes) -> None:
    first = nodes.a.seat("8051", never_answer=True)
    seat_is(nodes, "8051", "ready")
    nodes.b.seat("8051", answer_after_s=0.2, talk_s=1)
    first.stop()
    party = nodes.a.sipp.citizen(caller=f"{BAICHENG}130", keys=LABOUR, hangup_after_s=7)
    (call,) = ended(nodes, f"{BAICHENG}130")
    assert [(a.seat, a.outcome) for a in call.attempts] == [("8051", "answered")]
    party.wait(30)


def test_a_phone_closed_in_mid_talk_is_rung_again_when_it_is_back(nodes: TwoNodes) -> None:
    """As a browser's page: its registration ends with it, and no sound comes any more."""
    phone = nodes.b.seat("8071")
    party = nodes.a.sipp.citizen(caller=f"{SONGYUAN}150", keys=LABOUR, hangup_after_s=14)
    seat_is(nodes, "8071", "talking")
    phone.stop()
    nodes.b.sipp.unregister("8071").wait(10)
    seat_is(nodes, "8071", "offline")
    nodes.b.seat("8071", answer_after_s=0.1, talk_s=1)
    (call,) = ended(nodes, f"{SONGYUAN}150")
    assert [(a.seat, a.outcome) for a in call.attempts] == [("8071", "answered")] * 2
    assert call.stints[-1].asked_at >= call.stints[0].asked_at == call.asked_at
    party.wait(30)


async def test_a_page_loaded_anew_is_ready_again_and_nobody_rings_the_old_one(
    nodes: TwoNodes,
) -> None:
    async with WsPhone(nodes.b.node, "8081"):
        await asyncio.to_thread(seat_is, nodes, "8081", "ready")
    async with WsPhone(nodes.b.node, "8081") as page:
        await asyncio.to_thread(nodes.b.node.wait_registered, "8081")
        await asyncio.to_thread(seat_is, nodes, "8081", "ready")
        number = f"{BAISHAN}160"
        party = nodes.a.sipp.citizen(caller=number, keys=LABOUR, hangup_after_s=4)
        assert "INVITE" in await page.invited()  # and it says that it is busy
        await asyncio.to_thread(seat_is, nodes, "8081", "not_ready (declined)")
        await asyncio.to_thread(party.wait, 20)
    (call,) = await asyncio.to_thread(ended, nodes, number)
    assert [(a.seat, a.outcome) for a in call.attempts] == [("8081", "declined")]


def test_both_sides_hang_up_in_the_same_second(nodes: TwoNodes) -> None:
    """At both nodes, three times: the caller a little earlier, at once, a little later."""
    for house, number in ((nodes.a, "8061"), (nodes.b, "8062")):
        house.seat(number, answer_after_s=0.1, talk_s=2.0)
        seat_is(nodes, number, "ready")
    numbers = [f"{LIAOYUAN}14{n}" for n in range(6)]
    for n, after_s in ((0, 1.9), (2, 2.1), (4, 2.3)):
        parties = _at_once([(nodes.a, numbers[n]), (nodes.b, numbers[n + 1])], after_s)
        for party in parties:
            party.wait(30)
        for seat in ("8061", "8062"):
            seat_is(nodes, seat, "ready")
    for call in ended(nodes, *numbers):
        assert [a.outcome for a in call.attempts] == ["answered"]
        assert call.talk_ended_by in ("caller", "seat")
        assert call.end_stage == ("talking" if call.talk_ended_by == "caller" else "survey")


def _at_once(both: list[tuple[House, str]], after_s: float) -> list[Party]:
    parties: list[Party] = []

    def call(house: House, number: str) -> None:
        parties.append(house.sipp.citizen(caller=number, keys=LABOUR, hangup_after_s=after_s))

    threads = [threading.Thread(target=call, args=one) for one in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return parties
