"""What a page's telephone may send to Asterisk, message by message."""

import pytest

from callcenter.web.sip_gate import refused


def message(first: str, *headers: str, body: str = "", length: int | None = None) -> str:
    size = len(body.encode()) if length is None else length
    return "\r\n".join([first, *headers, f"Content-Length: {size}", "", body])


REGISTER = "REGISTER sip:hotline SIP/2.0"
OWN = ("From: <sip:8001@hotline>;tag=a", "To: <sip:8001@hotline>", "Call-ID: 1")
IN_DIALOG = ("From: <sip:k3j@x.invalid>;tag=b", "To: <sip:8001@hotline>;tag=c", "Call-ID: 1")


@pytest.mark.parametrize(
    "text",
    [
        message(REGISTER, *OWN),
        message(REGISTER, 'f: "8002" <sip:8001@hotline>;tag=a', "t: <sip:8001@hotline>"),
        message("SIP/2.0 200 OK", "From: <sip:04315550123@h>", "To: x;tag=1", body="v=0\r\n"),
        message("SIP/2.0 180", "From: <sip:1@h>", "To: <sip:8001@h>"),
        message("BYE sip:asterisk@h SIP/2.0", *IN_DIALOG),
        message("ACK sip:asterisk@h SIP/2.0", *IN_DIALOG),
        message("INVITE sip:*43@hotline SIP/2.0", *OWN, body="v=0\r\n王"),
    ],
)
def test_a_telephone_speaks_for_itself(text: str) -> None:
    assert refused(text, "8001") is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (message(REGISTER, "From: <sip:8002@h>", "To: <sip:8002@h>"), "another phone"),
        (message(REGISTER, "From: <sip:8001@h>", "To: <sip:8002@h>"), "another phone"),
        (message(REGISTER, "From: <sip:8001@h>", "To: <sip:8002@h>;tag=1"), "another phone"),
        (message(REGISTER, "From: <sip:80010@h>", "To: <sip:8001@h>"), "another phone"),
        (message(REGISTER, "To: <sip:8001@h>"), "another phone"),
        (message("INVITE sip:*1@h SIP/2.0", "From: <sip:8002@h>", "To: x"), "another phone"),
        (message(REGISTER, *OWN, "From: <sip:8002@h>"), "cannot be read"),
        (message(REGISTER, *OWN, "f: <sip:8002@h>"), "cannot be read"),
        (message(REGISTER, *OWN, " folded"), "cannot be read"),
        (message(REGISTER, *OWN, "X: a\nFrom: <sip:8002@h>"), "cannot be read"),
        (message(REGISTER, *OWN) + message(REGISTER, *OWN), "one whole message"),
        (message(REGISTER, *OWN, body="v=0", length=2), "one whole message"),
        ("\r\n".join([REGISTER, *OWN, "", ""]), "one whole message"),
        (message("PUBLISH sip:h SIP/2.0", *OWN), "no request"),
        (message("register sip:h SIP/2.0", *OWN), "no request"),
        (message("GET / HTTP/1.1", *OWN), "no request"),
        ("REGISTER sip:hotline SIP/2.0", "end of the headers"),
        ("", "end of the headers"),
    ],
)
def test_what_is_not_its_own_is_refused(text: str, why: str) -> None:
    said = refused(text, "8001")
    assert said is not None and why in said
