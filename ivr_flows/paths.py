"""What every path through the flows must hold: it waits, it ends, and no step is left over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Final

from ivr_flows.engine import MAX_STEPS_A_TURN
from ivr_flows.graph import Finding, Graph, Node, always
from ivr_flows.model import CallApi, Hangup, Transfer
from ivr_flows.names import BLOCKED_FLOW

MAX_LOOPS: Final = 20  # reported at a time


def check_paths(graph: Graph) -> Iterator[Finding]:
    """Findings about what leads where; targets that do not exist are left out."""
    yield from _unreachable(graph)
    yield from _left_over(graph)
    yield from _without_waiting(graph)
    yield from _dead_ends(graph)


def _unreachable(graph: Graph) -> Iterator[Finding]:
    for flow in graph.flows.values():
        start = (flow.flow, flow.start)
        if start not in graph.steps:
            continue
        seen = graph.reached([start], always)
        for name in flow.steps:
            if (flow.flow, name) not in seen:
                yield Finding(flow.flow, ("steps", name), "no path leads to this step")


def _left_over(graph: Graph) -> Iterator[Finding]:
    """Flows that no call comes to, where it is known in which flow calls begin."""
    if graph.first in graph.flows:
        for flow, _ in graph.entries:
            if flow not in (graph.first, BLOCKED_FLOW):
                what = f"no flow goes to this one, and calls begin in {graph.first}"
                yield Finding(flow, ("flow",), what, is_warning=True)


def _without_waiting(graph: Graph) -> Iterator[Finding]:
    """Loops in which the caller is never waited for; a line outside or a service is not he."""
    silent = {
        node: {to for field, to in edges if _goes_on(graph, node, field) and _passes(graph, to)}
        for node, edges in graph.edges.items()
        if _passes(graph, node)
    }
    positions = {node: at for at, node in enumerate(graph.steps)}
    for _ in range(MAX_LOOPS):
        try:
            order = list(TopologicalSorter(silent).static_order())
        except CycleError as error:
            # graphlib lists a loop from each step to one that leads to it, the first one twice.
            loop: list[Node] = error.args[1][:0:-1]
            first = min(range(len(loop)), key=lambda at: positions[loop[at]])
            loop = loop[first:] + loop[:first]
            names = " → ".join(name for _, name in (*loop, loop[0]))
            flow, name = loop[0]
            yield Finding(flow, ("steps", name), f"loops without waiting for the caller: {names}")
            silent[loop[-1]].discard(loop[0])
        else:
            yield from _too_long(graph, silent, order)
            return


def _passes(graph: Graph, node: Node) -> bool:
    return graph.is_silent(node) or isinstance(graph.steps[node], CallApi | Transfer)


def _goes_on(graph: Graph, node: Node, field: tuple[str, ...]) -> bool:
    """Whether a step goes on this way without the caller: a line outside that answered waits."""
    return not isinstance(graph.steps[node], Transfer) or field == ("failed",)


def _too_long(
    graph: Graph, silent: Mapping[Node, set[Node]], order: list[Node]
) -> Iterator[Finding]:
    length: dict[Node, int] = {}
    for node in order:  # those that a step leads to come before it
        # The engine stops at a service or a line outside, which begins a turn of its own.
        on = [length[to] for to in silent[node] if graph.is_silent(to)]
        length[node] = (1 if graph.is_silent(node) else 0) + max(on, default=0)
    longest = max(order, key=lambda node: length[node], default=None)
    if longest and length[longest] >= MAX_STEPS_A_TURN:
        what = f"passes {length[longest]} steps without waiting; at most {MAX_STEPS_A_TURN - 1} may"
        yield Finding(longest[0], ("steps", longest[1]), what)


def _dead_ends(graph: Graph) -> Iterator[Finding]:
    """Steps from which the call can never end."""
    todo = [
        node
        for node, step in graph.steps.items()
        if isinstance(step, Hangup) or not graph.is_complete(node)
    ]
    ends = set(todo)
    while todo:
        for node in graph.leading[todo.pop()]:
            if node not in ends:
                ends.add(node)
                todo.append(node)
    for flow in graph.flows:
        dead = [name for of, name in graph.steps if of == flow and (of, name) not in ends]
        if dead:
            others = f" (nor from {', '.join(dead[1:5])})" if dead[1:] else ""
            what = f"is a dead end: no way from here ends the call{others}"
            yield Finding(flow, ("steps", dead[0]), what)
