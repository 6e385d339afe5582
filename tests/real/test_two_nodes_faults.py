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
from tests.real.crowd import Crowd
from tests.real.house import House
from tests.real.two_nodes import TwoNodes

TALKING, WAITING = 50, 50
CHANGCHUN, JILIN = 220100, 220200
TALKERS = tuple(f"0431555{n:04}" for n in range(1000, 1000 + TALKING))
WAITERS = tuple(f"0432555{n:04}" for n in range(2000, 2000 + WAITING))
SEATS = [str(4000 + n) for n in range(TALKING)]
LATE = [str(4500 + n) for n in range(5)]


@pytest.fixture(name="nodes")
def _nodes(tmp_path: Path) -> Iterator[TwoNodes]:
    both = TwoNodes(tmp_path / "both", province=write_province(tmp_path / "province"))
    try:
        yield both.start()
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
        waiters = crowd.callers(sip[a], WAITERS, rate=12, stays_s=90)
        talkers = crowd.callers(sip[a], TALKERS, rate=12, stays_s=24)
        a.wait_for(lambda: a.live()["waiting"] == WAITING, 30, "all wait")
        a.wait_for(lambda: talking(a) == TALKING, 30, "all talk")
        channels = a.node.channels()

        a.kill_controller()
        took = {
            "waiting": seconds_until(
                b, lambda: b.live()["waiting"] == WAITING, 20, "all wait at b"
            ),
            "talking": seconds_until(b, lambda: talking(b) == TALKING, 20, "b has the talks"),
        }
        assert sum(took.values()) < 15
        print(f"taken over: {took}")
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
