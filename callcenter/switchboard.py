"""All calls of this controller, and what the parts that serve them share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog

from callcenter import events as ev
from callcenter.admission.entrance import Entrance
from callcenter.alarms import Alarms
from callcenter.arrivals import Arrivals
from callcenter.asterisk.programs import Sounds
from callcenter.asterisk_news import AsteriskNews
from callcenter.call import Call, Stage, World, to_json
from callcenter.call.table import parse_leg_id
from callcenter.callback_needs import NoWayOut
from callcenter.callbacks import Callbacks
from callcenter.calls_out import CallsOut
from callcenter.claims import Claims
from callcenter.desks import Desks
from callcenter.dispatcher import Dispatcher
from callcenter.ended_calls import EndedCalls
from callcenter.notices import InForce
from callcenter.outside import Outside
from callcenter.pulse import Pulse
from callcenter.session import RoomHands, Session
from callcenter.switchboard_needs import Counters, FlowSource, Known, Spool
from callcenter.talks import Talks
from callcenter.unsteered import Unsteered
from seats.board import Board
from seats.seat import Change

log = structlog.get_logger()


class Switchboard:
    """Owns the sessions. Every method is synchronous: the event loop runs one at a time."""

    def __init__(
        self,
        *,
        board: Board,
        spool: Spool,
        flows: FlowSource,
        sounds: Sounds,
        known: Known,
        outside: Outside,
        alarms: Alarms,
        counters: Counters,
        dialplan: str,
        ring_s: int,
        notices: Callable[[], InForce] = dict,
        entrance: Entrance | None = None,
    ) -> None:
        """Parts are built elsewhere; `dispatcher` and `callbacks` are set right after, as each
        needs the other.
        """
        self.sessions: dict[str, Session] = {}
        self.dispatcher: Dispatcher
        nowhere = NoWayOut()
        self.callbacks = Callbacks(board=board, outbound=nowhere, rules=nowhere, house=self)
        self.calls_out = CallsOut(self)
        self.outside = outside
        self.known = known
        self.alarms = alarms
        self.talks = Talks(self)
        self.desks = Desks(
            clock=self.clock,
            change=lambda *of, **to: self.dispatcher.change_seat(*of, **to),
            abandoned=self.talks.abandoned,
            is_awaited=self.talks.is_awaited,
        )
        self.ended = EndedCalls()
        self.unsteered = Unsteered(self.clock)
        self._board = board
        self._spool = spool
        self._flows = flows
        self._counters = counters
        self._ring_s = ring_s
        self._notices = notices
        self.pulse = Pulse()
        self.in_sight: Callable[[str], bool] = lambda call_id: True
        """Whether the Asterisk that has the call can be heard."""
        self.watchers: list[Callable[[Call, Call], None]] = []
        """Told of each change of a call, before and after; nothing in them may wait."""
        self.claims = Claims(self, board)
        self.news = AsteriskNews(self)
        self.arrivals = Arrivals(
            self,
            entrance=entrance or Entrance(),
            flows=flows,
            counters=counters,
            sounds=sounds,
            dialplan=dialplan,
        )

    # --- what a session needs (callcenter.session.Office)
    # ------------------------------------------

    @property
    def rooms(self) -> RoomHands:
        """What is done to calls from outside their own lines."""
        return self.talks.rooms

    def clock(self) -> datetime:
        """Aware UTC now."""
        return datetime.now(UTC)

    def world(self, call: Call, event: ev.Event) -> World:
        """The facts a step may know; the place in line is looked up only when it is said."""
        ahead = expected_s = None
        if isinstance(event, ev.TimerFired):
            ahead = self.dispatcher.ahead(call.call_id)
            if ahead is not None and call.group:
                recent = self.dispatcher.recent
                expected_s = recent.expected_wait_s(call.group, ahead, self.clock())
        return World(
            flows=self._flows.of(call.release),
            facts=self.known.facts_of(call),
            ahead=ahead,
            expected_wait_s=expected_s,
            ring_s=self._ring_s,
            notices=self._notices(),
        )

    def save_call(self, call: Call) -> None:
        """Keep the live state for whoever takes the call up next."""
        self._board.save_call(call.call_id, to_json(call))

    def save_facts(self, facts: dict[str, Any]) -> None:
        """Write down the facts of a call."""
        self._spool.append(msgspec.json.encode(facts))

    def step_failed(self, session: Session) -> None:
        """A rule broke on this call: the dialplan takes the channel back and comes again."""
        self._counters.step_failed()
        if session.line is not None:
            session.line.close()
            session.line = None

    def flow_failed(self, flow: str, version: int, step: str) -> None:
        """A step of a flow broke on a call."""
        self._counters.flow_failed(flow, version, step)

    def over(self, session: Session) -> None:
        """Drop the live state of a call; its facts wait for the recording to be closed."""
        call = session.call
        self.sessions.pop(call.call_id, None)
        self._board.drop_call(call.call_id)
        self.forget(call.call_id)
        self.dispatcher.forget(call.call_id)
        self._counters.call_over(call)
        self.callbacks.served(call)
        if call.has_given_up and call.group:
            self.dispatcher.gave_up(call.group, call.waited_s(call.ended_at or self.clock()))
        self.ended.add(session)
        if session.line is not None:
            session.line.close()

    def forget(self, call_id: str) -> None:
        """The call is no longer here: nothing is looked up for it, its place inside is free."""
        self.outside.forget(call_id)
        self.known.forget(call_id)
        self.arrivals.entrance.gone(call_id)

    def stepped(self, before: Call, after: Call) -> None:
        """Tell who watches calls change; a fault of theirs must not touch the call."""
        for watch in self.watchers:
            try:
                watch(before, after)
            except Exception:
                log.exception("a watcher of calls failed", call_id=after.call_id)

    # --- calls by their id
    # -------------------------------------------------------------------------

    def known_calls(self) -> dict[str, str | None]:
        """Every call that has not ended → the seat it holds."""
        calls = {call_id: session.call.held_seat for call_id, session in self.sessions.items()}
        return {**self.callbacks.held(), **self.calls_out.held(), **calls}

    def releases_in_use(self) -> set[int]:
        """Releases of the flows that calls here began with."""
        calls = {session.call.release for session in self.sessions.values()}
        return calls | {one.release for one in self.callbacks}

    def has_told(self, call_id: str) -> bool:
        """Whether this run wrote the call down, or is about to."""
        return call_id in self.ended or call_id in self.sessions

    def tell(self, call_id: str, event: ev.Event) -> None:
        """Hand an event to a call, if it is here."""
        session = self.sessions.get(call_id)
        if session is not None:
            session.put(event)

    def offer(self, call_id: str, event: ev.SeatOffered | ev.OverflowDue) -> None:
        """Hand a call its reserved seat or its overflow; one that is gone gives the seat back."""
        leg = parse_leg_id(call_id)
        if leg is not None:
            self.talks.offer(*leg, event)
            return
        session = self.sessions.get(call_id)
        if session is not None:
            session.put(event)
        elif not self.callbacks.offer(call_id, event) and isinstance(event, ev.SeatOffered):
            self.dispatcher.change_seat(event.seat, Change.RELEASED, call_id=call_id)

    def was_picked_up(self, call_id: str, seat: str) -> bool:
        """Asked when a seat has rung its time. Asterisk has not come back from dialling it: then
        somebody picked up, and the word of it was lost.
        """
        session = self.sessions.get(call_id)
        if session is None or session.line is None or session.call.seat != seat:
            return False
        if session.call.stage is not Stage.RINGING or session.line.rung != session.call.serial:
            return False
        session.put(ev.SeatAnswered(seat, self.clock()))
        return True

    def node_of_seat(self, seat: str) -> str:
        """The Asterisk where a seat's phone is registered; empty when it is the only one."""
        status = self.dispatcher.statuses.get(seat)
        return status.node if status else ""

    def close(self) -> None:
        """Note what can be noted of calls that have just ended."""
        self.ended.close()
