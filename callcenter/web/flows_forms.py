"""What the pages send about flows and the routing policy."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, JsonValue

from callcenter.web.models import ApiModel
from ivr_flows.book import MAX_NOTE
from ivr_flows.fields import NAME
from ivr_flows.yaml_source import MAX_BYTES

FlowName = Annotated[str, Field(pattern=NAME, examples=["main"])]
Number = Annotated[int, Field(ge=1, le=1_000_000_000)]
Note = Annotated[str, Field(max_length=MAX_NOTE)]
Text = Annotated[str, Field(max_length=MAX_BYTES)]
_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


class FlowEdit(ApiModel):
    """A change of a text: the value at a path (null takes it away), or a step's new name."""

    path: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=100)]],
        Field(min_length=1, max_length=12),
    ]
    value: JsonValue = None
    name: Annotated[str, Field(pattern=NAME)] | None = None


class FlowDraft(ApiModel):
    """A text in the making; `base`: the version that it is held against, 0: against nothing."""

    flow: FlowName
    text: Text
    edits: Annotated[list[FlowEdit], Field(max_length=100)] = []
    base: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None


class FlowSubmit(ApiModel):
    """A text to be kept as a draft for review."""

    text: Text
    note: Annotated[str, Field(min_length=1, max_length=MAX_NOTE)]


class FlowMove(ApiModel):
    """`note`: why, for the log. `seen`: the release that was in force when it was looked at."""

    note: Note = ""
    seen: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None


class FlowRollback(ApiModel):
    """Back to an older release; with `policy` to an older version of the routing policy alone."""

    to: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None
    policy: bool = False
    note: Note = ""


class FlowCompareQuery(ApiModel):
    """`old`: none means the version in force, or the one before it."""

    old: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None
    new: Number


class FlowTry(ApiModel):
    """A text to be talked through: the pretended call, and what happened in it so far.

    `said`: keys (`2`, `8555#`), `-` for no key, `answered`, `failed`, `spoken`, or `fact=value` of
    a service's answer.
    """

    flow: FlowName
    text: Text
    now: Annotated[AwareDatetime, Field(ge=_FIRST, lt=_LAST)]
    caller: Annotated[str, Field(max_length=20)] = "anonymous"
    city: Annotated[str, Field(max_length=20)] | None = None
    waiting: Annotated[int, Field(ge=0, le=9999)] = 0
    facts: Annotated[dict[str, str], Field(max_length=40)] = {}
    said: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=200)] = []


class PolicyTry(ApiModel):
    """A policy to be played against the one in force: on a built-in week, or on one's own calls."""

    text: Text
    arrivals: Literal["jilin", "facts"] = "jilin"
