"""The AGI server called by a real Asterisk: the contract, the barrier's races, garbage, a kill."""

import asyncio
import pathlib
import random
from collections.abc import Iterator

import pytest

from callcenter.asterisk.agi import AgiLine
from callcenter.asterisk.protocol import AgiHangup, AgiReply
from callcenter.asterisk.protocol import agi_commands as command
from tests.callcenter.asterisk.agi_contract import AgiContract, Call, called, listening
from tests.real.wire_asterisk import WireAsterisk

DELAY_S = 0.020  # longest, between a command and its interruption
TRIALS = 500  # per interruptible command


class RealSwitch:
    """A real Asterisk in the shape of the contract; calls come over Local channels."""

    def __init__(self, asterisk: WireAsterisk) -> None:
        self.asterisk = asterisk

    async def ring(self, port: int) -> None:
        await asyncio.to_thread(self.asterisk.originate, "quiet", port)

    async def hang_up(self, line: AgiLine) -> None:
        channel = line.env["agi_channel"]
        await asyncio.to_thread(self.asterisk.act, "Hangup", Channel=channel)


@pytest.fixture(scope="module")
def switch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealSwitch]:
    folder: pathlib.Path = tmp_path_factory.mktemp("asterisk")
    asterisk = WireAsterisk(folder)
    asterisk.start()
    yield RealSwitch(asterisk)
    asterisk.kill()


class TestContract(AgiContract):
    pass


async def raced(call: Call, whole: bytes, trials: int) -> list[list[AgiReply]]:
    """What each of so many interruptions, at random moments, found before its barrier."""
    chance = random.Random(12348)
    found = []
    for number in range(trials):
        call.line.send(whole)
        await asyncio.sleep(chance.uniform(0, DELAY_S) if number % 5 else 0)
        before = await call.interrupted(number)
        assert all(isinstance(reply, AgiReply) for reply in before)
        found.append(before)
    assert await call.do(command.get_variable("NEVER_SET")) == AgiReply(
        200, 0, "", None, "200 result=0"
    )
    return found


class TestBarrier:
    """On a real SIP call whose far end sends no audio: the slowest to wake."""

    @pytest.fixture
    async def call(self, switch: RealSwitch):
        async with listening() as (server, calls):
            with switch.asterisk.ring_in(server.port):
                yield await asyncio.wait_for(calls.get(), 30)

    async def test_a_wait_for_a_key_gives_its_own_reply_first(self, call: Call):
        await call.do(command.set_music(True))
        found = await raced(call, command.wait_for_digit(30_000), TRIALS)
        assert [[reply.raw for reply in before] for before in found] == [["200 result=1"]] * TRIALS

    async def test_a_prompt_gives_no_reply_of_its_own(self, call: Call, switch: RealSwitch):
        prompt = command.stream_file(str(switch.asterisk.home / "long"), "12")
        assert await raced(call, prompt, TRIALS) == [[]] * TRIALS

    async def test_a_prompt_that_ends_in_that_moment_gives_one_or_none(
        self, call: Call, switch: RealSwitch
    ):
        prompt = command.stream_file(str(switch.asterisk.home / "instant"))
        found = await raced(call, prompt, TRIALS)
        assert {len(before) for before in found} == {0, 1}

    async def test_a_recording_runs_to_its_own_end_and_then_answers(
        self, call: Call, switch: RealSwitch
    ):
        record = f'RECORD FILE "{switch.asterisk.home}/rec" "wav" "" 30\n'.encode()
        found = await raced(call, record, 100)
        assert [len(before) for before in found] == [1] * 100
        assert {before[0].text for before in found} == {"timeout"}

    async def test_an_application_runs_to_its_own_end_and_then_answers(self, call: Call):
        found = await raced(call, command.exec_app("Wait", "0.03"), 50)
        assert [[reply.raw for reply in before] for before in found] == [["200 result=0"]] * 50


async def test_garbage_on_the_port_does_not_touch_a_live_call(switch: RealSwitch):
    noise = random.Random(12348)
    async with called(switch) as call:
        port = int(call.line.env["agi_extension"])
        for size in [1, 10, 1000, 100_000] * 10:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(noise.randbytes(size))
            writer.close()
            reply = await call.do(command.get_full_variable(f"still here {size}"))
            assert reply.text == f"still here {size}"


async def test_a_missing_prompt_is_told_and_the_line_goes_on(switch: RealSwitch):
    async with called(switch) as call:
        reply = await call.do(command.stream_file("/nowhere/nothing"))
        assert (reply.result, reply.endpos) == (-1, 0)
        assert await call.interrupted(1) == []


@pytest.mark.parametrize(
    ("running", "told"),
    [
        (command.wait_for_digit(20_000), "200 result=-1"),
        (command.exec_app("Wait", "20"), "200 result=-1"),
        (b'GOSUB "seat" "12" "2"\n', "200 result=0 Gosub complete (abnormal exit)"),
    ],
)
async def test_a_hangup_in_a_command_gives_its_reply_and_then_the_hangup(
    switch: RealSwitch, running: bytes, told: str
):
    async with called(switch) as call:
        call.line.send(running)
        await asyncio.sleep(0.1)
        await switch.hang_up(call.line)
        reply = await call.next()
        assert isinstance(reply, AgiReply) and reply.raw == told
        assert await call.next() == AgiHangup()


async def test_a_killed_asterisk_is_noticed_by_each_line(switch: RealSwitch):
    async with called(switch) as call:
        call.line.send(command.wait_for_digit(30_000))
        await asyncio.sleep(0.05)
        switch.asterisk.kill()
        assert await asyncio.wait_for(call.closed, 30)
    await asyncio.to_thread(switch.asterisk.start)
