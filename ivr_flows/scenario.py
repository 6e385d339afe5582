"""Scenario files: what a caller does in a call, and what is expected each time.

Only the file model; `rehearsal` runs it on the engine, others may run it on a session or a real
Asterisk.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from ivr_flows.catalogue import VALUE
from ivr_flows.fields import EXPECTED, FilePart, Name, Whole
from ivr_flows.model import Fault
from ivr_flows.validation import validated
from ivr_flows.yaml_source import Source, SourceFault, read_file

HERE: Final = Path(__file__).parent
SCENARIOS: Final = HERE / "scenarios"

Expected = Annotated[str, Field(pattern=EXPECTED)]
Value = Annotated[str, Field(pattern=VALUE)]
# A tag in brackets is no part of the file: `validation` leaves it out of the place of a fault.
Told = Annotated[
    Annotated[Literal["failed"], Tag("[failed]")] | Annotated[dict[Name, Value], Tag("[told]")],
    Discriminator(lambda told: "[failed]" if isinstance(told, str) else "[told]"),
]
Happening = Literal[
    "call", "press", "no_key", "answered", "spoken", "transferred", "service", "broken"
]


class ScenarioTurn(FilePart):
    """One thing that happens, none in the first turn, and what is heard and done thereupon.

    press: keys, one after the other; no_key: the time to press one is over; answered: a seat
    talked with the caller and hung up; spoken: the caller has left his voice; transferred: how the
    line outside went; service: the facts that a service told, or failed; broken: what is to be said
    or done cannot be.
    """

    press: Annotated[str, Field(pattern="^[0-9*#]{1,40}$")] | None = None
    no_key: Literal[True] | None = None
    answered: Literal[True] | None = None
    spoken: Literal[True] | None = None
    transferred: Literal["answered", "failed"] | None = None
    service: Told | None = None
    broken: str | None = None
    expect: Annotated[tuple[Expected, ...], Field(min_length=1, max_length=30)]

    @property
    def happening(self) -> Happening:
        """What happens in this turn; `call` is the beginning."""
        for one in HAPPENINGS:
            if getattr(self, one) is not None:
                return one
        return "call"

    @model_validator(mode="after")
    def _one_at_a_time(self) -> ScenarioTurn:
        if sum(getattr(self, one) is not None for one in HAPPENINGS) > 1:
            raise ValueError(f"only one of these can happen in a turn: {', '.join(HAPPENINGS)}")
        return self


HAPPENINGS: Final[tuple[Happening, ...]] = (
    *("press", "no_key", "answered", "spoken", "transferred", "service", "broken"),
)


class Scenario(FilePart):
    """One call from its beginning; `rating`, `number`: what the caller has told by its end."""

    scenario: Annotated[str, Field(min_length=1, max_length=200)]
    flow: Name
    facts: dict[Name, str] = {}
    turns: Annotated[tuple[ScenarioTurn, ...], Field(min_length=1, max_length=200)]
    rating: Annotated[Whole, Field(ge=1, le=5)] | None = None
    number: Annotated[str, Field(pattern="^[0-9]{1,15}$")] | None = None

    @model_validator(mode="after")
    def _begins_and_goes_on(self) -> Scenario:
        for at, turn in enumerate(self.turns, 1):
            if (turn.happening == "call") != (at == 1):
                wanted = "one of " + ", ".join(HAPPENINGS) if at > 1 else "nothing, the call begins"
                raise ValueError(f"turn {at} should say what happens: {wanted}")
        return self


def difference(
    scenario: Scenario,
    found: Sequence[tuple[str, ...]],
    *,
    rating: int | None,
    number: str | None,
) -> tuple[int, str] | None:
    """The first turn (from 0) that went otherwise than the scenario says, and how, if any.

    The one measure of all three ways to play a scenario: on the engine, on a session, on a real
    Asterisk. `found` holds what was said and done in each turn, in the words of `expect`.
    """
    for at, planned in enumerate(scenario.turns):
        heard = ", ".join(found[at]) if at < len(found) else "nothing"
        if at >= len(found) or found[at] != planned.expect:
            return at, f"expected {', '.join(planned.expect)}; found {heard}"
    last = len(scenario.turns) - 1
    if len(found) > len(scenario.turns):
        return last, f"went on: {', '.join(found[last + 1])}"
    if (rating, number) != (scenario.rating, scenario.number):
        return last, f"told at the end (rating, number): {(rating, number)}"
    return None


def read_scenario(file: Path) -> tuple[Scenario | None, Source | None, list[Fault]]:
    """A scenario with its source, or every fault of its file."""
    try:
        source = read_file(file)
    except SourceFault as refused:
        return None, None, [refused.fault]
    scenario, faults = validated(Scenario, source)
    return (None if faults else scenario), source, faults
