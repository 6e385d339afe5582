"""Facts in and out as JSON lines: every fault told by its line, the good lines taken."""

import hashlib
import os
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO

from reports.checks import faults_of
from reports.facts import Conversation, FactFault
from reports.queries import pages
from reports.store import DatabaseAway, Store, is_refusal

LINE_BYTES = 1 << 20  # a call with a hundred attempts is 20 KB
_BATCH = 500  # calls a transaction
_BOM = b"\xef\xbb\xbf"


@dataclass(slots=True)
class ImportCounts:
    """What came of a file's lines; blank lines are nobody's."""

    written: int = 0
    older: int = 0  # left: a newer revision is stored
    repeated: int = 0  # the very same call a second time in the file
    refused: int = 0  # lines with a fault


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    call: Conversation


class Importer:
    """Reads one file into the database, streaming; run it twice and nothing changes.

    `on_fault` gets each fault as `line: what`; `on_bytes` how far the file has been read.
    Memory: one batch, and about 150 bytes per call to know a call_id that comes twice.
    """

    def __init__(
        self,
        store: Store,
        *,
        on_fault: Callable[[int, str], None],
        on_bytes: Callable[[int], None] = lambda count: None,
    ) -> None:
        self.counts = ImportCounts()
        self._store = store
        self._on_fault = on_fault
        self._on_bytes = on_bytes
        self._seen: dict[bytes, tuple[int, bytes]] = {}

    async def run(self, file: BinaryIO) -> ImportCounts:
        """Import every line. Raises DatabaseAway: repeat the whole file then."""
        batch: list[_Line] = []
        for number, line in numbered_lines(file):
            call = self._read(number, line)
            if call is not None:
                batch.append(_Line(number, call))
            if len(batch) == _BATCH:
                await self._write(batch)
                batch = []
                self._on_bytes(file.tell())
        await self._write(batch)
        self._on_bytes(file.tell())
        return self.counts

    def _read(self, number: int, line: bytes | None) -> Conversation | None:
        try:
            if line is None:
                raise FactFault((f"is longer than {LINE_BYTES} bytes",))
            call = Conversation.from_json(line)
            faults = faults_of(call)
            if faults:
                raise FactFault(faults)
            first = self._first_seen(number, call)
            if first:
                raise FactFault((f"call_id: was on line {first} already, with other facts",))
        except FactFault as fault:
            for each in fault.faults:
                self._on_fault(number, each)
            self.counts.refused += 1
            return None
        return None if first == 0 else call

    def _first_seen(self, number: int, call: Conversation) -> int | None:
        """Line of the same call_id with other facts; 0 for a plain repetition; None: new."""
        key = hashlib.blake2b(call.call_id.encode(), digest_size=12).digest()
        digest = hashlib.blake2b(call.to_json(), digest_size=12).digest()
        line, known = self._seen.setdefault(key, (number, digest))
        if line == number:
            return None
        if known == digest:
            self.counts.repeated += 1
            return 0
        return line

    async def _write(self, batch: list[_Line]) -> None:
        try:
            written = await self._store.upsert(line.call for line in batch)
        except DatabaseAway:
            raise
        except Exception as error:
            if not is_refusal(error):
                raise
            if len(batch) == 1:
                self._on_fault(batch[0].number, "the database refuses a value of this call")
                self.counts.refused += 1
                return
            middle = len(batch) // 2
            await self._write(batch[:middle])
            await self._write(batch[middle:])
        else:
            self.counts.written += written.written
            self.counts.older += written.older


def numbered_lines(file: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Lines without their end (LF or CRLF) and without a byte order mark, blank ones left
    out; None for a line longer than LINE_BYTES, of which no more than that is ever held."""
    number = 0
    while line := file.readline(LINE_BYTES + 2):
        number += 1
        if len(line) == LINE_BYTES + 2 and not line.endswith(b"\n"):
            while line and not line.endswith(b"\n"):
                line = file.readline(LINE_BYTES)
            yield number, None
            continue
        line = line.removeprefix(_BOM) if number == 1 else line
        line = line.rstrip(b"\r\n")
        if line.strip():
            yield number, line if len(line) <= LINE_BYTES else None


async def export_lines(
    store: Store, *, first: date | None = None, last: date | None = None
) -> AsyncGenerator[bytes, None]:
    """Finished calls as JSON lines in the order of (arrived_at, call_id), a page at a time:
    the same facts always give the same bytes."""
    async with aclosing(pages(store, first=first, last=last)) as found:
        async for page in found:
            yield b"".join(call.to_json() + b"\n" for call in page)


def write_privately(path: Path) -> BinaryIO:
    """Open a file for the owner's eyes only: facts hold citizens' numbers."""
    return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
