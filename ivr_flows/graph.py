"""The steps of all flows as one graph: where each leads, and what can be reached from where."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ivr_flows.model import (
    HOME_LANGUAGE,
    LANGUAGES,
    Branch,
    Flow,
    GotoFlow,
    Language,
    Mark,
    Play,
    SetCity,
    Step,
    targets,
)

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


class Graph:
    """The steps of all flows and where each leads; `first` is the flow that calls begin in."""

    def __init__(self, flows: Mapping[str, Flow], first: str = "main") -> None:
        self.flows, self.first = flows, first
        self.steps: dict[Node, Step] = {
            (flow.flow, name): step for flow in flows.values() for name, step in flow.steps.items()
        }
        self.edges = {node: list(self._edges(node, step)) for node, step in self.steps.items()}
        self.leading: dict[Node, list[Node]] = {node: [] for node in self.steps}
        for node, edges in self.edges.items():
            for _, to in edges:
                self.leading[to].append(node)
        self.entries = self._entries(first)
        self.languages = self._languages()

    def _entries(self, first: str) -> list[Node]:
        """Where calls may begin: the first flow, and whatever flows it does not lead to."""
        entered = {s.flow for s in self.steps.values() if isinstance(s, GotoFlow)}
        ahead = [name for name in self.flows if name == first or name not in entered]
        entries: list[Node] = []
        seen: set[Node] = set()
        for name in (*ahead, *self.flows):
            node = (name, self.flows[name].start)
            if node in self.steps and node not in seen:
                entries.append(node)
                seen |= self.reached([node], always)
        return entries

    def _edges(self, node: Node, step: Step) -> Iterator[Edge]:
        ways = [(field, (node[0], to)) for field, to in targets(step)]
        if isinstance(step, GotoFlow) and step.flow in self.flows:
            ways.append((("flow",), (step.flow, self.flows[step.flow].start)))
        yield from ((field, to) for field, to in ways if to in self.steps)

    def is_silent(self, node: Node) -> bool:
        """Whether the engine passes the step without waiting."""
        return isinstance(self.steps[node], Play | Branch | GotoFlow | Language | SetCity | Mark)

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

    def languages_of(self, node: Node) -> tuple[str, ...]:
        """The languages in which a call may come to this step; Mandarin if no call does."""
        found = self.languages.get(node, {HOME_LANGUAGE})
        return tuple(language for language in LANGUAGES if language in found)

    def _languages(self) -> dict[Node, set[str]]:
        found: dict[Node, set[str]] = {}
        todo = [(entry, HOME_LANGUAGE) for entry in self.entries]
        while todo:
            node, language = todo.pop()
            if language in found.setdefault(node, set()):
                continue
            found[node].add(language)
            step = self.steps[node]
            on = step.to if isinstance(step, Language) else language
            todo += [(to, on) for _, to in self.edges[node]]
        return found


def always(node: Node, field: tuple[str, ...]) -> bool:
    """Every edge may be gone."""
    return True
