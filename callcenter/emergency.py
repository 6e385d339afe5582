"""The emergency button: help on the line beside the lawyer, supervisors told, the recording kept.

What needs the database comes last and may fail: nobody in danger waits for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import structlog

from callcenter import events as ev
from callcenter.records.desk import Records, seats_of
from callcenter.switchboard import Switchboard
from callcenter.web.view import SeatFault, TalkTarget
from reports import audit
from reports.store import DatabaseAway, Store

log = structlog.get_logger()

Helper = Literal["police", "ambulance"]
NUMBERS: Final = {"police": "110", "ambulance": "120"}  # where lines.yaml has no line of this name
AUDIT_S: Final = 2.0


class NotYourCall(Exception):
    """The seat neither talks nor talked in this call."""


@dataclass(frozen=True, slots=True)
class Helped:
    """What came of ringing for help: `why` nobody is rung, empty when somebody is."""

    why: str = ""
    message: str = ""


class Emergency:
    """One per controller."""

    def __init__(
        self,
        house: Switchboard,
        records: Records,
        store: Store,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        """`house`: has the calls, the talks and the lines outside."""
        self._house = house
        self._records = records
        self._store = store
        self._clock = clock

    async def call_help(self, call_id: str, *, seat: str, to: Helper, by: str) -> Helped:
        """Tell supervisors, hold the recording, ring police or ambulance into the seat's talk.

        After the talk nobody is rung any more. Raises NotYourCall.
        """
        session = self._house.sessions.get(call_id) or self._house.ended.find(call_id)
        if session is None or seat not in seats_of(session.call):
            raise NotYourCall(call_id)
        session.put(ev.EmergencyRaised(seat))
        helped = self._ring(seat, call_id, to)
        await self._records.mark_urgent(call_id, by=by)
        await self._write_down(call_id, to, by, helped)
        return helped

    def _ring(self, seat: str, call_id: str, to: Helper) -> Helped:
        if call_id not in self._house.sessions:
            return Helped("not_talking", "通话已结束，请立即自行拨打求助电话。")
        if self._is_helper_there(call_id):
            return Helped("help_there", "求助电话已在本通话中，请勿挂机。")
        target = self._target(to)
        try:
            try:
                self._house.talks.ask(seat, "conference", target)
            except SeatFault as busy:
                if busy.error != "has_guest":
                    raise
                # whoever is consulted makes room for help
                self._house.talks.ask(seat, "cancel")
                self._house.talks.ask(seat, "conference", target)
        except SeatFault as refused:
            log.error("help could not be called", call_id=call_id, to=to, why=refused.error)
            return Helped(refused.error, refused.message)
        return Helped()

    def _is_helper_there(self, call_id: str) -> bool:
        call = self._house.sessions[call_id].call
        to = call.legs[call.table.guest - 1].to if call.table and call.table.guest else None
        return to is not None and (to.name in NUMBERS or to.name in NUMBERS.values())

    def _target(self, to: Helper) -> TalkTarget:
        line = self._house.outside.line(to, self._clock(), None)
        if line is not None and line.is_open:
            return TalkTarget("line", to)
        return TalkTarget("number", NUMBERS[to])

    async def _write_down(self, call_id: str, to: Helper, by: str, helped: Helped) -> None:
        entry = audit.Entry(
            at=self._clock(),
            by=by,
            action="emergency",
            subject=call_id,
            reason=to,
            before=helped.why,
        )
        try:
            async with asyncio.timeout(AUDIT_S):
                await audit.write(self._store, entry)
        except (DatabaseAway, TimeoutError):
            log.error("an emergency is in the facts, not in the audit", call_id=call_id)
