"""The flows this controller runs with: the newest release, and older ones while calls use them.

A new release is seen by its number, asked for three times a second, and taken up between two steps:
calls in progress go on in the release they began with. Whatever is wrong with a new one, or with
the database, costs no call: what runs goes on running.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Final

import structlog

from callcenter.flows.check import FlowCheck
from callcenter.flows.copies import ReleaseCopies
from callcenter.flows.policies import Published
from callcenter.flows.store import FlowStore
from ivr_flows.load import FlowsRefused
from ivr_flows.model import Flows
from reports.store import DatabaseAway

log = structlog.get_logger()

POLL_S: Final = 0.3
ANSWER_S: Final = 3.0  # a database that says nothing for so long is away
MOST_OLDER: Final = 10  # releases tried at a start when the newest is refused
RETRY_S: Final = 30.0  # a refused release is tried again: a missing prompt may have come

_Key = tuple[int, datetime]
_UNKNOWN: Final[_Key] = (-1, datetime.min)  # the database has not been heard of yet


class Releases:
    """`current` and `of` are for every step of a call and only look; the rest runs beside."""

    def __init__(
        self,
        store: FlowStore,
        check: FlowCheck,
        copies: ReleaseCopies,
        *,
        files: Flows,
        in_use: Callable[[], Collection[int]],
        on_policy: Callable[[], None] = lambda: None,
    ) -> None:
        """`files`: the flows of the repository; `in_use`: releases that calls began with.

        `on_policy`: called whenever another policy is `published`.
        """
        self.current = files
        self.published: Published | None = None  # the policy; None: the province's own holds
        self.is_up = True  # whether the database answered last time
        self.taken_up = 0
        self.refused = 0
        self.missing = 0
        self._files = files
        self._kept: dict[int, Flows] = {0: files}
        self._policies: dict[int, Published | None] = {}
        self._on_policy = on_policy
        self._store = store
        self._check = check
        self._copies = copies
        self._in_use = in_use
        self._key: _Key | None = _UNKNOWN  # None: nothing was ever published
        self._refused: _Key | None = None
        self._refused_why = ""
        self._retry_at = 0.0

    @property
    def kept(self) -> int:
        """Releases in memory."""
        return len(self._kept)

    @property
    def refusal(self) -> tuple[int, str] | None:
        """The newest release when it is refused here, and why."""
        return (self._refused[0], self._refused_why) if self._refused else None

    def of(self, release: int) -> Flows:
        """The flows of the release a call began with.

        Of one that cannot be had, the current ones: a step of the same version goes on there, any
        other becomes an apology and a person (`ivr_flows.engine`).
        """
        return self._kept.get(release, self.current)

    async def start(self) -> None:
        """Take up what is in force, and what calls taken over from an earlier run began with."""
        await self.look()
        if self._key == _UNKNOWN:
            await self._take_up_older()
        for release in set(self._in_use()) - self._kept.keys():
            await self._have(release)
        for release in set(self._copies.numbers()) - self._kept.keys():
            self._copies.drop(release)

    async def run(self) -> None:
        """Look for new releases, forever."""
        while True:
            await asyncio.sleep(POLL_S)
            try:
                await self.look()
                self._forget()
            except Exception:
                # Whatever it is, calls go on with what there is.
                log.exception("looking for a new release of the flows failed")

    async def look(self) -> None:
        """Take up the newest release if it is another than the one that runs."""
        try:
            async with asyncio.timeout(ANSWER_S):
                newest = await self._store.newest()
        except (DatabaseAway, TimeoutError) as away:
            self._is_away(away)
            return
        if not self.is_up:
            self.is_up = True
            log.info("the database tells of releases again")
        if newest == self._key or (newest == self._refused and self._now() < self._retry_at):
            return
        if newest is None:
            self._key = None
            self._run_with(self._files, None)
        else:
            await self._take_up(newest)

    def _is_away(self, why: Exception) -> None:
        if self.is_up:
            self.is_up = False
            log.warning(
                "the database does not tell of releases; the running one stays",
                release=self.current.release,
                why=str(why) or "no answer",
            )

    async def _take_up(self, newest: _Key) -> None:
        number = newest[0]
        try:
            texts = await self._texts(number)
            flows, policy = await asyncio.to_thread(self._check.release, texts, release=number)
        except (DatabaseAway, TimeoutError) as away:
            self._is_away(away)
        except FlowsRefused as refused:
            self._refuse(newest, refused)
        else:
            self._key, self._refused, self._refused_why = newest, None, ""
            self._run_with(flows, policy)
            await asyncio.to_thread(self._copies.keep, number, texts)

    def _run_with(self, flows: Flows, policy: Published | None) -> None:
        if policy != self.published:
            self.published = policy
            self._on_policy()
        is_other = flows != self.current
        self.current = self._kept[flows.release] = flows
        if not is_other:
            return
        self.taken_up += 1
        versions = {name: flow.version for name, flow in flows.by_name.items()}
        log.info(
            "a release of the flows is taken up",
            release=flows.release,
            flows=versions,
            routing=self.published.policy.version if self.published else 0,
        )

    def _refuse(self, newest: _Key, refused: FlowsRefused) -> None:
        self._retry_at = self._now() + RETRY_S
        if (self._refused, self._refused_why) == (newest, str(refused)):
            return
        self._refused, self._refused_why = newest, str(refused)
        self.refused += 1
        log.error(
            "the new release of the flows is refused, the running one stays",
            release=newest[0],
            running=self.current.release,
        )
        for fault in refused.faults:
            if not fault.is_warning:
                log.error("fault in the new release", release=newest[0], fault=str(fault))

    async def _take_up_older(self) -> None:
        """At a start when the newest release cannot be had: the newest one before it that can."""
        older = set(self._copies.numbers())
        if self._refused is not None:
            newest = self._refused[0]
            older = {one for one in older if one < newest}
            older |= set(range(max(0, newest - MOST_OLDER), newest))
        for release in sorted(older, reverse=True):
            await self._have(release)
            if release in self._kept:
                self._run_with(self._kept[release], self._policies.get(release))
                return

    async def _have(self, release: int) -> None:
        """Load an older release beside the current one, if it can be had."""
        texts: Mapping[str, str] | None = None
        if self.is_up:
            with contextlib.suppress(DatabaseAway, TimeoutError):
                texts = await self._texts(release)
        texts = texts or await asyncio.to_thread(self._copies.texts, release)
        try:
            if texts:
                found = await asyncio.to_thread(self._check.release, texts, release=release)
                self._kept[release], self._policies[release] = found
                return
            why = "neither the database nor this machine has it"
        except FlowsRefused as refused:
            why = str(refused)
        self.missing += 1
        log.error("an older release of the flows cannot be had", release=release, why=why)

    async def _texts(self, release: int) -> dict[str, str]:
        async with asyncio.timeout(ANSWER_S):
            found = await self._store.release(release)
        return found[1] if found else {}

    def _forget(self) -> None:
        """Let go of releases that no call uses any more."""
        if len(self._kept) > 1:
            used = {self.current.release, *self._in_use()}
            for release in self._kept.keys() - used:
                del self._kept[release]
                self._policies.pop(release, None)
                self._copies.drop(release)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
