"""A seat that consults somebody hears when he is rung: it is alone in the room until he answers."""

from __future__ import annotations

from callcenter.call.legs import at_table
from callcenter.call.state import Call
from callcenter.call.table import Table
from callcenter.call.world import Outcome
from callcenter.commands import SeatHears


def told(call: Call) -> Outcome:
    """The ringing tone as long as it is due, and no longer."""
    table = call.table
    if table is None or table.seat != "room":
        return call, ()
    is_due = _is_due(call, table)
    if is_due == table.hears_ringing:
        return call, ()
    return at_table(call, hears_ringing=is_due), (SeatHears(table.channel, is_due),)


def _is_due(call: Call, table: Table) -> bool:
    if not table.guest or table.is_in:
        return False
    leg = call.legs[table.guest - 1]
    return leg.rang_at is not None and leg.answered_at is None
