"""Commands of the rules as small programs: generators that yield AGI and are sent the replies.

What a program returns is the event that it came to.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Protocol

from callcenter import commands as cmd
from callcenter import events as ev
from callcenter.asterisk.introduction import DIAL, dial_result
from callcenter.asterisk.lease import LEASE_S, Lease
from callcenter.asterisk.protocol import agi_commands as agi
from callcenter.asterisk.protocol.agi import AgiReply
from callcenter.call.outside import dial_name
from callcenter.call.table import leg_name
from ivr_flows.names import HOME_LANGUAGE

Program = Generator[bytes, AgiReply, ev.Event | None]
LineCommand = (
    cmd.Play
    | cmd.Hold
    | cmd.Ring
    | cmd.Record
    | cmd.Finish
    | cmd.RingOut
    | cmd.JoinRoom
    | cmd.HandOver
)

NOTICE = "notice_"  # how the ids of emergency notices begin: a call goes on without them
ANY_KEY = "0123456789*#"
LONGEST_WAIT_MS = 30_000
SAMPLES_PER_S = 8000


class Sounds(Protocol):
    """Where a prompt's audio lies."""

    def clip(self, prompt: str, language: str) -> str | None:
        """Asterisk's name of the audio (no ending), or None when there is none."""

    def joined(self, prompts: tuple[str, ...], language: str) -> str | None:
        """One audio of several prompts, or None when one of them has none."""


class Programs:
    """Of one line. `is_hung`: the caller has gone; `close`: gives the line back."""

    def __init__(
        self,
        sounds: Sounds,
        *,
        dialplan: str,
        node_of_seat: Callable[[str], str],
        was_awake: Callable[[], bool],
        is_hung: Callable[[], bool],
        close: Callable[[], None],
    ) -> None:
        self.lease = Lease()
        self.recording = ""
        self.rung = 0
        """Serial of the last Ring that Asterisk was told of."""
        self._sounds = sounds
        self._dialplan = dialplan
        self._node_of_seat = node_of_seat
        self._was_awake = was_awake
        self._is_hung = is_hung
        self._close = close
        self._music = False

    def of(self, command: LineCommand) -> Program:
        """What carries this command out."""
        match command:
            case cmd.Play():
                return self._play(command)
            case cmd.Hold():
                return self._hold(command)
            case cmd.Ring():
                return self._ring(command)
            case cmd.Record():
                return self._record(command)
            case cmd.Finish():
                return self._finish(command)
            case cmd.RingOut():
                return self._ring_out(command)
            case cmd.JoinRoom():
                return self._join_room(command)
            case cmd.HandOver():
                return self._hand_over()

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
            yield from self.lease.renew()
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
            yield from self.lease.renew()
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
        return ev.DialEnded(ring.serial, result, self._is_hung())

    def ring_line(self, ring: cmd.RingLine, number: str, trunk: str) -> Program:
        """A RingLine: the line's number, and the trunk that leads to it."""
        try:
            yield from self._quiet()
            yield from self.lease.renew()
            yield from self._say(ring.clips, "", ring.language)
        except PromptMissing as missing:
            return ev.PromptFailed(ring.serial, f"no audio for prompt {missing}")
        except LineGone:
            return None
        dial = agi.ring_line(f"line-ring-{self._dialplan}", number, trunk, ring_s=ring.ring_s)
        result = yield from self._dial(ring.serial, dial_name(ring.line, ring.transfer), dial)
        return ev.DialEnded(ring.serial, result, self._is_hung())

    def _ring_out(self, ring: cmd.RingOut) -> Program:
        yield from self._quiet()
        context = f"line-ring-{self._dialplan}"
        dial = agi.ring_line(context, ring.number, ring.trunk, ring_s=ring.ring_s, leg=ring.leg)
        result = yield from self._dial(ring.serial, leg_name(ring.leg), dial)
        return ev.DialEnded(ring.serial, result, self._is_hung())

    def _join_room(self, join: cmd.JoinRoom) -> Program:
        yield from self._quiet()
        self.lease.set_aside()
        yield agi.join_room(f"room-{self._dialplan}")
        self.lease.begun_anew(was_awake=False)
        # As after Dial: that the caller hung up is told only now, between the two replies.
        yield from self.lease.proven_by(agi.get_full_variable("${CONFBRIDGE_RESULT}"))
        return ev.RoomLeft(join.serial, self._is_hung())

    def _dial(
        self, serial: int, name: str, dial: bytes
    ) -> Generator[bytes, AgiReply, ev.DialResult]:
        """Ring and talk by the dialplan's own context, and read how it went."""
        # Named and emptied in one command: whoever takes the call up next can trust what it reads.
        yield agi.exec_app("MSet", f"HOTLINE_SEAT={name}", "DIALSTATUS=")
        self.rung = serial
        self.lease.set_aside()
        yield dial
        self._music = False  # Dial has its own, and ends it
        self.lease.begun_anew(was_awake=self._was_awake())
        # That the caller hung up is told only now, between the two replies (README.md).
        result = yield from self.lease.proven_by(agi.get_full_variable(DIAL))
        return dial_result(result.text.split(";"))

    def _record(self, record: cmd.Record) -> Program:
        file = f"{self.recording}-voice-{record.serial}"
        try:
            yield from self._quiet()
            yield from self.lease.renew(LEASE_S + record.limit_s)
            yield from self._say((*record.clips, "tone"), ANY_KEY, record.language)
        except PromptMissing as missing:
            return ev.PromptFailed(record.serial, f"no audio for prompt {missing}")
        except LineGone:
            return None
        reply = yield agi.record_file(file, limit_s=record.limit_s, beep=False)
        seconds = (reply.endpos or 0) / SAMPLES_PER_S
        gone = self._is_hung() or reply.result == -1
        return ev.VoiceRecorded(record.serial, seconds, gone)

    def _finish(self, finish: cmd.Finish) -> Program:
        try:
            yield from self._quiet()
            yield from self.lease.renew()
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
        self._close()
        return None


class PromptMissing(Exception):
    """A prompt has no audio file."""


class LineGone(Exception):
    """The channel went away in the middle of a command."""
