"""Figures of several controllers: each counts its own part, and they add up to the whole."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from callcenter.call import Call, CallId, Stage
from callcenter.call.state import Stint
from callcenter.live import Live
from callcenter.web.view import Share
from seats.seat import Level, Seat, first_status
from seats.waiting import Waiting

NOW = datetime.now(UTC)
NODE_OF = {"8001": "a", "8002": "b", "8003": "b", "8004": ""}
CALLS = {"a": ("a-1.1", "a-1.2"), "b": ("b-1.1",)}


def test_the_parts_of_two_controllers_are_the_whole() -> None:
    parts = [live(name).share() for name in ("a", "b")]
    whole = live("a").live()
    assert [part.waiting for part in parts] == [2, 1] and whole.waiting == 3
    assert [sum(part.states.values()) for part in parts] == [2, 2]
    assert [part.stages for part in parts] == [{"queue": 2}, {"queue": 1}]
    assert max(part.longest_wait_s for part in parts) == pytest.approx(whole.longest_wait_s, abs=5)
    assert added(parts) == Counter(one.state for one in whole.seats)


def added(parts: list[Share]) -> Counter[str]:
    return sum((Counter(part.states) for part in parts), Counter())


def live(own: str) -> Live:
    """Controller `own` of two, which knows the calls of both."""
    other = "b" if own == "a" else "a"
    neighbours = SimpleNamespace(calls=[call(one) for one in CALLS[other]], callbacks=[])
    return Live(
        house(own, other),  # type: ignore[arg-type]
        store=None,  # type: ignore[arg-type]
        city_names={},
        health=dict,
        neighbours=neighbours,  # type: ignore[arg-type]
        tells_of=lambda node: node == own or (node == "" and own == "a"),
    )


def house(own: str, other: str) -> SimpleNamespace:
    roster = {n: Seat(n, Level.PROVINCIAL, None, frozenset(), frozenset(), n) for n in NODE_OF}
    hung_up = waiting(f"cb-1-{own}-0.9")  # waits to be called back: on no telephone
    return SimpleNamespace(
        sessions={one: SimpleNamespace(call=call(one)) for one in CALLS[own]},
        callbacks=[],
        unsteered=SimpleNamespace(calls={}),
        alarms=SimpleNamespace(newest=lambda now: []),
        node_of_seat=NODE_OF.get,
        dispatcher=SimpleNamespace(
            roster=roster,
            statuses={n: first_status(n, NOW) for n in NODE_OF},
            off_shift=frozenset(),
            line={"cb": hung_up} | {one: waiting(one) for one in CALLS[own]},
            others={one: waiting(one) for one in CALLS[other]},
        ),
    )


def call(call_id: str) -> Call:
    return Call(
        call_id=CallId(call_id),
        arrived_at=NOW,
        stage=Stage.QUEUE,
        stints=(Stint(group="labour", asked_at=NOW),),
    )


def waiting(call_id: str) -> Waiting:
    long = timedelta(seconds=100 if call_id == "b-1.1" else 10)
    return Waiting(call_id, "labour", None, "zh-CN", asked_at=NOW - long)
