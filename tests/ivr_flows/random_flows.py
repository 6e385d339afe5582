"""Random flows and callers for property tests."""

from __future__ import annotations

import json
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

facts = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from(values) for name, values in FACTS.items()}
)


def step(to: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, Any]]:
    """One step whose ways out lead to drawn targets; a menu's 0 and silence lead to a person."""
    person, mute, tries = st.just(PERSON), st.just("mute"), st.integers(1, 5)
    branched = {**FACTS, **TOLD}

    def verb(do: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
        return st.fixed_dictionaries({"do": st.just(do), **fields})

    return st.one_of(
        verb("play", say=mute, next=to),
        st.sampled_from(sorted(branched)).flatmap(
            lambda fact: verb(
                "branch",
                on_fact=st.just(fact),
                cases=st.fixed_dictionaries({value: to for value in branched[fact]}),
                otherwise=to,
            )
        ),
        verb(
            "menu",
            say=st.just("every"),
            invalid=mute,
            no_key=mute,
            keys=st.fixed_dictionaries({**{key: to for key in KEYS if key != "0"}, "0": person}),
            tries=tries,
            give_up=person,
        ),
        verb(
            "ask",
            **{"say": mute, "invalid": mute, "no_key": mute, "tries": tries, "next": to},
            into=st.sampled_from("ab"),
            digits=st.lists(st.integers(1, 6), min_size=2, max_size=2).map(sorted),
            give_up=person,
        ),
        verb(
            "queue", group=st.just("family"), offer=st.just("both"), answered=to, callback=to,
            message=to,
        ),
        verb("transfer", to=st.just("police"), alarm=st.just("help"), done=to, failed=to),
        verb(
            "survey", say=st.just("rate"), again=st.just("rate"), invalid=mute, tries=tries,
            next=to, not_rated=to,
        ),
        verb(
            "callback", say=mute, ask_number=mute, invalid=mute, no_key=mute, tries=tries, next=to,
            give_up=to,
        ),
        verb("message", say=mute, next=to),
        verb("record", say=mute, into=st.just("complaint"), next=to),
        verb(
            "call_api", service=st.just("orders"), send=st.sampled_from([[], ["a"]]), next=to,
            failed=to,
        ),
        verb("language", to=st.sampled_from(LANGUAGES), next=to),
        verb("set_city", to=st.sampled_from(CITIES), next=to),
        verb("mark", special=st.sampled_from(SPECIAL_GROUPS), next=to),
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
    if isinstance(act, Transfer):
        return Transferred(draw(st.sampled_from(["answered", "failed"])))
    if isinstance(act, CallService):
        told = st.sampled_from([*TOLD["order_state"], "never declared"])
        answered = told.map(lambda value: ServiceAnswered({"order_state": value}))
        return draw(st.just(ServiceFailed("late")) | answered)
    assert isinstance(act, RecordVoice)
    return Recorded()


def through_json(session: Session) -> Session:
    return Session.from_json(json.loads(json.dumps(session.to_json())))
