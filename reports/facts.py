"""What is known of one call: the conversation, its attempts, stints, survey and request."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, NoReturn, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
)

EndedBy = Literal["caller", "seat", "system"]
EndStage = Literal["blocked", "ivr", "queue", "ringing", "talking", "survey"]
OverflowKind = Literal["callback", "message"]
TransferOutcome = Literal["answered", "no_answer", "busy", "unreachable", "closed", "caller_gone"]
AttemptOutcome = Literal["answered", "no_answer", "declined", "unreachable", "caller_gone"]
Source = Literal["controller", "journal", "import"]

# RFC 3339, seconds required. Offsets are taken and turned into UTC; no offset is refused,
# because a time whose zone is guessed is eight hours wrong (peers.md §5 item 15).
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_YEARS = range(1970, 2200)  # leaves room for the zone's offset at both ends of datetime


class FactFault(ValueError):
    """One record that cannot be taken as a conversation; each fault is `where: what`."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


def parse_time(value: object) -> datetime:
    """Aware UTC datetime from an RFC 3339 string or an aware datetime; ValueError otherwise."""
    if isinstance(value, str):
        if not _TIME.fullmatch(value):
            raise ValueError("is not a time like 2026-03-02T01:02:03.400Z")
        value = datetime.fromisoformat(value.upper())
    if not isinstance(value, datetime):
        raise ValueError("is not a time like 2026-03-02T01:02:03.400Z")
    if value.tzinfo is None:
        raise ValueError("has no time zone")
    if value.year not in _YEARS:
        raise ValueError(f"is not in the years {_YEARS.start} to {_YEARS.stop - 1}")
    return value.astimezone(UTC)


def format_time(value: datetime) -> str:
    """`2026-03-02T01:02:03.400Z`: milliseconds, or microseconds where the fact has them."""
    unit = "microseconds" if value.microsecond % 1000 else "milliseconds"
    return value.astimezone(UTC).isoformat(timespec=unit)[:-6] + "Z"  # not +00:00


def _clean(value: object) -> object:
    # PostgreSQL cannot hold NUL, and no UTF-8 file can hold half a surrogate pair.
    if isinstance(value, str) and (fault := _text_fault(value)):
        raise ValueError(fault)
    return value


def _filled(value: object) -> object:
    if value == "":
        raise ValueError("is empty")
    return _clean(value)


def _text_fault(value: str) -> str | None:
    if "\0" in value:
        return "holds a NUL character"
    if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
        return "holds half of a surrogate pair"
    return None


Utc = Annotated[datetime, BeforeValidator(parse_time), PlainSerializer(format_time)]
Text = Annotated[str, BeforeValidator(_clean), Field(max_length=4000)]
Seconds = Annotated[float, Field(strict=False, ge=0, allow_inf_nan=False)]


class _Fact(BaseModel):
    # Keys that this version does not know are kept as they are: the contract may be added to.
    model_config = ConfigDict(frozen=True, strict=True, extra="allow")

    @property
    def unknown(self) -> dict[str, Any]:
        """Keys beyond the known ones, sorted."""
        return dict(sorted((self.__pydantic_extra__ or {}).items()))


class Attempt(_Fact):
    """One seat offered this call once."""

    seat: Text
    level: Text | None = None
    offered_at: Utc
    rang_at: Utc | None = None
    answered_at: Utc | None = None
    ended_at: Utc | None = None
    outcome: AttemptOutcome | None = None


class Stint(_Fact):
    """One stay in a group's waiting line."""

    group: Text
    asked_at: Utc
    left_at: Utc | None = None
    outcome: Text | None = None


class Transfer(_Fact):
    """One line outside (a name of lines.yaml) that was rung for the caller, or found closed."""

    line: Text
    at: Utc
    answered_at: Utc | None = None
    ended_at: Utc | None = None
    outcome: TransferOutcome | None = None


class Leg(_Fact):
    """One thing done in a talk: a hold, a transfer, a consultation, a conference, a lost phone.

    `target` is `seat 8002`, `group labour`, `line court` or `number …`; null for a hold and a loss.
    `by`: the seat that asked, or was lost; `seat`: the one rung for it; `joined_at`: caller and
    guest could speak.
    """

    kind: Literal["hold", "transfer", "consult", "conference", "lost", "barge", "take_over"]
    target: Text | None = None
    by: Text | None = None
    seat: Text | None = None
    at: Utc
    answered_at: Utc | None = None
    joined_at: Utc | None = None
    ended_at: Utc | None = None
    outcome: Text | None = None


class Passed(_Fact):
    """A way that the call took out of a step of a flow: `way` is the field that led on (`keys.2`,
    `cases.open`, `next`, `give_up` …)."""

    at: Utc
    flow: Text
    version: int
    step: Text
    way: Text


class Note(_Fact):
    """What the caller said when the flow asked for it by name; `audio` is the file's stem."""

    name: Text
    audio: Text
    duration_s: Seconds | None = None


class Alarm(_Fact):
    """Supervisors were told of this call at once."""

    name: Text
    at: Utc


class Survey(_Fact):
    """One invitation to rate; `answer` is 1 (非常满意) to 5 (非常不满意), None when not rated."""

    invited_at: Utc
    answer: Annotated[int, Field(ge=1, le=5)] | None = None


class Recording(_Fact):
    """Where a call's audio lies; seconds count from the start of the recording."""

    path: Text
    started_at: Utc | None = None
    duration_s: Seconds | None = None
    talk_from_s: Seconds | None = None
    talk_to_s: Seconds | None = None


class OverflowRequest(_Fact):
    """What the caller left instead of waiting: a number to call back, or a spoken message."""

    number: Text | None = None
    audio: Text | None = None
    duration_s: Seconds | None = None
    requested_at: Utc
    done_at: Utc | None = None


class CallbackTry(_Fact):
    """One time we rang somebody who had asked for it: `call_id` is the conversation it became, if
    he picked up, and `seat` the one that waited for him."""

    call_id: Text
    seat: Text | None = None
    at: Utc
    ended_at: Utc | None = None
    outcome: Text | None = None


class CallOut(_Fact):
    """A lawyer called somebody from his desk. `by`: the person; `reached_at`: it was answered."""

    seat: Text
    by: Text | None = None
    number: Text
    reason: Text | None = None
    reached_at: Utc | None = None


class Callbacks(_Fact):
    """What came of a callback asked for in line: waiting, calling, reached or given_up."""

    state: Text
    number: Text | None = None
    tries: Annotated[tuple[CallbackTry, ...], Field(strict=False)] = ()


class Conversation(_Fact):
    """One call, shape of contract.md "Facts"; `ended_at` None while it is still going on."""

    call_id: Annotated[str, BeforeValidator(_filled), Field(max_length=200)]
    arrived_at: Utc
    caller: Text | None = None
    trunk: Text | None = None
    dialled: Text | None = None
    city: Text | None = None
    city_source: Text | None = None
    group: Text | None = None
    language: Text | None = None
    special: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    asked_at: Utc | None = None
    answered_at: Utc | None = None
    ended_at: Utc | None = None
    ended_by: EndedBy | None = None
    end_stage: EndStage | None = None
    overflow: OverflowKind | None = None
    attempts: Annotated[tuple[Attempt, ...], Field(strict=False)] = ()
    survey: Survey | None = None
    category: Text | None = None
    # Beyond the contract, from here on:
    stints: Annotated[tuple[Stint, ...], Field(strict=False)] = ()
    talk_ended_at: Utc | None = None
    talk_ended_by: EndedBy | None = None
    recording: Recording | None = None
    overflow_request: OverflowRequest | None = None
    source: Source | None = None
    reconciled: bool = False
    flow: Text | None = None
    flow_version: Text | None = None
    transfers: Annotated[tuple[Transfer, ...], Field(strict=False)] = ()
    legs: Annotated[tuple[Leg, ...], Field(strict=False)] = ()
    notes: Annotated[tuple[Note, ...], Field(strict=False)] = ()
    path: Annotated[tuple[Passed, ...], Field(strict=False)] = ()
    alarms: Annotated[tuple[Alarm, ...], Field(strict=False)] = ()
    callbacks: Callbacks | None = None
    # The conversation in which he asked to be called back, or a lawyer's own wish: this one is our
    # call, and none that came in, so no rate counts it.
    callback_of: Text | None = None
    call_out: CallOut | None = None
    revision: Annotated[int, Field(ge=0, lt=2**63)] = 0

    @property
    def is_over(self) -> bool:
        """Whether the call has ended; only then it counts in a rate."""
        return self.ended_at is not None

    @property
    def is_ours(self) -> bool:
        """Whether it was us who called; then it counts in no rate."""
        return self.callback_of is not None or self.call_out is not None

    def to_json(self) -> bytes:
        """One line of UTF-8 JSON without line end: the contract's keys, extras that hold
        something, then unknown keys sorted. Equal conversations give equal bytes."""
        return json.dumps(_plain(self), ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, line: bytes) -> Self:
        """Read one line; FactFault with every fault of it. NaN and Infinity are refused."""
        try:
            value = json.loads(line.decode(), parse_constant=_refuse_constant, parse_float=_finite)
        except UnicodeDecodeError:
            raise FactFault(("is not UTF-8",)) from None
        except RecursionError:
            raise FactFault(("is nested too deeply",)) from None
        except json.JSONDecodeError as error:
            raise FactFault((f"is not JSON: {error.msg} at column {error.colno}",)) from None
        except ValueError as error:  # our own constants; integers of thousands of digits
            raise FactFault((f"is not JSON: {str(error).split(';')[0]}",)) from None
        if not isinstance(value, dict):
            raise FactFault(("is not a JSON object",))
        # Declared strings are checked by their fields; escapes may hide bad text in other keys.
        if b"\\u" in line and (fault := _hidden_fault(value)):
            raise FactFault((fault,))
        try:
            return cls.model_validate(value)
        except ValidationError as error:
            raise FactFault(_readable(error)) from None


_FIELDS = tuple(Conversation.model_fields)
# Extras are left out of the JSON while they hold their default.
_DEFAULTS = {
    name: Conversation.model_fields[name].default for name in _FIELDS[_FIELDS.index("stints") :]
}


def _plain(fact: _Fact) -> dict[str, Any]:
    # six times a call in the controller: no reflection here
    held = fact.__dict__
    plain: dict[str, Any] = {}
    for name in type(fact).model_fields:
        value = held[name]
        if isinstance(value, datetime):
            value = format_time(value)
        elif isinstance(value, _Fact):
            value = _plain(value)
        elif isinstance(value, tuple):
            value = [_plain(item) if isinstance(item, _Fact) else item for item in value]
        plain[name] = value
    if isinstance(fact, Conversation):
        for name, default in _DEFAULTS.items():
            if held[name] == default:
                del plain[name]
    if fact.__pydantic_extra__:
        plain.update(fact.unknown)
    return plain


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _finite(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise ValueError("a number is too large")
    return number


def _hidden_fault(value: object) -> str | None:
    if isinstance(value, str):
        return _text_fault(value)
    if isinstance(value, Mapping):
        parts = [*value.keys(), *value.values()]
    elif isinstance(value, list):
        parts = value
    else:
        return None
    return next((fault for part in parts if (fault := _hidden_fault(part))), None)


def _readable(error: ValidationError) -> tuple[str, ...]:
    # Messages carry field names and limits only, never the value: it may be personal.
    faults = []
    for fault in error.errors(include_url=False, include_input=False):
        where = ".".join(str(part) for part in fault["loc"]) or "record"
        what = fault["msg"].removeprefix("Value error, ").replace("valid tuple", "list")
        faults.append(f"{where}: {what[:1].lower()}{what[1:]}")
    return tuple(faults)
