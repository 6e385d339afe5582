"""What one call says and does, read off its AGI line, in the turns and words of a scenario.

The same for a fake Asterisk and the real one. Prompts and ends are on the line; what is waited for
with a `WAIT FOR DIGIT` is in the call's saved state, which is looked at when the wait ends.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import PurePath

from callcenter.asterisk.protocol.agi import AgiReply
from callcenter.call import Call, Stage
from ivr_flows.names import HOME_LANGUAGE
from ivr_flows.scenario import Scenario

Words = tuple[str, ...]
IN_LINE = (Stage.QUEUE, Stage.RINGING, Stage.TALKING)


class CallHeard:
    """Told of each command and reply in order, replies before the controller gets them."""

    def __init__(self, state: Callable[[], Call | None]) -> None:
        """`state` hands out the call as it was saved last."""
        self.turns: list[Words] = []
        """One for each thing that happened, a key at a time."""
        self._state = state
        self._call: Call | None = None
        self._said: list[str] = []
        self._command: list[str] = []
        self._dialled = ""
        self._is_broken_off = False
        self._is_music = False
        self._is_of_line = False  # what the line itself says is no part of the flow
        self._service = ""
        self._end = ""
        self._language = HOME_LANGUAGE
        self._alarms = 0

    def sent(self, command: str) -> None:
        """The controller sent a command."""
        words = shlex.split(command)
        if words[-1].startswith("sync-"):
            self._is_broken_off = True  # what the command that runs still answers counts no more
            return
        self._command = words
        match words:
            case ["STREAM", "FILE", path, *_] if not self._is_of_line:
                if (prompt := PurePath(path).name) != "tone":
                    self._said.append(f"play {prompt}")
            case ["SET", "MUSIC", is_on, *_]:
                self._is_music = is_on == "ON"
                self._is_of_line |= self._is_music
            case ["WAIT", "FOR", "DIGIT", _] if self._is_music:
                self._is_of_line = True
            case ["EXEC", "MSet", given, *_] if "HOTLINE_SEAT=" in given:
                self._is_of_line = True
            case ["GOSUB", context, *_]:
                self._dialled = context
                self._is_music = False  # Dial has its own, and ends it
            case ["SET", "VARIABLE", "HOTLINE_DONE", _]:
                self._close("end")
            case ["SET", "VARIABLE", "HOTLINE_TRIES", _]:
                self._close("fallback")
            case _:
                pass

    def replied(self, reply: AgiReply) -> None:
        """Asterisk answered the command that was sent last."""
        if reply.text.startswith("sync-"):
            self._is_broken_off = False
            return
        if self._is_broken_off:
            return
        result = reply.result or 0
        match self._command:
            case ["STREAM", "FILE", *_] if result > 1:
                self._close()
            case ["WAIT", "FOR", "DIGIT", _] if result > 1 or (
                result == 0 and not self._is_of_line
            ):
                self._close()
            case ["RECORD", "FILE", *_] if result >= 0:
                self._close()
            case ["GET", "FULL", "VARIABLE", asked] if asked.startswith("${DIALSTATUS}"):
                is_line = self._dialled.startswith("line-ring")
                if is_line or reply.text.startswith("ANSWER"):
                    self._close()
            case _:
                pass

    def failed(self, prompt: str) -> None:
        """A prompt was to be played and has no audio: the hotline goes on otherwise."""
        self._said.append(f"play {prompt}")
        self._close()

    def service_asked(self, service: str) -> None:
        """A service was asked; the call's state does not say which."""
        self._service = service

    def service_told(self) -> None:
        """The service has answered."""
        self._close(f"service {self._service}")

    def look(self) -> None:
        """Look at the saved call: it is gone from there as soon as the call is over."""
        self._call = self._state() or self._call

    def over(self) -> None:
        """The caller's channel is gone."""
        self._close()
        self._end = self._end or "gone"

    @property
    def is_over(self) -> bool:
        """Whether the hotline or the caller has ended it."""
        return bool(self._end)

    def _close(self, doing: str = "") -> None:
        self.look()
        if self._end or self._call is None:
            return
        if doing in ("end", "fallback"):
            self._end = doing
        if not doing:
            is_asking = self._call.service is not None
            doing = f"service {self._service}" if is_asking else doing_now(self._call)
        self.turns.append((*self._changes(self._call), *self._said, doing))
        self._said, self._is_of_line = [], False

    def _changes(self, call: Call) -> Words:
        found: list[str] = []
        if call.language != self._language:
            self._language = call.language
            found.append(f"language {call.language}")
        found += [f"alarm {alarm.name}" for alarm in call.alarms[self._alarms :]]
        self._alarms = len(call.alarms)
        return tuple(found)

    def folded(self, scenario: Scenario) -> list[Words]:
        """The turns as the scenario counts them: several keys of one `press` are one."""
        rest, found = list(self.turns), list[Words]()
        for planned in scenario.turns:
            count = len(planned.press or " ")
            part, rest = rest[:count], rest[count:]
            if part:
                said = [word for words in part[:-1] for word in words[:-1]]
                found.append((*said, *part[-1]))
        return found + rest


def told_by(call: Call) -> dict[str, int | str | None]:
    """What the caller has told by the end, for `difference`."""
    number = call.overflow_number if call.overflow == "callback" else None
    return {
        "rating": call.survey.answer if call.survey else None,
        "number": None if number == call.caller else number,
    }


def doing_now(call: Call) -> str:
    """What the call waits for, in the words of a scenario."""
    if call.stage in IN_LINE:
        return f"join_queue {call.group}"
    if call.stage is Stage.RECORDING:
        return f"record {call.voice_kind}"
    if call.stage is Stage.TRANSFER:
        return f"transfer {call.transfers[-1].line}"
    return f"collect {call.asking.purpose}" if call.asking else "nothing"
