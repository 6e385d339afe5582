"""What a call is told by ask, transfer, record, call_api, language, set_city and mark."""

from __future__ import annotations

import pytest
from msgspec.structs import replace as change

from ivr_flows.engine import again, resume, start
from ivr_flows.turn import (
    Answer,
    AnswerUnexpected,
    CallService,
    Collect,
    End,
    Failed,
    FlowFault,
    JoinQueue,
    Key,
    NoKey,
    QueueLeft,
    Recorded,
    RecordVoice,
    ServiceAnswered,
    ServiceFailed,
    Session,
    Transfer,
    Transferred,
    Turn,
)
from tests.ivr_flows.flow_files import flow_of, flows_of
from tests.ivr_flows.random_flows import through_json

FLOWS = flows_of(
    flow_of(
        """
        a:
          do: menu
          say: main
          keys: {"1": code, "2": police, "3": note, "4": korean, "5": city, "6": old, "0": person}
          give_up: person
        code:
          {do: ask, say: code, into: code, digits: [3, 5], wait_s: 7, next: look, give_up: person}
        look: {do: call_api, say: wait, service: orders, send: [code], next: told, failed: sorry}
        told: {do: branch, on_fact: state, cases: {done: done}, otherwise: person}
        done: {do: hangup, say: done}
        sorry: {do: play, say: sorry, next: person}
        police:
          {do: transfer, say: hold, to: police, ring_s: 20, alarm: help, done: bye, failed: sorry}
        note: {do: record, say: speak, into: complaint, limit_s: 60, next: a}
        korean: {do: language, to: ko-KR, next: a}
        city: {do: set_city, to: "220200", next: place}
        place: {do: branch, on_fact: city, cases: {"220200": bye}, otherwise: person}
        old: {do: mark, special: elderly, next: young}
        young: {do: mark, special: minor, next: ahead}
        ahead: {do: branch, on_fact: special, cases: {"yes": bye}, otherwise: person}
        person: {do: queue, group: general, answered: bye}
        bye: {do: hangup, say: bye}
        """
    )
)
DIGITS = Collect("digits", "0123456789*#", 7)
PERSON = JoinQueue("general", 30, 60)
POLICE = Transfer("police", 20)


def after(*answers: Answer) -> Turn:
    turn = start(FLOWS, {})
    for answer in answers:
        turn = resume(FLOWS, through_json(turn.session), answer, {})
    return turn


def typed(keys: str) -> list[Answer]:
    return [Key(key) for key in keys]


@pytest.mark.parametrize("ended", [typed("0123#"), typed("01234"), [*typed("0123"), NoKey()]])
def test_digits_end_by_the_sign_by_the_longest_or_by_silence(ended: list[Answer]) -> None:
    asked = after(Key("1"))
    assert (asked.say, asked.act, asked.session.awaits) == (("code",), DIGITS, "digits")
    half = after(Key("1"), *typed("01"))
    assert (half.say, half.act, half.session.pii_digits) == ((), DIGITS, "01")
    turn = after(Key("1"), *ended)
    digits = "".join(one.key for one in ended if isinstance(one, Key)).rstrip("#")
    assert turn.session.answers == {"code": digits}
    assert turn.session.pii_digits == ""
    assert (turn.say, turn.act) == (("wait",), CallService("orders", {"code": digits}))


def test_a_star_clears_what_was_typed_and_asks_anew() -> None:
    cleared = after(Key("1"), *typed("99*"))
    assert (cleared.say, cleared.act, cleared.session.pii_digits) == (("code",), DIGITS, "")
    assert after(Key("1"), *typed("99*012#")).session.answers == {"code": "012"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (typed("12#"), "invalid_number"),
        (typed("#"), "invalid_number"),
        ([Key("A")], "invalid_number"),
        ([Key("1"), NoKey()], "no_key"),
        ([NoKey()], "no_key"),
    ],
)
def test_too_few_digits_are_asked_for_once_more_and_then_lead_to_a_person(
    wrong: list[Answer], said: str
) -> None:
    turn = after(Key("1"), *wrong)
    assert (turn.say, turn.act) == ((said, "code"), DIGITS)
    assert (turn.session.tries, turn.session.pii_digits) == (1, "")
    gave_up = after(Key("1"), *wrong, *wrong)
    assert (gave_up.act, gave_up.session.answers) == (PERSON, {})


def test_zero_is_a_digit_where_digits_are_asked_for() -> None:
    assert after(Key("1"), *typed("000#")).session.answers == {"code": "000"}


def test_an_answer_of_a_service_is_facts_to_branch_on() -> None:
    asked = [Key("1"), *typed("123#")]
    turn = after(*asked, ServiceAnswered({"state": "done"}))
    assert (turn.say, turn.act) == (("done",), End())
    assert turn.session.facts == {"state": "done"}
    assert after(*asked, ServiceAnswered({"state": "lost"})).act == PERSON
    assert after(*asked, ServiceAnswered({})).act == PERSON


def test_a_service_that_fails_has_a_way_of_its_own() -> None:
    turn = after(Key("1"), *typed("123#"), ServiceFailed("late"))
    assert (turn.say, turn.act, turn.fault) == (("sorry",), PERSON, None)


def test_what_a_service_told_goes_before_what_is_known_of_the_caller() -> None:
    told = change(after(Key("1"), *typed("123#")).session, facts={"state": "working"})
    turn = resume(FLOWS, told, ServiceAnswered({"state": "done"}), {"state": "lost"})
    assert turn.say == ("done",)


def test_a_service_is_sent_only_what_was_asked_for() -> None:
    skipped = Session("main", 1, "look", "service")
    assert again(FLOWS, skipped, {}).act == CallService("orders", {})


def test_a_line_outside_is_rung_with_an_alarm_and_then_the_call_ends() -> None:
    turn = after(Key("2"))
    assert (turn.say, turn.act, turn.alarm) == (("hold",), POLICE, "help")
    talked = after(Key("2"), Transferred("answered"))
    assert (talked.say, talked.act, talked.alarm) == (("bye",), End(), None)
    assert talked.session.is_served


def test_a_line_outside_that_nobody_answers_leads_on() -> None:
    turn = after(Key("2"), Transferred("failed"))
    assert (turn.say, turn.act) == (("sorry",), PERSON)
    assert not turn.session.is_served


def test_a_note_bears_its_name_and_goes_on() -> None:
    assert after(Key("3")).act == RecordVoice("note", 60, name="complaint")
    turn = after(Key("3"), Recorded())
    assert isinstance(turn.act, Collect)
    assert not turn.session.is_served  # he may want a person all the same


def test_everything_is_said_in_the_language_from_there_on() -> None:
    assert after().language == "zh-CN"
    turn = after(Key("4"))
    assert (turn.say, turn.language, turn.session.language) == (("main",), "ko-KR", "ko-KR")
    for more in (
        [NoKey()],
        [Key("0")],
        [Key("0"), QueueLeft("answered")],
        [Failed("x")],
        [Key("0"), Failed("x")],
        [Key("2"), Transferred("answered"), Failed("x")],
    ):
        assert after(Key("4"), *more).language == "ko-KR"
    assert again(FLOWS, turn.session, {}).language == "ko-KR"
    over = after(Key("4"), Key("0"), QueueLeft("answered"))
    assert again(FLOWS, over.session, {}).language == "ko-KR"


def test_a_city_that_was_chosen_goes_before_the_one_of_the_number() -> None:
    session = after(Key("5")).session
    assert (session.city, session.step) == ("220200", "bye")
    turn = resume(FLOWS, start(FLOWS, {}).session, Key("5"), {"city": "220100"})
    assert turn.act == End()


def test_special_groups_are_kept_once_each() -> None:
    turn = after(Key("6"))
    assert turn.session.special == ("elderly", "minor")
    assert turn.act == End()
    told = change(after().session, special=("elderly",))
    assert resume(FLOWS, told, Key("6"), {}).session.special == ("elderly", "minor")


@pytest.mark.parametrize(
    ("before", "answer"),
    [
        ([Key("1")], ServiceAnswered({})),
        ([Key("1")], Recorded()),
        ([Key("1"), *typed("123#")], Key("1")),
        ([Key("1"), *typed("123#")], Transferred("answered")),
        ([Key("2")], NoKey()),
        ([Key("2")], ServiceFailed("late")),
        ([Key("2")], QueueLeft("answered")),
        ([Key("3")], Transferred("failed")),
    ],
)
def test_an_answer_that_does_not_fit_is_refused(before: list[Answer], answer: Answer) -> None:
    with pytest.raises(AnswerUnexpected):
        resume(FLOWS, after(*before).session, answer, {})


def test_again_asks_rings_and_looks_once_more_but_raises_no_alarm() -> None:
    half = again(FLOWS, after(Key("1"), *typed("12")).session, {})
    assert (half.say, half.act, half.session.pii_digits) == (("code",), DIGITS, "")
    looking = after(Key("1"), *typed("123#"))
    assert again(FLOWS, looking.session, {}).act == CallService("orders", {"code": "123"})
    ringing = again(FLOWS, after(Key("2")).session, {})
    assert (ringing.say, ringing.act, ringing.alarm) == (("hold",), POLICE, None)
    assert again(FLOWS, after(Key("3")).session, {}).act == RecordVoice(
        "note", 60, name="complaint"
    )


@pytest.mark.parametrize("step", ["code", "look", "police", "note"])
def test_a_step_that_breaks_apologises_and_leads_to_a_person(step: str) -> None:
    keys = {"code": [Key("1")], "look": [Key("1"), *typed("123#")], "police": [Key("2")]}
    turn = after(*keys.get(step, [Key("3")]), Failed("broken"))
    assert (turn.say, turn.act) == (("sorry_person",), JoinQueue("general"))
    assert turn.fault == FlowFault("main", 1, step, "broken")


def test_what_is_half_typed_does_not_stay_when_a_step_breaks() -> None:
    assert after(Key("1"), *typed("12"), Failed("x")).session.pii_digits == ""


def test_all_that_a_session_may_hold_survives_json() -> None:
    session = after(Key("4"), Key("1"), *typed("123#"), ServiceAnswered({"state": "x"})).session
    whole = change(session, city="220100", special=("women", "military"))
    assert through_json(whole) == whole
    assert whole.to_json()["answers"] == {"code": "123"}
