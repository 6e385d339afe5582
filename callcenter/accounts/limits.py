"""How often somebody may ask: a bucket of tokens for each person and each address, in memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

_KEPT = 10_000  # buckets; the one unused for longest goes first, and was full by then


@dataclass(frozen=True, slots=True)
class Limit:
    """`burst` at once, and `a_second` more."""

    a_second: float
    burst: int


class Buckets:
    """Tokens by key."""

    def __init__(self, limit: Limit, *, clock: Callable[[], float]) -> None:
        """`clock`: monotonic seconds."""
        self._limit = limit
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> float:
        """Take one token; 0 when there was one, else seconds until there is."""
        now = self._clock()
        left, at = self._kept.pop(key, (float(self._limit.burst), now))
        left = min(float(self._limit.burst), left + (now - at) * self._limit.a_second)
        wait_s = 0.0 if left >= 1 else (1 - left) / self._limit.a_second
        self._kept[key] = (left - 1 if left >= 1 else left, now)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return wait_s
