"""The shared line's edge to Redis: keys, scripts, the channel; every failure is StoreAway.

`{hotline}:<namespace>:line` call_id -> "controller caller", `:alive:<controller>` there as long as
the controller gave a sign of life lately, `:told` how much was told, and the channel it is told on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from redis.exceptions import RedisError

from seats.redis_link import TELL_LUA, StoreAway, connect, or_away, prefix
from seats.shared_line import DEAD_AFTER_S, Beat, Change, Told

_QUIET_S = 1.0  # longest wait for a message before the link is asked whether it lives

# KEYS line, told; ARGV by, controller, then call_id and text of each, empty for one who left
_WRITE_LUA = (
    TELL_LUA
    + """
local by, controller = ARGV[1], ARGV[2]
for n = 3, #ARGV, 2 do
  local call_id, text = ARGV[n], ARGV[n + 1]
  if text ~= '' then
    redis.call('HSET', KEYS[1], call_id, controller .. ' ' .. text)
    tell(KEYS[2], by, 'join', controller .. ' ' .. call_id .. ' ' .. text)
  else
    local kept = redis.call('HGET', KEYS[1], call_id)
    if kept and string.sub(kept, 1, #controller + 1) == controller .. ' ' then
      redis.call('HDEL', KEYS[1], call_id)
      tell(KEYS[2], by, 'leave', controller .. ' ' .. call_id)
    end
  end
end
"""
)

# KEYS alive, told; ARGV by, controller
_DEPART_LUA = (
    TELL_LUA
    + """
redis.call('DEL', KEYS[1])
tell(KEYS[2], ARGV[1], 'end', ARGV[2])
"""
)


class RedisLine:
    """Implements seats.shared_line.LineStore; `close` at the end."""

    def __init__(self, url: str, *, namespace: str, controller: str, run_id: str) -> None:
        """`run_id`: what this run signs with."""
        self._redis = connect(url)
        self._ear = connect(url)
        begins = prefix(namespace)
        self._line, self._told = f"{begins}:line", f"{begins}:told"
        self._alive = f"{begins}:alive:"
        self._controller, self._by = controller, run_id
        self._write = self._redis.register_script(_WRITE_LUA)

    async def write(self, changes: Sequence[Change]) -> None:
        """Keep and tell them."""
        parts = [part for change in changes for part in (change.call_id, change.text or "")]
        args = [self._by, self._controller, *parts]
        await or_away(self._write(keys=[self._line, self._told], args=args))

    async def read(self) -> tuple[int, dict[str, tuple[str, str]]]:
        """How much was told so far, and call_id -> (controller, text)."""
        # The number first: what is told in between is then heard twice rather than never.
        pipe = self._redis.pipeline(transaction=True)
        pipe.get(self._told)
        pipe.hgetall(self._line)
        told, entries = await or_away(pipe.execute())
        kept: dict[str, tuple[str, str]] = {}
        for call_id, value in entries.items():
            controller, _, text = value.decode(errors="replace").partition(" ")
            kept[call_id.decode(errors="replace")] = (controller, text)
        return int(told or 0), kept

    async def beat(self, controllers: Iterable[str]) -> Beat:
        """Give a sign of life, and see which of these have."""
        names = list(controllers)
        pipe = self._redis.pipeline(transaction=False)
        pipe.set(self._alive + self._controller, self._by, px=int(DEAD_AFTER_S * 1000))
        pipe.get(self._told)
        pipe.mget([self._alive + name for name in names])
        _, told, signs = await or_away(pipe.execute())
        alive = (name for name, sign in zip(names, signs, strict=True) if sign is not None)
        return Beat(int(told or 0), frozenset(alive))

    async def listen(self, hear: Callable[[Told], None], ready: Callable[[], None]) -> None:
        """Hand on what is told until the link breaks."""
        ear = self._ear.pubsub(ignore_subscribe_messages=True)
        try:
            await or_away(ear.subscribe(self._told))
            ready()
            while True:
                message = await ear.get_message(timeout=_QUIET_S)
                if message is None:
                    await or_away(ear.ping())
                elif message["type"] == "message":
                    told = _told(message["data"])
                    if told is not None:
                        hear(told)
        except (RedisError, OSError) as error:
            raise StoreAway(f"{type(error).__name__}: {error}") from error
        finally:
            await ear.aclose()  # type: ignore[no-untyped-call]

    async def depart(self) -> None:
        """Tell the others at once that this controller ends."""
        keys = (self._alive + self._controller, self._told)
        await or_away(self._redis.eval(_DEPART_LUA, 2, *keys, self._by, self._controller))

    async def close(self) -> None:
        """Close the connections."""
        await or_away(self._redis.aclose())
        await or_away(self._ear.aclose())


def _told(data: bytes) -> Told | None:
    parts = data.decode(errors="replace").split(" ", 3)
    if len(parts) != 4 or not parts[0].isdigit():
        return None
    return Told(int(parts[0]), *parts[1:])
