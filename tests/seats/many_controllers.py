"""Several controllers on one board, each step of theirs by itself, in any order.

Each has a router of its own and hears of seats and of the others' callers late; only `Shared` is
one and atomic. A ledger kept apart says what each caller and each lawyer really lives through; it
raises AssertionError as soon as a caller is doubled, or a seat has two calls.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from seats.board_memory import BoardMemory
from seats.moves import IllegalMove, move
from seats.policy import Policy
from seats.routing import Assignment, Overflow, Router, Waiting
from seats.seat import Change, Seat, SeatStatus, first_status

LEASE_S, WRAP_UP_S = 25.0, 5.0
OWED = timedelta(seconds=2)
Message = SeatStatus | tuple[str, Waiting | None]


@dataclass(slots=True)
class Call:
    """What one caller lives through. `seat`: who rings or talks with him."""

    waiting: Waiting
    owner: Controller
    seat: str | None = None
    answered: int = 0
    is_over: bool = False


class Shared:
    """The board of all controllers, as Redis keeps it, and the truth about calls and lawyers."""

    def __init__(self, roster: tuple[Seat, ...], now: datetime, rng: Random) -> None:
        self.roster, self.now, self.rng = roster, now, rng
        self.memory = BoardMemory(most_dropped=1)
        self.calls: dict[str, Call] = {}
        self.has: dict[str, str] = {}  # lawyer -> the call whose phone he hears or talks with
        self.controllers: list[Controller] = []
        self.granted = self.refused = self.served = self.overflows = self.expired = 0
        for seat in roster:
            self.memory.save_seat(first_status(seat.number, now))

    def reserve(self, by: Controller, call_id: str, number: str, version: int) -> bool:
        reserved = self.memory.reserved(number, call_id, version, LEASE_S, self.now)
        if reserved is None:
            self.refused += 1
            by.hear(self.memory.seats[number])
            return False
        self.granted += 1
        self._save(reserved, by)
        return True

    def change(self, by: Controller, number: str, change: Change, call_id: str | None) -> bool:
        lease_s = WRAP_UP_S if change is Change.RELEASED else LEASE_S
        try:
            moved = move(
                self.memory.seats[number], change, self.now, call_id=call_id, lease_s=lease_s
            )
        except IllegalMove:
            return False
        self._save(moved, by)
        return True

    def _save(self, status: SeatStatus, by: Controller) -> None:
        self.memory.save_seat(status)
        for controller in self.controllers:
            if controller is by:
                controller.hear(status)
            else:
                controller.inbox.append(status)

    def tell(self, by: Controller, call_id: str, caller: Waiting | None) -> None:
        for controller in self.controllers:
            if controller is not by:
                controller.inbox.append((call_id, caller))

    def rings(self, call: Call, number: str) -> None:
        """A lawyer's phone rings for a caller: the moment of truth."""
        assert not call.is_over and call.seat is None, "a caller is doubled"
        assert number not in self.has, "a seat has two calls"
        assert number not in call.waiting.tried, "a seat is offered again in the same call"
        call.seat = number
        self.has[number] = call.waiting.call_id

    def arrive(self, caller: Waiting, owner: Controller) -> None:
        self.calls[caller.call_id] = Call(caller, owner)
        owner.join(caller)

    def end_ringing(self, call: Call, change: Change) -> None:
        """Not answered: back to the head with the original time, never to this seat again."""
        number = self._let_go(call)
        tried = call.waiting.tried | {number}
        call.waiting = replace(call.waiting, tried=tried, at_head=True)
        joins_first = self.rng.random() < 0.5
        if joins_first:
            call.owner.join(call.waiting)
        self.change(call.owner, number, change, call.waiting.call_id)
        if not joins_first:
            call.owner.join(call.waiting)

    def hang_up(self, call: Call) -> None:
        call.is_over = True
        del self.calls[call.waiting.call_id]
        if call.seat is None:
            call.owner.leave(call.waiting.call_id)
        else:
            number = self._let_go(call)
            self.served += call.answered
            self.change(call.owner, number, Change.RELEASED, call.waiting.call_id)

    def _let_go(self, call: Call) -> str:
        assert call.seat is not None
        number, call.seat = call.seat, None
        assert self.has.pop(number) == call.waiting.call_id
        return number

    def die(self, dead: Controller, heir: Controller) -> None:
        """All that a controller has in memory is gone; another (or its next run) goes on."""
        dead.begin()
        while heir.inbox:  # it takes over from what all were told last
            heir.hear(heir.inbox.popleft())
        for call in list(self.calls.values()):
            if call.owner is dead:
                call.owner = heir
                if call.seat is None:
                    heir.join(call.waiting)

    def sweep(self, by: Controller) -> None:
        for status in list(self.memory.seats.values()):
            if status.lease_is_over(self.now):
                self.end_lease(by, status)
        by.sweep()

    def end_lease(self, by: Controller, status: SeatStatus) -> None:
        assert self.change(by, status.number, Change.EXPIRED, None)
        self.expired += 1
        call = self.calls.get(status.call_id or "")
        if call is not None and call.seat == status.number:  # it rang too long
            self._let_go(call)
            tried = call.waiting.tried | {status.number}
            call.waiting = replace(call.waiting, tried=tried, at_head=True)
            call.owner.join(call.waiting)


class Controller:
    """Does what `callcenter.dispatcher` does, a step at a time."""

    def __init__(self, shared: Shared, policy: Policy) -> None:
        self.shared = shared
        self.policy = policy
        self.begin()

    def begin(self) -> None:
        """A new run: what the board and the others' lines say, nothing else."""
        self.router = Router(self.shared.roster, self.policy)
        self.line: dict[str, Waiting] = {}
        self.others: dict[str, Waiting] = {}
        self.view: dict[str, SeatStatus] = {}
        self.inbox: deque[Message] = deque()
        self.todo: deque[tuple[Assignment, Waiting]] = deque()
        self.asked: tuple[Assignment, Waiting, bool] | None = None
        self.out: set[str] = set()  # callers and seats that the router has given to each other
        self.owed: dict[str, tuple[str, datetime]] = {}
        for status in self.shared.memory.seats.values():
            self.hear(status)
        for controller in self.shared.controllers:
            if controller is not self:
                for caller in controller.line.values():
                    self.hear((caller.call_id, caller))

    def tell_caller(self, caller: Waiting) -> None:
        self.out.discard(caller.call_id)
        self.router.join(caller)

    def tell_seat(self, number: str) -> None:
        self.out.discard(number)
        self.router.seat_is(self.view[number])

    def join(self, caller: Waiting) -> None:
        self.others.pop(caller.call_id, None)
        self.line[caller.call_id] = caller
        self.tell_caller(caller)
        self.shared.tell(self, caller.call_id, caller)

    def leave(self, call_id: str) -> None:
        if self.line.pop(call_id, None) is not None:
            self.router.leave(call_id)
            self.shared.tell(self, call_id, None)

    def hear(self, message: Message) -> None:
        if isinstance(message, SeatStatus):
            known = self.view.get(message.number)
            if known is None or message.version >= known.version:
                self.view[message.number] = message
                self.tell_seat(message.number)
            return
        call_id, caller = message
        if call_id in self.line:
            return
        if caller is None:
            if self.others.pop(call_id, None) is not None:
                self.router.leave(call_id)
        else:
            self.others[call_id] = caller
            self.tell_caller(caller)
        owed = self.owed.pop(call_id, None)
        if owed is not None:
            self.tell_seat(owed[0])

    def match(self) -> list[Assignment]:
        """All pairs, those of others' callers too."""
        made = self.router.match(self.shared.now)
        for one in made:
            if isinstance(one, Assignment):
                assert not self.out & {one.call_id, one.seat}, "given away twice"
                self.out |= {one.call_id, one.seat}
            caller = self.line.get(one.call_id)
            if isinstance(one, Overflow):
                if caller is not None:
                    self.overflow(caller, one)
            elif caller is not None:
                self.todo.append((one, caller))
            else:
                assert one.call_id in self.others, "the router made up a caller"
                self.owed[one.call_id] = (one.seat, self.shared.now)
        return [one for one in made if isinstance(one, Assignment)]

    def overflow(self, caller: Waiting, due: Overflow) -> None:
        assert due.key not in caller.overflowed, "an overflow is told twice"
        told = replace(caller, overflowed=caller.overflowed | {due.key})
        self.line[caller.call_id] = told
        self.shared.calls[caller.call_id].waiting = told
        self.shared.overflows += 1

    def ask(self) -> None:
        """Ask the board for the next pair's seat; what it says comes later."""
        pair, caller = self.todo.popleft()
        if self.line.get(pair.call_id) is not caller:
            self.put_back(pair.call_id, pair.seat)
            return
        version = self.view[pair.seat].version
        self.asked = (pair, caller, self.shared.reserve(self, pair.call_id, pair.seat, version))

    def take_answer(self) -> None:
        """The board has answered."""
        assert self.asked is not None
        (pair, caller, is_granted), self.asked = self.asked, None
        call_id, number = pair.call_id, pair.seat
        if not is_granted:
            self.put_back(call_id, number)
        elif self.line.get(call_id) is not caller:
            self.shared.change(self, number, Change.RELEASED, call_id)
        else:
            self.leave(call_id)
            self.shared.rings(self.shared.calls[call_id], number)

    def put_back(self, call_id: str, number: str) -> None:
        caller = self.line.get(call_id) or self.others.get(call_id)
        if caller is not None:
            self.tell_caller(caller)
        self.tell_seat(number)

    def sweep(self) -> None:
        for call_id, (seat, since) in list(self.owed.items()):
            if self.shared.now - since >= OWED:
                del self.owed[call_id]
                self.put_back(call_id, seat)
