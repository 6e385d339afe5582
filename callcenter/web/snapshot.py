"""The live state as each reach sees it, and what changes of it, told to the feed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import structlog
from pydantic import BaseModel, RootModel

from callcenter.web.feed import Audience, Feed, Reach
from callcenter.web.live_models import (
    AlarmAnswer,
    CallAnswer,
    CallbackAnswer,
    CallsChange,
    DialIn,
    HealthAnswer,
    LineAnswer,
    LineChange,
    LiveAnswer,
    SeatAnswer,
    SeatsChange,
    TodayAnswer,
)
from callcenter.web.view import Figures, HotlineView, LiveView, Today

log = structlog.get_logger(__name__)

LOOK_S = 0.25  # memory only: a board is at most so far behind
TODAY_S = 5.0  # a query over the day: needs no more than this
TODAY_LIMIT_S = 3.0
FORGOTTEN_S = 120.0  # a reach that nobody looked from for so long is followed no more

Alarms = RootModel[list[AlarmAnswer]]
Callbacks = RootModel[list[CallbackAnswer]]
Healths = RootModel[dict[str, HealthAnswer]]
TodayNews = RootModel[TodayAnswer | None]
Item = TypeVar("Item", CallAnswer, SeatAnswer)


def seen_from(live: LiveView, reach: Reach) -> LiveView:
    """What of it this reach sees.

    A city sees its own calls and seats, and calls of other cities at its seats. A seat sees
    itself and its call; how many wait it sees too.
    """
    if not reach.board:
        return replace(
            live,
            calls=tuple(call for call in live.calls if reach.seat and call.seat == reach.seat),
            seats=tuple(seat for seat in live.seats if seat.number == reach.seat),
            alarms=(),
            callbacks=(),
            line=(),
        )
    city = reach.city
    if city is None:
        return live
    seats = tuple(seat for seat in live.seats if seat.city_code == city)
    own = {seat.number for seat in seats}
    line = tuple(row for row in live.line if row.city_code == city)
    longest = min((row.since for row in line), default=live.at)
    return replace(
        live,
        calls=tuple(call for call in live.calls if call.city_code == city or call.seat in own),
        seats=seats,
        alarms=tuple(alarm for alarm in live.alarms if alarm.city_code == city),
        callbacks=tuple(one for one in live.callbacks if one.city_code == city),
        line=line,
        waiting=sum(row.waiting for row in line),
        longest_wait_s=(live.at - longest).total_seconds(),
    )


class Day:
    """Today's figures as each city sees them: what is stored is read in the background."""

    def __init__(self, figures: Figures | None, *, clock: Callable[[], float]) -> None:
        self._figures = figures
        self._clock = clock
        self._is_there = self._has_failed = False
        self._read_s = -TODAY_S
        self._reading: asyncio.Task[None] | None = None
        self._told: dict[str | None, tuple[Today, TodayAnswer]] = {}

    def latest(self, city: str | None) -> TodayAnswer | None:
        """At this moment; None while history cannot be had."""
        self._keep_reading()
        if self._figures is None or not self._is_there:
            return None
        today = self._figures.today(city)
        told = self._told.get(city)
        if told is None or told[0] is not today:
            told = self._told[city] = (today, TodayAnswer.model_validate(today))
        return told[1]

    async def first(self) -> None:
        """One who begins to look waits for what is read."""
        self._keep_reading()
        if self._reading is not None:
            await asyncio.wait({self._reading})

    def _keep_reading(self) -> None:
        if self._figures is None or self._reading is not None:
            return
        if self._clock() - self._read_s >= TODAY_S:
            self._read_s = self._clock()
            self._reading = asyncio.get_running_loop().create_task(self._read(self._figures))
            self._reading.add_done_callback(self._has_read)

    def _has_read(self, _: asyncio.Task[None]) -> None:
        self._reading = None

    async def _read(self, figures: Figures) -> None:
        try:
            async with asyncio.timeout(TODAY_LIMIT_S):
                await figures.read()
            self._is_there = True
        except Exception:
            # the live part of the page must go on when the database does not;
            # said once, not every five seconds for as long as it lasts
            if self._is_there or not self._has_failed:
                log.exception("today's rates could not be had")
            self._is_there, self._has_failed = False, True

    def close(self) -> None:
        """Read no more."""
        if self._reading is not None:
            self._reading.cancel()


@dataclass(slots=True)
class _Followed:
    """What was told to one reach: the last state, and from which entry of the feed on."""

    answer: LiveAnswer
    since: int
    wanted_s: float


class LiveState:
    """One look at the hotline at a time, however many people look."""

    def __init__(
        self,
        *,
        view: HotlineView,
        figures: Figures | None,
        feed: Feed,
        dial: DialIn,
        demo: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock`: monotonic seconds, so that tests need not wait."""
        self._view = view
        self._feed = feed
        self._dial = dial
        self._demo = demo
        self._clock = clock
        self._day = Day(figures, clock=clock)
        self._followed: dict[Reach, _Followed] = {}
        self._looked_s = -LOOK_S

    async def snapshot(self, reach: Reach) -> LiveAnswer:
        """This moment."""
        if reach.board:
            await self._day.first()
        return self._answer(self._view.live(), reach)

    async def begin(self, reach: Reach) -> tuple[LiveAnswer, int]:
        """This moment, and the number of the entry after which changes of it follow."""
        if reach.board:
            await self._day.first()
        self.look(now=True)
        followed = self._followed.get(reach)
        if followed is None:
            answer = self._answer(self._view.live(), reach)
            followed = _Followed(answer, self._feed.seq, self._clock())
            self._followed[reach] = followed
        followed.wanted_s = self._clock()
        return followed.answer, self._feed.seq

    def is_followed_since(self, reach: Reach, seq: int) -> bool:
        """Are all changes after this entry in the feed, as far as it keeps them?"""
        followed = self._followed.get(reach)
        return followed is not None and followed.since <= seq

    def want(self, reach: Reach) -> None:
        """Somebody of this reach still reads."""
        if reach in self._followed:
            self._followed[reach].wanted_s = self._clock()

    def look(self, *, now: bool = False) -> None:
        """Tell the feed what changed, if the last look is LOOK_S ago, or `now`."""
        if not now and self._clock() - self._looked_s < LOOK_S:
            return
        self._looked_s = self._clock()
        for reach, followed in tuple(self._followed.items()):
            if self._clock() - followed.wanted_s > FORGOTTEN_S:
                del self._followed[reach]
        if not self._followed:
            return
        live = self._view.live()
        for reach, followed in self._followed.items():
            before, followed.answer = followed.answer, self._answer(live, reach)
            for kind, data in changes(before, followed.answer):
                self._feed.publish(kind, data, to=Audience(reach=reach))

    def close(self) -> None:
        """Nobody reads any more."""
        self._day.close()

    def _answer(self, live: LiveView, reach: Reach) -> LiveAnswer:
        seen = seen_from(live, reach)
        longest = int(seen.longest_wait_s)
        return LiveAnswer(
            at=seen.at,
            calls=[CallAnswer.of(call) for call in seen.calls],
            seats=[SeatAnswer.of(seat) for seat in seen.seats],
            alarms=[AlarmAnswer.of(alarm) for alarm in seen.alarms],
            callbacks=[CallbackAnswer.of(one) for one in seen.callbacks],
            line=[LineAnswer.of(row) for row in seen.line],
            waiting=seen.waiting,
            waiting_since=min((row.since for row in seen.line), default=None),
            longest_wait_s=longest,
            today=self._day.latest(reach.city) if reach.board else None,
            health=self._healths() if reach.board else {},
            dial=self._dial,
            demo=self._demo,
        )

    def _healths(self) -> dict[str, HealthAnswer]:
        return {name: HealthAnswer.model_validate(one) for name, one in self._view.health().items()}


def changes(before: LiveAnswer, after: LiveAnswer) -> list[tuple[str, BaseModel]]:
    """What happened between two snapshots, by kind; mere passing of time is nothing."""
    found: list[tuple[str, BaseModel]] = []
    calls, gone = _changed(before.calls, after.calls, lambda call: call.call_id)
    if calls or gone:
        found.append(("calls", CallsChange(changed=calls, gone=gone)))
    seats, gone = _changed(before.seats, after.seats, lambda seat: seat.number)
    if seats or gone:
        found.append(("seats", SeatsChange(changed=seats, gone=gone)))
    if (before.line, before.waiting) != (after.line, after.waiting):
        found.append(("line", LineChange.model_validate(after, from_attributes=True)))
    if before.alarms != after.alarms:
        found.append(("alarms", Alarms(after.alarms)))
    if before.callbacks != after.callbacks:
        found.append(("callbacks", Callbacks(after.callbacks)))
    if before.today != after.today:
        found.append(("today", TodayNews(after.today)))
    if before.health != after.health:
        found.append(("health", Healths(after.health)))
    return found


def _changed(
    before: list[Item], after: list[Item], id_of: Callable[[Item], str]
) -> tuple[list[Item], list[str]]:
    known = {id_of(one): _mark(one) for one in before}
    changed = [one for one in after if known.pop(id_of(one), None) != _mark(one)]
    now = {id_of(one) for one in after}
    return changed, [one for one in known if one not in now]


def _mark(one: CallAnswer | SeatAnswer) -> object:
    """Equal while nothing happens but time."""
    return {name: value for name, value in one if name != "waited_s"}
