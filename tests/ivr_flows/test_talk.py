"""A talk by hand, its steps back, and the scenario it becomes; what scenarios leave untouched."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr_flows.coverage import coverage
from ivr_flows.rehearsal import check_scenario_file
from ivr_flows.scenario import read_scenario
from ivr_flows.talk import Talk, written
from ivr_flows.turn import AnswerUnexpected
from tests.ivr_flows.flow_files import flow_of, flows_of

FLOWS = flows_of(
    flow_of(
        "a: {do: branch, on_fact: hours, cases: {open: choose}, otherwise: speak}",
        "choose: {do: menu, say: choose, keys: {'1': labour, '2': ask}, tries: 2, give_up: labour}",
        "labour: {do: queue, group: labour, answered: rate, callback: back, message: speak}",
        "ask: {do: ask, say: number, into: code, digits: [2, 4], next: korean, give_up: labour}",
        "korean: {do: language, to: ko-KR, next: look}",
        "look: {do: call_api, service: orders, send: [code], next: told, failed: labour}",
        "told: {do: branch, on_fact: state, cases: {done: bye}, otherwise: police}",
        "police: {do: transfer, to: police, alarm: danger, done: bye, failed: labour}",
        "rate: {do: survey, say: rate, again: rate, next: bye, not_rated: bye}",
        "back: {do: callback, say: speak, ask_number: number, next: bye, give_up: labour}",
        "speak: {do: message, say: speak, next: bye}",
        "bye: {do: goto_flow, flow: end}",
    ),
    flow_of("b: {do: hangup, say: hello}", name="end", start="b"),
)
OPEN = {"hours": "open", "caller_known": "no", "holiday": "no"}


def talk_of(*happened: dict[str, object], facts: dict[str, str] = OPEN) -> Talk:
    talk = Talk(FLOWS, facts)
    for one in happened:
        talk.do(one)
    return talk


def test_a_talk_tells_what_is_said_passed_and_looked_at() -> None:
    talk = talk_of({"press": "1"}, {"answered": True}, {"press": "2"})
    assert [told.planned.expect for told in talk.told] == [
        ("play choose", "collect menu"),
        ("join_queue labour",),
        ("play rate", "collect survey"),
        ("play hello", "end"),
    ]
    assert [dict(told.looked_at) for told in talk.told] == [{"hours": "open"}, {}, {}, {}]
    assert talk.told[-1].last.path == (("main", "bye"), ("end", "b"))
    assert talk.is_over
    assert talk.in_short == "1、接通、2"


def test_a_step_back_forgets_what_happened_and_what_was_asked_for() -> None:
    talk = talk_of({"press": "1"}, {"press": "*"})
    assert "caller_known" in talk.scenario("x").facts
    assert talk.back() and talk.back() and not talk.back()
    assert len(talk.told) == 1
    assert talk.scenario("x").facts == {"hours": "open"}
    talk.do({"no_key": True})
    assert talk.told[-1].planned.expect == ("play no_key", "play choose", "collect menu")


def test_what_cannot_happen_leaves_the_talk_as_it_was() -> None:
    talk = talk_of()
    with pytest.raises(AnswerUnexpected):
        talk.do({"spoken": True})
    assert len(talk.told) == 1


@pytest.mark.parametrize(
    "happened",
    [
        [],
        [{"press": "1"}, {"answered": True}, {"press": "9"}, {"press": "5"}],
        [{"press": "1"}, {"press": "*"}, {"press": "85550123#"}, {"spoken": True}],
        [{"press": "2"}, {"press": "12#"}, {"service": {"state": "done"}}],
        [{"press": "2"}, {"press": "123"}, {"no_key": True}, {"service": "failed"}],
        [
            *({"press": "2"}, {"press": "12#"}, {"service": {"state": "none"}}),
            *({"transferred": "failed"}, {"press": "#"}, {"broken": "no prompt: it cannot"}),
        ],
    ],
)
def test_a_talk_becomes_a_scenario_that_goes_the_same_way(
    tmp_path: Path, happened: list[dict[str, object]]
) -> None:
    talk = talk_of(*happened)
    file = tmp_path / "talk.yaml"
    scenario = talk.scenario('试验: 按 1, "真的"')
    file.write_text(written(scenario), "utf-8")
    assert read_scenario(file)[0] == scenario
    assert check_scenario_file(file, FLOWS) == []


def test_only_facts_that_the_flow_asked_for_are_kept() -> None:
    assert talk_of({"press": "1"}).scenario("x").facts == {"hours": "open"}
    assert written(talk_of().scenario("白天来电")) == (
        "scenario: 白天来电\nflow: main\nfacts: {hours: open}\nturns:\n"
        "  - expect: [play choose, collect menu]\n"
    )


def test_a_fact_that_a_service_told_goes_before_what_was_known() -> None:
    talk = talk_of({"press": "2"}, {"press": "12#"}, {"service": {"state": "done"}})
    assert dict(talk.told[-1].looked_at) == {"state": "done"}
    assert talk.told[-1].last.language == "ko-KR"


def test_coverage_names_steps_and_keys_that_no_scenario_touches() -> None:
    played = [talk_of({"press": "1"}, {"answered": True}, {"press": "2"}).scenario("x")]
    end, main = coverage(FLOWS, played)
    assert (end.percent, end.left, end.scenarios) == (100, (), 1)
    assert main.left[:4] == ("choose:2", "labour:*", "labour:#", "ask")
    assert "rate:1" in main.left and "rate:2" not in main.left
    assert "labour:*" in main.left and "labour:#" in main.left
    plain = main.to_json()
    assert (plain["steps"], plain["steps_touched"]) == (12, 5)
    assert plain["keys"] - plain["keys_touched"] == sum(":" in one for one in main.left)
    assert 0 < plain["percent"] < 100
    nothing = coverage(FLOWS, [])[1]
    assert (nothing.percent, nothing.scenarios) == (0, 0)


def test_a_scenario_of_a_flow_that_is_not_there_touches_nothing() -> None:
    scenario = talk_of().scenario("x").model_copy(update={"flow": "other"})
    assert all(one.percent == 0 for one in coverage(FLOWS, [scenario]))
