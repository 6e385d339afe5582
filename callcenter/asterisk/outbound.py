"""Calls that we make: a citizen who asked for it is rung, before a seat or after it."""

from __future__ import annotations

from callcenter.asterisk.ami import AmiClient


class Outbound:
    """Makes calls over AMI. Each is a call like any other to the dialplan, under an id of ours.

    Every method raises AmiFault when Asterisk was not told, or refused.
    """

    def __init__(self, ami: AmiClient, *, dialplan: str) -> None:
        """`dialplan`: the version in context names."""
        self._ami = ami
        self._dialplan = dialplan

    async def ring_caller(
        self, call_id: str, *, number: str, trunk: str, dialled: str, ring_s: int
    ) -> None:
        """Ring a citizen; when he picks up, his channel is the call and comes to us."""
        await self._originate(
            call_id, f"PJSIP/{number}@{trunk}", number, trunk, dialled, Timeout=ring_s * 1000
        )

    async def ring_seat_first(
        self, call_id: str, *, number: str, trunk: str, dialled: str, ring_s: int
    ) -> None:
        """Begin a call in which nobody is yet: it comes to us at once, to ring a seat."""
        await self._originate(
            call_id,
            f"Local/s@caller-{self._dialplan}/n",
            number,
            trunk,
            dialled,
            OtherChannelId=_far_side(call_id),
            Variable=[
                f"HOTLINE_CALLER={number}",
                f"HOTLINE_RING_S={ring_s}",
            ],
        )

    async def _originate(
        self,
        call_id: str,
        channel: str,
        number: str,
        trunk: str,
        dialled: str,
        *,
        Variable: list[str] | None = None,  # as AMI calls it
        **headers: str | int,
    ) -> None:
        own = [f"HOTLINE_TRUNK={trunk}", f"HOTLINE_DIALLED={dialled}"]
        await self._ami.action(
            "Originate",
            Channel=channel,
            ChannelId=call_id,
            Context=f"call-{self._dialplan}",
            Exten="s",
            Priority=1,
            # For our own books: what the telephone shows is the trunk's `from_user`.
            CallerID=f"<{number}>",
            Async="true",
            Variable=[*own, *(Variable or [])],
            **headers,
        )

    async def dial_caller(self, call_id: str) -> None:
        """The seat has picked up: ring the citizen."""
        await self._ami.action(
            "Redirect",
            Channel=_far_side(call_id),
            Context=f"caller-{self._dialplan}",
            Exten="dial",
            Priority=1,
        )


def _far_side(call_id: str) -> str:
    """Id of the half of a call begun by us that stands for the citizen."""
    return f"{call_id}-far"
