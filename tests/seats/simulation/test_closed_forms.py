"""The simulator against Erlang's formulas: 1,000,000 calls each, seats that all can do the same.

The rest of the grid of loads stands in `hotline bench simulate`.
"""

from __future__ import annotations

import pytest

from seats.simulation.closed_forms import CALLS, compared


@pytest.mark.long
@pytest.mark.parametrize(
    ("load", "patience_s"), [(0.5, None), (0.95, None), (0.8, 300.0), (0.95, 60.0)]
)
def test_waits_and_losses_are_those_of_erlang_within_2_percent(load, patience_s):
    for found in compared(load, patience_s, calls=CALLS, seed=12348):
        assert found.estimate.error < 0.0075 * found.theory, f"{found} is too unsure to tell"
        assert abs(found.off) <= 0.02, f"{found}"
        assert found.is_inside, f"{found}"
