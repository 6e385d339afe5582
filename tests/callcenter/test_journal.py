"""Asterisk's queue log read as the story of calls that no controller saw."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from callcenter import events as ev
from callcenter.asterisk.journal import Story, conversation, parse
from callcenter.asterisk.journal_reader import JournalReader
from callcenter.call import Call, CallId, Stage, World, from_json, step, to_json
from callcenter.call import conversation as told_of
from callcenter.call.state import Attempt, Stint, change
from ivr_flows.load import load_flows
from reports.checks import faults_of
from reports.facts import Conversation

SERVED = """\
1763780000|NONE|NONE|NONE|QUEUESTART|
1763780001|h-1.0|hotline|NONE|ARRIVED|1763780001250|demo|12348|04315550123
1763780022|h-1.0|hotline|NONE|FALLBACK|1763780022000|21
1763780026|h-1.0|fallback|NONE|ENTERQUEUE||04315550123|1
1763780030|h-1.0|fallback|8901|RINGNOANSWER|3000
1763780040|h-1.0|fallback|8902|CONNECT|14|h-1.9|4
1763780100|h-1.0|fallback|8902|COMPLETEAGENT|14|60|1
1763780101|h-1.0|hotline|NONE|ENDED|1763780101500|16|||||21
"""
LEFT = """\
1763780201|h-2.0|hotline|NONE|ARRIVED|1763780201000|demo|12348|
1763780205|h-2.0|hotline|NONE|ENDED|1763780205000|16|||||3
"""
MESSAGE = """\
1763780301|h-3.0|hotline|NONE|ARRIVED|1763780301000|demo|12348|04315550124
1763780322|h-3.0|hotline|NONE|FALLBACK|1763780322000|21
1763780323|h-3.0|fallback|NONE|ENTERQUEUE||04315550124|1
1763780443|h-3.0|fallback|NONE|EXITWITHTIMEOUT|1|1|120
1763780450|h-3.0|hotline|NONE|MESSAGE|1763780450000|/r/h-3.0-message.wav
1763780470|h-3.0|hotline|NONE|ENDED|1763780470000|16|||||21
"""


def story(text: str) -> Story:
    entries = [entry for line in text.splitlines() if (entry := parse(line))]
    return Story(entries[0].call_id, entries)


def facts(text: str) -> Conversation:
    told = conversation(story(text))
    assert told is not None
    return Conversation.from_json(json.dumps(told).encode())


def test_a_call_of_the_fallback_queue_is_answered_after_its_attempts() -> None:
    call = facts(SERVED)
    assert [(a.seat, a.outcome) for a in call.attempts] == [
        ("8901", "no_answer"),
        ("8902", "answered"),
    ]
    assert (call.end_stage, call.ended_by, call.talk_ended_by) == ("talking", "seat", "seat")
    assert call.asked_at and call.answered_at and call.ended_at
    assert (call.answered_at - call.asked_at).total_seconds() == 18
    assert call.ended_at.timestamp() == 1763780101.5
    assert (call.caller, call.source, call.reconciled) == ("+864315550123", "journal", True)
    assert (call.city, call.city_source) == ("220100", "landline")


def test_a_caller_who_left_before_anybody_came() -> None:
    call = facts(LEFT)
    assert (call.end_stage, call.ended_by, call.asked_at, call.caller) == (
        "ivr",
        "caller",
        None,
        None,
    )


def test_a_message_left_with_the_fallback_queue_is_taken_over() -> None:
    call = facts(MESSAGE)
    assert (call.overflow, call.end_stage) == ("message", "queue")
    assert call.overflow_request and call.overflow_request.audio == "/r/h-3.0-message"
    assert call.stints[0].outcome == "message"


def test_a_call_of_ours_that_no_controller_saw_is_no_call_that_came_in() -> None:
    call = facts(SERVED.replace("h-1.0", "cb-2-h-0.9"))
    assert call.callback_of == "h-0.9" and facts(SERVED).callback_of is None


def test_a_call_that_still_lives_has_no_conversation_yet() -> None:
    assert conversation(story(SERVED.rsplit("\n", 2)[0])) is None


def test_what_is_no_line_of_ours_is_passed_over() -> None:
    for line in (
        "",
        "x",
        "a|b",
        "1|2|3|4|5",
        "nonsense|h-1|hotline|NONE|ENDED|abc",
        "1|NONE|hotline|x|y|1",
    ):
        assert parse(line) is None


def test_the_reader_tells_each_story_once_and_goes_on_after_a_restart(tmp_path: Path) -> None:
    log, mark = tmp_path / "queue_log", tmp_path / "mark"
    log.write_text(LEFT + SERVED.rsplit("\n", 2)[0] + "\n")
    reader = JournalReader(log, mark)
    assert [s.call_id for s in reader.ended()] == ["h-2.0"]
    reader.keep(live={"h-1.0"})
    with log.open("a") as file:
        file.write(SERVED.splitlines()[-1] + "\n" + MESSAGE)
    again = JournalReader(log, mark)
    told = list(again.ended())
    assert [s.call_id for s in told] == ["h-1.0", "h-3.0"]
    assert len(told[0].entries) == 7
    again.keep(live=set())
    assert list(JournalReader(log, mark).ended()) == []


def test_a_half_written_line_is_read_when_it_is_whole(tmp_path: Path) -> None:
    log = tmp_path / "queue_log"
    log.write_text(LEFT[:-20])
    reader = JournalReader(log, tmp_path / "mark")
    assert list(reader.ended()) == []
    log.write_text(LEFT)
    assert [s.call_id for s in reader.ended()] == ["h-2.0"]


def test_a_log_that_was_rotated_is_begun_anew(tmp_path: Path) -> None:
    log = tmp_path / "queue_log"
    log.write_text(LEFT)
    reader = JournalReader(log, tmp_path / "mark")
    assert len(list(reader.ended())) == 1
    log.rename(tmp_path / "queue_log.1")
    log.write_text(MESSAGE)
    assert [s.call_id for s in reader.ended()] == ["h-3.0"]


def test_a_call_that_died_with_asterisk_is_let_go(tmp_path: Path) -> None:
    log, mark = tmp_path / "queue_log", tmp_path / "mark"
    log.write_text(LEFT.splitlines()[0] + "\n")
    reader = JournalReader(log, mark)
    assert list(reader.ended()) == []
    reader.keep(live=set())
    with log.open("a") as file:
        file.write(MESSAGE)
    assert [s.call_id for s in JournalReader(log, mark).ended()] == ["h-3.0"]


def at(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)


def waiting_call() -> Call:
    """The caller of SERVED as a controller knew him before it hung."""
    return Call(
        call_id=CallId("h-1.0"),
        arrived_at=at(1763780001.25),
        caller="04315550123",
        recording="/r/h-1.0",
        stage=Stage.QUEUE,
        group="labour",
        asked_at=at(1763780010),
        stints=(Stint(group="labour", asked_at=at(1763780010)),),
    )


def taken_over(call: Call, text: str, *, journal_first: bool = False) -> Conversation:
    """The facts after the hang-up and the journal's account, in either order."""
    ended = story(text).ended_at
    served: dict[str, Any] = conversation(story(text)) or {}
    events: list[ev.Event] = [ev.HungUp(at=ended), ev.FallbackServed(served)]
    world = World(flows=load_flows(), facts={"hours": "open"})
    for event in reversed(events) if journal_first else events:
        call, _ = step(call, event, world, ended or at(0))
        call = from_json(to_json(call))
    facts = Conversation.from_json(json.dumps(told_of(call)).encode())
    assert faults_of(facts) == ()
    return facts


def test_a_call_taken_over_by_the_fallback_is_written_down_as_one() -> None:
    call = taken_over(waiting_call(), SERVED)
    assert [(a.seat, a.outcome) for a in call.attempts] == [
        ("8901", "no_answer"),
        ("8902", "answered"),
    ]
    assert (call.group, call.asked_at) == ("labour", at(1763780010))
    assert [(s.group, s.outcome, s.left_at) for s in call.stints] == [
        ("labour", "answered", at(1763780040))
    ]
    assert (call.answered_at, call.talk_ended_at) == (at(1763780040), at(1763780100))
    assert (call.end_stage, call.ended_by, call.talk_ended_by) == ("talking", "seat", "seat")
    assert (call.source, call.reconciled) == ("controller", True)
    assert call.recording
    assert (call.recording.talk_from_s, call.recording.talk_to_s) == (38.75, 98.75)
    assert call == taken_over(waiting_call(), SERVED, journal_first=True)


def test_a_message_left_after_the_take_over_is_overflow() -> None:
    call = taken_over(waiting_call(), MESSAGE)
    assert (call.overflow, call.end_stage, call.answered_at) == ("message", "queue", None)
    assert call.overflow_request and call.overflow_request.audio == "/r/h-3.0-message"
    assert call.stints[-1].outcome == "message"


def test_a_talk_before_the_take_over_keeps_its_place_in_the_facts() -> None:
    first = Attempt(
        seat="8001",
        level="municipal",
        offered_at=at(1763780011),
        rang_at=at(1763780011),
        answered_at=at(1763780012),
        ended_at=at(1763780015),
        outcome="answered",
    )
    talked = change(
        waiting_call(),
        stage=Stage.SURVEY,
        attempts=(first,),
        stints=(
            Stint(
                group="labour",
                asked_at=at(1763780010),
                left_at=at(1763780012),
                outcome="answered",
            ),
        ),
    )
    call = taken_over(talked, SERVED)
    assert [a.seat for a in call.attempts] == ["8001", "8901", "8902"]
    assert call.answered_at == at(1763780012)
    assert [(s.group, s.outcome) for s in call.stints] == [
        ("labour", "answered"),
        ("general", "answered"),
    ]
