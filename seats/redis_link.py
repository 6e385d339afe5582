"""How this package asks Redis: one client, one deadline for each command, one way to fail."""

from __future__ import annotations

import asyncio
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

TIMEOUT_S = 1.0  # a Redis that hangs is given up this soon

TELL_LUA = """
-- to the other controllers: numbered, so that who missed one knows; by '' nobody listens
local function tell(told, by, kind, text)
  if by == '' then return end
  redis.call('PUBLISH', told, redis.call('INCR', told) .. ' ' .. by .. ' ' .. kind .. ' ' .. text)
end
"""


class StoreAway(Exception):
    """Redis did not do it: gone, hanging, loading or refusing. Try again later."""

    retryable = True


def connect(url: str) -> Redis:
    """A client for a unix:// or redis:// URL; nothing is opened yet.

    One try per command: who asks tries again, and must notice every lost connection. No socket
    timeouts, but one deadline round each command (`or_away`): redis-py 8.1 sends under
    asyncio.wait_for, which on Python 3.11 can swallow a cancellation, and costs a task.
    """
    client: Redis = Redis.from_url(
        url, socket_timeout=None, socket_connect_timeout=None, retry=Retry(NoBackoff(), 0)
    )
    return client


def prefix(namespace: str) -> str:
    """How the keys of one hotline begin, all in one slot so that a Redis Cluster runs scripts."""
    return f"{{hotline}}:{namespace}"


async def or_away(asked: Any, timeout_s: float = TIMEOUT_S) -> Any:
    """What Redis answers; StoreAway for every way not to."""
    try:
        async with asyncio.timeout(timeout_s):
            return await asked
    except (RedisError, OSError, TimeoutError) as error:
        raise StoreAway(f"{type(error).__name__}: {error}") from error
