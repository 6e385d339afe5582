"""Lawyers call from their desks: the seat's own telephone rings first, then whoever is called.

To Asterisk and to the rules it is a callback whose seat is rung first; it is in no rate.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from callcenter.asterisk.ami import AmiFault, OutcomeUnknown
from callcenter.call import Call, call_out
from callcenter.call.state import CallOut
from callcenter.callback_needs import NoWayOut, Outbound
from callcenter.caller import caller_of
from callcenter.web.view import SeatFault
from seats.seat import Change, SeatState

if TYPE_CHECKING:
    from callcenter.switchboard import Switchboard

log = structlog.get_logger()

RING_S = 45
GIVEN_UP = timedelta(seconds=30)  # Asterisk brings such a call within milliseconds, or never


@dataclass(frozen=True, slots=True)
class _Begun:
    """A call that Asterisk was asked for, and has not brought yet."""

    out: CallOut
    trunk: str
    at: datetime


class CallsOut:
    """One per controller; `outbound` is set when there is an Asterisk."""

    def __init__(self, house: Switchboard) -> None:
        """`house`: has seats and trunks."""
        self.outbound: Outbound = NoWayOut()
        self.node = "main"
        self._house = house
        self._begun: dict[str, _Begun] = {}

    def check(self, seat: str, number: str) -> str:
        """The number as it will be dialled; SeatFault when this seat cannot call it now."""
        status = self._house.dispatcher.statuses.get(seat)
        if status is None or seat not in self._house.dispatcher.roster:
            raise SeatFault("seat_unknown", f"没有坐席 {seat}。")
        if not status.is_registered:
            raise SeatFault("seat_offline", "话机尚未连接，请稍候。")
        if status.state not in (SeatState.READY, SeatState.NOT_READY, SeatState.WRAP_UP):
            raise SeatFault("seat_busy", "正在处理来电，请稍后再拨。")
        dialled = call_out.number_of(number)
        if dialled is None or self._house.outside.trunk_out("") is None:
            raise SeatFault("target_unknown", "该号码无法呼出。")
        return dialled

    async def begin(self, seat: str, number: str, *, by: str, reason: str) -> str:
        """Ring the seat, then the number; the call's id. Raises SeatFault."""
        dialled = self.check(seat, number)
        dispatcher = self._house.dispatcher
        before = dispatcher.statuses[seat]
        if before.state is not SeatState.READY:
            dispatcher.change_seat(seat, Change.READY)
        call_id = f"{self.node}{call_out.MARK}{secrets.token_hex(8)}"
        trunk = self._house.outside.trunk_out("") or ""
        out = CallOut(seat=seat, by=by, number=dialled, reason=reason)
        self._begun[call_id] = _Begun(out, trunk, self._house.clock())
        was_resting = before.state is SeatState.NOT_READY
        if not await dispatcher.take(seat, call_id):
            del self._begun[call_id]
            if was_resting:
                dispatcher.change_seat(seat, Change.NOT_READY, reason=before.reason)
            raise SeatFault("seat_busy", "正在处理来电，请稍后再拨。")
        if was_resting:
            dispatcher.change_seat(seat, Change.REST_NEXT, reason=before.reason)
        await self._ring(call_id, dialled, trunk)
        return call_id

    async def _ring(self, call_id: str, number: str, trunk: str) -> None:
        try:
            await self.outbound.ring_seat_first(
                call_id, number=number, trunk=trunk, dialled="", ring_s=RING_S
            )
        except OutcomeUnknown as unknown:  # its channel, or the seat's lease, will tell
            log.warning("a call out may begin or not", call_id=call_id, why=str(unknown))
        except AmiFault as fault:
            log.warning("a call out could not be made", call_id=call_id, why=str(fault))
            begun = self._begun.pop(call_id)
            self._house.dispatcher.change_seat(begun.out.seat, Change.RELEASED, call_id=call_id)
            raise SeatFault("controller_away", "与 Asterisk 的连接中断，请稍后再试。") from None

    def arrived(self, call_id: str, recording: str, arrived_at: datetime) -> Call | None:
        """The channel of a call out has come: the call it is now; None for any other call."""
        begun = self._begun.pop(call_id, None)
        if begun is None:
            return None
        dispatcher, number = self._house.dispatcher, begun.out.seat
        is_kept = dispatcher.change_seat(number, Change.KEPT, call_id=call_id)
        caller, place = caller_of(begun.out.number)
        return call_out.new_call(
            call_id,
            begun.out,
            caller=caller,
            city=place.city,
            city_source=place.source,
            group=min(dispatcher.roster[number].skills, default="general"),
            trunk=begun.trunk,
            recording=recording,
            arrived_at=arrived_at,
            reserved=number if is_kept else "",
            level=str(dispatcher.roster[number].level),
        )

    def held(self) -> dict[str, str | None]:
        """Calls that Asterisk was asked for, and their seats; what did not come is given up."""
        since = self._house.clock() - GIVEN_UP
        self._begun = {call_id: one for call_id, one in self._begun.items() if one.at > since}
        return {call_id: begun.out.seat for call_id, begun in self._begun.items()}
