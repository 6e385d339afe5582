"""Random flows and callers for property tests."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from ivr_flows.model import FACTS, Flow, Flows
from ivr_flows.turn import (
    Act,
    Answer,
    Collect,
    JoinQueue,
    Key,
    NoKey,
    QueueLeft,
    Recorded,
    RecordVoice,
    Session,
)

KEYS = "0123456789*#"
PERSON = "person"
GOODBYE = "goodbye"
REST: dict[str, Any] = {
    PERSON: {"do": "queue", "group": "general", "answered": GOODBYE},
    GOODBYE: {"do": "hangup", "say": "x"},
}

facts = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from(values) for name, values in FACTS.items()}
)


def step(to: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, Any]]:
    """One step whose ways out lead to drawn targets; a menu's 0 and silence lead to a person."""
    keys = st.dictionaries(st.sampled_from("123456789*#"), to, max_size=4)
    person = st.just(PERSON)

    def verb(do: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
        return st.fixed_dictionaries({"do": st.just(do), **fields})

    x = st.just("x")
    tries = st.integers(1, 5)
    return st.one_of(
        verb("play", say=x, next=to),
        verb("branch", on_fact=st.just("hours"), cases=st.just({}).flatmap(
            lambda _: st.dictionaries(st.sampled_from(FACTS["hours"]), to, min_size=1)
        ), otherwise=to),
        verb("menu", say=x, keys=keys.map(lambda some: {**some, "0": PERSON}), tries=tries,
             give_up=person),
        verb("queue", group=st.just("family"), answered=to, callback=to, message=to),
        verb("survey", say=x, again=x, tries=tries, next=to, not_rated=to),
        verb("callback", say=x, ask_number=x, tries=tries, next=to, give_up=to),
        verb("message", say=x, next=to),
    )  # fmt: skip


def _flows(steps: dict[str, Any], start: str) -> Flows:
    flow = {"flow": "main", "version": 1, "title": "x", "start": start, "steps": {**steps, **REST}}
    return Flows("main", {"main": Flow.model_validate(flow)})


@st.composite
def any_flows(draw: st.DrawFn) -> Flows:
    """Flows that can be read: their targets may loop, miss, or leave the flow."""
    names = [f"s{at}" for at in range(draw(st.integers(1, 8)))]
    to = st.sampled_from([*names, PERSON, GOODBYE, "missing"])
    gone = st.fixed_dictionaries(
        {"do": st.just("goto_flow"), "flow": st.sampled_from(["main", "missing"])}
    )
    return _flows({name: draw(step(to) | gone) for name in names}, draw(to))


@st.composite
def sound_flows(draw: st.DrawFn) -> Flows:
    """Flows that lead ever on to a person, so that the checks must find them sound."""
    names = [f"s{at}" for at in range(draw(st.integers(1, 12)))]
    steps = {
        name: draw(step(st.sampled_from([*names[at + 1 :], PERSON])))
        for at, name in enumerate(names)
    }
    return _flows(steps, names[0])


@st.composite
def answers(draw: st.DrawFn, act: Act) -> Answer:
    """What a caller may do when this is asked of him."""
    if isinstance(act, Collect):
        key = st.sampled_from(KEYS + "A").map(Key)
        return draw(st.just(NoKey()) | key)
    if isinstance(act, JoinQueue):
        return QueueLeft(draw(st.sampled_from(["answered", *act.offers.values()])))
    assert isinstance(act, RecordVoice)
    return Recorded()


def through_json(session: Session) -> Session:
    return Session.from_json(json.loads(json.dumps(session.to_json())))
