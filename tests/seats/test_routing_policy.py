"""What a policy makes of the line: stages, conditions, overflows, orders, wishes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from seats.policy import DEFAULT, Order, Stage, When, Who
from seats.routing import Assignment, Overflow
from seats.seat import SeatState
from tests.seats.routing_scene import (
    CHANGCHUN,
    JILIN,
    NOW,
    YANBIAN,
    caller,
    paired,
    routed,
    seat,
    staged,
    status,
)


def test_every_municipal_seat_may_help_when_the_policy_says_so() -> None:
    policy = staged(Stage(Who.CITY), Stage(Who.MUNICIPAL))
    seats = [seat("8101", JILIN, "labour"), seat("8901", None, "labour")]
    statuses = [status("8101"), status("8901", 100)]
    assert paired([caller("a"), caller("b", city=None)], seats, statuses, policy) == {"a": "8101"}


@pytest.mark.parametrize(
    "when, others, loss, opens",
    [
        (When(queue_at_least=3), 2, 0.0, True),
        (When(queue_at_least=3), 1, 0.0, False),
        (When(longest_wait_s=30), 0, 0.0, False),
        (When(longest_wait_s=10), 0, 0.0, True),
        (When(loss_rate=0.1), 0, 0.1, True),
        (When(loss_rate=0.1), 0, 0.09, False),
        (When(queue_at_least=2, loss_rate=0.1), 0, 0.5, False),
    ],
)
def test_a_stage_opens_while_its_condition_holds(
    when: When, others: int, loss: float, opens: bool
) -> None:
    policy = staged(Stage(Who.CITY), Stage(Who.PROVINCIAL, when=when))
    line = [caller("a", 10), *(caller(f"b{n}", 5) for n in range(others))]
    router = routed(line, [seat("8901", None, "labour")], [status("8901")], policy)
    made = router.match(NOW, {"labour": loss})
    assert made == ((Assignment("a", "8901"),) if opens else ())


def test_a_condition_that_comes_true_serves_those_who_wait_already() -> None:
    policy = staged(Stage(Who.CITY), Stage(Who.PROVINCIAL, when=When(longest_wait_s=60)))
    router = routed([caller("a", 20), caller("b", 5)], [seat("8901", None, "labour")], [], policy)
    router.seat_is(status("8901"))
    assert router.match(NOW) == ()
    assert router.next_change() == NOW + timedelta(seconds=40)
    assert router.match(NOW + timedelta(seconds=40)) == (Assignment("a", "8901"),)
    router.seat_is(status("8901"))
    assert router.match(NOW + timedelta(seconds=41)) == ()  # the longest wait is short again


def test_an_overflow_is_told_once_and_the_caller_stays_in_line() -> None:
    policy = staged(Stage(Who.CITY), Stage(Who.LINE, 30, line="oncall"), Stage(Who.CALLBACK, 60))
    router = routed([caller("a", 20)], [seat("8001", CHANGCHUN, "labour")], [], policy)
    assert router.match(NOW) == ()
    at = router.next_change()
    assert at == NOW + timedelta(seconds=10)
    assert router.match(at) == (Overflow("a", Who.LINE, "oncall"),)
    assert router.match(at) == ()
    # the line outside did not answer: back at the head, not to be rung again
    router.leave("a")
    router.join(caller("a", 20, at_head=True, overflowed=frozenset({"line:oncall"})))
    assert router.match(at) == ()
    assert router.next_change() == NOW + timedelta(seconds=40)
    assert router.match(NOW + timedelta(seconds=40)) == (Overflow("a", Who.CALLBACK),)
    router.seat_is(status("8001"))
    assert router.match(NOW + timedelta(seconds=41)) == (Assignment("a", "8001"),)


def test_no_overflow_for_who_finds_a_seat() -> None:
    policy = staged(Stage(Who.CITY), Stage(Who.MESSAGE))
    seats = [seat("8001", CHANGCHUN, "labour")]
    router = routed([caller("a", 9), caller("b", 5)], seats, [status("8001")], policy)
    assert router.match(NOW) == (Assignment("a", "8001"), Overflow("b", Who.MESSAGE))


@pytest.mark.parametrize(
    "order, best",
    [
        (Order.LONGEST_IDLE, "8001"),
        (Order.FEWEST_CALLS, "8002"),
        (Order.SKILL_LEVEL, "8003"),
        (Order.WEIGHTED, "8004"),
    ],
)
def test_the_order_among_seats_is_the_groups(order: Order, best: str) -> None:
    seats = [seat(number, CHANGCHUN, "labour") for number in ("8001", "8002", "8003", "8004")]
    seats[2] = replace(seats[2], levels={"labour": 5})
    seats[3] = replace(seats[3], weight=4)
    statuses = [
        replace(status(number, idle), calls=calls, calls_day="2026-03-02")
        for number, idle, calls in (("8001", 9, 3), ("8002", 8, 2), ("8003", 7, 3), ("8004", 6, 4))
    ]
    policy = staged(Stage(Who.CITY), order=order)
    assert paired([caller("a")], seats, statuses, policy) == {"a": best}


def test_calls_of_yesterday_count_no_more() -> None:
    seats = [seat(number, CHANGCHUN, "labour") for number in ("8001", "8002")]
    busy = replace(status("8001", 9), calls=5, calls_day="2026-03-02")
    policy = staged(Stage(Who.CITY), order=Order.FEWEST_CALLS)
    router = routed([], seats, [busy, status("8002", 8)], policy)
    assert router.match(NOW) == ()
    router.join(caller("a"))
    midnight = datetime(2026, 3, 2, 16, tzinfo=UTC)  # in Shanghai
    assert router.match(midnight) == (Assignment("a", "8001"),)


def test_the_lawyer_of_last_time_is_waited_for_while_on_duty_and_not_for_long() -> None:
    seats = [seat("8001", CHANGCHUN, "labour"), seat("8002", CHANGCHUN, "labour")]
    talking = status("8001", state=SeatState.TALKING)
    policy = staged(Stage(Who.CITY), sticky_days=30, sticky_s=20)
    back = caller("a", sticky="8001")
    router = routed([back], seats, [talking, status("8002")], policy)
    assert router.match(NOW) == ()
    assert router.next_change() == NOW + timedelta(seconds=20)
    assert router.match(NOW + timedelta(seconds=20)) == (Assignment("a", "8002"),)
    router = routed([back], seats, [talking, status("8002")], policy)
    assert router.match(NOW) == ()
    router.seat_is(status("8001"))
    assert router.match(NOW) == (Assignment("a", "8001"),)
    router = routed([back], seats, [talking, status("8002")], policy)
    assert router.match(NOW) == ()
    router.seat_is(status("8001", state=SeatState.NOT_READY))
    assert router.match(NOW) == (Assignment("a", "8002"),)


def test_the_lawyer_of_last_time_is_not_asked_for_what_he_does_not_do() -> None:
    seats = [seat("8001", CHANGCHUN, "family"), seat("8002", CHANGCHUN, "labour")]
    statuses = [status("8001"), status("8002")]
    assert paired([caller("a", sticky="8001")], seats, statuses) == {"a": "8002"}


def test_who_wants_one_seat_waits_for_it_and_then_for_the_group() -> None:
    seats = [seat("8001", CHANGCHUN, "family"), seat("8002", CHANGCHUN, "labour")]
    router = routed([], seats, [status("8001", state=SeatState.WRAP_UP), status("8002")])
    router.join(caller("a", 300, wants="8001", wants_since=NOW))
    assert router.match(NOW) == ()
    assert router.match(router.next_change()) == (Assignment("a", "8002"),)
    router.join(caller("b", 300, wants="8001", wants_since=NOW))
    router.seat_is(status("8002"))
    router.seat_is(status("8001"))
    assert router.match(NOW) == (Assignment("b", "8001"),)
    refused = caller("b", 300, wants="8001", wants_since=NOW, tried=frozenset({"8001"}))
    router.join(refused)
    assert router.match(NOW) == (Assignment("b", "8002"),)


def test_a_language_can_be_a_must_for_a_while() -> None:
    policy = staged(Stage(Who.CITY), language_s=10)
    router = routed([], [seat("8201", YANBIAN, "labour", "zh-CN")], [status("8201")], policy)
    router.join(caller("k", city=YANBIAN, language="ko-KR"))
    assert router.match(NOW) == ()
    assert router.next_change() == NOW + timedelta(seconds=10)
    assert router.match(NOW + timedelta(seconds=10)) == (Assignment("k", "8201"),)


def test_a_seat_off_its_shift_gets_no_call_until_it_is_on_again() -> None:
    seats = [seat("8001", CHANGCHUN, "labour")]
    router = routed([caller("a", sticky="8001")], seats, [status("8001")])
    router.off_shift({"8001"})
    assert router.match(NOW) == ()
    router.off_shift(())
    assert router.match(NOW) == (Assignment("a", "8001"),)


def test_a_new_policy_and_a_new_roster_keep_the_place() -> None:
    router = routed([caller("a", 9), caller("b", 5)], [seat("8901", None, "labour")], [])
    router.seat_is(status("8901", state=SeatState.TALKING))
    assert router.match(NOW) == ()
    router.set_policy(staged(Stage(Who.CITY)))
    router.seat_is(status("8901"))
    assert router.match(NOW) == ()
    router.set_seats([seat("8901", None, "labour"), seat("8001", CHANGCHUN, "labour")])
    router.seat_is(status("8001"))
    assert router.match(NOW) == (Assignment("a", "8001"),)
    router.set_policy(DEFAULT)
    assert router.match(NOW) == (Assignment("b", "8901"),)


def test_a_caller_who_joins_again_unchanged_looks_no_further() -> None:
    router = routed([caller("a", 9)], [seat("8901", None, "labour")])
    assert router.match(NOW) == ()
    router.join(caller("a", 9))
    router.join(caller("a", 9, group="family"))
    assert (router.queue("labour"), router.queue("family")) == (0, 1)
    router.leave("nobody")
