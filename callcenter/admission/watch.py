"""Keeps the gate's blacklist as the database has it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from callcenter.admission.desk import BlacklistDesk
from callcenter.admission.gate import Gate
from reports.store import DatabaseAway

log = structlog.get_logger()

ASK_S = 1.0
ANEW_S = 30.0  # an entry ends by itself within so long of its time


class BlacklistWatch:
    """Asks the database for moves each second; without it what was known stays in force."""

    def __init__(
        self,
        desk: BlacklistDesk,
        gate: Gate,
        *,
        clock: Callable[[], datetime],
        count: Callable[[int], None] = lambda numbers: None,
    ) -> None:
        """`count` is told how many numbers are in force."""
        self._desk = desk
        self._gate = gate
        self._clock = clock
        self._count = count
        self._seen: int | None = None
        self._read_at: datetime | None = None

    async def look(self) -> None:
        """Take up what has changed. Raises DatabaseAway."""
        now = self._clock()
        newest = await self._desk.newest_move()
        age_s = (now - self._read_at).total_seconds() if self._read_at else ANEW_S
        if newest == self._seen and 0 <= age_s < ANEW_S:
            return
        self._gate.blacklist = await self._desk.in_force(now)
        self._count(len(self._gate.blacklist))
        self._seen, self._read_at = newest, now

    async def run(self) -> None:
        """Look, forever."""
        is_away = False
        while True:
            try:
                await self.look()
                is_away = False
            except DatabaseAway as away:
                if not is_away:
                    log.warning("the blacklist stays as it is known", why=str(away))
                is_away = True
            except Exception:
                log.exception("the blacklist could not be read")
            await asyncio.sleep(ASK_S)
