"""Which page has which telephone, for all controllers: the edge to Redis.

`{hotline}:<namespace>:desks` number -> what is kept of the desk there, as JSON with its `key`;
changes are told like those of seats (`desk`, number and text; no text: nobody sits there any more).
"""

from __future__ import annotations

from typing import Any, cast

from seats.redis_link import TELL_LUA, connect, or_away, prefix

# KEYS desks, told; ARGV by, number, text, the key it takes the place of. Back: what is in the way.
_KEEP_LUA = (
    TELL_LUA
    + """
local old = redis.call('HGET', KEYS[1], ARGV[2])
local held = old and cjson.decode(old).key or ''
if held ~= '' and held ~= ARGV[4] and held ~= cjson.decode(ARGV[3]).key then return old end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
tell(KEYS[2], ARGV[1], 'desk', ARGV[2] .. ' ' .. ARGV[3])
return false
"""
)

# KEYS desks, told; ARGV by, number, key
_DROP_LUA = (
    TELL_LUA
    + """
local old = redis.call('HGET', KEYS[1], ARGV[2])
if old and cjson.decode(old).key == ARGV[3] then
  redis.call('HDEL', KEYS[1], ARGV[2])
  tell(KEYS[2], ARGV[1], 'desk', ARGV[2] .. ' ')
end
"""
)

_SAY_LUA = TELL_LUA + "tell(KEYS[1], ARGV[1], ARGV[2], ARGV[3])"


class RedisDesks:
    """Every method may raise StoreAway; `close` at the end."""

    def __init__(self, url: str, *, namespace: str, run_id: str) -> None:
        """`run_id`: what this run signs with."""
        self._redis = connect(url)
        begins = prefix(namespace)
        self._desks, self._told, self._by = f"{begins}:desks", f"{begins}:told", run_id

    async def keep(self, number: str, text: str, *, over: str) -> str | None:
        """Keep and tell it; what is in the way instead, when a desk with another key than `over`
        is there.
        """
        keys = (self._desks, self._told)
        asked = self._redis.eval(_KEEP_LUA, 2, *keys, self._by, number, text, over)
        found = cast(bytes | None, await or_away(asked))
        return None if found is None else found.decode(errors="replace")

    async def drop(self, number: str, *, key: str) -> None:
        """Nobody sits there any more, if this page did."""
        keys = (self._desks, self._told)
        await or_away(self._redis.eval(_DROP_LUA, 2, *keys, self._by, number, key))

    async def all(self) -> dict[str, str]:
        """Every desk by number."""
        found: Any = await or_away(self._redis.hgetall(self._desks))
        return {number.decode(): text.decode(errors="replace") for number, text in found.items()}

    async def say(self, kind: str, text: str) -> None:
        """Tell the other controllers something that is not kept."""
        await or_away(self._redis.eval(_SAY_LUA, 1, self._told, self._by, kind, text))

    async def close(self) -> None:
        """Close the connection."""
        await or_away(self._redis.aclose())
