"""What the pages are told of flows and the routing policy."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field, JsonValue

from callcenter.english.said import Said
from callcenter.web.models import ApiModel

State = Literal["draft", "in_review", "published", "withdrawn"]


class FlowVersion(ApiModel):
    """One version of a flow, or of the routing policy (`routing`)."""

    flow: str
    version: int
    state: State
    author: str = Field(description="`repository` for what came with the program")
    reviewer: str | None
    note: str
    created_at: datetime
    decided_at: datetime | None
    is_in_force: bool


class FlowRelease(ApiModel):
    """What calls heard from one time on: a version of each flow."""

    release: int
    flows: dict[str, int]
    by: str
    note: str
    at: datetime
    since: int | None = Field(description="the release that it repeats")


class FlowSummary(ApiModel):
    """A flow with its versions, the newest first."""

    flow: str
    title: str
    in_force: int | None
    next_version: int
    versions: list[FlowVersion]
    calls_now: int
    calls_today: int


class FlowList(ApiModel):
    """All flows and the routing policy, and the releases, the newest first."""

    release: int
    flows: list[FlowSummary]
    releases: list[FlowRelease]


class FlowWay(ApiModel):
    """A way out of a step: `way` names its field (`keys.2`); with `flow`, `to` is a flow."""

    way: str
    to: str


class FlowStep(ApiModel):
    """A step with its fields as they stand in the text."""

    name: str
    do: str
    line: int
    fields: dict[str, JsonValue]
    ways: list[FlowWay]


class FlowOutline(ApiModel):
    """A flow as it is drawn, as far as its text can be read."""

    flow: str
    title: str
    start: str
    steps: list[FlowStep]


class FlowFault(ApiModel):
    """One thing wrong in a text, or worth a look (`is_warning`)."""

    line: int
    where: str = Field(examples=["steps.main_menu.tries"])
    what: str = Field(description="English, as `hotline check` says it")
    words: str = Field(description="Chinese")
    is_warning: bool


class FlowDifference(ApiModel):
    """One thing that differs, in words."""

    kind: str
    step: str
    words: Said


class FlowText(ApiModel):
    """One version whole. `data`: what a policy holds, null for a flow."""

    version: FlowVersion
    text: str
    outline: FlowOutline | None
    data: JsonValue


class FlowDrafted(ApiModel):
    """The text with its edits, and what it is worth. `changes` only of a text without faults."""

    text: str
    outline: FlowOutline | None
    data: JsonValue
    faults: list[FlowFault]
    changes: list[FlowDifference]
    next_version: int


class FlowMoved(ApiModel):
    """What was done, and what the check still says."""

    version: FlowVersion | None
    release: FlowRelease | None
    faults: list[FlowFault]
    held_back: bool = Field(description="no controller takes it up before the faults are mended")


class FlowCompared(ApiModel):
    """Two versions: what differs in words, and as a unified diff."""

    flow: str
    old: int | None
    new: int
    differences: list[FlowDifference]
    diff: list[str]


class FlowLogEntry(ApiModel):
    """Who did what when."""

    at: datetime
    by: str
    move: Literal["submit", "review", "publish", "withdraw", "rollback"]
    note: str
    flow: str | None
    version: int | None
    release: int | None


class FlowLog(ApiModel):
    """The newest entries, the newest first."""

    entries: list[FlowLogEntry]


class FlowTraffic(ApiModel):
    """Where calls are, and how many took which way today."""

    at: datetime
    standing: list[FlowStanding]
    passed: list[FlowPassed]


class FlowStanding(ApiModel):
    """Calls at one step now."""

    flow: str
    version: int
    step: str
    stage: str
    calls: int


class FlowPassed(ApiModel):
    """Calls that took one way today."""

    flow: str
    version: int
    step: str
    way: str
    calls: int


class FlowRunning(ApiModel):
    """What this controller gives its calls."""

    in_force: int = Field(description="the newest release")
    running: int = Field(description="the release that new calls begin with")
    refused: str | None = Field(description="why the newest release is not taken up, in English")
    calls: int
    older_calls: int = Field(description="calls that go on in the release they began with")


class FlowPrompt(ApiModel):
    """A prompt and its Mandarin text; `languages` that have their own."""

    id: str
    text: str
    languages: list[str]


class FlowFact(ApiModel):
    """A fact to branch on. `service`: which one tells it, null for what the program knows."""

    name: str
    values: list[str]
    service: str | None


class FlowNamed(ApiModel):
    """Something that flows may name."""

    id: str
    title: str


class FlowService(ApiModel):
    """A service that may be asked."""

    id: str
    title: str
    send: list[str]


class FlowNames(ApiModel):
    """All that the forms offer to choose from."""

    prompts: list[FlowPrompt]
    groups: list[str]
    lines: list[FlowNamed]
    services: list[FlowService]
    facts: list[FlowFact]
    places: list[FlowNamed]
    flows: list[FlowNamed]


class FlowSaid(ApiModel):
    """One prompt as the caller hears it."""

    prompt: str
    text: str


class FlowTurn(ApiModel):
    """One happening and what came of it."""

    happened: str
    path: list[str] = Field(description="`flow.step` passed; the last waits")
    looked_at: dict[str, str]
    say: list[FlowSaid]
    language: str
    does: str = Field(examples=["collect menu", "join_queue labour", "end"])
    wait_s: float | None
    fault: str | None


class FlowTried(ApiModel):
    """The talk so far. `choices`: what may happen next, as `said` takes it."""

    turns: list[FlowTurn]
    awaits: str
    choices: list[str]
    is_over: bool
    flow: str
    step: str
    facts: dict[str, str]
    city: str | None
    notes: list[Said]
