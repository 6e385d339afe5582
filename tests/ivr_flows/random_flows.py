"""Random flows and callers for property tests."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from hypothesis import strategies as st

from ivr_flows.catalogue import Catalogue, Line, Service
from ivr_flows.model import CITIES, FACTS, LANGUAGES, SPECIAL_GROUPS, Flow, Flows
from ivr_flows.turn import (
    Act,
    Answer,
    CallService,
    Collect,
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
)

KEYS = "0123456789*#"
PERSON = "person"
GOODBYE = "goodbye"
NOTE = "note"
REST: dict[str, Any] = {
    PERSON: {
        **{"do": "queue", "group": "general", "answered": GOODBYE},
        **{"message": NOTE, "offer": "hash", "offers": {"#": "message"}},
    },
    NOTE: {"do": "message", "say": "mute", "next": GOODBYE},
    GOODBYE: {"do": "hangup", "say": "mute"},
}
TOLD = {"order_state": ("working", "done")}  # facts of the one service
CATALOGUE = Catalogue(
    prompts={
        language: {
            **{"every": "请按0到9，请按星号键，请按井号键", "rate": "请按1到5", "mute": ""},
            **{"both": "按星号键，按井号键", "hash": "按井号键", "sorry_person": ""},
        }
        for language in LANGUAGES
    },
    services={"orders": Service(title="x", url="https://x.example/", send=("a",), facts=TOLD)},
    lines={"police": Line(title="x", number="110", trunk="demo")},
)

seeds = st.integers(0, 2**32 - 1)  # drawn whole: ten thousand flows take minutes, not hours


def some_facts(seed: int) -> dict[str, str]:
    draw = Random(seed)
    return {name: draw.choice(of) for name, of in FACTS.items() if draw.random() < 0.7}


facts = seeds.map(some_facts)


def any_flows() -> st.SearchStrategy[Flows]:
    """Flows that can be read: their targets may loop, miss, or leave the flow."""
    return st.builds(_any_flows, st.integers(1, 8), seeds)


def sound_flows() -> st.SearchStrategy[Flows]:
    """Flows that lead ever on to a person, so that the checks must find them sound."""
    return st.builds(_sound_flows, st.integers(1, 12), seeds)


def _any_flows(size: int, seed: int) -> Flows:
    draw, names = Random(seed), [f"s{at}" for at in range(size)]
    to = [*names, PERSON, GOODBYE, "missing"]
    steps = {name: _step(draw, to, ("main", "missing")) for name in names}
    return _flows(steps, draw.choice(to))


def _sound_flows(size: int, seed: int) -> Flows:
    draw, names = Random(seed), [f"s{at}" for at in range(size)]
    steps = {name: _step(draw, [*names[at + 1 :], PERSON]) for at, name in enumerate(names)}
    return _flows(steps, names[0])


def _step(draw: Random, to: list[str], flows: tuple[str, ...] = ()) -> dict[str, Any]:
    """One step whose ways out lead to drawn targets; a menu's 0 and silence lead to a person."""

    def fields(**more: Any) -> dict[str, Any]:
        return {"say": "mute", "invalid": "mute", "tries": draw.randint(1, 5), **more}

    def go() -> str:
        return draw.choice(to)

    fact, of = draw.choice(sorted({**FACTS, **TOLD}.items()))
    quiet, to_person = {"no_key": "mute"}, {"give_up": PERSON}
    keys = {**{key: go() for key in KEYS}, "0": PERSON}
    digits = sorted((draw.randint(1, 6), draw.randint(1, 6)))
    ways_out = {"callback": go(), "message": go()}
    sent = draw.choice([[], ["a"]])
    steps: dict[str, dict[str, Any]] = {
        "play": {"say": "mute", "next": go()},
        "branch": {"on_fact": fact, "cases": {one: go() for one in of}, "otherwise": go()},
        "menu": fields(**quiet, **to_person, keys=keys) | {"say": "every"},
        "ask": fields(**quiet, **to_person, into=draw.choice("ab"), digits=digits, next=go()),
        "queue": {"group": "family", "offer": "both", "answered": go(), **ways_out},
        "transfer": {"to": "police", "alarm": "help", "done": go(), "failed": go()},
        "survey": fields(again="rate", next=go(), not_rated=go()) | {"say": "rate"},
        "callback": fields(**quiet, ask_number="mute", next=go(), give_up=go()),
        "message": {"say": "mute", "next": go()},
        "record": {"say": "mute", "into": "complaint", "next": go()},
        "call_api": {"service": "orders", "send": sent, "next": go(), "failed": go()},
        "language": {"to": draw.choice(LANGUAGES), "next": go()},
        "set_city": {"to": draw.choice(CITIES), "next": go()},
        "mark": {"special": draw.choice(SPECIAL_GROUPS), "next": go()},
    }
    if flows:
        steps["goto_flow"] = {"flow": draw.choice(flows)}
    verb = draw.choice(list(steps))
    return {"do": verb, **steps[verb]}


def _flows(steps: dict[str, Any], start: str) -> Flows:
    flow = {"flow": "main", "version": 1, "title": "x", "start": start, "steps": {**steps, **REST}}
    return Flows("main", {"main": Flow.model_validate(flow)})


def answer(act: Act, draw: Random) -> Answer:
    """What a caller may do when this is asked of him."""
    if isinstance(act, Collect):
        return NoKey() if draw.random() < 0.2 else Key(draw.choice(KEYS + "A"))
    if isinstance(act, JoinQueue):
        return QueueLeft(draw.choice(["answered", *act.offers.values()]))
    if isinstance(act, Transfer):
        return Transferred(draw.choice(["answered", "failed"]))
    if isinstance(act, CallService):
        told = draw.choice([*TOLD["order_state"], "never declared", ""])
        return ServiceAnswered({"order_state": told}) if told else ServiceFailed("late")
    assert isinstance(act, RecordVoice)
    return Recorded()


def through_json(session: Session) -> Session:
    return Session.from_json(json.loads(json.dumps(session.to_json())))
