"""What is done to a call from outside its own line: phones moved, called and hung up over AMI.

A command goes out in a task; what became of it comes back as an event. Nothing here waits for a
call, and no call waits for this.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Protocol

import structlog

from callcenter import commands as cmd
from callcenter import events as ev
from callcenter.asterisk.ami import AmiDown, AmiFault, AmiRefused
from callcenter.asterisk.protocol import AmiMessage, BadValue, Value
from callcenter.call.table import leg_id, way_out_id

log = structlog.get_logger()

RoomCommand = cmd.MoveSeat | cmd.LeaveRoom | cmd.CallLeg | cmd.EndLeg | cmd.EndSeat | cmd.SeatHears
AGAIN_S = (0.2, 0.5, 1.0, 2.0, 5.0, 5.0, 10.0, 10.0)  # pauses while Asterisk is away
ANNOUNCED_S = 10.0  # while both sides still hear who the other is, nobody can be moved
LOOK_S = 0.25
LISTEN_S = 1.5  # a phone that sends nothing for so long, and is not registered, is dead

Tell = Callable[[ev.Event], None]


class Ami(Protocol):
    """The AMI link of the node that holds the call."""

    async def action(self, name: str, **headers: Value) -> AmiMessage:
        """Send one action. Raises AmiFault."""


class Member(Protocol):
    """What must be known of a call."""

    @property
    def call_id(self) -> str:
        """The caller's channel, and the room's name."""

    @property
    def recording(self) -> str:
        """Path stem of its audio."""


class Rooms:
    """`ami_of`: the link to the Asterisk that has a call; `dialplan`: as in context names."""

    def __init__(
        self,
        ami_of: Callable[[str], Ami],
        *,
        dialplan: str,
        node_of_seat: Callable[[str], str] = lambda _: "",
    ) -> None:
        """`node_of_seat`: where a seat's phone is registered; empty is here."""
        self._node_of_seat = node_of_seat
        self.ami_of = ami_of
        self._dialplan = dialplan
        self._tasks: set[asyncio.Task[None]] = set()

    def do(self, call: Member, command: RoomCommand, tell: Tell) -> None:
        """Carry out a command about this call."""
        match command:
            case cmd.MoveSeat():
                self._start(self._move_seat(call.call_id, tell))
            case cmd.LeaveRoom():
                self._start(self._take_out(call.call_id))
            case cmd.CallLeg():
                self._start(self._call_leg(call, command, tell))
            case cmd.EndLeg(leg):
                self.hang_up(call.call_id, leg_id(call.call_id, leg))
            case cmd.EndSeat(channel):
                self._start(self._hang_up_seat(call.call_id, channel))
            case cmd.SeatHears():
                self._start(self._let_hear(call.call_id, command))

    def hang_up(self, call_id: str, channel: str, *, cause: int = 0) -> None:
        """Hang up a channel of a call by its unique id; `cause`: of Q.850, 0 for the usual."""
        why = {"Cause": str(cause)} if cause else {}
        self._start(self._surely(call_id, "Hangup", Channel=channel, **why))

    def listen(self, call_id: str, channel: str, lost: Callable[[], None]) -> None:
        """Find out whether a seat's phone still sends sound; `lost` is called when it does not."""
        self._start(self._listen(call_id, channel, lost))

    def if_gone(self, seat: str, node: str, gone: Callable[[], None]) -> None:
        """Call `gone` unless a phone is registered for the seat at this node."""
        self._start(self._if_gone(seat, node, gone))

    async def close(self) -> None:
        """Let go of what is under way."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _move_seat(self, call_id: str, tell: Tell) -> None:
        try:
            channel = await self.seat_in_dial(call_id)
            if not channel:
                tell(ev.MoveFailed())
                return
            await self.ami_of(call_id).action(
                "Redirect",
                Channel=channel,
                Context=f"seat-room-{self._dialplan}",
                Exten="s",
                Priority="1",
            )
        except (AmiFault, BadValue) as fault:
            log.warning("a seat was not moved", call_id=call_id, why=str(fault))
            tell(ev.MoveFailed())

    async def _let_hear(self, call_id: str, tone: cmd.SeatHears) -> None:
        if not tone.is_ringing:  # from the next time that it is alone
            variable = {"Variable": "CHANNEL(musicclass)", "Value": "hold"}
            await self._surely(call_id, "Setvar", Channel=tone.channel, **variable)
            return
        # Music that plays already keeps its class: the seat comes in once more.
        await self._surely(
            call_id,
            "Redirect",
            Channel=tone.channel,
            Context=f"seat-room-{self._dialplan}",
            Exten="rings",
            Priority="1",
        )

    async def seat_in_dial(self, call_id: str) -> str:
        """The seat's channel, as soon as the talk has begun; empty when it has not in time."""
        for _ in range(int(ANNOUNCED_S / LOOK_S)):
            channel = await self._ask(call_id, "HOTLINE_SEAT_CHANNEL", channel=call_id)
            if channel:
                return channel
            await asyncio.sleep(LOOK_S)
        return ""

    async def _ask(self, call_id: str, variable: str, *, channel: str = "") -> str:
        """The value of a variable, of a channel of the call or of none."""
        of: dict[str, Value] = {"Channel": channel} if channel else {}
        told = await self.ami_of(call_id).action("Getvar", **of, Variable=variable)
        return told.get("Value")

    async def _take_out(self, call_id: str) -> None:
        await self._surely(call_id, "ConfbridgeKick", Conference=call_id, of=call_id)

    async def _hang_up_seat(self, call_id: str, channel: str) -> None:
        try:
            channel = channel or await self.seat_in_dial(call_id)
        except AmiFault as fault:
            log.warning("a seat was not hung up", call_id=call_id, why=str(fault))
            return
        if channel:
            await self._surely(call_id, "Hangup", Channel=channel)

    async def _surely(self, call_id: str, name: str, *, of: str = "", **headers: Value) -> None:
        """Again until Asterisk has heard it: both actions may be done twice.

        `of`: unique id of a channel whose name is a header too.
        """
        for pause_s in (*AGAIN_S, None):
            try:
                if of:
                    headers["Channel"] = await self._ask(call_id, "CHANNEL(name)", channel=of)
                await self.ami_of(call_id).action(name, **headers)
                return
            except AmiRefused as refused:  # there is no such channel any more
                log.debug("refused", action=name, why=str(refused))
                return
            except AmiFault as fault:
                if pause_s is None or not fault.retryable:
                    log.error("not carried out", action=name, why=str(fault))
                    return
                await asyncio.sleep(pause_s)

    async def _call_leg(self, call: Member, leg: cmd.CallLeg, tell: Tell) -> None:
        try:
            whom = await self._whom(call, leg)
            if not whom:
                tell(ev.LegGone(leg.leg, datetime.now(UTC)))
                return
            await self.ami_of(call.call_id).action(
                "Originate",
                **whom,
                Context=f"leg-{self._dialplan}",
                Priority="1",
                Async="true",
                ChannelId=leg_id(call.call_id, leg.leg),
                Timeout=str(leg.ring_s * 1000),
            )
        except (AmiDown, AmiRefused, BadValue) as fault:
            log.warning("a guest was not called", call_id=call.call_id, why=str(fault))
            tell(ev.LegGone(leg.leg, datetime.now(UTC)))
        except AmiFault as fault:  # outcome unknown: its channel or its time will tell
            log.warning("a guest was perhaps not called", call_id=call.call_id, why=str(fault))

    async def _whom(self, call: Member, leg: cmd.CallLeg) -> dict[str, Value]:
        """How a seat is called, or a line outside; empty: its phone is away.

        A line comes into the room as soon as its network says something (EarlyMedia), by a Local
        channel: of one that dials itself nobody could tell any more when it is picked up.
        """
        of_leg = (
            f"__HOTLINE_CALL={call.call_id}",
            f"__HOTLINE_RECORDING={call.recording}",
            f"__HOTLINE_LEG={leg.leg}",
        )
        if leg.seat:
            phone = await self.phone_of(call.call_id, leg.seat)
            return {"Channel": phone, "Exten": "s", "Variable": of_leg} if phone else {}
        out = (f"__HOTLINE_LINE={leg.number}@{leg.trunk}", f"__HOTLINE_RING_S={leg.ring_s}")
        return {
            "Channel": f"Local/out@leg-{self._dialplan}/n",
            "OtherChannelId": way_out_id(call.call_id, leg.leg),
            "EarlyMedia": "true",
            "Exten": "line",
            "Variable": (*of_leg, *out),
        }

    async def phone_of(self, call_id: str, number: str) -> str:
        """How a seat's or a supervisor's phone is dialled beside this call; empty: it is away."""
        node = self._node_of_seat(number)
        if node and f"-{node}-" not in f"-{call_id}":  # the node's name is a part of all ids
            return f"PJSIP/{number}@{number}@{node}"
        contact = await self._ask(call_id, f"PJSIP_AOR({number},contact)")
        if not contact:
            return ""
        return f"PJSIP/{await self._ask(call_id, f'PJSIP_CONTACT({contact},endpoint)')}"

    async def _if_gone(self, seat: str, node: str, gone: Callable[[], None]) -> None:
        try:
            contact = await self._ask(f"{node}-", f"PJSIP_AOR({seat},contact)")
        except AmiFault:
            contact = ""
        if not contact:
            gone()

    async def _listen(self, call_id: str, channel: str, lost: Callable[[], None]) -> None:
        try:
            # While both sides still hear who the other is, nobody can be listened to.
            until = asyncio.get_running_loop().time() + ANNOUNCED_S
            while not (channel := channel or await self.seat_in_dial(call_id)):
                if asyncio.get_running_loop().time() > until:
                    return
                await asyncio.sleep(LISTEN_S)
            before = await self._received(call_id, channel)
            await asyncio.sleep(LISTEN_S)
            if await self._received(call_id, channel) == before:
                lost()
        except AmiFault as fault:
            log.info("a phone was not listened to", call_id=call_id, why=str(fault))

    async def _received(self, call_id: str, channel: str) -> str:
        return await self._ask(call_id, "CHANNEL(rtcp,rxcount)", channel=channel)
