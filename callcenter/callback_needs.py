"""What callbacks need of the parts around them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from callcenter.asterisk.ami import AmiDown
from callcenter.dispatcher import Dispatcher
from seats.policy import CallbackPolicy


class Outbound(Protocol):
    """Makes calls (callcenter.asterisk.outbound)."""

    async def ring_caller(
        self, call_id: str, *, number: str, trunk: str, dialled: str, ring_s: int
    ) -> None:
        """Ring a citizen."""

    async def ring_seat_first(
        self, call_id: str, *, number: str, trunk: str, dialled: str, ring_s: int
    ) -> None:
        """Begin a call that rings a seat first."""

    async def dial_caller(self, call_id: str) -> None:
        """Ring the citizen of such a call."""


class CallbackRules(Protocol):
    """What people have laid down."""

    def policy(self) -> CallbackPolicy:
        """Of the routing policy in force."""

    def trunk(self, name: str) -> str | None:
        """By which trunk one is called who came by that; None: none leads out."""


class House(Protocol):
    """The line, and the calls that are here."""

    dispatcher: Dispatcher

    def clock(self) -> datetime:
        """Aware UTC now."""

    @property
    def sessions(self) -> Mapping[str, object]:
        """Every call here, by its id."""


class NoWayOut:
    """A house from which nobody can be rung: people work through the requests."""

    def policy(self) -> CallbackPolicy:
        """As usual."""
        return CallbackPolicy()

    def trunk(self, name: str) -> str | None:
        """None leads out."""
        return None

    async def ring_caller(
        self, call_id: str, *, number: str, trunk: str, dialled: str, ring_s: int
    ) -> None:
        """Never comes to pass."""
        raise AmiDown("nothing leads out")

    async def ring_seat_first(
        self, call_id: str, *, number: str, trunk: str, dialled: str, ring_s: int
    ) -> None:
        """Never comes to pass."""
        raise AmiDown("nothing leads out")

    async def dial_caller(self, call_id: str) -> None:
        """Never comes to pass."""
        raise AmiDown("nothing leads out")
