"""What passes between the engine and a call: acts to carry out, answers, the session, the turn."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec

from ivr_flows.model import HOME_LANGUAGE, Offer, Outcome

Facts = Mapping[str, str]


class Collect(msgspec.Struct, frozen=True):
    """Await one key for `wait_s` seconds after everything is said; answer with Key or NoKey.

    A number and digits come key by key too; the engine keeps what was typed. `keys` are those that
    count; any other is a wrong key and must be handed in all the same. A key pressed while `say`
    plays ends it and is the answer (type-ahead).
    """

    purpose: Literal["menu", "survey", "number", "digits"]
    keys: str
    wait_s: float


class JoinQueue(msgspec.Struct, frozen=True):
    """Stand in the line of a group, or stay in it; answer with QueueLeft.

    Every `every_s` the caller hears his position; from `offer_after_s` on also `offer_say`, and a
    key of `offers` then leaves the line with that outcome. Empty `offers`: nothing is offered.
    """

    group: str
    every_s: int = 30
    offer_after_s: int = 60
    offer_say: tuple[str, ...] = ()
    offers: Mapping[str, Offer] = msgspec.field(default_factory=dict)


class RecordVoice(msgspec.Struct, frozen=True):
    """Record the caller's voice for at most `limit_s`; answer with Recorded.

    `pii_number` is the number he typed to be rung at; None: the one he calls from. A `note` is kept
    with the call under `name`, and is no overflow.
    """

    kind: Literal["callback", "message", "note"]
    limit_s: int
    pii_number: str | None = None
    name: str = ""


class Transfer(msgspec.Struct, frozen=True):
    """Ring a line outside for at most `ring_s` and let both talk; answer with Transferred."""

    line: str
    ring_s: int


class CallService(msgspec.Struct, frozen=True):
    """Ask a service; answer with ServiceAnswered or ServiceFailed. `sent` is what was typed: pii.

    Only what was asked for before is in `sent`.
    """

    service: str
    sent: Mapping[str, str]


class End(msgspec.Struct, frozen=True):
    """End the call. `is_rescue`: nothing could be said or done, so leave it to the fallback."""

    is_rescue: bool = False


Act = Collect | JoinQueue | RecordVoice | Transfer | CallService | End


class Key(msgspec.Struct, frozen=True):
    """The caller pressed one key."""

    key: str


class NoKey(msgspec.Struct, frozen=True):
    """No key came in the time given."""


class QueueLeft(msgspec.Struct, frozen=True):
    """The caller left the line: `answered` once the talk is over, or by a key that was offered."""

    outcome: Outcome


class Recorded(msgspec.Struct, frozen=True):
    """The voice note is on disk."""


class Transferred(msgspec.Struct, frozen=True):
    """`answered` once both have talked and the far side hung up; `failed` if nobody answered."""

    outcome: Literal["answered", "failed"]


class ServiceAnswered(msgspec.Struct, frozen=True):
    """The service's answer, as facts that services.yaml declares."""

    facts: Mapping[str, str]


class ServiceFailed(msgspec.Struct, frozen=True):
    """No answer in time, or none that counts; the flow goes on where it says."""

    reason: str


class Failed(msgspec.Struct, frozen=True):
    """A prompt or act could not be carried out."""

    reason: str


Answer = Key | NoKey | QueueLeft | Recorded | Transferred | ServiceAnswered | ServiceFailed | Failed
Awaits = Literal["key", "number", "digits", "queue", "voice", "transfer", "service", "nothing"]


class Session(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where a call stands in its flow. `rating` 1 to 5 once given; `pii_*` what he typed.

    `answers` is what he typed by the name it was asked for (never logged); `facts` what services
    told; `city` and `special` what he chose by key.
    """

    flow: str
    version: int
    step: str
    awaits: Awaits = "nothing"
    tries: int = 0
    turns: int = 0
    rescues: int = 0
    is_served: bool = False
    rating: int | None = None
    pii_digits: str = ""
    pii_number: str | None = None
    language: str = HOME_LANGUAGE
    answers: dict[str, str] = {}
    facts: dict[str, str] = {}
    city: str | None = None
    special: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """A plain object for JSON; what is at its default is left out."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Session:
        """A session from `to_json`'s object. Raises SessionUnreadable."""
        try:
            return msgspec.convert(saved, cls)
        except msgspec.ValidationError as error:
            # Where, never what: the value may be a number that the caller typed.
            named = _FIELD.search(str(error))
            raise SessionUnreadable(
                f"not a session: {named[1] if named else 'not an object'}"
            ) from None


_FIELD: Final = re.compile(r"(?:field `|at `\$\.)(\w+)`")


class FlowFault(msgspec.Struct, frozen=True):
    """A step that broke in a call: to be counted and logged."""

    flow: str
    version: int
    step: str
    reason: str


class Way(msgspec.Struct, frozen=True, array_like=True):
    """One way that a call took out of a step: `way` is the field that named it (`keys.2`, `next`).

    `flow` for the step that went over into another flow, whose own steps are told on their own.
    """

    flow: str
    version: int
    step: str
    way: str


class Turn(msgspec.Struct, frozen=True):
    """Say the prompts in `language` in order, then do `act`.

    `path`: (flow, step) passed, the last waits; `ways`: how the call came from each to the next,
    the answer's first. `alarm` is to be raised before anything is said.
    """

    say: tuple[str, ...]
    act: Act
    session: Session
    path: tuple[tuple[str, str], ...] = ()
    fault: FlowFault | None = None
    language: str = HOME_LANGUAGE
    alarm: str | None = None
    ways: tuple[Way, ...] = ()


class SessionUnreadable(Exception):
    """Saved state that is not a session."""


class AnswerUnexpected(Exception):
    """The answer does not fit what was asked; the session stands, ask or wait again."""
