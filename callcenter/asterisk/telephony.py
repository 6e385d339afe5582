"""One caller's line: commands of the rules become AGI, what Asterisk answers becomes events.

Each command is a small program (programs.py). A new one ends the one that runs: Asterisk stops
waiting when the next line comes in, and a `sync` marker tells which replies still belong to the old
one (measured in README.md).
"""

from __future__ import annotations

from collections.abc import Callable

from callcenter import commands as cmd
from callcenter import events as ev
from callcenter.asterisk.agi import AgiLine
from callcenter.asterisk.introduction import INTRODUCTION, Introduction, introduction
from callcenter.asterisk.programs import LineCommand, Program, Programs, Sounds
from callcenter.asterisk.protocol import agi_commands as agi
from callcenter.asterisk.protocol.agi import AgiHangup, AgiMessage, AgiReply


def _here(seat: str) -> str:
    """There is one node only."""
    return ""


def _unknown() -> bool:
    """Nobody can say: then it may have stood still."""
    return False


class Line:
    """Speaks AGI for one call. `emit` takes events, `lost` is called when the line drops without
    hang-up.
    """

    def __init__(
        self,
        agi_line: AgiLine,
        sounds: Sounds,
        *,
        dialplan: str,
        emit: Callable[[ev.Event], None],
        lost: Callable[[], None],
        node_of_seat: Callable[[str], str] = _here,
        was_awake: Callable[[], bool] = _unknown,
    ) -> None:
        """Take over an accepted AGI connection; `dialplan` is the version in context names."""
        self._agi = agi_line
        self._programs = Programs(
            sounds,
            dialplan=dialplan,
            node_of_seat=node_of_seat,
            was_awake=was_awake,
            is_hung=lambda: self._hung,
            close=self.close,
        )
        self._emit = emit
        self._lost = lost
        self._program: Program | None = None
        self._awaits_reply = False
        self._sync = 0
        self._syncing = False
        self._hung = False
        self._closed = False
        agi_line.on_message = self._on_message
        agi_line.on_closed = self._on_closed

    @property
    def rung(self) -> int:
        """Serial of the last Ring that Asterisk was told of."""
        return self._programs.rung

    def records_to(self, stem: str) -> None:
        """Path stem of the call's audio."""
        self._programs.recording = stem

    def do(self, command: LineCommand) -> None:
        """Carry out a command that concerns the line; it ends what runs now."""
        self._start(self._programs.of(command))

    def ring_line(self, command: cmd.RingLine, number: str, trunk: str) -> None:
        """Carry out a RingLine: the line's number, and the trunk that leads to it."""
        self._start(self._programs.ring_line(command, number, trunk))

    def _start(self, program: Program) -> None:
        if self._closed or self._hung:
            return
        self._program = program
        if not self._awaits_reply:
            self._advance(None)
        elif not self._syncing:
            self._sync += 1
            self._syncing = True
            self._agi.interrupt(self._sync)

    def close(self) -> None:
        """Give the channel back to the dialplan."""
        if not self._closed:
            self._closed = True
            self._program = None
            self._agi.close()

    def _on_message(self, message: AgiMessage) -> None:
        if isinstance(message, AgiHangup):
            self._hung = True
            if not self._awaits_reply:
                self._gone()
        elif isinstance(message, AgiReply) and self._awaits_reply:
            self._on_reply(message)

    def _on_reply(self, reply: AgiReply) -> None:
        if not self._syncing:
            self._awaits_reply = False
            self._advance(reply)
        elif agi.is_sync(reply, self._sync):
            self._syncing = self._awaits_reply = False
            self._advance(None)

    def _advance(self, reply: AgiReply | None) -> None:
        program = self._program
        if program is None:
            return
        try:
            command = program.send(reply)  # type: ignore[arg-type]  # None starts a generator
        except StopIteration as stop:
            if self._program is program:  # else it was replaced while it ran
                self._program = None
            if stop.value is not None:
                self._emit(stop.value)
            if self._hung and not self._awaits_reply:
                self._gone()
            return
        self._awaits_reply = True
        self._agi.send(command)

    def _on_closed(self, _reason: str) -> None:
        if self._closed:
            return
        if self._hung:
            self._gone()
            return
        self._closed = True
        self._lost()

    @property
    def lease_is_over(self) -> bool:
        """Whether nothing proves that the dialplan still leaves the call to us."""
        return self._programs.lease.is_over

    def _gone(self) -> None:
        if self._closed:
            return
        self.close()
        if self.lease_is_over:
            # AGI says HANGUP for this end too: whether the caller has gone, AMI tells.
            self._lost()
        else:
            self._emit(ev.HungUp())

    def introduce(self, done: Callable[[Introduction], None]) -> None:
        """Read what the dialplan knows of the call."""

        def program() -> Program:
            reply = yield agi.get_full_variable(INTRODUCTION)
            done(introduction(reply.text))
            return None

        self._start(program())
