"""One caller's line: commands of the rules become AGI, what Asterisk answers becomes events.

Each command is a small program: a generator that yields AGI commands and is sent their replies. A
new command ends the one that runs: Asterisk stops waiting when the next line comes in, and a
`sync` marker tells which replies still belong to the old one (measured in README.md).
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from math import inf
from time import monotonic
from typing import Protocol

from callcenter import commands as cmd
from callcenter import events as ev
from callcenter.asterisk.agi import AgiLine
from callcenter.asterisk.introduction import (
    DIAL,
    INTRODUCTION,
    Introduction,
    dial_result,
    introduction,
)
from callcenter.asterisk.protocol import agi_commands as agi
from callcenter.asterisk.protocol.agi import AgiHangup, AgiMessage, AgiReply
from callcenter.call.outside import dial_name
from callcenter.call.table import leg_name
from ivr_flows.names import HOME_LANGUAGE

Program = Generator[bytes, AgiReply, ev.Event | None]

NOTICE = "notice_"  # how the ids of emergency notices begin: a call goes on without them
ANY_KEY = "0123456789*#"
LEASE_S = 90  # the dialplan takes the call back from a controller that hangs for this long
RENEW_S = 20
LONGEST_WAIT_MS = 30_000
SAMPLES_PER_S = 8000


class Sounds(Protocol):
    """Where a prompt's audio lies."""

    def clip(self, prompt: str, language: str) -> str | None:
        """Asterisk's name of the audio (no ending), or None when there is none."""

    def joined(self, prompts: tuple[str, ...], language: str) -> str | None:
        """One audio of several prompts, or None when one of them has none."""


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
        self._sounds = sounds
        self._dialplan = dialplan
        self._emit = emit
        self._lost = lost
        self._node_of_seat = node_of_seat
        self._was_awake = was_awake
        self._program: Program | None = None
        self._awaits_reply = False
        self._sync = 0
        self._syncing = False
        self._hung = False
        self._closed = False
        self._music = False
        # The dialplan began it just before it came to us.
        self._lease_until = monotonic() + LEASE_S - 1
        self.recording = ""
        self.rung = 0
        """Serial of the last Ring that Asterisk was told of."""
        agi_line.on_message = self._on_message
        agi_line.on_closed = self._on_closed

    def do(self, command: cmd.Command) -> None:
        """Carry out a command that concerns the line; it ends what runs now."""
        match command:
            case cmd.Play():
                self.start(self._play(command))
            case cmd.Hold():
                self.start(self._hold(command))
            case cmd.Ring():
                self.start(self._ring(command))
            case cmd.Record():
                self.start(self._record(command))
            case cmd.Finish():
                self.start(self._finish(command))
            case cmd.RingOut():
                self.start(self._ring_out(command))
            case cmd.JoinRoom():
                self.start(self._join_room(command))
            case cmd.HandOver():
                self.start(self._hand_over())

    def ring_line(self, command: cmd.RingLine, number: str, trunk: str) -> None:
        """Carry out a RingLine: the line's number, and the trunk that leads to it."""
        self.start(self._ring_line(command, number, trunk))

    def start(self, program: Program) -> None:
        """Run a program of AGI commands; its returned event is emitted."""
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
        return monotonic() >= self._lease_until

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

        self.start(program())

    def _lease(self, seconds: int = LEASE_S) -> Generator[bytes, AgiReply, None]:
        """Renew the lease now and then; a longer one is always asked for."""
        asked = monotonic()
        if seconds > LEASE_S or asked > self._lease_until - LEASE_S + RENEW_S:
            yield agi.set_variable("TIMEOUT(absolute)", str(seconds))
            self._lease_until = asked + seconds  # only now is it known that Asterisk heard us

    def _quiet(self) -> Generator[bytes, AgiReply, None]:
        if self._music:
            self._music = False
            yield agi.set_music(False)

    def _say(
        self, clips: tuple[str, ...], keys: str, language: str
    ) -> Generator[bytes, AgiReply, str | None]:
        """Play clips one after another; the key that stopped them, or None.

        Raises PromptMissing, LineGone.
        """
        for prompt in clips:
            clip = self._sounds.clip(prompt, language)
            if clip is None:
                if prompt.startswith(NOTICE):
                    continue  # taken back while the greeting played
                raise PromptMissing(prompt)
            reply = yield agi.stream_file(clip, keys)
            if reply.result is None or reply.result < 0:
                raise LineGone
            if reply.result > 1:
                return chr(reply.result)
        return None

    def _play(self, play: cmd.Play) -> Program:
        try:
            yield from self._quiet()
            yield from self._lease()
            key = yield from self._say(play.clips, play.keys, play.language)
            if key is None and play.wait_s:
                reply = yield agi.wait_for_digit(int(play.wait_s * 1000))
                if reply.result is None or reply.result < 0:
                    return None
                key = chr(reply.result) if reply.result > 1 else None
        except PromptMissing as missing:
            return ev.PromptFailed(play.serial, f"no audio for prompt {missing}")
        except LineGone:
            return None
        return ev.Spoken(play.serial) if key is None else ev.KeyPressed(play.serial, key)

    def _hold(self, hold: cmd.Hold) -> Program:
        if not self._music:
            self._music = True
            yield agi.set_music(True, "hold")
        while True:
            yield from self._lease()
            reply = yield agi.wait_for_digit(LONGEST_WAIT_MS)
            if reply.result is None or reply.result < 0:
                return None
            if reply.result > 1:
                return ev.KeyPressed(hold.serial, chr(reply.result))

    def _ring(self, ring: cmd.Ring) -> Program:
        dial = agi.ring_seat(
            f"seat-ring-{self._dialplan}",
            ring.seat,
            who=self._sounds.joined(ring.who, HOME_LANGUAGE) if ring.who else None,
            greeting=self._sounds.joined(ring.greeting, ring.language) if ring.greeting else None,
            attempt=ring.attempt,
            ring_s=ring.ring_s,
            node=self._node_of_seat(ring.seat),
            is_back=ring.is_back,
        )
        result = yield from self._dial(ring.serial, f"{ring.seat}.{ring.attempt}", dial)
        return ev.DialEnded(ring.serial, result, self._hung)

    def _ring_line(self, ring: cmd.RingLine, number: str, trunk: str) -> Program:
        try:
            yield from self._quiet()
            yield from self._lease()
            yield from self._say(ring.clips, "", ring.language)
        except PromptMissing as missing:
            return ev.PromptFailed(ring.serial, f"no audio for prompt {missing}")
        except LineGone:
            return None
        dial = agi.ring_line(f"line-ring-{self._dialplan}", number, trunk, ring_s=ring.ring_s)
        result = yield from self._dial(ring.serial, dial_name(ring.line, ring.transfer), dial)
        return ev.DialEnded(ring.serial, result, self._hung)

    def _ring_out(self, ring: cmd.RingOut) -> Program:
        yield from self._quiet()
        context = f"line-ring-{self._dialplan}"
        dial = agi.ring_line(context, ring.number, ring.trunk, ring_s=ring.ring_s, leg=ring.leg)
        result = yield from self._dial(ring.serial, leg_name(ring.leg), dial)
        return ev.DialEnded(ring.serial, result, self._hung)

    def _join_room(self, join: cmd.JoinRoom) -> Program:
        yield from self._quiet()
        self._lease_until = inf  # the dialplan sets it aside while he is there
        yield agi.join_room(f"room-{self._dialplan}")
        self._lease_until = 0.0
        # As after Dial: that the caller hung up is told only now, between the two replies.
        asked = monotonic()
        yield agi.get_full_variable("${CONFBRIDGE_RESULT}")
        self._lease_until = asked + LEASE_S - 1
        return ev.RoomLeft(join.serial, self._hung)

    def _dial(
        self, serial: int, name: str, dial: bytes
    ) -> Generator[bytes, AgiReply, ev.DialResult]:
        """Ring and talk by the dialplan's own context, and read how it went."""
        # Named and emptied in one command: whoever takes the call up next can trust what it reads.
        yield agi.exec_app("MSet", f"HOTLINE_SEAT={name}", "DIALSTATUS=")
        self.rung = serial
        self._lease_until = inf  # the dialplan sets it aside while Dial runs
        yield dial
        self._music = False  # Dial has its own, and ends it
        # Began anew when Dial ended: just now, unless we were hung.
        self._lease_until = monotonic() + LEASE_S / 2 if self._was_awake() else 0.0
        # That the caller hung up is told only now, between the two replies (README.md).
        asked = monotonic()
        result = yield agi.get_full_variable(DIAL)
        self._lease_until = asked + LEASE_S - 1
        return dial_result(result.text.split(";"))

    def _record(self, record: cmd.Record) -> Program:
        file = f"{self.recording}-voice-{record.serial}"
        try:
            yield from self._quiet()
            yield from self._lease(LEASE_S + record.limit_s)
            yield from self._say((*record.clips, "tone"), ANY_KEY, record.language)
        except PromptMissing as missing:
            return ev.PromptFailed(record.serial, f"no audio for prompt {missing}")
        except LineGone:
            return None
        reply = yield agi.record_file(file, limit_s=record.limit_s, beep=False)
        seconds = (reply.endpos or 0) / SAMPLES_PER_S
        gone = self._hung or reply.result == -1
        return ev.VoiceRecorded(record.serial, seconds, gone)

    def _finish(self, finish: cmd.Finish) -> Program:
        try:
            yield from self._quiet()
            yield from self._lease()
            yield from self._say(finish.clips, "", finish.language)
        except PromptMissing:
            pass  # nothing more can be said; the call is ended all the same
        except LineGone:
            return None
        yield agi.set_variable("HOTLINE_DONE", "1")
        yield agi.hangup()
        return None

    def _hand_over(self) -> Program:
        yield agi.set_variable("HOTLINE_TRIES", "1000")
        self.close()
        return None


class PromptMissing(Exception):
    """A prompt has no audio file."""


class LineGone(Exception):
    """The channel went away in the middle of a command."""
