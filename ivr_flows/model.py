"""What a flow file may say: one model per verb, the facts and groups it may name, and its limits.

A new verb is one model here, one case in `verbs`, one scenario; a test fails if any is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import Field, field_validator

from ivr_flows.fields import (
    CITY,
    AskDigits,
    FilePart,
    Key,
    KeyWait,
    LanguageName,
    Limit,
    Name,
    Say,
    SayPlace,
    SpecialGroup,
    Target,
    Tries,
    Whole,
)
from ivr_flows.names import CITIES as CITIES
from ivr_flows.names import CITY_SLOT, PLACE_CLIPS
from ivr_flows.names import FACT_WORDS as FACT_WORDS
from ivr_flows.names import FACTS as FACTS
from ivr_flows.names import GROUPS as GROUPS
from ivr_flows.names import HOME_LANGUAGE as HOME_LANGUAGE
from ivr_flows.names import LANGUAGES as LANGUAGES
from ivr_flows.names import SPECIAL_GROUPS as SPECIAL_GROUPS

Offer = Literal["callback", "message"]
Outcome = Literal["answered", "callback", "message"]  # how a caller leaves a waiting line


class Play(FilePart):
    """Say something and go on."""

    do: Literal["play"]
    say: SayPlace
    next: Target


class Menu(FilePart):
    """Say what there is and wait for one key; `0` leads to a person."""

    do: Literal["menu"]
    say: SayPlace
    keys: Annotated[dict[Key, Target], Field(min_length=1)]
    wait_s: KeyWait = 5
    tries: Tries = 2
    invalid: Say = ("invalid_key",)
    no_key: Say = ("no_key",)
    give_up: Target


class Branch(FilePart):
    """Go on by a fact that was looked up before; a fact that is missing goes `otherwise`."""

    do: Literal["branch"]
    on_fact: Name
    cases: Annotated[dict[str, Target], Field(min_length=1, max_length=100)]
    otherwise: Target


class Queue(FilePart):
    """Wait for a person of a group, and talk; after a while the caller may choose another way."""

    do: Literal["queue"]
    group: Name
    say: Say | None = None
    announce_every_s: Annotated[Whole, Field(ge=10, le=600)] = 30
    offer_after_s: Annotated[Whole, Field(ge=0, le=3600)] = 60
    offer: Say = ("queue_offer",)
    offers: dict[Key, Offer] = {"*": "callback", "#": "message"}
    answered: Target
    callback: Target | None = None
    message: Target | None = None


class Survey(FilePart):
    """Ask for a rating, 1 to 5, once more if none comes; no key means not rated."""

    do: Literal["survey"]
    say: Say
    again: Say
    invalid: Say = ("invalid_key",)
    wait_s: KeyWait = 10
    tries: Tries = 2
    next: Target
    not_rated: Target


class Callback(FilePart):
    """Take down that the caller wants to be rung: his number if it is not known, then his voice."""

    do: Literal["callback"]
    say: Say
    ask_number: Say
    wait_s: KeyWait = 10
    tries: Tries = 2
    invalid: Say = ("invalid_key",)
    no_key: Say = ("no_key",)
    limit_s: Limit = 120
    next: Target
    give_up: Target


class Message(FilePart):
    """Record what the caller leaves us."""

    do: Literal["message"]
    say: Say
    limit_s: Limit = 120
    next: Target


class Ask(FilePart):
    """Ask for digits and keep them under a name; `#`, silence or the greatest length ends them."""

    do: Literal["ask"]
    say: Say
    into: Name
    digits: Annotated[
        tuple[AskDigits, AskDigits], Field(description="fewest and most digits, as in [4, 8]")
    ]
    wait_s: KeyWait = 8
    tries: Tries = 2
    invalid: Say = ("invalid_number",)
    no_key: Say = ("no_key",)
    next: Target
    give_up: Target

    @field_validator("digits")
    @classmethod
    def _fewest_first(cls, digits: tuple[int, int]) -> tuple[int, int]:
        if digits[0] > digits[1]:
            raise ValueError("should name the fewest digits first")
        return digits


class CallApi(FilePart):
    """Ask a service of services.yaml; its answer only sets the facts that are declared there."""

    do: Literal["call_api"]
    say: Say | None = None
    service: Name
    send: Annotated[
        tuple[Name, ...], Field(max_length=10, description="names of what was asked for (into)")
    ] = ()
    next: Target
    failed: Target


class Transfer(FilePart):
    """Ring a line of lines.yaml outside and talk; `failed` if nobody answers or it is closed."""

    do: Literal["transfer"]
    say: Say | None = None
    to: Name
    ring_s: Annotated[Whole, Field(ge=5, le=120)] = 25
    alarm: Annotated[Name, Field(description="told to supervisors at once")] | None = None
    done: Target
    failed: Target


class Record(FilePart):
    """Record the caller's voice as a named note of the call; a silent one goes on all the same."""

    do: Literal["record"]
    say: Say
    into: Name
    limit_s: Limit = 120
    next: Target


class Language(FilePart):
    """Say everything from here on in this language; where a prompt lacks it, in zh-CN."""

    do: Literal["language"]
    to: LanguageName
    next: Target


class SetCity(FilePart):
    """Take this city as the caller's, for he has chosen it; {city}: he keeps the one he is in."""

    do: Literal["set_city"]
    to: Annotated[
        str, Field(pattern=CITY, description="GB/T 2260 code of the prefecture, or {city}")
    ]
    next: Target


class Mark(FilePart):
    """Note that the caller is of a special group, for he has said so."""

    do: Literal["mark"]
    special: SpecialGroup
    next: Target


class GotoFlow(FilePart):
    """Go on at the start of another flow; does not come back."""

    do: Literal["goto_flow"]
    flow: Name


class Hangup(FilePart):
    """Say something, if anything, and end the call."""

    do: Literal["hangup"]
    say: Say | None = None


Step = (
    Play
    | Menu
    | Ask
    | Branch
    | Queue
    | Transfer
    | Survey
    | Callback
    | Message
    | Record
    | CallApi
    | Language
    | SetCity
    | Mark
    | GotoFlow
    | Hangup
)
VERBS: Final[Mapping[str, type[FilePart]]] = {
    "play": Play,
    "menu": Menu,
    "ask": Ask,
    "branch": Branch,
    "queue": Queue,
    "transfer": Transfer,
    "survey": Survey,
    "callback": Callback,
    "message": Message,
    "record": Record,
    "call_api": CallApi,
    "language": Language,
    "set_city": SetCity,
    "mark": Mark,
    "goto_flow": GotoFlow,
    "hangup": Hangup,
}


class Flow(FilePart):
    """One flow file: named steps, each with one verb, each target a step of the same file."""

    flow: Name
    version: Annotated[Whole, Field(ge=1, le=1_000_000)]
    title: Annotated[str, Field(min_length=1, max_length=100)]
    start: Target
    steps: Annotated[
        dict[Name, Annotated[Step, Field(discriminator="do")]], Field(min_length=1, max_length=2000)
    ]


@dataclass(frozen=True, slots=True)
class Flows:
    """The flows that a call may pass through, by name; `first` is where it begins.

    `release` is the number under which they were published; 0: the files of the repository.
    """

    first: str
    by_name: Mapping[str, Flow]
    release: int = 0


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing wrong in a file, printed as `file:line: where: what`. A warning refuses nothing."""

    file: str
    line: int
    where: str
    what: str
    is_warning: bool = False

    def __str__(self) -> str:
        warning = "warning: " if self.is_warning else ""
        return f"{self.file}:{self.line}: {self.where}: {warning}{self.what}"


_TABLES: Final = ("cases", "keys")
_TARGETS: Final = (
    *("next", "otherwise", "give_up", "answered", "callback", "message", "not_rated"),
    *("done", "failed"),
)


def targets(step: Step) -> tuple[tuple[tuple[str, ...], str], ...]:
    """Every way out of a step inside its flow: (path of the field in the step, step name)."""
    return ways_in(step.__dict__)  # not by getattr, which pydantic makes slow for what it lacks


def ways_in(given: Mapping[str, Any]) -> tuple[tuple[tuple[str, ...], str], ...]:
    """The same of a step's fields by name, as far as they make sense."""
    tables = ((name, one) for name in _TABLES if isinstance(one := given.get(name), Mapping))
    ways: list[tuple[tuple[str, ...], Any]] = [
        ((name, at), to) for name, table in tables for at, to in table.items()
    ]
    ways += [((field,), given[field]) for field in _TARGETS if field in given]
    return tuple((field, to) for field, to in ways if to and isinstance(to, str))


_SAYING: Final = ("say", "invalid", "no_key", "offer", "again", "ask_number")


def prompts_of(step: Step) -> tuple[tuple[tuple[str, ...], str], ...]:
    """Every prompt that a step may say, all places for {city}: (path of the field, prompt id)."""
    given = step.__dict__
    return tuple(
        ((field,), prompt)
        for field in _SAYING
        for one in given.get(field) or ()
        for prompt in (PLACE_CLIPS if one == CITY_SLOT else (one,))
    )


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a flow file, for editors: written to `flow.schema.json`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Flow.model_json_schema(),
    }
