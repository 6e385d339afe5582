"""A million random events over many calls, seats and controllers, interleaved at every step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from seats.policy import SEATED, GroupPolicy, Order, Policy, Stage, When, Who
from seats.routing import Waiting
from seats.seat import Change, Level, Seat, SeatState
from tests.seats.many_controllers import Call, Controller, Shared
from tests.seats.routing_oracle import Oracle
from tests.thoroughness import tries

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
CITIES = ("220100", "220200", "222400")
GROUPS = ("family", "labour")
NEIGHBOURS = {"220100": ("220200",), "220200": ("220100",)}
WIDENING = Policy(
    GroupPolicy(
        (
            Stage(Who.CITY),
            Stage(Who.PROVINCIAL, when=When(queue_at_least=8)),
            Stage(Who.NEIGHBOURS, 5),
            Stage(Who.PROVINCIAL, 10),
            Stage(Who.CITY, 15, by_catch_all=True),
            Stage(Who.MUNICIPAL, 15),
            Stage(Who.PROVINCIAL, 20, by_catch_all=True),
            Stage(Who.CALLBACK, 30),
        ),
        sticky_days=30,
        sticky_s=8,
        language_s=3,
    ),
    {"family": GroupPolicy((Stage(Who.MUNICIPAL), Stage(Who.PROVINCIAL)), Order.FEWEST_CALLS)},
    neighbours=NEIGHBOURS,
)
SEATS = tuple(
    Seat(
        f"8{n:03}",
        Level.MUNICIPAL if n % 3 else Level.PROVINCIAL,
        CITIES[n % 2] if n % 3 else None,
        frozenset((GROUPS[n % 2], GROUPS[n // 2 % 2], *(("general",) if n % 5 == 0 else ()))),
        frozenset({"zh-CN", "ko-KR"} if n % 4 == 0 else {"zh-CN"}),
        str(n),
        weight=1 + n % 2,
    )
    for n in range(14)
)
MOST_WAITING = 24
EVENTS = tries(125_000)  # in each of the runs
DRAIN_EVERY = EVENTS // 10
ORACLE_EVERY = 400  # matches


class Run:
    """One run: its own dice, so that it can be played again."""

    def __init__(self, seed: int, controllers: int) -> None:
        self.rng = Random(seed)
        self.shared = Shared(SEATS, START, self.rng)
        self.arrived = self.matches = 0
        for _ in range(controllers):
            self.shared.controllers.append(Controller(self.shared, WIDENING))
        self.controllers = self.shared.controllers
        self.numbers = [seat.number for seat in SEATS]
        for number in self.numbers:
            self.open(number)

    def open(self, number: str) -> None:
        """The lawyer is at his phone and takes calls."""
        for change in (Change.REGISTERED, Change.READY):
            self.shared.change(self.any_controller(), number, change, None)

    def any_controller(self) -> Controller:
        return self.controllers[int(self.rng.random() * len(self.controllers))]

    def event(self) -> None:
        """One thing happens somewhere."""
        dice = self.rng.random()
        for share, happen in SHARES:
            if dice < share:
                happen(self)
                return
            dice -= share
        self.seat_moves()

    def arrive(self) -> None:
        if len(self.shared.calls) - len(self.shared.has) >= MOST_WAITING:
            return
        rng = self.rng
        self.arrived += 1
        pick = rng.random
        caller = Waiting(
            f"c{self.arrived}",
            GROUPS[pick() < 0.5],
            CITIES[int(pick() * 3)] if pick() < 0.9 else None,
            "zh-CN" if pick() < 0.9 else "ko-KR",
            self.shared.now,
            priority=15.0 if pick() < 0.1 else 0.0,
            sticky=rng.choice(self.numbers) if pick() < 0.1 else None,
            wants=rng.choice(self.numbers) if pick() < 0.05 else None,
        )
        self.shared.arrive(caller, self.any_controller())

    def hear(self) -> None:
        controller = self.any_controller()
        for _ in range(min(len(controller.inbox), 4)):
            controller.hear(controller.inbox.popleft())

    def match(self) -> None:
        controller = self.any_controller()
        self.matches += 1
        if self.matches % ORACLE_EVERY:
            controller.match()
        else:
            self.match_as_the_oracle(controller)

    def match_as_the_oracle(self, controller: Controller) -> None:
        """Nobody whom this controller knows of is passed over, and nothing else is done."""
        waiting = {**controller.line, **controller.others}
        known = {c: w for c, w in waiting.items() if c not in controller.out}
        given = controller.out & set(self.numbers)
        statuses = dict(controller.view)
        oracle = Oracle(SEATS, WIDENING, known, statuses, given=given)
        pairs, _ = oracle.match(self.shared.now, {})
        assert controller.match() == pairs

    def board(self) -> None:
        controller = self.any_controller()
        if controller.asked is not None:
            controller.take_answer()
        elif controller.todo:
            controller.ask()

    def seat_moves(self) -> None:
        """A lawyer, or the phone, does something."""
        rng, number = self.rng, self.numbers[int(self.rng.random() * len(self.numbers))]
        call_id = self.shared.has.get(number)
        if call_id is None:
            status = self.shared.memory.seats[number]
            if status.state is SeatState.WRAP_UP or status.state is SeatState.NOT_READY:
                self.shared.change(self.any_controller(), number, Change.READY, None)
            elif status.state is SeatState.OFFLINE:
                self.open(number)
            elif rng.random() < 0.05:
                away = rng.choice((Change.NOT_READY, Change.UNREGISTERED))
                self.shared.change(self.any_controller(), number, away, None)
            return
        call = self.shared.calls[call_id]
        if call.answered:
            self.shared.hang_up(call)
        elif rng.random() < 0.75:
            self.answer(call, number)
        else:
            how = rng.choice((Change.NO_ANSWER, Change.DECLINED, Change.UNREACHABLE))
            self.shared.end_ringing(call, how)

    def answer(self, call: Call, number: str) -> None:
        assert self.shared.change(call.owner, number, Change.RANG, call.waiting.call_id)
        assert self.shared.change(call.owner, number, Change.ANSWERED, call.waiting.call_id)
        call.answered += 1
        assert call.answered == 1, "a caller is answered twice"

    def hang_up(self) -> None:
        if self.shared.calls:
            call_id = next(iter(self.shared.calls))
            if self.rng.random() < 0.7:
                call_id = self.rng.choice(list(self.shared.calls))
            self.shared.hang_up(self.shared.calls[call_id])

    def pass_time(self) -> None:
        for controller in self.controllers:
            if controller.asked is not None:  # Redis answers within a second, or counts as away
                controller.take_answer()
        self.shared.now += timedelta(seconds=self.rng.random() * 4)
        self.shared.sweep(self.any_controller())
        for status in self.shared.memory.seats.values():
            assert not status.lease_is_over(self.shared.now), "a lease never ends"

    def die(self) -> None:
        self.shared.die(self.any_controller(), self.any_controller())

    def drain(self) -> None:
        """No more callers, no more trouble: everybody in line is served, every seat is free."""
        shared = self.shared
        for _ in range(400):
            waiting = [call for call in shared.calls.values() if call.seat is None]
            if not waiting and not shared.has:
                break
            for call in waiting:
                if not could_ever_take(call.waiting):
                    shared.hang_up(call)
            self.settle()
            for number in self.numbers:
                if number in shared.has:
                    self.seat_moves_on(number)
                else:
                    self.open(number)
            shared.now += timedelta(seconds=3)
            shared.sweep(self.any_controller())
        assert not shared.calls, "a caller is lost"
        self.settle()
        shared.now += timedelta(seconds=60)
        shared.sweep(self.any_controller())
        self.settle()
        for controller in self.controllers:
            assert not controller.line and not controller.others and not controller.todo
            assert all(s.state is SeatState.READY for s in controller.view.values())

    def settle(self) -> None:
        """Everything that is on its way arrives, and is dealt with."""
        for _ in range(60):
            is_busy = False
            for controller in self.controllers:
                while controller.inbox:
                    controller.hear(controller.inbox.popleft())
                controller.match()
                while controller.todo or controller.asked is not None:
                    is_busy = True
                    if controller.asked is not None:
                        controller.take_answer()
                    else:
                        controller.ask()
            if not is_busy:
                return
        raise AssertionError("the controllers never agree")

    def seat_moves_on(self, number: str) -> None:
        call = self.shared.calls[self.shared.has[number]]
        if not call.answered:
            self.answer(call, number)
        self.shared.hang_up(call)
        self.shared.change(self.any_controller(), number, Change.READY, None)


SHARES: tuple[tuple[float, Callable[[Run], None]], ...] = (
    (0.10, Run.arrive),
    (0.30, Run.hear),
    (0.18, Run.match),
    (0.16, Run.board),
    (0.01, Run.hang_up),
    (0.02, Run.pass_time),
    (0.0005, Run.die),
)


def could_ever_take(caller: Waiting) -> bool:
    """Written apart: whether any seat may take this caller once every stage is open."""
    opened = replace(caller, sticky=None, wants=None, asked_at=caller.asked_at - timedelta(1))
    for seat in SEATS:
        oracle = Oracle((seat,), WIDENING, {caller.call_id: opened})
        oracle.statuses[seat.number] = READY[seat.number]
        if oracle.match(caller.asked_at, {})[0]:
            return True
    return False


READY = {
    seat.number: replace(
        Shared((seat,), START, Random(0)).memory.seats[seat.number], state=SeatState.READY
    )
    for seat in SEATS
}
assert all(stage.who in (*SEATED, Who.CALLBACK) for stage in WIDENING.default.stages)


@pytest.mark.parametrize(("seed", "controllers"), [(n, 2 + n % 3) for n in range(8)])
def test_no_call_is_lost_or_doubled_and_no_seat_stays_reserved(seed: int, controllers: int) -> None:
    run = Run(seed, controllers)
    for n in range(1, EVENTS + 1):
        run.event()
        if n % DRAIN_EVERY == 0:
            run.drain()
    shared = run.shared
    # all of it did happen
    assert shared.served > tries(1000) and shared.refused > 10 and shared.expired > 10
    assert shared.overflows > 10 and run.matches > tries(10_000)
