"""Sample work orders and bookings of the demo: rules only, no clock, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

ORDERS: Final[Mapping[tuple[str, str], str]] = {  # number, code (domain §4.1: life cycle)
    ("100001", "1111"): "accepted",
    ("100002", "2222"): "working",
    ("100003", "3333"): "done",
    ("20260321", "8642"): "working",
}
BOOKABLE_DAYS: Final = 60  # from tomorrow on


def progress(sent: Mapping[str, object]) -> dict[str, str]:
    """The state of the order with this number and code; a wrong code tells no more than none."""
    key = (str(sent.get("order_number", "")), str(sent.get("order_code", "")))
    return {"order_state": ORDERS.get(key, "none")}


def book(sent: Mapping[str, object], today: date) -> dict[str, str]:
    """Take a booking for a working weekday of the coming weeks, said as month and day (0305)."""
    day = _next(str(sent.get("booking_day", "")), today)
    fits = day is not None and day.weekday() < 5 and 0 < (day - today).days <= BOOKABLE_DAYS
    return {"booking_state": "taken" if fits and sent.get("booking_number") else "refused"}


def _next(said: str, today: date) -> date | None:
    """The next such day from today on; None when there is none, such as 0231."""
    if len(said) != 4 or not (said.isascii() and said.isdigit()):
        return None
    for year in (today.year, today.year + 1):
        try:
            day = date(year, int(said[:2]), int(said[2:]))
        except ValueError:
            continue
        if day >= today:
            return day
    return None
