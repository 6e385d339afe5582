"""AMI bytes in, messages out; actions in, bytes out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.asterisk.protocol import ami
from callcenter.asterisk.protocol.ami import (
    AmiDecoder,
    AmiMessage,
    BadValue,
    ProtocolFault,
    encode_action,
)
from callcenter.bench.ami import STREAM

BANNER = b"Asterisk Call Manager/11.0.0\r\n"


def decoded(*pieces: bytes, keep: frozenset[str] | None = None) -> list[AmiMessage]:
    decoder = AmiDecoder(keep)
    assert decoder.feed(BANNER) == []
    return [message for piece in pieces for message in decoder.feed(piece)]


def test_an_event_has_a_name_and_headers_without_case():
    (event,) = decoded(b"Event: Hangup\r\nChannel: PJSIP/8001-1\r\nCause-txt: Normal\r\n\r\n")
    assert event.name == "Hangup"
    assert event["CHANNEL"] == event.get("channel") == "PJSIP/8001-1"
    assert "cause-TXT" in event and "Cause" not in event
    assert event.get("Cause", "none") == "none" and event.all("Cause") == []
    with pytest.raises(KeyError):
        event["Cause"]


def test_a_repeated_header_keeps_all_its_values_in_order():
    (event,) = decoded(
        b"Event: X\r\nVariable: a=1\r\nvariable: b=2\r\nNote:no blank\r\nodd\r\n\r\n"
    )
    assert event.all("Variable") == ["a=1", "b=2"]
    assert event["Variable"] == "a=1" and event["note"] == "no blank"
    assert event.headers == {"event": ["X"], "variable": ["a=1", "b=2"], "note": ["no blank"]}


def test_a_reply_has_no_name_and_pairs_by_its_action_id():
    (reply,) = decoded(b"Response: Success\r\nActionID: h7\r\n\r\n")
    assert (reply.name, reply.action_id, reply.get("response")) == ("", "h7", "Success")


def test_what_a_person_sees_of_a_message_holds_no_values():
    event, reply = decoded(
        b"Event: Newchannel\r\nCallerIDNum: 04315550123\r\n\r\nResponse: Error\r\n\r\n"
    )
    assert repr(event) == "<AmiMessage Newchannel event calleridnum>"
    assert repr(reply) == "<AmiMessage Response Error response>"


def test_a_bare_line_feed_stays_inside_its_value_and_forges_nothing():
    (event,) = decoded(b"Event: UserEvent\r\nName: a\nUniqueid: forged\n\nEvent: Forged\r\n\r\n")
    assert event.name == "UserEvent" and "Uniqueid" not in event
    assert event["Name"] == "a\nUniqueid: forged\n\nEvent: Forged"


def test_bytes_that_are_not_utf8_become_the_replacement_character():
    (event,) = decoded("Event: X\r\nName: 王".encode()[:-1] + b"\xff\r\n\r\n")
    assert event["Name"] == "\ufffd\ufffd"
    strange, gone = decoded(b"Event: \xff\r\n\r\n", b"event: \xff\r\n\r\n")
    assert strange.name == gone.name == "\ufffd"


def test_a_chinese_name_split_over_two_segments_stays_whole():
    whole = "Event: X\r\nCallerIDName: 王小明\r\n\r\n".encode()
    for cut in range(len(whole)):
        (event,) = decoded(whole[:cut], whole[cut:])
        assert event["calleridname"] == "王小明"


def test_unwanted_names_are_dropped_before_decoding_and_counted():
    decoder = AmiDecoder(frozenset({"Hangup"}))
    decoder.feed(BANNER)
    got = decoder.feed(
        b"Event: VarSet\r\nActionID: h1\r\nA: b\r\n\r\nEvent: Hangup\r\n\r\nEvent: RTCPSent\r\n\r\n"
        b"event: VarSet\r\n\r\nevent: Hangup\r\n\r\nevent: Y\r\nActionID: h1\r\n\r\n"
        b"Response: Success\r\n\r\n"
    )
    assert [message.name for message in got] == ["Hangup", "Hangup", ""]
    assert decoder.dropped == 4


def test_while_a_list_is_collected_its_events_pass_the_filter():
    decoder = AmiDecoder(frozenset({"Hangup"}))
    decoder.feed(BANNER)
    decoder.collecting = True
    got = decoder.feed(
        b"Event: CoreShowChannel\r\nActionID: h1\r\n\r\nEvent: VarSet\r\nA: ActionID: \r\n\r\n"
        b"event: Contact\r\nactionid: h1\r\n\r\nevent: VarSet\r\n\r\n"
    )
    assert [message.name for message in got] == ["CoreShowChannel", "Contact"]
    assert decoder.dropped == 2


def test_blank_lines_between_messages_say_nothing():
    got = decoded(b"\r\n\r\n\r\nEvent: A\r\n\r\n\r\n\r\n\r\n\r\nEvent: B\r\n\r\n")
    assert [message.name for message in got] == ["A", "B"]


def test_an_event_without_a_name_is_nobodys():
    assert decoded(b"Event: \r\nA: b\r\n\r\nevent: \r\nA: b\r\n\r\n") == []


def test_the_banner_comes_first_and_is_kept():
    decoder = AmiDecoder()
    for byte in BANNER:
        assert decoder.feed(bytes([byte])) == []
    assert decoder.banner == "Asterisk Call Manager/11.0.0"


@pytest.mark.parametrize(
    "first", [b"HTTP/1.1 400 Bad Request\r\n", b"\r\n", b"A\r\n", BANNER[:22] + b"1" * 300]
)
def test_a_peer_without_the_banner_is_no_asterisk(first: bytes):
    with pytest.raises(ProtocolFault, match="no Asterisk manager"):
        AmiDecoder().feed(first)


def test_ten_megabytes_without_an_end_are_refused_in_bounded_memory():
    decoder = AmiDecoder()
    decoder.feed(BANNER)
    with pytest.raises(ProtocolFault, match="without the end of a message"):
        for _ in range(160):
            decoder.feed(b"x" * 65536)
            assert len(decoder._buffer) <= ami.MAX_MESSAGE + 65536


def said(messages: list[AmiMessage]) -> list[tuple[str, dict[str, list[str]]]]:
    return [(message.name, message.headers) for message in messages]


@given(st.data())
def test_the_recorded_stream_says_the_same_however_it_is_torn(data: st.DataObject):
    start = data.draw(st.integers(0, 60_000))
    part = STREAM.read_bytes()[len(BANNER) :][start : start + 4000]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(part)), max_size=40)))
    pieces = [part[a:b] for a, b in zip([0, *cuts], [*cuts, len(part)], strict=True)]
    assert said(decoded(*pieces)) == said(decoded(part))


def test_the_recorded_stream_says_the_same_torn_at_every_byte():
    part = STREAM.read_bytes()[len(BANNER) :][:20_000]
    assert said(decoded(*(part[i : i + 1] for i in range(len(part))))) == said(decoded(part))


_LIKELY = st.sampled_from(
    [
        b"\r\n",
        b"\r\n\r\n",
        b"Event: ",
        b"event:",
        b"Response: ",
        b"ActionID: h1",
        b"\n",
        b": ",
        b"X",
    ]
)


@given(st.lists(st.one_of(_LIKELY, st.binary(max_size=20)), max_size=40), st.booleans())
def test_no_bytes_make_it_stumble(pieces: list[bytes], collecting: bool):
    torn, whole = (AmiDecoder(frozenset({"X"})) for _ in range(2))
    for decoder in (torn, whole):
        decoder.feed(BANNER)
        decoder.collecting = collecting
    got = [message for piece in pieces for message in torn.feed(piece)]
    assert said(got) == said(whole.feed(b"".join(pieces)))
    assert torn.dropped == whole.dropped
    for message in got:
        for name, values in message.headers.items():
            assert message[name] == message.get(name) == values[0]


@given(st.binary(max_size=400))
def test_a_first_line_of_anything_is_refused_or_waited_for(data: bytes):
    decoder = AmiDecoder()
    try:
        assert decoder.feed(data) == []
    except ProtocolFault:
        assert not data.startswith(BANNER)


def test_an_action_is_one_whole_block_with_repeated_headers():
    whole = encode_action(
        "Originate", {"ActionID": "h1", "Priority": 1, "Variable": ["a=1", "b=王"]}
    )
    assert whole == (
        b"Action: Originate\r\nActionID: h1\r\nPriority: 1\r\nVariable: a=1\r\n"
        + "Variable: b=王\r\n\r\n".encode()
    )


@pytest.mark.parametrize(
    "bad", ["a\rb", "a\nb", "a\0b", "a\tb", "a\x7fb", "\udcff", "x" * 991, "王" * 331]
)
def test_a_value_that_asterisk_would_misread_is_refused_with_its_header(bad: str):
    with pytest.raises(BadValue, match="^Variable: ") as caught:
        encode_action("Setvar", {"Variable": ["good", bad]})
    assert bad not in str(caught.value)


def test_the_longest_line_and_the_most_headers_still_go():
    assert encode_action("X", {"Value": "x" * (ami.MAX_LINE - len("Value: "))})
    assert encode_action("X", {"Variable": ["a"] * (ami.MAX_HEADERS - 1)})
    with pytest.raises(BadValue, match="101 headers"):
        encode_action("X", {"Variable": ["a"] * ami.MAX_HEADERS})


@pytest.mark.parametrize("name", ["", "A: b", "A\r\nB", "1a", "名", "a b"])
def test_a_header_name_is_letters_digits_and_dashes(name: str):
    with pytest.raises(BadValue, match="name"):
        encode_action("X", {name: "1"})


@given(st.text(max_size=30), st.text(max_size=30))
def test_what_is_encoded_is_read_back_as_one_message(name: str, value: str):
    try:
        whole = encode_action(name, {"Note": value})
    except BadValue:
        return
    (message,) = decoded(whole)
    assert message.headers == {"action": [name], "note": [value]}
