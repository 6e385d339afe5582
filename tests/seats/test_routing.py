"""Who is offered to whom: the order of callers, the order of seats, and what must never happen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seats.routing import DEFAULT, Assignment, Policy, Stage, Waiting, assign, position
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


def paired(waiting, seats, statuses, policy=DEFAULT) -> dict[str, str]:
    made = assign(waiting, seats, {s.number: s for s in statuses}, NOW, policy)
    return {a.call_id: a.seat for a in made}


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
    made = assign(waiting, [seat("8001", CHANGCHUN, "labour")], {"8001": status("8001")}, NOW)
    assert made == (Assignment("early", "8001"),)


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
    policy = Policy((Stage(Level.MUNICIPAL), Stage(Level.PROVINCIAL, after_s=20)))
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
    assert {c: position(waiting, c) for c in ("back", "a", "b", "other")} == {
        "back": 0,
        "a": 1,
        "b": 2,
        "other": 0,
    }
    with pytest.raises(KeyError):
        position(waiting, "gone")


GROUPS = ["family", "labour", "maritime"]
CITIES = [CHANGCHUN, JILIN, None]
NUMBERS = [f"80{n:02}" for n in range(8)]

seat_sets = st.lists(
    st.builds(
        seat,
        st.sampled_from(NUMBERS),
        st.sampled_from(CITIES),
        st.sampled_from(["family", "labour", "general", "family labour general"]),
        st.sampled_from(["zh-CN", "zh-CN ko-KR"]),
    ),
    unique_by=lambda s: s.number,
)
status_sets = st.fixed_dictionaries(
    {
        n: st.builds(status, st.just(n), st.integers(0, 3), st.sampled_from(list(SeatState)[:5]))
        for n in NUMBERS
    }
)
lines = st.lists(
    st.builds(
        caller,
        st.uuids().map(str),
        st.integers(0, 40),
        st.sampled_from(GROUPS),
        st.sampled_from(CITIES),
        language=st.sampled_from(["zh-CN", "ko-KR"]),
        tried=st.frozensets(st.sampled_from(NUMBERS), max_size=3),
        at_head=st.booleans(),
    ),
    max_size=12,
)
policies = st.just(DEFAULT) | st.lists(
    st.builds(Stage, st.sampled_from(Level), st.sampled_from([0.0, 20.0]), st.booleans()),
    max_size=4,
).map(lambda stages: Policy(tuple(stages)))


def could_take(s: Seat, c: Waiting, policy: Policy) -> bool:
    """Written apart from the code under test: may this seat take this caller at all?"""
    if s.number in c.tried:
        return False
    return any(
        c.asked_at + timedelta(seconds=stage.after_s) <= NOW
        and s.level is stage.level
        and (s.level is Level.PROVINCIAL or s.city == c.city)
        and ("general" if stage.by_catch_all else c.group) in s.skills
        for stage in policy.stages
    )


@settings(deadline=None)
@given(lines, seat_sets, status_sets, policies)
def test_one_seat_one_call_ready_untried_skilled_and_nobody_overtaken(
    waiting: list[Waiting], seats: list[Seat], statuses: dict[str, SeatStatus], policy: Policy
) -> None:
    made = assign(waiting, seats, statuses, NOW, policy)
    by_call = {c.call_id: c for c in waiting}
    by_number = {s.number: s for s in seats}
    assert len({a.seat for a in made}) == len({a.call_id for a in made}) == len(made)
    for a in made:
        assert statuses[a.seat].state is SeatState.READY
        assert could_take(by_number[a.seat], by_call[a.call_id], policy)
    served = {a.call_id for a in made}
    free = [s for s in seats if statuses[s.number].state is SeatState.READY]
    left = [s for s in free if s.number not in {a.seat for a in made}]
    for c in waiting:
        if c.call_id in served:
            continue
        # whoever is left waiting could take no seat that is left over ...
        assert not any(could_take(s, c, policy) for s in left)
        # ... and none that went to somebody behind him
        for a in made:
            other = by_call[a.call_id]
            behind = (not other.at_head, other.asked_at) > (not c.at_head, c.asked_at)
            assert not (behind and could_take(by_number[a.seat], c, policy))


@settings(deadline=None)
@given(lines, seat_sets, status_sets, st.randoms(use_true_random=False))
def test_the_order_in_which_callers_and_seats_are_listed_does_not_matter(
    waiting: list[Waiting], seats: list[Seat], statuses: dict[str, SeatStatus], random
) -> None:
    made = assign(waiting, seats, statuses, NOW)
    mixed_line, mixed_seats = list(waiting), list(seats)
    random.shuffle(mixed_line)
    random.shuffle(mixed_seats)
    assert assign(mixed_line, mixed_seats, statuses, NOW) == made
