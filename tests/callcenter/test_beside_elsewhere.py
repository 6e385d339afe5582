"""Supervisors' telephones beside talks of another controller."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from callcenter.asterisk import heard, recover
from callcenter.beside import Place, Telephones
from callcenter.call import Call, CallId
from callcenter.call.table import spy_id

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
SPY = spy_id("b-1.1", "7001", 5)
PLACE = Place("b-1.1", "whisper", NOON, SPY, is_there=True)


class Room:
    """Telephones of one controller, and what they said."""

    def __init__(self) -> None:
        self.sessions: dict[str, object] = {}
        self.said: list[tuple[str, Place | None]] = []
        self.changed: list[str] = []
        house = SimpleNamespace(sessions=self.sessions, clock=lambda: NOON + timedelta(minutes=1))
        self.telephones = Telephones(house, lambda: ("7001", "7002"))  # type: ignore[arg-type]
        self.telephones.say = lambda number, place: self.said.append((number, place))
        self.telephones.on_change = self.changed.append


@pytest.fixture
def room() -> Room:
    return Room()


def test_what_another_controller_tells_is_shown_here_and_not_told_on(room: Room) -> None:
    room.telephones.is_elsewhere("7001", PLACE)
    assert room.telephones.place_of("7001") == PLACE
    assert (room.changed, room.said) == (["7001"], [])
    room.telephones.is_elsewhere("7001", None)
    assert room.telephones.place_of("7001") is None


def test_what_is_beside_our_own_talks_is_told_once(room: Room) -> None:
    own = replace(PLACE, call_id="a-1.1", channel=spy_id("a-1.1", "7001", 6))
    room.telephones.begins("7001", own)
    room.telephones.moved_elsewhere()
    room.telephones.ends(own.channel)
    assert room.said == [("7001", own), ("7001", None)]


def test_a_channel_that_is_gone_ends_it_at_once_wherever_it_was(room: Room) -> None:
    room.telephones.is_elsewhere("7001", PLACE)
    room.telephones.hear(heard.ChannelGone(SPY, "PJSIP/7001-1", NOON, 16, "b-1.1"), "b")
    assert room.telephones.place_of("7001") is None


def test_who_takes_the_call_over_goes_on_with_the_listener(room: Room) -> None:
    room.telephones.is_elsewhere("7001", PLACE)
    ours = Call(call_id=CallId("b-1.1"), arrived_at=NOON)
    room.sessions["b-1.1"] = SimpleNamespace(call=ours)
    room.telephones.compare({"b": snapshot(SPY)})
    assert room.telephones.place_of("7001") == PLACE  # whispering still
    assert room.said == [("7001", PLACE)]
    room.telephones.changes("7001", "listen", NOON)
    place = room.telephones.place_of("7001")
    assert place is not None and place.mode == "listen"


def snapshot(*channels: str) -> recover.Snapshot:
    """An Asterisk with these channels."""
    found = SimpleNamespace(channels=dict.fromkeys(channels), phones=frozenset())
    return found  # type: ignore[return-value]
