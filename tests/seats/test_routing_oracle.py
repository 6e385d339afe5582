"""The indexed router answers as a plain search through everything would, after every change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seats.policy import GroupPolicy, Order, Policy, Stage, When, Who
from seats.routing import Router, Waiting
from seats.seat import Level, Seat, SeatState, SeatStatus
from tests.seats.routing_oracle import Oracle
from tests.thoroughness import tries

# 23:59 in Shanghai: the calls of the day end in the course of a test
NOW = datetime(2026, 3, 2, 15, 59, 0, tzinfo=UTC)
CITIES = ("220100", "220200", "222400")
GROUPS = ("family", "labour", "maritime")
NUMBERS = tuple(f"80{n:02}" for n in range(6))
CALLS = tuple("abcdefgh")
LANGUAGES = ("zh-CN", "ko-KR")
AFTER = st.sampled_from([0.0, 10.0, 20.0, 20.0000001, 45.0])

whens = st.none() | st.builds(
    When,
    st.none() | st.integers(1, 4),
    st.none() | st.sampled_from([15.0, 30.0]),
    st.none() | st.just(0.3),
)
stages = st.builds(
    lambda who, after_s, when, by_catch_all: Stage(
        who,
        after_s,
        when,
        by_catch_all and who in (Who.CITY, Who.PROVINCIAL),
        "oncall" if who is Who.LINE else None,
    ),
    st.sampled_from(Who),
    AFTER,
    whens,
    st.booleans(),
)
rules = st.builds(
    GroupPolicy,
    st.lists(stages, max_size=6).map(tuple),
    st.sampled_from(Order),
    st.just(30),
    st.sampled_from([0.0, 5.0, 20.0]),
    st.sampled_from([0.0, 10.0, 25.0]),
)
policies = st.builds(
    Policy,
    rules,
    st.dictionaries(st.sampled_from(GROUPS), rules, max_size=2),
    neighbours=st.just({"220100": ("220200", "222400"), "220200": ("220100",)}),
)
seats = st.builds(
    lambda number, city, skills, languages, levels, weight: Seat(
        number,
        Level.MUNICIPAL if city else Level.PROVINCIAL,
        city,
        skills,
        languages,
        number,
        levels,
        weight,
    ),
    st.sampled_from(NUMBERS),
    st.none() | st.sampled_from(CITIES[:2]),
    st.frozensets(st.sampled_from((*GROUPS, "general")), min_size=1),
    st.sampled_from([frozenset({"zh-CN"}), frozenset(LANGUAGES)]),
    st.dictionaries(st.sampled_from(GROUPS), st.integers(1, 5), max_size=2),
    st.integers(1, 3),
)
rosters = st.lists(seats, unique_by=lambda seat: seat.number, max_size=6)
callers = st.builds(
    Waiting,
    call_id=st.sampled_from(CALLS),
    group=st.sampled_from(GROUPS),
    city=st.none() | st.sampled_from(CITIES),
    language=st.sampled_from(LANGUAGES),
    asked_at=st.integers(-40, 0).map(lambda s: NOW + timedelta(seconds=s)),
    priority=st.sampled_from([0.0, 0.0, 15.0]),
    tried=st.frozensets(st.sampled_from(NUMBERS), max_size=3),
    at_head=st.booleans(),
    sticky=st.none() | st.sampled_from(NUMBERS),
    overflowed=st.sampled_from([frozenset(), frozenset({"line:oncall"})]),
    wants=st.none() | st.none() | st.sampled_from(NUMBERS),
    wants_since=st.none() | st.just(NOW),
)
statuses = st.builds(
    lambda number, state, idle, lease, call_id, calls: SeatStatus(
        number,
        state,
        since=NOW,
        version=1,
        idle_since=NOW - timedelta(seconds=idle),
        call_id=call_id if state in (SeatState.RESERVED, SeatState.TALKING) else None,
        lease_until=NOW + timedelta(seconds=lease) if state is SeatState.RESERVED else None,
        calls=calls,
        calls_day="2026-03-02" if calls else "",
    ),
    st.sampled_from(NUMBERS),
    st.sampled_from(SeatState) | st.just(SeatState.READY),
    st.integers(0, 3),
    st.integers(0, 40),
    st.sampled_from(CALLS),
    st.integers(0, 4),
)
changes = st.one_of(
    st.tuples(st.just("join"), callers),
    st.tuples(st.just("join"), callers),
    st.tuples(st.just("seat"), statuses),
    st.tuples(st.just("seat"), statuses),
    st.tuples(st.just("leave"), st.sampled_from(CALLS)),
    st.tuples(st.just("match"), st.integers(0, 15)),
    st.tuples(st.just("match"), st.none()),
    st.tuples(st.just("policy"), policies),
    st.tuples(st.just("roster"), rosters),
    st.tuples(st.just("off_shift"), st.frozensets(st.sampled_from(NUMBERS), max_size=2)),
    st.tuples(st.just("loss"), st.sampled_from([0.0, 0.5])),
)


class Pair:
    """The router and the oracle, told the same."""

    def __init__(self, roster: list[Seat], policy: Policy) -> None:
        self.now = NOW
        self.loss = 0.0
        self.router = Router(roster, policy)
        self.oracle = Oracle(roster, policy)

    def change(self, name: str, what: object) -> None:
        router, oracle = self.router, self.oracle
        if isinstance(what, Waiting):
            router.join(what)
            known = oracle.callers.get(what.call_id)
            more = known.overflowed if known else frozenset()
            oracle.callers[what.call_id] = replace(what, overflowed=what.overflowed | more)
        elif isinstance(what, SeatStatus):
            router.seat_is(what)
            oracle.statuses[what.number] = what
            oracle.given.discard(what.number)
        elif isinstance(what, str):
            router.leave(what)
            oracle.callers.pop(what, None)
        elif isinstance(what, Policy):
            router.set_policy(what)
            oracle.policy = what
        elif isinstance(what, list):
            router.set_seats(what)
            oracle.seats = what
        elif isinstance(what, frozenset):
            router.off_shift(what)
            oracle.off_shift = what
        elif name == "loss":
            assert isinstance(what, float)
            self.loss = what
        elif name == "match":
            assert what is None or isinstance(what, int)
            self.match(what)

    def match(self, after_s: int | None) -> None:
        if after_s is None:  # not before time alone may bring something
            due = self.router.next_change()
            self.now = max(self.now, due or self.now)
        else:
            self.now += timedelta(seconds=after_s)
        self.match_now()

    def match_now(self) -> None:
        loss = dict.fromkeys(GROUPS, self.loss)
        made = self.router.match(self.now, loss)
        pairs, overflows = self.oracle.match(self.now, loss)
        assert list(made) == [*pairs, *overflows]
        for call_id in self.oracle.callers:
            assert self.router.position(call_id) == self.oracle.position(call_id)


@settings(
    deadline=None, max_examples=tries(300), suppress_health_check=list(HealthCheck), print_blob=True
)
@given(policies, rosters, st.lists(changes, max_size=60))
def test_the_router_answers_as_a_plain_search_would(
    policy: Policy, roster: list[Seat], told: list[tuple[str, object]]
) -> None:
    pair = Pair(roster, policy)
    for name, what in told:
        pair.change(name, what)
        if name != "match":
            pair.match_now()


@settings(
    deadline=None, max_examples=tries(200), suppress_health_check=list(HealthCheck), print_blob=True
)
@given(policies, rosters, st.lists(changes, max_size=60))
def test_many_changes_at_once_are_answered_like_one_after_another(
    policy: Policy, roster: list[Seat], told: list[tuple[str, object]]
) -> None:
    pair = Pair(roster, policy)
    for name, what in told:
        pair.change(name, what)
    pair.match_now()


@settings(deadline=None, max_examples=tries(200), suppress_health_check=list(HealthCheck))
@given(
    policies,
    rosters,
    st.lists(
        st.one_of(st.tuples(st.just("join"), callers), st.tuples(st.just("seat"), statuses)),
        max_size=30,
    ),
)
def test_nothing_happens_by_time_alone_before_the_next_change(
    policy: Policy, roster: list[Seat], told: list[tuple[str, object]]
) -> None:
    pair = Pair(roster, policy)
    for name, what in told:
        pair.change(name, what)
    pair.match_now()
    for _ in range(12):
        due = pair.router.next_change()
        if due is None:
            due = pair.now + timedelta(hours=1)
        else:
            assert due > pair.now
        before = due - timedelta(microseconds=1)
        assert pair.oracle.match(before, dict.fromkeys(GROUPS, 0.0)) == ([], [])
        pair.now = due
        pair.match_now()
