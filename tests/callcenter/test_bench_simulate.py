"""What the benchmark of the simulator measures; its figures are for the benchmark to judge."""

from __future__ import annotations

import numpy as np
import pytest

from callcenter.bench import simulate
from callcenter.bench.simulate_peer import waits_in_simpy
from seats.simulation.closed_forms import LOADS, SEATS, drawn_calls, same_seats
from seats.simulation.play import play


@pytest.mark.parametrize("patience_s", [None, 300.0])
def test_another_simulator_lets_every_caller_wait_as_long(patience_s):
    drawn = drawn_calls(0.9, patience_s, calls=20_000, seats=SEATS, seed=3)
    ours, theirs = play(drawn, same_seats(SEATS)).wait_s, waits_in_simpy(drawn, SEATS)
    assert theirs.mean() > 10
    assert np.abs(ours - theirs).max() < 1e-3


def test_every_row_says_how_true_and_how_fast(monkeypatch):
    monkeypatch.setattr(simulate, "_FEWEST", 2_000)
    said: list[str] = []
    found = simulate.measured(said.append, scale=0.002)
    assert [row["load"] for row in found["rows"]] == [*LOADS, *LOADS]
    assert all(row["us_a_call"] > 0 and row["calls"] == 2_000 for row in found["rows"])
    assert found["year"][0]["seats"] == 28
    assert found["year"][0]["memory_mb"] > 0
    assert [row["waits_differ_s"] < 1e-3 for row in found["peer"]] == [True, True]
    assert [target["at_most"] for target in found["targets"]] == [20.0, 0.02]
    assert len(said) == 14
