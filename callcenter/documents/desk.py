"""Where people change the province: read, checked, written down with a name to it, taken up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

from callcenter.documents.check import (
    groups_in_flows,
    lines_in_flows,
    new_faults,
    prompts_in_flows,
    services_in_flows,
)
from callcenter.documents.folder import Document, DocumentChanged, ProvinceFolder
from callcenter.documents.history import Version, earlier_text, earlier_texts, versions_of
from callcenter.documents.uptake import TakenUp
from callcenter.settings import Settings
from ivr_flows.load import FLOWS
from reports import audit
from reports.store import Store

MOST_WORDS: Final = 2000  # characters of what changed, as the audit trail keeps it
MOST_VERSIONS: Final = 500  # of a document, the newest, as pages show them


class Refused(Exception):
    """The change would break the province; `faults` says why, a line each."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


class Releases(Protocol):
    """The texts of the flows, and of the policy, that are published."""

    async def newest(self) -> tuple[int, datetime] | None:
        """Number and time of the newest release."""

    async def release(self, number: int) -> tuple[object, dict[str, str]] | None:
        """A release and its texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change: to which document, by whom, why, and what it changes in words."""

    document: str
    text: str
    revision: str
    by: str
    reason: str
    action: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Saved:
    """A change that was written down."""

    document: Document
    taken_up: TakenUp


class ProvinceDesk:
    """One per process. What reads the database raises DatabaseAway; nothing is changed then."""

    def __init__(
        self,
        settings: Settings,
        folder: ProvinceFolder,
        *,
        store: Store,
        releases: Releases,
        take_up: Callable[[], Awaitable[TakenUp]],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`take_up`: has this process's controller follow at once."""
        self._settings = settings
        self._folder = folder
        self._store = store
        self._releases = releases
        self._take_up = take_up
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()

    async def read(self, document: str) -> Document:
        """A document as it is now. Raises OSError."""
        return await asyncio.to_thread(self._folder.read, document)

    async def versions(self, document: str) -> list[Version]:
        """All versions of a document, what holds now first. Raises DatabaseAway, OSError."""
        trail = await self.trail(document)
        kept = await asyncio.to_thread(earlier_texts, self._folder.path, document)
        return versions_of(kept[-MOST_VERSIONS:], trail)

    async def earlier_text(self, document: str, version: str) -> str:
        """What a document said in this version. Raises NoVersion, OSError."""
        return await asyncio.to_thread(earlier_text, self._folder.path, document, version)

    async def faults(self, changed: Mapping[str, str]) -> tuple[str, ...]:
        """What would go wrong with these texts in place."""
        in_force = await self._in_force()
        return await asyncio.to_thread(new_faults, self._settings, changed, in_force)

    async def groups_in_flows(self) -> dict[str, tuple[str, ...]]:
        """Group -> flows in force whose callers wait for it."""
        return await asyncio.to_thread(groups_in_flows, await self._in_force())

    async def prompts_in_flows(self) -> dict[str, tuple[str, ...]]:
        """Prompt -> flows in force that say it."""
        return await asyncio.to_thread(prompts_in_flows, await self._in_force())

    async def lines_in_flows(self) -> dict[str, tuple[str, ...]]:
        """Line outside -> flows in force that transfer to it."""
        return await asyncio.to_thread(lines_in_flows, await self._in_force())

    async def services_in_flows(self) -> dict[str, tuple[str, ...]]:
        """Service -> flows in force that ask it."""
        return await asyncio.to_thread(services_in_flows, await self._in_force())

    async def save(self, change: Change) -> Saved:
        """Check, write down who changed what, change it, and have it taken up.

        Raises Refused, DocumentChanged, DatabaseAway, OSError: nothing is changed then.
        """
        async with self._one_at_a_time:
            if (await self.read(change.document)).revision != change.revision:
                raise DocumentChanged(change.document)
            faults = await self.faults({change.document: change.text})
            if faults:
                raise Refused(faults)
            now = self._clock()
            words = "；".join(change.words)[:MOST_WORDS]
            entry = audit.Entry(
                at=now,
                by=change.by,
                action=change.action,
                subject=change.document,
                reason=change.reason,
                before=words,
            )
            await audit.write(self._store, entry)
            document = await asyncio.to_thread(
                lambda: self._folder.write(
                    change.document, change.text, revision=change.revision, by=change.by, at=now
                )
            )
            return Saved(document, await self._take_up())

    async def trail(self, subject: str) -> list[audit.Entry]:
        """What was done to this subject, the newest first. Raises DatabaseAway."""
        return await audit.entries(self._store, subject=subject, limit=MOST_VERSIONS)

    async def note(self, *, by: str, action: str, subject: str, reason: str, words: str) -> None:
        """Write down a change of something beside the documents. Raises DatabaseAway."""
        entry = audit.Entry(
            at=self._clock(), by=by, action=action, subject=subject, reason=reason, before=words
        )
        await audit.write(self._store, entry)

    async def _in_force(self) -> dict[str, str]:
        newest = await self._releases.newest()
        found = await self._releases.release(newest[0]) if newest else None
        return found[1] if found else await asyncio.to_thread(_packaged)


def _packaged() -> dict[str, str]:
    return {file.stem: file.read_text("utf-8") for file in sorted(FLOWS.glob("*.yaml"))}
