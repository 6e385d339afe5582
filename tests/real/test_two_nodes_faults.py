"""What breaks between two nodes under load: no call is dropped, no place lost, no fact missing."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from callcenter.settings import DEMO_PROVINCE
from ivr_flows.model import GROUPS
from reports.facts import Conversation
from tests.real.asterisk_node import free_ports
from tests.real.crowd import Crowd
from tests.real.house import House
from tests.real.proxy import Proxy
from tests.real.two_nodes import HOSTS, TwoNodes

TALKING, WAITING = 50, 50
CHANGCHUN, JILIN = 220100, 220200
TALKERS = tuple(f"0431555{n:04}" for n in range(1000, 1000 + TALKING))
WAITERS = tuple(f"0432555{n:04}" for n in range(2000, 2000 + WAITING))
SEATS = [str(4000 + n) for n in range(TALKING)]
LATE = [str(4500 + n) for n in range(5)]
CUT_S = 30  # longer than the leases of what happens meanwhile


@pytest.fixture(name="nodes")
def _nodes(tmp_path: Path) -> Iterator[TwoNodes]:
    both = TwoNodes(tmp_path / "both", province=write_province(tmp_path / "province"))
    try:
        yield both.start()
    finally:
        both.close()


@pytest.fixture(name="line_to_a")
def _line_to_a() -> tuple[str, int]:
    """Where controllers find the AMI of node a: a proxy of the test's."""
    return HOSTS["a"], free_ports(1)[0]


@pytest.fixture(name="cuttable")
def _cuttable(tmp_path: Path, line_to_a: tuple[str, int]) -> Iterator[tuple[TwoNodes, Proxy]]:
    host, port = line_to_a
    both = TwoNodes(
        tmp_path / "both",
        province=write_province(tmp_path / "province"),
        ami_of={"a": f"{host}:{port}"},
        ring_s=5,
    )
    ami = both.a.node.given.ami
    try:
        with Proxy(host, port, (ami.host, ami.port)) as proxy:
            yield both.start(), proxy
    finally:
        both.close()


def write_province(folder: Path) -> Path:
    """Fifty seats of one city, and five of another that come late."""
    folder.mkdir()
    cities = {**dict.fromkeys(SEATS, CHANGCHUN), **dict.fromkeys(LATE, JILIN)}
    roster: list[dict[str, object]] = [
        {"number": int(n), "name": f"坐席{n}", "level": "municipal", "city": city}
        for n, city in cities.items()
    ]
    # Nobody registers here: a province without one is refused.
    roster.append({"number": 8999, "name": "省级", "level": "provincial"})
    seats = {"groups": [*GROUPS], "seats": [{**seat, "skills": [*GROUPS]} for seat in roster]}
    (folder / "seats.yaml").write_text(yaml.safe_dump(seats, allow_unicode=True))
    for name in ("trunks.yaml", "calendar.yaml", "lines.yaml"):
        shutil.copy(DEMO_PROVINCE / name, folder)
    return folder


def talking(house: House) -> int:
    return sum(call["stage"] == "talking" for call in house.live()["calls"])


def taken_over(house: House) -> float:
    return house.metric("hotline_calls_taken_over_total")


def busy(house: House) -> int:
    return sum(seat["state"] == "talking" for seat in house.live()["seats"])


def seconds_until(house: House, is_so: object, timeout_s: float, what: str) -> float:
    began = time.monotonic()
    house.wait_for(is_so, timeout_s, what)  # type: ignore[arg-type]
    return time.monotonic() - began


@pytest.mark.timeout(240)
def test_a_killed_controllers_calls_go_on_at_the_other(nodes: TwoNodes, tmp_path: Path) -> None:
    a, b = nodes.a, nodes.b
    sip = {house: house.settings.sip for house in nodes}
    with Crowd(tmp_path / "crowd") as crowd:
        homes = {sip[a]: SEATS[::2], sip[b]: SEATS[1::2]}
        crowd.phones(homes, answer_after_s=0.2, stays_s=50)
        a.wait_for(
            lambda: sum(s["state"] == "ready" for s in a.live()["seats"]) == TALKING,
            30,
            "all seats are ready",
        )
        waiters = crowd.callers(sip[a], WAITERS, rate=15, stays_s=100)
        a.wait_for(lambda: a.live()["waiting"] == WAITING, 40, "all wait")
        talkers = crowd.callers(sip[a], TALKERS, rate=15, stays_s=28)
        a.wait_for(lambda: talking(a) == TALKING, 30, "all talk")
        channels = a.node.channels()

        a.kill_controller()
        took = {
            "waiting": seconds_until(
                b, lambda: b.live()["waiting"] == WAITING, 20, "all wait at b"
            ),
            "talking": seconds_until(b, lambda: taken_over(b) == TALKING, 20, "b has the talks"),
        }
        print(f"taken over, in seconds: {took}")
        # The talks came as a whole; each caller in line with his own line to Asterisk.
        assert talking(b) == TALKING
        assert b.metric("hotline_controllers_alive") == 1
        assert a.node.channels() == channels  # nobody was dropped
        assert busy(b) == TALKING
        a.start_controller()
        a.wait_for(lambda: busy(a) == TALKING, 15, "a knows again who talks")
        assert talking(b) == TALKING

        # The talks end one by one, by their callers; then the line moves, in its order.
        for number in LATE:
            b.seat(number, answer_after_s=0.1, talk_s=0.5)
        talked, waited = crowd.over(talkers, 60), crowd.over(waiters, 120)
        assert (talked.failed, talked.good) == (0, TALKING)
        assert (waited.failed, waited.good) == (0, WAITING)
        a.wait_for(lambda: busy(a) == busy(b) == 0, 15, "all seats are free")
    calls = closed(nodes, TALKING + WAITING)
    for call in calls:
        assert (call.source, call.ended_by) != ("journal", "system")
        assert [x.outcome for x in call.attempts] == ["answered"], call
        assert [s.outcome for s in call.stints] == ["answered"]
    line = [c for c in calls if c.caller and c.caller.startswith("+86432")]
    asked = [c.asked_at for c in line]
    offered = [c.attempts[0].offered_at for c in line]
    by_asking = [o for _, o in sorted(zip(asked, offered, strict=True))]  # type: ignore[type-var]
    assert by_asking == sorted(offered)


def closed(nodes: TwoNodes, count: int) -> list[Conversation]:
    """Every call, each ended with its recording closed."""
    return nodes.a.ended(count, timeout_s=60)


def state(house: House, number: str) -> str:
    return house.seat_state(number)


@pytest.mark.timeout(200)
def test_asterisk_is_out_of_sight_for_half_a_minute_and_redis_restarts_meanwhile(
    cuttable: tuple[TwoNodes, Proxy],
) -> None:
    nodes, proxy = cuttable
    a, b = nodes.a, nodes.b
    first, second, third = (f"+8643155530{n:02}" for n in range(3))
    talked = a.seat("4000", answer_after_s=0.2)
    a.seat("4500")
    leaves = a.sipp.citizen(caller=first, keys=((1.0, "2"),), hangup_after_s=14)
    a.wait_for(lambda: state(a, "4000") == "talking", what="the first talks")

    proxy.cut()
    began = time.monotonic()
    stays = a.sipp.citizen(caller=second, keys=((1.0, "2"),), hangup_after_s=CUT_S + 18)
    waits = b.sipp.citizen(caller=third, keys=((1.0, "2"),), hangup_after_s=CUT_S + 18)
    b.wait_for(lambda: b.live()["waiting"] == 2, what="two wait")
    nodes.restart_redis()
    a.seat("4002", never_answer=True)  # nobody can see it register
    unregister(a, "4500")
    leaves.wait(40)
    # The first one's seat is free: Asterisk said so by the call's own line. It takes the second.
    a.wait_for(lambda: a.live()["waiting"] == 1, 25, "one is served")
    while time.monotonic() < began + CUT_S:
        # Nobody sees the talk; but its seat is not taken for free, however long it lasts.
        assert state(a, "4000") in ("reserved", "ringing", "talking") or leaves_line(a)
        time.sleep(0.5)
    proxy.mend()
    mended = time.monotonic()
    for house in nodes:
        house.wait_for(lambda h=house: state(h, "4000") == "talking", 30, "4000 talks")  # type: ignore[misc]
        house.wait_for(lambda h=house: state(h, "4500") == "offline", 30, "4500 is gone")  # type: ignore[misc]
        house.wait_for(lambda h=house: state(h, "4002") != "offline", 30, "4002 is there")  # type: ignore[misc]
    print(f"states right {time.monotonic() - mended:.1f} s after the cut")
    house_is_well(a)
    for party in (stays, waits):
        party.wait(60)
    talked.stop()
    calls = nodes.a.ended(3, timeout_s=40)
    by_caller = {call.caller: call for call in calls}
    assert len(by_caller) == 3
    for number in (first, second):
        call = by_caller[number]
        assert [(x.seat, x.outcome) for x in call.attempts] == [("4000", "answered")]
        assert (call.end_stage, call.ended_by) == ("talking", "caller")
    # Asterisk itself knew when the second talk began.
    call = by_caller[second]
    assert call.answered_at and call.ended_at
    assert (call.ended_at - call.answered_at).total_seconds() > 20


def leaves_line(house: House) -> bool:
    own = f"{house.settings.node}-"  # the board shows calls of both nodes
    calls = [call for call in house.live()["calls"] if call["call_id"].startswith(own)]
    return any(call["stage"] == "queue" for call in calls)


def house_is_well(house: House) -> None:
    house.wait_for(house.is_healthy, 15, "Redis and Asterisk are back")


def unregister(house: House, number: str) -> None:
    """The phone is closed in order, as a browser's page: it says so."""
    house.sipp.unregister(number).wait(10)
