"""The ready seats, the best first for whatever is asked for: nothing is scanned.

A `Choice` is drawn up for each place, skill, order and language that a caller has asked for; a
seat that becomes ready is put into those that it belongs to, and nothing is searched for it when
it goes: an entry whose stamp is no longer the seat's is dropped when it comes up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from heapq import heapify, heappop, heappush
from itertools import count

from seats.policy import Order, Who
from seats.seat import USUAL_LEVEL, Level, Seat, SeatState, SeatStatus

Place = tuple[Who, str | None]
"""Where a seat works: (CITY, code), (MUNICIPAL, None) of any city, or (PROVINCIAL, None)."""

_Entry = tuple[float, datetime, str, int, "RosteredSeat"]
_OFF_DUTY = frozenset({SeatState.OFFLINE, SeatState.NOT_READY})
_ROOMY = 64  # entries; a smaller heap is not worth tidying


class RosteredSeat:
    """A seat, its newest state and the choices it is in; `stamp` is 0 unless it may be given."""

    __slots__ = ("choices", "is_on_duty", "number", "seat", "stamp", "status")

    def __init__(self, seat: Seat) -> None:
        self.seat = seat
        self.number = seat.number
        self.status: SeatStatus | None = None
        self.stamp = 0
        self.choices: list[Choice] = []
        self.is_on_duty = False  # whether waiting for this very seat makes sense


class Choice:
    """Ready seats of one place and skill in one order, of one language or of any (None)."""

    __slots__ = ("_heap", "_language", "_new", "_order", "_roomy", "_skill")

    def __init__(self, skill: str, order: Order, language: str | None) -> None:
        self._skill, self._order, self._language = skill, order, language
        self._heap: list[_Entry] = []
        self._new: list[_Entry] = []  # sorted in when asked for: most are gone again by then
        self._roomy = _ROOMY

    def takes(self, seat: Seat) -> bool:
        """Whether the seat, of the right place and skill, belongs here."""
        return self._language is None or self._language in seat.languages

    def add(self, ready: RosteredSeat, status: SeatStatus, day: str) -> None:
        """Put in a seat that has become ready; `day`: the Shanghai day whose calls count."""
        idle_since = status.idle_since or status.since
        before = 0.0
        if self._order is not Order.LONGEST_IDLE:
            before = self._before(ready.seat, status, day)
        self._new.append((before, idle_since, ready.number, ready.stamp, ready))
        if len(self._heap) + len(self._new) > self._roomy:
            both = (*self._heap, *self._new)
            self._heap = [kept for kept in both if kept[4].stamp == kept[3]]
            self._new.clear()
            heapify(self._heap)
            self._roomy = max(_ROOMY, 2 * len(self._heap))

    def _take_in_new(self) -> None:
        fresh = [entry for entry in self._new if entry[4].stamp == entry[3]]
        self._new.clear()
        if len(fresh) > len(self._heap):
            self._heap += fresh
            heapify(self._heap)
        else:
            for entry in fresh:
                heappush(self._heap, entry)

    def _before(self, seat: Seat, status: SeatStatus, day: str) -> float:
        match self._order:
            case Order.LONGEST_IDLE:
                return 0
            case Order.FEWEST_CALLS:
                return status.calls_on(day)
            case Order.SKILL_LEVEL:
                return -seat.levels.get(self._skill, USUAL_LEVEL)
            case Order.WEIGHTED:
                return status.calls_on(day) / seat.weight

    def first(self, tried: frozenset[str] = frozenset()) -> _Entry | None:
        """The best seat that is not among `tried`; entries compare as the order wants it."""
        if self._new:
            self._take_in_new()
        heap = self._heap
        aside: list[_Entry] = []
        found = None
        while heap:
            entry = heap[0]
            if entry[4].stamp != entry[3]:
                heappop(heap)
            elif entry[2] in tried:
                aside.append(heappop(heap))
            else:
                found = entry
                break
        for entry in aside:
            heappush(heap, entry)
        return found


class ReadySeats:
    """The roster's seats by number, and the choices that they belong to."""

    def __init__(self, seats: Iterable[Seat]) -> None:
        """All offline until their states are told."""
        self.by_number = {seat.number: RosteredSeat(seat) for seat in seats}
        self.day = ""
        self._of: dict[tuple[Place, str], list[RosteredSeat]] = defaultdict(list)
        for rostered in self.by_number.values():
            for place in _places(rostered.seat):
                for skill in rostered.seat.skills:
                    self._of[place, skill].append(rostered)
        self._choices: dict[tuple[Place, str, Order, str | None], Choice] = {}
        self._stamps = count(1)

    def choice(self, place: Place, skill: str, order: Order, language: str | None) -> Choice:
        """The ready seats of this kind, in this order."""
        key = (place, skill, order, language)
        choice = self._choices.get(key)
        if choice is None:
            choice = self._choices[key] = Choice(skill, order, language)
            for rostered in self.of(place, skill):
                if choice.takes(rostered.seat):
                    rostered.choices.append(choice)
                    if rostered.stamp and rostered.status:
                        choice.add(rostered, rostered.status, self.day)
        return choice

    def of(self, place: Place, skill: str) -> Iterable[RosteredSeat]:
        """Every seat of this kind, ready or not."""
        return self._of.get((place, skill), ())

    def told(
        self, seat: RosteredSeat, status: SeatStatus, is_on_shift: bool, is_given: bool
    ) -> bool:
        """Take up a seat's newest state; whether it may be given away from now on."""
        seat.status = status
        seat.is_on_duty = is_on_shift and status.state not in _OFF_DUTY
        if seat.is_on_duty and status.state is SeatState.READY and not is_given:
            self._put_in(seat, status)
            return True
        seat.stamp = 0
        return False

    def _put_in(self, ready: RosteredSeat, status: SeatStatus) -> None:
        ready.stamp = next(self._stamps)
        for choice in ready.choices:
            choice.add(ready, status, self.day)

    def begin_day(self, day: str) -> None:
        """Calls are counted anew."""
        self.day = day
        for rostered in self.by_number.values():
            if rostered.stamp and rostered.status:
                self._put_in(rostered, rostered.status)


def _places(seat: Seat) -> tuple[Place, ...]:
    if seat.level is Level.PROVINCIAL:
        return ((Who.PROVINCIAL, None),)
    return ((Who.CITY, seat.city), (Who.MUNICIPAL, None))


class Wish:
    """The seats that one stage opens to one kind of caller: places, skill, order, language."""

    __slots__ = ("_any", "_language", "_own", "_own_only", "_ready", "order", "places", "skill")

    def __init__(
        self,
        ready: ReadySeats,
        places: tuple[Place, ...],
        skill: str,
        order: Order,
        language: str,
        own_only: bool,
    ) -> None:
        """`own_only`: the language is a must; else it is preferred, and nobody waits for it."""
        self.places, self.skill, self.order = places, skill, order
        self._ready, self._language, self._own_only = ready, language, own_only
        self._any = tuple(ready.choice(place, skill, order, None) for place in places)
        self._own: tuple[Choice, ...] | None = None

    def best(self, tried: frozenset[str]) -> RosteredSeat | None:
        """The seat that comes first, if any is ready."""
        first = _first_of(self._any, tried)
        if first is None:
            return None
        if self._language not in first[4].seat.languages:
            own = _first_of(self._own or self._own_choices(), tried)
            if own is not None:
                return own[4]
            if self._own_only:
                return None
        return first[4]

    def _own_choices(self) -> tuple[Choice, ...]:
        # drawn up only now: mostly every seat speaks it, and each choice costs each seat a push
        self._own = tuple(
            self._ready.choice(place, self.skill, self.order, self._language)
            for place in self.places
        )
        return self._own


def _first_of(choices: tuple[Choice, ...], tried: frozenset[str]) -> _Entry | None:
    if len(choices) == 1:
        return choices[0].first(tried)
    found = [entry for choice in choices if (entry := choice.first(tried)) is not None]
    return min(found, default=None)
