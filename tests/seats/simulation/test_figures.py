"""Rates, waits, load and fairness of plays that can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from seats.simulation.figures import (
    batch_means,
    by_city,
    by_group,
    by_hour,
    controlled,
    estimate,
    fairness,
    figures,
    gini,
    jain,
    per_call,
)
from seats.simulation.play import play
from tests.seats.simulation.made import ANYBODY, One, calls, seats


@pytest.fixture
def played():
    came = (One(0), One(10, patience=30), One(50, city="220100"), One(4000, city="220100"))
    return play(calls(*came), seats(1), ANYBODY)


def test_rates_are_of_all_who_asked(played):
    found = figures(played)
    assert (found.calls, found.answered, found.abandoned) == (4, 3, 1)
    assert (found.answer_rate, found.abandon_rate, found.service_level) == (0.75, 0.25, 0.5)
    assert found.met is False
    assert found.wait_mean == pytest.approx((0 + 30 + 50 + 0) / 4)
    assert (found.wait_p50, found.wait_p99) == (0, 50)


def test_columns_split_the_calls_and_the_unknown_come_last(played):
    assert list(by_city(played)) == ["220100", None]
    assert [each.calls for each in by_city(played).values()] == [2, 2]
    assert [each.calls for each in by_group(played).values()] == [4]
    assert {hour: each.calls for hour, each in by_hour(played).items()} == {0: 3, 1: 1}


def test_of_no_call_there_is_no_rate(played):
    none = figures(played, np.zeros(4, dtype=bool))
    assert (none.calls, none.answer_rate, none.wait_mean, none.wait_p99) == (0, None, None, None)
    assert none.met is None


def test_the_means_of_the_columns_are_the_figures(played):
    found = figures(played)
    for name, column in per_call(played).items():
        assert column.mean() == pytest.approx(getattr(found, name))


@pytest.mark.parametrize(
    ("values", "jains", "ginis"),
    [
        ([5, 5, 5, 5], 1, 0),
        ([1, 0, 0, 0], 0.25, 0.75),
        ([1, 2, 3], 36 / 42, 2 / 9),
        ([0, 0], None, None),
        ([], None, None),
    ],
)
def test_indices_of_fairness_have_their_known_values(values, jains, ginis):
    assert jain(values) == (None if jains is None else pytest.approx(jains))
    assert gini(values) == (None if ginis is None else pytest.approx(ginis))


def test_cities_of_few_calls_are_not_compared_and_seats_are():
    came = [One(n * 200.0, city="220100") for n in range(100)]
    lost = [One(n * 200.0 + 1, city="220200", patience=10) for n in range(100)]
    few = [One(50_000.0, city="220300")]
    found = fairness(play(calls(*sorted([*came, *lost, *few], key=lambda one: one.at)), seats(1)))
    assert found.answer_rate_spread == pytest.approx(1)
    assert found.wait_spread_s == pytest.approx(10)
    assert found.jain == pytest.approx(1)
    two = fairness(play(calls(*came), seats(2), ANYBODY))
    assert two.gini == pytest.approx(0, abs=0.01)


def test_errors_count_that_neighbours_are_alike():
    rng = np.random.default_rng(1)
    alike = np.repeat(rng.standard_normal(2000), 50)
    found = estimate(alike)
    assert found is not None
    assert found.error == pytest.approx(1 / np.sqrt(2000), rel=0.5)
    assert found.sure_99 > found.sure_95 > found.error
    assert len(batch_means(alike)) == 20
    assert estimate(alike[:39]) is None


def test_a_control_takes_out_what_chance_did_to_it():
    rng = np.random.default_rng(1)
    common = rng.standard_normal(20_000)
    wanted = 7 + common + 0.1 * rng.standard_normal(20_000)
    plain, better = estimate(wanted), controlled(wanted, (3 + common, 3.0))
    assert plain is not None
    assert better.value == pytest.approx(7, abs=4 * better.error)
    assert better.error < plain.error / 5
