"""The nodes of one hotline as this controller sees them: a link to each Asterisk, and for which of
them it answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

import structlog

from callcenter.address import Address
from callcenter.asterisk import heard, recover
from callcenter.asterisk.ami import AmiClient, AmiFault
from callcenter.asterisk.protocol import AmiMessage
from callcenter.call.callback import node_of

log = structlog.get_logger()

USER = "hotline"


def stand_in(nodes: Sequence[str], gone: str, alive: Iterable[str]) -> str | None:
    """Who answers for a node whose controller is gone: the next one that lives, in their order."""
    lives = frozenset(alive)
    at = nodes.index(gone)
    return next((name for name in (*nodes[at + 1 :], *nodes[:at]) if name in lives), None)


class Nodes:
    """One per controller. `hear(news, node)` gets what an Asterisk tells, `on_up` is awaited with
    each new link.
    """

    def __init__(
        self,
        addresses: Mapping[str, Address],
        *,
        own: str,
        secret: str,
        hear: Callable[[heard.Heard, str], None],
        on_up: Callable[[], Awaitable[None]],
    ) -> None:
        """`addresses`: AMI of each node by name, in the nodes' order, `own` among them."""
        self.own_name = own
        self.names = tuple(addresses)
        self.hear_of_others: Callable[[heard.PhoneSeen, str], None] = lambda news, node: None
        """Gets what is told of telephones at nodes that others answer for."""
        self.alive = frozenset(self.names)
        """Controllers that live; all until something else is known."""
        self.links = {
            name: AmiClient(
                address.host,
                address.port,
                USER,
                secret,
                on_event=self._ear(name, hear),
                on_up=on_up,
                on_down=self._voice(name),
                keep=heard.WANTED,
            )
            for name, address in addresses.items()
        }

    def _ear(
        self, name: str, hear: Callable[[heard.Heard, str], None]
    ) -> Callable[[AmiMessage], None]:
        def take(message: AmiMessage) -> None:
            news = heard.translate(message, datetime.now(UTC))
            if news is None:
                return
            of_a_seat = isinstance(news, heard.PhoneSeen | heard.SeatWants)
            if not of_a_seat or self.answers_for(name):
                hear(news, name)
            elif isinstance(news, heard.PhoneSeen):
                self.hear_of_others(news, name)

        return take

    def _voice(self, name: str) -> Callable[[], None]:
        return lambda: log.warning("the link to Asterisk is down", node=name)

    @property
    def own(self) -> AmiClient:
        """The link to the Asterisk beside this controller."""
        return self.links[self.own_name]

    def of_call(self, call_id: str) -> AmiClient:
        """The link to the Asterisk that has the call."""
        return self.links.get(node_of(call_id), self.own)

    def answers_for(self, node: str) -> bool:
        """Whether this controller minds the seats of a node: its own, and those of the dead."""
        if node not in self.links or node == self.own_name:
            return True  # a name that is gone from nodes.yaml is everybody's
        if node in self.alive:
            return False
        return stand_in(self.names, node, self.alive) == self.own_name

    def tells_of(self, node: str) -> bool:
        """Whether what is at this node is this controller's to count, where figures of all of them
        are added up: as `answers_for`, and what is at none of them is the first one's.
        """
        if node in self.links:
            return self.answers_for(node)
        return self.own_name == next(
            (name for name in self.names if name in self.alive), self.own_name
        )

    async def snapshots(self) -> dict[str, recover.Snapshot]:
        """Every Asterisk that can be asked, now. Raises AmiFault when none of them can."""
        names = [name for name, link in self.links.items() if link.is_logged_in]
        found = await asyncio.gather(
            *(recover.snapshot(self.links[name]) for name in names), return_exceptions=True
        )
        seen: dict[str, recover.Snapshot] = {}
        for name, result in zip(names, found, strict=True):
            if isinstance(result, recover.Snapshot):
                seen[name] = result
            elif isinstance(result, AmiFault):
                log.warning("could not ask Asterisk", node=name, why=str(result))
            else:
                raise result
        return seen

    async def run(self) -> None:
        """Keep all links up, forever."""
        async with asyncio.TaskGroup() as tasks:
            for link in self.links.values():
                tasks.create_task(link.run())
