"""The AGI server on a scripted Asterisk: the contract, garbage, and limits."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from callcenter.asterisk import agi
from callcenter.asterisk.agi import AgiLine, AgiServer
from callcenter.asterisk.protocol import agi_commands as command
from tests.callcenter.asterisk.agi_contract import AgiContract, Call, called, listening
from tests.callcenter.asterisk.fake_agi import ENV, FakeSwitch


@pytest.fixture
async def switch() -> AsyncIterator[FakeSwitch]:
    fake = FakeSwitch()
    yield fake
    await fake.stop()


class TestContract(AgiContract):
    pass


async def said_to(port: int, data: bytes) -> bytes:
    """Everything that comes back until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    try:
        return await asyncio.wait_for(reader.read(), 30)
    except ConnectionError:
        return b"reset"
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


GARBAGE = [
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n",
    b"\x00" * 70_000,
    b"agi_network: yes\n" * 8000,
    ENV + b"hello\n",
    ENV + b"x" * 70_000,
]


@pytest.mark.parametrize("garbage", GARBAGE)
async def test_garbage_closes_its_own_connection_only(switch: FakeSwitch, garbage: bytes, caplog):
    async with listening() as (server, calls):
        await switch.ring(server.port)
        call = await calls.get()
        assert await said_to(server.port, garbage) in (b"", b"reset")
        assert caplog.text.count("AGI connection closed") == 1
        assert (await call.do(command.noop())).code == 200
        while not calls.empty():
            assert await asyncio.wait_for(calls.get_nowait().closed, 30)
        assert server.lines == 1


async def test_an_environment_that_does_not_end_is_given_up(monkeypatch, caplog):
    monkeypatch.setattr(agi, "ENV_S", 0.02)
    async with listening() as (server, calls):
        assert await said_to(server.port, b"agi_network: yes\n") in (b"", b"reset")
        assert await said_to(server.port, b"") in (b"", b"reset")
        assert calls.empty() and server.lines == 0
    assert caplog.text.count("no AGI within") == 2


async def test_a_peer_that_leaves_early_is_no_call():
    async with listening() as (server, calls):
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"agi_network: yes\n")
        writer.close()
        await writer.wait_closed()
        await until(lambda: server.lines == 0)
        assert calls.empty()


async def until(condition) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - a count of sockets tells nobody
            await asyncio.sleep(0.002)


async def test_too_many_connections_are_refused_and_said_once(monkeypatch, caplog):
    monkeypatch.setattr(agi, "MAX_LINES", 1)
    switch = FakeSwitch()
    async with listening() as (server, calls):
        await switch.ring(server.port)
        call = await calls.get()
        for _ in range(3):
            assert await said_to(server.port, ENV) in (b"", b"reset")
        assert server.refused == 3 and caplog.text.count("are refused") == 1
        assert (await call.do(command.noop())).code == 200
    await switch.stop()


async def test_the_end_of_asterisk_is_told_once(switch: FakeSwitch):
    async with called(switch) as call:
        switch._writer.close()
        assert await asyncio.wait_for(call.closed, 30) == "Asterisk closed the connection"
        assert call.line.is_closed
        call.line.send(command.noop())


async def test_a_reset_is_told_with_its_reason(switch: FakeSwitch):
    async with called(switch) as call:
        call.line.send(command.noop())
        await call.next()
        # Unread bytes in the switch's socket make its close a reset.
        switch._writer.transport.pause_reading()
        call.line.send(command.noop() * 100)
        await asyncio.sleep(0.02)
        switch._writer.transport.abort()
        reason = await asyncio.wait_for(call.closed, 30)
        assert reason.startswith("the connection broke: ConnectionResetError")


async def test_a_fault_in_on_call_closes_that_line_and_is_logged(caplog):
    def on_call(line: AgiLine) -> None:
        raise RuntimeError("no session")

    server = AgiServer("127.0.0.1", 0, on_call)
    await server.stop()
    await server.start()
    assert await said_to(server.port, ENV) in (b"", b"reset")
    await server.stop()
    assert "no session" in caplog.text


async def test_a_fault_in_a_callback_closes_that_line_and_is_logged(switch: FakeSwitch, caplog):
    async with called(switch) as call:

        def fault(told: object) -> None:
            raise RuntimeError(f"cannot take {type(told).__name__}")

        ended = asyncio.Event()

        def fault_at_end(reason: str) -> None:
            ended.set()
            fault(reason)

        call.line.on_message, call.line.on_closed = fault, fault_at_end
        call.line.send(command.noop())
        await asyncio.wait_for(ended.wait(), 30)
    assert "cannot take AgiReply" in caplog.text and "cannot take str" in caplog.text


async def test_a_peer_that_reads_nothing_is_dropped(switch: FakeSwitch, monkeypatch, caplog):
    monkeypatch.setattr(agi, "MAX_UNSENT", 1000)
    async with called(switch) as call:
        switch._writer.transport.pause_reading()
        async with asyncio.timeout(30):
            while not call.closed.done():
                call.line.send(command.set_variable("A", "x" * 900) * 100)
                await asyncio.sleep(0)
    assert "does not read its commands" in caplog.text


async def test_messages_before_anybody_listens_harm_nothing():
    lines: list[AgiLine] = []
    server = AgiServer("127.0.0.1", 0, lines.append)
    await server.start()
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(ENV + b"HANGUP\n")
    await until(lambda: lines)
    writer.close()
    await until(lambda: server.lines == 0)
    assert lines[0].is_closed
    await server.stop()


async def test_a_line_torn_at_every_byte_is_read_the_same():
    async with listening() as (server, calls):
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        for byte in ENV + "200 result=1 (王)\nHANGUP\n".encode():
            writer.write(bytes([byte]))
            await asyncio.sleep(0)
        call: Call = await calls.get()
        assert (await call.next()).text == "王"
        assert type(await call.next()).__name__ == "AgiHangup"
        writer.close()


async def test_a_port_that_is_taken_is_an_error_at_the_start():
    async with listening() as (server, _):
        with pytest.raises(OSError, match="address already in use"):
            await AgiServer("127.0.0.1", server.port, lambda line: None).start()
