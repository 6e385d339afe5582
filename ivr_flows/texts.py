"""What texts must tell the caller, in every language that he may hear them in: prompts and keys."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Final

from ivr_flows.catalogue import Catalogue
from ivr_flows.graph import Finding, Graph, Node
from ivr_flows.model import (
    HOME_LANGUAGE,
    Ask,
    Callback,
    Flow,
    Language,
    Menu,
    Message,
    Play,
    Queue,
    Record,
    Step,
    Survey,
    prompts_of,
)
from ivr_flows.names import CITY_SLOT, NUMBER_END, SURVEY_KEYS
from ivr_flows.wording import keys_named

MAX_KEYS: Final = 6  # more than a caller keeps in mind
TOLD: Final = 5  # prompts that are named one by one

Says = tuple[tuple[str, ...], tuple[str, ...]]  # path of the field, prompt ids said together


def check_texts_of(graph: Graph, node: Node, catalogue: Catalogue) -> Iterator[Finding]:
    """Findings about what one step says, in each language a call comes to it in."""
    languages = graph.languages_of(node)
    yield from prompts_missing(node, graph.steps[node], languages, catalogue)
    for language in languages:
        yield from keys_untold(graph, node, language, catalogue)
    step = graph.steps[node]
    if isinstance(step, Language):
        yield from _language(graph, node, step, catalogue)


def prompts_missing(
    node: Node, step: Step, languages: Collection[str], catalogue: Catalogue
) -> Iterator[Finding]:
    """Prompts that there are not, or not in a language that the step is heard in."""
    for field, prompt in prompts_of(step):
        where = ("steps", node[1], *field)
        if not any(prompt in texts for texts in catalogue.prompts.values()):
            yield Finding(node[0], where, f"there is no prompt {prompt}")
            continue
        for language in languages:
            if catalogue.text(prompt, language) is None:
                yield Finding(node[0], where, f"there is no prompt {prompt} in {language}")
            elif catalogue.texts(language) and prompt not in catalogue.texts(language):
                what = f"there is no {language} variant of {prompt}: {HOME_LANGUAGE} is heard"
                yield Finding(node[0], where, what, is_warning=True)


def keys_untold(graph: Graph, node: Node, language: str, catalogue: Catalogue) -> Iterator[Finding]:
    """Keys that a text names and that do nothing, and keys that no text tells the caller of."""
    step = graph.steps[node]
    texts = _Texts(node, language, catalogue)
    if isinstance(step, Menu):
        before = _said_before(graph, node)
        for field in ("say", "invalid", "no_key"):
            yield from texts.useless((field,), getattr(step, field), step.keys)
        yield from texts.silent(("keys",), step.say + before, step.keys)
    elif isinstance(step, Queue):
        ways = {key for key, way in step.offers.items() if getattr(step, way)}
        if ways:
            yield from texts.useless(("offer",), step.offer, ways)
            yield from texts.silent(("offer",), step.offer, ways)
    elif isinstance(step, Survey):
        for field in ("say", "again"):
            yield from texts.useless((field,), getattr(step, field), SURVEY_KEYS)
            yield from texts.silent((field,), getattr(step, field), SURVEY_KEYS)
    elif isinstance(step, Ask):
        for field in ("say", "invalid", "no_key"):
            yield from texts.useless((field,), getattr(step, field), "*#")
    elif isinstance(step, Callback | Message | Record):
        for field in ("say", "ask_number", "invalid", "no_key"):
            yield from texts.useless((field,), getattr(step, field, ()), NUMBER_END)


class _Texts:
    """What one step says in one language; nothing is said of prompts that are missing anyway."""

    def __init__(self, node: Node, language: str, catalogue: Catalogue) -> None:
        self.flow, self.step = node
        self.language, self.catalogue = language, catalogue

    def useless(
        self, field: tuple[str, ...], say: tuple[str, ...], keys: Collection[str]
    ) -> Iterator[Finding]:
        """Keys that the text names and that are not among these."""
        for key in sorted(self._named(say) - set(keys)):
            yield self._finding(field, f"the text names the key {key}, which does nothing here")

    def silent(
        self, field: tuple[str, ...], say: tuple[str, ...], keys: Collection[str]
    ) -> Iterator[Finding]:
        """Keys that none of these texts names."""
        named = (prompt for prompt in say if prompt != CITY_SLOT)
        if any(self.catalogue.text(prompt, self.language) is None for prompt in named):
            return
        for key in sorted(set(keys) - self._named(say)):
            at = (*field, key) if field == ("keys",) else field
            yield self._finding(at, f"no text tells the caller of the key {key}")

    def _named(self, say: tuple[str, ...]) -> frozenset[str]:
        texts = (self.catalogue.text(prompt, self.language) or "" for prompt in say)
        return frozenset().union(*map(keys_named, texts))

    def _finding(self, field: tuple[str, ...], what: str) -> Finding:
        heard = "" if self.language == HOME_LANGUAGE else f" in {self.language}"
        return Finding(self.flow, ("steps", self.step, *field), what + heard)


def _said_before(graph: Graph, node: Node) -> tuple[str, ...]:
    """What is said on the way here without waiting: a greeting may name a key too."""
    return tuple(prompt for step in _breath(graph, node) for prompt in step.say)


def _breath(graph: Graph, node: Node) -> Iterator[Play]:
    """The steps that speak in one breath with this one, before it."""
    seen, todo = {node}, [node]
    while todo:
        for before in graph.leading[todo.pop()]:
            if before not in seen and graph.is_silent(before):
                seen.add(before)
                todo.append(before)
                step = graph.steps[before]
                if isinstance(step, Play):
                    yield step


def _language(graph: Graph, node: Node, step: Language, catalogue: Catalogue) -> Iterator[Finding]:
    at = ("steps", node[1])
    texts = catalogue.texts(step.to)
    lacking = sorted(catalogue.spoken.get(step.to, frozenset()) - texts.keys()) if texts else []
    if not texts:
        what = f"there are no prompts in {step.to}: {HOME_LANGUAGE} is heard"
        yield Finding(node[0], (*at, "to"), what, is_warning=True)
    if lacking:
        more = f" and {len(lacking) - TOLD} more" if len(lacking) > TOLD else ""
        what = f"the program itself says what has no {step.to} variant: "
        what += ", ".join(lacking[:TOLD]) + more
        yield Finding(node[0], (*at, "to"), what, is_warning=True)
    if graph.languages_of(node) != (step.to,) and any(True for _ in _breath(graph, node)):
        what = f"what is said just before is heard in {step.to} too: change the language earlier"
        yield Finding(node[0], at, what, is_warning=True)


def check_menu(node: Node, step: Menu) -> Iterator[Finding]:
    """A menu with more keys than a caller keeps in mind."""
    if len(step.keys) > MAX_KEYS:
        what = f"has {len(step.keys)} keys; more than {MAX_KEYS} are hard to keep in mind"
        yield Finding(node[0], ("steps", node[1], "keys"), what, is_warning=True)


def unused_prompts(flows: Iterable[Flow], catalogue: Catalogue) -> list[str]:
    """Prompts of any language that neither a flow nor the program says, in their file's order."""
    said = {
        prompt for flow in flows for step in flow.steps.values() for _, prompt in prompts_of(step)
    }.union(*catalogue.spoken.values())
    there = dict.fromkeys(prompt for texts in catalogue.prompts.values() for prompt in texts)
    return [prompt for prompt in there if prompt not in said]
