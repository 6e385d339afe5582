"""The board: live calls and seats, kept in memory and written behind to Redis.

`save_*` and `drop_call` never wait and never fail: one flusher writes each key's newest value.
Without Redis everything is decided from memory; when Redis is back, perhaps empty, all of it is
written again. A crash loses at most what was saved within the last few milliseconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TypeVar

from seats.board_memory import BoardMemory
from seats.board_redis import RedisStore, StoreAway
from seats.seat import SeatStatus
from seats.status_json import from_json

log = logging.getLogger(__name__)

_T = TypeVar("_T")

_TIMEOUT_S = 1.0  # a Redis that hangs is given up this soon
_LINGER_S = 0.01  # saves gather this long before they are written, so that they cost little
_PROBE_S = 1.0  # an idle board looks this often whether Redis is there and still knows it
_BACK_OFF_S = (0.1, 2.0)  # first and longest wait before Redis is tried again
_BATCH = 500  # keys in one round trip
_MOST_DROPPED = 100_000  # ended calls remembered for a Redis that is away


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


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _ignore(_: object) -> None:
    """Nobody listens."""


class Board:
    """Live state of calls and seats; `start`, then `run` as a task, `close` at the end.

    `redis_url` (unix:// or redis://) None: memory only. `namespace` keeps two hotlines on one
    Redis database apart; controllers of one hotline share it, each under a name of its own.
    `tells`: other controllers listen to what changes here (seats.shared_line hears them).
    """

    def __init__(
        self,
        redis_url: str | None,
        *,
        namespace: str = "main",
        controller: str = "main",
        tells: bool = False,
        clock: Callable[[], datetime] = _utc_now,
    ) -> None:
        self.counters = BoardCounters()
        self.on_seat: Callable[[SeatStatus], None] = _ignore
        """Called with each status that was not made here: adopted from another run."""
        self.on_lost: Callable[[str], None] = _ignore
        """Called with each call of ours that another controller has taken over."""
        self.run_id = secrets.token_hex(8)
        """Names this run in what it writes and tells."""
        self._controller = controller
        self._clock = clock
        self._memory = BoardMemory(most_dropped=_MOST_DROPPED)
        self._store: RedisStore | None = None
        if redis_url is not None:
            self._store = RedisStore(
                redis_url,
                namespace=namespace,
                run=self.run_id,
                timeout_s=_TIMEOUT_S,
                controller=controller,
                tells=tells,
            )
        self._is_up = False
        self._was_tried = False
        self._work = asyncio.Event()
        self._writing = asyncio.Lock()
        self._asking = asyncio.Lock()  # one reservation at a time: no race in here, one connection

    @property
    def is_up(self) -> bool:
        """Whether Redis has everything but the last few saves; always False without a URL."""
        return self._is_up

    @property
    def pending(self) -> int:
        """Keys not yet written to Redis."""
        return self._memory.pending

    @property
    def seats(self) -> Mapping[str, SeatStatus]:
        """Newest known status by seat number; a view that follows every change."""
        return MappingProxyType(self._memory.seats)

    def save_call(self, call_id: str, state: bytes) -> None:
        """Keeps a call's state (the session's JSON)."""
        self._memory.save_call(call_id, state)
        self._work.set()

    def drop_call(self, call_id: str) -> None:
        """The call is over and its facts are written: forget it."""
        self._memory.drop_call(call_id)
        self._work.set()

    def save_seat(self, status: SeatStatus) -> None:
        """Keeps a seat's status unless a newer version is known (see `seats`)."""
        if self._memory.save_seat(status):
            self._work.set()
        else:
            self.counters.late_saves += 1

    async def load_calls(self) -> dict[str, bytes]:
        """This controller's live calls by id, of this run and earlier ones."""
        stored = await self._ask(lambda store: store.calls()) or {}
        for call_id, state in stored.items():
            self._found(call_id, state)
        return dict(self._memory.calls)

    async def load_call(self, call_id: str) -> bytes | None:
        """One call's state, or None; asks Redis only when it is not known here."""
        known = self._memory.calls.get(call_id)
        if known is None and not self._memory.is_dropped(call_id):
            self._found(call_id, await self._ask(lambda store: store.call(call_id)))
        return self._memory.calls.get(call_id)

    async def call_ids(self) -> set[str]:
        """Every live call of every controller; only our own without Redis."""
        return {*self._memory.calls, *(await self._ask(lambda store: store.call_ids()) or ())}

    async def calls_of_others(self) -> dict[str, tuple[str, bytes]] | None:
        """Other controllers' live calls: who has each, and its state; None without Redis."""
        return await self._ask(lambda store: store.calls_of_others())

    async def claim(self, call_id: str) -> bytes | None:
        """Makes a call ours, whoever had it: its state, or None when nobody knows it.

        Its old controller hears of it and lets go. Without Redis only what is known here is found.
        """
        self._found(call_id, await self._ask(lambda store: store.claim(call_id)))
        return self._memory.calls.get(call_id)

    async def claim_all(self, of: str) -> dict[str, bytes]:
        """Makes every call of a dead controller ours; none while Redis is away."""
        taken = await self._ask(lambda store: store.claim_all(of)) or {}
        for call_id, state in taken.items():
            self._found(call_id, state)
        return taken

    async def load_seats(self) -> dict[str, SeatStatus]:
        """Every seat's newest status, of this run and of others on the same Redis."""
        for status in await self._ask(lambda store: store.seats()) or ():
            if status != self._memory.seats.get(status.number) and self._memory.adopt(status):
                self.on_seat(status)
        return dict(self._memory.seats)

    def hear(self, kind: str, text: str) -> None:
        """Takes in what another controller told.

        `seat`: its status as JSON; `claim`: the controller that has a call now, and the call.
        """
        if kind == "seat":
            self._adopt(from_json(text))
        elif kind == "claim":
            controller, _, call_id = text.partition(" ")
            if controller != self._controller:
                self._lose(call_id)

    async def catch_up(self) -> None:
        """Learns what was told while nobody listened: every seat, and calls that are not ours."""
        await self.load_seats()
        known = tuple(self._memory.calls)
        for call_id in await self._ask(lambda store: store.not_mine(known)) or ():
            self._lose(call_id)

    async def reserve(self, seat: str, call_id: str, expected_version: int, lease_s: float) -> bool:
        """Reserves a ready seat for a call, atomically over all controllers; never raises.

        False: the seat is not ready at that version or the call is held by a seat already; look
        at `seats` again and try the next. True: `seats` has the seat reserved, one version on.
        """
        async with self._asking:
            granted = await self._reserve(seat, call_id, expected_version, lease_s)
        if granted:
            self.counters.reserved += 1
        else:
            self.counters.refused += 1
            await asyncio.sleep(0)  # who asks again and again in vain lets others run
        return granted

    async def start(self) -> None:
        """First contact with Redis; returns within a second or so also when it is away."""
        await self.flush()

    async def run(self) -> None:
        """Writes behind for ever; cancel to stop."""
        if self._store is None:
            return
        wait_s = _BACK_OFF_S[0]
        while True:
            if self._is_up:
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

    @property
    def _is_worth_asking(self) -> bool:
        """False while Redis is away, so that a hanging one delays nobody but the flusher."""
        return self._is_up or not self._was_tried

    async def _ask(self, ask: Callable[[RedisStore], Awaitable[_T]]) -> _T | None:
        if self._store is None or not self._is_worth_asking:
            return None
        try:
            return await ask(self._store)
        except StoreAway as away:
            self._went_down(away)
            return None

    def _found(self, call_id: str, state: bytes | None) -> None:
        if state is not None and not self._memory.is_dropped(call_id):
            self._memory.calls.setdefault(call_id, state)

    async def _reserve(
        self, seat: str, call_id: str, expected_version: int, lease_s: float
    ) -> bool:
        memory = self._memory
        reserved = memory.reserved(seat, call_id, expected_version, lease_s, self._clock())
        if reserved is None or not await self._granted(memory.seats[seat], reserved):
            return False
        if memory.seats[seat].version != expected_version:
            # it moved while Redis was asked (its phone went away): then it is not ours
            self.save_seat(memory.seats[seat])
            return False
        self.save_seat(reserved)
        return True

    async def _granted(self, ready: SeatStatus, reserved: SeatStatus) -> bool:
        if self._store is None:
            return True
        if self._is_up:
            try:
                known = [*self._memory.unwritten_seats(), ready]
                granted, newer = await self._store.reserve(reserved, known)
            except StoreAway as away:
                self._went_down(away)
            else:
                self._adopt(newer)
                return granted
        self.counters.decided_alone += 1
        return True

    def _adopt(self, *newer: SeatStatus | None) -> None:
        for status in newer:
            if status is None or status == self._memory.seats.get(status.number):
                continue
            if self._memory.adopt(status):
                self.counters.adopted += 1
                self.on_seat(status)

    def _lose(self, call_id: str) -> None:
        if self._memory.forget_call(call_id):
            self.on_lost(call_id)

    async def _write(self, store: RedisStore) -> None:
        was_up = self._is_up
        if not was_up:
            self._memory.everything_is_dirty()
        while True:
            batch = self._memory.next_batch(_BATCH)
            written = await store.write(batch)
            self._memory.was_written(batch)
            self.counters.round_trips += 1
            self.counters.written += len(batch)
            self._adopt(*written.newer)
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
            self.counters.resyncs += 1
            log.info("redis is up and holds the live state")
        self._is_up = self._was_tried = True

    def _went_down(self, away: StoreAway) -> None:
        if self._is_up or not self._was_tried:
            self.counters.outages += 1
            log.warning("redis is away; deciding from memory: %s", away)
        self._is_up = False
        self._was_tried = True
        self._work.set()
