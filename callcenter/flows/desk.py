"""Where people bring flows from a file to the callers: checked, then written down.

Used by `hotline flow`, and by whatever else lets people do the same. What may not be done raises
MoveRefused (one sentence), what is wrong in a text FlowsRefused (every fault with its line).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from callcenter.flows.check import FlowCheck
from callcenter.flows.policies import NAME as POLICY
from callcenter.flows.policy_words import policy_differences, wait_differences
from callcenter.flows.store import FlowStore, Text
from ivr_flows import versions
from ivr_flows.book import Book, Change, MoveRefused, Release
from ivr_flows.changes import Difference, differences, unified
from ivr_flows.fields import NAME
from ivr_flows.load import FLOWS, FlowsRefused
from ivr_flows.model import Fault, Flow
from ivr_flows.validation import validated
from ivr_flows.yaml_source import Source, SourceFault, read_bytes
from reports.store import Store


@dataclass(frozen=True, slots=True)
class Compared:
    """Two texts of a flow: their numbers (None: there was none), words, and unified diff."""

    flow: str
    old: int | None
    new: int
    words: tuple[Difference, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, and what the check still says: warnings, and faults that were there before."""

    change: Change
    faults: tuple[Fault, ...] = ()

    @property
    def is_held_back(self) -> bool:
        """Whether no controller takes the release up yet, as flows in force have faults."""
        return any(not fault.is_warning for fault in self.faults)


class FlowDesk:
    """All moves of flows. Every method raises DatabaseAway; nothing is done then."""

    def __init__(
        self,
        store: Store,
        check: FlowCheck,
        *,
        files: Path = FLOWS,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`files`: the flows that are in force until something is published."""
        self.store = FlowStore(store)
        self.check = check
        self._files = files
        self._clock = clock

    async def book(self) -> Book:
        """All versions and releases, the files of the repository as the first."""
        book = await self.store.book()
        return book if book.releases else versions.opened(self._numbers(), self._clock())

    async def text(self, flow: str, version: int) -> str:
        """The text of one version, as it was submitted."""
        found = (await self.texts({flow: version})).get(flow)
        if found is None:
            raise MoveRefused("not_found", f"没有 {flow} 第 {version} 版。")
        return found

    async def submit(self, raw: bytes, *, shown: str, author: str, note: str) -> Done:
        """A new text as a draft; `shown` is how faults call the file."""
        source, name = _readable(raw, shown)
        text, book = raw.decode("utf-8"), await self.book()
        version, expected = source.data.get("version"), book.next_version(name)
        beside = await self.texts(book.releases[-1].flows)
        found = [
            replace(fault, file=shown) if fault.file == f"{name}.yaml" else fault
            for fault in await asyncio.to_thread(self.check.faults, name, text, beside)
        ]
        if isinstance(version, int) and version != expected:
            what = f"is {version}, but the next one of {name} is {expected}"
            found.append(source.fault(("version",), what))
        if any(not fault.is_warning for fault in found):
            raise FlowsRefused(sorted(found))
        change = await self._keep(name, version, text, author=author, note=note)
        return Done(change, tuple(found))

    async def submit_policy(self, raw: bytes, *, shown: str, author: str, note: str) -> Done:
        """A new routing policy as a draft; `shown` is how faults call the file."""
        expected = (await self.book()).next_version(POLICY)
        _, text = await asyncio.to_thread(
            self.check.policies.submitted, raw, shown=shown, expected=expected
        )
        return Done(await self._keep(POLICY, expected, text, author=author, note=note))

    async def _keep(self, name: str, version: int, text: str, *, author: str, note: str) -> Change:
        now = self._clock()
        return await self.store.change(
            lambda book: versions.submitted(book, name, version, author=author, note=note, now=now),
            now=now,
            files=self._repository,
            new_text=text,
        )

    async def review(self, flow: str, version: int, *, by: str, note: str = "") -> Done:
        """Somebody else than the author takes the draft into review."""
        now = self._clock()
        return Done(
            await self.store.change(
                lambda book: versions.reviewed(book, flow, version, by=by, note=note, now=now),
                now=now,
                files=self._repository,
            )
        )

    async def publish(
        self, flow: str, version: int, *, by: str, note: str, seen: int | None = None
    ) -> Done:
        """The reviewed version goes live on the next call of every controller.

        `seen`: the release that the reviewer looked at, the one in force now if None.
        """
        now = self._clock()

        def decide(book: Book, seen: int) -> Change:
            return versions.published(book, flow, version, by=by, note=note, now=now, seen=seen)

        return await self._release(decide, seen=seen)

    async def rollback(
        self, to: int | None = None, *, by: str, note: str = "", seen: int | None = None
    ) -> Done:
        """An older release again, under a new number."""
        now = self._clock()

        def decide(book: Book, seen: int) -> Change:
            return versions.rolled_back(book, to, by=by, note=note, now=now, seen=seen)

        return await self._release(decide, seen=seen)

    async def restore_policy(self, to: int | None = None, *, by: str, note: str = "") -> Done:
        """An older routing policy again, flows as they are; 0: that of the province folder."""
        now = self._clock()

        def decide(book: Book, seen: int) -> Change:
            return versions.restored(book, POLICY, to, by=by, note=note, now=now, seen=seen)

        return await self._release(decide, seen=None)

    async def withdraw(self, flow: str, version: int, *, by: str, note: str) -> Done:
        """The version shall not be heard (again); in force, the one before it comes back."""
        now = self._clock()

        def decide(book: Book, seen: int) -> Change:
            return versions.withdrawn(book, flow, version, by=by, note=note, now=now, seen=seen)

        return await self._release(decide, seen=None)

    async def compare(self, flow: str, old: int | None, new: int) -> Compared:
        """What `new` changes against `old`; None: against the one in force, or before it.

        A policy with none before it is held against that of the province folder.
        """
        book = await self.book()
        if old is None:
            old = _before(book, flow, new)
        texts = [await self.text(flow, one) if one is not None else "" for one in (old, new)]
        words = await asyncio.to_thread(self._words, flow, texts)
        names = [f"{flow} {one if one is not None else '-'}" for one in (old, new)]
        lines = unified(*texts, old_name=names[0], new_name=names[1])
        return Compared(flow, old, new, tuple(words), tuple(lines))

    async def changes(self, flow: str, old: int, text: str) -> list[Difference]:
        """What a text that is sound, but not submitted yet, changes against version `old`."""
        texts = [await self.text(flow, old) if old else "", text]
        return await asyncio.to_thread(self._words, flow, texts)

    def _words(self, flow: str, texts: list[str]) -> list[Difference]:
        if flow == POLICY:
            return self._policy_words(texts)
        before, after = (_flow(text, flow) if text else None for text in texts)
        return differences(before, after) if after else []

    def _policy_words(self, texts: list[str]) -> list[Difference]:
        """Against the province's own policy where there was no version before; it is put in."""
        policies = self.check.policies
        here = policies.here()
        if not texts[0]:
            texts[0] = here.text
        old, new = (policies.understood(text) for text in texts)
        waits = wait_differences(old, new, here.duty) if here.duty else []
        return [*policy_differences(old, new), *waits]

    # --- how a release comes about ---

    async def _release(self, decide: Callable[[Book, int], Change], *, seen: int | None) -> Done:
        """Try the move, check what would be heard, and make the move unless somebody was faster."""
        book = await self.book()
        base = book.releases[-1].release if seen is None else seen
        tried = decide(book, base)
        faults: tuple[Fault, ...] = ()
        if tried.release is not None:
            faults = await self._faults_left(book.releases[-1], tried.release)
        change = await self.store.change(
            lambda now_kept: decide(now_kept, base), now=self._clock(), files=self._repository
        )
        return Done(change, faults)

    async def _faults_left(self, before: Release, release: Release) -> tuple[Fault, ...]:
        """Faults that the release in force has too. FlowsRefused when the new one has others.

        A newer program may find faults in several flows that are in force: each can be mended by
        itself; controllers take up the first release that is sound.
        """
        found = await self._faults(release)
        if found:
            known = {(one.file, one.where, one.what) for one in await self._faults(before)}
            if any((one.file, one.where, one.what) not in known for one in found):
                raise FlowsRefused(found)
        return found

    async def _faults(self, release: Release) -> tuple[Fault, ...]:
        texts = await self.texts(release.flows)
        try:
            await asyncio.to_thread(self.check.release, texts, release=release.release)
        except FlowsRefused as refused:
            return tuple(fault for fault in refused.faults if not fault.is_warning)
        return ()

    async def texts(self, flows: Mapping[str, int]) -> dict[str, str]:
        """The texts of these versions by flow; those that are not there are left out."""
        found = await self.store.texts(flows)
        if len(found) < len(flows):
            for flow, one in self._repository().items():
                if flow not in found and flows.get(flow) == one.version:
                    found[flow] = one.text
        return found

    def _numbers(self) -> dict[str, int]:
        return {flow: one.version for flow, one in self._repository().items()}

    def _repository(self) -> dict[str, Text]:
        return repository(self._files)


def repository(files: Path = FLOWS) -> dict[str, Text]:
    """The flows of a folder by name. Raises FlowsRefused when one cannot be understood."""
    found: dict[str, Text] = {}
    for file in sorted(files.glob("*.yaml")):
        raw = file.read_bytes()
        flow, faults = validated(Flow, _readable(raw, str(file))[0])
        if flow is None:
            raise FlowsRefused(faults)
        found[flow.flow] = Text(flow.version, raw.decode("utf-8"))
    return found


def _readable(raw: bytes, shown: str) -> tuple[Source, str]:
    """A file's source and the name of its flow. Raises FlowsRefused with all that is wrong."""
    try:
        source = read_bytes(raw, file=shown)
    except SourceFault as refused:
        raise FlowsRefused([refused.fault]) from None
    name = source.data.get("flow") if isinstance(source.data, dict) else None
    if not isinstance(name, str) or not re.fullmatch(NAME, name):
        raise FlowsRefused(validated(Flow, source)[1])
    if name == POLICY:
        what = f"{POLICY} is the name of the routing policy: hotline routing submit"
        raise FlowsRefused([source.fault(("flow",), what)])
    return source, name


def _flow(text: str, name: str) -> Flow | None:
    return validated(Flow, read_bytes(text.encode(), file=name))[0]


def _before(book: Book, flow: str, new: int) -> int | None:
    """What a version is held against: the one in force, or what was in force before itself."""
    for release in reversed(book.releases):
        if release.flows.get(flow) not in (None, new):
            return release.flows[flow]
    return None
