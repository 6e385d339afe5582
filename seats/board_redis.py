"""The board's edge to Redis: keys, scripts and nothing else; every failure is StoreAway.

Keys, all in the slot of `{hotline}` so that a Redis Cluster can run the scripts:
`{hotline}:<namespace>:calls` call_id -> state, `:owners` call_id -> the controller that has it,
`:seats` number -> status, `:offers` call_id -> the seat that holds it, `:run:<id>` there as long
as this run's state is known to be in Redis, `:told` how many changes were told, and their channel.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from seats import board_scripts as scripts
from seats.board_memory import Batch
from seats.redis_link import StoreAway, connect, or_away, prefix
from seats.seat import SeatStatus
from seats.status_json import from_json, to_json

__all__ = ["RedisStore", "StoreAway", "Written"]

_RUN_EXPIRES_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Written:
    """What Redis said to a batch: whether it still knows this run, seats it has newer, and calls
    that another controller has taken over."""

    run_is_known: bool
    newer: tuple[SeatStatus, ...]
    lost: tuple[str, ...]


class RedisStore:
    """The calls and seats of one namespace in one Redis (unix:// or redis:// URL)."""

    def __init__(
        self,
        url: str,
        *,
        namespace: str,
        run: str,
        timeout_s: float,
        controller: str,
        tells: bool,
    ) -> None:
        self._redis = connect(url)
        self._timeout_s = timeout_s
        begins = prefix(namespace)
        self._calls, self._owners = f"{begins}:calls", f"{begins}:owners"
        self._seats, self._offers = f"{begins}:seats", f"{begins}:offers"
        self._told = f"{begins}:told"
        self._run_key = f"{begins}:run:{run}"
        self._run = run
        self._by = run if tells else ""
        self._controller = controller
        self._reserve = self._redis.register_script(scripts.RESERVE)

    async def write(self, batch: Batch) -> Written:
        """Writes the batch in one round trip; an empty one only asks whether Redis knows us."""
        pipe = self._redis.pipeline(transaction=False)
        pipe.expire(self._run_key, _RUN_EXPIRES_S)
        of_calls = (self._calls, self._owners, self._told, self._by, self._controller)
        if batch.dropped:
            pipe.eval(scripts.DROP_CALLS, 3, *of_calls, *batch.dropped)
        if batch.calls:
            pairs = [part for pair in batch.calls.items() for part in pair]
            pipe.eval(scripts.SAVE_CALLS, 3, *of_calls, *cast(list[str], pairs))
        if batch.seats:
            keys3 = (self._seats, self._offers, self._told)
            pipe.eval(scripts.SAVE_SEATS, 3, *keys3, self._by, *self._pairs(batch.seats))
        answers = await self._or_away(pipe.execute())
        newer = answers[-1] if batch.seats else []
        lost = answers[-2 if batch.seats else -1] if batch.calls else []
        return Written(
            run_is_known=bool(answers[0]),
            newer=tuple(_readable(newer)),
            lost=tuple(call_id.decode() for call_id in lost),
        )

    async def make_known(self) -> None:
        """All of this run's state is in Redis; should it vanish, `write` will say so."""
        await self._or_away(self._redis.set(self._run_key, "1", ex=_RUN_EXPIRES_S))

    async def reserve(
        self, reserved: SeatStatus, known: Sequence[SeatStatus]
    ) -> tuple[bool, SeatStatus | None]:
        """One atomic step; False with the status in the way: this seat's, or the call's holder's.

        `known`: what this run decided from and Redis may not have, the ready seat among it.
        """
        answer = await self._or_away(
            self._reserve(
                keys=[self._seats, self._offers, self._told],
                args=[
                    self._by,
                    reserved.number,
                    reserved.call_id or "",
                    to_json(reserved, by=self._run),
                    *self._pairs(known),
                ],
            )
        )
        newer = from_json(answer[1]) if len(answer) > 1 else None
        return bool(answer[0]), newer

    async def calls(self) -> dict[str, bytes]:
        """State of each call that this controller has, or nobody."""
        found = await self._or_away(self._redis.hgetall(self._calls))
        owners = await self._or_away(self._redis.hgetall(self._owners))
        own = self._controller.encode()
        return {
            call_id.decode(errors="replace"): state
            for call_id, state in found.items()
            if owners.get(call_id, own) == own
        }

    async def calls_of_others(self) -> dict[str, tuple[str, bytes]]:
        """Each call that another controller has: by call_id who has it, and its state."""
        pipe = self._redis.pipeline(transaction=True)
        pipe.hgetall(self._calls)
        pipe.hgetall(self._owners)
        states, owners = await self._or_away(pipe.execute())
        own = self._controller.encode()
        return {
            call_id.decode(errors="replace"): (owners[call_id].decode(errors="replace"), state)
            for call_id, state in states.items()
            if owners.get(call_id, own) != own
        }

    async def call_ids(self) -> set[str]:
        """Every call that any controller has."""
        found = await self._or_away(self._redis.hkeys(self._calls))
        return {call_id.decode(errors="replace") for call_id in found}

    async def not_mine(self, call_ids: Sequence[str]) -> list[str]:
        """Those of the calls that another controller has taken over."""
        if not call_ids:
            return []
        owners = await self._or_away(self._redis.hmget(self._owners, list(call_ids)))
        own = self._controller.encode()
        pairs = zip(call_ids, owners, strict=True)
        return [call_id for call_id, owner in pairs if owner not in (None, own)]

    async def claim(self, call_id: str) -> bytes | None:
        """Makes the call this controller's and tells the others; its state, or None."""
        keys = (self._calls, self._owners, self._told)
        asked = self._redis.eval(scripts.CLAIM, 3, *keys, self._by, self._controller, call_id)
        return cast(bytes | None, await self._or_away(asked))

    async def claim_all(self, of: str) -> dict[str, bytes]:
        """Makes every call of a dead controller this one's, and tells the others."""
        keys = (self._calls, self._owners, self._told)
        asked = self._redis.eval(scripts.CLAIM_ALL, 3, *keys, self._by, self._controller, of)
        found = await self._or_away(asked)
        pairs = zip(found[::2], found[1::2], strict=True)
        return {call_id.decode(errors="replace"): state for call_id, state in pairs}

    async def call(self, call_id: str) -> bytes | None:
        """One call's state, or None."""
        return cast(bytes | None, await self._or_away(self._redis.hget(self._calls, call_id)))

    async def seats(self) -> list[SeatStatus]:
        """Every seat's status that can be read."""
        found = await self._or_away(self._redis.hgetall(self._seats))
        return list(_readable(found.values()))

    async def close(self) -> None:
        """Closes the connections."""
        await self._or_away(self._redis.aclose())

    async def _or_away(self, asked: Any) -> Any:
        return await or_away(asked, self._timeout_s)

    def _pairs(self, statuses: Iterable[SeatStatus]) -> list[str]:
        return [arg for s in statuses for arg in (s.number, to_json(s, by=self._run))]


def _readable(texts: Iterable[bytes]) -> Iterable[SeatStatus]:
    return (status for status in map(from_json, texts) if status is not None)
