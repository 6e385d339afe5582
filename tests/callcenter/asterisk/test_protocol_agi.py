"""AGI bytes in, messages out."""

import io
from types import SimpleNamespace

import pytest
from asterisk import agi as pyst2
from hypothesis import given
from hypothesis import strategies as st

from callcenter.asterisk.protocol import agi
from callcenter.asterisk.protocol.agi import (
    AgiDecoder,
    AgiEnv,
    AgiGarbage,
    AgiHangup,
    AgiMessage,
    AgiReply,
)

ENV = b"agi_network: yes\nagi_uniqueid: wire-1.0\nagi_calleridname: \xe7\x8e\x8b: x\n\n"


def decoded(*pieces: bytes) -> list[AgiMessage]:
    decoder = AgiDecoder()
    first, *rest = [message for piece in (ENV, *pieces) for message in decoder.feed(piece)]
    assert isinstance(first, AgiEnv)
    return rest


def reply(line: str) -> AgiReply:
    (message,) = decoded(line.encode() + b"\n")
    assert isinstance(message, AgiReply)
    return message


def test_the_environment_comes_first_as_names_and_values():
    assert AgiDecoder().feed(ENV) == [
        AgiEnv({"agi_network": "yes", "agi_uniqueid": "wire-1.0", "agi_calleridname": "王: x"})
    ]


def test_odd_lines_of_the_environment_are_left_out_and_the_first_of_two_wins():
    lines = b"agi_uniqueid: 1\r\nnonsense\nother: x\nagi_uniqueid: forged\nagi_rdnis:\nHANGUP\n\n"
    assert AgiDecoder().feed(lines) == [
        AgiEnv({"agi_uniqueid": "1", "agi_rdnis": ""}, odd_lines=2),
        AgiHangup(),
    ]


@pytest.mark.parametrize("first", [b"GET / HTTP/1.1\r\n", b"\n", b"\x16\x03\x01\n", b"agi_x\n"])
def test_a_first_line_that_is_no_agi_variable_is_garbage_and_the_end(first: bytes):
    decoder = AgiDecoder()
    assert decoder.feed(first + ENV) == [AgiGarbage("the first line is no agi_ variable")]
    assert decoder.feed(ENV) == [] and not decoder._buffer


@pytest.mark.parametrize(
    ("line", "code", "result", "text", "endpos", "timeout"),
    [
        ("200 result=1", 200, 1, "", None, False),
        ("200 result=1 (x=y z)", 200, 1, "x=y z", None, False),
        ("200 result=1 (a) b (c))", 200, 1, "a) b (c)", None, False),
        ("200 result=1 ()", 200, 1, "", None, False),
        ("200 result=-1", 200, -1, "", None, False),
        ("200 result=-1 endpos=0", 200, -1, "", 0, False),
        ("200 result=49 endpos=8160", 200, 49, "", 8160, False),
        ("200 result=0 (timeout) endpos=480", 200, 0, "timeout", 480, True),
        ("200 result= (timeout)", 200, None, "timeout", None, True),
        ("200 result=-1 (hangup) endpos=16000", 200, -1, "hangup", 16000, False),
        ("200 result=12*", 200, None, "", None, False),
        ("200 result=0 Gosub complete", 200, 0, "Gosub complete", None, False),
        ("510 Invalid or unknown command", 510, None, "Invalid or unknown command", None, False),
        ("511 Command Not Permitted", 511, None, "Command Not Permitted", None, False),
        ("520 Invalid command syntax.", 520, None, "Invalid command syntax.", None, False),
    ],
)
def test_each_reply_is_read(line, code, result, text, endpos, timeout):
    got = reply(line)
    assert (got.code, got.result, got.text, got.endpos) == (code, result, text, endpos)
    assert got.timeout is timeout and got.raw == line


@pytest.mark.parametrize("usage", ["Usage: X\n\nSays it\n", "Usage without a line end", ""])
def test_a_usage_reply_goes_over_many_lines(usage: str):
    text = f"520-Invalid command syntax.  Proper usage follows:\n{usage}520 End of proper usage."
    got = reply(text)
    assert got == AgiReply(520, None, text[4:], None, text)


def test_a_value_with_line_feeds_goes_on_until_its_parenthesis_closes():
    got = decoded(b"200 result=1 (a\nHANGUP\nb) endpos=8\n200 result=0\n")
    assert got == [
        AgiHangup(),
        AgiReply(200, 1, "a\nb", 8, "200 result=1 (a\nb) endpos=8"),
        AgiReply(200, 0, "", None, "200 result=0"),
    ]


def test_a_hangup_line_may_come_in_the_middle_of_anything():
    got = decoded(b"HANGUP\n520-Usage:\nHANGUP\r\n520 End of proper usage.\n")
    assert [type(message) for message in got] == [AgiHangup, AgiHangup, AgiReply]


def test_a_provisional_reply_is_left_out():
    assert decoded(b"100 result=0 Trying...\n200 result=0\n") == [
        AgiReply(200, 0, "", None, "200 result=0")
    ]


@pytest.mark.parametrize("line", [b"\n", b"20 result=1\n", b"hello\n", b"200result=1\n", b"\xff\n"])
def test_a_line_that_is_no_reply_ends_the_reading(line: bytes):
    assert decoded(b"200 result=0\n" + line + b"200 result=0\n")[1:] == [
        AgiGarbage("a line that is no reply")
    ]


@pytest.mark.parametrize(
    "pieces",
    [
        (b"x" * 65536 for _ in range(160)),
        (b"200 result=1 (" + b"x" * 70_000 + b")\n",),
        (b"200 result=1 (\n" + b"x\n" * 40_000,),
        (b"520-\n" + b"\n" * 70_000,),
    ],
)
def test_what_never_ends_is_given_up_in_bounded_memory(pieces):
    decoder, got = AgiDecoder(), []
    decoder.feed(ENV)
    for piece in pieces:
        got += decoder.feed(piece)
        assert len(decoder._buffer) <= agi.MAX_HELD
    (garbage,) = got
    assert isinstance(garbage, AgiGarbage) and not decoder._block


def test_garbage_is_said_once_even_when_more_follows_without_end():
    assert decoded(b"hello\n" + b"x" * 70_000) == [AgiGarbage("a line that is no reply")]


def test_an_endless_environment_is_given_up():
    decoder = AgiDecoder()
    (garbage,) = (m for i in range(9000) for m in decoder.feed(b"agi_arg_%d: 1\n" % i))
    assert garbage == AgiGarbage(f"{agi.MAX_HELD + 10} bytes for the environment")


PYST2_KNOWS = [
    "200 result=1",
    "200 result=1 (x=y z)",
    "200 result=49 endpos=8160",
    "200 result=0 (timeout) endpos=480",
    "200 result=1 (sync-42)",
]


@pytest.mark.parametrize("line", PYST2_KNOWS)
def test_pyst2_reads_the_same_result_and_text(line: str):
    peer = SimpleNamespace(stdin=io.StringIO(line + "\n"), stderr=io.StringIO())
    result, text = pyst2.AGI.get_result(peer)["result"]
    got = reply(line)
    assert (str(got.result), got.text) == (result, text)


_TEXT = st.text(st.characters(codec="ascii", exclude_categories=["C"], exclude_characters="()="))


@given(st.integers(0, 10**6), _TEXT.map(str.strip).filter(bool))
def test_pyst2_reads_the_same_for_any_plain_text(result: int, text: str):
    line = f"200 result={result} ({text})"
    peer = SimpleNamespace(stdin=io.StringIO(line + "\n"), stderr=io.StringIO())
    assert pyst2.AGI.get_result(peer)["result"] == (str(result), text)
    assert (reply(line).result, reply(line).text) == (result, text)


STREAM = (
    ENV
    + b"200 result=1 (\xe7\x8e\x8b)\n100 result=0 Trying...\nHANGUP\n520-Usage\nx\nHANGUP\n"
    + b"y520 End of proper usage.\n200 result=1 (a\nb)\n200 result=0 endpos=8\n511 no\n"
)


def test_a_session_says_the_same_torn_at_every_byte():
    whole = AgiDecoder().feed(STREAM)
    assert len(whole) == 8
    torn = AgiDecoder()
    pieces = [torn.feed(bytes([byte])) for byte in STREAM]
    assert [message for piece in pieces for message in piece] == whole


_LIKELY = st.sampled_from(
    [
        b"\n",
        b"200 result=1",
        b" (",
        b")",
        b"520-",
        b"520 ",
        b"HANGUP\n",
        b"agi_a: b\n",
        b"\r\n",
        b"1",
    ]
)


@given(st.lists(st.one_of(_LIKELY, st.binary(max_size=12)), max_size=40), st.booleans())
def test_no_bytes_make_it_stumble(pieces: list[bytes], after_env: bool):
    torn, whole = AgiDecoder(), AgiDecoder()
    if after_env:
        torn.feed(ENV)
        whole.feed(ENV)
    got = [message for piece in pieces for message in torn.feed(piece)]
    assert got == whole.feed(b"".join(pieces))
    assert sum(isinstance(message, AgiGarbage) for message in got) <= 1


@pytest.mark.parametrize("line", ["200 result=0", "200 result=-1", f"200 result={10**17}"])
def test_a_plain_reply_is_the_same_whole_and_torn(line: str):
    whole, torn = AgiDecoder(), AgiDecoder()
    for decoder in (whole, torn):
        decoder.feed(b"agi_network: yes\n\n")
    raw = line.encode() + b"\n"
    assert whole.feed(raw) == [m for at in range(len(raw)) for m in torn.feed(raw[at : at + 1])]
