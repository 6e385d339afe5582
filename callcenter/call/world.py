"""What a step may know besides the call itself."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from callcenter.call.state import Call
from callcenter.commands import Command
from ivr_flows.model import Flows

Outcome = tuple[Call, tuple[Command, ...]]


class World(msgspec.Struct, frozen=True):
    """Facts looked up before the step. `ahead`: callers before this one, None outside the line;
    `expected_wait_s`: seconds until a seat takes him, None when nobody can tell.
    `notices`: prompt ids of the emergency notices in force, by language.
    """

    flows: Flows
    facts: Mapping[str, str]
    ahead: int | None = None
    expected_wait_s: float | None = None
    ring_s: int = 15
    notices: Mapping[str, tuple[str, ...]] = {}
