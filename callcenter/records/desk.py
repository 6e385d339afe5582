"""The records of calls at work: begun at the answer, saved as they are written, never lost.

A change is one line in a spool file before it is answered; the database takes it within a second,
or when it is back. What is not in the database yet is read from memory.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

import msgspec
import structlog

from callcenter.call import Call
from callcenter.records.form import Draft, RecordRefused, draft_of, filed, saved
from callcenter.records.taxonomy import Taxonomy
from reports import records
from reports.records import CallRecord, Filing
from reports.spool import Spool, abandoned, segments
from reports.store import DatabaseAway, Store

log = structlog.get_logger()

EVERY_S = 0.5
AWAY_S = 2.0  # between two tries of a database that is away
ASKED_S = 2.0  # how long the database may take while somebody waits
REMEMBERED = 500  # records that were read or written lately


class NoRecord(Exception):
    """No person has answered this call, or nobody knows it."""


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is spooled: a record, and its filing when it was filed with it."""

    record: CallRecord
    filing: Filing | None = None


_decode = msgspec.json.Decoder(Line).decode
_encode = msgspec.json.Encoder().encode


class Records:
    """One per process. Duties of the owner: run `run()` in a TaskGroup, `close()` at the end."""

    def __init__(
        self,
        store: Store,
        folder: Path,
        *,
        clock: Callable[[], datetime],
        taxonomy: Callable[[], Taxonomy],
    ) -> None:
        """`folder`: of the spool; `taxonomy`: as it is in force now."""
        self._store = store
        self._spool = Spool(folder)
        self._clock = clock
        self._taxonomy = taxonomy
        self._recent: OrderedDict[str, CallRecord] = OrderedDict()
        self._unsure: dict[str, Call] = {}  # answered, and perhaps known to the database already
        self._is_due = asyncio.Event()

    # --- at the answer ---

    def answered(self, call: Call, *, is_first: bool) -> None:
        """A seat has picked up this call: its record begins, or goes on with one seat more.

        `is_first`: nobody had picked it up before, so nobody can have begun its record.
        """
        seats = seats_of(call)
        known = self._recent.get(call.call_id)
        if not seats:
            return
        if known is not None:
            self._keep_seats(known, seats)
        elif is_first:
            self._begin(call, seats)
        else:
            self._unsure[call.call_id] = call
            self._is_due.set()

    def _begin(self, call: Call, seats: tuple[str, ...]) -> CallRecord:
        record = CallRecord(
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
        return self._keep(record)

    def _keep_seats(self, known: CallRecord, seats: tuple[str, ...]) -> None:
        all_seats = tuple(dict.fromkeys((*known.seats, *seats)))
        if all_seats != known.seats:
            self._keep(self._next(known, seats=all_seats))

    def is_filed(self, call_id: str) -> bool:
        """Whether the record of this call, worked at lately, is filed."""
        known = self._recent.get(call_id)
        return known is not None and known.is_filed

    def _next(self, known: CallRecord, **changes: object) -> CallRecord:
        now = self._clock()
        return msgspec.structs.replace(
            known, **{"revision": known.revision + 1, "changed_at": now, **changes}
        )

    # --- what lawyers do ---

    async def find(self, call_id: str) -> CallRecord:
        """The record as it is now. Raises NoRecord, or DatabaseAway when nobody here knows it."""
        near = self._recent.get(call_id)
        try:
            async with asyncio.timeout(ASKED_S):
                stored = await records.find(self._store, call_id)
        except (DatabaseAway, TimeoutError) as away:
            if near is None:
                raise DatabaseAway("nobody knows this record without the database") from away
            return near
        near = self._recent.get(call_id)
        newest = max(filter(None, (near, stored)), key=lambda one: one.revision, default=None)
        if newest is None:
            raise NoRecord(call_id)
        self._remember(newest)
        return newest

    async def save(self, call_id: str, draft: Draft, *, revision: int, by: str) -> CallRecord:
        """Write this down. Raises NoRecord, RecordRefused (`record_changed` when the revision is
        not that of the record), DatabaseAway.
        """
        record = await self._of_revision(call_id, revision)
        new = saved(record, draft, by=by, now=self._clock(), taxonomy=self._taxonomy())
        return record if new is record else self._keep(new)

    async def file(
        self, call_id: str, draft: Draft, *, revision: int, by: str, reason: str = ""
    ) -> CallRecord:
        """File it, or correct it for this reason. Raises as `save`."""
        record = await self._of_revision(call_id, revision)
        now, taxonomy = self._clock(), self._taxonomy()
        new, filing = filed(record, draft, by=by, now=now, reason=reason, taxonomy=taxonomy)
        return self._keep(new, filing)

    async def confirm_identity(self, call_id: str, *, by: str) -> CallRecord:
        """The lawyer asked who calls, and knows. Raises NoRecord, DatabaseAway."""
        record = await self.find(call_id)
        if record.identity_confirmed:
            return record
        return self._keep(self._next(record, identity_confirmed=True, changed_by=by))

    async def mark_urgent(self, call_id: str, *, by: str) -> None:
        """Somebody is in danger. A record that cannot be had is left: help comes first."""
        try:
            record = await self.find(call_id)
        except (NoRecord, DatabaseAway):
            log.error("the record of an emergency could not be marked", call_id=call_id)
            return
        if not record.urgent:
            self._keep(self._next(record, urgent=True, changed_by=by))

    async def filings(self, call_id: str) -> list[Filing]:
        """How the record was filed and corrected, in order. Raises DatabaseAway."""
        await self.drain()
        return await records.filings(self._store, call_id)

    async def _of_revision(self, call_id: str, revision: int) -> CallRecord:
        record = await self.find(call_id)
        if record.revision != revision:
            raise RecordRefused("record_changed", "工单已在别处修改，请核对后再保存。")
        return record

    # --- spool and database ---

    def _keep(self, record: CallRecord, filing: Filing | None = None) -> CallRecord:
        self._spool.append(_encode(Line(record, filing)))
        self._remember(record)
        self._is_due.set()
        return record

    def _remember(self, record: CallRecord) -> None:
        known = self._recent.get(record.call_id)
        if known is None or known.revision <= record.revision:
            self._recent[record.call_id] = record
        self._recent.move_to_end(record.call_id)
        while len(self._recent) > REMEMBERED:
            self._recent.popitem(last=False)

    async def run(self) -> None:
        """Bring what is written into the database, forever."""
        while True:
            self._is_due.clear()
            try:
                await self.drain()
                wait_s = 60.0  # what another process left behind is looked for now and then
            except DatabaseAway as away:
                log.warning("records wait in the spool", why=str(away))
                wait_s = AWAY_S
                self._is_due.clear()
            except Exception:
                log.exception("records could not be stored")
                wait_s = AWAY_S
            try:
                async with asyncio.timeout(wait_s):
                    await self._is_due.wait()
                await asyncio.sleep(EVERY_S)  # several changes are one transaction
            except TimeoutError:
                pass

    async def drain(self) -> None:
        """Take everything that is there now into the database. Raises DatabaseAway."""
        await self._settle_unsure()
        self._spool.flush()
        self._spool.rotate()
        paths, lines = _left(self._spool.folder)
        for line in lines:
            self._remember(line.record)
        if lines:
            newest: dict[str, CallRecord] = {}
            for line in sorted(lines, key=lambda one: one.record.revision):
                newest[line.record.call_id] = line.record
            filings = [line.filing for line in lines if line.filing]
            await records.put(self._store, newest.values(), filings)
        for path in paths:
            path.unlink(missing_ok=True)

    async def _settle_unsure(self) -> None:
        for call_id, call in tuple(self._unsure.items()):
            stored = await records.find(self._store, call_id)
            known = self._recent.get(call_id)
            del self._unsure[call_id]
            if stored is not None and (known is None or known.revision < stored.revision):
                self._remember(stored)
            self._settle(call)

    def _settle(self, call: Call) -> None:
        seats, known = seats_of(call), self._recent.get(call.call_id)
        if known is None:
            self._begin(call, seats)
        else:
            self._keep_seats(known, seats)

    async def close(self, *, within_s: float = 5.0) -> None:
        """Bring in what is left; what cannot be stays in the spool for the next start."""
        try:
            async with asyncio.timeout(within_s):
                await self.drain()
        except (TimeoutError, DatabaseAway, OSError):
            log.warning("records stay in the spool")
        self._spool.close()


def seats_of(call: Call) -> tuple[str, ...]:
    """The seats that picked up this call, or a leg of it, in their order."""
    rung = [(one.answered_at, one.seat) for one in call.attempts]
    rung += [(leg.answered_at, leg.seat or "") for leg in call.legs]
    came = sorted((at, seat) for at, seat in rung if at and seat)
    return tuple(dict.fromkeys(seat for _, seat in came))


def _left(folder: Path) -> tuple[list[Path], list[Line]]:
    """Segments that nobody writes any more, and what is in them."""
    paths: list[Path] = []
    lines: list[Line] = []
    for path in segments(folder):
        try:
            with abandoned(path) as is_abandoned:
                if is_abandoned:
                    lines += _read(path)
                    paths.append(path)
        except FileNotFoundError:
            continue  # another process was faster
    return paths, lines


def _read(path: Path) -> Iterable[Line]:
    for line in path.read_bytes().split(b"\n"):
        if not line:
            continue
        try:
            yield _decode(line)
        except msgspec.MsgspecError:
            # the torn last line of a full disk; the same change was written again after it
            log.error("a line of the records' spool cannot be read", segment=path.name)


__all__ = ["Draft", "NoRecord", "RecordRefused", "Records", "draft_of"]
