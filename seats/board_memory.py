"""The live state in this process: what the board decides from, and what Redis has yet to hear."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from seats.moves import IllegalMove, move
from seats.seat import Change, SeatStatus


@dataclass(frozen=True, slots=True)
class Batch:
    """A part of what Redis has yet to hear."""

    calls: dict[str, bytes] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()
    seats: tuple[SeatStatus, ...] = ()

    def __len__(self) -> int:
        return len(self.calls) + len(self.dropped) + len(self.seats)


class BoardMemory:
    """Calls and seat statuses by key, newest wins, with the keys that are not yet written."""

    def __init__(self, *, most_dropped: int) -> None:
        self.calls: dict[str, bytes] = {}
        self.seats: dict[str, SeatStatus] = {}
        self.dropped_forgotten = 0
        self._holder: dict[str, str] = {}  # call_id -> seat that holds it
        self._most_dropped = most_dropped
        self._dirty_calls: dict[str, None] = {}  # dicts, not sets: written in the order saved
        self._dirty_seats: dict[str, None] = {}
        self._dropped: dict[str, None] = {}

    @property
    def pending(self) -> int:
        """How many keys Redis has yet to hear of."""
        return len(self._dirty_calls) + len(self._dirty_seats) + len(self._dropped)

    def save_call(self, call_id: str, state: bytes) -> None:
        """Keeps the call's newest state."""
        self.calls[call_id] = state
        self._dirty_calls.pop(call_id, None)  # to the end: a busy call does not keep others back
        self._dirty_calls[call_id] = None
        self._dropped.pop(call_id, None)

    def drop_call(self, call_id: str) -> None:
        """Forgets the call, and remembers to tell Redis so."""
        self.calls.pop(call_id, None)
        self._dirty_calls.pop(call_id, None)
        self._dropped[call_id] = None
        if len(self._dropped) > self._most_dropped:
            # hours without Redis: let the oldest go; the next start finds that call gone
            del self._dropped[next(iter(self._dropped))]
            self.dropped_forgotten += 1

    def forget_call(self, call_id: str) -> bool:
        """Another controller has the call now: Redis need not hear of it. False: not known."""
        self._dirty_calls.pop(call_id, None)
        return self.calls.pop(call_id, None) is not None

    def is_dropped(self, call_id: str) -> bool:
        """Whether the call was dropped and Redis has not heard it yet."""
        return call_id in self._dropped

    def save_seat(self, status: SeatStatus) -> bool:
        """Keeps the status unless a newer one is known; False when it came too late."""
        if not self.adopt(status):
            return False
        self._dirty_seats[status.number] = None
        return True

    def adopt(self, status: SeatStatus) -> bool:
        """Takes over a status that Redis has already, unless a newer one is known here."""
        known = self.seats.get(status.number)
        if known is not None:
            if known.version > status.version:
                return False
            if known.call_id and self._holder.get(known.call_id) == status.number:
                del self._holder[known.call_id]
        if status.call_id:
            self._holder[status.call_id] = status.number
        self.seats[status.number] = status
        return True

    def reserved(
        self, seat: str, call_id: str, expected_version: int, lease_s: float, now: datetime
    ) -> SeatStatus | None:
        """What the seat would be, reserved for the call; None when it may not be. Keeps nothing."""
        known = self.seats.get(seat)
        if known is None or known.version != expected_version:
            return None
        holder = self.seats.get(self._holder.get(call_id, ""))
        if holder is not None and not holder.lease_is_over(now):
            return None
        try:
            return move(known, Change.RESERVE, now, call_id=call_id, lease_s=lease_s)
        except IllegalMove:
            return None

    def everything_is_dirty(self) -> None:
        """Redis came back, perhaps empty: all of it has to be written again."""
        self._dirty_calls = dict.fromkeys(self.calls)
        self._dirty_seats = dict.fromkeys(self.seats)

    def next_batch(self, most: int) -> Batch:
        """Up to `most` unwritten keys with their newest values, seats first; see `was_written`."""
        seats = list(islice(self._dirty_seats, most))
        dropped = list(islice(self._dropped, most - len(seats)))
        calls = islice(self._dirty_calls, most - len(seats) - len(dropped))
        return Batch(
            calls={call_id: self.calls[call_id] for call_id in calls},
            dropped=tuple(dropped),
            seats=tuple(self.seats[number] for number in seats),
        )

    def was_written(self, batch: Batch) -> None:
        """Redis has the batch: what did not change meanwhile is no longer unwritten."""
        for call_id, state in batch.calls.items():
            if self.calls.get(call_id) is state:
                self._dirty_calls.pop(call_id, None)
        for call_id in batch.dropped:
            self._dropped.pop(call_id, None)
        for status in batch.seats:
            if self.seats[status.number] is status:
                self._dirty_seats.pop(status.number, None)

    def unwritten_seats(self) -> list[SeatStatus]:
        """Statuses that Redis may not have yet."""
        return [self.seats[number] for number in self._dirty_seats]
