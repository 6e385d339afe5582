"""A call that asks for digits, asks services and is transferred outside."""

from __future__ import annotations

from datetime import timedelta

import pytest

from callcenter import commands as cmd
from callcenter import events as ev
from callcenter.call import Stage
from callcenter.call.outside import CLOSED
from tests.callcenter.outside_talk import NINE, Talk, only

# --- digits and services -------------------------------------------------------------------------


def test_digits_are_taken_one_by_one_and_go_to_the_service_alone() -> None:
    talk = Talk().keys("1")
    (play,) = talk.said
    assert isinstance(play, cmd.Play) and play.clips == ("ask_code",)
    talk.keys("20*20")
    (play,) = talk.said
    assert isinstance(play, cmd.Play) and (play.clips, play.wait_s) == ((), 8)
    talk.keys("26#")
    words, asked = talk.said
    assert isinstance(words, cmd.Play) and words.clips == ("one_moment",)
    assert asked == cmd.AskService(talk.call.serial, "orders", {"order_code": "2026"})
    assert talk.call.stage is Stage.IVR
    assert "2026" not in str(talk.facts()).replace("2026-", "")


def test_an_answer_while_we_still_speak_waits_for_the_end_of_the_words() -> None:
    talk = Talk().keys("12026#")
    assert talk.answers() == ()
    (play,) = talk.spoken()
    assert isinstance(play, cmd.Play) and play.clips == ("order_done", "main_menu")
    assert talk.call.service is None


def test_a_caller_who_waits_for_a_service_hears_music_whatever_he_presses() -> None:
    talk = Talk().keys("12026#")
    assert talk.spoken() == (cmd.Hold(talk.call.serial),)
    assert talk.keys("5").said == (cmd.Hold(talk.call.serial),)
    (play,) = talk.answers("working")
    assert isinstance(play, cmd.Play) and play.clips == ("main_menu",)


@pytest.mark.parametrize("is_early", [True, False])
def test_a_service_that_fails_has_a_way_of_its_own_and_is_no_fault(is_early: bool) -> None:
    talk = Talk().keys("12026#")
    failed = ev.ServiceFailed(talk.call.serial, "its status is 500")
    if is_early:
        assert talk.do(failed) == ()
        talk.spoken()
    else:
        talk.spoken()
        talk.do(failed)
    play = only(talk.said, cmd.Play)
    assert isinstance(play, cmd.Play) and play.clips == ("no_answer", "transfer")
    assert talk.call.stage is Stage.QUEUE
    assert not [c for c in talk.said if isinstance(c, cmd.ReportFault)]


def test_a_late_or_double_answer_changes_nothing() -> None:
    talk = Talk().keys("12026#")
    late = ev.ServiceAnswered(talk.call.serial, {"order_state": "done"})
    talk.spoken()
    talk.do(late)
    before = talk.call
    assert talk.do(late) == () and talk.call == before
    current = ev.ServiceAnswered(talk.call.serial, {"order_state": "done"})
    assert talk.do(current) == () and talk.call == before


def test_the_next_controller_asks_the_service_once_more() -> None:
    talk = Talk().keys("12026#")
    old = ev.ServiceAnswered(talk.call.serial, {"order_state": "done"})
    _, asked = talk.do(ev.Resumed("", None))
    assert isinstance(asked, cmd.AskService) and asked.sent == {"order_code": "2026"}
    assert talk.do(old) == ()
    talk.spoken()
    assert talk.answers()


# --- lines outside -------------------------------------------------------------------------------


def transfer_of(talk: Talk) -> dict[str, object]:
    (transfer,) = talk.facts()["transfers"]  # type: ignore[misc, attr-defined]
    return dict(transfer)


def test_an_alarm_is_raised_first_and_once_then_the_line_is_rung() -> None:
    talk = Talk().keys("2")
    alarm, ring = talk.said
    assert alarm == cmd.RaiseAlarm("emergency")
    assert ring == cmd.RingLine(talk.call.serial, "police", 1, 25, ("to_police",))
    assert talk.call.stage is Stage.TRANSFER
    assert talk.facts()["alarms"] == [{"name": "emergency", "at": "2026-03-02T01:00:02.000Z"}]
    (ring,) = talk.do(ev.Resumed("", None))  # it had not been rung yet
    assert isinstance(ring, cmd.RingLine) and ring.transfer == 1
    assert len(talk.call.alarms) == len(talk.call.transfers) == 1


def test_after_a_talk_with_the_line_the_caller_goes_on() -> None:
    talk = Talk().keys("2")
    began = talk.now
    talk.do(ev.LineAnswered(talk.now + timedelta(seconds=3)), after_s=4)
    said = talk.dialled("ANSWER", talk_at=began + timedelta(seconds=3.5))
    finish = only(said, cmd.Finish)
    assert isinstance(finish, cmd.Finish) and finish.clips == ("goodbye",)
    assert transfer_of(talk) == {
        "line": "police",
        "at": "2026-03-02T01:00:02.000Z",
        "answered_at": "2026-03-02T01:00:05.000Z",
        "ended_at": "2026-03-02T01:00:26.000Z",
        "outcome": "answered",
    }
    talk.do(ev.HungUp())
    facts = talk.facts()
    assert (facts["end_stage"], facts["answered_at"], facts["overflow"]) == ("ivr", None, None)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("BUSY", "busy"),
        ("NOANSWER", "no_answer"),
        ("CHANUNAVAIL", "unreachable"),
        ("CONGESTION", "unreachable"),
        ("", "unreachable"),
        (CLOSED, "closed"),
    ],
)
def test_a_line_that_does_not_answer_leads_to_a_person(status: str, outcome: str) -> None:
    talk = Talk().keys("2")
    said = talk.dialled(status)
    assert only(said, cmd.JoinLine)
    assert not [c for c in said if isinstance(c, cmd.ReportFault)]
    transfer = transfer_of(talk)
    assert (transfer["outcome"], transfer["answered_at"]) == (outcome, None)
    assert transfer["ended_at"] == "2026-03-02T01:00:22.000Z"


@pytest.mark.parametrize("is_answered", [True, False])
@pytest.mark.parametrize("is_told", [True, False])
def test_the_caller_may_hang_up_while_it_rings_or_in_the_talk(
    is_answered: bool, is_told: bool
) -> None:
    talk = Talk().keys("2")
    if is_answered:
        talk.do(ev.LineAnswered(talk.now))
    if is_told:
        assert talk.dialled("ANSWER" if is_answered else "CANCEL", gone=True) == ()
    assert talk.do(ev.HungUp()) == (cmd.Forget(),)
    assert transfer_of(talk)["outcome"] == ("answered" if is_answered else "caller_gone")
    assert transfer_of(talk)["ended_at"]
    assert (talk.facts()["end_stage"], talk.facts()["ended_by"]) == ("ivr", "caller")


def test_a_talk_that_only_asterisk_saw_is_told_by_its_journal() -> None:
    talk = Talk().keys("2")
    talk_at = talk.now + timedelta(seconds=5)
    talk.do(ev.HungUp(at=talk.now + timedelta(seconds=60), talk_at=talk_at, reconciled=True))
    transfer = transfer_of(talk)
    assert (transfer["outcome"], transfer["answered_at"]) == (
        "answered",
        "2026-03-02T01:00:07.000Z",
    )
    other = Talk().keys("2")
    other.do(ev.HungUp(talk_at=NINE))  # of an earlier Dial
    assert transfer_of(other)["outcome"] == "caller_gone"


def test_a_transfer_that_went_on_without_a_controller_is_read_from_asterisk() -> None:
    talk = Talk().keys("2")
    kept = ev.DialResult(
        "ANSWER", talk.now + timedelta(seconds=4), talk.now + timedelta(seconds=40)
    )
    said = talk.do(ev.Resumed("line-police.1", kept), after_s=60)
    assert only(said, cmd.Finish)
    transfer = transfer_of(talk)
    assert (transfer["answered_at"], transfer["ended_at"]) == (
        "2026-03-02T01:00:06.000Z",
        "2026-03-02T01:00:42.000Z",
    )


def test_a_transfer_that_failed_without_a_controller_leads_to_a_person() -> None:
    talk = Talk().keys("2")
    assert only(talk.do(ev.Resumed("line-police.1", ev.DialResult("BUSY"))), cmd.JoinLine)
    assert transfer_of(talk)["outcome"] == "busy"


def test_another_dial_than_this_transfers_tells_nothing_of_it() -> None:
    talk = Talk().keys("2")
    (ring,) = talk.do(ev.Resumed("8001.1", ev.DialResult("ANSWER")))
    assert isinstance(ring, cmd.RingLine)
    assert transfer_of(talk)["outcome"] is None
