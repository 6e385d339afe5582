"""Every fault of flows that can be known before a caller hears it: names, texts, and all paths."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from ivr_flows.model import (
    FACTS,
    GROUPS,
    RESCUE_GROUP,
    RESCUE_SAY,
    SURVEY_KEYS,
    Branch,
    Flow,
    GotoFlow,
    Menu,
    Play,
    Queue,
    Survey,
    prompts_of,
    targets,
)
from ivr_flows.paths import Finding, check_paths
from ivr_flows.wording import keys_named

MAX_KEYS: Final = 6  # more than a caller keeps in mind


def check_flows(
    flows: Mapping[str, Flow],
    *,
    prompts: Mapping[str, str],
    groups: Collection[str] = GROUPS,
    facts: Mapping[str, Collection[str]] = FACTS,
) -> list[Finding]:
    """All findings about these flows. `prompts` is prompt id to text, `facts` name to values."""
    findings = [*_rescue(flows, prompts, groups), *check_paths(flows)]
    for flow in flows.values():
        findings += check_steps(flow, flows, prompts=prompts, groups=groups, facts=facts)
    return findings


def check_steps(
    flow: Flow,
    flows: Collection[str],
    *,
    prompts: Mapping[str, str],
    groups: Collection[str] = GROUPS,
    facts: Mapping[str, Collection[str]] = FACTS,
    broken: Collection[str] = (),
) -> Iterator[Finding]:
    """Findings about each step by itself; `broken` steps exist, but could not be read."""
    yield from _names(flow, flows, broken)
    yield from _data(flow, prompts, groups, facts)
    leading = _leading(flow)
    for name, step in flow.steps.items():
        at = ("steps", name)
        if isinstance(step, Menu):
            yield from _menu_names(flow, at, step, prompts)
            if not broken:
                yield from _menu_is_told(flow, at, step, prompts, leading)
        elif isinstance(step, Queue):
            yield from _queue(flow, at, step, prompts)
        elif isinstance(step, Survey):
            yield from _survey(flow, at, step, prompts)


def _rescue(
    flows: Mapping[str, Flow], prompts: Mapping[str, str], groups: Collection[str]
) -> Iterator[Finding]:
    for flow in list(flows)[:1]:
        if RESCUE_SAY not in prompts:
            yield Finding(flow, (), f"there is no prompt {RESCUE_SAY}, said when a step breaks")
        if RESCUE_GROUP not in groups:
            yield Finding(flow, (), f"there is no group {RESCUE_GROUP}, joined when a step breaks")


def _names(flow: Flow, flows: Collection[str], broken: Collection[str]) -> Iterator[Finding]:
    """Steps and flows that are pointed at and do not exist."""
    known = {*flow.steps, *broken}
    if flow.start not in known:
        yield Finding(flow.flow, ("start",), f"there is no step {flow.start}")
    for name, step in flow.steps.items():
        for field, to in targets(step):
            if to not in known:
                yield Finding(flow.flow, ("steps", name, *field), f"there is no step {to}")
        if isinstance(step, GotoFlow) and step.flow not in flows:
            yield Finding(flow.flow, ("steps", name, "flow"), f"there is no flow {step.flow}")


def _data(
    flow: Flow,
    prompts: Mapping[str, str],
    groups: Collection[str],
    facts: Mapping[str, Collection[str]],
) -> Iterator[Finding]:
    """Prompts, groups, facts and their values that do not exist."""
    for name, step in flow.steps.items():
        at = ("steps", name)
        for field, prompt in prompts_of(step):
            if prompt not in prompts:
                yield Finding(flow.flow, (*at, *field), f"there is no prompt {prompt}")
        if isinstance(step, Queue) and step.group not in groups:
            known = ", ".join(groups)
            what = f"there is no group {step.group}; known: {known}"
            yield Finding(flow.flow, (*at, "group"), what)
        if isinstance(step, Branch):
            yield from _branch(flow, at, step, facts)


def _branch(
    flow: Flow, at: tuple[str, ...], step: Branch, facts: Mapping[str, Collection[str]]
) -> Iterator[Finding]:
    if step.on_fact not in facts:
        what = f"there is no fact {step.on_fact}; known: {', '.join(facts)}"
        yield Finding(flow.flow, (*at, "on_fact"), what)
        return
    for value in step.cases:
        if value not in facts[step.on_fact]:
            what = f"{step.on_fact} is never {value}; it is {' or '.join(facts[step.on_fact])}"
            yield Finding(flow.flow, (*at, "cases", value), what)


def _menu_names(
    flow: Flow, at: tuple[str, ...], step: Menu, prompts: Mapping[str, str]
) -> Iterator[Finding]:
    for field in ("say", "invalid", "no_key"):
        for key in sorted(_named(getattr(step, field), prompts) - step.keys.keys()):
            what = f"the text names the key {key}, which the menu lacks"
            yield Finding(flow.flow, (*at, field), what)
    if len(step.keys) > MAX_KEYS:
        what = f"has {len(step.keys)} keys; more than {MAX_KEYS} are hard to keep in mind"
        yield Finding(flow.flow, (*at, "keys"), what, is_warning=True)


def _menu_is_told(
    flow: Flow,
    at: tuple[str, ...],
    step: Menu,
    prompts: Mapping[str, str],
    leading: Mapping[str, list[str]],
) -> Iterator[Finding]:
    said = step.say + _said_before(flow, at[1], leading)
    if all(prompt in prompts for prompt in said):
        for key in sorted(step.keys.keys() - _named(said, prompts)):
            what = f"no text tells the caller of the key {key}"
            yield Finding(flow.flow, (*at, "keys", key), what)


def _leading(flow: Flow) -> dict[str, list[str]]:
    """For each step those that lead to it without waiting."""
    leading: dict[str, list[str]] = {}
    for name, step in flow.steps.items():
        if isinstance(step, Play | Branch):
            for _, to in targets(step):
                leading.setdefault(to, []).append(name)
    return leading


def _said_before(flow: Flow, menu: str, leading: Mapping[str, list[str]]) -> tuple[str, ...]:
    """What is said on the way to this menu without waiting: a greeting may name a key too."""
    said: tuple[str, ...] = ()
    seen, todo = {menu}, [menu]
    while todo:
        for name in leading.get(todo.pop(), ()):
            if name not in seen:
                seen.add(name)
                todo.append(name)
                step = flow.steps[name]
                said += step.say if isinstance(step, Play) else ()
    return said


def _queue(
    flow: Flow, at: tuple[str, ...], step: Queue, prompts: Mapping[str, str]
) -> Iterator[Finding]:
    ways: set[str] = {way for way in ("callback", "message") if getattr(step, way)}
    offered = {key: way for key, way in step.offers.items() if way in ways}
    if "offers" in step.model_fields_set:
        for key, offer in step.offers.items():
            if offer not in ways:
                what = f"offers {offer}, but the step does not say where {offer} leads"
                yield Finding(flow.flow, (*at, "offers", key), what)
    for way in sorted(ways - set(offered.values())):
        yield Finding(flow.flow, (*at, way), f"no key of offers leads to {way}")
    if offered:
        yield from _told(flow, (*at, "offer"), step.offer, set(offered), prompts)


def _survey(
    flow: Flow, at: tuple[str, ...], step: Survey, prompts: Mapping[str, str]
) -> Iterator[Finding]:
    for field, say in (("say", step.say), ("again", step.again)):
        yield from _told(flow, (*at, field), say, set(SURVEY_KEYS), prompts)


def _told(
    flow: Flow,
    where: tuple[str, ...],
    say: tuple[str, ...],
    keys: set[str],
    prompts: Mapping[str, str],
) -> Iterator[Finding]:
    """The text must name exactly these keys."""
    if not all(prompt in prompts for prompt in say):
        return
    named = _named(say, prompts)
    for key in sorted(named - keys):
        yield Finding(flow.flow, where, f"the text names the key {key}, which does nothing here")
    for key in sorted(keys - named):
        yield Finding(flow.flow, where, f"the text does not tell the caller of the key {key}")


def _named(say: tuple[str, ...], prompts: Mapping[str, str]) -> frozenset[str]:
    return frozenset().union(*(keys_named(prompts.get(prompt, "")) for prompt in say))
