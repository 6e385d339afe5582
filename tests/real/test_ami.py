"""The AMI client on a real Asterisk: the same contract as on the fake one, and a second client."""

import asyncio
import pathlib
from collections.abc import Iterator

import pytest
from asterisk.ami import AMIClient

from tests.callcenter.asterisk.ami_contract import AmiContract, talk
from tests.real.wire_asterisk import SECRET, USER, WireAsterisk


class RealManager:
    """A real Asterisk in the shape of the contract."""

    user, secret = USER, SECRET

    def __init__(self, asterisk: WireAsterisk) -> None:
        self.asterisk = asterisk
        self.port = asterisk.ami_port

    async def restart(self) -> None:
        self.asterisk.kill()
        await asyncio.to_thread(self.asterisk.start)


@pytest.fixture(scope="module")
def manager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealManager]:
    folder: pathlib.Path = tmp_path_factory.mktemp("asterisk")
    asterisk = WireAsterisk(folder)
    asterisk.start()
    yield RealManager(asterisk)
    asterisk.kill()


class TestContract(AmiContract):
    pass


CALL_EVENTS = frozenset({"Newchannel", "Newstate", "Hangup", "UserEvent", "DialEnd"})


async def test_a_second_client_hears_the_same_in_the_same_order(manager: RealManager):
    theirs: list[tuple[str, str]] = []
    peer = AMIClient(address="127.0.0.1", port=manager.port, timeout=30)
    peer.add_event_listener(
        lambda event, **_: theirs.append((event.name, event.keys.get("Uniqueid", "")))
    )
    assert (await asyncio.to_thread(lambda: peer.login(USER, SECRET).response)).status == "Success"
    try:
        async with talk(manager, keep=CALL_EVENTS) as it:
            mine = it.events
            for number in range(5):
                await it.client.action(
                    "Originate",
                    Channel="Local/quiet@far",
                    Application="Wait",
                    Data="0.1",
                    Async="true",
                    Variable=[f"A={number}", "B=王小明"],
                )
            hangups = lambda: [event.name for event in mine].count("Hangup")  # noqa: E731
            await it.until(lambda: hangups() == 10)
            heard = [(event.name, event.get("Uniqueid")) for event in mine]
            await it.until(lambda: [n for n, _ in theirs].count("Hangup") == 10)
        assert heard == [pair for pair in theirs if pair[0] in CALL_EVENTS]
    finally:
        await asyncio.to_thread(lambda: peer.logoff().response)
        await asyncio.to_thread(peer.disconnect)


async def test_channels_of_live_calls_are_listed(manager: RealManager):
    async with talk(manager) as it:
        await it.client.action(
            "Originate", Channel="Local/quiet@far", Application="Wait", Data="30", Async="true"
        )
        listed = []
        async with asyncio.timeout(30):
            while len(listed) < 2:
                listed = await it.client.collect("CoreShowChannels")
        assert {event["Channel"].split("@")[0] for event in listed} == {"Local/quiet"}
        await it.client.action("Hangup", Channel=listed[0]["Channel"])


async def test_a_line_of_the_longest_allowed_length_is_taken_whole(manager: RealManager):
    value = "x" * (1000 - len("Value: "))
    async with talk(manager) as it:
        await it.client.action("Setvar", Variable="LONG", Value=value)
        assert (await it.client.action("Getvar", Variable="LONG"))["Value"] == value
        assert it.client.orphans == 0
