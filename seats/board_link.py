"""What brings the board's memory to Redis and asks there, whether Redis is up or away."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from seats.board_memory import BoardMemory
from seats.board_redis import RedisStore, StoreAway
from seats.seat import SeatStatus

log = logging.getLogger(__name__)

_T = TypeVar("_T")

_LINGER_S = 0.01  # saves gather this long before they are written, so that they cost little
_PROBE_S = 1.0  # an idle board looks this often whether Redis is there and still knows it
_BACK_OFF_S = (0.1, 2.0)  # first and longest wait before Redis is tried again
_BATCH = 500  # keys in one round trip


@dataclass(slots=True)
class BoardCounters:
    """How the board fared, for /metrics; all only grow."""

    written: int = 0  # keys
    round_trips: int = 0
    outages: int = 0
    resyncs: int = 0
    reserved: int = 0
    refused: int = 0
    decided_alone: int = 0  # reservations granted from memory while Redis was away
    late_saves: int = 0  # seat statuses older than the one known
    adopted: int = 0  # seat statuses that another run had made first


class BoardLink:
    """Writes behind to a Redis that may come and go.

    `adopt` gets a status that another run made first, `lose` a call that another controller has.
    """

    def __init__(
        self,
        store: RedisStore | None,
        memory: BoardMemory,
        counters: BoardCounters,
        *,
        adopt: Callable[[SeatStatus], None],
        lose: Callable[[str], None],
    ) -> None:
        """`store` None: there is no Redis, nothing is written."""
        self.is_up = False
        """Whether Redis has everything but the last few saves."""
        self._store = store
        self._memory = memory
        self._counters = counters
        self._adopt = adopt
        self._lose = lose
        self._was_tried = False
        self._work = asyncio.Event()
        self._writing = asyncio.Lock()

    def wake(self) -> None:
        """There is something to write."""
        self._work.set()

    async def ask(self, ask: Callable[[RedisStore], Awaitable[_T]]) -> _T | None:
        """Redis's answer; None without it. A hanging one delays nobody but the flusher: while it
        is away it is not asked.
        """
        if self._store is None or (self._was_tried and not self.is_up):
            return None
        try:
            return await ask(self._store)
        except StoreAway as away:
            self._went_down(away)
            return None

    async def run(self) -> None:
        """Writes behind for ever; cancel to stop."""
        if self._store is None:
            return
        wait_s = _BACK_OFF_S[0]
        while True:
            if self.is_up:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_PROBE_S):
                        await self._work.wait()
                await asyncio.sleep(_LINGER_S)
            if await self.flush():
                wait_s = _BACK_OFF_S[0]
            else:
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, _BACK_OFF_S[1])

    async def flush(self) -> bool:
        """Writes all that is unwritten now; False when Redis is away."""
        if self._store is None:
            return False
        async with self._writing:
            self._work.clear()
            try:
                await self._write(self._store)
            except StoreAway as away:
                self._went_down(away)
                return False
        return True

    async def close(self) -> None:
        """Writes what is left, if Redis is there, and closes."""
        if self._store is not None:
            await self.flush()
            with contextlib.suppress(StoreAway):
                await self._store.close()

    async def _write(self, store: RedisStore) -> None:
        was_up = self.is_up
        if not was_up:
            self._memory.everything_is_dirty()
        while True:
            batch = self._memory.next_batch(_BATCH)
            written = await store.write(batch)
            self._memory.was_written(batch)
            self._counters.round_trips += 1
            self._counters.written += len(batch)
            for status in written.newer:
                self._adopt(status)
            for call_id in written.lost:
                self._lose(call_id)
            if was_up and not written.run_is_known:
                # Redis was restarted empty, or flushed, behind our back
                log.warning("redis has lost the live state; writing it again")
                was_up = False
                self._memory.everything_is_dirty()
            elif not self._memory.pending:
                break
        if not was_up:
            await store.make_known()
            self._counters.resyncs += 1
            log.info("redis is up and holds the live state")
        self.is_up = self._was_tried = True

    def _went_down(self, away: StoreAway) -> None:
        if self.is_up or not self._was_tried:
            self._counters.outages += 1
            log.warning("redis is away; deciding from memory: %s", away)
        self.is_up = False
        self._was_tried = True
        self._work.set()
