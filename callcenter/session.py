"""One call at work: an inbox, the rules, and the hands that carry out what they ask for.

A call has one writer: events are taken from the inbox one after another, each is a step of
`callcenter.call`, saved before its commands are carried out. No task and no lock per call: nothing
in a step waits.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

import structlog

from callcenter import commands as cmd
from callcenter import events as ev
from callcenter.alarms import Alarms
from callcenter.asterisk.rooms import RoomCommand
from callcenter.asterisk.telephony import Line
from callcenter.call import Call, World, conversation, step, told_of
from callcenter.call.outside import CLOSED
from callcenter.call.table import leg_id
from callcenter.callbacks import Callbacks
from callcenter.dispatcher import Dispatcher
from callcenter.outside import OutsideLine
from seats.seat import Change

log = structlog.get_logger()


class OutsideWorld(Protocol):
    """Lines and services outside."""

    def line(self, name: str, now: datetime, city: str | None) -> OutsideLine | None:
        """A line by its name; None when there is none."""

    def ask(self, call_id: str, wish: cmd.AskService, tell: Callable[[ev.Event], None]) -> None:
        """Ask a service; one event comes back, unless the call is forgotten before."""


class RoomHands(Protocol):
    """What is done to a call from outside its own line."""

    def do(self, call: Call, command: RoomCommand, tell: Callable[[ev.Event], None]) -> None:
        """Carry it out; what became of it comes back as an event."""


class Office(Protocol):
    """What a session needs of the house around it."""

    dispatcher: Dispatcher
    callbacks: Callbacks
    alarms: Alarms

    @property
    def rooms(self) -> RoomHands:
        """What is done to calls from outside their own lines."""

    @property
    def outside(self) -> OutsideWorld:
        """Lines and services outside."""

    def clock(self) -> datetime:
        """Aware UTC now."""

    def world(self, call: Call, event: ev.Event) -> World:
        """The facts a step may know."""

    def save_call(self, call: Call) -> None:
        """Keep the live state for whoever takes the call up next."""

    def save_facts(self, facts: dict[str, Any]) -> None:
        """Write down the facts; they carry their revision."""

    def step_failed(self, session: Session) -> None:
        """A rule broke on this call: count it and give the channel back to the dialplan."""

    def flow_failed(self, flow: str, version: int, step: str) -> None:
        """A step of a flow broke on a call: count it."""

    def over(self, session: Session) -> None:
        """The call is over."""

    def stepped(self, before: Call, after: Call) -> None:
        """The call has changed, and all that was to be done for it is done."""


class Session:
    """Runs one call. `line` is None while no AGI connection serves the call."""

    def __init__(self, call: Call, office: Office) -> None:
        """Take up a call, new or saved."""
        self.call = call
        self.line: Line | None = None
        self._office = office
        self._inbox: deque[ev.Event] = deque()
        self._busy = False
        self._timer: asyncio.TimerHandle | None = None
        self._facts: dict[str, Any] | None = None
        self._told: tuple[object, ...] = ()
        self._revision = 0

    def put(self, event: ev.Event) -> None:
        """Hand an event to the call; it is taken in turn."""
        self._inbox.append(event)
        if self._busy:
            return
        self._busy = True
        try:
            while self._inbox:
                self._take(self._inbox.popleft())
        finally:
            self._busy = False

    def _take(self, event: ev.Event) -> None:
        now = self._office.clock()
        try:
            call, commands = step(self.call, event, self._office.world(self.call, event), now)
        except Exception:
            # A fault in a rule must cost one step of one call: the dialplan takes the caller on.
            log.exception(
                "step failed",
                call_id=self.call.call_id,
                stage=self.call.stage,
                event_type=type(event).__name__,
            )
            self._office.step_failed(self)
            return
        before, self.call = self.call, call
        for command in commands:
            self._carry_out(command)
        if call is not before:
            self.save(now)
            self._office.stepped(before, call)

    def let_go(self) -> None:
        """Another controller has the call: do nothing more for it."""
        self._cancel_timer()

    def save(self, now: datetime) -> None:
        """Live state to the board, and the facts to the spool when they changed.

        A call that is turned away is written once, at its end: of a flood there are many.
        """
        if self.call.turned_away and not self.call.is_over:
            return
        if not self.call.is_over:
            self._office.save_call(self.call)
        told = told_of(self.call)
        if told == self._told:
            return
        self._told = told
        facts = conversation(self.call)
        if facts != self._facts:
            self._facts = facts
            # In ms, so that a controller that takes the call up later always outranks this one.
            self._revision = max(self._revision + 1, int(now.timestamp() * 1000))
            self._office.save_facts({**facts, "revision": self._revision})

    def _carry_out(self, command: cmd.Command) -> None:
        call_id = self.call.call_id
        match command:
            case cmd.JoinLine():
                self._office.dispatcher.join(_of(call_id, command.leg), command)
            case cmd.LeaveLine(leg):
                self._office.dispatcher.leave(_of(call_id, leg))
            case cmd.BookCallback():
                self._office.callbacks.book(self.call)
            case cmd.ReportCallback(outcome):
                self._office.callbacks.report(call_id, outcome)
            case cmd.DialCaller():
                self._office.callbacks.dial_caller(call_id)
            case cmd.ChangeSeat(seat, change, reason, leg):
                self._office.dispatcher.change_seat(
                    seat, Change(change), call_id=_of(call_id, leg), reason=reason
                )
            case cmd.SetTimer(serial, after_s):
                self._cancel_timer()
                loop = asyncio.get_running_loop()
                self._timer = loop.call_later(after_s, self.put, ev.TimerFired(serial))
            case cmd.ReportFault(flow, version, step_name, reason):
                self._office.flow_failed(flow, version, step_name)
                log.error(
                    "flow failed",
                    call_id=call_id,
                    flow=flow,
                    version=version,
                    step=step_name,
                    reason=reason,
                )
            case cmd.RaiseAlarm(name):
                self._office.alarms.raise_(name, self.call, self._office.clock())
            case cmd.AskService():
                self._office.outside.ask(call_id, command, self.put)
            case cmd.RingLine():
                self._ring_line(command)
            case (
                cmd.MoveSeat()
                | cmd.LeaveRoom()
                | cmd.CallLeg()
                | cmd.EndLeg()
                | cmd.EndSeat()
                | cmd.SeatHears()
            ):
                self._office.rooms.do(self.call, command, self.put)
            case cmd.Forget():
                self._cancel_timer()
                self._office.over(self)
            case _:
                if self.line is not None:
                    self.line.do(command)

    def _ring_line(self, ring: cmd.RingLine) -> None:
        line = self._office.outside.line(ring.line, self._office.clock(), self.call.city)
        if line is None:
            self.put(ev.ActFailed(ring.serial, f"there is no line {ring.line}"))
        elif not line.is_open:
            closed = ev.DialResult(CLOSED)
            self.put(ev.DialEnded(ring.serial, closed, caller_gone=False))
        elif self.line is not None:
            self.line.ring_line(ring, line.number, line.trunk)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _of(call_id: str, leg: int) -> str:
    """Under which id a call, or a leg of it, stands in line and on the board."""
    return leg_id(call_id, leg) if leg else call_id
