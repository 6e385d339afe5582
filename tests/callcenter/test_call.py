"""The call's state machine: told as calls, and held by properties."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter import commands as cmd
from callcenter import events as ev
from callcenter.call import Stage, conversation
from callcenter.call.state import MOST_PASSED
from ivr_flows.speech import position_clips
from ivr_flows.turn import Way
from tests.callcenter.call_played import ANSWER, NINE, NO_ANSWER, Talk, kinds, only
from tests.thoroughness import tries


def test_the_line_is_told_who_is_of_a_special_group_by_key() -> None:
    ordinary, elderly = Talk(), Talk()
    join = only(ordinary.in_line("2").said, cmd.JoinLine)
    assert isinstance(join, cmd.JoinLine) and join.special == ()
    elderly.do(ev.Arrived())
    for key in "532":
        said = elderly.key(key)
    first = only(said, cmd.JoinLine)
    assert isinstance(first, cmd.JoinLine)
    assert (first.group, first.special) == ("general", ("elderly",))
    assert elderly.call.special == ("elderly",)


def test_a_new_call_hears_greeting_mark_and_menu_and_may_press_any_key() -> None:
    (play,) = Talk().do(ev.Arrived())
    assert isinstance(play, cmd.Play)
    assert play.clips == ("greeting", "ai_mark", "main_menu")
    assert play.keys == "0123456789*#"


def test_a_key_pressed_in_the_greeting_leads_to_its_group() -> None:
    talk = Talk().in_line("2")
    join = only(talk.said, cmd.JoinLine)
    assert isinstance(join, cmd.JoinLine)
    assert (join.group, join.asked_at, join.at_head) == ("labour", talk.now, False)
    assert talk.call.stage is Stage.QUEUE


@pytest.mark.parametrize("press", [("9", "8"), ("9", ""), ("", "")])
def test_two_wrong_or_missing_keys_lead_to_a_person(press: tuple[str, str]) -> None:
    talk = Talk()
    talk.do(ev.Arrived())
    for key in press:
        talk.key(key) if key else talk.silent()
    assert talk.call.stage is Stage.QUEUE
    assert talk.call.group == "general"


def test_the_whole_way_to_a_rating() -> None:
    talk = Talk().talking()
    assert talk.call.stage is Stage.TALKING
    said = talk.dialled(ANSWER)
    assert cmd.ChangeSeat("8001", "released") in said
    assert talk.call.stage is Stage.SURVEY
    talk.key("1")
    assert talk.call.survey and talk.call.survey.answer == 1
    assert isinstance(talk.said[-1], cmd.Finish)
    talk.do(ev.HungUp())
    facts = conversation(talk.call)
    assert (facts["ended_by"], facts["end_stage"], facts["talk_ended_by"]) == (
        "system",
        "survey",
        "seat",
    )
    assert facts["attempts"][0]["outcome"] == "answered"
    assert facts["stints"][0]["outcome"] == "answered"


def test_silence_twice_in_the_survey_is_not_rated() -> None:
    talk = Talk().talking()
    talk.dialled(ANSWER)
    talk.silent()
    talk.silent()
    talk.do(ev.HungUp())
    assert talk.call.survey and talk.call.survey.answer is None
    assert isinstance(talk.call.survey.invited_at, datetime)


def test_a_seat_that_does_not_answer_sends_the_caller_to_the_head_with_the_first_time() -> None:
    talk = Talk().ringing()
    asked_at = talk.call.asked_at
    said = talk.dialled(NO_ANSWER)
    join = only(said, cmd.JoinLine)
    assert cmd.ChangeSeat("8001", "no_answer") in said
    assert isinstance(join, cmd.JoinLine)
    assert (join.at_head, join.asked_at, join.tried) == (True, asked_at, {"8001"})
    assert talk.call.stage is Stage.QUEUE
    assert len(talk.call.stints) == 1


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        (ev.DialResult("BUSY"), "declined"),
        (ev.DialResult("CONGESTION", cause=21), "declined"),
        (ev.DialResult("CHANUNAVAIL", cause=20), "unreachable"),
        (ev.DialResult(""), "unreachable"),
        (ev.DialResult("NOANSWER"), "no_answer"),
    ],
)
def test_what_a_failed_dial_says_of_the_seat(result: ev.DialResult, outcome: str) -> None:
    talk = Talk().ringing()
    said = talk.dialled(result)
    assert cmd.ChangeSeat("8001", outcome) in said
    assert talk.call.attempts[0].outcome == outcome


def test_each_announcement_says_the_place_and_after_a_minute_the_ways_out() -> None:
    talk = Talk().in_line()
    first = only(talk.said, cmd.SetTimer)
    assert isinstance(first, cmd.SetTimer) and first.after_s == 30
    (play, again) = talk.do(ev.TimerFired(talk.call.timer), after_s=30)
    assert isinstance(play, cmd.Play) and isinstance(again, cmd.SetTimer)
    assert play.clips == position_clips(2)
    assert play.keys == ""
    assert kinds(talk.silent()) == [cmd.Hold]
    (play, _) = talk.do(ev.TimerFired(talk.call.timer), after_s=29)
    assert isinstance(play, cmd.Play)
    assert play.clips[-1] == "queue_offer" and play.keys == "*#"


def test_a_key_that_is_not_offered_yet_changes_nothing() -> None:
    talk = Talk().in_line()
    assert kinds(talk.key("*")) == [cmd.Hold]
    assert talk.call.stage is Stage.QUEUE


def test_star_after_a_minute_is_a_callback_with_a_voice_note() -> None:
    talk = Talk().in_line()
    talk.do(ev.TimerFired(talk.call.timer), after_s=60)
    said = talk.key("*")
    assert kinds(said) == [cmd.LeaveLine, cmd.Record]
    talk.do(ev.VoiceRecorded(talk.call.serial, 4.2, caller_gone=True))
    talk.do(ev.HungUp())
    facts = conversation(talk.call)
    assert facts["overflow"] == "callback"
    assert facts["end_stage"] == "queue"
    assert facts["stints"][0]["outcome"] == "callback"
    assert facts["overflow_request"]["number"] == "04315550123"
    assert facts["overflow_request"]["audio"].startswith("/r/t-1.1-voice-")


def test_a_caller_without_a_number_types_it_before_the_callback_counts() -> None:
    talk = Talk(caller=None).in_line()
    talk.do(ev.TimerFired(talk.call.timer), after_s=60)
    talk.key("*")
    assert talk.call.overflow is None
    for key in "04315550177#":
        talk.key(key)
    assert (talk.call.overflow, talk.call.overflow_number) == ("callback", "04315550177")
    assert talk.call.stage is Stage.RECORDING


@pytest.mark.parametrize(("seconds", "overflow"), [(8.0, "message"), (0.3, None)])
def test_a_message_counts_when_a_voice_is_in_it(seconds: float, overflow: str | None) -> None:
    talk = Talk().in_line()
    talk.do(ev.TimerFired(talk.call.timer), after_s=60)
    talk.key("#")
    talk.do(ev.VoiceRecorded(talk.call.serial, seconds, caller_gone=False))
    assert talk.call.overflow == overflow


def test_after_hours_a_message_is_taken_and_zero_still_leads_to_a_person() -> None:
    talk = Talk(hours="closed")
    talk.do(ev.Arrived())
    talk.silent()
    assert talk.call.stage is Stage.RECORDING
    other = Talk(hours="closed")
    other.do(ev.Arrived())
    other.key("0")
    assert other.call.group == "general"


@pytest.mark.parametrize(
    ("upto", "stage"),
    [
        (lambda t: t.do(ev.Arrived()), "ivr"),
        (lambda t: t.in_line(), "queue"),
        (lambda t: t.ringing(), "ringing"),
        (lambda t: t.talking(), "talking"),
        (lambda t: t.talking().dialled(ANSWER), "survey"),
    ],
)
def test_hanging_up_ends_the_call_where_it_stood(upto: object, stage: str) -> None:
    talk = Talk()
    upto(talk)  # type: ignore[operator]
    said = talk.do(ev.HungUp())
    facts = conversation(talk.call)
    assert talk.call.is_over and isinstance(said[-1], cmd.Forget)
    assert (facts["end_stage"], facts["ended_by"]) == (stage, "caller")
    if stage in ("ringing", "talking"):
        assert any(isinstance(c, cmd.ChangeSeat) and c.change == "released" for c in said)


def test_the_caller_hanging_up_in_the_talk_frees_the_seat_once() -> None:
    talk = Talk().talking()
    said = talk.dialled(ANSWER, gone=True) + talk.do(ev.HungUp())
    assert [c.change for c in said if isinstance(c, cmd.ChangeSeat)] == ["released"]
    assert conversation(talk.call)["talk_ended_by"] == "caller"


def test_a_seat_offered_to_a_call_that_no_longer_waits_goes_back() -> None:
    talk = Talk()
    talk.do(ev.Arrived())
    assert talk.do(ev.SeatOffered("8001", "municipal")) == (
        cmd.ChangeSeat("8001", "released", "withdrawn"),
    )
    talk.do(ev.HungUp())
    assert kinds(talk.do(ev.SeatOffered("8001", "municipal"))) == [cmd.ChangeSeat]


seconds = st.floats(0.1, 40)
keys = st.sampled_from("0123456789*#")
dials = st.sampled_from([ANSWER, NO_ANSWER, ev.DialResult("BUSY"), ev.DialResult("CHANUNAVAIL")])
happenings = st.one_of(
    st.builds(lambda k: lambda t: t.key(k), keys),
    st.just(lambda t: t.silent()),
    st.builds(
        lambda s: lambda t: t.do(ev.SeatOffered(s, "municipal")), st.sampled_from(["8001", "8901"])
    ),
    st.just(lambda t: t.do(ev.SeatRang(t.call.seat or "8001", t.now))),
    st.just(lambda t: t.do(ev.SeatAnswered(t.call.seat or "8001", t.now))),
    st.builds(lambda d, g: lambda t: t.dialled(d, gone=g), dials, st.booleans()),
    st.builds(lambda s: lambda t: t.do(ev.TimerFired(t.call.timer), after_s=s), seconds),
    st.builds(
        lambda d, s: lambda t: t.do(ev.Resumed(f"{t.call.seat}.{s}", d)),
        dials | st.none(),
        st.integers(1, 3),
    ),
    st.builds(lambda s: lambda t: t.do(ev.VoiceRecorded(t.call.serial, s, False)), seconds),
    st.just(lambda t: t.do(ev.PromptFailed(t.call.serial, "gone"))),
    st.just(lambda t: t.do(ev.TimerFired(0))),
    st.just(lambda t: t.do(ev.Spoken(0))),
    st.just(lambda t: t.do(ev.HungUp())),
    st.builds(lambda n: lambda t: t.do(ev.LineLost(t.call.serial - n)), st.integers(0, 1)),
)


@settings(max_examples=tries(300), deadline=None)
@given(st.lists(happenings, max_size=40), st.sampled_from(["04315550123", None]))
def test_whatever_happens_the_facts_stay_true(happened: list[object], caller: str | None) -> None:
    talk = Talk(caller=caller)
    talk.do(ev.Arrived())
    held: set[str] = set()
    for happens in happened:
        offered = talk.call.stage
        happens(talk)  # type: ignore[operator]
        if talk.call.seat and offered is Stage.QUEUE:
            held.add(talk.call.seat)
        for command in talk.said:
            if isinstance(command, cmd.ChangeSeat) and command.change not in ("rang", "answered"):
                held.discard(command.seat)
    in_hand = talk.call.seat and talk.call.attempts[-1].ended_at is None
    assert held == ({talk.call.seat} if in_hand else set())
    talk.do(ev.HungUp())
    facts = conversation(talk.call)
    assert facts["ended_at"] and facts["end_stage"] in (
        "ivr", "queue", "ringing", "talking", "survey"
    )  # fmt: skip
    assert all(a["outcome"] and a["ended_at"] for a in facts["attempts"])
    assert all(s["left_at"] for s in facts["stints"])
    answered = [a for a in facts["attempts"] if a["outcome"] == "answered"]
    assert bool(answered) == (facts["answered_at"] is not None)
    assert not (facts["answered_at"] and facts["asked_at"] is None)


def test_the_ways_through_the_flow_are_kept_and_told_once_the_call_is_over() -> None:
    talk = Talk().in_line("2")
    gone = [(one.step, one.way) for one in talk.call.path]
    assert gone[0] == ("greeting", "next")
    assert ("main_menu", "keys.2") in gone
    assert talk.call.path[0].at < talk.call.path[-1].at
    assert "path" not in conversation(talk.call)
    talk.do(ev.HungUp())
    told = conversation(talk.call)["path"]
    assert [(one["step"], one["way"]) for one in told] == gone
    assert {(one["flow"], one["version"]) for one in told} == {("main", 3)}


def test_a_caller_who_goes_round_for_ever_does_not_fill_the_facts() -> None:
    call = Talk().call
    for _ in range(MOST_PASSED):
        call = call.with_ways((Way("main", 1, "a", "next"), Way("main", 1, "b", "next")), NINE)
    assert len(call.path) == MOST_PASSED
