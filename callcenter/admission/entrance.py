"""A call at the entrance: who it is, where from, and whether it is let in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import monotonic

import structlog

from callcenter.admission.gate import Gate
from callcenter.call import Call, change
from callcenter.caller import caller_of
from callcenter.province import dialled_place
from ivr_flows.model import Flows
from ivr_flows.names import BLOCKED_FLOW
from seats.locate import Place
from sip_config.model import Trunk

log = structlog.get_logger()


class Entrance:
    """One per controller. Whoever is let in must be told `gone` when his call is over."""

    def __init__(
        self,
        gate: Gate | None = None,
        *,
        trunks: Callable[[], Iterable[Trunk]] = tuple,
        seconds: Callable[[], float] = monotonic,
        count: Callable[[str], None] = lambda why: None,
    ) -> None:
        """`seconds`: a clock that only rises; `count`: told of each call that is not let in."""
        self.gate = gate or Gate()
        self._trunks = trunks
        self._seconds = seconds
        self._count = count

    def who(self, shown: str, trunk: str, dialled: str) -> tuple[str | None, Place]:
        """The number as it is stored, and the place, by what the trunk shows."""
        return caller_of(shown, dialled=dialled_place(self._trunks(), trunk, dialled))

    def let_in(self, call: Call, flows: Flows) -> Call:
        """A new call as it begins: whoever is not let in is marked so."""
        verdict = self.gate.knock(call.call_id, call.caller, call.trunk, self._seconds())
        if verdict.does == "admit":
            return call
        if BLOCKED_FLOW not in flows.by_name:
            # Without its announcement nobody in danger could press 1: then nobody is kept out.
            log.error("callers are let in: the published flows lack the flow blocked")
            self.gate.gone(call.call_id)
            self.gate.enter(call.call_id, call.caller, call.trunk)
            return call
        self._count(verdict.why)
        return change(
            call,
            blocked=verdict.why,
            blocked_entry=verdict.entry,
            turned_away=verdict.does == "refuse",
        )

    def take_up(self, call: Call) -> None:
        """A call of an earlier run."""
        if not call.turned_away:
            is_announced = bool(call.blocked)
            self.gate.enter(call.call_id, call.caller, call.trunk, is_announced=is_announced)

    def gone(self, call_id: str) -> None:
        """A call is over."""
        self.gate.gone(call_id)
