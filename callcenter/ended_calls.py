"""Calls that are over, whose recordings are being closed and whom the journal may correct."""

from __future__ import annotations

import asyncio
from pathlib import Path

from callcenter import events as ev
from callcenter.call import Call
from callcenter.call.ivr import voice_file
from callcenter.recording import duration_s
from callcenter.session import Session

REMEMBERED = 10_000  # ended calls whose journal line is still to come
CORRECTABLE = 1_000  # ended calls that the journal may still correct: some ten seconds' worth
AUDIO_GRACE_S = 5.0  # when Asterisk says nothing of the files, look at them ourselves


class EndedCalls:
    """Keeps the sessions of ended calls as long as anything may be learned of them."""

    def __init__(self) -> None:
        """None has ended yet."""
        self._ending: dict[str, Session] = {}
        self._told: dict[str, None] = {}
        self._correctable: dict[str, Session] = {}

    def __contains__(self, call_id: str) -> bool:
        """Whether the call ended in this run, and was written down."""
        return call_id in self._told

    def find(self, call_id: str) -> Session | None:
        """A call that ended lately."""
        return self._correctable.get(call_id)

    def add(self, session: Session) -> None:
        """The call is over; its facts wait for the recording to be closed."""
        call_id = session.call.call_id
        self._ending[call_id] = session
        self._told[call_id] = None
        self._correctable[call_id] = session
        for kept, most in ((self._told, REMEMBERED), (self._correctable, CORRECTABLE)):
            if len(kept) > most:
                del kept[next(iter(kept))]
        asyncio.get_running_loop().call_later(AUDIO_GRACE_S, self.audio_closed, call_id)

    def audio_closed(self, call_id: str) -> None:
        """The recordings of an ended call are complete: note their length and let the call go."""
        session = self._ending.pop(call_id, None)
        if session is None:
            return
        call = session.call
        if call.turned_away:  # nobody spoke: what the dialplan began to record is of no use
            for side in ("caller", "heard"):
                Path(f"{call.recording}-{side}.wav").unlink(missing_ok=True)
            return
        seconds = duration_s(Path(f"{call.recording}-caller.wav")) if call.recording else None
        if seconds is not None:
            session.put(ev.RecordingClosed(seconds, voice_s(call)))

    def close(self) -> None:
        """Note what can be noted of calls that have just ended."""
        for call_id in tuple(self._ending):
            self.audio_closed(call_id)


def voice_s(call: Call) -> float | None:
    """Seconds of the voice note that the call's last command may have begun."""
    if call.voice_kind is None:
        return None
    return duration_s(Path(f"{voice_file(call.recording, call.serial)}.wav"))
