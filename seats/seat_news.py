"""What is told of seats between two matches, and what it means for callers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from seats.ready_seats import ReadySeats, RosteredSeat
from seats.seat import SHANGHAI, SeatStatus, shanghai_day


class SeatNews:
    """The newest state of every seat, with those told of since the last match."""

    def __init__(self) -> None:
        """Nothing was told yet."""
        self._told: dict[str, SeatStatus] = {}
        self._new: dict[str, None] = {}
        self._given: set[str] = set()
        self._off_shift: frozenset[str] = frozenset()
        self._holder: dict[str, str] = {}  # call -> the seat that has it
        self._call_of: dict[str, str] = {}  # and the other way round
        self._concerned: list[str] = []
        self._turned: list[str] = []
        self._day_ends: datetime | None = None

    def tell_all_anew(self) -> None:
        """The roster is another."""
        self._new = dict.fromkeys(self._told)
        self._day_ends = None

    def seat_is(self, status: SeatStatus, ready: ReadySeats) -> None:
        """A seat's newest state; one that is known and stands ready changes nothing."""
        known = ready.by_number.get(status.number)
        if known is not None and known.stamp and known.status == status:
            self._new.pop(status.number, None)
        else:
            self._new[status.number] = None
        self._told[status.number] = status
        self._given.discard(status.number)

    def give(self, number: str) -> None:
        """The seat is given away until it is told of again."""
        self._given.add(number)

    def off_shift(self, numbers: frozenset[str]) -> None:
        """These and no others are off their shift."""
        self._new.update(dict.fromkeys(self._off_shift ^ numbers))
        self._off_shift = numbers

    def holder(self, call_id: str) -> SeatStatus | None:
        """The seat that has this call."""
        number = self._holder.get(call_id)
        return None if number is None else self._told[number]

    def take_up(self, ready: ReadySeats, now: datetime) -> list[RosteredSeat]:
        """Seats that have become ready since the last time."""
        if self._day_ends is None or now >= self._day_ends:
            self._day_ends = _midnight_after(now)
            ready.begin_day(shanghai_day(now))
        found = []
        for number in self._new:
            status = self._told.get(number)
            if status is None:
                continue
            if status.call_id is not None or number in self._call_of:
                self._note_holder(status)
            seat = ready.by_number.get(number)
            if seat is not None:
                was_on_duty = seat.is_on_duty
                is_on_shift = number not in self._off_shift
                if ready.told(seat, status, is_on_shift, number in self._given):
                    found.append(seat)
                if seat.is_on_duty is not was_on_duty:
                    self._turned.append(number)
        self._new.clear()
        return found

    @property
    def has_news(self) -> bool:
        """Whether there are calls concerned or seats turned."""
        return bool(self._concerned or self._turned)

    def calls_concerned(self) -> list[str]:
        """Calls that a seat has taken or let go since the last time."""
        concerned, self._concerned = self._concerned, []
        return concerned

    def seats_turned(self) -> list[str]:
        """Seats that have gone on duty or off since the last time."""
        turned, self._turned = self._turned, []
        return turned

    def _note_holder(self, status: SeatStatus) -> None:
        number, has = status.number, status.call_id
        had = self._call_of.pop(number, None)
        if had is not None:
            if self._holder.get(had) == number:
                del self._holder[had]
            self._concerned.append(had)
        if has is not None:
            self._holder[has], self._call_of[number] = number, has
            self._concerned.append(has)


def _midnight_after(now: datetime) -> datetime:
    day = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    # in UTC, as what it is compared with: two zones are slow to compare
    return (day + timedelta(days=1)).astimezone(UTC)
