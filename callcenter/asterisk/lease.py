"""How long the dialplan leaves a call to its controller, as far as the controller can prove it."""

from __future__ import annotations

from collections.abc import Generator
from math import inf
from time import monotonic

from callcenter.asterisk.protocol import agi_commands as agi
from callcenter.asterisk.protocol.agi import AgiReply

LEASE_S = 90  # the dialplan takes the call back from a controller that hangs for this long
RENEW_S = 20


class Lease:
    """One per line; begun by the dialplan just before the line came to us."""

    def __init__(self) -> None:
        self._until = monotonic() + LEASE_S - 1

    @property
    def is_over(self) -> bool:
        """Whether nothing proves that the dialplan still leaves the call to us."""
        return monotonic() >= self._until

    def renew(self, seconds: int = LEASE_S) -> Generator[bytes, AgiReply, None]:
        """Renew it now and then; a longer one is always asked for."""
        asked = monotonic()
        if seconds > LEASE_S or asked > self._until - LEASE_S + RENEW_S:
            yield agi.set_variable("TIMEOUT(absolute)", str(seconds))
            self._until = asked + seconds  # only now is it known that Asterisk heard us

    def set_aside(self) -> None:
        """The dialplan holds no lease while the caller talks."""
        self._until = inf

    def begun_anew(self, *, was_awake: bool) -> None:
        """The talk is over and the dialplan began it again: just now, unless we stood still."""
        self._until = monotonic() + LEASE_S / 2 if was_awake else 0.0

    def proven_by(self, question: bytes) -> Generator[bytes, AgiReply, AgiReply]:
        """Ask something: that it is answered shows that a lease begun anew still runs."""
        asked = monotonic()
        reply = yield question
        self._until = asked + LEASE_S - 1
        return reply
