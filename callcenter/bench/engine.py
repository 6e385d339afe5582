"""Measures the IVR engine and its checks alone: no Asterisk, no network, one core.

Callers who press at random go through the flows that the hotline runs with. Their answers are drawn
once and then given again and again, so that only the engine is on the clock. A step is one step of
a flow that a call comes to, those between two waits each; a turn is one call of the engine.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from itertools import pairwise
from time import process_time
from typing import Any, Final

from callcenter.bench.figures import Target, result
from ivr_flows import engine
from ivr_flows.catalogue_files import read_catalogue
from ivr_flows.load import check_texts, load_flows
from ivr_flows.model import FACTS, Flows
from ivr_flows.turn import (
    Answer,
    CallService,
    Collect,
    End,
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

CALLERS: Final = 500
MEASURE_S: Final = 3.0
CHECKS: Final = 3
STEPS_A_FLOW: Final = 1000
LEAST_STEPS: Final = 50_000  # per second of CPU
MOST_CHECK_S: Final = 1.0

Done = tuple[int, int]  # steps, turns
Walk = tuple[dict[str, str], tuple[Answer, ...]]  # facts of the call, answers of the caller


async def run(*, cache: object, say: Callable[[str], None], scale: float) -> dict[str, Any]:
    """All rows, as a benchmark of its own; `scale` shortens the run."""
    rows, targets = measured(say, scale)
    return result("engine", rows, targets)


def measured(
    say: Callable[[str], None], scale: float = 1.0
) -> tuple[list[dict[str, Any]], list[Target]]:
    """Rows and targets of the engine and of the checks."""
    flows = load_flows()
    say(f"{CALLERS} callers who press at random go through the flows again and again")
    walks = [walk(flows, seed) for seed in range(CALLERS)]
    rows = [
        _row("engine", *_again_and_again(lambda: play(flows, walks), MEASURE_S * scale)),
        _row(
            "engine, session to JSON and back each turn",
            *_again_and_again(lambda: play(flows, walks, saved), MEASURE_S * scale),
        ),
    ]
    say(f"checking a flow of {STEPS_A_FLOW:,} steps")
    text, (catalogue, _) = long_flow(), read_catalogue()
    seconds = []
    for _ in range(CHECKS):
        began = process_time()
        check_texts({"main": text}, catalogue=catalogue)
        seconds.append(process_time() - began)
    longest = round(max(seconds), 3)
    rows.append(_row(f"check, {STEPS_A_FLOW:,} steps in a flow", (STEPS_A_FLOW, 0), longest))
    return rows, [
        Target("engine steps per CPU second", rows[0]["steps_per_cpu_s"], LEAST_STEPS, "higher"),
        Target(f"check of a flow of {STEPS_A_FLOW:,} steps, s", longest, MOST_CHECK_S),
    ]


def walk(flows: Flows, seed: int) -> Walk:
    """What one caller answers until his call ends; the same for the same seed."""
    draw = random.Random(seed)
    facts = {name: draw.choice(list(values)) for name, values in FACTS.items()}
    turn, answers = engine.start(flows, facts), list[Answer]()
    while not isinstance(turn.act, End):
        answers.append(_answer(turn, draw))
        turn = engine.resume(flows, turn.session, answers[-1], facts)
    return facts, tuple(answers)


def _answer(turn: Turn, draw: random.Random) -> Answer:
    match turn.act:
        case Collect(keys=keys):
            pressed: list[Answer] = [NoKey(), *map(Key, keys * 3), Key("9")]
            return draw.choice(pressed)
        case JoinQueue(offers=offers):
            return QueueLeft(draw.choice(["answered", "answered", *offers.values()]))
        case Transfer():
            return Transferred(draw.choice(("answered", "failed")))
        case CallService():
            told: list[Answer] = [ServiceAnswered({}), ServiceFailed("late")]
            return draw.choice(told)
        case RecordVoice():
            return Recorded()
        case End():
            raise ValueError("the call is over")


def _same(session: Session) -> Session:
    return session


def saved(session: Session) -> Session:
    """The session as another controller takes it up."""
    return Session.from_json(json.loads(json.dumps(session.to_json())))


def play(flows: Flows, walks: Sequence[Walk], taken: Callable[[Session], Session] = _same) -> Done:
    """Give all answers; the number of steps passed, and of turns."""
    steps, turns = 0, 0
    for facts, answers in walks:
        turn = engine.start(flows, facts)
        steps += len(turn.path)
        turns += 1 + len(answers)
        for answer in answers:
            turn = engine.resume(flows, taken(turn.session), answer, facts)
            steps += len(turn.path)
    return steps, turns


def _again_and_again(play: Callable[[], Done], seconds: float) -> tuple[Done, float]:
    """Steps and turns passed and CPU seconds used, after one round to warm up."""
    play()
    steps, turns, began = 0, 0, process_time()
    while (used := process_time() - began) < seconds:
        more = play()
        steps, turns = steps + more[0], turns + more[1]
    return (steps, turns), used


def _row(way: str, done: Done, used: float) -> dict[str, Any]:
    steps, turns = done
    return {
        "way": way,
        "steps": steps,
        "turns": turns or None,
        "cpu_s": round(used, 3),
        "steps_per_cpu_s": round(steps / used) if used else 0,
    }


def long_flow(steps: int = STEPS_A_FLOW) -> str:
    """A flow of so many steps with many verbs, each leading on to the next and to a person."""
    names = [f"s{at}" for at in range(steps - len(_REST))]
    lines = [
        f"  {name}: {_KINDS[at % len(_KINDS)].format(next=after)}"
        for at, (name, after) in enumerate(pairwise([*names, "person"]))
    ]
    head = ["flow: main", "version: 1", "title: 一千步", f"start: {names[0]}", "steps:"]
    return "\n".join([*head, *lines, *_REST]) + "\n"


_KINDS: Final = (
    '{{do: menu, say: main_menu, keys: {{"1": {next}, "2": {next}, "3": {next}, "4": {next}, '
    '"5": {next}, "0": person}}, give_up: person}}',
    "{{do: branch, on_fact: queue, cases: {{long: {next}, short: {next}}}, otherwise: {next}}}",
    "{{do: play, say: transfer, next: {next}}}",
    "{{do: mark, special: elderly, next: {next}}}",
    "{{do: record, say: message, into: note, next: {next}}}",
)
_REST: Final = (
    "  person: {do: queue, group: general, say: transfer, answered: rate, callback: ring, "
    "message: note}",
    "  rate: {do: survey, say: survey, again: survey_again, next: bye, not_rated: bye}",
    "  ring: {do: callback, say: callback, ask_number: callback_number, next: bye, "
    "give_up: person}",
    "  note: {do: message, say: message, next: bye}",
    "  bye: {do: hangup, say: goodbye}",
)
