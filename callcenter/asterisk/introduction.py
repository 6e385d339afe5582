"""What the dialplan keeps of a call in channel variables, for whichever controller asks next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from callcenter import events as ev


@dataclass(frozen=True, slots=True)
class Introduction:
    """What the dialplan says of a call when it comes to us.

    `dial` is None when no Dial has ended since the seat was named.
    """

    dialled_seat: str
    dial: ev.DialResult | None
    recording: str
    arrived_at: datetime | None
    trunk: str
    dialled: str


DIAL = "${DIALSTATUS};${HOTLINE_ARRIVED};${HOTLINE_TALK};${DIALEDTIME_MS};${HANGUPCAUSE}"
INTRODUCTION = (
    "${HOTLINE_SEAT};" + DIAL + ";${HOTLINE_RECORDING};${HOTLINE_TRUNK};${HOTLINE_DIALLED}"
)


def dial_result(fields: list[str]) -> ev.DialResult:
    """Read the parts of the value of `DIAL`."""
    status, arrived, talk, dialled_ms, cause = (*fields, *[""] * 5)[:5]
    # DIALEDTIME_MS counts from the caller's own arrival, not from the Dial (seen on 22.10.1).
    ended = _int(arrived) + _int(dialled_ms) if arrived and dialled_ms else 0
    return ev.DialResult(status, talk_at=_at(talk), ended_at=_at(ended), cause=_int(cause))


def introduction(text: str) -> Introduction:
    """Read the value of `INTRODUCTION`."""
    fields = (text.split(";", 8) + [""] * 9)[:9]
    return Introduction(
        dialled_seat=fields[0],
        dial=dial_result(fields[1:6]) if fields[1] else None,
        arrived_at=_at(fields[2]),
        recording=fields[6],
        trunk=fields[7],
        dialled=fields[8],
    )


def _at(milliseconds: str | int) -> datetime | None:
    count = _int(str(milliseconds))
    return datetime.fromtimestamp(count / 1000, UTC) if count else None


def _int(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0
