"""Whom a lawyer may hand his talk to, or ask into it, at this moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from callcenter.call.table import parse_leg_id
from callcenter.web.targets import GroupTarget, LineTarget, SeatTarget, TargetsAnswer
from ivr_flows.catalogue import Line
from seats.seat import SeatState

if TYPE_CHECKING:
    from callcenter.switchboard import Switchboard


class TalkTargets:
    """Reads seats from memory and lines from the province as it is now."""

    def __init__(
        self,
        house: Switchboard,
        *,
        lines: Callable[[], Mapping[str, Line]],
        city_names: Mapping[str, str],
    ) -> None:
        """`city_names`: GB/T 2260 code → name."""
        self._house = house
        self._lines = lines
        self._city_names = city_names

    def of(self, seat: str) -> TargetsAnswer:
        """All targets; whether a line is open is asked for the place of this seat's caller."""
        dispatcher = self._house.dispatcher
        ready = {
            number
            for number in dispatcher.roster
            if dispatcher.statuses[number].state is SeatState.READY
            and number not in dispatcher.off_shift
        }
        groups = sorted({group for one in dispatcher.roster.values() for group in one.skills})
        return TargetsAnswer(
            seats=[
                SeatTarget(
                    number=number,
                    name=one.name,
                    level=one.level.value,
                    city=self._city_names.get(one.city or ""),
                    state=dispatcher.statuses[number].state.value,
                )
                for number, one in dispatcher.roster.items()
            ],
            groups=[
                GroupTarget(
                    name=group,
                    ready=sum(group in dispatcher.roster[number].skills for number in ready),
                )
                for group in groups
            ],
            lines=self._lines_for(seat),
        )

    def _lines_for(self, seat: str) -> list[LineTarget]:
        city, now = self._city_of(seat), self._house.clock()
        found = []
        for name, line in self._lines().items():
            dialled = self._house.outside.line(name, now, city)
            if dialled is not None:
                found.append(
                    LineTarget(
                        name=name,
                        title=line.title,
                        number=dialled.number,
                        is_open=dialled.is_open,
                    )
                )
        return found

    def _city_of(self, seat: str) -> str | None:
        status = self._house.dispatcher.statuses.get(seat)
        leg = parse_leg_id(status.call_id or "") if status else None
        call_id = leg[0] if leg else status.call_id if status else None
        session = self._house.sessions.get(call_id or "")
        return session.call.city if session else None
