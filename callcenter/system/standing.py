"""Since when something is as it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime


class Standing:
    """One per watch: remembers for each name its state and when that began."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        """`clock`: aware UTC."""
        self._clock = clock
        self._known: dict[str, tuple[str, datetime]] = {}

    def note(self, name: str, state: str) -> datetime:
        """Its state now; when it began, as far as was seen."""
        known = self._known.get(name)
        if known is None or known[0] != state:
            known = self._known[name] = (state, self._clock())
        return known[1]
