"""The board's edge to Redis: keys, scripts and nothing else; every failure is StoreAway.

Keys, all in the slot of `{hotline}` so that a Redis Cluster can run the scripts:
`{hotline}:<namespace>:calls` call_id -> state, `:seats` number -> status, `:offers` call_id ->
the seat that holds it, `:run:<id>` there as long as this run's state is known to be in Redis.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from seats.board_memory import Batch
from seats.seat import SeatStatus
from seats.status_json import from_json, to_json

_RUN_EXPIRES_S = 24 * 3600

_SAVE_LUA = """
local function status(number)
  local text = redis.call('HGET', KEYS[1], number)
  if not text then return nil end
  local ok, found = pcall(cjson.decode, text)
  return ok and type(found) == 'table' and tonumber(found.version) and found or nil
end
-- newest wins; of two runs that made the same version, the first
local function save(number, text)
  local new, old = cjson.decode(text), status(number)
  if old and (old.version > new.version or (old.version == new.version and old.by ~= new.by)) then
    return false
  end
  if old and old.call_id and old.call_id ~= new.call_id
      and redis.call('HGET', KEYS[2], old.call_id) == number then
    redis.call('HDEL', KEYS[2], old.call_id)
  end
  if new.call_id then redis.call('HSET', KEYS[2], new.call_id, number) end
  redis.call('HSET', KEYS[1], number, text)
  return true
end
"""

_SAVE_SEATS_LUA = (
    _SAVE_LUA
    + """
-- told back: what another run made; what is newer by this run is a reservation that overtook us
local newer = {}
for n = 1, #ARGV, 2 do
  if not save(ARGV[n], ARGV[n + 1])
      and status(ARGV[n]).by ~= cjson.decode(ARGV[n + 1]).by then
    newer[#newer + 1] = redis.call('HGET', KEYS[1], ARGV[n])
  end
end
return newer
"""
)

_RESERVE_LUA = (
    _SAVE_LUA
    + """
local number, call_id, reserved = ARGV[1], ARGV[2], ARGV[3]
-- what the caller decided from may not have been written yet: it comes along
for n = 4, #ARGV, 2 do save(ARGV[n], ARGV[n + 1]) end
local seat = status(number)
if seat.state ~= 'ready' or seat.version + 1 ~= cjson.decode(reserved).version then
  return {0, redis.call('HGET', KEYS[1], number)}
end
local holder = redis.call('HGET', KEYS[2], call_id)
local held = holder and holder ~= number and status(holder)
if held and held.call_id == call_id then
  local time = redis.call('TIME')
  local now_ms = time[1] * 1000 + time[2] / 1000
  if not (held.lease_until_ms and held.lease_until_ms <= now_ms) then
    return {0, redis.call('HGET', KEYS[1], holder)}
  end
end
save(number, reserved)
return {1}
"""
)


class StoreAway(Exception):
    """Redis did not do it: gone, hanging, loading or refusing. Try again later."""

    retryable = True


@dataclass(frozen=True, slots=True)
class Written:
    """What Redis said to a batch: whether it still knows this run, and seats it has newer."""

    run_is_known: bool
    newer: tuple[SeatStatus, ...]


class RedisStore:
    """The calls and seats of one namespace in one Redis (unix:// or redis:// URL)."""

    def __init__(self, url: str, *, namespace: str, run: str, timeout_s: float) -> None:
        # One try per command: the board itself tries again, and must notice every lost connection.
        # No socket timeouts, but one round each command (`_or_away`): redis-py 8.1 sends under
        # asyncio.wait_for, which on Python 3.11 can swallow a cancellation, and costs a task.
        self._redis: Redis = Redis.from_url(
            url,
            socket_timeout=None,
            socket_connect_timeout=None,
            retry=Retry(NoBackoff(), 0),
        )
        self._timeout_s = timeout_s
        prefix = f"{{hotline}}:{namespace}"
        self._calls = f"{prefix}:calls"
        self._seats = f"{prefix}:seats"
        self._offers = f"{prefix}:offers"
        self._run_key = f"{prefix}:run:{run}"
        self._run = run
        self._reserve = self._redis.register_script(_RESERVE_LUA)

    async def write(self, batch: Batch) -> Written:
        """Writes the batch in one round trip; an empty one only asks whether Redis knows us."""
        pipe = self._redis.pipeline(transaction=False)
        pipe.expire(self._run_key, _RUN_EXPIRES_S)
        if batch.calls:
            pipe.hset(self._calls, mapping=cast(dict[Any, Any], batch.calls))
        if batch.dropped:
            pipe.hdel(self._calls, *batch.dropped)
        if batch.seats:
            pairs = self._pairs(batch.seats)
            pipe.eval(_SAVE_SEATS_LUA, 2, self._seats, self._offers, *pairs)
        answers = await self._or_away(pipe.execute())
        newer = answers[-1] if batch.seats else []
        return Written(run_is_known=bool(answers[0]), newer=tuple(_readable(newer)))

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
                keys=[self._seats, self._offers],
                args=[
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
        """Every call's state."""
        found = await self._or_away(self._redis.hgetall(self._calls))
        return {call_id.decode(errors="replace"): state for call_id, state in found.items()}

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
        try:
            async with asyncio.timeout(self._timeout_s):
                return await asked
        except (RedisError, OSError, TimeoutError) as error:
            raise StoreAway(f"{type(error).__name__}: {error}") from error

    def _pairs(self, statuses: Iterable[SeatStatus]) -> list[str]:
        return [arg for s in statuses for arg in (s.number, to_json(s, by=self._run))]


def _readable(texts: Iterable[bytes]) -> Iterable[SeatStatus]:
    return (status for status in map(from_json, texts) if status is not None)
