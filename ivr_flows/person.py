"""What a caller must come to: a person or what was asked for, by day, at night and on holidays."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from ivr_flows.graph import Finding, Graph, Node, always
from ivr_flows.model import (
    Ask,
    Branch,
    CallApi,
    Callback,
    Hangup,
    Menu,
    Message,
    Queue,
    Record,
    Step,
    Transfer,
)
from ivr_flows.names import BLOCKED_FLOW

MAX_LEVELS: Final = 3  # menus in each other
_CLOSED: Final = {"hours": "closed"}  # what a path must not lose sight of, by fact
_COMPLETE: Final = ("hours", "holiday")
# After these the caller was helped or what he wants is taken down; then the call may end.
_SERVED: Final[Mapping[type[Step], str]] = {
    Queue: "answered",
    Callback: "next",
    Message: "next",
    Record: "next",
    Transfer: "done",
    CallApi: "next",
}


def check_person(
    graph: Graph, facts: Mapping[str, Collection[str]], *, closes: bool
) -> Iterator[Finding]:
    """Findings about ways to a person. `closes`: the calendar has hours that are closed."""
    yield from _hung_up_on(graph)
    yield from _menus(graph)
    yield from _asks(graph)
    yield from _holes(graph, facts)
    yield from _at_night(graph)
    if closes:
        yield from _never_asked(graph)
    yield from _levels(graph)
    yield from _refused(graph)


def _refused(graph: Graph) -> Iterator[Finding]:
    """Refused numbers are owed no person, but in danger a line outside."""
    start = [entry for entry in graph.entries if entry[0] == BLOCKED_FLOW]
    if start and not any(
        isinstance(graph.steps[node], Transfer) for node in graph.reached(start, always)
    ):
        what = "refuses callers and has no line outside for those in danger"
        yield Finding(BLOCKED_FLOW, ("start",), what)


def _hung_up_on(graph: Graph) -> Iterator[Finding]:
    """Ways to the end of the call on which nobody was reached and nothing was taken down."""

    def is_unserved(node: Node, field: tuple[str, ...]) -> bool:
        return field != (_SERVED.get(type(graph.steps[node])),)

    what = "hangs up on a caller who had no way to a person"
    reached = graph.reached(graph.entries, is_unserved)
    for flow, name in graph.entries:
        if isinstance(graph.steps[flow, name], Hangup) and flow != BLOCKED_FLOW:
            yield Finding(flow, ("steps", name), what)
    for node in graph.steps:
        if node in reached and node[0] != BLOCKED_FLOW:
            for field, to in graph.edges[node]:
                if isinstance(graph.steps[to], Hangup) and is_unserved(node, field):
                    yield Finding(node[0], ("steps", node[1], *field), what)


def _menus(graph: Graph) -> Iterator[Finding]:
    """0 leads to a person from every menu; so do no key and wrong keys, while there is one."""
    in_hours = _in_hours(graph)
    for node, step in graph.steps.items():
        if not isinstance(step, Menu) or node[0] == BLOCKED_FLOW:
            continue
        at = ("steps", node[1])
        ways = dict(graph.edges[node])
        if "0" not in step.keys:
            yield Finding(node[0], (*at, "keys"), "lacks the key 0, which leads to a person")
        elif (to := ways.get(("keys", "0"))) and not _leads(graph, to, {Queue}, set()):
            what = "the key 0 does not lead straight to a person"
            yield Finding(node[0], (*at, "keys", "0"), what)
        yield from _gives_up(graph, node, "no key or wrong keys", in_hours)


def _asks(graph: Graph) -> Iterator[Finding]:
    """Where 0 is a digit, no digits and wrong ones are the way to a person."""
    in_hours = _in_hours(graph)
    for node, step in graph.steps.items():
        if isinstance(step, Ask):
            yield from _gives_up(graph, node, "no digits or wrong ones", in_hours)


def _gives_up(graph: Graph, node: Node, who: str, in_hours: set[Node]) -> Iterator[Finding]:
    people: set[type[Step]] = {Queue} if node in in_hours else {Queue, Message}
    to = dict(graph.edges[node]).get(("give_up",))
    if to and not _leads(graph, to, people, {node}, by_silence=True):
        what = f"{who} do not lead to a person"
        yield Finding(node[0], ("steps", node[1], "give_up"), what)


def _in_hours(graph: Graph) -> set[Node]:
    """Steps that a call comes to while somebody is there."""
    return graph.reached(graph.entries, lambda node, field: field != _closed(graph, node))


def _closed(graph: Graph, node: Node) -> tuple[str, ...] | None:
    step = graph.steps[node]
    is_hours = isinstance(step, Branch) and step.on_fact == "hours"
    return ("cases", _CLOSED["hours"]) if is_hours else None


def _leads(
    graph: Graph,
    start: Node,
    ends: set[type[Step]],
    passed: set[Node],
    *,
    by_silence: bool = False,
) -> bool:
    """Whether every way from here ends at such a step, the caller pressing nothing (more).

    A line outside is a person where it answers, so only its `failed` must lead on to one.
    """
    seen, todo = {start}, [start]
    while todo:
        node = todo.pop()
        step = graph.steps[node]
        if type(step) in ends:
            continue
        quiet = by_silence and isinstance(step, Menu | Ask)
        if node in passed or not (graph.is_silent(node) or _is_served(step) or quiet):
            return False
        for field, to in graph.edges[node]:
            if quiet and field != ("give_up",):
                continue
            if isinstance(step, Transfer) and field == ("done",):
                continue
            if to not in seen:
                seen.add(to)
                todo.append(to)
    return True


def _is_served(step: Step) -> bool:
    """Whether a step waits for somebody else than the caller."""
    return isinstance(step, Transfer | CallApi)


# --- holes: hours and holidays for which a flow has no answer -------------------------------------


def _holes(graph: Graph, facts: Mapping[str, Collection[str]]) -> Iterator[Finding]:
    """Branches on hours or holiday that leave a value to `otherwise`, which is for not known."""
    for (flow, name), step in graph.steps.items():
        if isinstance(step, Branch) and step.on_fact in _COMPLETE:
            for value in facts.get(step.on_fact, ()):
                if value not in step.cases:
                    what = f"does not say where {step.on_fact} {value} leads"
                    more = f"; otherwise is for when {step.on_fact} is not known"
                    yield Finding(flow, ("steps", name, "cases"), what + more)


def _at_night(graph: Graph) -> Iterator[Finding]:
    """Lines that callers come to when closed, and can leave neither by callback nor by message."""
    starts = [
        to
        for node, edges in graph.edges.items()
        for field, to in edges
        if field == _closed(graph, node)
    ]

    def stays_closed(node: Node, field: tuple[str, ...]) -> bool:
        step = graph.steps[node]
        if isinstance(step, Branch) and step.on_fact == "hours":
            return field == ("cases", "closed")
        return field != ("answered",)  # somebody was there after all

    reached = graph.reached(starts, stays_closed)
    for node, step in graph.steps.items():
        if node in reached and isinstance(step, Queue) and not (step.callback or step.message):
            what = "callers who come when closed wait here and can leave neither callback"
            yield Finding(node[0], ("steps", node[1]), f"{what} nor message")


def _never_asked(graph: Graph) -> Iterator[Finding]:
    """Flows that take callers who come when closed as by day."""
    asked = [s for s in graph.steps.values() if isinstance(s, Branch) and s.on_fact == "hours"]
    if not asked:
        for flow, _ in graph.entries[:1]:
            what = "the calendar has closed hours, and no step branches on hours"
            yield Finding(flow, ("start",), what, is_warning=True)


def _levels(graph: Graph) -> Iterator[Finding]:
    """Menus that lie deeper than callers follow: counted by the shortest way there."""
    level = dict.fromkeys(graph.entries, 0)
    todo = list(graph.entries)
    while todo:  # by levels: those nearest come first
        later: list[Node] = []
        while todo:
            node = todo.pop()
            is_menu = isinstance(graph.steps[node], Menu)
            for _, to in graph.edges[node]:
                if level[node] + is_menu < level.get(to, len(graph.steps)):
                    level[to] = level[node] + is_menu
                    (later if is_menu else todo).append(to)
        todo = later
    for node, step in graph.steps.items():
        if isinstance(step, Menu) and level.get(node) == MAX_LEVELS:  # those beyond need no word
            what = f"lies {MAX_LEVELS + 1} menus deep; more than {MAX_LEVELS} are hard to follow"
            yield Finding(node[0], ("steps", node[1]), what, is_warning=True)
