"""What the API says and hears of numbers that are refused."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from callcenter.admission.entries import LONGEST, Entry
from callcenter.web.account_models import Printable, Reason
from callcenter.web.masking import mask_number
from callcenter.web.models import ApiModel
from callcenter.web.person import Person

State = Literal["proposed", "in_force", "over", "lifted"]
CallId = Annotated[str, StringConstraints(min_length=1, max_length=200), Printable]
Words = Annotated[str, StringConstraints(max_length=60), Printable]
Number = Annotated[str, StringConstraints(pattern=r"^\+?[0-9]{3,20}$")]


class BlacklistQuery(ApiModel):
    """`words`: a whole number or its last four digits, a reason, or a name."""

    state: State | None = None
    words: Words = ""
    page: int = Field(default=1, ge=1, le=100_000)
    size: int = Field(default=50, ge=1, le=200)


class BlacklistEntry(ApiModel):
    """A number that is refused, was, or is proposed to be."""

    n: int
    number: str = Field(description="masked", examples=["138****0000"])
    state: State
    reason: str
    evidence: list[str] = Field(description="calls that show it")
    proposed_by: str
    proposed_at: datetime
    until: datetime
    approved_by: str | None
    approved_at: datetime | None
    lifted_by: str | None
    lifted_at: datetime | None
    appeal: str | None
    is_own: bool = Field(description="proposed by who asks, who may not approve it")


class BlacklistPage(ApiModel):
    """One page of entries, the newest first, and how many there are of each state."""

    entries: list[BlacklistEntry]
    total: int
    counts: dict[str, int]


class BlacklistMove(ApiModel):
    """Who did what with an entry."""

    at: datetime
    by: str
    move: Literal["propose", "approve", "lift", "appeal"]
    entry: int
    note: str


class BlacklistLog(ApiModel):
    """All moves, the newest first."""

    moves: list[BlacklistMove]


class Caller(ApiModel):
    """Whose number: itself, or that of a call. Exactly one of the two."""

    number: Number | None = None
    call_id: CallId | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.number is None) == (self.call_id is None):
            raise ValueError("exactly one of number, call_id")
        return self


class CallerCall(ApiModel):
    """A call of this number that may be named as evidence."""

    call_id: str
    arrived_at: datetime
    group: str | None
    end_stage: str | None
    ended_by: str | None
    seats: list[str]


class CallerCalls(ApiModel):
    """The newest calls of a number."""

    number: str = Field(description="masked")
    calls: list[CallerCall]


class Proposal(Caller):
    """A wish to refuse a number for some days; another person must approve it."""

    reason: Reason
    evidence: list[CallId] = Field(max_length=50)
    days: int = Field(default=30, ge=1, le=LONGEST.days)


class Note(ApiModel):
    """Why."""

    note: Reason


class Proposed(ApiModel):
    """Entries that were made of a table."""

    entries: list[BlacklistEntry]


def entry_answer(entry: Entry, person: Person, now: datetime) -> BlacklistEntry:
    """An entry as this person may see it."""
    return BlacklistEntry(
        n=entry.n,
        number=mask_number(entry.number),
        state=entry.state(now),
        reason=entry.reason,
        evidence=list(entry.evidence),
        proposed_by=entry.proposed_by,
        proposed_at=entry.proposed_at,
        until=entry.until,
        approved_by=entry.approved_by,
        approved_at=entry.approved_at,
        lifted_by=entry.lifted_by,
        lifted_at=entry.lifted_at,
        appeal=entry.appeal,
        is_own=entry.proposed_by.casefold() == person.name.casefold(),
    )


def fits(entry: Entry, words: str) -> bool:
    """Whether an entry is looked for: the number must be known, or its end."""
    wanted = words.strip().casefold()
    if not wanted:
        return True
    digits = wanted.lstrip("+")
    if digits.isascii() and digits.isdigit() and len(digits) >= 4:
        whole = entry.number.removeprefix("+86").lstrip("0")
        given = digits.removeprefix("86") if wanted.startswith("+") else digits
        return given.lstrip("0") == whole or (len(digits) == 4 and entry.number.endswith(digits))
    people = (entry.proposed_by, entry.approved_by or "", entry.lifted_by or "")
    return any(wanted in text.casefold() for text in (entry.reason, entry.appeal or "", *people))
