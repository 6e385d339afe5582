"""The caller in line: what he is told of his wait, and where the policy sends him at last."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from callcenter import commands as cmd
from callcenter import events as ev
from callcenter.call import Stage, World, change, conversation, step
from callcenter.call.outside import CLOSED
from ivr_flows.speech import position_clips, wait_clips
from tests.callcenter.call_played import ANSWER, NO_ANSWER, Talk, flows, kinds, only

ONCALL = ev.OverflowDue("line", "oncall")


def announced(wait_s: float | None, language: str = "zh-CN") -> tuple[str, ...]:
    talk = Talk().in_line()
    world = World(flows=flows(), facts=talk.facts, ahead=2, expected_wait_s=wait_s)
    due = ev.TimerFired(talk.call.timer)
    _, (play, _) = step(talk.call, due, world, talk.now + timedelta(seconds=30))
    assert isinstance(play, cmd.Play)
    return play.clips


def test_the_place_and_the_expected_wait_are_said() -> None:
    assert announced(400.0) == (*position_clips(2), *wait_clips(400.0))


def test_a_wait_that_nobody_can_tell_is_not_said() -> None:
    assert announced(None) == position_clips(2)


@pytest.mark.parametrize(
    ("wait_s", "clips"),
    [
        (0, ("wait_short",)),
        (60, ("wait_short",)),
        (61, ("wait_before", "number_liang", "wait_after")),
        (600, ("wait_before", "number_10", "wait_after")),
        (601, ("wait_before", "number_15", "wait_after")),
        (1260, ("wait_before", "number_20", "number_5", "wait_after")),
        (1800, ("wait_before", "number_30", "wait_after")),
        (1801, ("wait_long",)),
        (1e9, ("wait_long",)),
    ],
)
def test_a_wait_is_said_in_minutes_and_never_less_than_it_is(
    wait_s: float, clips: tuple[str, ...]
) -> None:
    assert wait_clips(wait_s) == clips


def test_other_languages_say_two_as_any_number() -> None:
    assert wait_clips(90, "en") == ("wait_before", "number_2", "wait_after")
    assert wait_clips(90, "ko-KR") == ("wait_before", "number_2", "wait_after")


def test_a_line_outside_is_rung_and_the_place_is_kept() -> None:
    talk = Talk().in_line()
    asked_at = talk.call.asked_at
    leave, ring = talk.do(ONCALL)
    assert isinstance(leave, cmd.LeaveLine) and isinstance(ring, cmd.RingLine)
    assert (ring.line, ring.transfer, ring.clips) == ("oncall", 1, ("transfer",))
    join = only(talk.dialled(NO_ANSWER), cmd.JoinLine)
    assert isinstance(join, cmd.JoinLine)
    assert (join.at_head, join.asked_at, join.overflowed) == (False, asked_at, {"line:oncall"})
    (transfer,) = conversation(talk.call)["transfers"]
    assert (transfer["outcome"], transfer["in_line"]) == ("no_answer", True)


@pytest.mark.parametrize("why", ["closed", "unknown", "resumed"])
def test_a_line_that_cannot_be_rung_costs_the_caller_nothing(why: str) -> None:
    talk = Talk().in_line()
    talk.do(ONCALL)
    if why == "closed":
        said = talk.dialled(ev.DialResult(CLOSED))
    elif why == "unknown":
        said = talk.do(ev.ActFailed(talk.call.serial, "there is no line oncall"))
    else:
        said = talk.do(ev.Resumed("", None))
    join = only(said, cmd.JoinLine)
    assert isinstance(join, cmd.JoinLine) and not join.at_head  # nobody is passed by it
    assert talk.call.stage is Stage.QUEUE


def test_a_lawyer_outside_answers_as_a_seat_does() -> None:
    talk = Talk().in_line()
    talk.do(ONCALL)
    talk.do(ev.LineAnswered(talk.now))
    talk.dialled(ANSWER)
    assert talk.call.stage is Stage.SURVEY
    talk.do(ev.HungUp())
    facts = conversation(talk.call)
    assert facts["answered_at"] and facts["talk_ended_by"] == "seat"
    assert facts["stints"][-1]["outcome"] == "answered"
    assert facts["attempts"] == []


def test_hanging_up_in_the_talk_with_the_line_is_an_answered_call() -> None:
    talk = Talk().in_line()
    talk.do(ONCALL)
    talk.do(ev.LineAnswered(talk.now))
    talk.do(ev.HungUp())
    facts = conversation(talk.call)
    assert (facts["end_stage"], bool(facts["answered_at"])) == ("talking", True)


@pytest.mark.parametrize("who", ["callback", "message"])
def test_the_policy_leads_out_of_the_line_as_the_keys_do(who: str) -> None:
    talk = Talk("+864315550123").in_line()
    said = talk.do(ev.OverflowDue(who))
    assert cmd.LeaveLine in kinds(said)
    record = only(said, cmd.Record)
    assert isinstance(record, cmd.Record) and record.clips == (who,)


def test_what_comes_when_the_caller_waits_no_more_changes_nothing() -> None:
    talk = Talk().ringing()
    before = talk.call
    assert talk.do(ev.OverflowDue("callback")) == ()
    assert talk.do(ONCALL) == () and talk.call == before


def test_what_the_flow_does_not_offer_is_passed_over_once() -> None:
    talk = Talk().in_line()
    assert talk.call.wait_rule
    rule = msgspec.structs.replace(talk.call.wait_rule, offers={})
    talk.call = change(talk.call, wait_rule=rule)
    assert talk.do(ev.OverflowDue("message")) == ()
    assert talk.call.overflowed == {"message"} and talk.call.stage is Stage.QUEUE


@pytest.mark.parametrize("talked_before", [False, True])
def test_who_is_asked_for_a_number_on_the_way_out_is_asked_to_the_end(talked_before: bool) -> None:
    talk = Talk(None).in_line()
    if talked_before:  # a flow may have him stand in line once more after a talk
        talk.call = change(talk.call, attempts=Talk(None).talking().call.attempts)
        assert talk.call.answered_at
    talk.do(ev.OverflowDue("callback"))
    assert talk.call.asking and talk.call.asking.purpose == "number"
    talk.silent()
    assert talk.call.stage is Stage.IVR
    assert talk.call.asking and talk.call.asking.purpose == "number"
