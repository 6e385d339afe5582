"""The records of calls at work: begun at the answer, saved as they are written, never lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import msgspec
import structlog

from callcenter.call import Call
from callcenter.records.form import Draft, RecordRefused, draft_of, filed, saved
from callcenter.records.shelf import Changed, NoRecord, NotKept, Shelf
from callcenter.records.taxonomy import Taxonomy
from reports import records
from reports.facts import Conversation
from reports.records import CallRecord, Filing
from reports.store import DatabaseAway, Store

log = structlog.get_logger()

EVERY_S = 0.5
AWAY_S = 2.0  # between two tries of a database that is away


class Records:
    """One per process. Duties of the owner: run `run()` in a TaskGroup, `close()` at the end."""

    def __init__(
        self,
        store: Store,
        folder: Path,
        *,
        clock: Callable[[], datetime],
        taxonomy: Callable[[], Taxonomy],
        is_shared: bool = False,
    ) -> None:
        """`folder`: of the spool; `taxonomy`: as it is in force now; `is_shared`: other
        controllers write records too.
        """
        self._store = store
        self._shelf = Shelf(store, folder, is_shared=is_shared)
        self._clock = clock
        self._taxonomy = taxonomy
        self._unsure: dict[str, CallRecord] = {}  # begun, and perhaps in the database already

    # --- at the answer ---

    def answered(self, call: Call, *, is_first: bool) -> None:
        """A seat has picked up this call: its record begins, or goes on with one seat more.

        `is_first`: nobody had picked it up before, so nobody can have begun its record.
        """
        if not seats_of(call):
            return
        begun = self._begun(call)
        known = self._shelf.near(call.call_id)
        if known is not None:
            self._keep_seats(known, begun.seats)
        elif is_first:
            self._shelf.keep(begun)
        if not is_first:
            self._make_sure(begun)

    def answered_unseen(self, facts: Conversation) -> None:
        """A seat has talked in this call while no controller was there: its record is open."""
        seats = seats_in(facts)
        if not seats or facts.answered_at is None:
            return
        begun = CallRecord(
            call_id=facts.call_id,
            revision=1,
            seat=seats[0],
            seats=seats,
            caller=facts.caller,
            city=facts.city,
            group=facts.group,
            answered_at=facts.answered_at,
            changed_at=self._clock(),
            changed_by=seats[0],
        )
        if self._shelf.near(facts.call_id) is None:
            self._shelf.keep(begun)  # on disk before the journal is done with
        self._make_sure(begun)

    def _make_sure(self, begun: CallRecord) -> None:
        """Another controller may know more of this record: look, as soon as the database can."""
        self._unsure[begun.call_id] = begun
        self._shelf.is_due.set()

    def _begun(self, call: Call) -> CallRecord:
        seats = seats_of(call)
        return CallRecord(
            call_id=call.call_id,
            revision=1,
            seat=seats[0],
            seats=seats,
            caller=call.caller,
            city=call.city,
            group=call.group,
            answered_at=call.answered_at or self._clock(),
            changed_at=self._clock(),
            changed_by=seats[0],
        )

    def _keep_seats(self, known: CallRecord, seats: tuple[str, ...]) -> None:
        all_seats = tuple(dict.fromkeys((*known.seats, *seats)))
        if all_seats != known.seats:
            self._shelf.keep(self._next(known, seats=all_seats))

    def is_filed(self, call_id: str) -> bool:
        """Whether the record of this call, worked at lately, is filed."""
        known = self._shelf.near(call_id)
        return known is not None and known.is_filed

    def _next(self, known: CallRecord, **changes: object) -> CallRecord:
        now = self._clock()
        return msgspec.structs.replace(
            known, **{"revision": known.revision + 1, "changed_at": now, **changes}
        )

    # --- what lawyers do ---

    async def find(self, call_id: str) -> CallRecord:
        """The record as it is now. Raises NoRecord, or DatabaseAway when nobody here knows it."""
        return await self._shelf.find(call_id)

    async def save(self, call_id: str, draft: Draft, *, revision: int, by: str) -> CallRecord:
        """Write this down. Raises NoRecord, RecordRefused (`record_changed` when the revision is
        not that of the record), DatabaseAway, NotKept.
        """
        record = await self._of_revision(call_id, revision)
        new = saved(record, draft, by=by, now=self._clock(), taxonomy=self._taxonomy())
        return record if new is record else await self._put(new, over=record)

    async def file(
        self, call_id: str, draft: Draft, *, revision: int, by: str, reason: str = ""
    ) -> CallRecord:
        """File it, or correct it for this reason. Raises as `save`."""
        record = await self._of_revision(call_id, revision)
        now, taxonomy = self._clock(), self._taxonomy()
        new, filing = filed(record, draft, by=by, now=now, reason=reason, taxonomy=taxonomy)
        return await self._put(new, filing, over=record)

    async def confirm_identity(self, call_id: str, *, by: str) -> CallRecord:
        """The lawyer asked who calls, and knows. Raises as `save`."""
        while True:
            record = await self.find(call_id)
            if record.identity_confirmed:
                return record
            new = self._next(record, identity_confirmed=True, changed_by=by)
            with suppress(Changed):  # of the new one this is true as well
                return await self._shelf.put(new, over=record)

    async def mark_urgent(self, call_id: str, *, by: str) -> None:
        """Somebody is in danger. A record that cannot be had is left: help comes first."""
        try:
            record = await self.find(call_id)
        except (NoRecord, DatabaseAway):
            log.error("the record of an emergency could not be marked", call_id=call_id)
            return
        if not record.urgent:
            self._shelf.keep(self._next(record, urgent=True, changed_by=by))

    async def filings(self, call_id: str) -> list[Filing]:
        """How the record was filed and corrected, in order. Raises DatabaseAway."""
        await self.drain()
        return await records.filings(self._store, call_id)

    async def _of_revision(self, call_id: str, revision: int) -> CallRecord:
        record = await self.find(call_id)
        if record.revision != revision:
            raise _changed()
        return record

    async def _put(
        self, new: CallRecord, filing: Filing | None = None, *, over: CallRecord
    ) -> CallRecord:
        try:
            return await self._shelf.put(new, filing, over=over)
        except Changed:
            raise _changed() from None

    # --- into the database ---

    async def run(self) -> None:
        """Bring what is written into the database, forever."""
        while True:
            self._shelf.is_due.clear()
            try:
                await self.drain()
                wait_s = 60.0  # what another process left behind is looked for now and then
            except DatabaseAway as away:
                log.warning("records wait in the spool", why=str(away))
                wait_s = AWAY_S
                self._shelf.is_due.clear()
            except Exception:
                log.exception("records could not be stored")
                wait_s = AWAY_S
                self._shelf.is_due.clear()
            try:
                async with asyncio.timeout(wait_s):
                    await self._shelf.is_due.wait()
                await asyncio.sleep(EVERY_S)  # several changes are one transaction
            except TimeoutError:
                pass

    async def drain(self) -> None:
        """Take everything that is there now into the database. Raises DatabaseAway."""
        try:
            await self._settle_unsure()
        finally:
            await self._shelf.drain()

    async def _settle_unsure(self) -> None:
        for call_id, begun in tuple(self._unsure.items()):
            stored = await records.find(self._store, call_id)
            known = self._shelf.near(call_id)
            if stored is not None and (known is None or known.revision <= stored.revision):
                self._shelf.remember(stored)
                known = stored
            if self._unsure.get(call_id) is begun:
                del self._unsure[call_id]
            if known is None:
                self._shelf.keep(begun)
            else:
                self._keep_seats(known, begun.seats)

    async def close(self, *, within_s: float = 5.0) -> None:
        """Bring in what is left; what cannot be stays in the spool for the next start."""
        with suppress(DatabaseAway, TimeoutError):
            async with asyncio.timeout(within_s):
                await self._settle_unsure()
        for call_id, begun in self._unsure.items():
            if self._shelf.near(call_id) is None:
                self._shelf.keep(begun)
        await self._shelf.close(within_s=within_s)


def _changed() -> RecordRefused:
    return RecordRefused("record_changed", "工单已在别处修改，请核对后再保存。")


def seats_of(call: Call) -> tuple[str, ...]:
    """The seats that picked up this call, or a leg of it, in their order."""
    rung = [(one.answered_at, one.seat) for one in call.attempts]
    rung += [(leg.answered_at, leg.seat or "") for leg in call.legs]
    came = sorted((at, seat) for at, seat in rung if at and seat)
    return tuple(dict.fromkeys(seat for _, seat in came))


def seats_in(facts: Conversation) -> tuple[str, ...]:
    """As `seats_of`, of a call that is over."""
    came = sorted((one.answered_at, one.seat) for one in facts.attempts if one.answered_at)
    return tuple(dict.fromkeys(seat for _, seat in came))


__all__ = ["Draft", "NoRecord", "NotKept", "RecordRefused", "Records", "draft_of"]
