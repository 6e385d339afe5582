"""Who sits at which telephone: a person's browser claims it, and one page at a time has it.

A page that is reloaded or cut off is missed for a while before its place is another's; what its
seat was doing then is what it does when the page is back.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from seats.seat import IN_TALK, Change, SeatState, SeatStatus

MISSED = timedelta(seconds=15)  # so long a page that was cut off keeps its place
KEPT = timedelta(seconds=60)  # so long what a seat was doing is remembered
LOST_CODE = 4001  # WebSocket close code: another page has taken the desk over


class DeskTaken(Exception):
    """Another page has this telephone; `by` is the person there."""

    def __init__(self, by: str) -> None:
        super().__init__(by)
        self.by = by


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One page of one person at the telephone `number`. `key` names the page."""

    number: str
    person: str
    key: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Former:
    """A page that another controller serves, or served. `is_open`: it has its telephone's line;
    `seen_at`: when that was so last.
    """

    desk: Desk
    is_open: bool
    seen_at: datetime


class Book(Protocol):
    """What all controllers know of desks (callcenter.desk_book)."""

    def controller_of(self, number: str) -> str:
        """Which of them served the page there last; empty: none."""

    def of(self, number: str) -> Former | None:
        """Who sits there by the word of another controller."""

    def keep(self, desk: Desk, *, is_open: bool) -> None:
        """A page here has the telephone."""

    def drop(self, desk: Desk) -> None:
        """The person there has gone."""


class NoBook:
    """There is one controller."""

    def controller_of(self, number: str) -> str:
        """No other."""
        return ""

    def of(self, number: str) -> Former | None:
        """Nobody sits elsewhere."""
        return None

    def keep(self, desk: Desk, *, is_open: bool) -> None:
        """Nobody need know."""

    def drop(self, desk: Desk) -> None:
        """Nobody need know."""


def _closed_there(code: int) -> None:
    """Whoever serves that page hears of it and closes its line."""


@dataclass(slots=True)
class _Place:
    desk: Desk
    seen_at: datetime
    close: Callable[[int], None] | None = None
    """Closes the page's telephone line with this code; None while it has none."""


@dataclass(slots=True)
class _Left:
    status: SeatStatus
    at: datetime


@dataclass(slots=True)
class Desks:
    """One per controller. Every method is synchronous.

    `change`: moves a seat (`SeatDesk.change_seat`); `abandoned`: the page at a seat is known to be
    gone, its telephone with it (`Talks.abandoned`); `is_awaited`: a caller waits for this seat.
    """

    clock: Callable[[], datetime]
    change: Callable[..., bool]
    abandoned: Callable[[str], None]
    is_awaited: Callable[[str], bool]
    on_taken: Callable[[Desk], None] = lambda desk: None
    """Told of each page that has lost its desk to another."""
    book: Book = field(default_factory=NoBook)
    _places: dict[str, _Place] = field(default_factory=dict)
    _left: dict[str, _Left] = field(default_factory=dict)
    _signed_off: set[str] = field(default_factory=set)

    def claim(self, number: str, person: str, *, take_over: bool = False, former: str = "") -> Desk:
        """Give the telephone to a page; `former`: the key that this page had before it was
        reloaded. Raises DeskTaken.
        """
        place = self._place_at(number)
        if place is not None:
            is_own = place.desk.key == former or (
                place.close is None and place.desk.person == person
            )
            if not (take_over or is_own) and self._is_there(place):
                raise DeskTaken(place.desk.person)
            if place.close is not None:
                place.close(LOST_CODE)
            if place.desk.key != former:
                self.on_taken(place.desk)
            self.abandoned(number)
        now = self.clock()
        desk = Desk(number=number, person=person, key=secrets.token_urlsafe(12), since=now)
        self._places[number] = _Place(desk, now)
        self._signed_off.discard(number)
        self.book.keep(desk, is_open=False)
        return desk

    def _place_at(self, number: str) -> _Place | None:
        """The place of a page here, else of one that another controller serves."""
        place = self._places.get(number)
        if place is None and (there := self.book.of(number)) is not None:
            place = _Place(there.desk, there.seen_at, _closed_there if there.is_open else None)
        return place

    def at(self, number: str) -> Desk | None:
        """Who sits there now; None for nobody, or for one who is missed for too long."""
        place = self._place_at(number)
        return place.desk if place is not None and self._is_there(place) else None

    def served_by(self, number: str) -> str:
        """The controller that serves the page there; empty: this one, or nobody sits there."""
        return "" if number in self._places else self.book.controller_of(number)

    def leave(self, desk: Desk) -> None:
        """The person goes: the telephone is nobody's, its seat off."""
        place = self._place_at(desk.number)
        if place is None or place.desk != desk:
            return
        self._places.pop(desk.number, None)
        self.book.drop(desk)
        self._left.pop(desk.number, None)
        self._signed_off.add(desk.number)
        if place.close is not None:
            place.close(LOST_CODE)
        self.abandoned(desk.number)

    def connect(
        self, key: str, person: str, close: Callable[[int], None], *, own: str | None = None
    ) -> Desk | None:
        """A page opens its telephone line; None when the page has no desk (any more).

        `own`: the telephone of this person's account. Where nobody has it, a page that had it
        before we were started anew has it again, and its talk goes on.
        """
        place = self._place_of(key, person)
        if place is None and own and key:
            there = self.book.of(own)
            is_his = there is not None and (there.desk.key, there.desk.person) == (key, person)
            if is_his or self._is_free(own):
                desk = Desk(number=own, person=person, key=key, since=self.clock())
                place = self._places[own] = _Place(desk, self.clock())
        if place is None:
            return None
        self.book.keep(place.desk, is_open=True)
        before, place.close, place.seen_at = place.close, close, self.clock()
        if before is not None:  # it was cut off and is back before we noticed
            before(LOST_CODE)
        return place.desk

    def _place_of(self, key: str, person: str) -> _Place | None:
        for place in self._places.values():
            if secrets.compare_digest(place.desk.key, key) and place.desk.person == person:
                return place
        return None

    def _is_free(self, number: str) -> bool:
        return self.at(number) is None and number not in self._signed_off

    def disconnect(self, desk: Desk, close: Callable[[int], None]) -> None:
        """The page's line is gone; it may come back by itself."""
        place = self._places.get(desk.number)
        if place is not None and place.desk == desk and place.close is close:
            place.close, place.seen_at = None, self.clock()
            self.book.keep(desk, is_open=False)

    def lose(self, number: str, *, to: str = "") -> bool:
        """A page elsewhere has this telephone now, `to` is its key, or nobody has it any more.

        False when no page here had it, or it is the same page that has moved.
        """
        place = self._places.get(number)
        if place is None:
            return False
        del self._places[number]
        if place.close is not None:
            place.close(LOST_CODE)
        if place.desk.key == to:
            return False
        self.on_taken(place.desk)
        return True

    def _is_there(self, place: _Place) -> bool:
        return place.close is not None or self.clock() - place.seen_at <= MISSED

    # --- what a seat was doing when its telephone went ------------------------------------------

    def went(self, status: SeatStatus) -> None:
        """A telephone is not registered any more; `status`: of its seat until now.

        Kept of seats without a desk too: after a restart the pages are still to come back.
        """
        if status.is_registered and status.number not in self._signed_off:
            self._left[status.number] = _Left(status, self.clock())

    def came(self, number: str) -> bool:
        """A telephone has registered whose seat was off: give it back what it did before.

        False when no page is at it: whoever registers a plain telephone is ready.
        """
        if self.at(number) is None:
            return False
        left = self._left.pop(number, None)
        if left is not None and self.clock() - left.at <= KEPT:
            self._as_before(left)
        return True

    def filed(self, number: str) -> None:
        """The record was filed while this telephone was gone: no wrap-up is left to go on with."""
        left = self._left.get(number)
        if left is None or left.status.state is not SeatState.WRAP_UP:
            return
        rests = left.status.rest_next
        state = SeatState.NOT_READY if rests else SeatState.READY
        left.status = replace(
            left.status, state=state, reason=rests, rest_next=None, lease_until=None
        )

    def _as_before(self, left: _Left) -> None:
        before, number = left.status, left.status.number
        if before.state is SeatState.NOT_READY:
            self.change(number, Change.NOT_READY, reason=before.reason)
        elif before.state is SeatState.WRAP_UP and before.lease_until is not None:
            rest_s = (before.lease_until - self.clock()).total_seconds()
            self.change(number, Change.WRAPPING, lease_s=max(0.0, rest_s))
        elif before.state in IN_TALK and not self.is_awaited(number):
            self.change(number, Change.WRAPPING)  # the caller has hung up meanwhile
        elif before.state is not SeatState.OFFLINE:
            self.change(number, Change.READY)
        if before.rest_next is not None:
            self.change(number, Change.REST_NEXT, reason=before.rest_next)
