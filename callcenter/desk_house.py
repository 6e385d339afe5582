"""What a person at a desk sees of the hotline, and what he may do there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

import structlog

from callcenter.call import Call
from callcenter.desk_guest import Brought, Guest, brought_by, guest_of, supervisor_of
from callcenter.desks import Desks
from callcenter.ice import IcePlan, IceServer
from callcenter.neighbours import Neighbours
from callcenter.province import Province
from callcenter.province_secrets import Secrets
from callcenter.web.masking import mask_number
from callcenter.web.view import SeatFault, Want
from reports import audit
from reports.queries import StaleTallies, find
from reports.seat_day import SeatDay, seat_days
from reports.store import DatabaseAway, Store
from seats.seat import Change, SeatState, SeatStatus, shanghai_day

if TYPE_CHECKING:
    from callcenter.switchboard import Switchboard

log = structlog.get_logger()

TODAY_S = 5.0
TOLD_AGAIN_S = 6.0  # by then the facts of a talk that has ended are in the database
SUPERVISING = "supervising"  # the state of a telephone that no caller is ever sent to


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """By which a browser's telephone registers."""

    number: str
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A telephone's place now. `state` and `reason`: ids of seats.seat, or SUPERVISING.

    `is_awaited`: a caller whose talk was cut off waits for it. `caller`: as received.
    `rest_next`: why it will be not ready when what it does now is over; None: it will be ready.
    """

    number: str
    name: str
    state: str
    reason: str | None = None
    since: datetime
    call_id: str | None = None
    caller: str | None = None
    is_outgoing: bool = False
    leads: bool = False
    brought: Brought | None = None
    guest: Guest | None = None
    supervisor: Guest | None = None
    is_awaited: bool = False
    wrap_up_until: datetime | None = None
    rest_next: str | None = None
    wrap_up_s: float = 0.0


class DeskHouse:
    """One per controller."""

    def __init__(
        self,
        house: Switchboard,
        *,
        store: Store,
        province: Callable[[], Province],
        secrets: Callable[[], Secrets],
        asterisk: str,
        neighbours: Neighbours | None = None,
        ice: IcePlan | None = None,
    ) -> None:
        """`asterisk`: address of its SIP over WebSocket, as `http://127.0.0.1:5088/ws`;
        `neighbours`: calls of other controllers, which may be at telephones here; `ice`: by which
        servers browsers find their way.
        """
        self.asterisk = asterisk
        self.ice = ice or IcePlan()
        self.on_change: Callable[[str], None] = lambda number: None
        """Told the number of each claimed telephone whose place has changed."""
        self._house = house
        self._store = store
        self._province = province
        self._secrets = secrets
        self._days: tuple[float, date, Mapping[str, SeatDay]] | None = None
        self._asking = asyncio.Lock()
        self._changed: set[str] = set()
        house.dispatcher.on_status = self._seat_is
        house.watchers.append(self._call_is)
        self._neighbours = neighbours or Neighbours()
        self._neighbours.watchers.append(self._call_elsewhere_is)

    @property
    def desks(self) -> Desks:
        """Who sits where."""
        return self._house.desks

    def account(self, number: str) -> Account | None:
        """Of a seat's or a supervisor's telephone; None when there is none of this number."""
        kept = self._secrets()
        secret = kept.seats.get(number) or kept.supervisors.get(number)
        return Account(number=number, secret=secret) if secret and self._name(number) else None

    def ways(self, number: str) -> tuple[IceServer, ...]:
        """STUN and TURN servers for this telephone, with names and passwords."""
        return self.ice.for_phone(number, self._house.clock())

    def shown(self, number: str) -> Shown:
        """The telephone's place; raises SeatFault for a number that is nobody's."""
        name, status = self._name(number), self._house.dispatcher.statuses.get(number)
        if name is None:
            raise SeatFault("seat_unknown", f"没有坐席 {number}。")
        if number not in self._house.dispatcher.roster or status is None:
            return Shown(number=number, name=name, state=SUPERVISING, since=self._house.clock())
        call_id = _call_of(status)
        call = self._call(call_id or "")
        is_wrapping = status.state is SeatState.WRAP_UP
        day = shanghai_day(self._house.clock())
        return Shown(
            number=number,
            name=name,
            state=status.state.value,
            reason=status.reason,
            since=status.since,
            call_id=call_id,
            caller=call.caller if call else None,
            is_outgoing=call is not None and call.is_ours,
            brought=brought_by(call, number, self._names()),
            leads=call is not None and call.seat == number,
            guest=guest_of(call, number, self._province(), self._names()),
            supervisor=supervisor_of(call, number, self._province(), self._names()),
            is_awaited=self._is_awaited(number),
            wrap_up_until=status.lease_until if is_wrapping else None,
            rest_next=status.rest_next,
            wrap_up_s=status.wrap_up_ms_on(day) / 1000,
        )

    def _call(self, call_id: str) -> Call | None:
        session = self._house.sessions.get(call_id)
        return session.call if session else self._neighbours.call(call_id)

    def _is_awaited(self, number: str) -> bool:
        is_here = self._house.talks.is_awaited(number)
        return is_here or any(call.wants == number for call in self._neighbours.calls)

    def _name(self, number: str) -> str | None:
        return self._names().get(number)

    def _names(self) -> Mapping[str, str]:
        """Of all telephones."""
        province = self._province()
        names = {one.number: one.name for one in province.supervisors}
        return names | {one.number: one.name for one in province.seats}

    def change(self, number: str, want: Want, reason: str, *, is_next: bool = False) -> None:
        """Set the seat ready or not ready, `is_next`: when its call and the wrap-up after it are
        over; raises SeatFault.
        """
        dispatcher = self._house.dispatcher
        status = dispatcher.statuses.get(number)
        if status is None or number not in dispatcher.roster:
            raise SeatFault("seat_unknown", f"没有坐席 {number}。")
        if not status.is_registered:
            raise SeatFault("seat_offline", "话机尚未连接，请稍候。")
        if is_next:
            change = Change.WORK_ON if want == "ready" else Change.REST_NEXT
            if status.state in (SeatState.READY, SeatState.NOT_READY):
                raise SeatFault("not_talking", "现在没有通话，请直接示忙或就绪。")
        else:
            change = Change.READY if want == "ready" else Change.NOT_READY
        if not dispatcher.change_seat(number, change, reason=reason):
            raise SeatFault("seat_busy", "正在处理来电，请稍后再试。")

    async def call_out(self, number: str, to: str, *, by: str, reason: str) -> str:
        """Ring the seat and then somebody; the call's id. Raises SeatFault.

        Written down before it is done: without the database nobody is called.
        """
        self._house.calls_out.check(number, to)
        entry = audit.Entry(
            at=self._house.clock(),
            by=by,
            action="call_out",
            subject=number,
            reason=reason,
            before=mask_number(to),
        )
        try:
            await audit.write(self._store, entry)
        except DatabaseAway:
            raise SeatFault("database_away", "数据库暂不可用，无法留痕，未呼出。") from None
        return await self._house.calls_out.begin(number, to, by=by, reason=reason)

    async def number_of(self, call_id: str, seat: str) -> str:
        """Whom an earlier conversation was with, to be called again: one that asked for it, or
        that this seat had. Raises SeatFault, DatabaseAway.
        """
        call = await find(self._store, call_id)
        request = call.overflow_request if call else None
        is_his = call is not None and any(one.seat == seat for one in call.attempts)
        number = (request and request.number) or (call.caller if call else None)
        if call is None or not number or not (request or is_his):
            raise SeatFault("call_unknown", "没有可以回拨的通话。")
        return number

    async def today(self, number: str) -> SeatDay | None:
        """What the seat did on this Shanghai day; None while history cannot be had."""
        day = date.fromisoformat(shanghai_day(self._house.clock()))
        async with self._asking:
            kept = self._days
            if kept is None or kept[1] != day or time.monotonic() - kept[0] > TODAY_S:
                try:
                    days = await seat_days(self._store, day)
                except (DatabaseAway, StaleTallies):
                    return None
                kept = self._days = (time.monotonic(), day, days)
        return kept[2].get(number, SeatDay())

    # --- what changes is told to the page --------------------------------------------------------

    def _seat_is(self, status: SeatStatus) -> None:
        if self.desks.at(status.number) is None:
            return
        self._tell_soon(status.number)
        if status.state is SeatState.WRAP_UP:
            loop = asyncio.get_running_loop()
            loop.call_later(TOLD_AGAIN_S, self._tell_soon, status.number)

    def _call_is(self, before: Call, call: Call) -> None:
        """Who is in the talk besides: of this no seat's state need tell."""
        if before.legs == call.legs and before.table == call.table:
            return
        there = {call.seat, *(leg.seat for leg in call.legs if leg.ended_at is None)}
        for number in sorted(number for number in there if number):
            if self.desks.at(number) is not None:
                self._tell_soon(number)

    def _call_elsewhere_is(self, before: Call | None, call: Call) -> None:
        """It may be at a telephone here; what of it is new need not be sought."""
        held = (call.held_seat, before.held_seat if before else None)
        own = {number for number in (*held, *(leg.seat for leg in call.legs)) if number}
        for number in sorted(own):
            if self.desks.at(number) is not None:
                self._tell_soon(number)

    def _tell_soon(self, number: str) -> None:
        """Once, when the step that moved the seat is through and its call is saved."""
        if number not in self._changed:
            self._changed.add(number)
            asyncio.get_running_loop().call_soon(self._tell, number)

    def _tell(self, number: str) -> None:
        self._changed.discard(number)
        self.on_change(number)


def _call_of(status: SeatStatus) -> str | None:
    """The conversation a seat is in, also where it was reserved for a leg of it."""
    return status.call_id.partition("-leg-")[0] if status.call_id else None
