"""A fake Asterisk at the other end of one AGI line, in virtual time; a caller presses its keys.

It behaves as the real one was seen to (callcenter/asterisk/README.md): one command at a time; a
command that comes while STREAM FILE or WAIT FOR DIGIT runs ends it; RECORD FILE and GOSUB run to
their own end. Its scenarios are played on the real Asterisk too: that keeps it honest.
"""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Callable

from callcenter.asterisk.protocol import AgiHangup, AgiReply
from tests.callcenter.call_heard import CallHeard

CLIP_S = 2.0
RING_S = 3.0
NOTE_S = 6.0
SAMPLES_PER_S = 8000

Ringing = Callable[[str, str], None]  # (seat, what the phone does: rings, answered)


class FakeLine:
    """Stands for an AgiLine. `heard` is told of all that passes, as a tap on the line would be."""

    def __init__(self, env: dict[str, str], introduction: str, heard: CallHeard) -> None:
        self.env = env
        self.is_closed = False
        self.is_up = True
        self.on_message: Callable[[AgiReply | AgiHangup], None] = lambda message: None
        self.on_closed: Callable[[str], None] = lambda reason: None
        self.on_seat: Ringing = lambda seat, what: None
        """What AMI tells of a seat's phone."""
        self.running: list[str] = []
        """The command that runs, in words; empty between two."""
        self.dial_status = "ANSWER"
        """How the next Dial ends."""
        self._introduction = introduction
        self._heard = heard
        self._timer: asyncio.TimerHandle | None = None
        self._syncs: list[int] = []

    # --- what the controller does with its end -------------------------------------------------

    def send(self, command: bytes) -> None:
        text = command.decode().strip()
        self._heard.sent(text)
        self.running = shlex.split(text)
        match self.running:
            case ["STREAM", "FILE", *_]:
                self._end_after(CLIP_S)
            case ["WAIT", "FOR", "DIGIT", ms]:
                self._end_after(int(ms) / 1000)
            case ["RECORD", "FILE", *_]:
                self._end_after(NOTE_S, endpos=int(NOTE_S * SAMPLES_PER_S))
            case ["GOSUB", context, seat, *_]:
                self._dial("" if context.startswith("line-ring") else seat)
            case ["GET", "FULL", "VARIABLE", asked] if "HOTLINE_SEAT" in asked:
                self._end_after(0, text=self._introduction, result=1)
            case ["GET", "FULL", "VARIABLE", _]:
                self._end_after(0, text=f"{self.dial_status};;;;16", result=1)
            case ["HANGUP"]:
                self._end_after(0, result=1)
                self.hang_up()
            case _:
                self._end_after(0)

    def interrupt(self, number: int) -> None:
        self._heard.sent(f'GET FULL VARIABLE "sync-{number}"')
        self._syncs.append(number)
        if self.running[:1] in (["STREAM"], ["WAIT"]):
            self._end()

    def close(self) -> None:
        self.is_closed = True

    # --- what the caller does --------------------------------------------------------------------

    @property
    def is_waiting_for_key(self) -> bool:
        return self.running[:1] == ["WAIT"] and self.is_up

    @property
    def is_recording(self) -> bool:
        return self.running[:1] == ["RECORD"]

    @property
    def is_dialling(self) -> bool:
        return self.running[:1] == ["GOSUB"]

    def press(self, key: str) -> None:
        """A key while one is waited for, or while a clip plays that keys may end."""
        keys = self.running[-1] if self.running[:1] == ["STREAM"] else "0123456789*#"
        if self.running[:1] in (["STREAM"], ["WAIT"]) and key in keys:
            self._end(result=ord(key))

    def hang_up(self) -> None:
        """The caller's channel goes; a command that runs ends with it."""
        if self.is_up:
            self.is_up = False
            asyncio.get_running_loop().call_soon(self._gone)

    def _gone(self) -> None:
        self._heard.over()
        self.on_message(AgiHangup())
        if self.running:
            self._end(result=-1)
        if not self.is_closed:
            self.is_closed = True
            self.on_closed("end of file")

    # --- how commands end ------------------------------------------------------------------------

    def _dial(self, seat: str) -> None:
        loop = asyncio.get_running_loop()
        if seat:
            loop.call_later(0.1, self.on_seat, seat, "rings")
            if self.dial_status == "ANSWER":
                loop.call_later(1.0, self.on_seat, seat, "answered")
        self._end_after(RING_S)

    def _end_after(
        self, seconds: float, *, result: int = 0, text: str = "", endpos: int | None = None
    ) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(seconds, lambda: self._end(result, text, endpos))

    def _end(self, result: int = 0, text: str = "", endpos: int | None = None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self.running = []
        self._reply(AgiReply(200, result, text, endpos, ""))
        while self._syncs and not self.is_closed and not self.running:
            self._reply(AgiReply(200, 1, f"sync-{self._syncs.pop(0)}", None, ""))

    def _reply(self, reply: AgiReply) -> None:
        self._heard.replied(reply)
        if not self.is_closed:
            self.on_message(reply)
