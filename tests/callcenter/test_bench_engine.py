"""What the benchmark of the engine goes through; its figures are for the benchmark to judge."""

from __future__ import annotations

from callcenter.bench import engine
from ivr_flows.catalogue_files import read_catalogue
from ivr_flows.load import check_texts, load_texts
from ivr_flows.model import FACTS


def test_the_long_flow_has_its_steps_and_no_fault() -> None:
    catalogue, _ = read_catalogue()
    for steps in (20, engine.STEPS_A_FLOW):
        text = engine.long_flow(steps)
        found = check_texts({"main": text}, catalogue=catalogue)
        assert [str(one) for one in found if not one.is_warning] == []
        flows = load_texts({"main": text}, catalogue=catalogue)
        assert len(flows.by_name["main"].steps) == steps


def test_a_caller_goes_the_same_way_again_and_his_call_ends() -> None:
    catalogue, _ = read_catalogue()
    flows = load_texts({"main": engine.long_flow(40)}, catalogue=catalogue)
    facts, answers = engine.walk(flows, 7)
    assert facts.keys() == FACTS.keys()
    assert engine.walk(flows, 7) == (facts, answers)
    assert engine.walk(flows, 8) != (facts, answers)
    steps, turns = engine.play(flows, [(facts, answers)])
    assert steps >= turns == 1 + len(answers)
    assert engine.play(flows, [(facts, answers)], engine.saved) == (steps, turns)


def test_every_row_says_how_much_was_done_in_how_much_cpu() -> None:
    said: list[str] = []
    rows, targets = engine.measured(said.append, scale=0.01)
    assert [row["way"] for row in rows] == [
        "engine",
        "engine, session to JSON and back each turn",
        "check, 1,000 steps in a flow",
    ]
    for row in rows:
        assert row["steps"] >= engine.STEPS_A_FLOW
        assert row["steps_per_cpu_s"] > 0
    assert [(one.limit, one.better) for one in targets] == [(50_000, "higher"), (1.0, "lower")]
    assert len(said) == 2
