"""A talk through a flow, one happening after another, with steps back; the whole of it a scenario.

Pure: what happens is handed in, what the flow says and does is handed out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ivr_flows.model import Branch, Flows
from ivr_flows.rehearsal import play, words
from ivr_flows.scenario import Scenario, ScenarioTurn
from ivr_flows.turn import Act, Turn
from ivr_flows.verbs import fact

Happened = Mapping[str, Any]  # one of HAPPENINGS and its value; nothing: the call begins


@dataclass(frozen=True, slots=True)
class Told:
    """One happening (its `expect`: what came of it), a turn for each key of it, facts looked at."""

    planned: ScenarioTurn
    turns: tuple[Turn, ...]
    looked_at: Mapping[str, str]

    @property
    def last(self) -> Turn:
        """The turn that waits now."""
        return self.turns[-1]


class Talk:
    """A call that begins when this is made; `told` is all that came of it so far."""

    def __init__(self, flows: Flows, facts: Mapping[str, str]) -> None:
        """`flows.first` is where the call begins, `facts` those of the caller and the hour."""
        self.flows = flows
        self.facts = dict(facts)
        self.told: list[Told] = []
        self._asked: list[frozenset[str]] = []  # names of facts, by turn
        self.do({})

    @property
    def act(self) -> Act:
        """What the flow asks for now."""
        return self.told[-1].last.act

    @property
    def is_over(self) -> bool:
        """Whether nothing more can happen."""
        return self.told[-1].last.session.awaits == "nothing"

    def do(self, happened: Happened) -> Told:
        """Let it happen. Raises AnswerUnexpected when it cannot happen here; the talk stands."""
        before = self.told[-1].last if self.told else None
        planned = ScenarioTurn.model_construct(**{**happened, "expect": ()})
        noted = _Noted(self.facts)
        turns = play(planned, before, self.flows, noted)
        # Not held against the limits of files: one may try more than a scenario holds.
        planned = ScenarioTurn.model_construct(**{**happened, "expect": words(turns, before)})
        looked_at: dict[str, str] = {}
        for turn in turns:
            looked_at |= self._looked_at(turn)
        self.told.append(Told(planned, turns, looked_at))
        self._asked.append(frozenset(noted.asked))
        return self.told[-1]

    def back(self) -> bool:
        """Undo the last happening; False at the beginning."""
        if len(self.told) == 1:
            return False
        self.told.pop()
        self._asked.pop()
        return True

    @property
    def in_short(self) -> str:
        """What has happened, in a few words."""
        happened = (told.planned for told in self.told[1:])
        return (
            "、".join(_IN_SHORT.get(one.happening, one.press or "") for one in happened) or "来电"
        )

    def scenario(self, title: str) -> Scenario:
        """The talk so far, with those facts alone that the flow asked for.

        Nothing holds it to the limits of scenario files: whoever writes it down should check.
        """
        asked = frozenset[str]().union(*self._asked)
        session = self.told[-1].last.session
        return Scenario.model_construct(
            scenario=title,
            flow=self.flows.first,
            facts={name: value for name, value in self.facts.items() if name in asked},
            turns=tuple(told.planned for told in self.told),
            rating=session.rating,
            number=session.pii_number,
        )

    def _looked_at(self, turn: Turn) -> dict[str, str]:
        """Facts that branches on the way looked at, and what they were; empty: not known."""
        found: dict[str, str] = {}
        for flow, name in turn.path:
            step = self.flows.by_name[flow].steps.get(name)
            if isinstance(step, Branch):
                found[step.on_fact] = fact(step.on_fact, turn.session, self.facts)
        return found


_IN_SHORT: Final = {
    "no_key": "不按键",
    "answered": "接通",
    "spoken": "说完",
    "transferred": "转接",
    "service": "查询",
    "broken": "故障",
}


class _Noted(dict[str, str]):
    """Facts that note which of them were asked for."""

    def __init__(self, facts: Mapping[str, str]) -> None:
        super().__init__(facts)
        self.asked: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.asked.add(name)
        return super().get(name, default)

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return super().__getitem__(name)


def written(scenario: Scenario) -> str:
    """A scenario as the text of its file, in the form of those that are there."""
    lines = [f"scenario: {_scalar(scenario.scenario)}", f"flow: {scenario.flow}"]
    lines += [f"facts: {_flat(scenario.facts)}", "turns:"]
    for turn in scenario.turns:
        expect = f"expect: [{', '.join(turn.expect)}]"
        value = getattr(turn, turn.happening, None)
        if value is None:
            lines.append(f"  - {expect}")
        else:
            lines += [f"  - {turn.happening}: {_flat(value)}", f"    {expect}"]
    if scenario.rating is not None:
        lines.append(f"rating: {scenario.rating}")
    if scenario.number is not None:
        lines.append(f'number: "{scenario.number}"')
    return "\n".join(lines) + "\n"


_PLAIN: Final = re.compile(r"[a-z_][a-z0-9_]*|[\u4e00-\u9fff][\w、，。；（）「」—-]*")
_NOT_TEXT: Final = frozenset(("yes", "no", "on", "off", "true", "false", "null", "y", "n"))


def _flat(value: object) -> str:
    if value is True:
        return "true"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {_scalar(of)}" for name, of in value.items()) + "}"
    return _scalar(value)


def _scalar(value: object) -> str:
    text = str(value)
    if _PLAIN.fullmatch(text) and text not in _NOT_TEXT:
        return text
    return json.dumps(text, ensure_ascii=False)  # a string of JSON is one of YAML
