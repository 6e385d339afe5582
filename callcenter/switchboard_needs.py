"""What the switchboard needs of the parts around it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from callcenter.call import Call
from ivr_flows.model import Flows


class Spool(Protocol):
    """Where facts are written as they happen."""

    def append(self, record: bytes) -> None:
        """Keep one conversation; it survives the death of this process."""


class Counters(Protocol):
    """What is counted for /metrics."""

    def call_began(self) -> None:
        """A new call."""

    def call_resumed(self) -> None:
        """A call taken up again."""

    def call_over(self, call: Call) -> None:
        """A call ended."""

    def step_failed(self) -> None:
        """A rule broke."""

    def flow_failed(self, flow: str, version: int, step: str) -> None:
        """A step of a flow broke."""


class Known(Protocol):
    """What is known of a call before its flow asks."""

    def facts_of(self, call: Call) -> Mapping[str, str]:
        """The facts of the call now."""

    def look_up(self, call: Call) -> None:
        """Begin to look up what takes time."""

    def forget(self, call_id: str) -> None:
        """The call is over."""


class FlowSource(Protocol):
    """The flows that calls pass through."""

    current: Flows

    def of(self, release: int) -> Flows:
        """The flows of the release that a call began with."""
