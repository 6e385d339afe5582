"""Where records are kept: in a spool file first, from there in the database, and in memory.

A change is one line in the spool before it is answered; the database takes it within a second, or
when it is back. What is not in the database yet is read from memory.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import msgspec
import structlog

from callcenter.records.form import joined
from reports import records
from reports.drain import put_aside
from reports.records import CallRecord, Filing
from reports.spool import Spool, abandoned, segments
from reports.store import DatabaseAway, Store, is_refusal

log = structlog.get_logger()

ASKED_S = 2.0  # how long the database may take while somebody waits
REMEMBERED = 500  # records that were read or written lately
MOST_SEGMENTS = 50  # taken into the database at once, each held open meanwhile


class NoRecord(Exception):
    """No person has answered this call, or nobody knows it."""


class Changed(Exception):
    """Another controller has written this record since it was read."""


class NotKept(Exception):
    """Neither the disk nor the database takes it now: the page keeps it and tries again."""


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is spooled: a record, and its filing when it was filed with it."""

    record: CallRecord
    filing: Filing | None = None


_decode = msgspec.json.Decoder(Line).decode
_encode = msgspec.json.Encoder().encode


class Shelf:
    """One per process."""

    def __init__(self, store: Store, folder: Path, *, is_shared: bool = False) -> None:
        """`folder`: of the spool. What an earlier run left there is known at once.
        `is_shared`: other controllers write records too.
        """
        self._store = store
        self._is_shared = is_shared
        self._spool = Spool(folder)
        self._recent: OrderedDict[str, CallRecord] = OrderedDict()
        self._waiting: dict[str, CallRecord] = {}  # the newest that the database has not taken yet
        self._draining = asyncio.Lock()
        self.is_due = asyncio.Event()
        for path in segments(folder):
            for line in _read(path):
                self._wait(line.record)

    # --- one record ---

    def near(self, call_id: str) -> CallRecord | None:
        """As memory knows it: written or read lately."""
        return self._recent.get(call_id) or self._waiting.get(call_id)

    async def find(self, call_id: str) -> CallRecord:
        """The record as it is now. Raises NoRecord, or DatabaseAway when nobody here knows it."""
        try:
            async with asyncio.timeout(ASKED_S):
                stored = await records.find(self._store, call_id)
        except (DatabaseAway, TimeoutError) as away:
            near = self.near(call_id)
            if near is None:
                raise DatabaseAway("nobody knows this record without the database") from away
            return near
        near = self.near(call_id)
        newest = max(filter(None, (near, stored)), key=lambda one: one.revision, default=None)
        if newest is None:
            raise NoRecord(call_id)
        self.remember(newest)
        return newest

    def keep(self, record: CallRecord) -> CallRecord:
        """Keep what nobody waits for; while the disk refuses it, in memory."""
        self._spool.append(_encode(Line(record)))
        self._wait(record)
        self.is_due.set()
        return record

    async def put(
        self, record: CallRecord, filing: Filing | None = None, *, over: CallRecord
    ) -> CallRecord:
        """Keep what somebody was told to be kept: on the disk, or else in the database.

        Where other controllers write records too, in the database in place of `over`, and on the
        disk only while it is away. Raises Changed or NotKept; then the record is as it was.
        """
        if self._is_shared and await self._swap(record, filing, over):
            return record
        before = self.near(record.call_id)
        self._wait(record)  # at once: another saving meanwhile is of an older revision
        if not self._spool.add(_encode(Line(record, filing))):
            log.error("the disk takes no record", call_id=record.call_id)
            await self._put_past_the_disk(record, filing, before)
        self.is_due.set()
        return record

    async def _swap(self, record: CallRecord, filing: Filing | None, over: CallRecord) -> bool:
        """Whether the database has it now; False while it is away. Raises Changed."""
        try:
            async with asyncio.timeout(ASKED_S):
                if record.call_id in self._waiting:
                    await self.drain()
                is_taken = await records.swap(self._store, record, over=over, filing=filing)
        except (DatabaseAway, TimeoutError):
            return False
        if not is_taken:
            self._forget(record.call_id)
            raise Changed(record.call_id)
        self.remember(record)
        return True

    async def _put_past_the_disk(
        self, record: CallRecord, filing: Filing | None, before: CallRecord | None
    ) -> None:
        try:
            async with asyncio.timeout(ASKED_S):
                await records.put(self._store, [record], [filing] if filing else [])
        except (DatabaseAway, TimeoutError) as away:
            if self.near(record.call_id) is record:
                self._waiting.pop(record.call_id, None)
                self._recent.pop(record.call_id, None)
                if before is not None:
                    self._wait(before)
            raise NotKept from away
        self._stored([record])

    def remember(self, record: CallRecord) -> None:
        """It is as new as any that is known."""
        known = self.near(record.call_id)
        if known is None or known.revision <= record.revision:
            self._recent[record.call_id] = record
            self._recent.move_to_end(record.call_id)
        while len(self._recent) > REMEMBERED:
            self._recent.popitem(last=False)

    def _forget(self, call_id: str) -> None:
        """What is in the database counts."""
        self._recent.pop(call_id, None)
        self._waiting.pop(call_id, None)

    def _wait(self, record: CallRecord) -> None:
        waiting = self._waiting.get(record.call_id)
        if waiting is None or waiting.revision <= record.revision:
            self._waiting[record.call_id] = record
        self.remember(record)

    # --- spool and database ---

    async def drain(self) -> None:
        """Take everything that is there now into the database. Raises DatabaseAway."""
        async with self._draining:
            self._spool.flush()
            await records.find(self._store, "")  # away: no new segment for each try
            self._spool.rotate()
            while await self._drain_some():
                pass

    async def _drain_some(self) -> bool:
        with _left(self._spool.folder) as paths:
            lines = [line for path in paths for line in _read(path, aside=True)]
            try:
                await self._store_lines(lines)
            except DatabaseAway:
                raise
            except Exception as error:
                if not is_refusal(error):
                    raise
                await self._store_singly(lines)
            for path in paths:
                path.unlink(missing_ok=True)
        return len(paths) == MOST_SEGMENTS

    async def _store_lines(self, lines: Sequence[Line]) -> None:
        newest: dict[str, CallRecord] = {}
        for line in sorted(lines, key=lambda one: one.record.revision):
            newest[line.record.call_id] = line.record
        if newest:
            filings = [line.filing for line in lines if line.filing]
            await records.put(self._store, newest.values(), filings)
            self._stored(newest.values())
            if self._is_shared:
                await self._join_forks(newest)

    async def _join_forks(self, ours: Mapping[str, CallRecord]) -> None:
        """Where another controller had stored a record before us, add to it what only ours has."""
        for call_id, stored in (await records.of_calls(self._store, ours.keys())).items():
            both = joined(stored, ours[call_id])
            if both is not stored:
                self._forget(call_id)
                self.keep(both)

    async def _store_singly(self, lines: Sequence[Line]) -> None:
        """One that the database will not have must not hold up the others."""
        for line in lines:
            try:
                await self._store_lines([line])
            except DatabaseAway:
                raise
            except Exception as error:
                if not is_refusal(error):
                    raise
                log.error("the database refuses a record", call_id=line.record.call_id)
                put_aside(self._spool.folder, "", _encode(line), type(error).__name__)

    def _stored(self, taken: Iterable[CallRecord]) -> None:
        for record in taken:
            waiting = self._waiting.get(record.call_id)
            if waiting is not None and waiting.revision <= record.revision:
                del self._waiting[record.call_id]

    async def close(self, *, within_s: float = 5.0) -> None:
        """Bring in what is left; what cannot be stays in the spool for the next start."""
        try:
            async with asyncio.timeout(within_s):
                await self.drain()
        except (TimeoutError, DatabaseAway, OSError):
            log.warning("records stay in the spool")
        self._spool.close()


@contextmanager
def _left(folder: Path) -> Iterator[list[Path]]:
    """Segments that nobody writes any more, the oldest first; nobody else has them meanwhile."""
    with ExitStack() as held:
        paths: list[Path] = []
        for path in segments(folder):
            try:
                if held.enter_context(abandoned(path)):
                    paths.append(path)
            except FileNotFoundError:
                continue  # another process was faster
            if len(paths) == MOST_SEGMENTS:
                break
        yield paths


def _read(path: Path, *, aside: bool = False) -> Iterator[Line]:
    """Lines of a segment; `aside`: those that cannot be read are kept elsewhere."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return
    for line in data.split(b"\n"):
        if not line:
            continue
        try:
            yield _decode(line)
        except msgspec.MsgspecError:
            # the torn last line of a full disk; the same change was written again after it
            log.error("a line of the records' spool cannot be read", segment=path.name)
            if aside:
                with suppress(OSError):
                    put_aside(path.parent, path.name, line, "cannot be read")
