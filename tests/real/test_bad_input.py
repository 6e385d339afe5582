"""Bad input from the public network, on a real Asterisk with the rendered files."""

import secrets
import socket
from collections.abc import Callable

import pytest

from sip_config.model import Address, Patience
from tests.real.asterisk_node import TRUNK_HOST, AsteriskNode
from tests.real.plain_agi import PlainAgi
from tests.real.sipp import Sipp
from tests.real.sipp_scenarios import NO_CODEC


@pytest.fixture
def node(start_node: Callable[..., AsteriskNode]) -> AsteriskNode:
    return start_node(patience=Patience(tries=1))


@pytest.fixture
def sipp(node: AsteriskNode, start_sipp: Callable[[AsteriskNode], Sipp]) -> Sipp:
    return start_sipp(node)


def ended(node: AsteriskNode) -> list[list[str]]:
    node.wait_for(lambda: node.events("ENDED"), what="ENDED in queue_log")
    return node.events("ENDED")


def test_an_offer_without_a_common_codec_is_refused_and_the_node_lives(
    node: AsteriskNode, sipp: Sipp
) -> None:
    sipp.citizen(codecs=NO_CODEC, expect=488).wait()
    sipp.citizen(hangup_after_s=0.5).wait()
    assert len(ended(node)) == 1
    assert node.is_running


@pytest.mark.parametrize(
    "display",
    [
        '"O\'Neil, \\"quoted\\", ; (x) ${EPOCH} | & <y>"',
        '"王小明，来自长春市朝阳区"',
        '"' + "长" * 500 + '"',
        '"' + "A" * 500 + '"',
        '"%s%n%x ..\\\\"',
    ],
    ids=["quotes", "chinese", "500 chinese", "500", "format"],
)
def test_a_hostile_display_name_does_no_harm(node: AsteriskNode, sipp: Sipp, display: str) -> None:
    with PlainAgi(
        node,
        "GET FULL VARIABLE ${CALLERID(name)}",
        "GET FULL VARIABLE ${CALLERID(num)}",
        "SET VARIABLE HOTLINE_DONE 1",
    ) as agi:
        sipp.citizen(display=display).wait()
        assert agi.wait()[:2] == ["200 result=1 ()", "200 result=1 (04315550123)"]
    (arrived,) = node.events("ARRIVED")
    assert arrived[6:] == ["demo", "12348", "04315550123"]
    assert len(ended(node)[0]) == 12
    # A name cut in the middle of a character is worth a WARNING to Asterisk, nothing worse.
    assert [line for line in node.complaints() if "ERROR" in line] == []


def folded_invite(name: str, here: str, sip: Address) -> bytes:
    media = "v=0\r\no=- 1 1 IN IP4 127.0.0.2\r\ns=-\r\nc=IN IP4 127.0.0.2\r\nt=0 0\r\n"
    media += "m=audio 40000 RTP/AVP 8\r\n"
    call = secrets.token_hex(4)
    head = (
        f"INVITE sip:12348@{sip.host}:{sip.port} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP {here};branch=z9hG4bK{call}\r\n"
        f"From: {name} <sip:04315550123@{here}>;tag={call}\r\n"
        f"To: <sip:12348@{sip.host}>\r\nCall-ID: {call}\r\nCSeq: 1 INVITE\r\n"
        f"Contact: <sip:x@{here}>\r\nMax-Forwards: 70\r\n"
        f"Content-Type: application/sdp\r\nContent-Length: {len(media)}\r\n\r\n"
    )
    return (head + media).encode()


def test_a_display_name_over_several_lines_does_no_harm(node: AsteriskNode) -> None:
    # SIPp strips the space that makes a folded line (RFC 3261 §7.3.1), so by hand.
    sip = node.given.sip
    names = ('"ARRIVED|\r\n\tEND|1"', '"a\nb"', '"a\r\nX: y"', '"ARRIVED|1"\r\n')
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind((TRUNK_HOST, 0))
        here = f"{TRUNK_HOST}:{line.getsockname()[1]}"
        for name in names:
            line.sendto(folded_invite(name, here, sip), (sip.host, sip.port))
        # Lawful is only the last, a line broken outside the quotes; it comes in as a call.
        node.wait_for(lambda: node.events("ARRIVED"), what="the lawful one has come")
    assert {tuple(line[6:]) for line in node.events("ARRIVED")} == {
        ("demo", "12348", "04315550123")
    }
    assert {line[4] for line in node.queue_log()} <= {
        "QUEUESTART",
        "ARRIVED",
        "FALLBACK",
        "ENTERQUEUE",
    }


@pytest.mark.parametrize(
    ("caller", "kept"),
    [
        ("anonymous", ""),
        ("+864315550123", "+864315550123"),
        ("0431%2C555%22%7C0123", "04315550123"),
        ("9" * 300, "9" * 40),
        ("%E7%8E%8B%3B%24%7BEPOCH%7D", ""),
    ],
    ids=["anonymous", "international", "separators", "300 digits", "chinese"],
)
def test_of_a_callers_number_only_digits_are_kept(
    node: AsteriskNode, sipp: Sipp, caller: str, kept: str
) -> None:
    with PlainAgi(node, "SET VARIABLE HOTLINE_DONE 1") as agi:
        sipp.citizen(caller=caller).wait()
        agi.wait()
    assert node.events("ARRIVED")[0][6:] == ["demo", "12348", kept]
