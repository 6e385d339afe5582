"""Where a text is written before it is submitted: changed in place, checked, tried. Keeps nothing.

Whoever writes holds the text; each call is handed the whole of it and answers what it is worth.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from callcenter.flows.desk import FlowDesk
from callcenter.flows.policies import NAME as POLICY
from callcenter.trying.situation import Situation, situation, with_facts
from callcenter.trying.texts import Texts
from callcenter.trying.words import Services, happened
from ivr_flows.catalogue import Catalogue
from ivr_flows.changes import Difference
from ivr_flows.load import FlowsRefused
from ivr_flows.model import Fault, Flow, Flows, ways_in
from ivr_flows.outline import Outline, outline
from ivr_flows.rewriting import RewriteFailed, rewritten
from ivr_flows.talk import Talk
from ivr_flows.validation import validated
from ivr_flows.yaml_source import Source, SourceFault, Where, read_bytes
from seats.calendar import Calendar


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a text: the value at this path, None to take it away.

    `name`: what the last key of the path is called from now on; with it the value stays.
    """

    path: tuple[str, ...]
    value: Any = None
    name: str | None = None


class EditRefused(Exception):
    """A change that cannot be made; one Chinese sentence."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A text as it stands: what it draws (None: it cannot be read), and all that is to be said."""

    text: str
    data: Any
    outline: Outline | None
    faults: tuple[Fault, ...]
    changes: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Pretended:
    """The caller and the hour that a flow is tried with."""

    now: datetime
    caller: str
    city: str | None = None
    waiting: int = 0
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tried:
    """A talk so far, in the situation it was pretended for."""

    talk: Talk
    here: Situation
    texts: Texts
    services: Services


class FlowBench:
    """Texts in the making, beside the flows in force."""

    def __init__(self, desk: FlowDesk, calendar: Callable[[], Calendar]) -> None:
        """`calendar`: asked for anew each time."""
        self._desk = desk
        self._calendar = calendar

    @property
    def catalogue(self) -> Catalogue:
        """What flows may name here. Raises FlowsRefused when the province cannot be read."""
        return self._desk.check.catalogue()

    async def province_policy(self) -> str:
        """The text of the province folder's own policy; empty without one. Raises FlowsRefused."""
        here = await asyncio.to_thread(self._desk.check.policies.here)
        return here.text

    async def check_policy(self, text: str) -> None:
        """Raises FlowsRefused for a policy with faults; its number does not matter."""
        await asyncio.to_thread(self._desk.check.policies.read, text)

    async def draft(
        self, flow: str, text: str, edits: Sequence[Edit], *, base: int | None = None
    ) -> Draft:
        """The text with these edits: drawn, checked, and held against version `base`.

        Raises EditRefused, MoveRefused (no such base), DatabaseAway.
        """
        if edits:
            text = await asyncio.to_thread(edited, text, edits)
        source, faults = _read(flow, text)
        if source is None:
            return Draft(text, None, None, tuple(faults), ())
        faults = await self._faults(flow, text, source)
        changes: Sequence[Difference] = ()
        if base is not None and not any(not fault.is_warning for fault in faults):
            changes = await self._desk.changes(flow, base, text)
        drawn = None if flow == POLICY else outline(source)
        return Draft(text, source.data, drawn, tuple(faults), tuple(changes))

    async def _faults(self, flow: str, text: str, source: Source) -> list[Fault]:
        book = await self._desk.book()
        expected = book.next_version(flow)
        if flow == POLICY:
            return await asyncio.to_thread(self._policy_faults, text, expected)
        beside = await self._desk.texts(book.releases[-1].flows)
        found = await asyncio.to_thread(self._desk.check.faults, flow, text, beside)
        version = source.data.get("version") if isinstance(source.data, Mapping) else None
        if isinstance(version, int) and version != expected:
            what = f"is {version}, but the next one of {flow} is {expected}"
            found = sorted([*found, source.fault(("version",), what)])
        return found

    def _policy_faults(self, text: str, expected: int) -> list[Fault]:
        try:
            shown = f"{POLICY}.yaml"
            self._desk.check.policies.submitted(text.encode(), shown=shown, expected=expected)
        except FlowsRefused as refused:
            return list(refused.faults)
        return []

    async def tried(self, flow: str, text: str, here: Pretended, said: Sequence[str]) -> Tried:
        """The talk with this text after all that was said. `said`: as in `hotline try`.

        Raises FlowsRefused for a text with faults, Misuse, NotUnderstood, NoEffect,
        AnswerUnexpected for what cannot be, DatabaseAway.
        """
        book = await self._desk.book()
        beside = await self._desk.texts(book.releases[-1].flows)
        return await asyncio.to_thread(self._tried, flow, text, beside, here, said)

    def _tried(
        self, flow: str, text: str, beside: Mapping[str, str], here: Pretended, said: Sequence[str]
    ) -> Tried:
        found = self._desk.check.faults(flow, text, beside)
        if any(not fault.is_warning for fault in found):
            raise FlowsRefused(found)
        texts = {**{name: one for name, one in beside.items() if name != POLICY}, flow: text}
        flows = {name: one for name, of in texts.items() if (one := _flow(name, of)) is not None}
        catalogue = self.catalogue
        services = catalogue.services or {}
        place = situation(
            self._calendar(),
            now=here.now,
            caller=here.caller,
            city=here.city,
            waiting=here.waiting,
        )
        place = with_facts(place, here.facts)
        talk = Talk(Flows(flow, flows), place.facts)
        for what in said:
            talk.do(happened(what, talk.act, services))
        return Tried(talk, place, Texts(catalogue.prompts), services)


def edited(text: str, edits: Sequence[Edit]) -> str:
    """The text with these edits, all else as it was. Raises EditRefused."""
    for edit in edits:
        try:
            data = read_bytes(text.encode(), file="text").data
            renamed: dict[Where, str] = {}
            if edit.name is not None:
                renamed = {edit.path: edit.name}
                data = _renamed(data, edit)
            else:
                data = _with(data, edit.path, edit.value)
            text = rewritten(text, data, renamed=renamed)
        except SourceFault:
            raise EditRefused("文本有语法错误，请先在文本中改正，再用表单修改。") from None
        except RewriteFailed:
            raise EditRefused("这处改动写不进文本，请直接在文本中修改。") from None
        except (KeyError, IndexError, TypeError, ValueError, AttributeError):
            raise EditRefused(f"文本中没有 {'.'.join(edit.path)}，不能修改。") from None
    return text


def _with(data: Any, path: Sequence[str], value: Any) -> Any:
    if not path:
        return value
    key, rest = path[0], path[1:]
    if isinstance(data, list):
        at = int(key)
        return [*data[:at], _with(data[at], rest, value), *data[at + 1 :]]
    if not isinstance(data, Mapping) or (rest and key not in data):
        raise KeyError(key)
    if not rest and value is None:
        return {name: one for name, one in data.items() if name != key}
    return {**data, key: _with(data.get(key), rest, value)}


def _renamed(data: Any, edit: Edit) -> Any:
    """A step under another name, wherever a step of this flow leads to it."""
    old, new = edit.path[-1], edit.name or ""
    steps = data["steps"]
    if edit.path[:-1] != ("steps",) or old not in steps or new in steps:
        raise KeyError(old)
    told = {(new if name == old else name): one for name, one in steps.items()}
    for name, step in told.items():
        told[name] = _leading_to(step, old, new) if isinstance(step, Mapping) else step
    start = new if data.get("start") == old else data.get("start")
    return {**data, "start": start, "steps": told}


def _leading_to(step: Mapping[str, Any], old: str, new: str) -> Any:
    changed: Any = step
    for path, to in ways_in(step):
        if to == old:
            changed = _with(changed, path, new)
    return changed


def _read(flow: str, text: str) -> tuple[Source | None, list[Fault]]:
    try:
        raw = text.encode("utf-8", "surrogatepass")
        return read_bytes(raw, file=f"{flow}.yaml"), []
    except SourceFault as refused:
        return None, [refused.fault]


def _flow(name: str, text: str) -> Flow | None:
    return validated(Flow, read_bytes(text.encode(), file=name))[0]
