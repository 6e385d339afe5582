"""One AGI connection, and the call that it turns out to be: a new one, or one that comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from callcenter import events as ev
from callcenter.asterisk.agi import AgiLine
from callcenter.asterisk.introduction import Introduction
from callcenter.asterisk.programs import Sounds
from callcenter.asterisk.telephony import Line
from callcenter.call import Call, CallId
from callcenter.pulse import Pulse
from callcenter.session import Session


class House(Protocol):
    """What an arrival needs of the switchboard."""

    pulse: Pulse

    @property
    def sessions(self) -> Mapping[str, Session]:
        """Calls by id."""

    def is_elsewhere(self, call_id: str) -> bool:
        """Whether another controller may have the call."""

    def claim(self, call_id: str, then: Callable[[], None]) -> None:
        """Take it over from there, if one has it; `then` is called either way."""

    def session_for(self, call_id: CallId, shown: str, said: Introduction) -> Session:
        """The call that has come in: a known one, or a new one."""

    def begin(self, session: Session, said: Introduction) -> None:
        """The call has its line: go on with it."""

    def is_unsure(self, call: Call) -> bool:
        """Whether a seat may have picked up this call without our hearing of it."""

    def node_of_seat(self, seat: str) -> str:
        """The Asterisk where a seat's phone is registered."""


class Arrival:
    """Reads who it is, and hands what the line tells to the call."""

    def __init__(self, agi_line: AgiLine, house: House, sounds: Sounds, *, dialplan: str) -> None:
        """Take over an accepted AGI connection."""
        self._agi = agi_line
        self._house = house
        self._call_id = CallId(agi_line.env.get("agi_uniqueid", ""))
        self._session: Session | None = None
        self._line = Line(
            agi_line,
            sounds,
            dialplan=dialplan,
            emit=self._emit,
            lost=self._lost,
            node_of_seat=house.node_of_seat,
            was_awake=house.pulse.was_awake,
        )

    def introduce(self) -> None:
        """Ask the dialplan what it knows of the call, and begin."""
        self._line.introduce(self._introduced)

    def _introduced(self, said: Introduction) -> None:
        is_back = self._agi.env.get("agi_arg_1") == "again"
        is_strange = self._call_id not in self._house.sessions
        if is_strange and (is_back or self._house.is_elsewhere(self._call_id)):
            self._house.claim(self._call_id, lambda: self._claimed(said))
        else:
            self._begin(said)

    def _claimed(self, said: Introduction) -> None:
        if not self._agi.is_closed:
            self._begin(said)

    def _begin(self, said: Introduction) -> None:
        self._line.records_to(said.recording)
        shown = self._agi.env.get("agi_callerid", "")
        session = self._house.session_for(self._call_id, shown, said)
        if session.line is not None:
            session.line.close()
        session.line = self._line
        self._session = session  # before it begins: what the line tells at once is the call's
        self._house.begin(session, said)

    def _emit(self, event: ev.Event) -> None:
        if self._session is None:
            return
        if isinstance(event, ev.HungUp) and self._house.is_unsure(self._session.call):
            self._lost()  # the journal tells whether he had talked
        else:
            self._session.put(event)

    def _lost(self) -> None:
        if self._session is not None and self._session.line is self._line:
            self._session.line = None
            self._session.put(ev.LineLost(self._line.rung))
