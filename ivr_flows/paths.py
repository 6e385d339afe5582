"""What every path through the flows must hold: it waits, it ends, and it has a way to a person."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Final

from ivr_flows.engine import MAX_STEPS_A_TURN
from ivr_flows.model import (
    Branch,
    Callback,
    Flow,
    GotoFlow,
    Hangup,
    Menu,
    Message,
    Play,
    Queue,
    Step,
    targets,
)

MAX_LOOPS: Final = 20  # reported at a time

Node = tuple[str, str]  # flow, step
Edge = tuple[tuple[str, ...], Node]  # path of the field in the step, where it leads
Way = Callable[[Node, tuple[str, ...]], bool]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with a flow; `where` is the path of the value in its file."""

    flow: str
    where: tuple[str, ...]
    what: str
    is_warning: bool = False


def check_paths(flows: Mapping[str, Flow]) -> Iterator[Finding]:
    """All findings about the paths of these flows; targets that do not exist are left out."""
    graph = _Graph(flows)
    yield from _unreachable(graph)
    yield from _without_waiting(graph)
    yield from _dead_ends(graph)
    yield from _hung_up_on(graph)
    yield from _menus(graph)


class _Graph:
    """The steps of all flows and where each leads."""

    def __init__(self, flows: Mapping[str, Flow]) -> None:
        self.flows = flows
        self.steps: dict[Node, Step] = {
            (flow.flow, name): step for flow in flows.values() for name, step in flow.steps.items()
        }
        self.edges = {node: list(self._edges(node, step)) for node, step in self.steps.items()}
        entered = {s.flow for s in self.steps.values() if isinstance(s, GotoFlow)}
        entries = [f for f in flows.values() if f.flow not in entered] or list(flows.values())
        self.entries = [n for f in entries if (n := (f.flow, f.start)) in self.steps]

    def _edges(self, node: Node, step: Step) -> Iterator[Edge]:
        ways = [(field, (node[0], to)) for field, to in targets(step)]
        if isinstance(step, GotoFlow) and step.flow in self.flows:
            ways.append((("flow",), (step.flow, self.flows[step.flow].start)))
        yield from ((field, to) for field, to in ways if to in self.steps)

    def is_silent(self, node: Node) -> bool:
        """Whether the engine passes the step without waiting."""
        return isinstance(self.steps[node], Play | Branch | GotoFlow)

    def is_complete(self, node: Node) -> bool:
        """Whether every way out of the step leads to a step that exists."""
        step = self.steps[node]
        wanted = len(targets(step)) + isinstance(step, GotoFlow)
        return len(self.edges[node]) == wanted

    def reached(self, starts: list[Node], allowed: Way) -> set[Node]:
        """Steps that can be reached from these by allowed edges, these included."""
        seen, todo = set(starts), list(starts)
        while todo:
            node = todo.pop()
            for field, to in self.edges[node]:
                if to not in seen and allowed(node, field):
                    seen.add(to)
                    todo.append(to)
        return seen


def _unreachable(graph: _Graph) -> Iterator[Finding]:
    for flow in graph.flows.values():
        start = (flow.flow, flow.start)
        if start not in graph.steps:
            continue
        seen = graph.reached([start], lambda node, field: True)
        for name in flow.steps:
            if (flow.flow, name) not in seen:
                yield Finding(flow.flow, ("steps", name), "no path leads to this step")


def _without_waiting(graph: _Graph) -> Iterator[Finding]:
    silent = {
        node: {to for _, to in edges if graph.is_silent(to)}
        for node, edges in graph.edges.items()
        if graph.is_silent(node)
    }
    for _ in range(MAX_LOOPS):
        try:
            order = list(TopologicalSorter(silent).static_order())
        except CycleError as error:
            # graphlib lists a loop from each step to one that leads to it, the first one twice.
            loop: list[Node] = error.args[1][:0:-1]
            first = min(range(len(loop)), key=lambda at: list(graph.steps).index(loop[at]))
            loop = loop[first:] + loop[:first]
            names = " → ".join(name for _, name in (*loop, loop[0]))
            flow, name = loop[0]
            yield Finding(flow, ("steps", name), f"loops without waiting for the caller: {names}")
            silent[loop[-1]].discard(loop[0])
        else:
            yield from _too_long(silent, order)
            return


def _too_long(silent: Mapping[Node, set[Node]], order: list[Node]) -> Iterator[Finding]:
    length: dict[Node, int] = {}
    for node in order:  # those that a step leads to come before it
        length[node] = 1 + max((length[to] for to in silent[node]), default=0)
    longest = max(order, key=lambda node: length[node], default=None)
    if longest and length[longest] >= MAX_STEPS_A_TURN:
        what = f"passes {length[longest]} steps without waiting; at most {MAX_STEPS_A_TURN - 1} may"
        yield Finding(longest[0], ("steps", longest[1]), what)


def _dead_ends(graph: _Graph) -> Iterator[Finding]:
    """Steps from which the call can never end."""
    before: dict[Node, list[Node]] = {node: [] for node in graph.steps}
    for node, edges in graph.edges.items():
        for _, to in edges:
            before[to].append(node)
    todo = [
        node
        for node, step in graph.steps.items()
        if isinstance(step, Hangup) or not graph.is_complete(node)
    ]
    ends = set(todo)
    while todo:
        for node in before[todo.pop()]:
            if node not in ends:
                ends.add(node)
                todo.append(node)
    for flow in graph.flows:
        dead = [name for of, name in graph.steps if of == flow and (of, name) not in ends]
        if dead:
            others = f" (nor from {', '.join(dead[1:5])})" if dead[1:] else ""
            what = f"is a dead end: no way from here ends the call{others}"
            yield Finding(flow, ("steps", dead[0]), what)


def _hung_up_on(graph: _Graph) -> Iterator[Finding]:
    """Ways to the end of the call on which nobody was reached and nothing was taken down."""

    def is_unserved(node: Node, field: tuple[str, ...]) -> bool:
        step = graph.steps[node]
        served = {Queue: ("answered",), Callback: ("next",), Message: ("next",)}
        return field != served.get(type(step))

    what = "hangs up on a caller who had no way to a person"
    reached = graph.reached(graph.entries, is_unserved)
    for flow, name in graph.entries:
        if isinstance(graph.steps[flow, name], Hangup):
            yield Finding(flow, ("steps", name), what)
    for node in graph.steps:
        if node in reached:
            for field, to in graph.edges[node]:
                if isinstance(graph.steps[to], Hangup) and is_unserved(node, field):
                    yield Finding(node[0], ("steps", node[1], *field), what)


def _menus(graph: _Graph) -> Iterator[Finding]:
    """0 leads to a person from every menu; so do no key and wrong keys, while there is one."""
    in_hours = graph.reached(graph.entries, lambda node, field: field != _closed(graph, node))
    for node, step in graph.steps.items():
        if not isinstance(step, Menu):
            continue
        at = ("steps", node[1])
        ways = dict(graph.edges[node])
        if "0" not in step.keys:
            yield Finding(node[0], (*at, "keys"), "lacks the key 0, which leads to a person")
        elif (to := ways.get(("keys", "0"))) and not _leads(graph, to, {Queue}, set()):
            what = "the key 0 does not lead straight to a person"
            yield Finding(node[0], (*at, "keys", "0"), what)
        people: set[type[Step]] = {Queue} if node in in_hours else {Queue, Message}
        to = ways.get(("give_up",))
        if to and not _leads(graph, to, people, {node}, by_silence=True):
            what = "no key or wrong keys do not lead to a person"
            yield Finding(node[0], (*at, "give_up"), what)


def _closed(graph: _Graph, node: Node) -> tuple[str, ...] | None:
    step = graph.steps[node]
    is_hours = isinstance(step, Branch) and step.on_fact == "hours"
    return ("cases", "closed") if is_hours else None


def _leads(
    graph: _Graph,
    start: Node,
    ends: set[type[Step]],
    passed: set[Node],
    *,
    by_silence: bool = False,
) -> bool:
    """Whether every way from here ends at such a step, the caller pressing nothing (more)."""
    seen, todo = {start}, [start]
    while todo:
        node = todo.pop()
        step = graph.steps[node]
        if type(step) in ends:
            continue
        silent_menu = by_silence and isinstance(step, Menu)
        if node in passed or not (graph.is_silent(node) or silent_menu):
            return False
        for field, to in graph.edges[node]:
            if graph.is_silent(node) or field == ("give_up",):
                if to in seen:
                    continue
                seen.add(to)
                todo.append(to)
    return True
