"""Where calls are in the flows now, and how many took which way today."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final, NamedTuple

from callcenter.call import Call
from reports import passes
from reports.passes import Pass, day_of
from reports.store import Store

MOST_ENDED: Final = 20_000  # calls: hours of a province whose database is away


class Standing(NamedTuple):
    """A step where calls are now, and what they do there (`stage` of the call)."""

    flow: str
    version: int
    step: str
    stage: str


class FlowTraffic:
    """Ended calls are counted by the database with their facts (`reports.passes`), whichever
    controller had them; here are those whose facts are on their way, and those in progress.

    Duty of the owner: hand `watch` each change of a call.
    """

    def __init__(
        self, store: Store, calls: Callable[[], Iterable[Call]], *, clock: Callable[[], datetime]
    ) -> None:
        """`calls`: those in progress at this controller."""
        self._store = store
        self._calls = calls
        self._clock = clock
        self._ended: dict[str, set[Pass]] = {}

    def watch(self, before: Call, call: Call) -> None:
        """A call has changed: once it has ended its ways count, on the day it came."""
        if call.is_over and not before.is_over and call.path:
            self._ended[call.call_id] = _ways(call)
            if len(self._ended) > MOST_ENDED:
                del self._ended[next(iter(self._ended))]

    async def today(self) -> dict[Pass, int]:
        """Calls by way since midnight, those in progress here included. Raises DatabaseAway."""
        day = day_of(self._clock())
        async with self._store.reading() as connection:  # both of one moment
            told = await passes.counted(connection, self._ended)
            counts = Counter(await passes.of_day(connection, day))
        for call_id in told:
            self._ended.pop(call_id, None)
        for ways in self._ended.values():
            counts.update(one for one in ways if one.day == day)
        for call in self._calls():
            if not call.is_over and day_of(call.arrived_at) == day:
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
