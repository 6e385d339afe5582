from __future__ import annotations

import pytest
from msgspec.structs import replace
from msgspec.structs import replace as change

from ivr_flows.engine import MAX_STEPS_A_TURN, MAX_TURNS, again, resume, start
from ivr_flows.model import Flows
from ivr_flows.turn import (
    Answer,
    AnswerUnexpected,
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
    Session,
    Turn,
)
from tests.ivr_flows.flow_files import flow_of, flows_of

MAIN = """
a: {do: play, say: [hello, mark], next: hours}
hours: {do: branch, on_fact: hours, cases: {closed: note}, otherwise: menu}
menu:
  do: menu
  say: choose
  keys: {"1": labour, "0": general, "9": other}
  wait_s: 4
  tries: 2
  give_up: general
labour:
  do: queue
  group: labour
  say: transfer
  announce_every_s: 20
  offer_after_s: 45
  answered: rate
  callback: ring
  message: note
general: {do: queue, group: general, answered: rate, message: note}
other: {do: goto_flow, flow: other}
rate: {do: survey, say: rate, again: rate_again, next: thanks, not_rated: bye}
thanks: {do: hangup, say: thanks}
bye: {do: hangup}
ring: {do: callback, say: speak, ask_number: number, limit_s: 60, next: saved, give_up: general}
saved: {do: play, say: saved, next: bye}
note: {do: message, say: note, limit_s: 90, next: saved}
"""
OTHER = """
b: {do: menu, say: which, keys: {"0": p}, give_up: p}
p: {do: queue, group: x, answered: z}
z: {do: hangup}
"""
FLOWS = flows_of(flow_of(MAIN), flow_of(OTHER, name="other", start="b", version=7))
OPEN = {"hours": "open", "caller_known": "yes"}
ANONYMOUS = {"hours": "open", "caller_known": "no"}
LABOUR = JoinQueue("labour", 20, 45, ("queue_offer",), {"*": "callback", "#": "message"})
NUMBER = Collect("number", "0123456789#", 10)


def after(*answers: Answer, facts: dict[str, str] | None = None, flows: Flows = FLOWS) -> Turn:
    facts = OPEN if facts is None else facts
    turn = start(flows, facts)
    for answer in answers:
        turn = resume(flows, turn.session, answer, facts)
    return turn


def typed(keys: str) -> list[Answer]:
    return [Key(key) for key in keys]


def test_a_call_says_what_it_passes_and_waits_at_the_menu() -> None:
    turn = after()
    assert turn.say == ("hello", "mark", "choose")
    assert turn.act == Collect("menu", "109", 4)
    assert turn.path == (("main", "a"), ("main", "hours"), ("main", "menu"))
    assert turn.fault is None


def test_a_fact_leads_its_way_and_a_missing_fact_otherwise() -> None:
    assert after(facts={"hours": "closed"}).act == RecordVoice("message", 90)
    assert after(facts={}).act == Collect("menu", "109", 4)


def test_a_key_leads_to_its_step() -> None:
    turn = after(Key("1"))
    assert (turn.say, turn.act) == (("transfer",), LABOUR)


@pytest.mark.parametrize("wrong", ["7", "*", "A", "", "10", "²"])
def test_a_wrong_key_is_told_once_and_then_leads_to_a_person(wrong: str) -> None:
    first = after(Key(wrong))
    assert (first.say, first.act) == (("invalid_key", "choose"), Collect("menu", "109", 4))
    second = after(Key(wrong), Key(wrong))
    assert (second.say, second.act) == (
        (),
        JoinQueue("general", 30, 60, ("queue_offer",), {"#": "message"}),
    )


def test_no_key_is_told_once_and_counts_with_wrong_keys() -> None:
    assert after(NoKey()).say == ("no_key", "choose")
    for answers in ([NoKey(), NoKey()], [NoKey(), Key("7")], [Key("7"), NoKey()]):
        assert isinstance(after(*answers).act, JoinQueue)


def test_tries_begin_anew_at_the_next_step() -> None:
    turn = after(Key("7"), Key("9"), NoKey())
    assert turn.say == ("no_key", "which")


def test_another_flow_begins_at_its_start_and_pins_its_own_version() -> None:
    turn = after(Key("9"))
    assert turn.session == Session("other", 7, "b", "key", turns=1)
    assert turn.path == (("main", "other"), ("other", "b"))


def test_a_flow_that_is_not_there_leads_to_a_person() -> None:
    turn = after(Key("9"), flows=flows_of(FLOWS.by_name["main"]))
    assert turn.say == ("sorry_person",)
    assert turn.fault == FlowFault(
        "main", 1, "other", "there is no such step or flow to go on with"
    )


def test_after_the_talk_comes_the_survey_and_its_rating_stands_in_the_session() -> None:
    turn = after(Key("1"), QueueLeft("answered"))
    assert (turn.say, turn.act) == (("rate",), Collect("survey", "12345", 10))
    rated = after(Key("1"), QueueLeft("answered"), Key("4"))
    assert (rated.say, rated.act, rated.session.rating) == (("thanks",), End(), 4)


def test_the_survey_is_repeated_once_and_silence_is_not_a_rating() -> None:
    talked = [Key("1"), QueueLeft("answered")]
    assert after(*talked, NoKey()).say == ("rate_again",)
    assert after(*talked, Key("6")).say == ("invalid_key", "rate_again")
    ended = after(*talked, NoKey(), Key("0"))
    assert (ended.act, ended.session.rating) == (End(), None)
    assert after(*talked, NoKey(), Key("5")).session.rating == 5


def test_a_known_caller_leaves_his_voice_to_be_called_back() -> None:
    turn = after(Key("1"), QueueLeft("callback"))
    assert (turn.say, turn.act) == (("speak",), RecordVoice("callback", 60))
    done = after(Key("1"), QueueLeft("callback"), Recorded())
    assert (done.say, done.act) == (("saved",), End())


def test_an_unknown_caller_first_types_his_number_and_hears_nothing_between_digits() -> None:
    asked = [Key("1"), QueueLeft("callback")]
    turn = after(*asked, facts=ANONYMOUS)
    assert (turn.say, turn.act) == (("number",), NUMBER)
    turn = after(*asked, *typed("0431555"), facts=ANONYMOUS)
    assert (turn.say, turn.act) == ((), NUMBER)
    turn = after(*asked, *typed("04315550123#"), facts=ANONYMOUS)
    assert (turn.say, turn.act) == (("speak",), RecordVoice("callback", 60, "04315550123"))


def test_a_number_ends_by_silence_or_by_its_greatest_length_too() -> None:
    asked = [Key("1"), QueueLeft("callback")]
    silent = after(*asked, *typed("85550123"), NoKey(), facts=ANONYMOUS)
    assert silent.act == RecordVoice("callback", 60, "85550123")
    longest = after(*asked, *typed("123456789012345"), facts=ANONYMOUS)
    assert longest.act == RecordVoice("callback", 60, "123456789012345")


def test_a_number_too_short_or_none_is_asked_once_more_and_then_leads_to_a_person() -> None:
    asked = [Key("1"), QueueLeft("callback")]
    assert after(*asked, *typed("12#"), facts=ANONYMOUS).say == ("invalid_key", "number")
    assert after(*asked, *typed("12*"), facts=ANONYMOUS).say == ("invalid_key", "number")
    assert after(*asked, *typed("12345678*"), facts=ANONYMOUS).say == ("invalid_key", "number")
    assert after(*asked, *typed("12"), NoKey(), facts=ANONYMOUS).say == ("no_key", "number")
    gave_up = after(*asked, *typed("#"), NoKey(), facts=ANONYMOUS)
    assert gave_up.act == JoinQueue("general", 30, 60, ("queue_offer",), {"#": "message"})


def test_digits_of_a_failed_try_are_forgotten() -> None:
    asked = [Key("1"), QueueLeft("callback")]
    turn = after(*asked, *typed("12#"), *typed("7654321#"), facts=ANONYMOUS)
    assert turn.act == RecordVoice("callback", 60, "7654321")


def test_a_message_is_recorded_and_the_call_ends() -> None:
    turn = after(Key("0"), QueueLeft("message"))
    assert (turn.say, turn.act) == (("note",), RecordVoice("message", 90))
    assert after(Key("0"), QueueLeft("message"), Recorded()).act == End()


@pytest.mark.parametrize(
    ("before", "answer"),
    [
        ([], Recorded()),
        ([], QueueLeft("answered")),
        ([Key("1")], Key("1")),
        ([Key("1")], NoKey()),
        ([Key("0")], QueueLeft("callback")),  # not offered there
        ([Key("1"), QueueLeft("message")], NoKey()),
        ([Key("0"), QueueLeft("message"), Recorded()], Key("1")),
    ],
)
def test_an_answer_that_does_not_fit_is_refused(before: list[Answer], answer: Answer) -> None:
    turn = after(*before)
    with pytest.raises(AnswerUnexpected):
        resume(FLOWS, turn.session, answer, OPEN)


def test_a_broken_step_apologises_leads_to_a_person_and_is_told_by_name() -> None:
    turn = after(Failed("no such file"))
    assert (turn.say, turn.act) == (("sorry_person",), JoinQueue("general"))
    assert turn.fault == FlowFault("main", 1, "menu", "no such file")
    ended = after(Failed("no such file"), QueueLeft("answered"))
    assert (ended.say, ended.act, ended.fault) == ((), End(), None)


def test_an_apology_that_breaks_too_is_left_out_and_then_the_fallback_takes_over() -> None:
    silent = after(Failed("x"), Failed("y"))
    assert (silent.say, silent.act) == ((), JoinQueue("general"))
    given_up = after(Failed("x"), Failed("y"), Failed("z"))
    assert given_up.act == End(is_rescue=True)
    assert again(FLOWS, given_up.session, OPEN).act == End(is_rescue=True)


def test_a_waiting_line_that_breaks_is_joined_anew_even_by_one_who_was_served() -> None:
    assert after(Key("1"), Failed("x")).act == JoinQueue("general")
    twice = flows_of(
        flow_of("a: {do: queue, group: x, answered: b}\nb: {do: queue, group: y, answered: a}")
    )
    assert after(QueueLeft("answered"), Failed("x"), flows=twice).act == JoinQueue("general")


def test_one_who_was_served_is_not_put_in_line_by_a_broken_step() -> None:
    turn = after(Key("1"), QueueLeft("answered"), Failed("no survey"))
    assert (turn.say, turn.act) == ((), End())
    assert turn.fault == FlowFault("main", 1, "rate", "no survey")
    broken = flows_of(flow_of("a: {do: queue, group: x, answered: nowhere}"))
    assert after(QueueLeft("answered"), flows=broken).act == End()


def test_last_words_that_break_only_end_the_call() -> None:
    farewell = after(Key("1"), QueueLeft("answered"), Key("1"), Failed("no thanks"))
    assert (farewell.act, farewell.session.awaits) == (End(), "nothing")
    assert farewell.fault == FlowFault("main", 1, "thanks", "no thanks")


def test_a_version_or_step_that_is_gone_leads_to_a_person() -> None:
    session = after().session
    for gone in (
        change(session, version=2),
        change(session, flow="no_such"),
        change(session, step="no_such"),
        change(session, step="a"),
        change(session, awaits="voice", step="menu"),
    ):
        answer = Recorded() if gone.awaits == "voice" else Key("1")
        for turn in (resume(FLOWS, gone, answer, OPEN), again(FLOWS, gone, OPEN)):
            assert (turn.say, turn.act) == (("sorry_person",), JoinQueue("general"))
            assert turn.fault and "gone" in turn.fault.reason or "no such step" in turn.fault.reason


def test_a_target_that_does_not_exist_leads_to_a_person() -> None:
    turn = start(flows_of(flow_of("a: {do: play, say: hello, next: nowhere}")), OPEN)
    assert turn.act == JoinQueue("general")
    assert turn.fault and turn.fault.step == "nowhere"


def test_a_loop_that_never_waits_is_left_after_the_stated_steps() -> None:
    turn = start(flows_of(flow_of("a: {do: play, say: hello, next: a}")), OPEN)
    assert turn.act == JoinQueue("general")
    assert turn.fault and str(MAX_STEPS_A_TURN) in turn.fault.reason


def test_a_caller_who_goes_round_and_round_comes_to_a_person_after_the_stated_turns() -> None:
    round_and_round = flows_of(flow_of('a: {do: menu, say: choose, keys: {"1": a}, give_up: a}'))
    turn = start(round_and_round, OPEN)
    for _ in range(MAX_TURNS):
        turn = resume(round_and_round, turn.session, Key("1"), OPEN)
        assert isinstance(turn.act, Collect)
    turn = resume(round_and_round, turn.session, Key("1"), OPEN)
    assert turn.act == JoinQueue("general")
    assert turn.fault and str(MAX_TURNS) in turn.fault.reason


def test_again_says_the_step_once_more_and_keeps_the_tries() -> None:
    turn = after(NoKey())
    repeated = again(FLOWS, turn.session, OPEN)
    assert (repeated.say, repeated.act) == (("choose",), turn.act)
    assert repeated.session == turn.session
    assert again(FLOWS, after(Key("1"), QueueLeft("answered")).session, OPEN).say == ("rate",)


def test_again_in_a_waiting_line_says_nothing_and_keeps_the_line() -> None:
    turn = after(Key("1"))
    here = (("main", "labour"),)
    assert again(FLOWS, turn.session, OPEN) == replace(turn, say=(), path=here, ways=())
    rescued = after(Failed("x"))
    assert again(FLOWS, rescued.session, OPEN) == Turn((), JoinQueue("general"), rescued.session)


def test_again_asks_for_the_whole_number_or_for_the_voice() -> None:
    asked = [Key("1"), QueueLeft("callback")]
    half = again(FLOWS, after(*asked, *typed("0431"), facts=ANONYMOUS).session, ANONYMOUS)
    assert (half.say, half.act, half.session.pii_digits) == (("number",), NUMBER, "")
    whole = after(*asked, *typed("0431555#"), facts=ANONYMOUS)
    assert again(FLOWS, whole.session, ANONYMOUS).act == RecordVoice("callback", 60, "0431555")


def test_again_after_the_end_ends() -> None:
    turn = after(Key("0"), QueueLeft("message"), Recorded())
    assert again(FLOWS, turn.session, OPEN) == Turn((), End(), turn.session)


def ways(turn: Turn) -> list[str]:
    return [f"{one.flow}.{one.version} {one.step} {one.way}" for one in turn.ways]


def test_each_way_out_of_a_step_is_told_once_and_in_order() -> None:
    assert ways(after()) == ["main.1 a next", "main.1 hours otherwise"]
    assert ways(after(facts={"hours": "closed"})) == ["main.1 a next", "main.1 hours cases.closed"]
    assert ways(after(Key("1"))) == ["main.1 menu keys.1"]
    assert ways(after(Key("9"))) == ["main.1 menu keys.9", "main.1 other flow"]
    assert ways(after(Key("9"), Key("0"))) == ["other.7 b keys.0"]


def test_two_ways_to_one_step_are_told_apart() -> None:
    assert ways(after(Key("0"))) == ["main.1 menu keys.0"]
    assert ways(after(NoKey())) == []
    assert ways(after(NoKey(), Key("7"))) == ["main.1 menu give_up"]


def test_what_became_of_the_wait_is_the_way() -> None:
    served = (Key("1"), QueueLeft("answered"))
    assert ways(after(*served)) == ["main.1 labour answered"]
    assert ways(after(*served, Key("2"))) == ["main.1 rate next"]
    assert ways(after(*served, NoKey(), NoKey())) == ["main.1 rate not_rated"]
    ended = after(Key("1"), QueueLeft("message"), Recorded())
    assert ways(ended) == ["main.1 note next", "main.1 saved next"]


def test_whoever_says_the_step_again_goes_no_way_again() -> None:
    turn = after(Key("1"))
    assert again(FLOWS, turn.session, OPEN).ways == ()
    assert after(Failed("broken")).ways == ()
