"""Every fault of flows that can be known before a caller hears it: names, texts, and all paths.

Here: names that must exist. What texts must tell is in `texts`, what leads where in `paths`, and
who comes to a person in `person`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from ivr_flows.catalogue import Catalogue
from ivr_flows.graph import Finding, Graph, Node, Way, always
from ivr_flows.model import (
    Ask,
    Branch,
    CallApi,
    Flow,
    GotoFlow,
    Menu,
    Queue,
    SetCity,
    Step,
    Transfer,
    targets,
)
from ivr_flows.names import CITY_SLOT, RESCUE_GROUP, RESCUE_SAY
from ivr_flows.paths import check_paths
from ivr_flows.person import check_person
from ivr_flows.texts import check_menu, check_texts_of, prompts_missing

NO_CITY = ("other", "unknown")  # values of the fact city that no caller can choose


def check_flows(
    flows: Mapping[str, Flow], *, catalogue: Catalogue, first: str = "main"
) -> list[Finding]:
    """All findings about these flows, which name what is in the catalogue."""
    graph, facts = Graph(flows, first), catalogue.all_facts()
    findings = [*_rescue(flows, catalogue), *check_paths(graph)]
    findings += check_person(graph, facts, closes=catalogue.closes)
    findings += _asked_before(graph, catalogue)
    for flow in flows.values():
        findings += _names(flow, flows, ())
        findings += _data(flow, catalogue, facts)
    for node, step in graph.steps.items():
        findings += check_texts_of(graph, node, catalogue)
        if isinstance(step, Menu):
            findings += check_menu(node, step)
    return findings


def check_steps(
    flow: Flow, flows: Collection[str], *, catalogue: Catalogue, broken: Collection[str]
) -> Iterator[Finding]:
    """Findings about each step by itself; `broken` steps exist, but could not be read."""
    yield from _names(flow, flows, broken)
    yield from _data(flow, catalogue, catalogue.all_facts())
    for name, step in flow.steps.items():
        yield from prompts_missing((flow.flow, name), step, (), catalogue)
        if isinstance(step, Menu):
            yield from check_menu((flow.flow, name), step)


def _rescue(flows: Mapping[str, Flow], catalogue: Catalogue) -> Iterator[Finding]:
    for flow in list(flows)[:1]:
        if catalogue.text(RESCUE_SAY, "") is None:
            yield Finding(flow, (), f"there is no prompt {RESCUE_SAY}, said when a step breaks")
        if RESCUE_GROUP not in catalogue.groups:
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
    flow: Flow, catalogue: Catalogue, facts: Mapping[str, Collection[str]]
) -> Iterator[Finding]:
    """Groups, lines, services, cities, facts and their values that do not exist."""
    for name, step in flow.steps.items():
        for field, what in _unknown(step, catalogue, facts):
            yield Finding(flow.flow, ("steps", name, *field), what)


_What = Iterator[tuple[tuple[str, ...], str]]  # path of the field in the step, what is wrong


def _unknown(step: Step, catalogue: Catalogue, facts: Mapping[str, Collection[str]]) -> _What:
    if isinstance(step, Queue):
        yield from _known(step.group, "group", ("group",), catalogue.groups)
        yield from _offers(step)
    elif isinstance(step, Transfer) and catalogue.lines is not None:
        yield from _known(step.to, "line", ("to",), catalogue.lines)
    elif isinstance(step, SetCity):
        cities = [*(city for city in facts["city"] if city not in NO_CITY), CITY_SLOT]
        yield from _known(step.to, "city", ("to",), cities)
    elif isinstance(step, CallApi):
        yield from _call_api(step, catalogue)
    elif isinstance(step, Branch):
        yield from _branch(step, catalogue, facts)


def _known(name: str, kind: str, field: tuple[str, ...], known: Collection[str]) -> _What:
    if name not in known:
        yield field, f"there is no {kind} {name}; known: {', '.join(known) or 'none'}"


def _offers(step: Queue) -> _What:
    """What a line offers and where that leads must be told of each other."""
    ways = {way for way in ("callback", "message") if getattr(step, way)}
    if "offers" in step.model_fields_set:
        for key, offer in step.offers.items():
            if offer not in ways:
                what = f"offers {offer}, but the step does not say where {offer} leads"
                yield ("offers", key), what
    for way in sorted(ways - set(step.offers.values())):
        yield (way,), f"no key of offers leads to {way}"


def _branch(step: Branch, catalogue: Catalogue, facts: Mapping[str, Collection[str]]) -> _What:
    values = facts.get(step.on_fact)
    if values is None:
        if catalogue.services is not None:
            yield from _known(step.on_fact, "fact", ("on_fact",), facts)
        return
    for value in step.cases:
        if value not in values:
            what = f"{step.on_fact} is never {value}; it is {' or '.join(values)}"
            yield ("cases", value), what


def _call_api(step: CallApi, catalogue: Catalogue) -> _What:
    if catalogue.services is None:
        return
    service = catalogue.services.get(step.service)
    if service is None:
        yield from _known(step.service, "service", ("service",), catalogue.services)
        return
    for at, name in enumerate(step.send):
        if name not in service.send:
            yield ("send", str(at)), f"the service {step.service} does not take {name}"
    for name in service.send:
        if name not in step.send:
            yield ("send",), f"the service {step.service} wants {name}, which is not sent"


def _asked_before(graph: Graph, catalogue: Catalogue) -> Iterator[Finding]:
    """What is sent to a service was asked for, and what it tells is asked of it, before."""
    asked = {step.into for step in graph.steps.values() if isinstance(step, Ask)}
    unasked: dict[str, set[Node]] = {}
    for node, step in graph.steps.items():
        for sent in step.send if isinstance(step, CallApi) else ():
            if sent in asked and sent not in unasked:
                unasked[sent] = graph.reached(graph.entries, _without_asking(graph, sent))
            if sent not in asked or node in unasked[sent]:
                what = f"a path comes here without having asked for {sent}"
                yield Finding(node[0], ("steps", node[1], "send"), what)
    for of, service in (catalogue.services or {}).items():
        told = [
            to
            for node, edges in graph.edges.items()
            for field, to in edges
            if field == ("next",) and _asks_service(graph.steps[node], of)
        ]
        after = graph.reached(told, always)
        for node, step in graph.steps.items():
            if isinstance(step, Branch) and step.on_fact in service.facts and node not in after:
                what = f"no path asks the service {of} for {step.on_fact} before"
                yield Finding(node[0], ("steps", node[1], "on_fact"), what)


def _without_asking(graph: Graph, name: str) -> Way:
    def is_unasked(node: Node, field: tuple[str, ...]) -> bool:
        step = graph.steps[node]
        return not (isinstance(step, Ask) and step.into == name and field == ("next",))

    return is_unasked


def _asks_service(step: Step, service: str) -> bool:
    return isinstance(step, CallApi) and step.service == service
