"""The same calls in SimPy: callers, one pool of seats, patience, and none of our rules."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np

from seats.simulation.calls import Calls
from seats.simulation.spread import Floats


class NoPeer(Exception):
    """SimPy is not installed: it comes with the test extra."""


def waits_in_simpy(calls: Calls, seats: int) -> Floats:
    """How long each caller waited until he was answered or gave up. Raises NoPeer."""
    try:
        import simpy
    except ImportError:
        raise NoPeer from None
    env = simpy.Environment()
    pool = simpy.Resource(env, seats)
    waits = np.zeros(len(calls))

    def caller(n: int, talk_s: float, patience_s: float) -> Generator[Any, Any, None]:
        came = env.now
        with pool.request() as turn:
            if patience_s < np.inf:
                yield turn | env.timeout(patience_s)
            else:
                yield turn
            waits[n] = env.now - came
            if turn.triggered:
                yield env.timeout(talk_s)

    def everybody() -> Generator[Any, Any, None]:
        rows = zip(
            calls.asked.at_s.tolist(),
            calls.talk_s.tolist(),
            calls.patience_s.tolist(),
            strict=True,
        )
        for n, (at_s, talk_s, patience_s) in enumerate(rows):
            yield env.timeout(at_s - env.now)
            env.process(caller(n, talk_s, patience_s))

    env.process(everybody())
    env.run()
    return waits
