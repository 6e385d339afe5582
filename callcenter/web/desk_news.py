"""What a desk's page hears on its stream: `desk` when its place changes, `desk_lost` when another
page takes it over.
"""

from __future__ import annotations

import asyncio

import structlog

from callcenter.desk_house import DeskHouse
from callcenter.desks import Desk
from callcenter.web.desk import desk_answer
from callcenter.web.desk_models import DeskLost
from callcenter.web.feed import Audience, Feed

log = structlog.get_logger(__name__)


class DeskNews:
    """Publishes; one per process."""

    def __init__(self, feed: Feed, house: DeskHouse) -> None:
        """Listen to the house from now on."""
        self._feed = feed
        self._house = house
        self._tasks: set[asyncio.Task[None]] = set()
        house.on_change = self.tell
        house.desks.on_taken = self.taken

    def tell(self, number: str) -> None:
        """Something is different at this telephone."""
        task = asyncio.get_running_loop().create_task(self._tell(number))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def taken(self, desk: Desk) -> None:
        """This page has lost its desk."""
        lost = DeskLost(desk=desk.key, seat=desk.number)
        self._feed.publish("desk_lost", lost, to=Audience(seat=desk.number))

    async def _tell(self, number: str) -> None:
        desk = self._house.desks.at(number)
        if desk is None:
            return
        try:
            answer = await desk_answer(self._house, number, desk=desk)
        except Exception:
            log.exception("a desk was not told", number=number)
            return
        self._feed.publish("desk", answer, to=Audience(seat=number))
