"""Who is offered to whom: the order of callers, the order of seats, and what must never happen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from seats.policy import Stage, Who
from seats.routing import Assignment
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
