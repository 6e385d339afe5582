"""A seat while it is played: what the router is told of it, and what it has done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from seats.seat import Seat, SeatState, SeatStatus
from seats.shift import KindOf, on_shift

DAY_S: Final = 86_400
_DAY_MIN: Final = 1440


@dataclass(frozen=True, slots=True)
class Worked:
    """What a seat did; seconds. `duty_s`: on shift, and to the end of what it was doing then."""

    seat: Seat
    duty_s: float
    talk_s: float
    ring_s: float
    wrap_up_s: float
    offered: int
    answered: int
    missed: int

    @property
    def busy_s(self) -> float:
        """Ringing, talking or at work on the record."""
        return self.ring_s + self.talk_s + self.wrap_up_s

    @property
    def occupancy(self) -> float | None:
        """Busy / on duty, None for one that never was."""
        return self.busy_s / self.duty_s if self.duty_s else None


class Desk:
    """One seat; times are seconds since the play's `start`."""

    __slots__ = (
        "_calls",
        "_day",
        "_on_duty_from",
        "_start",
        "_totals",
        "_version",
        "answered",
        "duty_s",
        "idle_since",
        "index",
        "is_busy",
        "is_on_shift",
        "missed",
        "number",
        "offered",
        "ring_s",
        "seat",
        "talk_s",
        "until_s",
        "wrap_up_s",
    )

    def __init__(self, seat: Seat, index: int, start: datetime) -> None:
        self.seat, self.index, self.number = seat, index, seat.number
        self.idle_since = start
        self.is_on_shift = self.is_busy = False
        self.until_s = 0.0  # of what it is doing, or did last
        self.duty_s = self.talk_s = self.ring_s = self.wrap_up_s = 0.0
        self.offered = self.answered = self.missed = 0
        self._start, self._version, self._on_duty_from = start, 0, 0.0
        self._calls, self._day = 0, ""

    def status(self, now: datetime) -> SeatStatus:
        """As the router is told of it."""
        self._version += 1
        if self.is_busy:
            state = SeatState.TALKING
        else:
            state = SeatState.READY if self.is_on_shift else SeatState.NOT_READY
        return SeatStatus(
            self.number,
            state,
            now,
            self._version,
            None,
            None,
            None,
            self.idle_since,
            True,
            self._calls,
            self._day,
        )

    def answers(self, day: str) -> None:
        """One more call on this Shanghai day (YYYY-MM-DD)."""
        if day != self._day:
            self._calls, self._day = 0, day
        self._calls += 1
        self.answered += 1

    def begins(self, at_s: float) -> None:
        """Its shift begins."""
        if not self.is_on_shift:
            self.is_on_shift = True
            if not self.is_busy:
                self._on_duty_from = at_s
                self.idle_since = self._start + timedelta(seconds=at_s)

    def ends(self, at_s: float) -> None:
        """Its shift ends; what it is doing goes on, and counts as duty."""
        if self.is_on_shift:
            self.is_on_shift = False
            if not self.is_busy:
                self.duty_s += at_s - self._on_duty_from

    def free(self, at_s: float) -> None:
        """It has done what it was doing."""
        self.is_busy = False
        if not self.is_on_shift:
            self.duty_s += at_s - self._on_duty_from

    def worked(self, at_s: float) -> Worked:
        """All of it, up to now, and to the end of what it is doing."""
        on_duty = self.is_on_shift or self.is_busy
        at_s = max(at_s, self.until_s) if self.is_busy else at_s
        return Worked(
            seat=self.seat,
            duty_s=self.duty_s + (at_s - self._on_duty_from if on_duty else 0.0),
            talk_s=self.talk_s,
            ring_s=self.ring_s,
            wrap_up_s=self.wrap_up_s,
            offered=self.offered,
            answered=self.answered,
            missed=self.missed,
        )


class Duty:
    """Whose shift begins or ends when; without shifts a seat is on duty always."""

    def __init__(self, desks: Iterable[Desk], start: datetime, kind_of: KindOf | None) -> None:
        self._desks = tuple(desks)
        self._start, self._kind_of = start, kind_of
        self._changing: dict[int, list[Desk]] = {}
        for desk in self._desks:
            for shift in desk.seat.shifts:
                for minute in {shift.start % _DAY_MIN, shift.end % _DAY_MIN}:
                    who = self._changing.setdefault(minute, [])
                    if desk not in who:
                        who.append(desk)
        self._minutes = sorted(self._changing)

    def first(self) -> None:
        """Everybody who is on shift at the start begins."""
        for desk in self._desks:
            if on_shift(desk.seat, self._start, self._kind_of):
                desk.begins(0.0)

    def next_s(self, at_s: float) -> float | None:
        """When a shift may begin or end next, after `at_s`; None: never."""
        if not self._minutes:
            return None
        day, within = divmod(at_s, DAY_S)
        later = next((m * 60 for m in self._minutes if m * 60 > within), None)
        return (
            day * DAY_S + later if later is not None else (day + 1) * DAY_S + self._minutes[0] * 60
        )

    def change(self, at_s: float) -> list[Desk]:
        """Begin and end what is due at `at_s`; those that changed."""
        now = self._start + timedelta(seconds=at_s)
        changed = []
        for desk in self._changing[round(at_s % DAY_S / 60)]:
            is_on = on_shift(desk.seat, now, self._kind_of)
            if is_on != desk.is_on_shift:
                (desk.begins if is_on else desk.ends)(at_s)
                changed.append(desk)
        return changed


def day_name(start: datetime, at_s: float) -> str:
    """The Shanghai day (YYYY-MM-DD), `start` being a Shanghai midnight."""
    local: date = (start + timedelta(days=at_s // DAY_S)).date()
    return local.isoformat()
