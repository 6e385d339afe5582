"""What a controller hears of the others' calls, and where it sends who asks for one."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from callcenter.address import Address
from callcenter.alarms import Alarms
from callcenter.call import Call, CallId, to_json
from callcenter.call.state import Alarm
from callcenter.neighbours import Neighbours
from callcenter.whereabouts import Whereabouts

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
THERE = Address("10.0.0.2", 8348)


def call(call_id: str = "b-1.1", **more: Any) -> Call:
    return Call(call_id=CallId(call_id), arrived_at=NOON, caller="+864315550123", **more)


def told(one: Call, controller: str = "b") -> str:
    return f"{controller} {one.call_id} {to_json(one).decode()}"


@pytest.fixture
def neighbours() -> Neighbours:
    return Neighbours()


def test_calls_elsewhere_are_known_as_they_were_saved_last(neighbours: Neighbours) -> None:
    seen: list[tuple[Call | None, Call]] = []
    neighbours.watchers.append(lambda before, after: seen.append((before, after)))
    first, second = call(), call(group="labour")
    neighbours.hear("call", told(first))
    neighbours.hear("call", told(second))
    neighbours.hear("call", told(second))
    assert seen == [(None, first), (first, second)]
    assert list(neighbours.calls) == [second]
    assert neighbours.controller_of("b-1.1") == "b"
    neighbours.hear("claim", "c b-1.1")
    assert neighbours.controller_of("b-1.1") == "c"
    neighbours.hear("gone", "b-1.1")
    assert (list(neighbours.calls), neighbours.call("b-1.1")) == ([], None)


def test_a_call_that_is_ours_now_or_of_a_dead_controller_is_nobodys_elsewhere(
    neighbours: Neighbours,
) -> None:
    neighbours.hear("call", told(call()))
    neighbours.is_alive = lambda controller: controller != "b"
    assert neighbours.controller_of("b-1.1") is None
    assert list(neighbours.calls) == [call()]  # they still talk
    neighbours.ours("b-1.1")
    assert list(neighbours.calls) == []


def test_nothing_stale_is_shown_while_nothing_is_heard(neighbours: Neighbours) -> None:
    neighbours.hear("call", told(call()))
    neighbours.is_up = lambda: False
    assert list(neighbours.calls) == []


def test_who_missed_something_reads_all_anew(neighbours: Neighbours) -> None:
    seen: list[str] = []
    neighbours.watchers.append(lambda before, after: seen.append(after.call_id))
    neighbours.hear("call", told(call("b-1.1")))
    changed = call("b-1.1", group="family")
    stored = {str(one.call_id): ("b", to_json(one)) for one in (changed, call("b-1.3"))}
    neighbours.catch_up({**stored, "b-1.4": ("b", b"{"), "wish-b-1.5": ("b", b"{}")})
    neighbours.catch_up(stored)
    assert {one.call_id for one in neighbours.calls} == {"b-1.1", "b-1.3"}
    assert seen == ["b-1.1", "b-1.1"]  # what is new to us may be old: nobody is told


class Counted:
    """Counts nothing here: the other controller has."""

    def alarm_raised(self, name: str) -> None:
        raise AssertionError(name)


def test_an_alarm_elsewhere_is_shown_here_once_and_not_counted_again() -> None:
    alarms = Alarms(Counted())
    before = call()
    alarm = Alarm(name="danger", at=NOON)
    after = msgspec.structs.replace(before, alarms=(alarm,))
    alarms.hear(before, after)
    alarms.hear(None, after)
    alarms.restore([after])  # the call was taken over
    assert [(one.name, one.call_id) for one in alarms.newest(NOON)] == [("danger", "b-1.1")]


@pytest.fixture
def places(neighbours: Neighbours) -> Whereabouts:
    """Of controller a, which has call a-1.1; seat 8001 is in a guest's leg of b-1.1."""
    statuses = {
        "8001": SimpleNamespace(call_id="b-1.1-leg-1"),
        "8002": SimpleNamespace(call_id=None),
    }
    house = SimpleNamespace(
        sessions={"a-1.1": object(), "b-7.7": object()},
        dispatcher=SimpleNamespace(statuses=statuses),
        desks=SimpleNamespace(served_by={"8001": "b", "8002": "", "8003": "c"}.get),
    )
    nodes = SimpleNamespace(own_name="a", names=("a", "b", "c"), alive=frozenset("ab"))
    addresses = {"b": THERE}
    return Whereabouts(nodes, house, neighbours, addresses=lambda: addresses)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("call_id", "where"),
    [
        ("a-1.1", None),
        ("a-0.9", None),  # over; it was here
        ("b-7.7", None),  # taken over
        ("b-1.1", THERE),
        ("b-0.9", THERE),  # over: its recording lies there
        ("cb-1-b-0.9", THERE),  # the call back that followed it
        ("cb-1.b.a-0.9", THERE),  # made there, when the controller of a was gone
        ("cb-1.a.b-0.9", None),
        ("b-out.77", THERE),
        ("c-1.1", None),  # its controller is gone: we know as much as anybody
        ("from-earlier-1.2", None),
    ],
)
def test_a_call_is_asked_about_where_it_is(
    places: Whereabouts, call_id: str, where: Address | None
) -> None:
    assert places.of_call(call_id) == where


def test_a_call_that_moved_is_found_by_who_has_it_now(
    places: Whereabouts, neighbours: Neighbours
) -> None:
    neighbours.hear("call", told(call("a-5.5"), "b"))  # while we were away
    assert places.of_call("a-5.5") == THERE
    assert places.of_seat("8001") == THERE
    assert places.of_seat("8002") is None and places.of_seat("8999") is None


def test_a_page_is_asked_about_where_it_is_served(places: Whereabouts) -> None:
    assert places.of_desk("8001") == THERE
    assert places.of_desk("8002") is None
    assert places.of_desk("8003") is None  # its controller is gone
