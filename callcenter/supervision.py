"""What a supervisor does: listens, whispers, joins, takes over; moves callers; sets seats.

Everything is checked, then written down with name and reason, then done: without the database
nothing is done.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from callcenter import events as ev
from callcenter.asterisk.ami import AmiFault
from callcenter.asterisk.ears import Ear
from callcenter.beside import Mode, Place, Telephones
from callcenter.call import Call, Stage, supervised
from callcenter.call.table import spy_id
from callcenter.web.view import SeatFault
from reports import audit
from reports.store import DatabaseAway, Store
from seats.seat import Change, SeatState

if TYPE_CHECKING:
    from callcenter.switchboard import Switchboard

Where = Literal["group", "seat", "head"]

_AT_REST = {SeatState.READY, SeatState.NOT_READY, SeatState.WRAP_UP}
_REFUSED = {
    "not_talking": "这通电话现在不在坐席通话中。",
    "another_in": "另一位班长已在这通电话中，您可以监听或耳语。",
    "another_whispers": "另一位班长正在耳语，您可以监听。",
    "already_in": "您已在这通电话中。",
}


class Hands(Protocol):
    """What is done on the wire (callcenter.asterisk.ears)."""

    async def begin(
        self, call_id: str, *, seat: str, seat_channel: str, phone: str, spy: str, ear: Ear
    ) -> bool:
        """Have the telephone rung."""

    async def change(self, call_id: str, *, spy: str, ear: Ear) -> None:
        """Listen or whisper from now on."""

    def end(self, call_id: str, channel: str) -> None:
        """Hang the telephone up."""


@dataclass(frozen=True, slots=True)
class By:
    """Who asks, why, and at which telephone he listens."""

    name: str
    reason: str
    phone: str | None = None


async def nobody_sits(_seat: str, _by: By) -> None:
    """There are only telephones: nobody is put out."""


class Supervision:
    """One per controller. Every public method that does something may raise SeatFault."""

    def __init__(
        self,
        house: Switchboard,
        telephones: Telephones,
        *,
        store: Store,
        hands: Hands,
        put_out: Callable[[str, By], Awaitable[None]] = nobody_sits,
    ) -> None:
        """`house`: has the calls and the seats; `put_out`: logs out whoever sits at a seat."""
        self.telephones = telephones
        self._put_out = put_out
        self._house = house
        self._store = store
        self._hands = hands
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._serial = itertools.count(int(house.clock().timestamp()))

    # --- talks ---

    def cities_of(self, call_id: str) -> tuple[str | None, ...]:
        """Codes of the places that a call concerns: its own, and that of its seat."""
        call = self._call(call_id)
        seat = self._house.dispatcher.roster.get(call.seat or "")
        return (call.city, seat.city) if seat else (call.city,)

    async def join(self, call_id: str, mode: Mode, by: By) -> None:
        """Have the supervisor's telephone listen, whisper, join the talk or take it over."""
        phone = self._phone(by)
        async with self._locks[phone]:  # somebody impatient presses twice
            await self._join(call_id, mode, by, phone)

    async def _join(self, call_id: str, mode: Mode, by: By, phone: str) -> None:
        call = self._call(call_id)
        place = self.telephones.place_of(phone)
        if place and (place.call_id, place.mode) == (call_id, mode):
            raise SeatFault("already_in", _REFUSED["already_in"])
        why = supervised.refusal(call, _wish(mode, phone))
        if mode in ("listen", "whisper") and why in ("another_in", "already_in"):
            why = None  # who only listens is nobody's guest
        if mode == "whisper" and why is None and self._is_whispered_to(call_id, phone):
            why = "another_whispers"
        if why is not None:
            raise SeatFault(why, _REFUSED[why])
        await self._note(by, mode, call_id, before=f"seat {call.seat}")
        if mode == "listen" or mode == "whisper":
            await self._listen(call_id, mode, phone)
        else:
            await self._come_in(call_id, mode, phone)

    def _is_whispered_to(self, call_id: str, phone: str) -> bool:
        """The seat would hear two at once who do not hear each other."""
        others = self.telephones.others(phone, call_id).values()
        return any(one.mode == "whisper" for one in others)

    async def leave(self, by: By) -> None:
        """Hang the supervisor's telephone up; the talk goes on."""
        place = self.telephones.place_of(self._number(by))
        if place is not None:
            self._hands.end(place.call_id, place.channel)

    async def _listen(self, call_id: str, ear: Ear, phone: str) -> None:
        place = self.telephones.place_of(phone)
        try:
            if place and place.call_id == call_id and place.is_there and _is_ear(place):
                await self._hands.change(call_id, spy=place.channel, ear=ear)
                self.telephones.changes(phone, ear, self._house.clock())
                return
            await self._let_go(phone, place)
            await self._call_to_listen(call_id, ear, phone)
        except AmiFault:
            raise SeatFault("controller_away", "与 Asterisk 的连接中断，请稍后再试。") from None

    async def _call_to_listen(self, call_id: str, ear: Ear, phone: str) -> None:
        call = self._call(call_id)
        spy = spy_id(call_id, phone, next(self._serial))
        self.telephones.begins(phone, Place(call_id, ear, self._house.clock(), spy))
        is_rung = False
        try:
            is_rung = await self._hands.begin(
                call_id,
                seat=call.seat or "",
                seat_channel=call.table.channel if call.table else "",
                phone=phone,
                spy=spy,
                ear=ear,
            )
        finally:
            if not is_rung:
                self.telephones.ends(spy)
        if not is_rung:
            raise SeatFault("not_talking", _REFUSED["not_talking"])

    async def _come_in(self, call_id: str, mode: Mode, phone: str) -> None:
        place = self.telephones.place_of(phone)
        is_guest = place is not None and place.call_id == call_id and not _is_ear(place)
        if not is_guest:
            await self._let_go(phone, place)
        session = self._house.sessions.get(call_id)
        wish = _wish(mode, phone)
        why = supervised.refusal(session.call, wish) if session else "not_talking"
        if session is None or why is not None:  # the talk ended while the telephone was hung up
            raise SeatFault(why or "not_talking", _REFUSED[why or "not_talking"])
        session.put(wish)

    async def _let_go(self, phone: str, place: Place | None) -> None:
        """A telephone is beside one talk only."""
        if place is not None:
            self._hands.end(place.call_id, place.channel)
            await self.telephones.free(phone)

    # --- the line ---

    async def move(self, call_id: str, to: Where, name: str, by: By) -> None:
        """Have a waiting caller wait for another group, for one seat, or before all others."""
        call = self._call(call_id)
        if call.stage is not Stage.QUEUE or call.reserved:
            raise SeatFault("not_waiting", "这位来电者现在不在排队。")
        dispatcher = self._house.dispatcher
        if to == "group" and not any(name in one.skills for one in dispatcher.roster.values()):
            raise SeatFault("target_unknown", f"没有坐席服务于业务组 {name}。")
        if to == "seat" and self._seat_state(name) is SeatState.OFFLINE:
            raise SeatFault("seat_offline", f"坐席 {name} 不在线。")
        before = f"group {call.group}"
        await self._note(by, "move_call", call_id, before=before, after=f"{to} {name}".strip())
        self._house.tell(call_id, ev.Moved(to, name))

    # --- seats ---

    def city_of_seat(self, number: str) -> str | None:
        """Code of the city that a seat works for; None for the province's."""
        self._seat_state(number)
        return self._house.dispatcher.roster[number].city

    async def force(self, number: str, change: Change, by: By) -> None:
        """Set a seat that is in no call ready or not ready."""
        state = self._seat_state(number)
        if state is SeatState.OFFLINE:
            raise SeatFault("seat_offline", f"坐席 {number} 不在线。")
        if state == str(change):
            raise SeatFault("seat_unchanged", f"坐席 {number} 已是这个状态。")
        if state not in _AT_REST:
            raise SeatFault("seat_busy", f"坐席 {number} 正在处理来电，请稍后再试。")
        await self._note(by, "force_seat", number, before=str(state), after=str(change))
        if not self._house.dispatcher.change_seat(number, change, reason="supervisor"):
            raise SeatFault("seat_busy", f"坐席 {number} 正在处理来电，请稍后再试。")

    async def log_out(self, number: str, by: By) -> None:
        """End the log-in of whoever sits at a seat that is in no call."""
        state = self._seat_state(number)
        if state not in _AT_REST and state is not SeatState.OFFLINE:
            raise SeatFault("seat_busy", f"坐席 {number} 正在处理来电，请稍后再试。")
        await self._note(by, "log_out_seat", number, before=str(state))
        if state is not SeatState.OFFLINE:
            self._house.dispatcher.change_seat(number, Change.NOT_READY, reason="signed_off")
        await self._put_out(number, by)

    # --- what all of them need ---

    def _call(self, call_id: str) -> Call:
        session = self._house.sessions.get(call_id)
        if session is None:
            raise SeatFault("call_unknown", "这通电话已经结束。")
        return session.call

    def _seat_state(self, number: str) -> SeatState:
        status = self._house.dispatcher.statuses.get(number)
        if status is None or number not in self._house.dispatcher.roster:
            raise SeatFault("seat_unknown", f"没有坐席 {number}。")
        return status.state

    def _number(self, by: By) -> str:
        if by.phone is None or not self.telephones.knows(by.phone):
            raise SeatFault("no_phone", "您的账号没有班长话机，请联系管理员。")
        return by.phone

    def _phone(self, by: By) -> str:
        number = self._number(by)
        if not self.telephones.is_registered(number):
            raise SeatFault("phone_offline", "您的班长话机没有连接。")
        return number

    async def _note(
        self, by: By, action: str, subject: str, *, before: str, after: str = ""
    ) -> None:
        entry = audit.Entry(
            at=self._house.clock(),
            by=by.name,
            action=action,
            subject=subject,
            reason=by.reason,
            before=f"{before} → {after}" if after else before,
        )
        try:
            await audit.write(self._store, entry)
        except DatabaseAway:
            raise SeatFault("database_away", "数据库暂不可用，无法留痕，未执行。") from None


def _is_ear(place: Place) -> bool:
    return place.mode in ("listen", "whisper")


def _wish(mode: Mode, phone: str) -> ev.TalkAsked:
    return ev.TalkAsked(mode, phone, ev.Target(kind="supervisor", name=phone))
