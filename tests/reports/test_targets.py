"""How many more must be answered, or may be missed: against counting one call after another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.metrics import Counts
from reports.rates import RATES, results
from reports.targets import Distance, distance

HUNDREDTHS = st.integers(1, 100).map(lambda n: n / 100)


@pytest.mark.parametrize(
    ("numerator", "denominator", "target", "expected"),
    [
        (95, 100, 0.95, Distance(needed=0, spare=0)),
        (94, 100, 0.95, Distance(needed=20, spare=0)),
        (38, 41, 0.95, Distance(needed=19, spare=0)),
        (118, 121, 0.95, Distance(needed=0, spare=3)),
        (0, 1, 0.95, Distance(needed=19, spare=0)),
        (0, 0, 0.95, Distance(needed=0, spare=0)),
        (3, 4, 1.0, Distance(needed=None, spare=0)),
        (4, 4, 1.0, Distance(needed=0, spare=0)),
        (9, 10, 0.9, Distance(needed=0, spare=0)),
        # a year of calls: one below what a float would still take for 95 %
        (949_999_999, 1_000_000_000, 0.95, Distance(needed=20, spare=0)),
    ],
)
def test_distance_of_known_rates(
    numerator: int, denominator: int, target: float, expected: Distance
) -> None:
    assert distance(numerator, denominator, target) == expected


@given(st.integers(0, 60), st.integers(0, 60), HUNDREDTHS)
def test_distance_is_what_counting_call_by_call_gives(good: int, bad: int, target: float) -> None:
    percent = round(target * 100)

    def is_met(well: int, badly: int) -> bool:
        return (good + well) * 100 >= percent * (good + bad + well + badly)

    found = distance(good, good + bad, target)
    if found.needed is None:
        assert percent == 100
        assert bad > 0
    else:
        assert is_met(found.needed, 0)
        assert found.needed == 0 or not is_met(found.needed - 1, 0)
    if is_met(0, 0):
        assert found.needed == 0
        assert is_met(0, found.spare)
        assert not is_met(0, found.spare + 1)
    else:
        assert found.spare == 0


@given(st.integers(0, 2000), st.integers(0, 2000))
def test_nothing_is_needed_exactly_when_the_report_says_met(answered: int, lost: int) -> None:
    counts = Counts(n_req=answered + lost, n_ans=answered)
    (rate,) = results(counts, [RATES["answer_rate_agent"]])
    assert rate.met in (None, distance(answered, answered + lost, 0.95).needed == 0)


@pytest.mark.parametrize("wrong", [(2, 1, 0.95), (-1, 1, 0.95), (1, 2, 0.0), (1, 2, 1.01)])
def test_what_is_no_rate_or_no_target_is_refused(wrong: tuple[int, int, float]) -> None:
    with pytest.raises(ValueError, match="not a"):
        distance(*wrong)
