"""For random flows and random callers: the engine always ends or waits, within stated limits.

HOTLINE_EXAMPLES sets how many flows are tried (10,000 take under two minutes of CPU).
"""

from __future__ import annotations

import os
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr_flows.check import check_flows
from ivr_flows.engine import MAX_RESCUES, MAX_STEPS_A_TURN, MAX_TURNS, again, resume, start
from ivr_flows.model import Flows
from ivr_flows.turn import Answer, End, Failed, Turn
from ivr_flows.yaml_source import SourceFault, read_bytes
from tests.ivr_flows.random_flows import (
    CATALOGUE,
    answer,
    any_flows,
    facts,
    seeds,
    sound_flows,
    through_json,
)
from tests.thoroughness import tries

MOST_TURNS = MAX_TURNS + MAX_RESCUES + 2  # the first one, and the talk that ends a rescue
many = settings(
    max_examples=int(os.environ.get("HOTLINE_EXAMPLES", tries(60))),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def may_be_found(what: str) -> bool:
    """What is a fault of a random flow, and never breaks a call."""
    return what.startswith(
        ("no path leads", "a path comes here without", "no path asks the service", "the service")
    )


def held(turn: Turn, before: Turn | None) -> None:
    """What every turn must hold."""
    assert len(turn.path) <= MAX_STEPS_A_TURN
    assert through_json(turn.session) == turn.session
    assert isinstance(turn.act, End) == (turn.session.awaits == "nothing")
    if before:
        assert turn.session.turns <= before.session.turns + 1


@many
@given(flows=any_flows(), facts=facts, seed=seeds)
def test_whatever_the_flow_and_the_caller_the_engine_ends_or_waits(
    flows: Flows, facts: dict[str, str], seed: int
) -> None:
    draw, turn = Random(seed), start(flows, facts)
    held(turn, None)
    for _ in range(draw.randint(0, 40)):
        if isinstance(turn.act, End):
            break
        given = Failed("x") if draw.random() < 0.1 else answer(turn.act, draw)
        before, turn = turn, resume(flows, through_json(turn.session), given, facts)
        held(turn, before)
        repeated = again(flows, through_json(turn.session), facts)
        held(repeated, None)
        if isinstance(turn.act, End):
            assert repeated.act == turn.act


@many
@given(flows=any_flows(), facts=facts, seed=seeds)
def test_no_call_is_longer_than_the_stated_turns(
    flows: Flows, facts: dict[str, str], seed: int
) -> None:
    # One way of answering for each act, kept to the end: the surest way to go round in circles.
    draw, habit = Random(seed), dict[str, Answer]()
    turn, turns = start(flows, facts), 1
    while not isinstance(turn.act, End):
        given = habit.setdefault(repr(turn.act), answer(turn.act, draw))
        turn, turns = resume(flows, turn.session, given, facts), turns + 1
        assert turns <= MOST_TURNS


@many
@given(flows=sound_flows(), facts=facts, seed=seeds)
def test_what_the_checks_find_sound_never_breaks_in_a_call(
    flows: Flows, facts: dict[str, str], seed: int
) -> None:
    found = check_flows(flows.by_name, catalogue=CATALOGUE)
    assert [one for one in found if not one.is_warning and not may_be_found(one.what)] == []
    draw, turn = Random(seed), start(flows, facts)
    for _ in range(MOST_TURNS):
        assert turn.fault is None
        if isinstance(turn.act, End):
            break
        turn = resume(flows, through_json(turn.session), answer(turn.act, draw), facts)
    else:
        raise AssertionError("a flow that only leads on did not end")


@many
@given(flows=any_flows(), facts=facts, seed=seeds)
def test_a_flow_without_findings_never_breaks_in_a_call(
    flows: Flows, facts: dict[str, str], seed: int
) -> None:
    found = check_flows(flows.by_name, catalogue=CATALOGUE)
    told = [one.what for one in found if not one.is_warning]
    draw, turn = Random(seed), start(flows, facts)
    for _ in range(draw.randint(0, 40)):
        assert told or turn.fault is None
        if isinstance(turn.act, End):
            break
        turn = resume(flows, turn.session, answer(turn.act, draw), facts)


@many
@given(
    raw=st.binary(max_size=400)
    | st.text(alphabet=":-[]{}\"'#*&!|>? \n\tab1,%@~", max_size=200).map(str.encode)
)
def test_any_bytes_are_read_or_refused_in_one_line(raw: bytes) -> None:
    try:
        source = read_bytes(raw, file="f")
    except SourceFault as refused:
        assert "\n" not in str(refused)
        assert 1 <= refused.fault.line <= raw.count(b"\n") + 1
    else:
        assert source.data is not None
