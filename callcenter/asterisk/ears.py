"""A supervisor's telephone beside a talk: ChanSpy on the seat's channel, begun and moved by AMI.

What is said into the seat's channel reaches the seat alone, in Dial and in a room alike, and is in
no recording of what the caller hears.
"""

from __future__ import annotations

from typing import Literal

from callcenter.asterisk.rooms import Rooms

Ear = Literal["listen", "whisper"]
RING_S = 25  # a desk phone is picked up by hand; a browser answers at once


class Ears:
    """Every method raises AmiFault when Asterisk was not told, or refused."""

    def __init__(self, rooms: Rooms, *, dialplan: str) -> None:
        """`rooms`: knows where seats and telephones are; `dialplan`: as in context names."""
        self._rooms = rooms
        self._dialplan = dialplan

    async def begin(
        self, call_id: str, *, seat: str, seat_channel: str, phone: str, spy: str, ear: Ear
    ) -> bool:
        """Ring the telephone; picked up, it hears the talk. False when one of the two is gone.

        `seat`: whom the telephone shows.
        `seat_channel`: empty while the seat is in Dial: it is waited for until both sides have
        heard who the other is.
        """
        spied = seat_channel or await self._rooms.seat_in_dial(call_id)
        whom = await self._rooms.phone_of(call_id, phone)
        if not spied or not whom:
            return False
        await self._rooms.ami_of(call_id).action(
            "Originate",
            Channel=whom,
            Context=self._context,
            Exten=ear,
            Priority="1",
            Async="true",
            ChannelId=spy,
            Timeout=str(RING_S * 1000),
            CallerID=f"<{seat}>",
            Variable=(f"HOTLINE_SPIED={spied}",),
        )
        return True

    async def change(self, call_id: str, *, spy: str, ear: Ear) -> None:
        """From listening to whispering, or back."""
        await self._rooms.ami_of(call_id).action(
            "Redirect", Channel=spy, Context=self._context, Exten=ear, Priority="1"
        )

    def end(self, call_id: str, channel: str) -> None:
        """Hang the telephone up; said again until Asterisk has heard it."""
        self._rooms.hang_up(call_id, channel)

    @property
    def _context(self) -> str:
        return f"spy-{self._dialplan}"
