"""Spool to database: the reading end. Nothing leaves the spool before it is committed."""

import asyncio
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import structlog

from reports.facts import Conversation, FactFault
from reports.spool import Spool, abandoned, segments
from reports.store import DatabaseAway, Store, is_refusal

_CHUNK_BYTES = 64 << 10  # one batch: some 60 records, so that the event loop is held for little
_LONGEST_WAIT_S = 2.0
REFUSED = "refused.jsonl"

log = structlog.get_logger()


@dataclass(slots=True)
class DrainCounts:
    """Since the start; for /metrics."""

    drained: int = 0  # records taken into the database, or found older than what it has
    refused: int = 0  # records put aside in the refused file
    failures: int = 0  # times the database was away


class Drainer:
    """Moves records from a spool folder into the database, segment by segment.

    Duties of the owner: run `run()` in a TaskGroup; after the last `append`, and before the
    store is closed, await `close()`.
    """

    def __init__(
        self, folder: Path, store: Store, *, spool: Spool | None = None, every_s: float = 1.0
    ) -> None:
        self.folder = folder
        self.counts = DrainCounts()
        self.is_up = True  # whether the database took what was last offered
        self._store = store
        self._spool = spool  # the writer in this process, if any: asked to flush and rotate
        self._every_s = every_s
        self._offsets: dict[Path, int] = {}  # bytes drained of each segment

    async def run(self) -> None:
        """Drain forever. A database that is away is waited for; no fault ends this task."""
        wait_s = self._every_s
        while True:
            try:
                await self.drain()
                wait_s = self._every_s
            except DatabaseAway as away:
                wait_s = min(wait_s * 2, _LONGEST_WAIT_S)
                log.warning("facts wait in the spool", why=str(away), wait_s=wait_s)
            except Exception:
                wait_s = min(wait_s * 2, _LONGEST_WAIT_S)
                log.exception("draining the spool failed", wait_s=wait_s)
            await asyncio.sleep(wait_s)

    async def close(self, *, within_s: float = 5.0) -> bool:
        """Drain what is left; False when it stays in the spool for the next start."""
        try:
            async with asyncio.timeout(within_s):
                await self.drain()
        except (TimeoutError, DatabaseAway, OSError):
            return False
        return self.behind_bytes() == 0

    def behind_bytes(self) -> int:
        """Bytes that are spooled and not yet in the database."""
        return sum(
            max(_size(path) - self._offsets.get(path, 0), 0) for path in segments(self.folder)
        )

    async def drain(self) -> int:
        """Take everything that is there now; the number of records. Raises DatabaseAway."""
        if self._spool is not None:
            self._spool.flush()
            self._spool.rotate_if_due()
        taken = 0
        try:
            for path in segments(self.folder):
                taken += await self._drain_segment(path)
        except DatabaseAway:
            self.counts.failures += 1
            self.is_up = False
            raise
        self.is_up = True
        return taken

    async def _drain_segment(self, path: Path) -> int:
        taken = 0
        while lines := _lines(path, self._offsets.get(path, 0)):
            await self._take(path, lines)
            self._offsets[path] = self._offsets.get(path, 0) + sum(map(len, lines))
            taken += len(lines)
        self._retire(path)
        return taken

    def _retire(self, path: Path) -> None:
        """Delete a segment that is drained and has no writer; its torn last line is put aside."""
        offset = self._offsets.get(path, 0)
        try:
            with abandoned(path) as is_abandoned:
                if not is_abandoned:
                    return
                rest = _read(path, offset, _size(path) - offset)
                if b"\n" in rest:
                    return  # written after we looked and before its writer ended: next round
                if rest:
                    self._refuse(path, rest, "torn last line")
                path.unlink(missing_ok=True)
        except FileNotFoundError:
            pass  # another drainer of the same folder was faster
        self._offsets.pop(path, None)

    async def _take(self, path: Path, lines: list[bytes]) -> None:
        calls: list[tuple[bytes, Conversation]] = []
        for number, line in enumerate(lines):
            if number % 16 == 15:
                await asyncio.sleep(0)  # calls in progress come first
            try:
                calls.append((line, Conversation.from_json(line.rstrip(b"\r\n"))))
            except FactFault as fault:
                self._refuse(path, line, str(fault))
        try:
            await self._store.upsert(call for _, call in calls)
        except DatabaseAway:
            raise
        except Exception as error:
            log.warning("a batch of facts was refused, trying one by one", why=type(error).__name__)
            await self._take_singly(path, calls)
        else:
            self.counts.drained += len(calls)

    async def _take_singly(self, path: Path, calls: list[tuple[bytes, Conversation]]) -> None:
        for line, call in calls:
            try:
                await self._store.upsert([call])
                self.counts.drained += 1
            except DatabaseAway:
                raise
            except Exception as error:
                kind = "the database refuses it" if is_refusal(error) else "cannot be stored"
                self._refuse(path, line, f"{kind}: {type(error).__name__}")

    def _refuse(self, path: Path, line: bytes, reason: str) -> None:
        put_aside(self.folder, path.name, line, reason)
        self.counts.refused += 1
        log.error("a fact was put aside", segment=path.name, reason=reason)


def put_aside(folder: Path, segment: str, line: bytes, reason: str) -> None:
    """Keep a record that cannot be stored as a JSON line; odd bytes come back by surrogateescape.

    Raises OSError.
    """
    record = line.rstrip(b"\r\n").decode("utf-8", "surrogateescape")
    entry = {"segment": segment, "reason": reason, "record": record}
    with open(folder / REFUSED, "a", encoding="ascii", opener=_private) as refused:
        refused.write(json.dumps(entry) + "\n")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _lines(path: Path, offset: int) -> list[bytes]:
    """Whole lines from `offset` on, about _CHUNK_BYTES of them; one longer line comes alone."""
    size = _CHUNK_BYTES
    while True:
        chunk = _read(path, offset, size)
        end = chunk.rfind(b"\n") + 1
        if end:
            return list(_split(chunk[:end]))
        if len(chunk) < size:
            return []
        size *= 4


def _split(chunk: bytes) -> Iterator[bytes]:
    # bytes.splitlines would also cut at a lone \r, and offsets count bytes
    start = 0
    while start < len(chunk):
        end = chunk.index(b"\n", start) + 1
        yield chunk[start:end]
        start = end


def _read(path: Path, offset: int, size: int) -> bytes:
    try:
        with path.open("rb", buffering=0) as file:
            file.seek(offset)
            return file.read(max(size, 0)) or b""
    except FileNotFoundError:
        return b""


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
