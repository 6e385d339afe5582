"""Everything about records of calls, built together: records, taxonomy, laws, pop, emergency."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from callcenter.call import Call
from callcenter.call.callback import node_of
from callcenter.emergency import Emergency
from callcenter.pop import Pops
from callcenter.record_watch import RecordWatch
from callcenter.records.desk import Records, seats_of
from callcenter.records.laws import LawsOfProvince
from callcenter.records.taxonomy_store import TaxonomyInForce
from callcenter.switchboard import Switchboard
from callcenter.web.feed import Feed
from reports.metrics import ZONE
from reports.store import Store


class DeskRecords:
    """Duties of the owner: `take_up` after the calls are restored, `run` in a task, `close`."""

    def __init__(
        self,
        house: Switchboard,
        store: Store,
        feed: Feed,
        *,
        home: Path,
        province: Callable[[], Path],
        is_shared: bool = False,
        minds: Callable[[str], bool] = lambda node: True,
    ) -> None:
        """`house`: with its dispatcher; `province`: the folder that is in force; `is_shared`:
        there are other controllers; `minds`: whether this one minds what is at a node.
        """
        self._minds = minds
        self._house = house
        self.taxonomy = TaxonomyInForce(store)
        self.records = Records(
            store,
            home / "records",
            clock=house.clock,
            taxonomy=lambda: self.taxonomy.now,
            is_shared=is_shared,
        )
        self.pops = Pops(
            store,
            self.records,
            calls=self._call,
            laws=LawsOfProvince(province, lambda: house.clock().astimezone(ZONE).date()).now,
            taxonomy=self.taxonomy,
            clock=house.clock,
        )
        self.emergency = Emergency(house, self.records, store, clock=house.clock)
        self.watch = RecordWatch(self.records, feed, house.dispatcher)
        house.watchers.append(self.watch)
        house.unsteered.watchers.append(self._unsteered)

    def _call(self, call_id: str) -> Call | None:
        session = self._house.sessions.get(call_id)
        return session.call if session else self._house.unsteered.calls.get(call_id)

    def _unsteered(self, before: Call | None, after: Call) -> None:
        if self._minds(node_of(after.call_id)):
            self.watch.unsteered(before, after)

    def take_up(self) -> None:
        """Calls of an earlier run that a person had answered: their records go on."""
        for session in self._house.sessions.values():
            if seats_of(session.call):
                self.records.answered(session.call, is_first=False)

    async def run(self) -> None:
        """Keep the records, forever."""
        await asyncio.gather(self.taxonomy.look(), self.records.run())

    async def close(self) -> None:
        """Bring in what is left."""
        await self.records.close()
