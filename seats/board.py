"""The board: live calls and seats, kept in memory and written behind to Redis.

`save_*` and `drop_call` never wait and never fail: one flusher writes each key's newest value.
Without Redis everything is decided from memory; when Redis is back, perhaps empty, all of it is
written again. A crash loses at most what was saved within the last few milliseconds.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from seats.board_link import BoardCounters, BoardLink
from seats.board_memory import BoardMemory
from seats.board_redis import RedisStore
from seats.seat import SeatStatus
from seats.status_json import from_json

_TIMEOUT_S = 1.0  # a Redis that hangs is given up this soon
_MOST_DROPPED = 100_000  # ended calls remembered for a Redis that is away


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
        store: RedisStore | None = None
        if redis_url is not None:
            store = RedisStore(
                redis_url,
                namespace=namespace,
                run=self.run_id,
                timeout_s=_TIMEOUT_S,
                controller=controller,
                tells=tells,
            )
        self._link = BoardLink(
            store, self._memory, self.counters, adopt=self._adopt, lose=self._lose
        )
        self._is_alone = store is None
        self._asking = asyncio.Lock()  # one reservation at a time: no race in here, one connection

    @property
    def is_up(self) -> bool:
        """Whether Redis has everything but the last few saves; always False without a URL."""
        return self._link.is_up

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
        self._link.wake()

    def drop_call(self, call_id: str) -> None:
        """The call is over and its facts are written: forget it."""
        self._memory.drop_call(call_id)
        self._link.wake()

    def save_seat(self, status: SeatStatus) -> None:
        """Keeps a seat's status unless a newer version is known (see `seats`)."""
        if self._memory.save_seat(status):
            self._link.wake()
        else:
            self.counters.late_saves += 1

    async def load_calls(self) -> dict[str, bytes]:
        """This controller's live calls by id, of this run and earlier ones."""
        stored = await self._link.ask(lambda store: store.calls()) or {}
        for call_id, state in stored.items():
            self._found(call_id, state)
        return dict(self._memory.calls)

    async def load_call(self, call_id: str) -> bytes | None:
        """One call's state, or None; asks Redis only when it is not known here."""
        known = self._memory.calls.get(call_id)
        if known is None and not self._memory.is_dropped(call_id):
            self._found(call_id, await self._link.ask(lambda store: store.call(call_id)))
        return self._memory.calls.get(call_id)

    async def call_ids(self) -> set[str]:
        """Every live call of every controller; only our own without Redis."""
        return {*self._memory.calls, *(await self._link.ask(lambda store: store.call_ids()) or ())}

    async def calls_of_others(self) -> dict[str, tuple[str, bytes]] | None:
        """Other controllers' live calls: who has each, and its state; None without Redis."""
        return await self._link.ask(lambda store: store.calls_of_others())

    async def claim(self, call_id: str) -> bytes | None:
        """Makes a call ours, whoever had it: its state, or None when nobody knows it.

        Its old controller hears of it and lets go. Without Redis only what is known here is found.
        """
        self._found(call_id, await self._link.ask(lambda store: store.claim(call_id)))
        return self._memory.calls.get(call_id)

    async def claim_all(self, of: str) -> dict[str, bytes]:
        """Makes every call of a dead controller ours; none while Redis is away."""
        taken = await self._link.ask(lambda store: store.claim_all(of)) or {}
        for call_id, state in taken.items():
            self._found(call_id, state)
        return taken

    async def load_seats(self) -> dict[str, SeatStatus]:
        """Every seat's newest status, of this run and of others on the same Redis."""
        for status in await self._link.ask(lambda store: store.seats()) or ():
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
        for call_id in await self._link.ask(lambda store: store.not_mine(known)) or ():
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
        await self._link.flush()

    async def run(self) -> None:
        """Writes behind for ever; cancel to stop."""
        await self._link.run()

    async def flush(self) -> bool:
        """Writes all that is unwritten now; False when Redis is away."""
        return await self._link.flush()

    async def close(self) -> None:
        """Writes what is left, if Redis is there, and closes."""
        await self._link.close()

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
        if self._is_alone:
            return True
        if self.is_up:
            known = [*self._memory.unwritten_seats(), ready]
            answer = await self._link.ask(lambda store: store.reserve(reserved, known))
            if answer is not None:
                granted, newer = answer
                self._adopt(newer)
                return granted
        self.counters.decided_alone += 1
        return True

    def _adopt(self, newer: SeatStatus | None) -> None:
        if newer is None or newer == self._memory.seats.get(newer.number):
            return
        if self._memory.adopt(newer):
            self.counters.adopted += 1
            self.on_seat(newer)

    def _lose(self, call_id: str) -> None:
        if self._memory.forget_call(call_id):
            self.on_lost(call_id)
