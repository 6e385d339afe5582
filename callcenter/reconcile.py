"""Holds our live state against Asterisk's, on each connection and every few seconds, and mends
it.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import msgspec
import structlog

from callcenter.asterisk import journal, recover
from callcenter.asterisk.journal_reader import JournalReader
from callcenter.call.callback import node_of
from callcenter.events import SeatAnswered
from callcenter.nodes import Nodes
from callcenter.recording import duration_s
from callcenter.switchboard import Switchboard
from callcenter.switchboard_needs import Spool
from reports.facts import Conversation, FactFault
from reports.queries import recent, unfinished
from reports.store import DatabaseAway, Store
from seats.seat import Change

log = structlog.get_logger()

EVERY_S = 10.0
SWEEP_S = 1.0
LOOK_BACK = 500  # calls whose recording may have been closed while nobody looked
JOURNAL_REVISION = 1  # any controller's own account of a call outranks the journal's


class Mended(Protocol):
    """Counts what was mended."""

    def mended(self, what: str) -> None:
        """One difference."""


class Reconciler:
    """One per controller."""

    def __init__(
        self,
        *,
        nodes: Nodes,
        switchboard: Switchboard,
        store: Store,
        spool: Spool,
        reader: JournalReader,
        counters: Mended,
        answered: Callable[[Conversation], None],
    ) -> None:
        """Parts are built elsewhere; `answered` hears of each call that a seat picked up while no
        controller was there."""
        self._nodes = nodes
        self._switchboard = switchboard
        self._store = store
        self._spool = spool
        self._reader = reader
        self._counters = counters
        self._answered = answered

    async def run(self) -> None:
        """Sweep leases each second and compare every ten, forever."""
        for second in itertools.count(1):
            await asyncio.sleep(SWEEP_S)
            self._switchboard.pulse.beat()
            self._switchboard.dispatcher.sweep()
            if second % int(EVERY_S / SWEEP_S) == 0:
                try:
                    await self.compare()
                except Exception:
                    # What cannot be mended now is tried again; the calls must go on.
                    log.exception("comparing with Asterisk failed")

    async def compare(self) -> None:
        """Take a snapshot of every node, mend every difference, and read our own one's journal."""
        seen = await self._nodes.snapshots()
        if not seen:
            return
        now = self._switchboard.clock()
        dispatcher = self._switchboard.dispatcher
        found = recover.differences(
            seen,
            calls=self._switchboard.known_calls(),
            # The board may still know seats that have left the roster.
            statuses=[
                status
                for status in map(dispatcher.statuses.__getitem__, dispatcher.roster)
                if self._nodes.answers_for(status.node)
            ],
            now=now,
            nodes=self._nodes.names,
        )
        ends = {story.call_id: story for story in self._reader.ended()}
        for difference in found:
            self._mend(difference, ends)
        self._switchboard.talks.compare(seen)
        is_seen = recover.sight(seen, self._nodes.names)
        self._switchboard.unsteered.compare(
            seen, is_seen=is_seen, picked_up_at=self._reader.picked_up_at
        )
        self._tell_journal(ends)
        if self._nodes.own_name in seen:
            self._reader.keep(live=set(seen[self._nodes.own_name].channels))

    def _mend(self, difference: recover.Difference, ends: dict[str, journal.Story]) -> None:
        self._counters.mended(type(difference).__name__)
        log.info("mended", what=type(difference).__name__, difference=str(difference))
        dispatcher = self._switchboard.dispatcher
        now = self._switchboard.clock()
        match difference:
            case recover.CallGone(call_id):
                story = ends.get(call_id)
                at = story.ended_at if story else None
                # Without a line of its own the call went down with Asterisk.
                by = None if story else "system"
                talk_at = story.talk_at if story else None
                self._switchboard.news.channel_gone(
                    call_id, at=at, by=by, reconciled=True, talk_at=talk_at
                )
            case recover.PhoneChanged(seat, is_registered, node):
                self._switchboard.news.phone_seen(seat, is_registered=is_registered, node=node)
            case recover.PickedUp(call_id, seat):
                self._switchboard.tell(call_id, SeatAnswered(seat, now))
            case recover.Talks(call_id, seat):
                dispatcher.change_seat(seat, Change.SEEN_TALKING, call_id=call_id)
            case recover.Idle(seat):
                dispatcher.change_seat(seat, Change.RELEASED)

    def _tell_journal(self, ends: dict[str, journal.Story]) -> None:
        """Write down calls that no controller ever saw, and what the fallback did with ours."""
        for story in ends.values():
            facts = journal.conversation(story)
            if facts is None:
                continue
            told = msgspec.json.encode({**facts, "revision": JOURNAL_REVISION})
            if story.was_in_fallback:
                with suppress(FactFault):  # the drainer puts it aside and says so
                    self._answered(Conversation.from_json(told))
            if not self._switchboard.has_told(story.call_id):
                self._counters.mended("Unseen")
                self._spool.append(told)
            elif story.was_in_fallback:
                self._counters.mended("Fallback")
                self._switchboard.news.served_in_fallback(story.call_id, facts)

    async def mend_facts(self, live: Collection[str]) -> None:
        """At the start: finish what an earlier run left unfinished in the database.

        `live`: calls that any controller has; those of another node are its controller's to mend.
        """
        others = [name for name in self._nodes.names if name != self._nodes.own_name]
        try:
            for call in await unfinished(self._store):
                is_anothers = call.call_id in live or node_of(call.call_id) in others
                if not is_anothers and not self._switchboard.has_told(call.call_id):
                    self._rewrite("Forgotten", call, **_lost_end(call))
            for call in await recent(self._store, limit=LOOK_BACK):
                if call.ended_at and call.recording and call.recording.duration_s is None:
                    seconds = duration_s(Path(f"{call.recording.path}-caller.wav"))
                    if seconds is not None:
                        recording = call.recording.model_copy(update={"duration_s": seconds})
                        self._rewrite("Recording", call, recording=recording)
        except DatabaseAway as away:
            log.warning("unfinished facts were not looked at", why=str(away))

    def _rewrite(self, what: str, call: Conversation, **changes: object) -> None:
        self._counters.mended(what)
        changed = call.model_copy(update={**changes, "revision": call.revision + 1})
        self._spool.append(changed.to_json())


def _lost_end(call: Conversation) -> dict[str, object]:
    """The end of a call whose live state and journal line are both lost: as early as is sure."""
    stage = "talking" if call.answered_at else "queue" if call.asked_at else "ivr"
    return {
        "ended_at": call.answered_at or call.asked_at or call.arrived_at,
        "ended_by": "system",
        "end_stage": stage,
        "reconciled": True,
    }
