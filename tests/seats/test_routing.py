"""Who is offered to whom: the order of callers, the order of seats, and what must never happen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from seats.policy import DEFAULT, GroupPolicy, Order, Policy, Stage, When, Who
from seats.routing import Assignment, Overflow, Router, Waiting
from seats.seat import Level, Seat, SeatState, SeatStatus

NOW = datetime(2026, 3, 2, 1, 0, 0, tzinfo=UTC)
CHANGCHUN, JILIN, YANBIAN = "220100", "220200", "222400"


def seat(number: str, city: str | None, skills: str, languages: str = "zh-CN") -> Seat:
    return Seat(
        number=number,
        level=Level.MUNICIPAL if city else Level.PROVINCIAL,
        city=city,
        skills=frozenset(skills.split()),
        languages=frozenset(languages.split()),
        name=number,
    )


def status(number: str, idle_s: float = 0, state: SeatState = SeatState.READY) -> SeatStatus:
    return SeatStatus(
        number, state, since=NOW, version=1, idle_since=NOW - timedelta(seconds=idle_s)
    )


def caller(
    call_id: str, waited_s: float = 0, group: str = "labour", city: str | None = CHANGCHUN, **more
) -> Waiting:
    more.setdefault("language", "zh-CN")
    asked_at = NOW - timedelta(seconds=waited_s)
    return Waiting(call_id, group, city, asked_at=asked_at, **more)


def routed(
    waiting: Iterable[Waiting],
    seats: Iterable[Seat],
    statuses: Iterable[SeatStatus] = (),
    policy: Policy = DEFAULT,
) -> Router:
    router = Router(seats, policy)
    for one in statuses:
        router.seat_is(one)
    for one in waiting:
        router.join(one)
    return router


def paired(waiting, seats, statuses, policy=DEFAULT) -> dict[str, str]:
    made = routed(waiting, seats, statuses, policy).match(NOW)
    return {a.call_id: a.seat for a in made if isinstance(a, Assignment)}


def staged(*stages: Stage, **rules) -> Policy:
    return Policy(GroupPolicy(stages, **rules))


def test_the_longest_idle_seat_is_offered_first() -> None:
    seats = [seat(n, CHANGCHUN, "labour") for n in ("8001", "8002", "8003")]
    statuses = [status("8001", 10), status("8002", 30), status("8003", 20)]
    assert paired([caller("a")], seats, statuses) == {"a": "8002"}


def test_equal_idleness_is_settled_by_number() -> None:
    seats = [seat(n, CHANGCHUN, "labour") for n in ("8003", "8001", "8002")]
    statuses = [status(n, 5) for n in ("8003", "8001", "8002")]
    assert paired([caller("a")], seats, statuses) == {"a": "8001"}


def test_the_longest_waiting_caller_comes_first() -> None:
    waiting = [caller("late", 5), caller("early", 50), caller("middle", 20)]
    router = routed(waiting, [seat("8001", CHANGCHUN, "labour")], [status("8001")])
    assert router.match(NOW) == (Assignment("early", "8001"),)


def test_a_caller_sent_back_to_the_head_comes_before_longer_waits() -> None:
    back = caller("back", 20, at_head=True)
    waiting = [caller("early", 50), back]
    assert paired(waiting, [seat("8001", CHANGCHUN, "labour")], [status("8001")]) == {
        "back": "8001"
    }
    earlier_back = caller("earlier", 30, at_head=True)
    assert paired(
        [*waiting, earlier_back], [seat("8001", CHANGCHUN, "labour")], [status("8001")]
    ) == {"earlier": "8001"}


def test_a_head_start_counts_in_seconds_and_so_ages() -> None:
    waiting = [caller("veteran", 10, priority=30), caller("ordinary", 35)]
    one = [seat("8001", CHANGCHUN, "labour")], [status("8001")]
    assert paired(waiting, *one) == {"veteran": "8001"}
    waiting = [caller("veteran", 10, priority=30), caller("ordinary", 45)]
    assert paired(waiting, *one) == {"ordinary": "8001"}


def test_own_city_is_tried_before_the_province_even_when_less_idle() -> None:
    seats = [seat("8001", CHANGCHUN, "labour"), seat("8901", None, "labour")]
    statuses = [status("8001", 1), status("8901", 1000)]
    assert paired([caller("a")], seats, statuses) == {"a": "8001"}


@pytest.mark.parametrize(
    "state", [s for s in SeatState if s is not SeatState.READY], ids=lambda s: s.value
)
def test_the_province_takes_the_call_at_once_when_the_city_seat_is(state: SeatState) -> None:
    seats = [seat("8001", CHANGCHUN, "labour"), seat("8901", None, "labour")]
    statuses = [status("8001", 5, state), status("8901")]
    assert paired([caller("a")], seats, statuses) == {"a": "8901"}


def test_another_citys_seat_is_not_offered() -> None:
    assert paired([caller("a")], [seat("8101", JILIN, "labour")], [status("8101")]) == {}


def test_a_caller_of_unknown_city_goes_to_the_province() -> None:
    seats = [seat("8001", CHANGCHUN, "labour"), seat("8901", None, "labour")]
    statuses = [status("8001"), status("8901")]
    assert paired([caller("a", city=None)], seats, statuses) == {"a": "8901"}


def test_a_skill_is_preferred_to_the_catch_all_group() -> None:
    seats = [seat("8001", CHANGCHUN, "general"), seat("8901", None, "labour general")]
    statuses = [status("8001", 100), status("8901")]
    assert paired([caller("a")], seats, statuses) == {"a": "8901"}


def test_a_group_that_nobody_serves_is_taken_by_the_catch_all_group() -> None:
    seats = [seat("8001", CHANGCHUN, "general"), seat("8901", None, "general")]
    statuses = [status("8001"), status("8901", 100)]
    assert paired([caller("a", group="maritime")], seats, statuses) == {"a": "8001"}
    assert paired([caller("a", group="maritime", city=None)], seats, statuses) == {"a": "8901"}


def test_a_seat_that_was_tried_is_never_offered_again_in_the_call() -> None:
    seats = [seat("8001", CHANGCHUN, "labour"), seat("8002", CHANGCHUN, "labour")]
    statuses = [status("8001", 100), status("8002", 1)]
    tried = frozenset({"8001"})
    assert paired([caller("a", tried=tried)], seats, statuses) == {"a": "8002"}
    assert paired([caller("a", tried=tried | {"8002"})], seats, statuses) == {}
    # and the seat passed over is still there for the next caller
    waiting = [caller("a", 10, tried=tried), caller("b", 5)]
    assert paired(waiting, seats, statuses) == {"a": "8002", "b": "8001"}


def test_a_seat_that_speaks_the_callers_language_is_preferred_but_nobody_waits_for_it() -> None:
    seats = [
        seat("8201", YANBIAN, "labour", "zh-CN"),
        seat("8202", YANBIAN, "labour", "zh-CN ko-KR"),
    ]
    statuses = [status("8201", 100), status("8202", 1)]
    korean = caller("k", city=YANBIAN, language="ko-KR")
    assert paired([korean], seats, statuses) == {"k": "8202"}
    assert paired([korean], seats, statuses[:1]) == {"k": "8201"}


def test_a_caller_whom_a_seat_still_holds_is_not_offered_until_its_lease_ends() -> None:
    seats = [seat("8001", CHANGCHUN, "labour"), seat("8002", CHANGCHUN, "labour")]
    holding = replace(
        status("8001", state=SeatState.RESERVED), call_id="a", lease_until=NOW + timedelta(1)
    )
    waiting = [caller("a", 50), caller("b", 10)]
    assert paired(waiting, seats, [holding, status("8002")]) == {"b": "8002"}
    over = replace(holding, lease_until=NOW)
    assert paired(waiting, seats, [over, status("8002")]) == {"a": "8002"}


def test_a_stage_opens_when_its_time_has_come() -> None:
    policy = staged(Stage(Who.CITY), Stage(Who.PROVINCIAL, after_s=20))
    seats, statuses = [seat("8901", None, "labour")], [status("8901")]
    assert paired([caller("a", 19.9)], seats, statuses, policy) == {}
    assert paired([caller("a", 20)], seats, statuses, policy) == {"a": "8901"}


def test_a_seat_without_status_or_a_status_without_seat_is_left_alone() -> None:
    seats = [seat("8001", CHANGCHUN, "labour")]
    assert paired([caller("a")], seats, [status("8009")]) == {}


def test_position_counts_the_callers_ahead_in_the_same_group() -> None:
    waiting = [
        caller("a", 50),
        caller("b", 40),
        caller("other", 60, group="family"),
        caller("back", 10, at_head=True),
    ]
    router = routed(waiting, [])
    assert {c: router.position(c) for c in ("back", "a", "b", "other")} == {
        "back": 0,
        "a": 1,
        "b": 2,
        "other": 0,
    }
    assert (router.queue("labour"), router.longest_wait_s("labour", NOW)) == (3, 50.0)
    assert (router.queue("maritime"), router.longest_wait_s("maritime", NOW)) == (0, 0.0)
    with pytest.raises(KeyError):
        router.position("gone")


def test_a_pair_is_made_once_and_its_seat_comes_back_when_told_of_again() -> None:
    router = routed([caller("a", 10), caller("b", 5)], [seat("8901", None, "labour")])
    router.seat_is(status("8901"))
    assert router.match(NOW) == (Assignment("a", "8901"),)
    assert router.match(NOW) == ()
    router.seat_is(status("8901"))  # somebody else was faster, or the caller left
    assert router.match(NOW) == (Assignment("b", "8901"),)
    router.seat_is(status("8901"))
    assert router.match(NOW) == ()
    router.join(caller("a", 10))
    assert router.match(NOW) == (Assignment("a", "8901"),)


def test_widening_keeps_the_place() -> None:
    policy = staged(Stage(Who.CITY), Stage(Who.NEIGHBOURS, 20), Stage(Who.PROVINCIAL, 30))
    policy = replace(policy, neighbours={CHANGCHUN: (JILIN,)})
    seats = [seat("8101", JILIN, "labour"), seat("8901", None, "labour")]
    router = routed([caller("a", 10), caller("b", 5)], seats, [], policy)
    assert router.match(NOW) == ()
    assert router.next_change() == NOW + timedelta(seconds=10)
    router.seat_is(status("8101"))
    router.seat_is(status("8901"))
    assert router.match(NOW + timedelta(seconds=9.9)) == ()
    assert router.match(NOW + timedelta(seconds=10)) == (Assignment("a", "8101"),)
    assert router.position("b") == 0
    assert router.match(NOW + timedelta(seconds=20)) == ()
    assert router.match(NOW + timedelta(seconds=25)) == (Assignment("b", "8901"),)


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
