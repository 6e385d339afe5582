"""Calls that a supervisor may act on: real rules and a real audit trail, no Asterisk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from callcenter import events as ev
from callcenter.asterisk import heard
from callcenter.asterisk.ears import Ear
from callcenter.beside import Telephones
from callcenter.call import Call
from callcenter.supervision import By, Supervision
from reports.store import Store
from seats.seat import Change, Level, Seat, SeatState, SeatStatus
from tests.callcenter.call_in_hand import at_a_seat
from tests.callcenter.call_played import Talk

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SUPERVISORS = ["7001", "7002"]
TALK = "t-1.1"


class FakeSession:
    """A call whose events are taken by the rules at once."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk

    @property
    def call(self) -> Call:
        return self.talk.call

    def put(self, event: ev.Event) -> None:
        self.talk.do(event)


class FakeHands:
    """Notes what the wire is asked for; `is_here`: seat and telephone can be found."""

    def __init__(self) -> None:
        self.did: list[tuple[str, ...]] = []
        self.is_here = True
        self.on_end: Callable[[str], None] = lambda channel: None

    async def begin(
        self, call_id: str, *, seat: str, seat_channel: str, phone: str, spy: str, ear: Ear
    ) -> bool:
        self.did.append(("begin", call_id, phone, ear))
        return self.is_here

    async def change(self, call_id: str, *, spy: str, ear: Ear) -> None:
        self.did.append(("change", call_id, ear))

    def end(self, call_id: str, channel: str) -> None:
        self.did.append(("end", call_id, channel))
        self.on_end(channel)


class SupervisedHouse:
    """`talk`: at seat 8001 of Changchun; `waits`: in line; `supervision`: what is tried."""

    def __init__(self, store: Store) -> None:
        self.talk, self.waits = at_a_seat(), Talk().in_line()
        self.put_out: list[str] = []
        self.moved: list[tuple[str, Change, str | None]] = []
        self.statuses: dict[str, SeatStatus] = {
            number: SeatStatus(number=number, state=state, since=NOW, version=1)
            for number, state in (
                ("8001", SeatState.TALKING),
                ("8002", SeatState.READY),
                ("8901", SeatState.OFFLINE),
            )
        }
        sessions = {TALK: FakeSession(self.talk), "waits": FakeSession(self.waits)}
        self.house: Any = SimpleNamespace(
            sessions=sessions,
            clock=lambda: NOW,
            tell=lambda call_id, event: sessions[call_id].put(event),
            dispatcher=SimpleNamespace(
                roster={number: seat(number) for number in self.statuses},
                statuses=self.statuses,
                change_seat=self._change_seat,
            ),
        )
        self.hands = FakeHands()
        self.telephones = Telephones(self.house, lambda: SUPERVISORS)
        self.supervision = Supervision(
            self.house, self.telephones, store=store, hands=self.hands, put_out=self._put_out
        )
        self.hands.on_end = self.telephones.ends
        self.telephones.hear(heard.PhoneSeen("7001", True), "main")

    def picked_up(self, phone: str = "7001") -> None:
        """The supervisor is there."""
        place = self.telephones.place_of(phone)
        assert place is not None
        self.telephones.hear(heard.SupervisorHears(place.channel))

    def _change_seat(self, number: str, change: Change, *, reason: str | None = None) -> bool:
        self.moved.append((number, change, reason))
        return True

    async def _put_out(self, number: str, by: By) -> None:
        self.put_out.append(number)


def seat(number: str) -> Seat:
    """A seat of the family group, in Changchun unless it is the province's."""
    city = None if number.startswith("89") else "220100"
    level = Level.MUNICIPAL if city else Level.PROVINCIAL
    return Seat(number, level, city, frozenset({"family"}), frozenset({"zh-CN"}), number)


def told(place: object) -> Mapping[str, object]:
    """A place as what matters of it."""
    return {name: getattr(place, name) for name in ("call_id", "mode", "is_there")}
