"""What is known of a call before its flow asks: the facts that a branch may ask for (FACTS).

A fact that cannot be told is left out, so that the flow goes `otherwise`; a day that no notice
tells is never guessed. Pure but for the repeat callers, who are looked up in the background.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Container, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

import structlog

from callcenter.call import Call
from callcenter.events import CityFound
from ivr_flows.model import CITIES
from reports.store import DatabaseAway
from seats.calendar import Calendar, DayKind, YearNotLoaded
from seats.locate import UNSURE

log = structlog.get_logger()

LONG_QUEUE: Final = 5  # so many callers waiting are a long line
TOLD_WITHIN: Final = timedelta(days=365)  # people move
REPEAT_WITHIN: Final = timedelta(days=7)  # as a second call about one matter is counted (fcr)
KOREAN_CITIES: Final = ("222400",)  # Yanbian, area code 0433
OPEN_STATES: Final = ("accepted", "working")  # of `order_state`, which services tell
CALLS_REMEMBERED: Final = 4_096
LOOK_UP_S: Final = 5.0  # later than this nobody branches on it any more


def facts_of(
    call: Call,
    now: datetime,
    *,
    calendar: Calendar,
    waiting: int = 0,
    is_repeat: bool = False,
    flagged: Container[str] = (),
) -> dict[str, str]:
    """Every fact of FACTS that can be told of this call.

    `now` (aware) is the moment whose hours count: a call keeps those of its arrival if it is asked
    with that. `waiting`: callers in line; `flagged`: numbers of callers to be served first.
    """
    of_calendar = calendar_facts(calendar, now, call.city)
    return _of_call(call, of_calendar, waiting, is_repeat=is_repeat, flagged=flagged)


def _of_call(
    call: Call,
    of_calendar: Mapping[str, str],
    waiting: int,
    *,
    is_repeat: bool,
    flagged: Container[str],
) -> dict[str, str]:
    return {
        **of_calendar,
        "city": _city(call.city),
        "city_source": call.city_source,
        "language_hint": "korean" if call.city in KOREAN_CITIES else "chinese",
        "caller_known": _yes(call.caller),
        "repeat_caller": _yes(is_repeat),
        "special": _yes(call.special or (call.caller and call.caller in flagged)),
        "open_order": _yes(_told(call).get("order_state") in OPEN_STATES),
        "queue": "empty" if waiting == 0 else "short" if waiting < LONG_QUEUE else "long",
    }


def calendar_facts(calendar: Calendar, now: datetime, city: str | None) -> dict[str, str]:
    """The facts `hours`, `holiday` and `night`; without what needs a year that is not loaded."""
    found: dict[str, str] = {"night": calendar.night(city)}
    try:
        found["hours"] = calendar.hours(now, city)
    except YearNotLoaded as missing:
        log.error("the calendar lacks a year; callers go to a person", why=str(missing))
    try:
        kind = calendar.kind(calendar.day_of(now))
    except YearNotLoaded:
        return found  # said by `hotline check` and on the live page, not on every call
    return {**found, "holiday": _yes(kind is DayKind.HOLIDAY)}


def _city(city: str | None) -> str:
    if city is None:
        return "unknown"
    return city if city in CITIES else "other"


def _told(call: Call) -> Mapping[str, str]:
    return call.session.facts if call.session is not None else {}


def _yes(is_so: object) -> str:
    return "yes" if is_so else "no"


async def nothing_told(number: str, moment: datetime) -> str | None:
    """No number is known to have told its city."""
    return None


async def never_talked(number: str, moment: datetime) -> tuple[str, datetime] | None:
    """No number is known to have talked with a seat."""
    return None


class Known:
    """The facts of each call at any moment of it, from the parts of the house that know them.

    Hours are those of the call's arrival and are looked up once: whoever came while we were open
    is served as such. Whether the number called before, and what city its caller told then, is
    asked once, in the background.
    """

    def __init__(
        self,
        *,
        calendar: Callable[[], Calendar],
        waiting: Callable[[], int],
        called_before: Callable[[str, datetime], Awaitable[bool]],
        flagged: Callable[[], Container[str]] = tuple,
        told_before: Callable[[str, datetime], Awaitable[str | None]] = nothing_told,
        tell: Callable[[str, CityFound], None] = lambda call_id, found: None,
        talked_before: Callable[
            [str, datetime], Awaitable[tuple[str, datetime] | None]
        ] = never_talked,
        tell_talk: Callable[[str, str, datetime], None] = lambda call_id, seat, at: None,
    ) -> None:
        """`called_before(number, moment)`: whether the number called in REPEAT_WITHIN before it.

        `told_before(number, moment)`: the city that its caller was said to be from in an earlier
        call; `tell(call_id, event)` hands it to the call. `talked_before(number, moment)`: the
        seat that talked with it last, and when; `tell_talk` hands it to who looks for a seat.
        """
        self._waiting = waiting
        self._called_before = called_before
        self._flagged = flagged
        self._told_before = told_before
        self._tell = tell
        self._talked_before = talked_before
        self._tell_talk = tell_talk
        self._repeats: set[str] = set()
        self._looking: dict[str, asyncio.Task[None]] = {}

        @lru_cache(maxsize=CALLS_REMEMBERED)
        def of_calendar(arrived_at: datetime, city: str | None) -> dict[str, str]:
            return calendar_facts(calendar(), arrived_at, city)

        self._of_calendar = of_calendar

    def facts_of(self, call: Call) -> Mapping[str, str]:
        """The facts of the call now."""
        return _of_call(
            call,
            self._of_calendar(call.arrived_at, call.city),
            self._waiting(),
            is_repeat=call.call_id in self._repeats,
            flagged=self._flagged(),
        )

    def look_up(self, call: Call) -> None:
        """Begin to ask whether this number called before; `no` until it is known."""
        if call.caller and not call.blocked and call.call_id not in self._looking:
            task = asyncio.get_running_loop().create_task(self._look_up(call, call.caller))
            self._looking[call.call_id] = task

    def forget(self, call_id: str) -> None:
        """The call is over."""
        self._repeats.discard(call_id)
        task = self._looking.pop(call_id, None)
        if task is not None:
            task.cancel()

    async def _look_up(self, call: Call, number: str) -> None:
        try:
            async with asyncio.timeout(LOOK_UP_S):
                if await self._called_before(number, call.arrived_at):
                    self._repeats.add(call.call_id)
                if call.city_source in UNSURE:
                    told = await self._told_before(number, call.arrived_at)
                    if told is not None:
                        self._tell(call.call_id, CityFound(told, "confirmed"))
                talk = await self._talked_before(number, call.arrived_at)
                if talk is not None:
                    self._tell_talk(call.call_id, *talk)
        except (DatabaseAway, TimeoutError) as why:
            log.info("nobody could tell whether the number called before", why=repr(why))
