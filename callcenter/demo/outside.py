"""Simulated telephones outside: 110, 12345, and citizens who asked to be called back.

Numbers rung through the demo's trunk end here, on this machine: nothing of it reaches a network.
"""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from callcenter.demo.phone import Phone
from callcenter.demo.phone_call import PhoneCall, Refused, Unanswered
from callcenter.demo.seats import ended_within
from callcenter.demo.talk import Talk, load_talk, talk_forever

log = structlog.get_logger(__name__)

HOST, PORT = "127.0.0.2", 5062  # as in province/trunks.yaml
AGAIN_S = 5.0  # a port that another demo has is asked for again: that demo may end first
LEAST_OWN = 10  # digits: a citizen's number, called back; shorter ones are offices
MOST_CALLERS = 16  # hotlines on this machine that ring here


@dataclass(frozen=True)
class Manner:
    """How whoever is rung behaves; seconds, ranges from which one is drawn each time."""

    answer_s: tuple[float, float] = (1.0, 4.0)
    talk_s: tuple[float, float] = (10.0, 25.0)
    is_out: float = 0.0  # share of calls that nobody picks up


CALLED_BACK = Manner(answer_s=(2.0, 9.0), talk_s=(20.0, 60.0), is_out=0.2)


class Outside(asyncio.DatagramProtocol):
    """One UDP port on which every number is answered, for each Asterisk that rings."""

    def __init__(
        self, *, manner: Manner, citizens: Manner, talk: Mapping[bool, Talk], dice: random.Random
    ) -> None:
        """Rings as soon as it is connected. `citizens`: how those do who are called back; `talk`:
        what citizens say, and what others do.
        """
        self.rung: list[str] = []
        self._manner = {True: citizens, False: manner}
        self._talk = talk
        self._dice = dice
        self._phones: dict[tuple[str, int], Phone] = {}
        self._transport: asyncio.DatagramTransport | None = None
        self._talks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]  # noqa: D102
        self._transport = transport

    @property
    def port(self) -> int:
        """The UDP port that it has; 0 before it has one."""
        if self._transport is None:
            return 0
        port: int = self._transport.get_extra_info("sockname")[1]
        return port

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Hand it to the telephone that stands for us towards this Asterisk."""
        phone = self._phones.get(addr)
        if phone is None and self._transport is not None and len(self._phones) < MOST_CALLERS:
            phone = Phone(addr, on_call=self._offered)
            phone.share(self._transport)
            if not data.startswith(b"OPTIONS "):  # who only asks whether we are there rings nobody
                self._phones[addr] = phone
        if phone is not None:
            phone.datagram_received(data, addr)

    def close(self) -> None:
        """Hang up everywhere and give the port back."""
        for task in self._talks:
            task.cancel()
        for phone in self._phones.values():
            phone.close()
        if self._transport is not None:
            self._transport.close()

    def _offered(self, number: str, call: PhoneCall) -> None:
        self.rung.append(number)
        task = asyncio.get_running_loop().create_task(self._serve(number, call))
        self._talks.add(task)
        task.add_done_callback(self._talks.discard)

    async def _serve(self, number: str, call: PhoneCall) -> None:
        is_citizen = len(number) >= LEAST_OWN  # not 110, 12345 and the like
        manner = self._manner[is_citizen]
        try:
            if self._dice.random() < manner.is_out:
                log.info("a citizen does not hear the telephone, simulated")
                await call.ended.wait()
                return
            if await ended_within(call, self._dice.uniform(*manner.answer_s)):
                return
            await call.answer()
            log.info("somebody outside answers, simulated", is_citizen=is_citizen)
            talk_forever(call, self._talk[is_citizen], self._dice)
            await ended_within(call, self._dice.uniform(*manner.talk_s))
            await call.hang_up()
        except (Refused, Unanswered) as fault:
            log.info("a call outside came to nothing", number=number, why=repr(fault))


async def open_outside(
    *,
    manner: Manner,
    dice: random.Random,
    citizens: Manner = CALLED_BACK,
    host: str = HOST,
    port: int = PORT,
) -> Outside:
    """Take the port; raises OSError when another demo of this machine has it."""
    talk = {True: load_talk("citizen"), False: load_talk("lawyer")}
    _, outside = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Outside(manner=manner, citizens=citizens, talk=talk, dice=dice),
        local_addr=(host, port),
    )
    return outside


async def run_outside(
    *, manner: Manner, dice: random.Random, port: int = PORT, again_s: float = AGAIN_S
) -> None:
    """Answer until cancelled. Where another demo of this machine has the port, it answers."""
    is_told = False
    while True:
        try:
            outside = await open_outside(manner=manner, dice=dice, port=port)
            break
        except OSError as fault:
            if not is_told:
                log.info("numbers outside are answered by somebody else", port=port, why=str(fault))
            is_told = True
            await asyncio.sleep(again_s)
    try:
        await asyncio.Event().wait()
    finally:
        outside.close()
