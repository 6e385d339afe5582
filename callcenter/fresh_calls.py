"""Calls that the stored tallies lack: in progress at any node, or ended a moment ago, while their
facts are on the way to the database.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

import structlog
from pydantic import ValidationError

from callcenter.call import Call, conversation
from reports.facts import Conversation
from reports.metrics import ZONE, SoFar, day_number, so_far

log = structlog.get_logger()

MOST_ENDED = 5_000  # kept while nobody looks at the figures; then the oldest are stored long since
STORED_WITHIN_S = 60.0  # whose facts the database still lacks then were refused by it

Place = tuple[str | None, int]
"""City (GB/T 2260) and Shanghai hour of arrival."""


@dataclass(frozen=True, slots=True)
class _Counted:
    call: Call
    day: int
    place: Place
    so_far: SoFar


class FreshCalls:
    """One per controller. Counts by the rules that the database's tallies are made by."""

    def __init__(
        self, in_progress: Callable[[], Iterable[Call]], *, clock: Callable[[], float]
    ) -> None:
        """`in_progress`: calls at every node, by now; `clock`: monotonic seconds."""
        self._in_progress = in_progress
        self._clock = clock
        self._ended: dict[str, Call] = {}
        self._missed_s: dict[str, float] = {}  # when the database was first found to lack it
        self._counted: dict[str, _Counted] = {}
        self._sums_of: tuple[int, Collection[str]] = (0, ())
        self._sums: Mapping[Place, SoFar] = {}

    def stepped(self, before: Call, after: Call) -> None:
        """A call of this controller has changed."""
        if after.is_over and not before.is_over:
            self.left(after)

    def left(self, call: Call) -> None:
        """A call is in progress no more; of another controller's its last state that was told."""
        if call.is_ours or call.call_id in self._ended:
            return
        self._ended[call.call_id] = call
        if len(self._ended) > MOST_ENDED:
            del self._ended[next(iter(self._ended))]

    def ids(self) -> Iterable[str]:
        """All calls that may be counted here."""
        return {call.call_id for call in self._in_progress()} | self._ended.keys()

    def stored(self, counted: Collection[str]) -> None:
        """The database was read: these are in its tallies."""
        now_s = self._clock()
        for call_id in tuple(self._ended):
            first_s = self._missed_s.setdefault(call_id, now_s)
            if call_id in counted or now_s - first_s >= STORED_WITHIN_S:
                del self._ended[call_id]
        self._missed_s = {one: at for one, at in self._missed_s.items() if one in self._ended}

    def sums(self, day: int, *, but: Collection[str]) -> Mapping[Place, SoFar]:
        """What the calls of a Shanghai day (YYYYMMDD) come to, without those that are stored.

        The very same mapping as before while nothing has changed.
        """
        calls = dict(self._ended)
        calls.update((call.call_id, call) for call in self._in_progress())
        is_changed = self._count(calls)
        if is_changed or self._sums_of[0] != day or self._sums_of[1] is not but:
            found: dict[Place, SoFar] = {}
            for call_id, one in self._counted.items():
                if one.day == day and call_id not in but:
                    found[one.place] = found.get(one.place, SoFar()) + one.so_far
            self._sums_of, self._sums = (day, but), found
        return self._sums

    def _count(self, calls: Mapping[str, Call]) -> bool:
        changed = [one for one in calls.values() if not self._knows(one)]
        gone = self._counted.keys() - calls.keys()
        for call_id in gone:
            del self._counted[call_id]
        for call in changed:
            self._counted[call.call_id] = _counted(call)
        return bool(changed or gone)

    def _knows(self, call: Call) -> bool:
        known = self._counted.get(call.call_id)
        return known is not None and known.call is call


def _counted(call: Call) -> _Counted:
    local = call.arrived_at.astimezone(ZONE)
    try:
        sure = so_far(Conversation.model_validate(conversation(call)))
    except ValidationError:
        # its facts will be refused by the drainer, which keeps them and says so
        log.error("a call cannot be counted", call_id=call.call_id)
        sure = SoFar()
    return _Counted(call, day_number(local), (call.city, local.hour), sure)
