"""The live snapshot, made at most once a second however many people look."""

import asyncio
import time
from collections.abc import Callable, Mapping

import structlog
from pydantic.main import IncEx

from callcenter.web.models import DialIn, LiveAnswer, live_answer
from callcenter.web.view import HotlineView, Today

log = structlog.get_logger(__name__)

LIVE_S = 1.0
TODAY_S = 5.0  # a query over the day: needs no more than this
TODAY_LIMIT_S = 3.0


class Snapshots:
    """Shares one snapshot, and one query of the day, between all who ask."""

    def __init__(
        self,
        *,
        view: HotlineView,
        dial: DialIn,
        demo: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock`: monotonic seconds, so that tests need not wait."""
        self._view = view
        self._dial = dial
        self._demo = demo
        self._clock = clock
        self._lock = asyncio.Lock()
        self._live: tuple[float, LiveAnswer] | None = None
        self._today: tuple[float, Today | None] | None = None

    async def latest(self) -> LiveAnswer:
        """The snapshot, at most a second old; `today` is None while history is away."""
        async with self._lock:
            if self._live is None or self._clock() - self._live[0] >= LIVE_S:
                today = await self._day_so_far()
                answer = live_answer(
                    live=self._view.live(),
                    today=today,
                    health=dict(self._view.health()),
                    dial=self._dial,
                    demo=self._demo,
                )
                self._live = (self._clock(), answer)
            return self._live[1]

    async def _day_so_far(self) -> Today | None:
        if self._today is None or self._clock() - self._today[0] >= TODAY_S:
            try:
                async with asyncio.timeout(TODAY_LIMIT_S):
                    today = await self._view.today()
            except Exception:
                # the live part of the page must go on when the database does not;
                # said once, not every five seconds for as long as it lasts
                if self._today is None or self._today[1] is not None:
                    log.exception("today's rates could not be had")
                today = None
            self._today = (self._clock(), today)
        return self._today[1]


def change_mark(answer: LiveAnswer) -> str:
    """Equal for two snapshots between which nothing happened but time."""
    still: Mapping[str, IncEx | bool] = {
        "at": True,
        "longest_wait_s": True,
        "calls": {"__all__": {"waited_s": True}},
    }
    return answer.model_dump_json(exclude=still)
