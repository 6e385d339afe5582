"""Calls come in: each gets its line, and what is known of it when it begins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from callcenter import events as ev
from callcenter.admission.entrance import Entrance
from callcenter.arrival import Arrival
from callcenter.asterisk.agi import AgiLine
from callcenter.asterisk.introduction import Introduction
from callcenter.asterisk.programs import Sounds
from callcenter.call import Call, CallId, Stage
from callcenter.ended_calls import voice_s
from callcenter.pulse import Pulse
from callcenter.session import Session
from callcenter.switchboard_needs import Counters, FlowSource

if TYPE_CHECKING:
    from callcenter.switchboard import Switchboard


class Arrivals:
    """One per controller; every AGI connection comes here (callcenter.arrival.House)."""

    def __init__(
        self,
        house: Switchboard,
        *,
        entrance: Entrance,
        flows: FlowSource,
        counters: Counters,
        sounds: Sounds,
        dialplan: str,
    ) -> None:
        """`house`: keeps the calls; `entrance`: who is let in; `dialplan`: its contexts' prefix."""
        self.pulse: Pulse = house.pulse
        self.entrance = entrance
        self._house = house
        self._flows = flows
        self._counters = counters
        self._sounds = sounds
        self._dialplan = dialplan

    @property
    def sessions(self) -> Mapping[str, Session]:
        """Calls by id."""
        return self._house.sessions

    def answer(self, agi_line: AgiLine) -> None:
        """Serve an AGI connection: a new call, or one that comes back."""
        Arrival(agi_line, self, self._sounds, dialplan=self._dialplan).introduce()

    def is_elsewhere(self, call_id: str) -> bool:
        """Whether another controller may have the call that comes in here."""
        return self._house.callbacks.is_elsewhere(call_id)

    def claim(self, call_id: str, then: Callable[[], None]) -> None:
        """Take a call over from another controller, if one has it; `then` is called either way."""
        self._house.claims.claim(call_id, then)

    def session_for(self, call_id: CallId, shown: str, said: Introduction) -> Session:
        """The call that has come in: a known one, or a new one."""
        sessions = self._house.sessions
        if call_id not in sessions:
            sessions[call_id] = Session(self._new_call(call_id, shown, said), self._house)
        return sessions[call_id]

    def begin(self, session: Session, said: Introduction) -> None:
        """The call has its line: go on with it."""
        self._house.known.look_up(session.call)
        session.put(self._first_event(session, said))

    def is_unsure(self, call: Call) -> bool:
        """Whether a seat may have picked up this call without our hearing of it."""
        return call.stage is Stage.RINGING and not self._house.in_sight(call.call_id)

    def node_of_seat(self, seat: str) -> str:
        """The Asterisk where a seat's phone is registered."""
        return self._house.node_of_seat(seat)

    def _new_call(self, call_id: CallId, shown: str, said: Introduction) -> Call:
        house = self._house
        arrived_at = said.arrived_at or house.clock()
        called = house.callbacks.arrived(call_id, said.recording, arrived_at)
        called = called or house.calls_out.arrived(call_id, said.recording, arrived_at)
        if called is not None:
            return called
        caller, place = self.entrance.who(shown, said.trunk, said.dialled)
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
        return self.entrance.let_in(call, self._flows.current)

    def _first_event(self, session: Session, said: Introduction) -> ev.Event:
        call = session.call
        if call.stage is Stage.IVR and (call.session is None or call.is_ours):
            self._counters.call_began()
            return ev.Arrived()
        self._counters.call_resumed()
        return ev.Resumed(said.dialled_seat, said.dial, voice_s(session.call))
