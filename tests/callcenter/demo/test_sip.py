"""SIP text of the simulated phones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.demo.sip import (
    Account,
    BadMessage,
    Media,
    authorization,
    decode,
    encode,
    host_and_port,
    offer,
    read_media,
    tag_of,
    uri_of,
)


def test_digest_is_that_of_rfc_2617() -> None:
    challenge = (
        'Digest realm="testrealm@host.com", qop="auth,auth-int", '
        'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"'
    )
    said = authorization(
        challenge,
        Account("Mufasa", "Circle Of Life"),
        method="GET",
        uri="/dir/index.html",
        cnonce="0a4f113b",
    )
    assert 'response="6629fae49393a05397450978507c4ef1"' in said
    assert 'opaque="5ccc069c403ebaf9f0171e9517f40e41"' in said


def test_digest_without_qop_is_that_of_rfc_2069() -> None:
    challenge = 'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'
    said = authorization(
        challenge,
        Account("Mufasa", "CircleOfLife"),
        method="GET",
        uri="/dir/index.html",
        cnonce="unused",
    )
    assert 'response="1949323746fe6a43ef61f9606e7febea"' in said  # RFC 2069, erratum 749
    assert "cnonce" not in said


def test_message_is_read_back_as_it_was_written() -> None:
    data = encode(
        "INVITE sip:12348@127.0.0.1 SIP/2.0",
        [
            ("v", "SIP/2.0/UDP 127.0.0.2:5080;branch=z9hG4bKabc;rport"),
            ("From", '"张三" <sip:138@127.0.0.2>;tag=x1'),
            ("CSeq", "7 INVITE"),
        ],
        "v=0\r\n",
    )
    message = decode(data)
    assert (message.method, message.uri, message.status) == ("INVITE", "sip:12348@127.0.0.1", 0)
    assert (message.branch, message.cseq) == ("z9hG4bKabc", (7, "INVITE"))
    assert (tag_of(message.one("from")), uri_of(message.one("from"))) == ("x1", "sip:138@127.0.0.2")
    assert message.body == "v=0\r\n"
    assert message.one("content-length") == "5"


def test_response_is_read() -> None:
    message = decode(b"SIP/2.0 486 Busy Here\r\nCSeq: 1 INVITE\r\n\r\n")
    assert (message.status, message.method) == (486, "")


def test_value_with_a_line_end_is_refused() -> None:
    with pytest.raises(BadMessage, match="From"):
        encode("OPTIONS sip:x SIP/2.0", [("From", "a\r\nEvil: yes")])


@given(st.binary(max_size=300))
def test_any_bytes_are_a_message_or_refused(data: bytes) -> None:
    try:
        message = decode(data)
    except BadMessage:
        return
    assert bool(message.method) != bool(message.status) or message.status == 0


@pytest.mark.parametrize(
    ("uri", "place"),
    [
        ("sip:8001@127.0.0.1:5070;transport=udp", ("127.0.0.1", 5070)),
        ("sip:8001@127.0.0.1", ("127.0.0.1", 5060)),
        ("sip:127.0.0.1:6000", ("127.0.0.1", 6000)),
    ],
)
def test_place_of_an_address(uri: str, place: tuple[str, int]) -> None:
    assert host_and_port(uri) == place


def test_offer_is_understood_and_foreign_codecs_are_not() -> None:
    body = offer("127.0.0.2", 4000, session=1)
    assert read_media(body) == Media("127.0.0.2", 4000, 101)
    assert read_media(body.replace("rtpmap:101", "rtpmap:96")) == Media("127.0.0.2", 4000, 96)
    assert read_media(body.replace("AVP 8 101", "AVP 18 101")) is None
    assert read_media("") is None
