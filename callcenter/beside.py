"""Supervisors' telephones: which are registered where, and beside which talk each of them is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from callcenter.asterisk import heard, recover
from callcenter.call import Call, supervised
from callcenter.call.table import leg_id, parse_leg_id, parse_spy_id
from callcenter.neighbours import Neighbours

if TYPE_CHECKING:
    from callcenter.switchboard import Switchboard

Mode = Literal["listen", "whisper", "barge", "take_over"]
SETTLING = timedelta(seconds=5)  # a channel this young may be on its way
GONE_S = 3.0  # a telephone that was hung up is free within this


@dataclass(frozen=True, slots=True)
class Place:
    """Beside which talk a telephone is. `is_there`: it was picked up; `channel`: its unique id."""

    call_id: str
    mode: Mode
    since: datetime
    channel: str
    is_there: bool = False


class Telephones:
    """One per controller. `on_change` is called with the number of each that moved."""

    def __init__(self, house: Switchboard, numbers: Callable[[], Iterable[str]]) -> None:
        """`numbers`: of the supervisors in the province folder."""
        self.on_change: Callable[[str], None] = lambda _: None
        self.on_lost: Callable[[Place], None] = lambda _: None
        """Called when a telephone that is beside a talk is not registered any more."""
        self.if_gone: Callable[[str, str, Callable[[], None]], None] = lambda *_: None
        """Asks Asterisk whether a telephone is registered no more (Rooms.if_gone)."""
        self.say: Callable[[str, Place | None], None] = lambda *_: None
        """Tells the other controllers beside which call of ours a telephone listens."""
        self.name_of: Callable[[str], str] = lambda _: ""
        """What a telephone is called."""
        self.neighbours = Neighbours()
        self._house = house
        self._numbers = numbers
        self._nodes: dict[str, str] = {}
        self._listening: dict[str, Place] = {}
        self._elsewhere: dict[str, Place] = {}
        self._said: dict[str, Place | None] = {}
        self._told: dict[str, tuple[Place | None, dict[str, Place]]] = {}
        self._moved = asyncio.Event()

    def knows(self, number: str) -> bool:
        """Whether it is a supervisor's."""
        return number in self._numbers()

    def is_registered(self, number: str) -> bool:
        """Whether it could be rung."""
        return number in self._nodes

    def node_of(self, number: str) -> str:
        """The Asterisk where it is registered; empty when there is one only, or it is not."""
        return self._nodes.get(number, "")

    def place_of(self, number: str) -> Place | None:
        """Beside which talk it is, rung or there."""
        return self._places().get(number)

    def others(self, number: str, call_id: str) -> dict[str, Place]:
        """The telephones of other supervisors beside this talk, at whichever node."""
        return _others(self._places(), number, call_id)

    def _places(self) -> dict[str, Place]:
        own = (session.call for session in self._house.sessions.values())
        guests = dict(filter(None, map(_as_guest, (*own, *self.neighbours.calls))))
        return guests | self._elsewhere | self._listening

    def begins(self, number: str, place: Place) -> None:
        """It is called to listen."""
        self._listening[number] = place
        self._tell()

    def changes(self, number: str, mode: Mode, at: datetime) -> None:
        """It listens or whispers now."""
        place = self._listening.get(number) or self._elsewhere.pop(number)
        self._listening[number] = replace(place, mode=mode, since=at)
        self._tell()

    def is_elsewhere(self, number: str, place: Place | None) -> None:
        """Another controller tells beside which of its calls this telephone listens."""
        if place is None or place.call_id in self._house.sessions:
            self._elsewhere.pop(number, None)
        else:
            self._elsewhere[number] = place
        self._tell()

    def moved_elsewhere(self) -> None:
        """A call of another controller has changed."""
        self._tell()

    def ends(self, channel: str) -> None:
        """The channel by which it listened is gone, or never came to be."""
        for places in (self._listening, self._elsewhere):
            for number, place in tuple(places.items()):
                if place.channel == channel:
                    del places[number]
        self._tell()

    async def free(self, number: str) -> None:
        """Wait until it is beside no talk, or for GONE_S."""
        try:
            async with asyncio.timeout(GONE_S):
                while self.place_of(number) is not None:
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            self._listening.pop(number, None)
            self._elsewhere.pop(number, None)

    # --- what Asterisk tells ---

    def hear(self, news: heard.Heard, node: str = "") -> None:
        """Take in what concerns these telephones."""
        match news:
            case heard.PhoneSeen(number, is_registered=True, is_removed=False) if self.knows(
                number
            ):
                self._seen(number, node)
            case heard.PhoneSeen(number, is_removed=True) if number in self._nodes:
                # Asterisk tells of the old contact after it has told of the new one.
                self.if_gone(number, node, lambda: self._away(number, node))
                place = self.place_of(number)
                is_ours = place is not None and self.neighbours.call(place.call_id) is None
                if place is not None and place.is_there and is_ours:
                    self.on_lost(place)
            case heard.PhoneSeen(number) if number in self._nodes:
                self._away(number, node)
            case heard.SupervisorHears(unique_id):
                self._picked_up(unique_id)
            case heard.ChannelGone(unique_id) if parse_spy_id(unique_id):
                self.ends(unique_id)
            case heard.ChannelGone(unique_id) | heard.RoomJoined(unique_id=unique_id):
                if parse_leg_id(unique_id):
                    self._tell()
            case _:
                pass

    def compare(self, seen: Mapping[str, recover.Snapshot]) -> None:
        """Take up what was missed: telephones, and who listens since before this run."""
        now = self._house.clock()
        for number in self._numbers():
            at = [node for node, one in seen.items() if number in one.phones]
            if at:
                self._seen(number, at[0])
            elif self._nodes.get(number, "") in seen:
                self._away(number, self._nodes.get(number, ""))
        up = {channel for one in seen.values() for channel in one.channels}
        for places in (self._listening, self._elsewhere):
            for number, place in tuple(places.items()):
                if place.channel not in up and now - place.since > SETTLING:
                    del places[number]
        for channel in up:
            spy = parse_spy_id(channel)
            if spy is None or spy[1] in self._listening or self.neighbours.call(spy[0]):
                continue
            known = self._elsewhere.pop(spy[1], None)  # told by a controller that is gone
            found = Place(spy[0], "listen", now, channel, is_there=True)
            is_same = known is not None and known.channel == channel
            self._listening[spy[1]] = known if known and is_same else found
        self._tell()

    def _seen(self, number: str, node: str) -> None:
        if self._nodes.get(number) != node:
            self._nodes[number] = node
            self.on_change(number)

    def _away(self, number: str, node: str) -> None:
        if self._nodes.get(number) == node:
            del self._nodes[number]
            self.on_change(number)

    def _picked_up(self, unique_id: str) -> None:
        for number, place in self._listening.items():
            if place.channel == unique_id:
                self._listening[number] = replace(place, is_there=True)
        self._tell()

    def _tell(self) -> None:
        self._moved.set()
        places = self._places()
        for number in self._numbers():
            place = places.get(number)
            seen = place, _others(places, number, place.call_id) if place else {}
            if self._told.get(number, (None, {})) != seen:
                self._told[number] = seen
                self.on_change(number)
            listening = self._listening.get(number)
            if self._said.get(number) != listening:
                self._said[number] = listening
                self.say(number, listening)


def _others(places: Mapping[str, Place], number: str, call_id: str) -> dict[str, Place]:
    return {
        other: place
        for other, place in sorted(places.items())
        if other != number and place.call_id == call_id
    }


def _as_guest(call: Call) -> tuple[str, Place] | None:
    leg = supervised.leg_of(call)
    if not leg:
        return None
    guest = call.legs[leg - 1]
    return guest.by, Place(
        call_id=call.call_id,
        mode="take_over" if guest.kind == "take_over" else "barge",
        since=guest.answered_at or guest.at,
        channel=leg_id(call.call_id, leg),
        is_there=guest.answered_at is not None,
    )
