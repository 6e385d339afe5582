"""A lawyer calls somebody from his desk: whom he may call, and the call that it becomes."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from callcenter.call.callback import number_to_dial
from callcenter.call.state import Call, CallId, CallOut, WaitRule

MARK: Final = "-out."
"""In the ids of these calls, behind the node's name."""

_SERVICE = re.compile(r"11\d|12\d{1,3}|10\d{3,4}|9[56]\d{3,6}")  # 110, 12368, 10000, 95588
_LIKE_OTHERS = WaitRule(every_s=30.0, offer_after_s=86_400.0, offer_say=(), offers={})
"""For one who is in line because the lawyer who called him was cut off."""


def number_of(wanted: str) -> str | None:
    """A number as it is dialled; None for one that no desk may call: abroad, or no number."""
    return wanted if _SERVICE.fullmatch(wanted) else number_to_dial(wanted)


def new_call(
    call_id: str,
    out: CallOut,
    *,
    caller: str | None,
    city: str | None,
    city_source: str,
    group: str,
    trunk: str,
    recording: str,
    arrived_at: datetime,
    reserved: str,
    level: str,
) -> Call:
    """The call, now that its channel is there. `caller`: who is called, as numbers are stored;
    `reserved`: the seat that waits for it, empty when it waits no more.
    """
    return Call(
        call_id=CallId(call_id),
        out=out,
        seat_first=True,
        reserved=reserved,
        reserved_level=level,
        arrived_at=arrived_at,
        asked_at=arrived_at,
        trunk=trunk,
        caller=caller,
        recording=recording,
        city=city,
        city_source=city_source,
        group=group,
        wait_rule=_LIKE_OTHERS,
    )
