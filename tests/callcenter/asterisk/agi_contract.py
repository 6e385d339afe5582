"""What the AGI server does with any Asterisk: run on a scripted one and on the real one."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Protocol

from callcenter.asterisk.agi import AgiLine, AgiServer
from callcenter.asterisk.protocol import AgiHangup, AgiReply
from callcenter.asterisk.protocol import agi_commands as command


class Switch(Protocol):
    """Something that calls."""

    async def ring(self, port: int) -> None:
        """Let a caller come to the AGI server at this port."""

    async def hang_up(self, line: AgiLine) -> None:
        """The caller hangs up."""


class Call:
    """A line and what came on it."""

    def __init__(self, line: AgiLine) -> None:
        self.line = line
        self.came: asyncio.Queue[AgiReply | AgiHangup] = asyncio.Queue()
        self.closed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        line.on_message = self.came.put_nowait
        line.on_closed = self.closed.set_result

    async def next(self) -> AgiReply | AgiHangup:
        return await asyncio.wait_for(self.came.get(), 30)

    async def do(self, whole: bytes) -> AgiReply:
        self.line.send(whole)
        reply = await self.next()
        assert isinstance(reply, AgiReply)
        return reply

    async def interrupted(self, number: int) -> list[AgiReply | AgiHangup]:
        """What comes before the barrier's reply."""
        self.line.interrupt(number)
        before = []
        while not (isinstance(got := await self.next(), AgiReply) and command.is_sync(got, number)):
            before.append(got)
        return before


@contextlib.asynccontextmanager
async def listening() -> AsyncIterator[tuple[AgiServer, asyncio.Queue[Call]]]:
    calls: asyncio.Queue[Call] = asyncio.Queue()
    server = AgiServer("127.0.0.1", 0, lambda line: calls.put_nowait(Call(line)))
    await server.start()
    try:
        yield server, calls
    finally:
        await server.stop()
        await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def called(switch: Switch) -> AsyncIterator[Call]:
    async with listening() as (server, calls):
        await switch.ring(server.port)
        yield await asyncio.wait_for(calls.get(), 30)


class AgiContract:
    """The subclass gives the fixture `switch`."""

    async def test_a_call_brings_its_environment(self, switch: Switch):
        async with called(switch) as call:
            assert call.line.env["agi_network"] == "yes"
            assert call.line.env["agi_uniqueid"] and call.line.env["agi_request"]

    async def test_a_variable_comes_back_as_it_was_set(self, switch: Switch):
        async with called(switch) as call:
            assert (await call.do(command.set_variable("NAME", "王小明 (x=y z)"))).result == 1
            got = await call.do(command.get_variable("NAME"))
            assert (got.code, got.result, got.text) == (200, 1, "王小明 (x=y z)")
            assert (await call.do(command.get_variable("NEVER_SET"))).result == 0

    async def test_wrong_commands_are_answered_and_harm_nothing(self, switch: Switch):
        async with called(switch) as call:
            assert (await call.do(b"NONSENSE\n")).code == 510
            usage = await call.do(b"SET VARIABLE\n")
            assert usage.code == 520 and "\n" in usage.raw
            assert (await call.do(command.noop())).code == 200

    async def test_a_waiting_caller_is_interrupted_with_a_reply_of_its_own(self, switch: Switch):
        async with called(switch) as call:
            assert (await call.do(command.set_music(True))).code == 200
            call.line.send(command.wait_for_digit(30_000))
            await asyncio.sleep(0.02)
            (before,) = await call.interrupted(1)
            assert isinstance(before, AgiReply) and before.result == 1
            assert (await call.do(command.set_music(False))).code == 200

    async def test_an_interrupt_right_behind_its_command_is_not_lost(self, switch: Switch):
        async with called(switch) as call:
            for number in range(20):
                call.line.send(command.wait_for_digit(30_000))
                (before,) = await call.interrupted(number)
                assert isinstance(before, AgiReply) and before.result == 1
            assert (await call.do(command.get_variable("NEVER_SET"))).result == 0

    async def test_an_interrupt_of_nothing_answers_alone(self, switch: Switch):
        async with called(switch) as call:
            assert await call.interrupted(7) == []

    async def test_a_hangup_is_told_and_the_line_still_answers(self, switch: Switch):
        async with called(switch) as call:
            await switch.hang_up(call.line)
            assert await call.next() == AgiHangup()
            assert (await call.do(command.wait_for_digit(1000))).code == 511
            assert await call.interrupted(1) == []
            call.line.close()
            assert await asyncio.wait_for(call.closed, 30) == "closed by us"

    async def test_a_stopped_server_tells_each_line(self, switch: Switch):
        async with called(switch) as call:
            pass
        assert await call.closed == "the server stops"
        call.line.send(command.noop())
