"""Erlang's formulas against published values and against the chain solved as it stands."""

from __future__ import annotations

import numpy as np
import pytest

from seats.erlang import Unstable, answered_within, erlang_a, erlang_b, erlang_c, seats_needed


@pytest.mark.parametrize(
    ("seats", "load", "blocked"),
    # the usual tables: 1 % is lost of 4.46 Erlang at 10, of 12.03 at 20
    [(10, 4.4612, 0.01), (20, 12.031, 0.01), (1, 1.0, 0.5), (0, 3.0, 1.0)],
)
def test_erlang_b_agrees_with_the_tables(seats, load, blocked):
    assert erlang_b(seats, load) == pytest.approx(blocked, rel=1e-3)


def test_erlang_c_is_a_single_queue_when_there_is_one_seat():
    found = erlang_c(1, 0.8 / 60, 60)
    assert found.waiting == pytest.approx(0.8)
    assert found.mean_wait_s == pytest.approx(0.8 * 60 / 0.2)
    assert found.queue == pytest.approx(0.64 / 0.2)
    assert (found.abandoned, found.occupancy) == (0, pytest.approx(0.8))


def test_jilin_needs_25_seats_for_95_percent_in_15_seconds():
    per_s = 17.4 / 434
    assert seats_needed(per_s, 434, 15, 0.95) == 25
    assert seats_needed(per_s, 434, 15, 0.80) == 22
    assert answered_within(25, per_s, 434, 15) >= 0.95 > answered_within(24, per_s, 434, 15)


def test_more_work_than_the_seats_can_do_has_no_steady_state():
    with pytest.raises(Unstable, match="5 Erlang are too much for 5 seats"):
        erlang_c(5, 5 / 60, 60)


@pytest.mark.parametrize(("seats", "load", "patience"), [(1, 0.5, 60), (5, 4.75, 30), (9, 14, 200)])
def test_erlang_a_agrees_with_its_chain_solved_directly(seats, load, patience):
    talk = 100.0
    per_s = load / talk
    states = 600
    leaving = [min(n, seats) / talk + max(0, n - seats) / patience for n in range(states)]
    rates = np.zeros((states, states))
    for n in range(states - 1):
        rates[n, n + 1], rates[n + 1, n] = per_s, leaving[n + 1]
    np.fill_diagonal(rates, -rates.sum(axis=1))
    system = np.vstack([rates.T, np.ones(states)])
    share = np.linalg.lstsq(system, np.append(np.zeros(states), 1.0), rcond=None)[0]
    queue = sum(max(0, n - seats) * share[n] for n in range(states))
    found = erlang_a(seats, per_s, talk, patience)
    assert found.waiting == pytest.approx(share[seats:].sum(), rel=1e-6)
    assert found.queue == pytest.approx(queue, rel=1e-6)
    assert found.mean_wait_s == pytest.approx(queue / per_s, rel=1e-6)
    assert found.abandoned == pytest.approx(queue / patience / per_s, rel=1e-6)
    busy = sum(min(n, seats) * share[n] for n in range(states)) / seats
    assert found.occupancy == pytest.approx(busy, rel=1e-6)


def test_endless_patience_turns_a_into_c():
    found, endless = erlang_a(25, 17.4 / 434, 434, 1e12), erlang_c(25, 17.4 / 434, 434)
    assert found.waiting == pytest.approx(endless.waiting)
    assert found.mean_wait_s == pytest.approx(endless.mean_wait_s)


def test_hundreds_of_seats_and_an_overload_stay_finite():
    found = erlang_a(2000, 2100, 1, 180)
    assert found.abandoned == pytest.approx(1 - 2000 / 2100, rel=1e-3)
    assert erlang_c(1500, 1400 / 300, 300).waiting < 0.02


@pytest.mark.parametrize(
    ("formula", "given"),
    [
        (erlang_b, (-1, 1.0)),
        (erlang_b, (5, 0.0)),
        (erlang_a, (0, 1.0, 1.0, 1.0)),
        (erlang_a, (5, 1.0, 1.0, 0.0)),
        (seats_needed, (1.0, 1.0, 1.0, 1.0)),
    ],
)
def test_impossible_figures_are_refused(formula, given):
    with pytest.raises(ValueError, match="needs|between"):
        formula(*given)
