"""Files of a node that has others beside it, and how its controllers and seats are reached."""

from dataclasses import replace

import pytest

from sip_config.model import (
    Address,
    BadValue,
    Peer,
    RenderInput,
)
from sip_config.render import render
from tests.sip_config.rendered import GIVEN, section


def with_peers(*names: str) -> RenderInput:
    peers = tuple(
        Peer(
            name=name,
            sip=Address(host=f"10.0.0.{n}", port=5060),
            agi=Address(host=f"10.0.0.{n}", port=4573),
        )
        for n, name in enumerate(names, start=7)
    )
    return replace(GIVEN, peers=peers, peer_secret="s3cret-nodes")


def test_a_browser_hears_no_whole_number_and_which_call_goes_on() -> None:
    text = render(with_peers("b"))["extensions.conf"]
    asked = section(text, "seat-asked-v1")
    assert "same => n,Set(CONNECTEDLINE(num,i)=${CALLER:0:-8}****${CALLER:-4})" in asked
    assert "same => n,Set(PJSIP_HEADER(add,X-Hotline-Resume)=1)" in asked
    for way in ("seat-ring-v1", "fallback-seat-v1", "from-node-v1"):
        (dial,) = (one for one in section(text, way) if "Dial(PJSIP/${SEAT_ENDPOINT}" in one)
        assert "b(seat-asked-v1^s^1(" in dial and dial.endswith("^${SEAT_ENDPOINT})))")


def test_one_node_alone_knows_no_other() -> None:
    files = render(GIVEN)
    assert not [name for name, text in files.items() if "node-" in text.replace("node-1", "")]
    assert "HOTLINE_TRIES} = 1]?first:again" in files["extensions.conf"]


def test_the_controllers_of_other_nodes_are_asked_when_the_own_one_is_gone() -> None:
    call = section(render(with_peers("b", "c"))["extensions.conf"], "call-v1")
    asked = [line for line in call if "AGI(" in line]
    assert [line.split("://")[1].split("/")[0] for line in asked] == [
        "127.0.0.1:4573",
        "10.0.0.7:4573",
        "10.0.0.8:4573",
    ]
    assert all(line.endswith("/call,again)") for line in asked[1:])
    # Each one has its own lease, and the call's end by a controller is its end.
    assert call.count("same => n,Set(TIMEOUT(absolute)=90)") == 3
    assert call.count('same => n,GotoIf($["${HOTLINE_DONE}" = "1"]?done)') == 3


def test_a_seat_is_reached_over_each_node_by_a_channel_that_tells_the_seat() -> None:
    files = render(with_peers("b"))
    way = section(files["pjsip.conf"], "8001@b")
    assert {"aors = node-b", "outbound_auth = nodes-auth", "from_user = node-node-1"} <= set(way)
    assert "contact = sip:10.0.0.7:5060" in section(files["pjsip.conf"], "node-b", "aor")
    ring = section(files["extensions.conf"], "seat-ring-v1")
    assert "same => n,Set(SEAT_ENDPOINT=${EXTEN}@${EXTEN}@${ARG5})" in ring
    assert (
        "exten => 8901,hint,PJSIP/8901@phone&PJSIP/8901&PJSIP/8901@b" in (files["extensions.conf"])
    )


def test_who_says_he_is_a_node_must_prove_it() -> None:
    text = render(with_peers("b"))["pjsip.conf"]
    for name in ("node-b", "8001@b", "8901@b"):
        endpoint = section(text, name, "endpoint")
        assert {"auth = nodes-auth", "identify_by = username"} <= set(endpoint)
    assert "password = s3cret-nodes" in section(text, "nodes-auth")
    assert "s3cret" not in repr(with_peers("b"))


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        (replace(with_peers("b"), peer_secret=""), "peer_secret: is missing"),
        (with_peers("b", "b"), "peers[1].name: b stands twice, or means a phone"),
        (with_peers("phone"), "peers[0].name: phone stands twice, or means a phone"),
        (with_peers("node-1"), "peers[0].name: node-1 stands twice, or means a phone"),
    ],
)
def test_nodes_that_cannot_be_told_apart_are_refused(changed: RenderInput, fault: str) -> None:
    with pytest.raises(BadValue) as refused:
        render(changed)
    assert str(refused.value) == fault
