"""Where calls are in the flows now, and how many took which way today."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final, NamedTuple

import structlog

from callcenter.call import Call
from reports import passes
from reports.passes import Pass, day_of
from reports.store import DatabaseAway, Store

log = structlog.get_logger()

FLUSH_S: Final = 5.0  # what a killed controller had not written yet is lost to these counts
MOST_PENDING: Final = 50_000  # different ways held while the database is away


class Standing(NamedTuple):
    """A step where calls are now, and what they do there (`stage` of the call)."""

    flow: str
    version: int
    step: str
    stage: str


class FlowTraffic:
    """Counts ended calls once, whichever controller had them; those in progress are looked at.

    Duties of the owner: hand `watch` each change of a call, run `run()`, and `close()` at the end.
    """

    def __init__(
        self, store: Store, calls: Callable[[], Iterable[Call]], *, clock: Callable[[], datetime]
    ) -> None:
        """`calls`: those in progress at this controller."""
        self._store = store
        self._calls = calls
        self._clock = clock
        self._pending: Counter[Pass] = Counter()
        self._is_up = True

    def watch(self, before: Call, call: Call) -> None:
        """A call has changed: once it has ended its ways count, on the day it came."""
        if call.is_over and not before.is_over and len(self._pending) < MOST_PENDING:
            self._pending.update(_ways(call))

    async def run(self) -> None:
        """Write down what was counted, forever."""
        while True:
            await asyncio.sleep(FLUSH_S)
            await self.flush()

    async def close(self) -> None:
        """Write down what is left."""
        await self.flush()

    async def flush(self) -> None:
        """What was counted goes to the database; without it nothing is lost but time."""
        counted, self._pending = self._pending, Counter()
        try:
            await passes.add(self._store, counted)
        except DatabaseAway as away:
            self._pending.update(counted)
            if self._is_up:
                log.warning("ways through the flows cannot be written yet", why=str(away))
            self._is_up = False
        else:
            self._is_up = True

    async def today(self) -> dict[Pass, int]:
        """Calls by way since midnight, those in progress here included. Raises DatabaseAway."""
        day = day_of(self._clock())
        counts = Counter(await passes.of_day(self._store, day))
        counts.update({one: calls for one, calls in self._pending.items() if one.day == day})
        for call in self._calls():
            if day_of(call.arrived_at) == day:
                counts.update(_ways(call))
        return dict(counts)

    def now(self) -> dict[Standing, int]:
        """Calls by the step where they stand, at this controller."""
        return dict(
            Counter(
                Standing(call.session.flow, call.session.version, call.session.step, call.stage)
                for call in self._calls()
                if call.session is not None and not call.is_over
            )
        )


def _ways(call: Call) -> set[Pass]:
    """Each way once, however often the caller went it: calls are counted."""
    day = day_of(call.arrived_at)
    return {Pass(day, one.flow, one.version, one.step, one.way) for one in call.path}
