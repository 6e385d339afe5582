"""Each trunk as it is now: reached since when, channels on it, its last fault."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from callcenter.asterisk.heard import ChannelGone, Heard
from callcenter.call.call_out import MARK as CALLED_OUT
from callcenter.call.callback import callback_of
from callcenter.system.probe import Outcome, probe
from callcenter.system.standing import Standing
from sip_config.model import Trunk

FAULTS: Final = frozenset({3, 27, 34, 38, 41, 42, 44, 47, 50, 58, 63, 65, 79, 88, 102, 111, 127})
"""Causes of Q.850 that lay a hang-up to the network, not to who was called."""

_CHANNEL: Final = re.compile(r"PJSIP/(.+)-[0-9a-f]{8}")
Reach = Literal["answers", "silent", "refused", "unknown_host", "inbound_only", "not_known"]


@dataclass(frozen=True, slots=True)
class TrunkFault:
    """A channel that the network ended. `cause`: Q.850."""

    at: datetime
    cause: int
    node: str
    outward: bool


@dataclass(frozen=True, slots=True)
class Load:
    """Channels on a trunk: calls that came in, calls that were made."""

    came: int = 0
    made: int = 0


@dataclass(frozen=True, slots=True)
class TrunkNow:
    """One trunk. `used_at`: when a channel of it ended last, since this controller runs."""

    trunk: Trunk
    reach: Reach
    since: datetime
    load: Load
    used_at: datetime | None
    fault: TrunkFault | None


class Trunks:
    """One per controller."""

    def __init__(
        self,
        trunks: Callable[[], Iterable[Trunk]],
        *,
        from_host: str,
        every_s: float,
        clock: Callable[[], datetime],
    ) -> None:
        """`from_host`: where this node's SIP comes from; `every_s`: 0, never asked."""
        self._trunks = trunks
        self._from_host = from_host
        self.every_s = every_s
        self._standing = Standing(clock)
        self._reach: dict[str, Outcome] = {}
        self._faults: dict[str, TrunkFault] = {}
        self._used: dict[str, datetime] = {}

    def hear(self, news: Heard, node: str) -> None:
        """What an Asterisk tells."""
        if not isinstance(news, ChannelGone):
            return
        name = trunk_of(news.channel)
        if name is None or name not in {one.name for one in self._trunks()}:
            return
        self._used[name] = news.at
        if news.cause in FAULTS:
            outward = not came_in(news.unique_id, news.call_id)
            self._faults[name] = TrunkFault(news.at, news.cause, node, outward)

    def now(self, load: dict[str, Load]) -> list[TrunkNow]:
        """All trunks, in the order of their file. `load`: by name."""
        found = []
        for trunk in self._trunks():
            reach: Reach = self._reach.get(trunk.name, "not_known")
            if trunk.outbound is None:
                reach = "inbound_only"
            found.append(
                TrunkNow(
                    trunk=trunk,
                    reach=reach,
                    since=self._standing.note(trunk.name, reach),
                    load=load.get(trunk.name, Load()),
                    used_at=self._used.get(trunk.name),
                    fault=self._faults.get(trunk.name),
                )
            )
        return found

    async def run(self) -> None:
        """Ask the other ends again and again, forever."""
        while self.every_s:
            await self.look()
            await asyncio.sleep(self.every_s)

    async def look(self) -> None:
        """Ask every other end once."""
        asked = {one.name: one.outbound for one in self._trunks() if one.outbound}
        outcomes = await asyncio.gather(
            *(probe(outbound, from_host=self._from_host) for outbound in asked.values())
        )
        self._reach = dict(zip(asked, outcomes, strict=True))
        self.now({})  # since when, though nobody looks


def trunk_of(channel: str) -> str | None:
    """The endpoint in a channel's name (`PJSIP/demo-00000007`)."""
    found = _CHANNEL.fullmatch(channel)
    return found[1] if found else None


def came_in(unique_id: str, call_id: str) -> bool:
    """Whether a channel is a caller's own, and not one that the hotline made."""
    is_own = unique_id == call_id
    return is_own and callback_of(call_id) is None and CALLED_OUT not in call_id
