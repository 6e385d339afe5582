"""Whom a lawyer may hand a talk to, read from the seats' live states and the province's lines."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from callcenter.outside import OutsideLine
from callcenter.targets import TalkTargets
from ivr_flows.catalogue import Line
from seats.seat import Level, Seat, SeatState, first_status

NOW = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
NAMES = {"220100": "长春市"}
COURT = Line(title="诉讼服务热线", number="12368", trunk="demo", hours="open")


def seat(number: str, city: str | None, *skills: str) -> Seat:
    level = Level.MUNICIPAL if city else Level.PROVINCIAL
    return Seat(number, level, city, frozenset(skills), frozenset({"zh-CN"}), f"{number}席")


def house(**states: SeatState) -> Any:
    """A switchboard of three seats; `s8001=…` sets what one does."""
    roster = {
        one.number: one
        for one in (
            seat("8001", "220100", "labour"),
            seat("8002", "220100", "labour", "family"),
            seat("8901", None, "family"),
        )
    }
    statuses = {
        number: replace(first_status(number, NOW), state=states.get(f"s{number}", SeatState.READY))
        for number in roster
    }
    asked: list[str | None] = []

    def line(name: str, now: datetime, city: str | None) -> OutsideLine:
        asked.append(city)
        return OutsideLine(number="12368", trunk="demo", is_open=False)

    return SimpleNamespace(
        dispatcher=SimpleNamespace(roster=roster, statuses=statuses, off_shift=set()),
        outside=SimpleNamespace(line=line),
        sessions={},
        clock=lambda: NOW,
        asked=asked,
    )


def test_seats_groups_and_lines_are_told_as_they_are_now() -> None:
    there = house(s8002=SeatState.TALKING)
    told = TalkTargets(there, lines=lambda: {"court": COURT}, city_names=NAMES).of("8001")
    assert [(one.number, one.city, one.state) for one in told.seats] == [
        ("8001", "长春市", "ready"),
        ("8002", "长春市", "talking"),
        ("8901", None, "ready"),
    ]
    assert [(one.name, one.ready) for one in told.groups] == [("family", 1), ("labour", 1)]
    (line,) = told.lines
    assert (line.title, line.number, line.is_open) == ("诉讼服务热线", "12368", False)


def test_who_is_off_shift_does_not_count_as_free() -> None:
    there = house()
    there.dispatcher.off_shift.add("8901")
    told = TalkTargets(there, lines=dict, city_names=NAMES).of("8001")
    assert [(one.name, one.ready) for one in told.groups] == [("family", 1), ("labour", 2)]


def test_a_line_is_open_or_closed_for_the_place_of_the_caller_in_hand() -> None:
    there = house()
    statuses = there.dispatcher.statuses
    statuses["8001"] = replace(statuses["8001"], state=SeatState.HELD, call_id="c1-leg-2")
    there.sessions["c1"] = SimpleNamespace(call=SimpleNamespace(city="222400"))
    TalkTargets(there, lines=lambda: {"court": COURT}, city_names=NAMES).of("8001")
    assert there.asked == ["222400"]
