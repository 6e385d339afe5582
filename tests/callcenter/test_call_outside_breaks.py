"""Calls outside in which something breaks, in any order."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter import commands as cmd
from callcenter import events as ev
from callcenter.call import Stage
from callcenter.call.outside import CLOSED
from tests.callcenter.outside_talk import Talk
from tests.thoroughness import tries


@pytest.mark.parametrize("keys", ["2", "3", "12026#", "1"])
@pytest.mark.parametrize("event", [ev.PromptFailed, ev.ActFailed])
def test_a_step_that_breaks_says_sorry_leads_to_a_person_and_is_reported(
    keys: str, event: type[ev.PromptFailed] | type[ev.ActFailed]
) -> None:
    at = {"2": "police", "3": "note", "12026#": "look", "1": "code"}[keys]
    talk = Talk().keys(keys)
    fault, join, words, _ = talk.do(event(talk.call.serial, "gone"))
    assert fault == cmd.ReportFault("main", 7, at, "gone")
    assert isinstance(join, cmd.JoinLine) and join.group == "general"
    assert isinstance(words, cmd.Play) and words.clips == ("sorry_person",)
    assert talk.call.transfers == () and talk.call.service is None


@pytest.mark.parametrize("keys", ["2", "12026#", "3"])
def test_a_step_that_is_cut_off_again_and_again_leads_to_a_person(keys: str) -> None:
    talk = Talk().keys(keys)
    for _ in range(7):
        talk.do(ev.Resumed("", None))
    assert talk.call.stage is Stage.QUEUE
    assert all(t.outcome for t in talk.call.transfers)


def test_a_pick_up_that_is_heard_of_late_counts_only_when_it_was_before_the_end() -> None:
    heard = Talk().keys("2")
    heard.dialled("CANCEL", gone=True)
    began, over = heard.call.transfers[0].at, heard.call.transfers[0].ended_at
    assert over is not None and began < over
    heard.do(ev.LineAnswered(over))
    assert heard.call.transfers[0].outcome == "caller_gone"
    heard.do(ev.LineAnswered(began))
    assert heard.call.transfers[0].outcome == "answered"
    assert heard.call.transfers[0].answered_at == began


statuses = st.sampled_from(["ANSWER", "BUSY", "NOANSWER", "CANCEL", "CHANUNAVAIL", CLOSED])
happenings = st.one_of(
    st.builds(lambda k: lambda t: t.keys(k), st.sampled_from("0123456789*#")),
    st.sampled_from(["12026#", "2", "3", "4", "5"]).map(lambda k: lambda t: t.keys(k)),
    st.just(lambda t: t.spoken()),
    st.builds(lambda s, g: lambda t: t.dialled(s, gone=g), statuses, st.booleans()),
    st.just(lambda t: t.do(ev.LineAnswered(t.now))),
    st.just(lambda t: t.answers()),
    st.just(lambda t: t.do(ev.ServiceFailed(t.call.serial, "slow"))),
    st.just(lambda t: t.do(ev.ActFailed(t.call.serial, "no line"))),
    st.just(lambda t: t.do(ev.VoiceRecorded(t.call.serial, 4.0, False))),
    st.just(lambda t: t.do(ev.SeatOffered("8001", "municipal"))),
    st.builds(
        lambda s: (
            lambda t: t.do(
                ev.Resumed(f"line-police.{len(t.call.transfers)}", ev.DialResult(s), 4.0)
            )
        ),
        statuses,
    ),
    st.just(lambda t: t.do(ev.Resumed("", None))),
    st.just(lambda t: t.do(ev.LineLost(0))),
    st.just(lambda t: t.do(ev.HungUp())),
)


@settings(max_examples=tries(300), deadline=None)
@given(st.lists(happenings, max_size=40))
def test_whatever_happens_no_transfer_stays_open_and_no_wait_is_forgotten(
    happened: list[object],
) -> None:
    talk = Talk()
    for happens in happened:
        happens(talk)  # type: ignore[operator]
        call = talk.call
        is_open = [t for t in call.transfers if t.outcome is None]
        assert len(is_open) <= (call.stage is Stage.TRANSFER)
        if call.service is not None and not call.is_over:
            assert call.stage is Stage.IVR
            assert call.session is not None and call.session.awaits == "service"
    talk.do(ev.HungUp())
    facts = talk.facts()
    assert facts["ended_at"]
    for transfer in talk.call.transfers:
        assert transfer.outcome and transfer.ended_at
        assert (transfer.outcome == "answered") == (transfer.answered_at is not None)
        assert transfer.at <= (transfer.answered_at or transfer.at) <= transfer.ended_at
