"""The routing policy among what goes live: the text `routing` beside the flows of a release."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from ivr_flows.load import FlowsRefused
from ivr_flows.model import Fault
from seats.longest_wait import Duty
from seats.policy import DEFAULT, Policy
from seats.policy_file import Known, load_policy
from seats.source import FileFaults, Source

NAME: Final = "routing"
"""Its name among versions and releases; no flow may be called so."""


@dataclass(frozen=True, slots=True)
class Here:
    """A province as far as a policy is concerned, and the policy of its own file."""

    known: Known = Known()
    policy: Policy = DEFAULT
    text: str = ""
    duty: Duty | None = None
    """Whom calls find, for the longest wait; None: it is not told."""


class Published(NamedTuple):
    """A policy of a release, and the text it was read from."""

    policy: Policy
    text: str


class Policies:
    """Reads policies with the seats and lines of a province, asked for anew each time."""

    def __init__(self, here: Callable[[], Here] = Here) -> None:
        self.here = here

    def read(self, text: str, known: Known | None = None) -> Policy:
        """A policy that goes live, here or with `known`. Raises FlowsRefused with every fault."""
        return self._read(text.encode(), f"{NAME}.yaml", known or self.here().known)

    def of(self, texts: Mapping[str, str]) -> Published | None:
        """The policy of a release; None: it has none, that of the province holds."""
        text = texts.get(NAME)
        return None if text is None else Published(self.read(text), text)

    def submitted(self, raw: bytes, *, shown: str, expected: int) -> tuple[Policy, str]:
        """A new text, which must carry the number `expected`. Raises FlowsRefused."""
        policy = self._read(raw, shown, self.here().known)
        if policy.version != expected:
            was = f"is {policy.version}, but the" if policy.version else "is missing: the"
            what = f"{was} next one of {NAME} is {expected}"
            raise FlowsRefused([Fault(shown, _line(raw, shown), "version", what)])
        return policy, raw.decode("utf-8")

    def understood(self, text: str) -> Policy:
        """A kept policy, whatever seats and lines there are now; DEFAULT for an empty text."""
        return self._read(text.encode(), f"{NAME}.yaml", Known()) if text else DEFAULT

    def _read(self, raw: bytes, shown: str, known: Known) -> Policy:
        try:
            return load_policy(Path(shown), known, raw)
        except FileFaults as refused:
            faults = [Fault(one.file, one.line, one.where, one.what) for one in refused.faults]
            raise FlowsRefused(faults) from None


def flows_only(texts: Mapping[str, str]) -> dict[str, str]:
    """The texts of flows among those of a release."""
    return {name: text for name, text in texts.items() if name != NAME}


def _line(raw: bytes, shown: str) -> int:
    source = Source(Path(shown), raw)
    node = source.table(source.root, "file", optional=None).get("version")
    return node.start_mark.line + 1 if node is not None else 1
