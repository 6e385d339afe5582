"""Calls whose controller dies or whose channel cannot be steered: a new one goes on."""

from __future__ import annotations

from datetime import timedelta

from callcenter import commands as cmd
from callcenter import events as ev
from callcenter.call import Stage, conversation
from tests.callcenter.call_played import Talk, kinds, only


def test_a_new_controller_says_the_menu_again() -> None:
    talk = Talk()
    talk.do(ev.Arrived())
    (play,) = talk.do(ev.Resumed("", None))
    assert isinstance(play, cmd.Play) and "main_menu" in play.clips


def test_a_new_controller_keeps_the_place_in_line() -> None:
    talk = Talk().in_line()
    asked_at = talk.call.asked_at
    join = only(talk.do(ev.Resumed("", None), after_s=20), cmd.JoinLine)
    assert isinstance(join, cmd.JoinLine) and join.asked_at == asked_at


def test_a_talk_that_ended_without_a_controller_is_answered_and_leads_to_the_survey() -> None:
    talk = Talk().ringing()
    offered_at = talk.call.attempts[0].offered_at
    kept = ev.DialResult(
        "ANSWER", offered_at + timedelta(seconds=4), offered_at + timedelta(seconds=40)
    )
    talk.do(ev.Resumed("8001.1", kept), after_s=60)
    assert talk.call.stage is Stage.SURVEY
    assert talk.call.answered_at == offered_at + timedelta(seconds=4)
    assert talk.call.talk_ended_at == offered_at + timedelta(seconds=40)


def test_a_dial_that_never_began_gives_the_seat_back_untried() -> None:
    talk = Talk().ringing()
    said = talk.do(ev.Resumed("", None))
    assert cmd.ChangeSeat("8001", "released", "withdrawn") in said
    assert talk.call.attempts == () and talk.call.stage is Stage.QUEUE


def test_a_broken_prompt_leads_to_a_person_and_is_reported() -> None:
    talk = Talk()
    talk.do(ev.Arrived())
    said = talk.do(ev.PromptFailed(talk.call.serial, "no audio"))
    assert cmd.ReportFault in kinds(said)
    assert talk.call.group == "general"


def test_a_step_that_is_cut_off_again_and_again_leads_to_a_person() -> None:
    talk = Talk()
    talk.do(ev.Arrived())
    for _ in range(7):
        talk.do(ev.Resumed("", None))
    assert talk.call.stage is Stage.QUEUE


def test_the_length_of_the_recording_is_noted_after_the_end() -> None:
    talk = Talk().in_line()
    talk.do(ev.HungUp())
    assert talk.do(ev.RecordingClosed(12.5)) == ()
    assert conversation(talk.call)["recording"]["duration_s"] == 12.5


def test_a_call_that_cannot_be_steered_leaves_the_line_and_comes_back_to_its_place() -> None:
    talk = Talk().in_line()
    asked_at = talk.call.asked_at
    late = ev.TimerFired(talk.call.timer)
    assert kinds(talk.do(ev.LineLost(0))) == [cmd.LeaveLine]
    assert talk.do(late) == ()
    join = only(talk.do(ev.Resumed("", None)), cmd.JoinLine)
    assert isinstance(join, cmd.JoinLine)
    assert join.asked_at == asked_at


def test_a_seat_that_asterisk_was_never_told_to_ring_goes_free_untried() -> None:
    talk = Talk().ringing()
    assert talk.do(ev.LineLost(talk.call.serial)) == ()  # it may well ring
    assert talk.do(ev.LineLost(0)) == (cmd.ChangeSeat("8001", "released", "withdrawn"),)
    assert (talk.call.stage, talk.call.attempts, talk.call.tried) == (Stage.QUEUE, (), frozenset())
