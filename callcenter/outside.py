"""The world outside a call as a session sees it: lines to transfer to, services to ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from callcenter.commands import AskService
from callcenter.events import ActFailed, Event, ServiceAnswered, ServiceFailed
from callcenter.province import Province
from callcenter.services import Services


@dataclass(frozen=True, slots=True)
class OutsideLine:
    """A line of lines.yaml as it can be dialled now."""

    number: str
    trunk: str
    is_open: bool


class Outside:
    """Reads the province as it is now; a line that is taken away is gone for the next transfer."""

    def __init__(
        self,
        province: Callable[[], Province],
        services: Services,
        *,
        hours: Callable[[datetime, str | None], str],
    ) -> None:
        """`hours`: `open` or `closed` for a time and a city."""
        self._province = province
        self._services = services
        self._hours = hours

    def line(self, name: str, now: datetime, city: str | None) -> OutsideLine | None:
        """A line by its name; None when there is none."""
        line = self._province().lines.get(name)
        if line is None:
            return None
        is_open = line.hours == "always" or self._hours(now, city) == "open"
        return OutsideLine(number=line.number, trunk=line.trunk, is_open=is_open)

    def trunk_out(self, name: str) -> str | None:
        """By which trunk one is rung who came by that one: the same, else the first that leads
        out; None when none does.
        """
        out = [trunk.name for trunk in self._province().trunks if trunk.outbound]
        return name if name in out else next(iter(out), None)

    def ask(self, call_id: str, wish: AskService, tell: Callable[[Event], None]) -> None:
        """Ask a service; one event comes back, unless the call is forgotten before."""
        if wish.service not in self._province().services:
            tell(ActFailed(wish.serial, f"there is no service {wish.service}"))
            return

        def told(outcome: Mapping[str, str] | str) -> None:
            if isinstance(outcome, str):
                tell(ServiceFailed(wish.serial, outcome))
            else:
                tell(ServiceAnswered(wish.serial, outcome))

        self._services.ask(call_id, wish.service, wish.sent, told)

    def forget(self, call_id: str) -> None:
        """The call is over."""
        self._services.forget(call_id)
