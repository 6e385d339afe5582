"""Whether this program has been awake of late, or stood still (stopped, swapped out) for a while.

What is read from a socket right after standing still may be old: a lease of Asterisk's that seems
to have begun just now may be over already.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

LONGEST_S = 5.0  # between beats; they come each second


class Pulse:
    """`beat` is called each second by whoever does something each second."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        """`clock`: seconds that only grow."""
        self._clock = clock
        self._last = -LONGEST_S - 1
        self._doubted_until = 0.0

    def beat(self) -> None:
        """The program is awake now."""
        now = self._clock()
        if now - self._last > LONGEST_S:
            # What waited in the sockets may be read only after this beat.
            self._doubted_until = now + LONGEST_S
        self._last = now

    def was_awake(self) -> bool:
        """Whether what is read now came in at most LONGEST_S ago."""
        now = self._clock()
        return now - self._last <= LONGEST_S and now >= self._doubted_until
