"""Talks in hand on this controller: what lawyers ask for, and what is heard of the rooms."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from callcenter import events as ev
from callcenter.asterisk import heard, recover
from callcenter.asterisk.rooms import RoomCommand
from callcenter.call import Call, Stage, in_talk
from callcenter.call.table import leg_id, parse_leg_id, way_out_id
from callcenter.web.view import SeatFault, TalkTarget
from seats.seat import IN_TALK, Change, SeatState, SeatStatus

if TYPE_CHECKING:
    from callcenter.asterisk.rooms import Rooms
    from callcenter.switchboard import Switchboard

SETTLING = timedelta(seconds=5)  # a leg this young may be on its way
SOUGHT = timedelta(seconds=60)  # longer than any seat is looked for: its controller has died
NUMBER = re.compile(r"[0-9]{3,20}")

_REFUSED = {
    "not_talking": "坐席当前没有可操作的通话。",
    "already_held": "来电者已在保持中。",
    "not_held": "来电者没有在保持中。",
    "has_guest": "正在咨询或会议中，请先完成或取消。",
    "no_guest": "没有正在咨询的对象。",
    "not_answered": "对方还没有接听。",
    "no_conference": "当前没有三方会议。",
    "supervisor_in": "班长在通话中，须由班长退出；您也可以离开，由班长继续。",
    "target_needed": "请说明转给谁。",
    "line_closed": "该线路现在不在服务时间内，来电者仍在您的通话中。",
}


class NoHands:
    """Before Asterisk is there."""

    def do(self, call: Call, command: RoomCommand, tell: Callable[[ev.Event], None]) -> None:
        """Nothing can be done."""

    def hang_up(self, call_id: str, channel: str) -> None:
        """Nothing can be done."""

    def listen(self, call_id: str, channel: str, lost: Callable[[], None]) -> None:
        """Nothing can be heard."""

    def if_gone(self, seat: str, node: str, gone: Callable[[], None]) -> None:
        """Nobody can be asked."""
        gone()


class Beside(Protocol):
    """Supervisors' telephones (callcenter.beside)."""

    def hear(self, news: heard.Heard, node: str = "") -> None:
        """Take in what concerns them."""

    def compare(self, seen: Mapping[str, recover.Snapshot]) -> None:
        """Take up what was missed of them."""


class Talks:
    """One per controller. `rooms` is set when there is an Asterisk."""

    def __init__(self, house: Switchboard) -> None:
        """`house`: has the calls, seats and lines."""
        self.rooms: Rooms | NoHands = NoHands()
        self._lost: dict[str, str] = {}  # seat whose phone died -> the call that waits for it
        self.beside: Beside | None = None
        self._house = house

    # --- what lawyers ask for ---

    def ask(self, seat: str, what: str, target: TalkTarget | None = None) -> None:
        """Do what the lawyer at this seat wants done with his talk; SeatFault when it cannot be."""
        status = self._house.dispatcher.statuses.get(seat)
        if status is None or seat not in self._house.dispatcher.roster:
            raise SeatFault("seat_unknown", f"没有坐席 {seat}。")
        session = self._house.sessions.get(_call_of(status))
        if session is None or session.call.stage is not Stage.TALKING:
            raise SeatFault("not_talking", _REFUSED["not_talking"])
        to = self._resolve(target, session.call) if target else None
        wish = ev.TalkAsked(what, seat, to)
        why = in_talk.refusal(session.call, wish)
        if why is None or why == "line_closed":
            session.put(wish)
        if why is not None:
            raise SeatFault(why, _REFUSED[why])

    def _resolve(self, target: TalkTarget, call: Call) -> ev.Target:
        dispatcher = self._house.dispatcher
        if target.kind == "seat":
            return self._free_seat(target.name)
        if target.kind == "group":
            if not any(target.name in one.skills for one in dispatcher.roster.values()):
                raise SeatFault("target_unknown", f"没有坐席服务于业务组 {target.name}。")
            return ev.Target(kind="group", name=target.name)
        if target.kind == "line":
            line = self._house.outside.line(target.name, self._house.clock(), call.city)
            if line is None:
                raise SeatFault("target_unknown", f"没有线路 {target.name}。")
            return ev.Target(
                kind="line",
                name=target.name,
                number=line.number,
                trunk=line.trunk,
                is_open=line.is_open,
            )
        trunk = self._house.outside.trunk_out(call.trunk)
        if not NUMBER.fullmatch(target.name) or trunk is None:
            raise SeatFault("target_unknown", "该号码无法呼出。")
        return ev.Target(kind="number", name=target.name, number=target.name, trunk=trunk)

    def _free_seat(self, number: str) -> ev.Target:
        status = self._house.dispatcher.statuses.get(number)
        if status is None or number not in self._house.dispatcher.roster:
            raise SeatFault("target_unknown", f"没有坐席 {number}。")
        if status.state is not SeatState.READY:
            raise SeatFault("target_busy", f"坐席 {number} 现在不能接听。")
        return ev.Target(kind="seat", name=number)

    def offer(self, call_id: str, leg: int, event: ev.SeatOffered | ev.OverflowDue) -> None:
        """Hand a leg the seat that was reserved for it; nobody waits so long for a leg that it
        overflows.
        """
        if not isinstance(event, ev.SeatOffered):
            return
        if call_id in self._house.sessions:
            self._house.tell(call_id, ev.SeatOffered(event.seat, event.level, leg))
        else:
            self._house.dispatcher.change_seat(
                event.seat, Change.RELEASED, call_id=leg_id(call_id, leg)
            )

    # --- what Asterisk tells ---

    def hear(self, news: heard.Heard, node: str = "") -> None:
        """Take in what concerns phones that are not the caller's own."""
        match news:
            case heard.RoomJoined(call_id, unique_id, at):
                if call_id in self._house.sessions:
                    self._house.tell(call_id, ev.MemberJoined(unique_id, at))
                elif unique_id != call_id and self._house.has_told(call_id):
                    self.rooms.hang_up(call_id, unique_id)  # it came too late: the call is over
            case heard.LegRings(call_id, leg):
                self._house.tell(call_id, ev.LegRang(leg))
            case heard.LegPickedUp(call_id, leg, at):
                self._house.tell(call_id, ev.LegAnswered(leg, at))
            case heard.ChannelGone(unique_id, channel, at, cause, call_id):
                leg_of = parse_leg_id(unique_id)
                of_seat = heard.seat_of(channel)
                if leg_of is not None:
                    self._house.tell(leg_of[0], ev.LegGone(leg_of[1], at, cause))
                elif of_seat is not None:
                    self._house.tell(call_id, ev.SeatGone(of_seat, at, cause))
            case heard.PhoneSeen(seat, is_removed=True):
                # Asterisk tells of the old contact after it has told of the new one.
                self.rooms.if_gone(
                    seat,
                    node,
                    lambda: self._house.news.phone_seen(seat, is_registered=False, node=node),
                )
                self.phone_lost(seat)
            case heard.PhoneSeen(seat, is_registered):
                if not is_registered:
                    self.phone_lost(seat)
                else:
                    self.phone_back(seat)
            case _:
                pass
        if self.beside is not None:
            self.beside.hear(news, node)

    def phone_lost(self, seat: str) -> None:
        """Its registration is gone in mid-talk: a phone that also sends no sound is dead."""
        status = self._house.dispatcher.statuses.get(seat)
        session = self._house.sessions.get(_call_of(status)) if status else None
        if status is None or session is None or status.state not in IN_TALK:
            return
        call = session.call
        channel = call.table.channel if call.table and call.seat == seat else ""
        if call.table and call.table.guest and call.legs[call.table.guest - 1].seat == seat:
            channel = leg_id(call.call_id, call.table.guest)
        self.rooms.listen(call.call_id, channel, lambda: self._dead(call.call_id, seat))

    def phone_back(self, seat: str) -> None:
        """It is registered: a call that waits for a phone that died may have it back."""
        if seat in self._lost:
            self._house.tell(self._lost.pop(seat), ev.SeatBack(seat))

    def abandoned(self, seat: str) -> None:
        """The phone there is known to be gone; a talk goes on when another registers."""
        status = self._house.dispatcher.statuses.get(seat)
        if status is None:
            return
        # first, so that nobody is sent to it meanwhile
        self._house.news.phone_seen(seat, is_registered=False, node=status.node)
        if status.state in IN_TALK:
            self._lost[seat] = _call_of(status)
            self._house.tell(_call_of(status), ev.SeatLost(seat))

    def page_gone(self, seat: str) -> None:
        """The page there was, until another controller gave the telephone to a page of its own;
        that controller has said so of the seat.
        """
        status = self._house.dispatcher.statuses.get(seat)
        if status is not None and status.state in IN_TALK:
            if (call_id := _call_of(status)) in self._house.sessions:
                self._dead(call_id, seat)

    def is_awaited(self, seat: str) -> bool:
        """Whether a caller who lost this seat waits for it."""
        return any(one.call.wants == seat for one in self._house.sessions.values())

    def _dead(self, call_id: str, seat: str) -> None:
        self._house.tell(call_id, ev.SeatLost(seat))
        if self._house.dispatcher.statuses[seat].is_registered:
            self._house.tell(call_id, ev.SeatBack(seat))
        else:
            self._lost[seat] = call_id

    def compare(self, seen: Mapping[str, recover.Snapshot]) -> None:
        """Tell touched talks what they missed, by snapshots of all Asterisks that answered."""
        for status in self._house.dispatcher.statuses.values():
            if status.state in IN_TALK and not status.is_registered:
                self.phone_lost(status.number)
        for session in tuple(self._house.sessions.values()):
            if session.call.table is None:
                continue
            for node in seen.values():
                for event in missed(session.call, node, self._house.clock()):
                    session.put(event)
        if self.beside is not None:
            self.beside.compare(seen)


def _call_of(status: SeatStatus) -> str:
    """The call a seat is in, also where it was reserved for a leg of it."""
    leg = parse_leg_id(status.call_id or "")
    return leg[0] if leg else status.call_id or ""


def missed(call: Call, seen: recover.Snapshot, now: datetime) -> tuple[ev.Event, ...]:
    """What a touched talk did not hear of: phones that came to its room, or went."""
    table = call.table
    if table is None or call.call_id not in seen.channels:
        return ()
    if call.legs and now - call.legs[-1].at < SETTLING:
        return ()
    found: list[ev.Event] = []
    if table.seat != "gone":
        found += _missed_of_seat(call, table.channel, seen, now)
    for guest in filter(None, (table.guest, table.beside)):
        found += _missed_of_guest(call, guest, seen, now)
    return tuple(found)


def _missed_of_seat(
    call: Call, channel: str, seen: recover.Snapshot, now: datetime
) -> list[ev.Event]:
    leg = parse_leg_id(channel)
    if channel:
        if channel in seen.channels:
            return []
        gone = ev.LegGone(leg[1], now) if leg else ev.SeatGone(call.seat or "", now)
        return [gone]
    own = [
        one
        for one in seen.channels.values()
        if one.call_id == call.call_id and heard.seat_of(one.name) == call.seat
    ]
    if not own:
        return [ev.SeatGone(call.seat or "", now)]
    if call.table and call.table.caller == "dial":
        return [ev.MoveFailed()]  # nobody moved it: they talk as before
    return [ev.MemberJoined(own[0].unique_id, now)]


def _missed_of_guest(
    call: Call, guest: int, seen: recover.Snapshot, now: datetime
) -> list[ev.Event]:
    leg = call.legs[guest - 1]
    channel = seen.channels.get(leg_id(call.call_id, guest))
    if channel is not None:
        far_half = seen.channels.get(way_out_id(call.call_id, guest), channel)
        if leg.answered_at is not None or not far_half.is_talking:
            return []
        is_line = leg.to is not None and leg.to.is_outside
        return [ev.LegAnswered(guest, now) if is_line else ev.MemberJoined(channel.unique_id, now)]
    is_sought = leg.to is not None and leg.to.is_inside and leg.seat is None
    if is_sought and now - leg.at < SOUGHT:
        return []
    return [ev.LegGone(guest, now)]
