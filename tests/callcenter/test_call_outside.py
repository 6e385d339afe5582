"""A call that asks for digits, asks services, is transferred outside, leaves notes, speaks Korean.

With a flow of its own, in which each of these verbs leads somewhere else when it fails.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter import commands as cmd
from callcenter import events as ev
from callcenter.call import Call, CallId, Stage, World, conversation, from_json, step, to_json
from callcenter.call.outside import CLOSED
from ivr_flows.model import Flow, Flows
from ivr_flows.speech import position_clips
from tests.thoroughness import tries

NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
KEYS = {"1": "code", "2": "police", "3": "note", "4": "korean", "5": "city", "0": "general"}
QUEUE = {"do": "queue", "say": "transfer", "answered": "bye", "callback": "bye", "message": "left"}


@cache
def flows() -> Flows:
    steps = {
        "menu": {"do": "menu", "say": "main_menu", "keys": KEYS, "give_up": "general"},
        "code": {
            "do": "ask",
            "say": "ask_code",
            "into": "order_code",
            "digits": [4, 8],
            "next": "look",
            "give_up": "general",
        },
        "look": {
            "do": "call_api",
            "say": "one_moment",
            "service": "orders",
            "send": ["order_code"],
            "next": "state",
            "failed": "no_answer",
        },
        "state": {
            "do": "branch",
            "on_fact": "order_state",
            "cases": {"done": "order_done"},
            "otherwise": "menu",
        },
        "order_done": {"do": "play", "say": "order_done", "next": "menu"},
        "no_answer": {"do": "play", "say": "no_answer", "next": "general"},
        "police": {
            "do": "transfer",
            "say": "to_police",
            "to": "police",
            "ring_s": 25,
            "alarm": "emergency",
            "done": "bye",
            "failed": "general",
        },
        "note": {"do": "record", "say": "complaint", "into": "complaint", "next": "menu"},
        "korean": {"do": "language", "to": "ko-KR", "next": "menu"},
        "city": {"do": "set_city", "to": "222400", "next": "mark"},
        "mark": {"do": "mark", "special": "elderly", "next": "menu"},
        "general": {**QUEUE, "group": "general"},
        "left": {"do": "message", "say": "message", "next": "bye"},
        "bye": {"do": "hangup", "say": "goodbye"},
    }
    flow = Flow.model_validate(
        {"flow": "main", "version": 7, "title": "x", "start": "menu", "steps": steps}
    )
    return Flows("main", {"main": flow})


class Talk:
    """Plays events into one call on a clock of its own; each state goes through JSON."""

    def __init__(self) -> None:
        self.now = NINE
        self.call = Call(
            call_id=CallId("t-1.1"), arrived_at=NINE, caller="04335550123", recording="/r/t-1.1"
        )
        self.said: tuple[cmd.Command, ...] = ()
        self.do(ev.Arrived())

    def do(self, event: ev.Event, after_s: float = 1.0) -> tuple[cmd.Command, ...]:
        self.now += timedelta(seconds=after_s)
        world = World(flows=flows(), facts={"caller_known": "yes"}, ahead=2)
        self.call, self.said = step(self.call, event, world, self.now)
        self.call = from_json(to_json(self.call))
        return self.said

    def keys(self, keys: str) -> Talk:
        for key in keys:
            self.do(ev.KeyPressed(self.call.serial, key))
        return self

    def spoken(self) -> tuple[cmd.Command, ...]:
        return self.do(ev.Spoken(self.call.serial))

    def dialled(
        self, status: str, *, gone: bool = False, **times: datetime
    ) -> tuple[cmd.Command, ...]:
        result = ev.DialResult(status, **times)
        return self.do(ev.DialEnded(self.call.serial, result, gone), after_s=20)

    def answers(self, state: str = "done") -> tuple[cmd.Command, ...]:
        return self.do(ev.ServiceAnswered(self.call.serial, {"order_state": state}))

    def facts(self) -> dict[str, object]:
        return conversation(self.call)


def only(commands: tuple[cmd.Command, ...], kind: type) -> cmd.Command:
    (found,) = [command for command in commands if isinstance(command, kind)]
    return found


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


# --- notes, languages, choices -------------------------------------------------------------------


def test_a_note_is_kept_by_its_name_and_is_no_overflow() -> None:
    talk = Talk().keys("3")
    (record,) = talk.said
    assert isinstance(record, cmd.Record) and record.limit_s == 120
    assert talk.call.stage is Stage.RECORDING
    audio = f"/r/t-1.1-voice-{talk.call.serial}"
    talk.do(ev.VoiceRecorded(talk.call.serial, 12.3456, caller_gone=False))
    assert talk.call.stage is Stage.IVR
    talk.do(ev.HungUp())
    facts = talk.facts()
    assert facts["notes"] == [{"name": "complaint", "audio": audio, "duration_s": 12.346}]
    assert (facts["overflow"], facts["overflow_request"]) == (None, None)


def test_a_silent_note_goes_on_all_the_same() -> None:
    talk = Talk().keys("3")
    (play,) = talk.do(ev.VoiceRecorded(talk.call.serial, 0.2, caller_gone=False))
    assert isinstance(play, cmd.Play) and play.clips == ("main_menu",)
    assert talk.facts()["notes"] == []


def test_a_note_outlives_the_controller_it_was_spoken_to() -> None:
    talk = Talk().keys("3")
    (play,) = talk.do(ev.Resumed("", None, voice_s=9.0))
    assert isinstance(play, cmd.Play) and play.clips == ("main_menu",)
    assert [note.duration_s for note in talk.call.notes] == [9.0]


@pytest.mark.parametrize("is_told", [True, False])
def test_a_note_ended_by_hanging_up_is_kept_once(is_told: bool) -> None:
    talk = Talk().keys("3")
    if is_told:
        talk.do(ev.VoiceRecorded(talk.call.serial, 5.0, caller_gone=True))
    talk.do(ev.HungUp())
    talk.do(ev.RecordingClosed(30.0, voice_s=5.0))
    assert [note.duration_s for note in talk.call.notes] == [5.0]
    assert talk.facts()["overflow"] is None


def test_a_message_after_a_note_is_still_a_message() -> None:
    talk = Talk().keys("3")
    talk.do(ev.VoiceRecorded(talk.call.serial, 5.0, caller_gone=False))
    talk.keys("0")
    talk.do(ev.TimerFired(talk.call.timer), after_s=60)
    talk.keys("#")
    talk.do(ev.VoiceRecorded(talk.call.serial, 6.0, caller_gone=False))
    facts = talk.facts()
    assert facts["overflow"] == "message"
    assert [note["duration_s"] for note in facts["notes"]] == [5.0]  # type: ignore[attr-defined]


def test_from_the_language_step_on_everything_is_said_in_it() -> None:
    talk = Talk().keys("4")
    (play,) = talk.said
    assert isinstance(play, cmd.Play) and play.language == "ko-KR"
    assert talk.facts()["language"] == "ko-KR"
    talk.keys("0")
    join, words, _ = talk.said
    assert isinstance(join, cmd.JoinLine) and join.language == "ko-KR"
    assert isinstance(words, cmd.Play) and words.language == "ko-KR"
    play, _ = talk.do(ev.TimerFired(talk.call.timer), after_s=30)
    assert isinstance(play, cmd.Play) and play.language == "ko-KR"
    assert play.clips == position_clips(2, "ko-KR")
    (ring,) = talk.do(ev.SeatOffered("8201", "municipal"))
    assert isinstance(ring, cmd.Ring) and ring.language == "ko-KR"
    talk.do(ev.SeatAnswered("8201", talk.now))
    said = talk.dialled("ANSWER")
    finish = only(said, cmd.Finish)
    assert isinstance(finish, cmd.Finish) and finish.language == "ko-KR"
    other = Talk().keys("42")
    ring = other.said[-1]
    assert isinstance(ring, cmd.RingLine) and ring.language == "ko-KR"
    other = Talk().keys("43")
    (record,) = other.said
    assert isinstance(record, cmd.Record) and record.language == "ko-KR"
    other = Talk().keys("412026#")
    assert isinstance(other.said[0], cmd.Play) and other.said[0].language == "ko-KR"


def test_what_the_caller_chose_by_key_is_the_calls() -> None:
    talk = Talk().keys("5")
    facts = talk.facts()
    assert (facts["city"], facts["city_source"], facts["special"]) == (
        "222400",
        "menu",
        ["elderly"],
    )
    talk.keys("50")
    join = only(talk.said, cmd.JoinLine)
    assert isinstance(join, cmd.JoinLine) and join.city == "222400"
    assert talk.facts()["special"] == ["elderly"]


# --- what breaks ---------------------------------------------------------------------------------


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
