"""Chance for what a call seldom needs: the same for it under every policy."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from seats.simulation.caller import Caller
from seats.simulation.calls import Calls

_LINE: Final = 0
_OFFER: Final = 1_000
_CALLBACK: Final = 1_000_000


class Dice:
    """Drawn when it comes to it; all else of a call is drawn beforehand."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def line_answers(self, caller: Caller) -> bool:
        """Whether the line outside picks up."""
        return bool(self._of(caller, _LINE).random() < self._calls.habits.line_answers)

    def later_ring_s(self, caller: Caller) -> float:
        """How long the next seat rings, after the first; inf when its lawyer does not answer."""
        habits, rng = self._calls.habits, self._of(caller, _OFFER + caller.offers)
        ring_s = float(habits.ring.draw(rng, 1)[0])
        is_missed = rng.random() < habits.no_answer or ring_s > habits.ring_limit_s
        return math.inf if is_missed else ring_s

    def called_back(self, caller: Caller) -> tuple[float, bool]:
        """How long he lets it ring when he is called back the next time, and whether he answers."""
        habits, rng = self._calls.habits, self._of(caller, _CALLBACK + caller.tries)
        ring_s = float(habits.ring.draw(rng, 1)[0])
        return ring_s, bool(rng.random() < habits.reached)

    def _of(self, caller: Caller, what: int) -> np.random.Generator:
        return np.random.default_rng((self._calls.dice, caller.index, what))
