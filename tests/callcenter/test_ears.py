"""A supervisor's telephone beside a talk, as AMI actions, and what is heard of it."""

from __future__ import annotations

import asyncio

import pytest

from callcenter.asterisk import heard
from callcenter.asterisk.ears import Ears
from callcenter.asterisk.rooms import Rooms
from tests.callcenter.test_heard import AT, NOW, event
from tests.callcenter.test_rooms import FakeAmi

SPY = "main-1.1-spy-7001-3"
HERE = {
    "HOTLINE_SEAT_CHANNEL": "main-1.2",
    "PJSIP_AOR(7001,contact)": "7001;@x",
    "PJSIP_CONTACT(7001;@x,endpoint)": "7001",
}


def ears(ami: FakeAmi, node: str = "") -> Ears:
    return Ears(Rooms(lambda _: ami, dialplan="v1", node_of_seat=lambda _: node), dialplan="v1")


async def begin(ami: FakeAmi, *, node: str = "", seat_channel: str = "") -> bool:
    return await ears(ami, node).begin(
        "main-1.1", seat="8001", seat_channel=seat_channel, phone="7001", spy=SPY, ear="listen"
    )


async def test_the_telephone_is_rung_to_listen_to_the_seats_channel() -> None:
    ami = FakeAmi(dict(HERE))
    assert await begin(ami)
    ((name, headers),) = ami.sent
    assert (name, headers["Channel"], headers["ChannelId"]) == ("Originate", "PJSIP/7001", SPY)
    assert (headers["Context"], headers["Exten"]) == ("spy-v1", "listen")
    assert headers["Variable"] == ("HOTLINE_SPIED=main-1.2",)
    assert headers["CallerID"] == "<8001>"


async def test_a_telephone_at_another_node_is_rung_through_it() -> None:
    ami = FakeAmi(dict(HERE))
    assert await begin(ami, node="b", seat_channel="main-1.9")
    headers = ami.sent[0][1]
    assert headers["Channel"] == "PJSIP/7001@7001@b"
    assert headers["Variable"] == ("HOTLINE_SPIED=main-1.9",)


@pytest.mark.parametrize("missing", ["HOTLINE_SEAT_CHANNEL", "PJSIP_AOR(7001,contact)"])
async def test_nothing_is_rung_when_seat_or_telephone_is_gone(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleep = asyncio.sleep
    monkeypatch.setattr(asyncio, "sleep", lambda _s: sleep(0))
    ami = FakeAmi({name: value for name, value in HERE.items() if name != missing})
    assert not await begin(ami)
    assert ami.sent == []


async def test_who_listens_whispers_in_the_same_call() -> None:
    ami = FakeAmi()
    await ears(ami).change("main-1.1", spy=SPY, ear="whisper")
    ((name, headers),) = ami.sent
    assert (name, headers["Channel"], headers["Exten"]) == ("Redirect", SPY, "whisper")


def test_a_supervisor_who_picks_up_is_no_seat() -> None:
    up = event("Newstate", Uniqueid=SPY, Linkedid=SPY, Channel="PJSIP/7001-1", ChannelState="6")
    assert heard.translate(up, NOW) == heard.SupervisorHears(SPY)


def test_a_telephone_that_could_not_be_rung_is_gone() -> None:
    failed = event("OriginateResponse", Response="Failure", Uniqueid=SPY, Reason="5")
    assert heard.translate(failed, NOW) == heard.ChannelGone(SPY, "", AT, 17)
