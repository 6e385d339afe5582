"""Runs scenarios on the engine alone, its session saved and read again between every two turns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ivr_flows import engine
from ivr_flows.catalogue import Catalogue
from ivr_flows.model import (
    FACTS,
    HOME_LANGUAGE,
    Fault,
    Flow,
    Flows,
    Menu,
    Survey,
)
from ivr_flows.names import SURVEY_KEYS
from ivr_flows.scenario import Scenario, ScenarioTurn, difference, read_scenario
from ivr_flows.turn import (
    Act,
    Answer,
    AnswerUnexpected,
    CallService,
    Collect,
    End,
    Failed,
    JoinQueue,
    Key,
    NoKey,
    QueueLeft,
    Recorded,
    RecordVoice,
    ServiceAnswered,
    ServiceFailed,
    Session,
    Transfer,
    Transferred,
    Turn,
)

Touched = tuple[str, ...]  # (flow, step) passed, or (flow, step, key) pressed at a menu or survey


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """How a scenario went: the turn (from 0) that differs and how; what it touched."""

    fault: tuple[int, str] | None
    touched: frozenset[Touched]


def rehearse(scenario: Scenario, flows: Flows) -> Rehearsal:
    """Play a scenario; stops at the first turn that differs."""
    touched: set[Touched] = set()
    flows = Flows(scenario.flow, flows.by_name)
    turn: Turn | None = None
    found: list[tuple[str, ...]] = []
    for at, planned in enumerate(scenario.turns):
        try:
            turns = play(planned, turn, flows, scenario.facts)
        except AnswerUnexpected as error:
            return Rehearsal((at, f"cannot happen here: {error}"), frozenset(touched))
        touched |= touched_by(planned, turn, turns)
        found.append(words(turns, turn))
        turn = turns[-1]
        if found[-1] != planned.expect:
            break
    told = turn and turn.session
    rating, number = (told.rating, told.pii_number) if told else (None, None)
    fault = difference(scenario, found, rating=rating, number=number)
    return Rehearsal(fault, frozenset(touched))


def words(turns: Sequence[Turn], before: Turn | None) -> tuple[str, ...]:
    """What one happening led to, in the words of `expect`: all that is said, and the last act."""
    spoken = before.language if before else HOME_LANGUAGE
    found: list[str] = []
    for turn in turns:
        found = [*found[:-1], *described(turn, spoken)]
        spoken = turn.language
    return tuple(found)


def touched_by(planned: ScenarioTurn, before: Turn | None, turns: Sequence[Turn]) -> set[Touched]:
    """The steps that a happening passed, and the keys it pressed."""
    touched: set[Touched] = {step for turn in turns for step in turn.path}
    asked = (before, *turns)[: len(planned.press or "")]
    for key, turn in zip(planned.press or "", asked, strict=True):
        if turn is not None:
            touched.add((turn.session.flow, turn.session.step, key))
    return touched


def described(turn: Turn, spoken: str = HOME_LANGUAGE) -> tuple[str, ...]:
    """A turn in the words of a scenario's `expect`; `spoken` is the language of the turn before."""
    before = [f"language {turn.language}"] if turn.language != spoken else []
    if turn.alarm:
        before.append(f"alarm {turn.alarm}")
    return (*before, *(f"play {prompt}" for prompt in turn.say), _does(turn.act))


def _does(act: Act) -> str:
    match act:
        case Collect(purpose=purpose):
            return f"collect {purpose}"
        case JoinQueue(group=group):
            return f"join_queue {group}"
        case RecordVoice(kind=kind):
            return f"record {kind}"
        case Transfer(line=line):
            return f"transfer {line}"
        case CallService(service=service):
            return f"service {service}"
        case End(is_rescue=is_rescue):
            return "fallback" if is_rescue else "end"


def check_scenario_file(
    file: Path, flows: Flows, catalogue: Catalogue | None = None
) -> list[Fault]:
    """Every fault of a scenario file, the flow going another way than it says included.

    What services tell in it is held against the catalogue, if one is given.
    """
    scenario, source, faults = read_scenario(file)
    if scenario is None or source is None:
        return faults
    if scenario.flow not in flows.by_name:
        return [source.fault(("flow",), f"there is no flow {scenario.flow}")]
    for name, value in scenario.facts.items():
        if value not in FACTS.get(name, ()):
            faults.append(source.fault(("facts", name), f"there is no fact {name} {value}"))
    told = catalogue.all_facts() if catalogue and catalogue.services is not None else None
    for at, turn in enumerate(scenario.turns):
        for name, value in turn.service.items() if isinstance(turn.service, dict) else ():
            if told is not None and value not in told.get(name, ()):
                what = f"no service tells {name} {value}"
                faults.append(source.fault(("turns", at, "service", name), what))
    went = rehearse(scenario, flows)
    if went.fault:
        faults.append(source.fault(("turns", went.fault[0]), went.fault[1]))
    return faults


def untouched(flow: Flow, touched: Iterable[Touched]) -> list[Touched]:
    """Steps and keys of a flow that none of the scenarios touched."""
    wanted: list[Touched] = []
    for name, step in flow.steps.items():
        wanted.append((flow.flow, name))
        if isinstance(step, Menu):
            wanted += [(flow.flow, name, key) for key in step.keys]
        elif isinstance(step, Survey):
            wanted += [(flow.flow, name, key) for key in SURVEY_KEYS]
    seen = set(touched)
    return [one for one in wanted if one not in seen]


def play(
    planned: ScenarioTurn, before: Turn | None, flows: Flows, facts: Mapping[str, str]
) -> tuple[Turn, ...]:
    """What one happening leads to, a turn for each key; raises AnswerUnexpected.

    `before` is the turn that waits for it, None at the beginning of the call. The session goes
    through JSON each time.
    """
    if before is None:
        return (engine.start(flows, facts),)
    turns = [before]
    for key in planned.press or " ":
        turn = turns[-1]
        session = Session.from_json(json.loads(json.dumps(turn.session.to_json())))
        turns.append(engine.resume(flows, session, _answer(planned, turn, key), facts))
    return tuple(turns[1:])


def _answer(planned: ScenarioTurn, turn: Turn, key: str) -> Answer:
    match planned.happening:
        case "no_key":
            return NoKey()
        case "answered":
            return QueueLeft("answered")
        case "spoken":
            return Recorded()
        case "transferred":
            return Transferred(planned.transferred or "failed")
        case "service" if isinstance(planned.service, dict):
            return ServiceAnswered(planned.service)
        case "service":
            return ServiceFailed("failed in a scenario")
        case "broken":
            return Failed(planned.broken or "")
        case _:
            pass
    if isinstance(turn.act, JoinQueue):
        outcome = turn.act.offers.get(key)
        if outcome is None:
            raise AnswerUnexpected(f"the key {key} is not offered in the line")
        return QueueLeft(outcome)
    if isinstance(turn.act, End):
        raise AnswerUnexpected("the call is over")
    return Key(key)
