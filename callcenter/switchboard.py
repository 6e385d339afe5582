"""All calls of this controller: who is on which line, and what was heard of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog

from callcenter import events as ev
from callcenter.admission.entrance import Entrance
from callcenter.alarms import Alarms
from callcenter.arrival import Arrival
from callcenter.asterisk import heard
from callcenter.asterisk.agi import AgiLine
from callcenter.asterisk.introduction import Introduction
from callcenter.asterisk.telephony import Sounds
from callcenter.call import Call, CallId, Stage, World, from_json, to_json
from callcenter.call.callback import callback_of
from callcenter.call.table import parse_leg_id
from callcenter.callback_needs import NoWayOut
from callcenter.callbacks import Callbacks
from callcenter.calls_out import CallsOut
from callcenter.desks import Desks
from callcenter.dispatcher import Dispatcher
from callcenter.ended_calls import EndedCalls, voice_s
from callcenter.notices import InForce
from callcenter.outside import Outside
from callcenter.pulse import Pulse
from callcenter.session import RoomHands, Session
from callcenter.switchboard_needs import Counters, FlowSource, Known, Spool
from callcenter.talks import Talks
from seats.board import Board
from seats.seat import Change, SeatState

log = structlog.get_logger()

REMEMBERED = 10_000  # channels that went before their call was known here


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
        self.alarms = alarms
        self.talks = Talks(self)
        self.desks = Desks(
            clock=self.clock,
            change=lambda *of, **to: self.dispatcher.change_seat(*of, **to),
            abandoned=self.talks.abandoned,
            is_awaited=self.talks.is_awaited,
        )
        self.ended = EndedCalls()
        self._board = board
        self._spool = spool
        self._flows = flows
        self._sounds = sounds
        self._known = known
        self._counters = counters
        self._dialplan = dialplan
        self._ring_s = ring_s
        self._notices = notices
        self._entrance = entrance or Entrance()
        self.pulse = Pulse()
        self.in_sight: Callable[[str], bool] = lambda call_id: True
        """Whether the Asterisk that has the call can be heard."""
        self.watchers: list[Callable[[Call, Call], None]] = []
        """Told of each change of a call, before and after; nothing in them may wait."""
        self._gone: dict[str, datetime] = {}  # channels of calls that are not ours, yet
        self._claims: set[asyncio.Task[None]] = set()

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
            facts=self._known.facts_of(call),
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
        self.outside.forget(call.call_id)
        self._known.forget(call.call_id)
        self.dispatcher.forget(call.call_id)
        self._entrance.gone(call.call_id)
        self._counters.call_over(call)
        self.callbacks.served(call)
        if call.has_given_up and call.group:
            self.dispatcher.gave_up(call.group, call.waited_s(call.ended_at or self.clock()))
        self.ended.add(session)
        if session.line is not None:
            session.line.close()

    def stepped(self, before: Call, after: Call) -> None:
        """Tell who watches calls change; a fault of theirs must not touch the call."""
        for watch in self.watchers:
            try:
                watch(before, after)
            except Exception:
                log.exception("a watcher of calls failed", call_id=after.call_id)

    # --- calls come in
    # -----------------------------------------------------------------------------

    def restore(self, saved: Mapping[str, bytes]) -> None:
        """Take up an earlier run's calls: their lines come back, or their channels prove gone."""
        for call_id, data in self.callbacks.restore(saved).items():
            if call_id in self.sessions:
                continue
            try:
                self.sessions[call_id] = Session(from_json(data), self)
                self._entrance.take_up(self.sessions[call_id].call)
            except msgspec.MsgspecError:
                log.error("saved call cannot be read", call_id=call_id)
        self.alarms.restore(session.call for session in self.sessions.values())
        for call_id in saved:
            if call_id in self._gone:  # before we had the call
                self.channel_gone(call_id, at=self._gone.pop(call_id), reconciled=True)

    def lose(self, call_id: str) -> None:
        """Another controller has taken the call over. Whoever has its line keeps it: we say so."""
        if self.callbacks.lose(call_id):
            return
        session = self.sessions.get(call_id)
        if session is None:
            return
        if session.line is not None:
            self._begin(self._claim_again(session))
            return
        del self.sessions[call_id]
        session.let_go()
        self.dispatcher.leave(call_id)
        self.outside.forget(call_id)
        self._known.forget(call_id)
        self._entrance.gone(call_id)

    async def _claim_again(self, session: Session) -> None:
        await self._board.claim(session.call.call_id)
        if not session.call.is_over:
            self.save_call(session.call)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._claims.add(task)
        task.add_done_callback(self._claims.discard)

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

    def answer(self, agi_line: AgiLine) -> None:
        """Serve an AGI connection: a new call, or one that comes back."""
        Arrival(agi_line, self, self._sounds, dialplan=self._dialplan).introduce()

    def is_elsewhere(self, call_id: str) -> bool:
        """Whether another controller may have the call that comes in here."""
        return self.callbacks.is_elsewhere(call_id)

    def claim(self, call_id: str, then: Callable[[], None]) -> None:
        """Take a call over from another controller, if one has it; `then` is called either way."""
        self._begin(self._claim(call_id, then))

    async def _claim(self, call_id: str, then: Callable[[], None]) -> None:
        for key in filter(None, (call_id, callback_of(call_id))):
            state = await self._board.claim(key)
            if state is not None:
                self.restore({key: state})
        then()

    def session_for(self, call_id: CallId, shown: str, said: Introduction) -> Session:
        """The call that has come in: a known one, or a new one."""
        session = self.sessions.get(call_id)
        if session is None:
            session = self.sessions[call_id] = Session(self._new_call(call_id, shown, said), self)
        return session

    def begin(self, session: Session, said: Introduction) -> None:
        """The call has its line: go on with it."""
        self._known.look_up(session.call)
        session.put(self._first_event(session, said))

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

    def is_unsure(self, call: Call) -> bool:
        """Whether a seat may have picked up this call without our hearing of it."""
        return call.stage is Stage.RINGING and not self.in_sight(call.call_id)

    def node_of_seat(self, seat: str) -> str:
        """The Asterisk where a seat's phone is registered; empty when it is the only one."""
        status = self.dispatcher.statuses.get(seat)
        return status.node if status else ""

    def _new_call(self, call_id: CallId, shown: str, said: Introduction) -> Call:
        arrived_at = said.arrived_at or self.clock()
        called = self.callbacks.arrived(call_id, said.recording, arrived_at)
        called = called or self.calls_out.arrived(call_id, said.recording, arrived_at)
        if called is not None:
            return called
        caller, place = self._entrance.who(shown, said.trunk, said.dialled)
        call = Call(
            call_id=call_id,
            arrived_at=arrived_at,
            caller=caller,
            trunk=said.trunk,
            dialled=said.dialled,
            recording=said.recording,
            city=place.city,
            city_source=place.source,
            county=place.county,
            release=self._flows.current.release,
        )
        return self._entrance.let_in(call, self._flows.current)

    def _first_event(self, session: Session, said: Introduction) -> ev.Event:
        call = session.call
        if call.stage is Stage.IVR and (call.session is None or call.is_ours):
            self._counters.call_began()
            return ev.Arrived()
        self._counters.call_resumed()
        return ev.Resumed(said.dialled_seat, said.dial, voice_s(session.call))

    # --- what Asterisk tells over AMI
    # --------------------------------------------------------------

    def hear(self, news: heard.Heard, node: str = "") -> None:
        """Take in one piece of news from a node's Asterisk."""
        self.talks.hear(news, node)
        match news:
            case heard.SeatRings(call_id, seat, at):
                self.tell(call_id, ev.SeatRang(seat, at))
            case heard.SeatPickedUp(call_id, seat, at):
                self.tell(call_id, ev.SeatAnswered(seat, at))
            case heard.LinePickedUp(call_id, at):
                self.tell(call_id, ev.LineAnswered(at))
            case heard.ChannelGone(unique_id, at=at, cause=cause):
                self.callbacks.gone(unique_id, cause)
                self.channel_gone(unique_id, at=at)
            case heard.PhoneSeen(seat, is_registered, is_removed=False):
                self.phone_seen(seat, is_registered=is_registered, node=node)
            case heard.SeatWants(seat, ready):
                self.dispatcher.change_seat(
                    seat, Change.READY if ready else Change.NOT_READY, reason="phone"
                )
            case heard.AudioClosed(call_id):
                self.audio_closed(call_id)

    def tell(self, call_id: str, event: ev.Event) -> None:
        """Hand an event to a call, if it is here."""
        session = self.sessions.get(call_id)
        if session is not None:
            session.put(event)

    def channel_gone(
        self,
        call_id: str,
        *,
        at: datetime | None,
        by: str | None = None,
        reconciled: bool = False,
        talk_at: datetime | None = None,
    ) -> None:
        """The caller's channel is gone, whether or not its AGI connection said so."""
        if reconciled:
            self.callbacks.vanished(call_id)
        if call_id in self.sessions:
            gone = ev.HungUp(at=at, by=by, reconciled=reconciled, talk_at=talk_at)
            self.tell(call_id, gone)
        elif at is not None:
            self._gone[call_id] = at
            if len(self._gone) > REMEMBERED:
                del self._gone[next(iter(self._gone))]

    def served_in_fallback(self, call_id: str, facts: dict[str, Any]) -> None:
        """The journal tells how the fallback queue ended a call that we know."""
        session = self.sessions.get(call_id) or self.ended.find(call_id)
        if session is not None:
            session.put(ev.FallbackServed(facts))

    def phone_seen(self, seat: str, *, is_registered: bool, node: str = "") -> None:
        """A plain phone that registers makes its seat ready: so a lawyer without a desk logs in.

        A desk that was away is as it was before; a new one says itself when it is ready.
        """
        status = self.dispatcher.statuses.get(seat)
        if status is None:
            return
        if not is_registered and status.node not in ("", node):
            return  # it has moved on: another node has it now
        was_offline = status.state is SeatState.OFFLINE
        if not is_registered:
            self.desks.went(status)
        self.dispatcher.change_seat(
            seat,
            Change.REGISTERED if is_registered else Change.UNREGISTERED,
            node=node if is_registered else None,
        )
        if is_registered and was_offline and not self.desks.came(seat):
            self.dispatcher.change_seat(seat, Change.READY)

    def close(self) -> None:
        """Note what can be noted of calls that have just ended."""
        self.ended.close()

    def audio_closed(self, call_id: str) -> None:
        """The recordings of an ended call are complete."""
        self.ended.audio_closed(call_id)
