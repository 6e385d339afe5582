"""The hotline as the web side sees it (callcenter.web.view.HotlineView), from the controller's
memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime

from callcenter.alarms import Raised
from callcenter.call import Call, Stage
from callcenter.call.callback import Callback, callback_of
from callcenter.events import CityFound
from callcenter.neighbours import Neighbours
from callcenter.switchboard import Switchboard
from callcenter.web import view
from reports import audit
from reports.store import DatabaseAway, Store
from seats.calendar import Calendar
from seats.places import city_of, seat_places
from seats.seat import Change, SeatState
from seats.waiting import Waiting


class Live:
    """Reads the switchboard; changes go through its dispatcher."""

    def __init__(
        self,
        switchboard: Switchboard,
        *,
        store: Store,
        city_names: Mapping[str, str],
        health: Callable[[], Mapping[str, view.Health]],
        neighbours: Neighbours | None = None,
        tells_of: Callable[[str], bool] = lambda node: True,
    ) -> None:
        """`city_names`: GB/T 2260 code → name; `neighbours`: calls of other controllers;
        `tells_of`: whether seats at this node are this controller's to count.
        """
        self._tells_of = tells_of
        self._neighbours = neighbours or Neighbours()
        self._switchboard = switchboard
        self._store = store
        self._city_names = city_names
        self._health = health

    def live(self) -> view.LiveView:
        """Calls and seats at this moment."""
        now = datetime.now(UTC)
        dispatcher = self._switchboard.dispatcher
        sessions = self._switchboard.sessions
        calls: dict[str, Call] = {one.call_id: one for one in self._neighbours.calls}
        calls |= {call_id: session.call for call_id, session in sessions.items()}
        unsteered = self._switchboard.unsteered.calls
        callbacks = {one.id: one for one in self._neighbours.callbacks}
        callbacks |= {one.id: one for one in self._switchboard.callbacks}
        line = _on_the_line((*dispatcher.line.values(), *dispatcher.others.values()), calls)
        line = [one for one in line if one.call_id not in unsteered] + _in_fallback(unsteered)
        return view.LiveView(
            at=now,
            calls=tuple(self._call(one, now) for one in (calls | unsteered).values()),
            seats=tuple(self._seat(number) for number in self._switchboard.dispatcher.roster),
            waiting=len(line),
            longest_wait_s=_longest_wait_s(line, now),
            alarms=tuple(self._alarm(raised) for raised in self._switchboard.alarms.newest(now)),
            callbacks=tuple(
                self._callback(one)
                for one in sorted(callbacks.values(), key=lambda one: one.asked_at)
            ),
            line=self._line(line),
        )

    def share(self) -> view.Share:
        """What of it is this controller's."""
        house = self._switchboard
        line = _on_the_line(house.dispatcher.line.values(), house.sessions.keys())
        own = (one for one in house.dispatcher.roster if self._tells_of(house.node_of_seat(one)))
        return view.Share(
            stages=Counter(view.Stage(one.call.stage) for one in house.sessions.values()),
            states=Counter(house.dispatcher.statuses[one].state.value for one in own),
            waiting=len(line),
            longest_wait_s=_longest_wait_s(line, datetime.now(UTC)),
        )

    def _line(self, line: Iterable[Waiting]) -> tuple[view.LiveLine, ...]:
        """By group and city, the longest wait first."""
        together: dict[tuple[str, str | None], list[datetime]] = {}
        for waiting in line:
            together.setdefault((waiting.group, waiting.city), []).append(waiting.asked_at)
        rows = [
            view.LiveLine(group, self._city_names.get(city or ""), city, len(asked), min(asked))
            for (group, city), asked in together.items()
        ]
        return tuple(sorted(rows, key=lambda row: row.since))

    def _callback(self, one: Callback) -> view.LiveCallback:
        return view.LiveCallback(
            call_id=one.of,
            caller=one.number,
            city=self._city_names.get(one.city or ""),
            group=one.group,
            state=one.state.value,
            asked_at=one.asked_at,
            tries=len(one.tries),
            next_at=one.next_at,
            city_code=one.city,
        )

    def _alarm(self, raised: Raised) -> view.LiveAlarm:
        return view.LiveAlarm(
            name=raised.name,
            at=raised.at,
            call_id=raised.call_id,
            caller=raised.caller or "",
            city=self._city_names.get(raised.city or ""),
            city_code=raised.city,
        )

    def _call(self, call: Call, now: datetime) -> view.LiveCall:
        until = call.answered_at or now
        return view.LiveCall(
            call_id=call.call_id,
            caller=call.caller or "",
            city=self._city_names.get(call.city or ""),
            group=call.group,
            stage=view.Stage(call.stage),
            since=stage_since(call),
            waited_s=(until - call.asked_at).total_seconds() if call.asked_at else 0.0,
            seat=call.held_seat,
            asked_at=call.asked_at,
            city_code=call.city,
        )

    def _seat(self, number: str) -> view.LiveSeat:
        dispatcher = self._switchboard.dispatcher
        seat, status = dispatcher.roster[number], dispatcher.statuses[number]
        is_off = status.state is SeatState.READY and number in dispatcher.off_shift
        return view.LiveSeat(
            number=number,
            name=seat.name,
            level=seat.level.value,
            city=self._city_names.get(seat.city or ""),
            state=status.state.value,
            reason="off_shift" if is_off else status.reason,
            since=status.since,
            call_id=status.call_id,
            city_code=seat.city,
        )

    def health(self) -> Mapping[str, view.Health]:
        """Each dependency by name."""
        return self._health()

    async def change_seat(self, *, number: str, want: view.Want, reason: str) -> None:
        """Set a seat ready or not ready; raises view.SeatFault."""
        dispatcher = self._switchboard.dispatcher
        status = dispatcher.statuses.get(number)
        if status is None or number not in dispatcher.roster:
            raise view.SeatFault("seat_unknown", f"没有坐席 {number}。")
        if status.state is SeatState.OFFLINE:
            raise view.SeatFault("seat_offline", f"坐席 {number} 的话机没有注册，请先登录话机。")
        change = Change.READY if want == "ready" else Change.NOT_READY
        if not dispatcher.change_seat(number, change, reason=reason):
            raise view.SeatFault("seat_busy", f"坐席 {number} 正在处理来电，请稍后再试。")

    async def talk(self, *, number: str, what: str, target: view.TalkTarget | None) -> None:
        """Do what the lawyer wants done with his talk; raises view.SeatFault."""
        if not self._health()["asterisk"].ok:
            raise view.SeatFault("controller_away", "与 Asterisk 的连接中断，请稍后再试。")
        self._switchboard.talks.ask(number, what, target)

    async def release_seat(self, *, number: str, by: str, reason: str) -> None:
        """Take a seat out of whatever it is in; raises view.SeatFault."""
        dispatcher = self._switchboard.dispatcher
        if number not in dispatcher.statuses or number not in dispatcher.roster:
            raise view.SeatFault("seat_unknown", f"没有坐席 {number}。")
        status = dispatcher.statuses[number]
        entry = audit.Entry(
            at=datetime.now(UTC),
            by=by,
            action="release_seat",
            subject=number,
            reason=reason,
            before=f"{status.state} {status.call_id or ''}".strip(),
        )
        try:
            await audit.write(self._store, entry)  # first: no release without its record
        except DatabaseAway:
            raise view.SeatFault("database_away", "数据库暂不可用，无法留痕，未释放。") from None
        dispatcher.change_seat(number, Change.FORCED, reason="forced")

    async def set_city(self, *, number: str, city: str) -> None:
        """Note where the caller of this seat's talk is from; raises view.SeatFault."""
        status = self._switchboard.dispatcher.statuses.get(number)
        if status is None:
            raise view.SeatFault("seat_unknown", f"没有坐席 {number}。")
        if city not in seat_places():
            raise view.SeatFault("city_unknown", f"没有代码为 {city} 的市州。")
        if status.call_id is None or status.call_id not in self._switchboard.sessions:
            raise view.SeatFault("no_call", f"坐席 {number} 没有在通话。")
        of = city_of(city)
        found = CityFound(of, "seat", city if city != of else None)
        self._switchboard.tell(status.call_id, found)

    async def record_filed(self, *, number: str) -> None:
        """End a seat's wrap-up; raises view.SeatFault."""
        dispatcher = self._switchboard.dispatcher
        if number not in dispatcher.statuses or number not in dispatcher.roster:
            raise view.SeatFault("seat_unknown", f"没有坐席 {number}。")
        self._switchboard.desks.filed(number)
        if not dispatcher.change_seat(number, Change.FILED):
            raise view.SeatFault("not_wrapping_up", f"坐席 {number} 不在话后处理中。")


def _on_the_line(line: Iterable[Waiting], calls: Collection[str]) -> list[Waiting]:
    """Who waits on the telephone; the rest have hung up, to be called back."""
    return [one for one in line if one.call_id in calls or callback_of(one.call_id) is None]


def _in_fallback(calls: Mapping[str, Call]) -> list[Waiting]:
    """Who waits in the fallback queue, as if he stood in our own line."""
    return [
        Waiting(
            one.call_id, one.group or "", one.city, one.language, one.asked_at or one.arrived_at
        )
        for one in calls.values()
        if one.stage is Stage.QUEUE
    ]


def _longest_wait_s(line: Iterable[Waiting], now: datetime) -> float:
    return max(((now - one.asked_at).total_seconds() for one in line), default=0.0)


def calendar_health(calendar: Calendar, now: datetime) -> dict[str, view.Health]:
    """What there is to say of the calendar: a year that should be loaded by now and is not.

    The hotline works on (callers go to a person), so it is no failure: `ok` stays.
    """
    missing = calendar.missing_year(calendar.day_of(now))
    if missing is None:
        return {}
    return {"calendar": view.Health(True, f"{missing} 年放假安排尚未载入")}


def stage_since(call: Call) -> datetime:
    """When the call's stage began, as far as its facts tell."""
    match call.stage:
        case Stage.QUEUE:
            return call.stints[-1].asked_at
        case Stage.RINGING:
            return call.attempts[-1].offered_at
        case Stage.TALKING:
            return call.attempts[-1].answered_at or call.attempts[-1].offered_at
        case Stage.TRANSFER:
            return call.transfers[-1].at
        case Stage.SURVEY:
            return call.talk_ended_at or call.arrived_at
        case _:
            return call.arrived_at
