"""The gate: floods are held back, others are not, and nobody in danger is kept from 110."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.admission import gate as rules
from callcenter.admission.gate import ADMIT, Gate, Limits, Verdict

A, B = "+864315550101", "+864315550102"
TIGHT = Limits(number_a_minute=6, number_at_once=2, announced_at_once=3)


def calls(gate: Gate, number: str | None, times: list[float], trunk: str = "demo") -> list[Verdict]:
    """One call after another, each over before the next."""
    found = []
    for n, at in enumerate(times):
        found.append(gate.knock(f"{number}-{n}-{at}", number, trunk, at))
        gate.gone(f"{number}-{n}-{at}")
    return found


def test_without_limits_and_entries_everyone_is_let_in() -> None:
    assert calls(Gate(), A, [0.0] * 1000) == [ADMIT] * 1000


def test_a_number_that_floods_is_held_back_and_others_are_not() -> None:
    gate = Gate(TIGHT)
    flood = calls(gate, A, [n * 0.01 for n in range(100)])
    assert [one.does for one in flood[:6]] == ["admit"] * 6
    assert {one.why for one in flood[6:]} == {"number_flood"}
    assert calls(gate, B, [1.0]) == [ADMIT]


def test_who_goes_on_calling_stays_out_and_a_quiet_minute_or_two_lets_him_in() -> None:
    gate = Gate(TIGHT)
    going_on = calls(gate, A, [n * 2.0 for n in range(300)])  # ten minutes
    assert {one.why for one in going_on[30:]} == {"number_flood"}
    assert calls(gate, A, [600 + 121]) == [ADMIT]


def test_who_calls_at_the_rate_allowed_is_always_let_in() -> None:
    assert set(calls(Gate(TIGHT), A, [n * 10.0 for n in range(500)])) == {ADMIT}


def test_so_many_calls_of_a_number_at_once_and_no_more() -> None:
    gate = Gate(Limits(number_at_once=2))
    assert gate.knock("1", A, "demo", 0) == gate.knock("2", A, "demo", 0) == ADMIT
    assert gate.knock("3", A, "demo", 0) == Verdict("announce", "number_flood")
    gate.gone("1")
    assert gate.knock("4", A, "demo", 0) == ADMIT
    assert gate.knock("5", None, "demo", 0) == ADMIT  # who withholds his number is nobody's twin


def test_a_trunk_above_its_rate_is_served_at_its_rate_and_other_trunks_as_ever() -> None:
    gate = Gate(Limits(trunk_a_minute=60))
    numbers = [f"+8643155{n:05d}" for n in range(600)]
    one_a_tenth = [gate.knock(str(n), number, "x", n / 10) for n, number in enumerate(numbers)]
    admitted = one_a_tenth.count(ADMIT)
    assert 115 <= admitted <= 121  # a minute's worth at once, and then a minute at its rate
    assert {one.why for one in one_a_tenth if one != ADMIT} == {"trunk_flood"}
    assert gate.knock("other", A, "y", 60) == ADMIT


def test_one_numbers_flood_does_not_use_up_its_trunk() -> None:
    gate = Gate(Limits(number_a_minute=6, trunk_a_minute=60))
    calls(gate, A, [0.0] * 1000)
    assert calls(gate, B, [0.0]) == [ADMIT]


def test_so_many_calls_of_a_trunk_at_once_and_no_more() -> None:
    gate = Gate(Limits(trunk_at_once=1))
    assert gate.knock("1", A, "x", 0) == ADMIT
    assert gate.knock("2", B, "x", 0) == Verdict("announce", "trunk_flood")
    assert gate.knock("3", B, "y", 0) == ADMIT
    gate.gone("1")
    assert gate.knock("4", None, "x", 0) == ADMIT


def test_a_number_of_the_blacklist_hears_the_announcement_each_time() -> None:
    gate = Gate(blacklist={A: 7})
    assert calls(gate, A, [0.0, 1.0, 2.0]) == [Verdict("announce", "blacklist", 7)] * 3
    assert calls(gate, B, [3.0]) == [ADMIT]


def test_a_second_call_during_the_announcement_is_hung_up_on() -> None:
    gate = Gate(blacklist={A: 7})
    assert gate.knock("1", A, "demo", 0).does == "announce"
    assert gate.knock("2", A, "demo", 0) == Verdict("refuse", "blacklist", 7)
    gate.gone("2")  # it never came in
    assert gate.knock("3", A, "demo", 0).does == "refuse"
    gate.gone("1")
    assert gate.knock("4", A, "demo", 0).does == "announce"


def test_announcements_are_played_to_so_many_at_once() -> None:
    gate = Gate(Limits(announced_at_once=2), blacklist={str(n): n for n in range(1, 9)})
    found = [gate.knock(f"c{n}", str(n), "demo", 0).does for n in range(1, 5)]
    assert found == ["announce", "announce", "refuse", "refuse"]


def test_a_call_of_an_earlier_run_counts_once() -> None:
    gate = Gate(Limits(number_at_once=1))
    gate.enter("1", A, "demo")
    gate.enter("1", A, "demo")
    assert gate.knock("2", A, "demo", 0).why == "number_flood"
    gate.gone("1")
    gate.gone("1")
    assert gate.knock("3", A, "demo", 0) == ADMIT


def test_a_clock_set_back_lets_nobody_in_twice() -> None:
    gate = Gate(Limits(number_a_minute=2))
    assert [one.does for one in calls(gate, A, [100.0, 50.0, 20.0])][:2] == ["admit"] * 2
    assert calls(gate, A, [10.0])[0].why == "number_flood"


def test_numbers_without_end_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST_BUCKETS", 100)
    gate = Gate(TIGHT)
    calls(gate, A, [0.0] * 50)
    for n in range(1000):
        assert calls(gate, f"+8613800{n:06d}", [0.1]) == [ADMIT]
    assert len(gate._numbers) <= 101
    assert calls(gate, A, [0.2])[0].why == "number_flood"  # whoever floods is not forgotten


STEPS = st.lists(
    st.tuples(st.sampled_from(["call", "gone"]), st.integers(0, 30), st.sampled_from("ABCD")),
    max_size=200,
)


@settings(deadline=None)
@given(STEPS)
def test_never_more_at_once_than_allowed_and_nothing_left_behind(
    steps: list[tuple[str, int, str]],
) -> None:
    limits = Limits(number_at_once=2, trunk_at_once=5, announced_at_once=2)
    gate = Gate(limits, blacklist={"D": 1})
    present: dict[str, tuple[str, str]] = {}
    for n, (what, which, number) in enumerate(steps):
        if what == "call":
            verdict = gate.knock(str(n), number, "x", float(n))
            assert verdict.does != "admit" or number != "D"
            if verdict.does != "refuse":
                present[str(n)] = (verdict.does, number)
        elif present:
            gone = list(present)[which % len(present)]
            del present[gone]
            gate.gone(gone)
        kinds = Counter(does for does, _ in present.values())
        admitted = Counter(number for does, number in present.values() if does == "admit")
        assert kinds["admit"] <= 5 and kinds["announce"] <= 2
        assert all(count <= 2 for count in admitted.values())
    for call_id in present:
        gate.gone(call_id)
    assert not gate._at_once and not gate._present
