"""Times that vary: their means, what was measured, and what a person may write."""

from __future__ import annotations

import math

import numpy as np
import pytest

from seats.simulation.spread import (
    Empirical,
    Exponential,
    Fixed,
    Lognormal,
    SpreadFault,
    measured,
    patience_seen,
    read_spread,
)


@pytest.mark.parametrize(
    ("spread", "mean", "deviation"),
    [
        (Exponential(180), 180, 180),
        (Lognormal(434, 400), 434, 400),
        (Lognormal(10, 0), 10, 0),
        (Fixed(30), 30, 0),
        (measured([10, 20, 60]), 30, math.sqrt(1400 / 3)),
    ],
)
def test_a_spread_has_the_mean_and_deviation_that_it_says(spread, mean, deviation):
    drawn = spread.draw(np.random.default_rng(1), 200_000)
    assert drawn.mean() == pytest.approx(mean, rel=0.02)
    assert drawn.std() == pytest.approx(deviation, rel=0.03, abs=1e-9)
    assert (drawn > 0).all()


def test_patience_counts_those_who_were_answered_before_they_gave_up():
    rng = np.random.default_rng(2)
    patience, answered = rng.exponential(100, 20_000), rng.exponential(60, 20_000)
    waits = np.minimum(patience, answered)
    found = patience_seen(zip(waits.tolist(), (patience < answered).tolist(), strict=True))
    drawn = found.draw(rng, 100_000)
    assert drawn.mean() == pytest.approx(100, rel=0.05)
    # those alone who gave up would tell 37.5 s
    assert np.median(drawn) == pytest.approx(100 * math.log(2), rel=0.05)


def test_where_nobody_gave_up_patience_never_ends():
    assert patience_seen([(5.0, False)]) == Fixed(math.inf)


def test_what_is_longer_than_all_that_was_seen_has_a_tail():
    found = Empirical((10.0,), (0.5,), tail=20.0)
    drawn = found.draw(np.random.default_rng(3), 100_000)
    assert (drawn == 10).mean() == pytest.approx(0.5, abs=0.01)
    assert drawn[drawn > 10].mean() == pytest.approx(30, rel=0.03)


def test_nothing_measured_is_no_spread():
    with pytest.raises(ValueError, match="nothing was measured"):
        measured([])


@pytest.mark.parametrize(
    ("text", "spread"),
    [
        ("exponential:180", Exponential(180)),
        ("lognormal:434:400", Lognormal(434, 400)),
        ("fixed:10", Fixed(10)),
        ("never", Fixed(math.inf)),
    ],
)
def test_what_is_written_is_read_and_written_the_same(text, spread):
    assert read_spread(text) == spread
    assert str(spread) == text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("exponential", "is none of"),
        ("exponential:0", "is none of"),
        ("normal:3", "is none of"),
        ("fixed:ten", "ten is no number"),
        ("fixed:-1", "0 or more"),
        ("fixed:inf", "0 or more"),
        ("lognormal:1:2:3", "is none of"),
    ],
)
def test_what_is_no_spread_is_told(text, told):
    with pytest.raises(SpreadFault, match=told):
        read_spread(text)
