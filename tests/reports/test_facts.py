import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.checks import faults_of
from reports.facts import (
    Attempt,
    Conversation,
    FactFault,
    OverflowRequest,
    Stint,
    Survey,
    Transfer,
    format_time,
    parse_time,
)
from tests.reports.made import T0, answered, at, call, calls, queued, unhurried

CONTRACT = {
    "call_id": "hl-1.1",
    "arrived_at": "2026-03-02T01:02:03.400Z",
    "caller": "+864315550123",
    "trunk": "demo",
    "dialled": "12348",
    "city": "220100",
    "city_source": "landline",
    "group": "labour",
    "language": "zh-CN",
    "special": ["migrant_worker"],
    "asked_at": "2026-03-02T01:02:10.000Z",
    "answered_at": "2026-03-02T01:02:20.000Z",
    "ended_at": "2026-03-02T01:12:20.000Z",
    "ended_by": "caller",
    "end_stage": "survey",
    "overflow": None,
    "attempts": [
        {
            "seat": "8001",
            "level": "municipal",
            "offered_at": "2026-03-02T01:02:11.000Z",
            "rang_at": None,
            "answered_at": "2026-03-02T01:02:20.000Z",
            "ended_at": "2026-03-02T01:12:00.000Z",
            "outcome": "answered",
        }
    ],
    "survey": {"invited_at": "2026-03-02T01:12:00.000Z", "answer": 1},
    "category": "0702",
}


def line_of(**changes):
    return json.dumps({**CONTRACT, **changes}).encode()


def test_a_line_of_the_contract_comes_back_key_by_key_in_its_order():
    back = json.loads(Conversation.from_json(line_of()).to_json())
    assert list(back.items()) == list(CONTRACT.items())
    assert faults_of(Conversation.from_json(line_of())) == ()


@unhurried
@given(calls)
def test_any_conversation_reads_back_equal_and_gives_the_same_bytes(conversation):
    line = conversation.to_json()
    back = Conversation.from_json(line)
    assert back == conversation
    assert back.to_json() == line
    assert b"\n" not in line


def test_unknown_keys_are_kept_sorted_behind_the_known_ones():
    given = line_of(zz=[1, {"k": None}], aa="编号", survey={**CONTRACT["survey"], "way": "dtmf"})
    back = json.loads(Conversation.from_json(given).to_json())
    assert list(back)[-2:] == ["aa", "zz"]
    assert (back["aa"], back["zz"], back["survey"]["way"]) == ("编号", [1, {"k": None}], "dtmf")


@unhurried
@given(st.datetimes(datetime(1971, 1, 1), datetime(2198, 1, 1), timezones=st.just(UTC)))
def test_a_time_reads_back_as_itself(time):
    assert parse_time(format_time(time)) == time


def test_a_time_without_a_zone_is_refused_and_never_guessed():
    with pytest.raises(ValueError, match="has no time zone"):
        parse_time(datetime(2026, 3, 2))


def test_times_are_written_in_utc_and_in_milliseconds():
    shanghai = datetime(2026, 3, 2, 9, 2, 3, 400_000, tzinfo=timezone(timedelta(hours=8)))
    assert format_time(parse_time(shanghai)) == "2026-03-02T01:02:03.400Z"
    assert parse_time("2026-03-02T09:02:03.4+08:00") == T0


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"", "is not JSON: Expecting value at column 1"),
        (b"{", "is not JSON: Expecting property name enclosed in double quotes at column 2"),
        (b"[1]", "is not a JSON object"),
        (b"\xff\xfe{}", "is not UTF-8"),
        (b"[" * 200_000, "is nested too deeply"),
        (b"7" * 5000, "is not JSON: Exceeds the limit"),
        (b'{"x": NaN}', "is not JSON: NaN is no JSON number"),
        (b'{"x": -Infinity}', "is not JSON: -Infinity is no JSON number"),
        (b'{"x": 1e999}', "is not JSON: a number is too large"),
        (line_of(call_id=7), "call_id: input should be a valid string"),
        (line_of(call_id=""), "call_id: is empty"),
        (line_of(call_id=None), "call_id: input should be a valid string"),
        (line_of(call_id="a\0b"), "holds a NUL character"),
        (line_of(x={"y": ["\ud800"]}), "holds half of a surrogate pair"),
        (line_of(arrived_at=1772413323), "arrived_at: is not a time like"),
        (line_of(arrived_at="2026-03-02T01:02:03"), "arrived_at: is not a time like"),
        (line_of(arrived_at="-026-03-02T01:02:03Z"), "arrived_at: is not a time like"),
        (line_of(arrived_at="2026-02-30T01:02:03Z"), "arrived_at: day"),
        (line_of(arrived_at="0001-01-01T00:00:00Z"), "arrived_at: is not in the years"),
        (line_of(arrived_at=None), "arrived_at: is not a time like"),
        (line_of(ended_by="nobody"), "ended_by: input should be 'caller', 'seat' or 'system'"),
        (line_of(special="migrant"), "special: input should be a list"),
        (line_of(attempts={}), "attempts: input should be a list"),
        (line_of(attempts=[{"seat": 8001, "offered_at": "x"}]), "attempts.0.seat: input should"),
        (line_of(survey={"invited_at": "2026-03-02T01:12:00Z", "answer": 6}), "survey.answer:"),
        (line_of(survey={"invited_at": "2026-03-02T01:12:00Z", "answer": True}), "survey.answer:"),
        (line_of(survey={"invited_at": "2026-03-02T01:12:00Z", "answer": 2.0}), "survey.answer:"),
        (line_of(recording={"path": "x", "duration_s": -1}), "recording.duration_s:"),
        (line_of(revision=-1), "revision: input should be greater"),
        (line_of(reconciled="yes"), "reconciled: input should be a valid boolean"),
    ],
)
def test_what_is_no_conversation_is_told_in_words_without_its_values(line, told):
    with pytest.raises(FactFault) as caught:
        Conversation.from_json(line)
    assert caught.value.faults[0].startswith(told)
    assert "864315550123" not in str(caught.value)


def test_every_fault_of_a_line_is_told():
    with pytest.raises(FactFault) as caught:
        Conversation.from_json(b'{"arrived_at": 1, "ended_by": 2, "overflow": 3}')
    assert [fault.split(":")[0] for fault in caught.value.faults] == [
        "call_id",
        "arrived_at",
        "ended_by",
        "overflow",
    ]


@unhurried
@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_no_bytes_bring_the_reader_down(line):
    with pytest.raises(FactFault):
        Conversation.from_json(line)


@pytest.mark.parametrize(
    ("conversation", "told"),
    [
        (call(ended_at=None), "ended_at: is missing, only finished calls are imported"),
        (call(ended_by=None), "ended_by: is missing, only finished calls are imported"),
        (call(ended_at=at(-1)), "ended_at: is before arrived_at"),
        (queued(asked_at=at(-1)), "asked_at: is before arrived_at"),
        (answered(asked_at=at(40)), "answered_at: is before asked_at"),
        (
            answered(stints=(Stint(group="labour", asked_at=at(9), left_at=at(8)),)),
            "stints.0.left_at: is before asked_at",
        ),
        (
            call(transfers=(Transfer(line="police", at=at(9), ended_at=at(8)),)),
            "transfers.0.ended_at: is before at",
        ),
        (
            call(overflow_request=OverflowRequest(requested_at=at(9))),
            "overflow_request: is there, but overflow is null",
        ),
        (answered(end_stage="blocked"), "end_stage: is blocked, yet the call was answered"),
        (
            queued(attempts=(Attempt(seat="8001", offered_at=at(9), ended_at=at(8)),)),
            "attempts.0.ended_at: is before offered_at",
        ),
        (
            queued(attempts=(Attempt(seat="8001", offered_at=at(-9)),)),
            "attempts.0.offered_at: is before arrived_at",
        ),
        (answered(survey=Survey(invited_at=at(2))), "survey.invited_at: is before answered_at"),
        (
            queued(survey=Survey(invited_at=at(9), answer=1)),
            "survey.answer: a call that nobody answered cannot be rated",
        ),
    ],
)
def test_what_cannot_have_happened_is_told(conversation, told):
    assert faults_of(conversation) == (told,)


@pytest.mark.parametrize("conversation", [call(), queued(), answered()])
def test_an_ordinary_call_has_no_fault(conversation):
    assert faults_of(conversation) == ()
