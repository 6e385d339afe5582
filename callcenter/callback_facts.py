"""What came of a callback, written into the facts of the conversation in which it was asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from callcenter.call import callback
from callcenter.call.callback import Callback, State
from callcenter.switchboard_needs import Spool
from reports.facts import Callbacks, Conversation
from reports.queries import find
from reports.store import DatabaseAway, Store

log = structlog.get_logger()

EVERY_S = 2.0
SETTLED = timedelta(seconds=10)  # by then the call's own last facts are written
LATEST = timedelta(hours=12)  # the conversation itself was lost, or its recording never closed


class CallbackFacts:
    """Writes when the first conversation is in the database; until then the callback is kept."""

    def __init__(
        self,
        store: Store,
        spool: Spool,
        *,
        clock: Callable[[], datetime],
        told: Callable[[Callback], None],
    ) -> None:
        """`told` is called with each callback whose facts are written."""
        self._store = store
        self._spool = spool
        self._clock = clock
        self._told = told
        self._untold: dict[str, Callback] = {}

    def tell(self, one: Callback) -> None:
        """The newest state of a callback, to be written soon."""
        self._untold[one.id] = one

    async def run(self) -> None:
        """Write what can be written, every two seconds, forever."""
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                await self.write()
            except DatabaseAway:
                pass  # said on /health; tried again
            except Exception:
                log.exception("facts of callbacks could not be written")

    async def write(self) -> None:
        """Write what can be written now. Raises DatabaseAway."""
        for one in tuple(self._untold.values()):
            age = self._clock() - max(one.booked_at, _changed_at(one))
            if age < SETTLED and not one.is_over:
                continue
            first = await find(self._store, one.of)
            if first is not None and (_is_whole(first) or age > LATEST):
                self._spool.append(self._with(first, one).to_json())
            elif age <= LATEST:
                continue
            if self._untold.get(one.id) is one:
                del self._untold[one.id]
            self._told(one)

    def _with(self, first: Conversation, one: Callback) -> Conversation:
        request, now = first.overflow_request, self._clock()
        if request is not None and one.state in (State.REACHED, State.SERVED):
            request = request.model_copy(update={"done_at": request.done_at or now})
        return first.model_copy(
            update={
                "callbacks": Callbacks.model_validate(callback.facts(one)),
                "overflow_request": request,
                "revision": max(first.revision + 1, int(now.timestamp() * 1000)),
            }
        )


def _changed_at(one: Callback) -> datetime:
    last = one.tries[-1] if one.tries else None
    return (last.ended_at or last.at) if last else one.booked_at


def _is_whole(first: Conversation) -> bool:
    """Whether the call's own facts came to their end: nothing newer waits in the spool."""
    recording = first.recording
    return first.ended_at is not None and (recording is None or recording.duration_s is not None)
