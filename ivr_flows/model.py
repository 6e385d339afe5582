"""What a flow file may say: one model per verb, the facts and groups it may name, and its limits.

A new verb is one model here, one case in `engine`, one scenario; a test fails if any is missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

Offer = Literal["callback", "message"]
Outcome = Literal["answered", "callback", "message"]  # how a caller leaves a waiting line

FACTS: Final[Mapping[str, tuple[str, ...]]] = {
    "hours": ("open", "closed"),  # seats' calendar, for the place and time of the call
    "caller_known": ("yes", "no"),  # whether the caller's number can be rung back
}
GROUPS: Final = ("family", "labour", "contract", "general", "service")

RESCUE_SAY: Final = "sorry_person"  # said when a step breaks in a call ...
RESCUE_GROUP: Final = "general"  # ... and the line the caller then joins

SURVEY_KEYS: Final = "12345"  # 1 very satisfied to 5 very dissatisfied (contract: Facts)
NUMBER_KEYS: Final = "0123456789#"
NUMBER_END: Final = "#"
NUMBER_DIGITS: Final = (7, 15)  # shortest local number; longest number of ITU-T E.164

NAME: Final = "^[a-z][a-z0-9_]{0,39}$"
KEY: Final = "^[0-9*#]$"
EXPECTED: Final = (  # what a scenario expects to be said and done
    "^(play [a-z0-9_]+|collect (menu|survey|number)|join_queue [a-z0-9_]+"
    "|record (callback|message)|end|fallback)$"
)
_NAME_SCHEMA: Final = {"type": "string", "pattern": NAME}


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Name = Annotated[str, Field(pattern=NAME)]
Target = Annotated[str, Field(pattern=NAME, description="the step to go on with")]
Key = Annotated[str, Field(pattern=KEY)]
Say = Annotated[
    tuple[Name, ...],
    BeforeValidator(_as_list),
    Field(min_length=1, max_length=20),
    WithJsonSchema(
        {
            "description": "a prompt id of prompts.yaml, or a list of them",
            "anyOf": [
                _NAME_SCHEMA,
                {"type": "array", "items": _NAME_SCHEMA, "minItems": 1, "maxItems": 20},
            ],
        }
    ),
]
Whole = Annotated[int, Field(strict=True)]
KeyWait = Annotated[Whole, Field(ge=1, le=60, description="seconds to wait for a key")]
Tries = Annotated[Whole, Field(ge=1, le=5, description="wrong or missing keys before give_up")]
Limit = Annotated[Whole, Field(ge=5, le=600, description="longest voice note in seconds")]


class FilePart(BaseModel):
    """Part of a file: what is not known is refused, what was read never changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Play(FilePart):
    """Say something and go on."""

    do: Literal["play"]
    say: Say
    next: Target


class Menu(FilePart):
    """Say what there is and wait for one key; `0` leads to a person."""

    do: Literal["menu"]
    say: Say
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
    cases: Annotated[dict[str, Target], Field(min_length=1)]
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


class GotoFlow(FilePart):
    """Go on at the start of another flow; does not come back."""

    do: Literal["goto_flow"]
    flow: Name


class Hangup(FilePart):
    """Say something, if anything, and end the call."""

    do: Literal["hangup"]
    say: Say | None = None


Step = Play | Menu | Branch | Queue | Survey | Callback | Message | GotoFlow | Hangup
VERBS: Final[Mapping[str, type[FilePart]]] = {
    "play": Play,
    "menu": Menu,
    "branch": Branch,
    "queue": Queue,
    "survey": Survey,
    "callback": Callback,
    "message": Message,
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
    """The flows that a call may pass through, by name; `first` is where it begins."""

    first: str
    by_name: Mapping[str, Flow]


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


def targets(step: Step) -> tuple[tuple[tuple[str, ...], str], ...]:
    """Every way out of a step inside its flow: (path of the field in the step, step name)."""
    ways: list[tuple[tuple[str, ...], str]] = []
    for table in ("cases", "keys"):
        ways += [((table, at), to) for at, to in getattr(step, table, {}).items()]
    for field in ("next", "otherwise", "give_up", "answered", "callback", "message", "not_rated"):
        if to := getattr(step, field, None):
            ways.append(((field,), to))
    return tuple(ways)


def prompts_of(step: Step) -> tuple[tuple[tuple[str, ...], str], ...]:
    """Every prompt that a step may say: (path of the field in the step, prompt id)."""
    fields = ("say", "invalid", "no_key", "offer", "again", "ask_number")
    return tuple(((field,), one) for field in fields for one in getattr(step, field, None) or ())


_KEY: Final = r"[“\"「]?([0-9零〇二三四五六七八九*#＊＃]|一(?!下)|星|井|米字)(?![0-9])[”\"」]?"
_NAMED: Final = re.compile(rf"按(?:下|数字)?键?\s*{_KEY}(?:号?键?\s*[到至—～~-]\s*{_KEY})?")
_SIGNS: Final = {c: str(i) for i, c in enumerate("零一二三四五六七八九")} | {
    "〇": "0", "星": "*", "米字": "*", "井": "#", "＊": "*", "＃": "#",
}  # fmt: skip


def keys_named(text: str) -> frozenset[str]:
    """The keys that a prompt's text tells the caller to press: 请按1, 按星号键, 按1到5."""
    found: set[str] = set()
    for one in _NAMED.finditer(text):
        first, last = (_SIGNS.get(key or "", key or "") for key in one.groups())
        found.add(first)
        if first.isdigit() and last.isdigit():
            found.update(str(key) for key in range(int(first), int(last) + 1))
    return frozenset(found)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a flow file, for editors: written to `flow.schema.json`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Flow.model_json_schema(),
    }
