"""Trunks: whether the other end answers, since when, and what the network's last fault was."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callcenter.asterisk.heard import ChannelGone
from callcenter.system.probe import probe
from callcenter.system.trunks import Load, Trunks, came_in, trunk_of
from callcenter.system.watch import disk_space, disk_state
from sip_config.model import Trunk

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
HERE = "127.0.0.1"


class Peer(asyncio.DatagramProtocol):
    """The other end of a trunk: answers each request with `status`, or not at all."""

    def __init__(self) -> None:
        self.status = "405 Method Not Allowed"
        self.heard: list[str] = []

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        request = data.decode()
        self.heard.append(request.splitlines()[0])
        call_id = next(one for one in request.splitlines() if one.startswith("Call-ID"))
        if self.status:
            answer = f"SIP/2.0 {self.status}\r\n{call_id}\r\n\r\n".encode()
            self.transport.sendto(answer, addr)

    @property
    def place(self) -> str:
        host, port = self.transport.get_extra_info("sockname")
        return f"sip:{host}:{port}"


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    loop = asyncio.get_running_loop()
    transport, made = await loop.create_datagram_endpoint(Peer, local_addr=(HERE, 0))
    yield made
    transport.close()


async def test_any_answer_is_an_answer(peer: Peer) -> None:
    assert await probe(peer.place, from_host=HERE) == "answers"
    assert peer.heard[0] == f"OPTIONS {peer.place} SIP/2.0"
    peer.status = "200 OK"
    assert await probe(peer.place, from_host="0.0.0.0") == "answers"


async def test_who_keeps_silent_is_asked_again(peer: Peer) -> None:
    peer.status = ""
    assert await probe(peer.place, from_host=HERE) == "silent"
    assert len(peer.heard) == 3


async def test_where_nobody_listens_is_told_from_silence(peer: Peer) -> None:
    place = peer.place
    peer.transport.close()
    await asyncio.sleep(0)
    assert await probe(place, from_host=HERE) == "refused"
    assert await probe("sip:no-such-host.invalid:5060", from_host=HERE) == "unknown_host"


async def test_a_trunk_tells_since_when_it_is_as_it_is(peer: Peer) -> None:
    now = NOW
    leads_out = Trunk(name="telecom", match=(HERE,), dialled="12348", outbound=peer.place)
    only_in = Trunk(name="old", match=("127.0.0.9",), dialled="12348")
    trunks = Trunks(lambda: (leads_out, only_in), from_host=HERE, every_s=0, clock=lambda: now)
    first, second = trunks.now({})
    assert (first.reach, second.reach) == ("not_known", "inbound_only")
    await trunks.look()
    now = NOW + timedelta(minutes=5)
    await trunks.look()
    one = trunks.now({"telecom": Load(came=2)})[0]
    assert (one.reach, one.since, one.load.came, one.load.made) == ("answers", NOW, 2, 0)
    peer.transport.close()
    await asyncio.sleep(0)
    await trunks.look()
    assert trunks.now({})[0].since == now and trunks.now({})[0].reach == "refused"


def gone(channel: str, cause: int, *, unique_id: str = "main-1.7", minute: int = 0) -> ChannelGone:
    return ChannelGone(unique_id, channel, NOW + timedelta(minutes=minute), cause, "main-1.7")


def test_only_what_the_network_is_to_blame_for_is_a_fault_of_the_trunk() -> None:
    telecom = Trunk(name="telecom-a", match=(HERE,), dialled="12348", outbound="sip:127.0.0.9")
    trunks = Trunks(lambda: (telecom,), from_host=HERE, every_s=0, clock=lambda: NOW)
    for cause in (16, 17, 19, 1):
        trunks.hear(gone("PJSIP/telecom-a-0000001f", cause), "main")
    (one,) = trunks.now({})
    assert (one.fault, one.used_at) == (None, NOW)
    trunks.hear(gone("PJSIP/telecom-a-00000020", 34, unique_id="main-1.8", minute=1), "b")
    trunks.hear(gone("PJSIP/8001-00000021", 38, minute=2), "main")
    (one,) = trunks.now({})
    assert one.fault is not None and one.used_at == NOW + timedelta(minutes=1)
    assert (one.fault.cause, one.fault.node, one.fault.outward) == (34, "b", True)
    trunks.hear(gone("PJSIP/telecom-a-00000022", 44, minute=3), "main")
    fault = trunks.now({})[0].fault
    assert fault is not None and (fault.cause, fault.outward) == (44, False)


def test_a_callers_channel_is_told_from_one_that_the_hotline_made() -> None:
    assert trunk_of("PJSIP/demo-0000000a") == "demo" and trunk_of("Local/1@x-0001;1") is None
    assert came_in("main-17.1", "main-17.1")
    assert not came_in("main-17.2", "main-17.1")
    assert not came_in("main-out.00ff", "main-out.00ff")


@pytest.mark.parametrize(
    ("free_gb", "total_gb", "state"),
    [(500, 1000, "good"), (80, 1000, "warning"), (9, 50, "warning"), (15, 1000, "bad")],
)
def test_a_disk_runs_out_by_size_or_by_share(free_gb: int, total_gb: int, state: str) -> None:
    assert disk_state(free_gb * 10**9, total_gb * 10**9) == state


def test_a_disk_that_cannot_be_asked_is_a_full_one(tmp_path: Path) -> None:
    free, total = disk_space(tmp_path)
    assert 0 < free <= total
    assert disk_state(*disk_space(tmp_path / "unmounted")) == "bad"
