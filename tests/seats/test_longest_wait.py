"""The longest possible wait is never exceeded by the Router, however unkind the callers are."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from math import inf

import pytest

from seats.longest_wait import Ends, longest_wait, longest_waits
from seats.policy import (
    DEFAULT,
    CallbackPolicy,
    Stage,
    When,
    Who,
)
from seats.routing import Router, Waiting
from seats.seat import SeatState, SeatStatus
from seats.shift import Shift
from tests.seats.full_town import (
    NOW,
    RING_S,
    Town,
    bounds,
    duty,
    policy,
    seat,
    some_policy,
    some_seats,
)


@pytest.mark.parametrize("seed", range(40))
def test_a_line_outside_that_never_answers_costs_no_more_than_computed(seed: int) -> None:
    rng = random.Random(3000 + seed)
    talk_s = rng.choice([100.0, 600.0])
    line = Stage(Who.LINE, rng.choice([0.0, 10.0, 100.0]), line="a")
    town = Town(rng, some_policy(rng, line, talk_s=talk_s), some_seats(rng, shifts=False))
    town.run(60 * talk_s)
    most = bounds(town)
    assert town.worst
    assert {whose: s for whose, s in town.worst.items() if s > most[whose]} == {}


@pytest.mark.parametrize("seed", range(60))
def test_nobody_waits_longer_for_a_lawyer_than_computed(seed: int) -> None:
    rng = random.Random(seed)
    talk_s = rng.choice([30.0, 100.0, 600.0])
    town = Town(rng, some_policy(rng, talk_s=talk_s), some_seats(rng, shifts=False))
    town.run(60 * talk_s)
    most = bounds(town)
    assert town.worst
    assert {whose: s for whose, s in town.worst.items() if s > most[whose]} == {}


@pytest.mark.parametrize("seed", range(20))
def test_nor_where_seats_come_and_go_with_their_shifts(seed: int) -> None:
    rng = random.Random(1000 + seed)
    talk_s = rng.choice([600.0, 3600.0])
    town = Town(rng, some_policy(rng, talk_s=talk_s), some_seats(rng, shifts=True))
    town.run(4 * 86_400)
    most = bounds(town)
    assert town.worst
    assert {whose: s for whose, s in town.worst.items() if s > most[whose]} == {}


@pytest.mark.parametrize("seed", range(40))
def test_nor_is_handed_over_later_even_if_no_seat_ever_answers(seed: int) -> None:
    rng = random.Random(2000 + seed)
    end = Stage(rng.choice([Who.CALLBACK, Who.MESSAGE]), rng.choice([30.0, 120.0]))
    more = (end,) if seed % 2 else (Stage(Who.LINE, rng.choice([10.0, 100.0]), line="a"), end)
    town = Town(
        rng,
        some_policy(rng, *more, talk_s=1_000_000.0),
        some_seats(rng, shifts=False),
        answers=rng.choice([0.0, 0.1, 0.5]),
    )
    town.run(6_000)
    most = bounds(town)
    assert {whose: s for whose, s in town.worst.items() if s > most[whose]} == {}
    assert max(town.worst.values()) >= end.after_s


def test_the_bound_is_reached_by_a_caller_behind_a_full_line() -> None:
    seats = (seat(9000, None, "labour"),)
    mine = policy(Stage(Who.PROVINCIAL), waiting=3)
    wait = longest_wait(mine, duty(*seats), "labour", None)
    assert (wait.wait_s, wait.ends, wait.fewest) == (300, Ends.ANSWERED, 1)
    router = Router(seats, mine)
    ready = SeatStatus("9000", SeatState.READY, NOW, 1, is_registered=True)
    callers = [Waiting(str(n), "labour", None, "zh-CN", NOW) for n in range(4)]
    router.seat_is(ready)
    router.join(callers[0])
    assert len(router.match(NOW)) == 1
    for caller in callers[1:]:
        router.join(caller)
    served = []
    for n in range(1, 4):
        now = NOW + timedelta(seconds=100 * n)
        router.seat_is(replace(ready, version=n + 1))
        [pair] = router.match(now)
        served.append((pair.call_id, (now - NOW).total_seconds()))
    assert served[-1] == ("3", 300.0)


@pytest.mark.parametrize(
    ("changed", "wait_s"),
    [
        ({}, 1300),  # 300 head start, 100 for what was begun, 9 before at one seat
        ({"seats": 3}, 700),
        ({"head_s": 0.0}, 1000),
        ({"stages": (Stage(Who.PROVINCIAL, 700.0),)}, 1700),
        ({"stages": (Stage(Who.PROVINCIAL, when=When(queue_at_least=1)),)}, inf),
        ({"stages": (Stage(Who.PROVINCIAL), Stage(Who.LINE, 60.0, line="a"))}, 1460),
        ({"stages": (Stage(Who.PROVINCIAL), Stage(Who.CALLBACK, 60.0))}, 85),
        ({"stages": (Stage(Who.PROVINCIAL), Stage(Who.CALLBACK, 2000.0))}, 1300),
        ({"stages": (Stage(Who.MESSAGE, 60.0), Stage(Who.LINE, line="a"))}, 120),
        ({"stages": (Stage(Who.PROVINCIAL), Stage(Who.MESSAGE, 9.0, When(1)))}, 1300),
    ],
)
def test_each_part_of_the_policy_has_its_share(changed: dict[str, object], wait_s: float) -> None:
    count, stages = changed.get("seats", 1), changed.get("stages", (Stage(Who.PROVINCIAL),))
    head_s = changed.get("head_s", 300.0)
    assert isinstance(count, int) and isinstance(stages, tuple) and isinstance(head_s, float)
    seats = [seat(9000 + n, None, "labour") for n in range(count)]
    mine = policy(*stages, head_s=head_s, waiting=10)
    assert longest_wait(mine, duty(*seats), "labour", None).wait_s == wait_s


def test_vain_callbacks_and_wishes_cost_time() -> None:
    seats = duty(seat(9000, None, "labour"))
    plain = policy(Stage(Who.PROVINCIAL), waiting=3)
    thrice = replace(plain, callback=CallbackPolicy(tries=3, ring_s=30))
    assert longest_wait(thrice, seats, "labour", None).wait_s == 300 + 2 * 2 * (30 + RING_S)
    wishing = replace(plain.default, sticky_days=1, sticky_s=20.0, language_s=50.0)
    patient = replace(plain, default=wishing)
    assert longest_wait(patient, seats, "labour", None).wait_s == 350


def test_the_longest_of_a_group_is_told_with_whose_it_is_and_when() -> None:
    day = Shift(8 * 60, 20 * 60, frozenset(range(7)))
    seats = duty(
        seat(8001, "220100", "labour", "general"), seat(9000, None, "labour", shifts=(day,))
    )
    mine = policy(Stage(Who.CITY), Stage(Who.PROVINCIAL), talk_s=3600.0, waiting=1)
    general, labour = longest_waits(mine, seats)
    assert (general.group, general.city, general.wait_s, general.ends) == (
        *("general", None, inf, Ends.NEVER),
    )
    assert (labour.group, labour.city, labour.fewest) == ("labour", None, 0)
    assert labour.wait_s == pytest.approx(13 * 3600, abs=1)
    assert labour.asked is not None
    assert labour.asked.hour == 19
    own = longest_wait(mine, seats, "labour", "220100")
    assert (own.wait_s, own.fewest) == (3601, 1)


def test_without_a_policy_there_is_a_bound_too() -> None:
    seats = duty(seat(9000, None, "labour", "general"))
    for wait in longest_waits(DEFAULT, seats):
        assert wait.ends is Ends.ANSWERED
        assert wait.wait_s < inf
