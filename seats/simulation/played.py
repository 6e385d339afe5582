"""What came of calls that were played."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from seats.policy import Policy
from seats.simulation.calls import Calls
from seats.simulation.desk import Worked
from seats.simulation.spread import Floats


class Outcome(IntEnum):
    """What became of a request for a person."""

    LEFT_OVER = 0
    """Still in line at the end: nobody who is ever on duty may take it."""
    ANSWERED = 1
    ABANDONED = 2
    CALLBACK = 3
    """Promised a callback; `Callbacks` says what became of that."""
    MESSAGE = 4
    LINE = 5
    """Taken over by a line outside."""


@dataclass(frozen=True, slots=True)
class Callbacks:
    """What became of those who were promised a callback. `waits_s`: from asking to talking."""

    promised: int
    reached: int
    lost: int
    waits_s: Floats


@dataclass(frozen=True, slots=True)
class Played:
    """What came of the calls, columns in their order.

    `wait_s`: from asking until answered by a seat, or until the caller left the line or was
    promised a callback. `seat`: index into `worked`, NOBODY where none answered.
    """

    calls: Calls
    policy: Policy
    outcome: npt.NDArray[np.uint8]
    wait_s: Floats
    seat: npt.NDArray[np.int16]
    worked: tuple[Worked, ...]
    callbacks: Callbacks
